"""Carries out the turns of a plan, one after the other, and goes on where it was broken off."""

import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from lossrate.errors import LossrateError
from lossrate.loss.setter import LossCounts, LossSetter
from lossrate.master import Job, Master
from lossrate.metrics import compute
from lossrate.photos import Photo
from lossrate.plan import BARE, DUPLICATED, Plan, Turn, turns_of
from lossrate.results import ResultFolder, TurnRow
from lossrate.uploads.door import Door
from lossrate.uploads.strategy import STRATEGIES, Strategy
from lossrate.uploads.uploader import CREATED, Upload, upload_all

WARM_UPS = 3

TRIES = 3
"""Of a turn in which another share of the packets was dropped than wanted, as happens in one of 370 by chance: its
figures are of another loss. What is so three times is no chance, and stays for the report to complain of."""

CLEAR_SECONDS = 300
"""That it is tried to take the loss away at the end."""


class Reporter(Protocol):
    """Tells a person how far it is."""

    def begin(self, turn: Turn, uploads: int) -> None:
        """A turn begins."""

    def advance(self) -> None:
        """An upload has ended; may be called by several threads."""

    def void(self, row: TurnRow) -> None:
        """A turn has to be carried out again."""

    def end(self, row: TurnRow) -> None:
        """A turn is done."""


class Duplicator(Protocol):
    """Has the master's host send packets several times."""

    def start(self, setter: LossSetter) -> int:
        """Begin, by the loss that there is; returns how many times."""

    def stop(self) -> None:
        """Send each packet once again."""


@dataclass(frozen=True)
class Bench:
    """All that turns are carried out with."""

    master: Master
    setter: LossSetter
    photos: Sequence[Photo]
    bare_url: str | None
    duplicator: Duplicator | None

    def clear(self) -> None:
        """Let all packets pass, once each."""
        try:
            if self.duplicator:
                self.duplicator.stop()
        finally:
            self.setter.clear()


def carry_out(plan: Plan, bench: Bench, folder: ResultFolder, machine: str, reporter: Reporter) -> int:
    """Carry out all turns that are not done yet. Whatever ends it, no loss is left behind.

    :returns: how many these were
    :raises LossrateError: where the master is not reached or refuses photos, jobs do not end, or no packet passes the
        drop point
    """
    done = folder.begin(plan, machine)
    left = [turn for turn in turns_of(plan) if turn.id not in done]
    # What a run has left that was killed.
    bench.clear()
    try:
        if left:
            _warm_up(bench)
        for turn in left:
            for tries_left in reversed(range(TRIES)):
                row, uploads, jobs = _carry_out_turn(turn, bench, reporter)
                if row.is_as_wanted or tries_left == 0:
                    break
                reporter.void(row)
            folder.add(row, uploads, jobs)
            reporter.end(row)
    finally:
        # Once more: an interruption may have come while a turn cleared, and there is no second one.
        _clear_at_last(bench)
    return len(left)


def _clear_at_last(bench: Bench) -> None:
    """Try until it is done: on its way to a drop point elsewhere a command may get lost, too."""
    deadline = time.monotonic() + CLEAR_SECONDS
    while True:
        try:
            return bench.clear()
        except LossrateError as error:
            if time.monotonic() > deadline:
                raise LossrateError(f"The loss could not be taken away, and is still there: {error}") from error
            print(f"The loss could not be taken away yet: {error}", file=sys.stderr)
            time.sleep(1)


def _warm_up(bench: Bench) -> None:
    """Upload all photos some times, unmeasured.

    A server that has just started compiles its code while it is used, and makes the folders of its photos: the first
    hundred uploads to the master take a fifth longer than the next ones.
    """
    batch = bench.master.create_batch("warm-up")
    for _ in range(WARM_UPS):
        for door in (bench.master.door(batch, None), *([Door(bench.bare_url)] if bench.bare_url else [])):
            uploads, _ = upload_all(bench.photos, STRATEGIES["sequential"], door, _require_no_refusal)
            if not any(upload.is_good for upload in uploads):
                raise LossrateError(f"Without any loss no photo got through to {door.url}: {uploads[0].error}")
    bench.master.await_end(batch)


def _require_no_refusal(upload: Upload) -> None:
    """Where a photo is refused it is in every turn, which is no matter of the link."""
    if upload.status not in (None, CREATED):
        raise LossrateError(f"{upload.photo} was answered {upload.status}: {upload.error}")


def _carry_out_turn(turn: Turn, bench: Bench, reporter: Reporter) -> tuple[TurnRow, list[Upload], list[Job]]:
    strategy = strategy_of(turn)
    reporter.begin(turn, len(bench.photos))
    if turn.strategy == BARE:
        uploads, seconds, loss, _ = _upload(turn, strategy, Door(bench.bare_url or ""), bench, reporter.advance)
        return TurnRow(turn, compute(bench.photos, uploads, seconds, []), loss, 1), uploads, []
    bench.master.clear()
    batch = bench.master.create_batch(turn.id)
    # The original's client did not repeat anything, and neither does the one that is like it.
    key = secrets.token_hex(8) if strategy.copies > 1 else None
    door = bench.master.door(batch, key)
    uploads, seconds, loss, duplicates = _upload(turn, strategy, door, bench, reporter.advance)
    # By now the loss is off: what has been measured of the link is measured.
    bench.master.await_end(batch)
    # What was given up may still lie in a buffer of this host, and would come while the next turn is measured.
    bench.master.close_batch(batch)
    bench.master.await_end(batch)
    jobs = bench.master.jobs(batch)
    return TurnRow(turn, compute(bench.photos, uploads, seconds, jobs), loss, duplicates), uploads, jobs


def _upload(
    turn: Turn, strategy: Strategy, door: Door, bench: Bench, advance: Callable[[], None]
) -> tuple[list[Upload], float, LossCounts | None, int]:
    with _loss(turn, bench) as duplicates:
        uploads, seconds = upload_all(bench.photos, strategy, door, lambda _: advance())
        loss = bench.setter.counts()
    if loss and loss.packets == 0:
        raise LossrateError("No packet has passed the drop point: it has other devices, or lies elsewhere")
    return uploads, seconds, loss, duplicates


@contextmanager
def _loss(turn: Turn, bench: Bench) -> Iterator[int]:
    """Have packets lost, and where the turn says so sent several times, while photos are uploaded."""
    duplicates = 1
    try:
        bench.setter.set(turn.rate, turn.direction)
        if bench.duplicator and turn.strategy.endswith(DUPLICATED):
            duplicates = bench.duplicator.start(bench.setter)
            # Its probe is none of the turn's traffic.
            bench.setter.set(turn.rate, turn.direction)
        yield duplicates
    finally:
        bench.clear()


def strategy_of(turn: Turn) -> Strategy:
    """How the turn's photos are uploaded."""
    name = "sequential" if turn.strategy == BARE else turn.strategy.removesuffix(DUPLICATED)
    return STRATEGIES[name]
