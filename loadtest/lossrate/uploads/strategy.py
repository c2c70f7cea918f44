"""The ways in which a client uploads photos, by name."""

from dataclasses import dataclass

TIMEOUT_SECONDS = 3.0
"""An upload that is not answered by then has failed, as in the original."""

IN_FLIGHT = 16
"""Uploads at once, of every strategy but `sequential`."""

LANES = 64
"""Connections of a client that hedges: four an upload, so that one is free while others wait for lost answers."""

COPIES = 6
"""The most times that one upload is sent, the first time included."""


@dataclass(frozen=True)
class Strategy:
    """How photos are uploaded."""

    name: str
    in_flight: int
    connections: int
    copies: int
    """The most times that an upload is sent; 1 does not hedge."""
    is_small: bool
    """Whether photos are scaled to what the recogniser looks at."""
    pause_seconds: float
    """After a failure."""

    @property
    def summary(self) -> str:
        """What it does, for a report."""
        at_once = "one upload at a time" if self.in_flight == 1 else f"{self.in_flight} uploads at once"
        parts = [at_once, f"{self.connections} connection{'s' * (self.connections > 1)}"]
        if self.pause_seconds:
            parts.append(f"{self.pause_seconds:g} s of pause after a failure")
        if self.copies > 1:
            parts.append(f"sent up to {self.copies} times with one Idempotency-Key")
        if self.is_small:
            parts.append("scaled before the upload")
        return ", ".join(parts)


def _sequential(name: str) -> Strategy:
    return Strategy(name, in_flight=1, connections=1, copies=1, is_small=False, pause_seconds=5.0)


def _parallel(name: str, *, hedges: bool = False, is_small: bool = False) -> Strategy:
    connections, copies = (LANES, COPIES) if hedges else (IN_FLIGHT, 1)
    return Strategy(name, IN_FLIGHT, connections, copies, is_small, pause_seconds=0.0)


STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy
    for strategy in (
        _sequential("sequential"),
        _parallel("pooled"),
        _parallel("hedged", hedges=True),
        _parallel("small", is_small=True),
        _parallel("hedged+small", hedges=True, is_small=True),
    )
}
