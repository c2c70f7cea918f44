"""What is to be measured: the settings of an experiment, and the turns that they come to."""

from collections.abc import Iterator
from dataclasses import dataclass

from lossrate.loss.setter import Direction

BARE = "bare"
"""The name under which the sequential client's turn against the bare handler is reported."""

DUPLICATED = "+dup"
"""At the end of a strategy's name: the master sends each packet to the client several times."""


@dataclass(frozen=True)
class Plan:
    """The settings that make two runs the same."""

    strategies: tuple[str, ...]
    directions: tuple[Direction, ...]
    rates: tuple[float, ...]
    photos: int
    repeats: int
    seed: int
    setter: str
    has_bare: bool
    """Whether the sequential client is measured against the bare handler as well, where nothing is lost."""
    photos_digest: str = ""
    """Of the photos and what they show."""
    master: str = ""
    """Its address, or `lab`."""
    model: str = ""
    """Name and digest."""
    version: str = ""
    """Of this project."""
    workers: int = 4
    delay_ms: float = 0.0
    """That each packet of the lab's client takes longer, each way."""


@dataclass(frozen=True)
class Turn:
    """One strategy, uploading all photos once."""

    strategy: str
    """Its name, with `+dup` where packets are duplicated; or `bare`."""
    direction: Direction
    rate: float
    repeat: int

    @property
    def id(self) -> str:
        """Unlike that of any other turn of the plan."""
        return f"{self.strategy} {self.direction} {self.rate:.4f} {self.repeat}"


def turns_of(plan: Plan) -> Iterator[Turn]:
    """All turns. What is compared comes close together, as the machine may have a bad minute."""
    for repeat in range(1, plan.repeats + 1):
        if plan.has_bare:
            yield Turn(BARE, plan.directions[0], 0.0, repeat)
        for direction in plan.directions:
            for rate in plan.rates:
                for strategy in plan.strategies:
                    yield Turn(strategy, direction, rate, repeat)
