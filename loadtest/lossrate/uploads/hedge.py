"""When an upload is sent once more: after the 90th percentile of the recent answers' times.

Few uploads cost a copy then (Dean and Barroso, "The Tail at Scale", CACM 2013), and as copies make the answers come
sooner, the percentile sinks. With photos at their full size, whose copies keep each other waiting on a cable of
100 Mbit/s, it sinks too far for a link that loses nothing: two of five uploads are sent again there, and two of five
fewer get through than without (see results).
"""

import threading
from collections import deque

import numpy as np

RECENT = 50
"""Answers that count. Half of a usual turn: the link's loss rate changes with each."""

ENOUGH = 10
"""Before so many answers have come there is no percentile worth the name."""

FIRST_SECONDS = 0.2
"""Until then: Linux sends what was lost again after 200 ms at the earliest (TCP_RTO_MIN)."""

LEAST_SECONDS = 0.02
"""A copy that goes out sooner finds the master still writing the first one to disk."""


class HedgeDelay:
    """Learns from answers; may be used by several threads."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=RECENT)
        self._lock = threading.Lock()

    def note(self, seconds: float) -> None:
        """Learn how long an answer has taken since its upload began."""
        with self._lock:
            self._times.append(seconds)

    @property
    def seconds(self) -> float:
        """How long to wait for an answer before another copy is sent."""
        with self._lock:
            if len(self._times) < ENOUGH:
                return FIRST_SECONDS
            return max(LEAST_SECONDS, float(np.percentile(list(self._times), 90)))
