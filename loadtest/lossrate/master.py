"""The master as the harness controls it: batches in which the uploads of a turn gather, and how they end."""

import json
import time
from collections.abc import Iterator
from typing import Any

import requests

from lossrate.errors import LossrateError
from lossrate.uploads.door import Door

TAG = "experiment=lossrate"
"""On all jobs of the harness: no other ones are cleared."""

OWNER = "lossrate"
ANSWER_SECONDS = 30
QUIET_SECONDS = 120
"""A turn's jobs end within this time after the last one that ended, or something is wrong."""

Job = dict[str, Any]
"""As the REST interface has it."""


class Master:
    """Speaks to one over its REST interface."""

    def __init__(self, url: str, token: str | None) -> None:
        self.url = url.rstrip("/")
        self._headers = {} if token is None else {"authorization": f"Bearer {token}"}

    def await_workers(self, count: int, seconds: float) -> None:
        """Return when so many workers take jobs.

        :raises LossrateError: where they do not in time
        """
        deadline = time.monotonic() + seconds
        problem = ""
        while time.monotonic() < deadline:
            try:
                workers = self._get("/workers")["workers"]
                ready = [worker["name"] for worker in workers if worker["state"] == "ready"]
                if len(ready) >= count:
                    return
                problem = f"{len(ready)} workers are ready"
            except LossrateError as error:
                problem = str(error)
            time.sleep(0.5)
        raise LossrateError(f"{count} workers were awaited at {self.url} for {seconds:g} s: {problem}")

    def clear(self) -> None:
        """Delete all jobs of earlier turns."""
        query = {"tag": TAG}
        while True:
            cursor = self._json("DELETE", "/jobs", query)["next"]
            if cursor is None:
                return
            query["cursor"] = cursor

    def create_batch(self, name: str) -> str:
        """Make an empty batch; returns its id."""
        batch: str = self._json("POST", "/batches", {"name": name, "owner": OWNER})["batch"]["id"]
        return batch

    def close_batch(self, batch: str) -> None:
        """Have a batch take no more photos. Jobs of it that have not ended are cancelled."""
        self._json("POST", f"/batches/{batch}/cancel", {})

    def model(self) -> str:
        """Name and digest of the model that its workers serve."""
        models = self._get("/models")["models"]
        return ", ".join(f"{model['name']} {model['digest'][:12]}" for model in models)

    def door(self, batch: str, key: str | None) -> Door:
        """Where photos are submitted to this batch."""
        options = (("batch", batch), ("owner", OWNER), ("tag", TAG), ("fresh", "true"))
        return Door(f"{self.url}/api/v1/jobs", options, tuple(self._headers.items()), key)

    def await_end(self, batch: str) -> None:
        """Return when all jobs of a batch have ended, told by its stream of server-sent events.

        :raises LossrateError: where nothing ends for two minutes
        """
        open_jobs, since = -1, time.monotonic()
        for counts in self._batch_counts(batch):
            left = counts["QUEUED"] + counts["RUNNING"]
            if left == 0:
                return
            if left != open_jobs:
                open_jobs, since = left, time.monotonic()
            elif time.monotonic() - since > QUIET_SECONDS:
                raise LossrateError(f"{open_jobs} jobs of batch {batch} have not ended for {QUIET_SECONDS} s")
        raise LossrateError(f"The stream of batch {batch} ended before its jobs")

    def jobs(self, batch: str) -> list[Job]:
        """All jobs of a batch, as they are now."""
        response = self._call("GET", f"/batches/{batch}/results.ndjson")
        return [json.loads(line) for line in response.content.splitlines()]

    def _batch_counts(self, batch: str) -> Iterator[dict[str, int]]:
        """Yield a batch's jobs by state with each line that comes: also with those that only say that it goes on."""
        event, counts = "", None
        with self._call("GET", f"/batches/{batch}/events", stream=True) as response:
            try:
                # Byte by byte: by default lines are held back until there are 512 bytes.
                for line in response.iter_lines(chunk_size=1):
                    if line.startswith(b"event:"):
                        event = line[len(b"event:") :].strip().decode()
                    elif line.startswith(b"data:") and event == "batch":
                        counts = json.loads(line[len(b"data:") :])["counts"]
                    if counts:
                        yield counts
            except requests.RequestException as error:
                raise LossrateError(f"The stream of batch {batch} broke: {error}") from error

    def _get(self, path: str) -> Any:  # noqa: ANN401
        return self._json("GET", path, {})

    def _json(self, method: str, path: str, query: dict[str, str]) -> Any:  # noqa: ANN401
        response = self._call(method, path, query)
        try:
            return response.json()
        except ValueError as error:
            raise LossrateError(f"What answers at {self.url} is no Argus master") from error

    def _call(
        self, method: str, path: str, query: dict[str, str] | None = None, *, stream: bool = False
    ) -> requests.Response:
        address = f"{self.url}/api/v1{path}"
        # A stream says something at least that often: how far its batch is, or that it is still there.
        seconds = QUIET_SECONDS if stream else ANSWER_SECONDS
        try:
            # Over a connection of its own: what the master has said of closing one that is kept gets lost, too.
            response = requests.request(
                method, address, params=query, headers=self._headers, timeout=seconds, stream=stream
            )
        except requests.RequestException as error:
            raise LossrateError(f"{self.url} is not reached: {error}") from error
        if not response.ok:
            raise LossrateError(f"{method} {address} was answered {response.status_code}: {response.text[:300]}")
        return response
