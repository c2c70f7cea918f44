"""Connections that are kept warm, each with a thread of its own.

On a link that loses packets a new connection costs a second whenever the answer to its first packet is lost (RFC 6298:
the first retransmission timeout is 1 s). So a lane makes its connection anew by itself, before it takes the next
request, and requests go to lanes that are connected.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue

from lossrate.uploads.connection import Answer, Connection, RequestFailedError

CONNECT_SECONDS = 3.0
"""Then it begins anew: the kernel's own pauses between packets grow longer."""

PAUSE_SECONDS = 0.05
"""Before a connection that was refused is tried again."""


@dataclass(frozen=True)
class Call:
    """A request for a lane, and who hears of its end."""

    send: Callable[[Connection], Answer]
    done: Callable[[Answer | RequestFailedError], None]


class Lanes:
    """So many connections to one server, made at once and from then on kept."""

    def __init__(self, url: str, count: int) -> None:
        """Begin to connect all of them, in the background."""
        self._idle: deque[_Lane] = deque()
        self._changed = threading.Condition()
        self._lanes = [_Lane(Connection(url), self._offer) for _ in range(count)]

    def call(self, call: Call, deadline: float) -> bool:
        """Give a request to a connected lane, as soon as there is one.

        :param deadline: as `time.monotonic` has it
        :returns: whether there was one by then
        """
        while True:
            with self._changed:
                while not self._idle:
                    left = deadline - time.monotonic()
                    if left <= 0 or not self._changed.wait(left):
                        return False
                # The one that was used last has the widest window and is the least likely to have been closed.
                lane = self._idle.pop()
            if lane.take(call):
                return True

    def close(self) -> None:
        """End all connections, as soon as what is under way has come to its own deadline."""
        with self._changed:
            self._idle.clear()
        for lane in self._lanes:
            lane.stop()
        for lane in self._lanes:
            lane.join()

    def _offer(self, lane: "_Lane") -> None:
        with self._changed:
            self._idle.append(lane)
            self._changed.notify()


class _Lane(threading.Thread):
    def __init__(self, connection: Connection, offer: Callable[["_Lane"], None]) -> None:
        super().__init__(daemon=True)
        self._connection = connection
        self._offer = offer
        self._calls: SimpleQueue[Call | None] = SimpleQueue()
        self._is_stopped = False
        self.start()

    def take(self, call: Call) -> bool:
        """Begin with a request, unless the server has closed the connection meanwhile: then it is made anew."""
        is_warm = self._connection.is_warm
        self._calls.put(call if is_warm else None)
        return is_warm

    def stop(self) -> None:
        self._is_stopped = True
        self._calls.put(None)

    def run(self) -> None:
        while self._connect():
            self._offer(self)
            call = self._calls.get()
            if call is None:
                continue
            try:
                call.done(call.send(self._connection))
            except RequestFailedError as error:
                call.done(error)
        self._connection.close()

    def _connect(self) -> bool:
        while not self._is_stopped:
            try:
                self._connection.connect(time.monotonic() + CONNECT_SECONDS)
            except RequestFailedError:
                time.sleep(PAUSE_SECONDS)
            else:
                return True
        return False
