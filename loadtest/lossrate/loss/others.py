"""Loss that is not made here: by a person, as in the original, or by nobody."""

from collections.abc import Callable

from lossrate.errors import LossrateError
from lossrate.loss.setter import Direction, LossCounts


class ManualLoss:
    """Tells a person what to set, and waits for a key."""

    name = "manual"

    def __init__(self, ask: Callable[[str], str] = input) -> None:
        self.ask = ask
        self._is_set = False

    def set(self, rate: float, direction: Direction) -> None:
        """Ask for it."""
        self._is_set = True
        self.ask(f"Set the loss {direction} to {100 * rate:.2f} %, then press Enter: ")

    def counts(self) -> LossCounts | None:
        """Nobody counts."""
        return None

    def clear(self) -> None:
        """Ask for the loss to be taken away, where it was asked for."""
        if self._is_set:
            self._is_set = False
            self.ask("Take the loss away, then press Enter: ")


class NoLoss:
    """The network as it is."""

    name = "none"

    def set(self, rate: float, direction: Direction) -> None:  # noqa: ARG002
        """Refuse any other rate than 0.

        :raises LossrateError: for these
        """
        if rate > 0:
            raise LossrateError("Without a setter there is no loss: leave out all --rates but 0")

    def counts(self) -> LossCounts | None:
        """Nobody counts."""
        return None

    def clear(self) -> None:
        """Nothing is there."""
