"""Packets to the client sent several times by the master's host: redundancy, which costs bandwidth for each of them.

In the lab only: on a shared network others would pay for it.
"""

import math
import sys
import time

from lossrate.commands import run
from lossrate.lab.hosts import CLIENT, MASTER, inside
from lossrate.loss.setter import LossSetter

TABLE = "argus_duplication"
ALL_LOST = 0.01
"""So seldom all copies of a packet are to be lost."""

MOST = 10
"""Copies, the first one included: enough up to a loss of 63 %."""

PROBE_PACKETS = 1000
PROBE_PORT = 9
"""Of the discard service (RFC 863): nobody answers, and nobody has to."""


class LabDuplicator:
    """Duplicates as the loss demands."""

    def start(self, setter: LossSetter) -> int:
        """Measure the loss, and send each packet to the client as often as it takes from now on; returns how often."""
        self.stop()
        copies = copies_for(measure_loss(setter))
        if copies > 1:
            run(["nft", "-f", "-"], text=_rules(copies), at=inside(MASTER.namespace))
        return copies

    def stop(self) -> None:
        """Send each packet once again."""
        text = f"add table ip {TABLE}\ndelete table ip {TABLE}\n"
        run(["nft", "-f", "-"], text=text, at=inside(MASTER.namespace))


def copies_for(loss: float) -> int:
    """How often each packet has to be sent so that one of a hundred is lost at most.

    :param loss: share of the packets that are lost
    """
    if loss <= ALL_LOST:
        return 1
    if loss >= 1:
        return MOST
    return min(MOST, math.ceil(math.log(ALL_LOST) / math.log(loss)))


def measure_loss(setter: LossSetter) -> float:
    """Send packets from the master's host to the client, and look how many of them were dropped."""
    before = setter.counts()
    script = (
        "import socket, time\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        f"for _ in range({PROBE_PACKETS}):\n"
        f"    s.sendto(b'probe', ('{CLIENT.address}', {PROBE_PORT}))\n"
        "    time.sleep(0.0005)\n"
    )
    run([sys.executable, "-c", script], at=inside(MASTER.namespace))
    time.sleep(0.1)
    after = setter.counts()
    if before is None or after is None:
        return 0.0
    packets = after.packets - before.packets
    return (after.dropped - before.dropped) / packets if packets else 0.0


def _rules(copies: int) -> str:
    again = "\n".join(f'dup to {CLIENT.address} device "eth0"' for _ in range(copies - 1))
    chain = f"type filter hook output priority 0\nip daddr != {CLIENT.address} accept\n{again}"
    return f"table ip {TABLE} {{\nchain out {{\n{chain}\n}}\n}}\n"
