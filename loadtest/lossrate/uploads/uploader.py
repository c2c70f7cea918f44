"""Uploads the photos of a turn by a strategy, and notes what has become of each."""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from lossrate.errors import LossrateError
from lossrate.photos import Photo, shrink
from lossrate.uploads.connection import Answer, Connection, RequestFailedError
from lossrate.uploads.door import Door
from lossrate.uploads.hedge import HedgeDelay
from lossrate.uploads.lanes import Call, Lanes
from lossrate.uploads.strategy import TIMEOUT_SECONDS, Strategy

CREATED = 201

NO_LANE_SECONDS = 0.01
"""Until it is looked again whether a connection is free for a copy."""


@dataclass(frozen=True)
class Upload:
    """What has become of one photo's upload. Times are in seconds."""

    photo: str
    started: float
    """Since the turn began."""
    seconds: float
    """To its answer, or until it was given up."""
    status: int | None
    """HTTP status of the first answer; None where there was none."""
    job: str | None
    copies: int
    """Times that it was sent; 0 where there was no connection for it."""
    sent: int
    """Bytes of all copies' bodies."""
    error: str | None

    @property
    def is_good(self) -> bool:
        """Whether it counts as goodput."""
        return self.status == CREATED and self.seconds <= TIMEOUT_SECONDS


def upload_all(
    photos: Sequence[Photo], strategy: Strategy, door: Door, done: Callable[[Upload], None]
) -> tuple[list[Upload], float]:
    """Upload photos. The clock begins before the first connection is made.

    :param done: called after each upload, by several threads
    :returns: what has become of each, in the order of the photos; and the seconds until all were answered or given up
    """
    begin = time.monotonic()
    if strategy.in_flight == 1:
        uploads = _upload_one_by_one(photos, strategy, door, done)
        return uploads, time.monotonic() - begin
    lanes = Lanes(door.url, strategy.connections)
    hedger = _Hedger(lanes, strategy, door, begin)
    try:
        uploads = hedger.upload(photos, done)
        return uploads, time.monotonic() - begin
    finally:
        lanes.close()


def _upload_one_by_one(
    photos: Sequence[Photo], strategy: Strategy, door: Door, done: Callable[[Upload], None]
) -> list[Upload]:
    """As the original did: over one connection, and a pause after each failure."""
    begin = time.monotonic()
    connection = Connection(door.url)
    uploads: list[Upload] = []
    for photo in photos:
        if uploads and not uploads[-1].is_good:
            time.sleep(strategy.pause_seconds)
        started = time.monotonic()
        try:
            answer: Answer | RequestFailedError = connection.post(
                door.path(photo), photo.data, door.headers_of(photo), started + TIMEOUT_SECONDS
            )
        except RequestFailedError as error:
            answer = error
        uploads.append(_conclude(_Try(photo, begin, started, len(photo.data)), answer, copies=1))
        done(uploads[-1])
    connection.close()
    return uploads


class _Hedger:
    """Several uploads at once, each over any warm connection and, where the strategy says so, over further ones."""

    def __init__(self, lanes: Lanes, strategy: Strategy, door: Door, begin: float) -> None:
        self._lanes = lanes
        self._strategy = strategy
        self._door = door
        self._begin = begin
        self._delay = HedgeDelay()

    def upload(self, photos: Sequence[Photo], done: Callable[[Upload], None]) -> list[Upload]:
        def upload_one(photo: Photo) -> Upload:
            upload = self._upload(photo)
            done(upload)
            return upload

        threads = ThreadPoolExecutor(self._strategy.in_flight)
        try:
            return list(threads.map(upload_one, photos))
        finally:
            # Where it was interrupted, those that have not begun do not.
            threads.shutdown(cancel_futures=True)

    def _upload(self, photo: Photo) -> Upload:
        started = time.monotonic()
        deadline = started + TIMEOUT_SECONDS
        body = shrink(photo.data) if self._strategy.is_small else photo.data
        call, answers = self._call_for(photo, body, deadline)
        answer: Answer | RequestFailedError = RequestFailedError("no connection in time")
        next_copy = started
        copies = failures = 0
        while time.monotonic() < deadline:
            if copies < self._strategy.copies and time.monotonic() >= next_copy:
                # The first one waits for a connection, a further one only takes what is free.
                if self._lanes.call(call, deadline if copies == 0 else time.monotonic()):
                    copies += 1
                    next_copy = time.monotonic() + self._delay.seconds
                elif copies == 0:
                    break
                else:
                    next_copy = time.monotonic() + NO_LANE_SECONDS
            until = deadline if copies == self._strategy.copies else min(deadline, next_copy)
            try:
                answer = answers.get(timeout=max(0.0, until - time.monotonic()))
            except Empty:
                answer = RequestFailedError("no answer in time")
                continue
            if isinstance(answer, Answer):
                self._delay.note(time.monotonic() - started)
                break
            failures += 1
            if failures == copies == self._strategy.copies:
                break
            # What broke may be tried again at once.
            next_copy = time.monotonic() if failures == copies else next_copy
        return _conclude(_Try(photo, self._begin, started, len(body)), answer, copies)

    def _call_for(
        self, photo: Photo, body: bytes, deadline: float
    ) -> tuple[Call, SimpleQueue[Answer | RequestFailedError]]:
        path, headers = self._door.path(photo), self._door.headers_of(photo)
        answers: SimpleQueue[Answer | RequestFailedError] = SimpleQueue()
        return Call(lambda connection: connection.post(path, body, headers, deadline), answers.put), answers


@dataclass(frozen=True)
class _Try:
    """A photo on its way."""

    photo: Photo
    begin: float
    """Of the turn, as `time.monotonic` has it."""
    started: float
    size: int


def _conclude(attempt: _Try, answer: Answer | RequestFailedError, copies: int) -> Upload:
    photo, size = attempt.photo, attempt.size
    started = attempt.started - attempt.begin
    seconds = time.monotonic() - attempt.started
    if isinstance(answer, RequestFailedError):
        return Upload(photo.name, started, seconds, None, None, copies, copies * size, str(answer))
    is_created = answer.status == CREATED
    return Upload(
        photo.name,
        started,
        seconds,
        answer.status,
        _job_of(answer.body) if is_created else None,
        copies,
        copies * size,
        None if is_created else " ".join(answer.body.decode(errors="replace").split())[:500],
    )


def _job_of(body: bytes) -> str | None:
    """Read the id of the job; a bare handler has none."""
    try:
        job: str | None = json.loads(body).get("id")
    except (ValueError, AttributeError) as error:
        raise LossrateError(f"What answers 201 says no JSON: {body[:100]!r}") from error
    return job
