"""Drops packets by netem, the kernel's own network emulator, as they leave a device."""

import json
from typing import Any

from lossrate.commands import run
from lossrate.errors import LossrateError
from lossrate.loss.setter import Direction, DropPoint, LossCounts

HANDLE = "a3a3:"
"""By which its own discipline is known again."""

QUEUE_PACKETS = 10_000
"""So that netem's own queue is never full: that would be a loss, too."""


class NetemLoss:
    """A discipline on the device through which packets of the direction leave, below a rate limit that is there.

    It drops of all that leaves there, also of what others send.
    """

    name = "netem"

    def __init__(self, point: DropPoint) -> None:
        self._point = point

    def set(self, rate: float, direction: Direction) -> None:
        """Drop this share of the packets from now on, and count from 0."""
        self.clear()
        loss = ["loss", "random", f"{100 * rate:.4f}%"]
        for _, device in self._point.ways(direction):
            place = self._place(device)
            what = ["handle", HANDLE, "netem", "limit", f"{QUEUE_PACKETS}", *loss]
            run(["tc", "qdisc", "add", "dev", device, *place, *what], at=self._point.at)

    def counts(self) -> LossCounts:
        """Of what came since `set`."""
        return LossCounts.sum([_counts_of(qdisc) for qdisc in self._own()])

    def clear(self) -> None:
        """Drop nothing more."""
        for qdisc in self._own():
            place = ["root"] if qdisc.get("root") else ["parent", qdisc["parent"]]
            run(["tc", "qdisc", "del", "dev", qdisc["dev"], *place], at=self._point.at)

    def _place(self, device: str) -> list[str]:
        roots = [qdisc for qdisc in self._qdiscs(device) if qdisc.get("root")]
        limits = [qdisc for qdisc in roots if qdisc["kind"] == "tbf"]
        if limits:
            return ["parent", f"{limits[0]['handle']}1"]
        # A discipline without a number is what the kernel has put there by itself.
        if any(qdisc["handle"] != "0:" for qdisc in roots):
            raise LossrateError(f"{device} has a queueing discipline of somebody else: {roots[0]['kind']}")
        return ["root"]

    def _own(self) -> list[dict[str, Any]]:
        devices = (self._point.server_port, self._point.client_port)
        return [
            {"dev": device, **qdisc}
            for device in devices
            for qdisc in self._qdiscs(device)
            if qdisc["kind"] == "netem" and qdisc["handle"] == HANDLE
        ]

    def _qdiscs(self, device: str) -> list[dict[str, Any]]:
        text = run(["tc", "-s", "-j", "qdisc", "show", "dev", device], at=self._point.at)
        qdiscs: list[dict[str, Any]] = json.loads(text)
        return qdiscs


def _counts_of(qdisc: dict[str, Any]) -> LossCounts:
    """What netem drops it does not count among what it has sent, and its bytes nobody knows."""
    sent, dropped = qdisc["packets"], qdisc["drops"]
    return LossCounts(sent + dropped, dropped, qdisc["bytes"])
