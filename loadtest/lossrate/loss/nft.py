"""Drops packets on a bridge, by nftables: for kernels without netem."""

import json

from lossrate.commands import run
from lossrate.loss.setter import Direction, DropPoint, LossCounts

TABLE = "argus_lossrate"
SCALE = 1_000_000
"""A rate is told to the kernel as so many of these."""


class NftLoss:
    """One table of the bridge family. ARP passes: what is lost are packets, not addresses."""

    name = "nft"

    def __init__(self, point: DropPoint) -> None:
        self._point = point

    def set(self, rate: float, direction: Direction) -> None:
        """Drop this share of the packets from now on, and count from 0."""
        run(["nft", "-f", "-"], text=self._rules(rate, direction), at=self._point.at)

    def counts(self) -> LossCounts:
        """Of what came since `set`."""
        text = run(["nft", "-j", "list", "counters", "table", "bridge", TABLE], at=self._point.at)
        counters = {
            entry["counter"]["name"]: entry["counter"] for entry in json.loads(text)["nftables"] if "counter" in entry
        }
        came, dropped = counters["came"], counters["dropped"]
        return LossCounts(came["packets"], dropped["packets"], came["bytes"])

    def clear(self) -> None:
        """Drop nothing more."""
        # Deleting what is not there would fail; adding what is there does not.
        run(["nft", "-f", "-"], text=_removal(), at=self._point.at)

    def _rules(self, rate: float, direction: Direction) -> str:
        limit = round(rate * SCALE)
        drop = f"numgen random mod {SCALE} < {limit} counter name dropped drop" if limit else ""
        rules = [
            f'iifname "{came}" oifname "{goes}" ether type {{ ip, ip6 }} counter name came {drop}'
            for came, goes in self._point.ways(direction)
        ]
        counters = ["counter came {}", "counter dropped {}"]
        chain = ["chain forward {", "type filter hook forward priority 0", *rules, "}"]
        return _removal() + "\n".join([f"table bridge {TABLE} {{", *counters, *chain, "}\n"])


def _removal() -> str:
    return f"add table bridge {TABLE}\ndelete table bridge {TABLE}\n"
