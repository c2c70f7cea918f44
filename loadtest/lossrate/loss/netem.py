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

PLAIN_QUEUE = ("pfifo", "limit", "1000")
"""What stands below a rate limit again afterwards. Where its queue is only taken away, the kernel drops all packets
(tbf_graft in net/sched/sch_tbf.c)."""


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
            run(["tc", "qdisc", "replace", "dev", device, *place, *what], at=self._point.at)

    def counts(self) -> LossCounts:
        """Of what came since `set`."""
        return LossCounts.sum([_counts_of(qdisc) for qdisc in self._own()])

    def clear(self) -> None:
        """Drop nothing more."""
        for qdisc in self._own():
            if qdisc.get("root"):
                change = ["del", "dev", qdisc["dev"], "root"]
            else:
                change = ["replace", "dev", qdisc["dev"], "parent", qdisc["parent"], *PLAIN_QUEUE]
            run(["tc", "qdisc", *change], at=self._point.at)

    def _place(self, device: str) -> list[str]:
        qdiscs = self._qdiscs(device)
        limit = next((qdisc for qdisc in qdiscs if qdisc.get("root") and qdisc["kind"] == "tbf"), None)
        if limit:
            below = f"{limit['handle']}1"
            place, there = ["parent", below], [each for each in qdiscs if each.get("parent") == below]
        else:
            place, there = ["root"], [each for each in qdiscs if each.get("root")]
        for qdisc in there:
            # What has no number the kernel has put there by itself.
            is_plain = qdisc["handle"] == "0:" or (limit and qdisc["kind"] == PLAIN_QUEUE[0])
            if not is_plain:
                raise LossrateError(f"{device} has a queueing discipline of somebody else: {qdisc['kind']}")
        return place

    def _own(self) -> list[dict[str, Any]]:
        devices = (self._point.server_port, self._point.client_port)
        return [
            {"dev": device, **qdisc}
            for device in devices
            for qdisc in self._qdiscs(device)
            if qdisc["handle"] == HANDLE
        ]

    def _qdiscs(self, device: str) -> list[dict[str, Any]]:
        text = run(["tc", "-s", "-j", "qdisc", "show", "dev", device], at=self._point.at)
        qdiscs: list[dict[str, Any]] = json.loads(text)
        return qdiscs


def _counts_of(qdisc: dict[str, Any]) -> LossCounts:
    """What netem drops it does not count among what it has sent, and its bytes nobody knows."""
    sent, dropped = qdisc["packets"], qdisc["drops"]
    return LossCounts(sent + dropped, dropped, qdisc["bytes"])
