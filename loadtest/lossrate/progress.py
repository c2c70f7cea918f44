"""Shows how far an experiment is, and prints a line for each turn."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from lossrate.plan import Plan, Turn, turns_of
from lossrate.results import TurnRow


class Progress:
    """Two bars: turns of the experiment, and uploads of the turn."""

    def __init__(self, plan: Plan, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bars = Bars(*columns, console=console, transient=True)
        self._places = {turn.id: place for place, turn in enumerate(turns_of(plan))}
        self._turns = self._bars.add_task("turns", total=len(self._places))
        self._uploads = self._bars.add_task("uploads", total=None)

    def __enter__(self) -> "Progress":
        """Begin to draw."""
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Draw no more."""
        self._bars.stop()

    def ask(self, text: str) -> str:
        """Ask a person, with nothing drawn over the question."""
        self._bars.stop()
        try:
            return self._bars.console.input(text, markup=False)
        finally:
            self._bars.start()

    def begin(self, turn: Turn, uploads: int) -> None:
        """Begin a turn."""
        self._bars.update(self._turns, completed=self._places[turn.id])
        self._bars.reset(self._uploads, total=uploads, description=_name(turn))

    def advance(self) -> None:
        """Note that an upload has ended."""
        self._bars.advance(self._uploads)

    def void(self, row: TurnRow) -> None:
        """Print that a turn is carried out again, and why."""
        text = f"{summary(row)}: off by {row.deviation:.1f} standard errors, so once more"
        self._bars.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def end(self, row: TurnRow) -> None:
        """Print what came of a turn."""
        self._bars.console.print(summary(row), highlight=False, markup=False, soft_wrap=True)
        self._bars.advance(self._turns)


def summary(row: TurnRow) -> str:
    """One line about a turn, with the packets that were dropped beside those that should have been."""
    figures = row.figures
    parts = [
        f"{_name(row.turn)}: {figures.good} of {figures.attempted} in {figures.upload_seconds:.1f} s",
        f"goodput {figures.goodput:.2f}/s",
        f"{figures.lost} lost, {figures.doubled} doubled",
    ]
    if row.loss:
        wanted = row.turn.rate * row.loss.packets
        share = f"{100 * row.loss.share:.2f} %"
        parts.append(f"dropped {row.loss.dropped} of {row.loss.packets} packets ({share}), wanted {wanted:.0f}")
    if row.duplicates > 1:
        parts.append(f"each packet {row.duplicates} times")
    return "; ".join(parts)


def _name(turn: Turn) -> str:
    return f"{turn.strategy}, {turn.direction}, {100 * turn.rate:.1f} %, repeat {turn.repeat}"
