"""What every way to lose packets has in common: where, in which direction, how many."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Direction = Literal["server-to-client", "client-to-server", "both"]
DIRECTIONS: tuple[Direction, ...] = ("server-to-client", "client-to-server", "both")

STANDARD_ERRORS = 3
"""By how many the dropped share may differ from the wanted one: one of 370 turns differs by more."""


def in_words(direction: Direction) -> str:
    """Return it as a sentence has it."""
    return "both ways" if direction == "both" else direction.replace("-", " ")


@dataclass(frozen=True)
class DropPoint:
    """A machine between server and client, through which all packets go."""

    at: tuple[str, ...]
    """What commands are put behind to run there; nothing for this machine."""
    server_port: str
    """Its device on the server's side."""
    client_port: str
    """Its device on the client's side."""

    def ways(self, direction: Direction) -> list[tuple[str, str]]:
        """Devices that packets of this direction come in by and go out by."""
        to_client = (self.server_port, self.client_port)
        to_server = (self.client_port, self.server_port)
        if direction == "both":
            return [to_client, to_server]
        return [to_client if direction == "server-to-client" else to_server]


@dataclass(frozen=True)
class LossCounts:
    """Packets at the drop point since the loss was set."""

    packets: int
    """That came to it."""
    dropped: int
    bytes: int
    """Of all that came to it, with their IP headers."""

    @property
    def share(self) -> float:
        """Share that was dropped."""
        return self.dropped / self.packets if self.packets else 0.0

    def standard_error(self, rate: float) -> float:
        """Of the share, where each packet is dropped with this probability, whatever becomes of the others."""
        return math.sqrt(rate * (1 - rate) / self.packets) if self.packets else 0.0

    def deviation(self, rate: float) -> float:
        """By how many standard errors the share differs from the rate."""
        difference = abs(self.share - rate)
        if difference == 0:
            return 0.0
        error = self.standard_error(rate)
        return difference / error if error > 0 else math.inf

    @staticmethod
    def sum(counts: Sequence["LossCounts"]) -> "LossCounts":
        """Of several places together."""
        return LossCounts(
            sum(each.packets for each in counts),
            sum(each.dropped for each in counts),
            sum(each.bytes for each in counts),
        )


class LossSetter(Protocol):
    """Has packets dropped, until `clear`."""

    name: str

    def set(self, rate: float, direction: Direction) -> None:
        """Drop this share of the packets from now on, and count from 0."""

    def counts(self) -> LossCounts | None:
        """Of what came since `set`; None where nobody counts."""

    def clear(self) -> None:
        """Drop nothing more. Does no harm where nothing was set."""
