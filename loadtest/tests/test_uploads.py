import threading
import time
from collections import Counter
from dataclasses import replace

import pytest

from conftest import Request, Server
from lossrate.photos import Photo, shrink
from lossrate.uploads.door import Door
from lossrate.uploads.hedge import ENOUGH, FIRST_SECONDS, LEAST_SECONDS, RECENT, HedgeDelay
from lossrate.uploads.strategy import COPIES, IN_FLIGHT, STRATEGIES, TIMEOUT_SECONDS
from lossrate.uploads.uploader import Upload, upload_all

ALL = list(STRATEGIES)
SEQUENTIAL = replace(STRATEGIES["sequential"], pause_seconds=0.3)


def door(server: Server) -> Door:
    return Door(f"{server.url}api/v1/jobs", options=(("batch", "b"),), key="k")


def run(server: Server, photos: list[Photo], name: str) -> list[Upload]:
    return upload_all(photos, STRATEGIES[name], door(server), lambda _: None)[0]


@pytest.mark.parametrize("name", ALL)
def test_uploads_each_photo_once_where_all_is_well(server: Server, photos: list[Photo], name: str) -> None:
    noted: list[Upload] = []
    uploads, seconds = upload_all(photos, STRATEGIES[name], door(server), noted.append)
    assert [upload.photo for upload in uploads] == [photo.name for photo in photos]
    assert sorted(upload.photo for upload in noted) == sorted(photo.name for photo in photos)
    assert all(upload.is_good and upload.job == f"job of {upload.photo}" for upload in uploads)
    assert sum(upload.copies for upload in uploads) == len(server.requests)
    assert 0 < seconds < TIMEOUT_SECONDS
    for photo in photos:
        [*_, request] = server.of(photo.name)
        assert f"tag=truth%3D{photo.truth}" in request.path
        assert request.body == (shrink(photo.data) if "small" in name else photo.data)


def test_the_original_sends_one_at_a_time_over_one_connection(server: Server, photos: list[Photo]) -> None:
    run(server, photos, "sequential")
    assert len({request.client_port for request in server.requests}) == 1


def test_the_original_pauses_after_a_failure(server: Server, photos: list[Photo]) -> None:
    server.before_answer = lambda request: 503 if request.photo == "0.jpg" else 201
    [first, second], _ = upload_all(photos[:2], SEQUENTIAL, door(server), lambda _: None)
    assert (first.is_good, first.status, first.copies) == (False, 503, 1)
    assert second.started - (first.started + first.seconds) >= SEQUENTIAL.pause_seconds
    assert second.is_good


def test_an_upload_is_given_up_after_three_seconds(server: Server, photos: list[Photo]) -> None:
    def answer(request: Request) -> int:
        if request.photo == "0.jpg":
            time.sleep(TIMEOUT_SECONDS + 2)
        return 201

    server.before_answer = answer
    [first, second], _ = upload_all(photos[:2], SEQUENTIAL, door(server), lambda _: None)
    assert (first.is_good, first.status, first.job) == (False, None, None)
    assert TIMEOUT_SECONDS <= first.seconds < TIMEOUT_SECONDS + 1.5
    assert second.is_good


@pytest.mark.parametrize("name", ["pooled", "hedged"])
def test_keeps_several_uploads_in_flight(server: Server, photos: list[Photo], name: str) -> None:
    seen: set[str] = set()
    all_are_here = threading.Event()

    def answer(request: Request) -> int:
        seen.add(request.photo)
        if len(seen) == len(photos):
            all_are_here.set()
        return 201 if all_are_here.wait(timeout=2) else 503

    assert len(photos) <= IN_FLIGHT
    server.before_answer = answer
    assert all(upload.is_good for upload in run(server, photos, name))


def test_hedges_over_another_connection_with_the_same_key(server: Server, photos: list[Photo]) -> None:
    times: Counter[str] = Counter()

    def answer(request: Request) -> int:
        times[request.photo] += 1
        # The first answer to every third photo gets lost.
        if times[request.photo] == 1 and int(request.photo.split(".")[0]) % 3 == 0:
            time.sleep(TIMEOUT_SECONDS)
        return 201

    server.before_answer = answer
    uploads = run(server, photos, "hedged")
    assert all(upload.is_good and upload.seconds < TIMEOUT_SECONDS / 2 for upload in uploads)
    late = [upload for upload in uploads if int(upload.photo.split(".")[0]) % 3 == 0]
    assert all(upload.copies >= 2 for upload in late)
    sizes = {photo.name: len(photo.data) for photo in photos}
    assert all(upload.sent == upload.copies * sizes[upload.photo] for upload in late)
    for upload in late:
        requests = server.of(upload.photo)
        assert len({request.client_port for request in requests}) == len(requests)
        assert len({request.body for request in requests}) == len({request.key for request in requests}) == 1
    assert len({request.key for request in server.requests}) == len(photos)


def test_a_photo_may_have_any_name(server: Server, photos: list[Photo]) -> None:
    named = [replace(photo, name=name) for photo, name in zip(photos, ("é.jpg", "猫.jpg", "x" * 250), strict=False)]
    assert all(upload.is_good for upload in run(server, named, "hedged"))
    assert {request.photo for request in server.requests} == {photo.name for photo in named}


def test_sends_no_more_copies_than_it_says(server: Server, photos: list[Photo]) -> None:
    def answer(_: Request) -> int:
        time.sleep(TIMEOUT_SECONDS + 0.2)
        return 201

    server.before_answer = answer
    [upload] = run(server, photos[:1], "hedged")
    assert (upload.is_good, upload.copies) == (False, COPIES)
    # Either the last copy was given up first, or the upload.
    assert upload.error
    assert upload.error.startswith("no answer")


def test_a_refusal_is_an_answer(server: Server, photos: list[Photo]) -> None:
    server.before_answer = lambda _: 413
    [upload] = run(server, photos[:1], "hedged+small")
    assert (upload.status, upload.job) == (413, None)
    assert upload.error


def test_fails_where_nobody_listens(photos: list[Photo]) -> None:
    uploads, seconds = upload_all(photos[:1], STRATEGIES["hedged"], Door("http://127.0.0.1:9/"), lambda _: None)
    assert (uploads[0].is_good, uploads[0].copies, uploads[0].sent) == (False, 0, 0)
    assert seconds < TIMEOUT_SECONDS + 1


def test_waits_for_the_90th_percentile_of_recent_answers() -> None:
    delay = HedgeDelay()
    for _ in range(ENOUGH - 1):
        delay.note(2.0)
    assert delay.seconds == FIRST_SECONDS
    for number in range(RECENT):
        delay.note(1.0 if number % 5 == 0 else 0.1)
    assert delay.seconds == pytest.approx(1.0)
    for _ in range(RECENT):
        delay.note(0.001)
    assert delay.seconds == LEAST_SECONDS
