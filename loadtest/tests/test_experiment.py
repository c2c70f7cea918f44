import json
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conftest import JsonHandler, draw
from lossrate.errors import LossrateError
from lossrate.experiment import Bench, carry_out
from lossrate.loss.setter import Direction, LossCounts
from lossrate.master import Master
from lossrate.photos import Photo
from lossrate.plan import Plan, Turn
from lossrate.results import ResultFolder, TurnRow
from lossrate.uploads.uploader import upload_all

PLAN = Plan(("sequential",), ("server-to-client",), (0.0, 0.5), photos=2, repeats=1, seed=1, setter="x", has_bare=False)
PHOTOS = [Photo(f"{number}.jpg", draw(64 + number, 64), number) for number in range(2)]

Events = Callable[[], Iterator[str]]


class FakeMaster:
    """A master as far as the harness looks: a real one needs minutes to lose its workers."""

    def __init__(self) -> None:
        self.jobs: list[dict[str, object]] = []
        self.events: Events = lambda: iter([event_of(0)])
        self.status = 201
        self.cancelled = 0
        self.url = ""
        state = self

        class Handler(JsonHandler):
            # A stream ends where its connection does.
            protocol_version = "HTTP/1.0"

            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                if self.path.endswith("/events"):
                    for text in state.events():
                        self.wfile.write(text.encode())
                        self.wfile.flush()
                else:
                    self.wfile.write("\n".join(map(json.dumps, state.jobs)).encode())

            def do_POST(self) -> None:
                path = urlsplit(self.path)
                self.rfile.read(int(self.headers.get("content-length") or 0))
                if path.path.endswith("/jobs") and state.status != 201:
                    return self.answer(state.status, {"title": "It is damaged"})
                if path.path.endswith("/jobs"):
                    name = path.query.split("fileName=")[1].split("&")[0]
                    body: dict[str, object] = state.add(name)
                else:
                    is_cancel = path.path.endswith("/cancel")
                    state.cancelled += is_cancel
                    if not is_cancel:
                        state.jobs.clear()
                    body = {"batch": {"id": "b"}}
                self.answer(201, body)
                return None

            def do_DELETE(self) -> None:
                self.answer(200, {"next": None})

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def add(self, name: str) -> dict[str, object]:
        timings = {"decoded": 1, "classified": 2, "recorded": 3}
        result = {"classes": [{"index": int(name[0])}]}
        job: dict[str, object] = {"id": f"{len(self.jobs)}", "fileName": name, "status": "SUCCEEDED", "endedAt": "now"}
        self.jobs.append({**job, "timings": timings, "result": result})
        return self.jobs[-1]


def event_of(running: int) -> str:
    return f"event: batch\ndata: {json.dumps({'counts': {'QUEUED': 0, 'RUNNING': running}})}\n\n"


@pytest.fixture
def fake() -> Iterator[FakeMaster]:
    fake = FakeMaster()
    yield fake
    fake.http.shutdown()
    fake.http.server_close()


class Setter:
    """Notes what it is told."""

    name = "x"

    def __init__(self) -> None:
        self.told: list[str] = []
        self.on_clear: Callable[[], None] = lambda: None
        self.packets = 1000
        # As it was told.
        self.dropped: Callable[[], int] = lambda: int(self.packets * float(self.told[-1].split()[0]))

    def set(self, rate: float, direction: Direction) -> None:
        self.told.append(f"{rate} {direction}")

    def counts(self) -> LossCounts:
        return LossCounts(self.packets, self.dropped(), 0)

    def clear(self) -> None:
        self.on_clear()
        self.told.append("clear")


class Reporter:
    """Notes which turns were begun and ended."""

    def __init__(self, on_begin: Callable[[], None] = lambda: None) -> None:
        self.ended: list[TurnRow] = []
        self.voided: list[TurnRow] = []
        self.on_begin = on_begin

    def begin(self, turn: Turn, uploads: int) -> None:
        assert uploads == len(PHOTOS)
        assert turn.strategy == "sequential"
        self.on_begin()

    def advance(self) -> None:
        pass

    def void(self, row: TurnRow) -> None:
        self.voided.append(row)

    def end(self, row: TurnRow) -> None:
        self.ended.append(row)


def run(fake: FakeMaster, setter: Setter, folder: Path, reporter: Reporter) -> None:
    bench = Bench(Master(fake.url, None), setter, PHOTOS, None, None)
    carry_out(PLAN, bench, ResultFolder(folder), "a machine", reporter)


def test_sets_and_takes_away_the_loss_in_each_turn(fake: FakeMaster, tmp_path: Path) -> None:
    setter, reporter = Setter(), Reporter()
    run(fake, setter, tmp_path, reporter)
    turn = "server-to-client"
    assert setter.told == ["clear", f"0.0 {turn}", "clear", f"0.5 {turn}", "clear", "clear"]
    assert [(row.figures.good, row.figures.jobs, row.figures.accuracy) for row in reporter.ended] == [(2, 2, 1.0)] * 2


def test_lets_no_photo_into_a_turn_that_is_over(fake: FakeMaster, tmp_path: Path) -> None:
    run(fake, Setter(), tmp_path, Reporter())
    assert fake.cancelled == 2


def test_says_at_once_that_photos_are_refused(fake: FakeMaster, tmp_path: Path) -> None:
    fake.status = 422
    with pytest.raises(LossrateError, match=r"0.jpg was answered 422: .*It is damaged"):
        run(fake, Setter(), tmp_path, Reporter())


def test_takes_the_loss_away_however_often_that_fails(
    fake: FakeMaster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lossrate.experiment.time.sleep", lambda _: None)
    failures = 5

    def fail() -> None:
        nonlocal failures
        if setter.told[-1:] == ["0.5 server-to-client"] and failures > 0:
            failures -= 1
            raise LossrateError("ssh: timed out")

    setter = Setter()
    setter.on_clear = fail
    with pytest.raises(LossrateError, match="timed out"):
        run(fake, setter, tmp_path, Reporter())
    assert (failures, setter.told[-1]) == (0, "clear")


def test_says_that_the_loss_is_still_there(fake: FakeMaster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossrate.experiment.CLEAR_SECONDS", 0)

    def fail() -> None:
        if setter.told[-1:] == ["0.5 server-to-client"]:
            raise LossrateError("ssh: timed out")

    setter = Setter()
    setter.on_clear = fail
    with pytest.raises(LossrateError, match="is still there: ssh: timed out"):
        run(fake, setter, tmp_path, Reporter())


@pytest.mark.parametrize(("shares", "voided", "kept"), [([420, 500], 1, 500), ([420, 430, 440], 2, 440)])
def test_carries_out_a_turn_again_in_which_another_share_was_dropped(
    fake: FakeMaster, tmp_path: Path, shares: list[int], voided: int, kept: int
) -> None:
    setter, reporter = Setter(), Reporter()
    left = list(shares)
    # A standard error is 16 packets.
    setter.dropped = lambda: left.pop(0) if setter.told[-1].startswith("0.5") else 0
    run(fake, setter, tmp_path, reporter)
    assert len(reporter.voided) == voided
    losses = [row.loss.dropped for row in ResultFolder(tmp_path).read().turns if row.loss]
    assert losses == [0, kept]
    assert left == []


def test_carries_out_no_turn_twice(fake: FakeMaster, tmp_path: Path) -> None:
    run(fake, Setter(), tmp_path, Reporter())
    setter, reporter = Setter(), Reporter()
    run(fake, setter, tmp_path, reporter)
    assert reporter.ended == []
    assert setter.told == ["clear", "clear"]


def test_takes_the_loss_away_when_it_is_interrupted(
    fake: FakeMaster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object) -> object:
        if setter.told[-1].startswith("0.5"):
            raise KeyboardInterrupt
        return upload_all(*args)  # type: ignore[arg-type]

    setter, reporter = Setter(), Reporter()
    monkeypatch.setattr("lossrate.experiment.upload_all", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(fake, setter, tmp_path, reporter)
    assert setter.told[-2:] == ["clear", "clear"]
    assert len(ResultFolder(tmp_path).read().turns) == 1


def test_takes_the_loss_away_when_it_is_interrupted_while_it_does(fake: FakeMaster, tmp_path: Path) -> None:
    def interrupt() -> None:
        if setter.told[-1:] == ["0.5 server-to-client"]:
            setter.told.append("interrupted")
            raise KeyboardInterrupt

    setter = Setter()
    setter.on_clear = interrupt
    with pytest.raises(KeyboardInterrupt):
        run(fake, setter, tmp_path, Reporter())
    assert setter.told[-2:] == ["interrupted", "clear"]


def test_wants_packets_to_pass_the_drop_point(fake: FakeMaster, tmp_path: Path) -> None:
    setter = Setter()
    setter.packets = 0
    with pytest.raises(LossrateError, match="No packet has passed"):
        run(fake, setter, tmp_path, Reporter())
    assert setter.told[-1] == "clear"


def test_waits_until_all_jobs_have_ended(fake: FakeMaster) -> None:
    fake.events = lambda: iter([event_of(2), ": still there\n\n", event_of(1), event_of(0)])
    Master(fake.url, None).await_end("b")


def test_gives_up_when_nothing_ends(fake: FakeMaster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossrate.master.QUIET_SECONDS", 0.2)

    def events() -> Iterator[str]:
        yield event_of(2)
        for _ in range(20):
            threading.Event().wait(0.05)
            yield ": still there\n\n"

    fake.events = events
    with pytest.raises(LossrateError, match="2 jobs of batch b have not ended"):
        Master(fake.url, None).await_end("b")


def test_says_when_the_stream_ends_too_soon(fake: FakeMaster) -> None:
    fake.events = lambda: iter([event_of(2)])
    with pytest.raises(LossrateError, match="ended before its jobs"):
        Master(fake.url, None).await_end("b")


def test_says_when_there_is_no_master() -> None:
    with pytest.raises(LossrateError, match="is not reached"):
        Master("http://127.0.0.1:9", None).clear()
