"""A long cable, for kernels without netem: takes frames from one device and hands them to another some time later.

`python3 -m lossrate.lab.relay MILLISECONDS`, in the namespace of the switch, where both ends are.
"""

import os
import select
import socket
import sys
import time
from collections import deque

FAR_END = "cable-far"
NEAR_END = "cable-near"

ETH_P_ALL = 3
"""All protocols (linux/if_ether.h)."""

LARGEST_FRAME = 2048
"""Bytes; frames are no larger than 1514, as offloads are off."""

BUFFER_BYTES = 8_000_000
"""Of the kernel, for what comes while this process is not scheduled: more than half a second at 100 Mbit/s."""

SO_RCVBUFFORCE = 33
"""As SO_RCVBUF, for root beyond net.core.rmem_max, which may allow no more than 20 ms (linux/socket.h)."""

OUTGOING = 4
"""PACKET_OUTGOING (linux/if_packet.h): what was sent on the device here, and does not come over the cable."""


def relay_command(delay_ms: float) -> list[str]:
    """Return what starts it."""
    return [sys.executable, "-m", "lossrate.lab.relay", f"{delay_ms:g}"]


def relay(delay_ms: float) -> None:
    """Carry frames both ways, until the process is ended."""
    ends = [_open(FAR_END), _open(NEAR_END)]
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    # In the order in which they are due: all wait for the same time.
    waiting: deque[tuple[float, socket.socket, bytes]] = deque()
    while True:
        timeout = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select(ends, [], [], timeout)
        for end in readable:
            frame, address = end.recvfrom(LARGEST_FRAME)
            if address[2] != OUTGOING:
                waiting.append((time.monotonic() + delay_ms / 1000, other[end], frame))
        while waiting and waiting[0][0] <= time.monotonic():
            _, end, frame = waiting.popleft()
            end.send(frame)


def _open(device: str) -> socket.socket:
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
    end.bind((device, ETH_P_ALL))
    return end


if __name__ == "__main__":
    # As soon as a frame is due; other processes of the lab would make it late.
    os.nice(-10)
    relay(float(sys.argv[1]))
