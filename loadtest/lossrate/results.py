"""The folder of an experiment: its settings, a row for each turn, a row for each upload."""

import csv
import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lossrate.errors import LossrateError
from lossrate.loss.setter import STANDARD_ERRORS, LossCounts
from lossrate.master import Job
from lossrate.metrics import Figures, best_class
from lossrate.plan import Plan, Turn
from lossrate.uploads.uploader import Upload

SETTINGS = "experiment.json"
TURNS = "turns.csv"
UPLOADS = "uploads.csv"


@dataclass(frozen=True)
class TurnRow:
    """One turn and what came of it."""

    turn: Turn
    figures: Figures
    loss: LossCounts | None
    """Packets at the drop point while photos were uploaded; None where nobody counts."""
    duplicates: int
    """Times that the master sent each packet to the client."""

    @property
    def deviation(self) -> float:
        """Standard errors by which the dropped share differs from the wanted one; 0 where nobody counts."""
        return self.loss.deviation(self.turn.rate) if self.loss else 0.0

    @property
    def is_as_wanted(self) -> bool:
        """Whether the dropped share is what chance makes of the wanted one."""
        return self.deviation <= STANDARD_ERRORS


@dataclass(frozen=True)
class UploadRow:
    """One upload of a turn and the class that came of it."""

    turn_id: str
    upload: Upload
    best_class: int | None


@dataclass(frozen=True)
class Results:
    """All of an experiment so far."""

    plan: Plan
    machine: str
    turns: list[TurnRow]
    uploads: list[UploadRow]


class ResultFolder:
    """Written turn by turn: a turn is in it whole, or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, plan: Plan, machine: str) -> set[str]:
        """Begin an experiment, or go on with one.

        :returns: ids of the turns that are done
        :raises LossrateError: where the folder has another experiment
        """
        self.path.mkdir(parents=True, exist_ok=True)
        settings = self.path / SETTINGS
        if not settings.exists():
            _write_whole(settings, json.dumps({"plan": dataclasses.asdict(plan), "machine": machine}, indent=2) + "\n")
            return set()
        for name in (TURNS, UPLOADS):
            _cut_torn_line(self.path / name)
        results = self.read()
        before = {**dataclasses.asdict(results.plan), "machine": results.machine}
        now = {**dataclasses.asdict(plan), "machine": machine}
        others = [name for name, value in now.items() if before[name] != value]
        if others:
            raise LossrateError(f"{self.path} has an experiment with another {', '.join(others)}: choose another --out")
        return {row.turn.id for row in results.turns}

    def add(self, row: TurnRow, uploads: Sequence[Upload], jobs: Sequence[Job]) -> None:
        """Add a turn that is done."""
        classes = {job["id"]: best_class(job) for job in jobs}
        names = {job["fileName"]: job["id"] for job in jobs}
        # Uploads first: those of a turn that has no row are not read.
        _append(
            self.path / UPLOADS,
            [
                {
                    "turn": row.turn.id,
                    **dataclasses.asdict(upload),
                    "best_class": classes.get(names.get(upload.photo, "")),
                }
                for upload in uploads
            ],
        )
        loss = dataclasses.asdict(row.loss) if row.loss else {"packets": None, "dropped": None, "bytes": None}
        wire = {f"wire_{name}": value for name, value in loss.items()}
        _append(
            self.path / TURNS,
            [
                {
                    **dataclasses.asdict(row.turn),
                    **dataclasses.asdict(row.figures),
                    **wire,
                    "duplicates": row.duplicates,
                }
            ],
        )

    def read(self) -> Results:
        """Read what is there.

        :raises LossrateError: where there is nothing, or something else
        """
        try:
            settings = json.loads((self.path / SETTINGS).read_text())
            turns = {row.turn.id: row for row in map(_turn_of, _rows(self.path / TURNS))}
            uploads = [_upload_of(row) for row in _rows(self.path / UPLOADS) if row["turn"] in turns]
            plan = Plan(**{name: _tuple(value) for name, value in settings["plan"].items()})
            # An upload that was written twice is of a turn that was broken off the first time.
            latest = {(row.turn_id, row.upload.photo): row for row in uploads}
            return Results(plan, settings["machine"], list(turns.values()), list(latest.values()))
        except FileNotFoundError as error:
            raise LossrateError(f"{self.path} has no experiment: there is no {SETTINGS}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise LossrateError(f"{self.path} has no experiment of this version: {error!r}") from error


def _turn_of(row: dict[str, str]) -> TurnRow:
    wire = {name: row[f"wire_{name}"] for name in ("packets", "dropped", "bytes")}
    return TurnRow(
        turn=_parse(Turn, row),
        figures=_parse(Figures, row),
        loss=_parse(LossCounts, wire) if wire["packets"] else None,
        duplicates=int(row["duplicates"]),
    )


def _upload_of(row: dict[str, str]) -> UploadRow:
    return UploadRow(row["turn"], _parse(Upload, row), int(row["best_class"]) if row["best_class"] else None)


def _parse(kind: Any, row: dict[str, str]) -> Any:  # noqa: ANN401
    """Make a dataclass of the columns that are named as its fields."""
    return kind(**{field.name: _value(row[field.name], str(field.type)) for field in dataclasses.fields(kind)})


def _value(text: str, kind: str) -> Any:  # noqa: ANN401
    if text == "" and "None" in kind:
        return None
    if "int" in kind:
        return int(text)
    return float(text) if "float" in kind else text


def _tuple(value: Any) -> Any:  # noqa: ANN401
    return tuple(value) if isinstance(value, list) else value


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _append(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    is_new = not path.exists() or path.stat().st_size == 0
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        if is_new:
            writer.writeheader()
        writer.writerows(rows)


def _cut_torn_line(path: Path) -> None:
    """Of a process that was killed while it wrote."""
    if path.exists():
        text = path.read_bytes()
        path.write_bytes(text[: text.rfind(b"\n") + 1])


def _write_whole(path: Path, text: str) -> None:
    incoming = path.with_suffix(".incoming")
    incoming.write_text(text)
    incoming.replace(path)
