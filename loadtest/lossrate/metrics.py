"""The figures of one turn, by the original's definitions and beyond them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lossrate.master import Job
from lossrate.photos import Photo
from lossrate.uploads.uploader import Upload


@dataclass(frozen=True)
class Figures:
    """Times in seconds, rates a second, shares from 0 to 1; None where there was nothing to measure."""

    attempted: int
    good: int
    """Answered 201 within 3 s."""
    upload_seconds: float
    throughput: float
    """Uploads that were attempted a second."""
    goodput: float
    """Uploads that were answered 201 within 3 s, a second."""
    accuracy: float | None
    """Of the jobs that were recognised and whose truth is known."""
    execution: float | None
    """Mean time that a photo took a worker: from when a thread began on it until the master had the result, and the
    way of the job to the worker. Not that of the photo itself, and not the wait for a thread."""
    latency_p50: float | None
    """Of the good uploads."""
    latency_p90: float | None
    latency_p99: float | None
    bytes: int
    """Of photos that were sent, all copies."""
    retries: int
    """Copies beyond the first ones."""
    jobs: int
    lost: int
    """Jobs that were acknowledged and have no end. Must be 0."""
    doubled: int
    """Jobs beyond the first of a photo. Must be 0."""
    failed: int
    """Jobs that could not be recognised."""
    unheard: int
    """Jobs whose client did not hear that they were accepted."""


def compute(photos: Sequence[Photo], uploads: Sequence[Upload], seconds: float, jobs: Sequence[Job]) -> Figures:
    """Compute them.

    :param seconds: from the beginning of the first upload to the end of the last one
    :param jobs: of the turn, when all should have ended
    """
    good = [upload for upload in uploads if upload.is_good]
    latencies = [upload.seconds for upload in good]
    by_id = {job["id"]: job for job in jobs}
    acknowledged = {upload.job for upload in uploads if upload.job is not None}
    times_of_photo = Counter(job["fileName"] for job in jobs)
    return Figures(
        attempted=len(uploads),
        good=len(good),
        upload_seconds=seconds,
        throughput=len(uploads) / seconds,
        goodput=len(good) / seconds,
        accuracy=_accuracy(photos, jobs),
        execution=_mean([_execution(job) for job in jobs if job["status"] == "SUCCEEDED"]),
        latency_p50=_percentile(latencies, 50),
        latency_p90=_percentile(latencies, 90),
        latency_p99=_percentile(latencies, 99),
        bytes=sum(upload.sent for upload in uploads),
        retries=sum(max(0, upload.copies - 1) for upload in uploads),
        jobs=len(jobs),
        lost=sum(1 for job in acknowledged if job not in by_id or by_id[job]["endedAt"] is None),
        doubled=sum(times - 1 for times in times_of_photo.values()),
        failed=sum(1 for job in jobs if job["status"] == "FAILED"),
        unheard=sum(1 for job in by_id if job not in acknowledged),
    )


def best_class(job: Job) -> int | None:
    """Index of the class that was recognised."""
    result = job["result"]
    return None if result is None else int(result["classes"][0]["index"])


def _execution(job: Job) -> float:
    """Seconds. What the master calls recorded is all between hand-over and result that was none of the other steps."""
    timings = job["timings"]
    return sum(float(timings[step]) for step in ("decoded", "classified", "recorded")) / 1000


def _accuracy(photos: Sequence[Photo], jobs: Sequence[Job]) -> float | None:
    truths = {photo.name: photo.truth for photo in photos}
    hits = [
        float(best_class(job) == truth)
        for job in jobs
        if job["status"] == "SUCCEEDED" and (truth := truths.get(job["fileName"])) is not None
    ]
    return _mean(hits)


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return float(np.percentile(values, percent)) if values else None
