"""What the turns of an experiment say together: means with their intervals, and whether anything went wrong."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lossrate.loss.setter import STANDARD_ERRORS, Direction
from lossrate.metrics import Figures
from lossrate.results import Results, TurnRow

CONFIDENCE = 0.95

ENOUGH = 3
"""Values that make an interval: that of two would reach six times their difference to each side."""


@dataclass(frozen=True)
class Interval:
    """A mean, and how far the true one may be from it with 95 % confidence; None of less than three turns."""

    mean: float
    margin: float | None


@dataclass(frozen=True)
class Cell:
    """All repeats of one strategy at one loss rate."""

    rows: tuple[TurnRow, ...]

    @property
    def rate(self) -> float:
        """The loss rate."""
        return self.rows[0].turn.rate

    def interval(self, pick: Callable[[Figures], float | None]) -> Interval | None:
        """Of one figure; None where no turn has it."""
        return interval(value for row in self.rows if (value := pick(row.figures)) is not None)

    def total(self, pick: Callable[[Figures], int]) -> int:
        """Sum of one figure."""
        return sum(pick(row.figures) for row in self.rows)


def interval(values: Iterable[float]) -> Interval | None:
    """By Student's t, since the spread itself is known from these few values alone."""
    found = list(values)
    if not found:
        return None
    mean = float(np.mean(found))
    if len(found) < ENOUGH:
        return Interval(mean, None)
    error = float(np.std(found, ddof=1)) / len(found) ** 0.5
    return Interval(mean, float(stats.t.ppf((1 + CONFIDENCE) / 2, len(found) - 1)) * error)


def cells(results: Results, strategy: str, direction: Direction) -> list[Cell]:
    """Of one strategy by rising loss."""
    by_rate: dict[float, list[TurnRow]] = defaultdict(list)
    for row in results.turns:
        if row.turn.strategy == strategy and row.turn.direction == direction:
            by_rate[row.turn.rate].append(row)
    return [Cell(tuple(rows)) for _, rows in sorted(by_rate.items())]


def violations(results: Results) -> list[str]:
    """Say what must not be: jobs lost, doubled or failed, a loss that is not as wanted, a photo with two classes."""
    found = []
    limit = deviation_limit(results)
    for row in results.turns:
        if row.figures.lost:
            found.append(f"{row.turn.id}: {row.figures.lost} jobs are lost")
        if row.figures.doubled:
            found.append(f"{row.turn.id}: {row.figures.doubled} jobs are doubled")
        if row.figures.failed:
            found.append(f"{row.turn.id}: {row.figures.failed} jobs failed")
        if row.loss and row.deviation > limit:
            share = f"{row.loss.dropped} of {row.loss.packets} packets were dropped"
            found.append(f"{row.turn.id}: {share}, off by more than {limit:.1f} standard errors")
    return found + [f"{strategy}: {photo} has several classes" for strategy, photo in ambiguous_photos(results)]


def deviation_limit(results: Results) -> float:
    """The standard errors by which a share may be off before something is wrong with the dropping.

    Three for one turn, which one of 370 sound ones exceeds; for many turns as many as leave it at that for all of them
    together (Bonferroni): of 160 sound turns every third experiment has one beyond three.
    """
    turns = max(1, sum(1 for row in results.turns if row.loss and row.turn.rate > 0))
    return float(stats.norm.isf(stats.norm.sf(STANDARD_ERRORS) / turns))


def ambiguous_photos(results: Results) -> list[tuple[str, str]]:
    """Photos that had another class at another loss rate, within one strategy."""
    strategies = {row.turn.id: row.turn.strategy for row in results.turns}
    classes: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in results.uploads:
        if row.best_class is not None:
            classes[strategies[row.turn_id], row.upload.photo].add(row.best_class)
    return sorted(which for which, seen in classes.items() if len(seen) > 1)


def largest_deviation(rows: Sequence[TurnRow]) -> float:
    """The most standard errors by which the dropped share of a turn differs from the wanted one."""
    return max((row.deviation for row in rows), default=0.0)
