"""One HTTP connection that stays open, and the way of a request over it until a deadline."""

import http.client
import select
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


class RequestFailedError(Exception):
    """There was no answer: the connection broke, could not be made, or the time was over."""


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    body: bytes


class Connection:
    """Is made by the first request, or beforehand by `connect`, and made anew after a failure."""

    def __init__(self, url: str) -> None:
        """Prepare for the host and port of this address; nothing is sent yet."""
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._http = kind(parts.hostname or "", parts.port)

    @property
    def is_warm(self) -> bool:
        """Whether a request can be sent at once: the server has not closed it, as far as is known here."""
        socket = self._http.sock
        # What can be read while nothing was asked is the end of the stream.
        return socket is not None and not select.select([socket], [], [], 0)[0]

    def connect(self, deadline: float) -> None:
        """Make the connection, unless there is one.

        :param deadline: as `time.monotonic` has it
        :raises RequestFailedError: where it is not there by then
        """
        if self.is_warm:
            return
        self.close()
        try:
            self._http.timeout = _left(deadline)
            self._http.connect()
        except OSError as error:
            self.close()
            raise RequestFailedError(f"no connection: {error}") from error

    def post(self, path: str, body: bytes, headers: Mapping[str, str], deadline: float) -> Answer:
        """Send a request and read its answer. The connection is closed where there is none in time.

        :param deadline: as `time.monotonic` has it
        :raises RequestFailedError: where there is no answer
        """
        self.connect(deadline)
        try:
            self._http.sock.settimeout(_left(deadline))
            self._http.request("POST", path, body=body, headers=dict(headers))
            self._http.sock.settimeout(_left(deadline))
            with self._http.getresponse() as response:
                return Answer(response.status, response.read())
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise RequestFailedError(f"no answer: {error or type(error).__name__}") from error

    def close(self) -> None:
        """End it."""
        self._http.close()


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("the time is over")
    return seconds
