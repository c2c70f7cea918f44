import csv
from dataclasses import replace
from pathlib import Path

import pytest

from lossrate.analysis import ambiguous_photos, cells, interval, violations
from lossrate.errors import LossrateError
from lossrate.loss.setter import LossCounts
from lossrate.master import Job
from lossrate.metrics import Figures, compute
from lossrate.photos import Photo
from lossrate.plan import BARE, Plan, Turn, turns_of
from lossrate.plot import plot
from lossrate.report import number, report
from lossrate.results import ResultFolder, Results, TurnRow, UploadRow
from lossrate.uploads.uploader import Upload

PLAN = Plan(
    strategies=("sequential", "hedged+small"),
    directions=("server-to-client",),
    rates=(0.0, 0.4),
    photos=3,
    repeats=3,
    seed=1,
    setter="nft",
    has_bare=True,
)
PHOTOS = [Photo(f"{name}.jpg", b"x", truth) for name, truth in (("a", 1), ("b", 2), ("c", None))]


def upload(photo: str, **changes: object) -> Upload:
    made = Upload(f"{photo}.jpg", 0.0, 0.1, 201, f"job-{photo}", 1, 1000, None)
    return replace(made, **changes)


def job(photo: str, best: int = 1, **changes: object) -> Job:
    return {
        "id": f"job-{photo}",
        "fileName": f"{photo}.jpg",
        "status": "SUCCEEDED",
        "endedAt": "2030-01-01T00:00:00Z",
        "timings": {"decoded": 10, "classified": 30, "recorded": 5},
        "result": {"classes": [{"index": best}]},
        **changes,
    }


def test_counts_by_the_original_s_definitions() -> None:
    late = upload("c", seconds=3.2, job="job-c")
    figures = compute(PHOTOS, [upload("a"), upload("b", copies=3, sent=3000), late], 2.0, [job("a"), job("b", 9)])
    assert (figures.throughput, figures.goodput) == (1.5, 1.0)
    # Two are of known truth, one was recognised rightly; decoding, classifying and recording make 45 ms.
    assert figures.accuracy == 0.5
    assert figures.execution == pytest.approx(0.045)
    assert (figures.retries, figures.bytes) == (2, 5000)


def test_finds_jobs_that_are_lost_or_doubled() -> None:
    uploads = [upload("a"), upload("b"), upload("c", status=None, job=None)]
    jobs = [job("a", endedAt=None, status="RUNNING"), job("c"), job("c", id="another")]
    figures = compute(PHOTOS, uploads, 1.0, jobs)
    # One did not end, one is not there; nobody heard of the two of c.
    assert (figures.lost, figures.doubled, figures.unheard) == (2, 1, 2)


def test_a_failed_job_is_not_lost() -> None:
    figures = compute(PHOTOS, [upload("a")], 1.0, [job("a", status="FAILED", result=None)])
    assert (figures.lost, figures.failed, figures.accuracy, figures.execution) == (0, 1, None, None)


def test_a_turn_of_nothing_has_no_latencies() -> None:
    figures = compute(PHOTOS, [upload("a", status=None, job=None)], 3.0, [])
    assert (figures.goodput, figures.latency_p50, figures.execution) == (0.0, None, None)


def test_turns_are_all_of_the_plan_each_once() -> None:
    turns = list(turns_of(PLAN))
    assert len(turns) == len({turn.id for turn in turns}) == 3 * (1 + 2 * 2)
    assert [turn.strategy for turn in turns[:3]] == [BARE, "sequential", "hedged+small"]


def test_an_interval_is_student_s() -> None:
    found = interval([10.0, 12.0, 14.0])
    assert found is not None
    # t(0.975, 2) = 4.303; the standard error is 2 / sqrt 3.
    assert found.mean == 12.0
    assert found.margin == pytest.approx(4.968, abs=0.001)
    assert interval([]) is None
    two = interval([4.0, 6.0])
    assert two is not None
    assert (two.mean, two.margin) == (5.0, None)


def row_of(turn: Turn, figures: Figures, dropped: int) -> TurnRow:
    return TurnRow(turn, figures, LossCounts(1000, dropped, 50_000), 1)


def fill(folder: ResultFolder, *, slower: float = 1.0) -> None:
    """Carry all turns out, in the mind: uploads take longer the more is lost."""
    done = folder.begin(PLAN, "a machine")
    for turn in turns_of(PLAN):
        if turn.id in done:
            continue
        jobs = [] if turn.strategy == BARE else [job("a", 1), job("b", 9), job("c", 3)]
        seconds = slower * (0.1 + turn.rate) * turn.repeat
        job_ids = {} if jobs else {"job": None}
        uploads = [upload(name, **job_ids) for name in "abc"]
        folder.add(row_of(turn, compute(PHOTOS, uploads, seconds, jobs), round(1000 * turn.rate)), uploads, jobs)


def test_reads_what_it_has_written(tmp_path: Path) -> None:
    folder = ResultFolder(tmp_path / "new" / "folder")
    fill(folder)
    results = folder.read()
    assert results.plan == PLAN
    assert [row.turn for row in results.turns] == list(turns_of(PLAN))
    first = results.turns[1]
    assert first.figures == compute(PHOTOS, [upload(name) for name in "abc"], 0.1, [job("a"), job("b", 9), job("c", 3)])
    assert first.loss == LossCounts(1000, 0, 50_000)
    assert [row.best_class for row in results.uploads if row.turn_id == first.turn.id] == [1, 9, 3]
    assert violations(results) == []


def test_goes_on_where_it_was_broken_off(tmp_path: Path) -> None:
    folder = ResultFolder(tmp_path)
    fill(folder)
    whole = {name: (tmp_path / name).read_text() for name in ("turns.csv", "uploads.csv")}
    # Killed while it wrote the last turn's row: its uploads are there.
    (tmp_path / "turns.csv").write_text(whole["turns.csv"][:-20])
    done = folder.begin(PLAN, "a machine")
    assert len(done) == len(list(turns_of(PLAN))) - 1
    fill(folder)
    assert (tmp_path / "turns.csv").read_text() == whole["turns.csv"]
    results = folder.read()
    assert results.machine == "a machine"
    assert len(results.uploads) == 3 * len(results.turns)


def test_does_not_mix_two_experiments(tmp_path: Path) -> None:
    folder = ResultFolder(tmp_path)
    folder.begin(PLAN, "a machine")
    with pytest.raises(LossrateError, match="another seed, version: choose"):
        folder.begin(replace(PLAN, seed=2, version="b"), "a machine")
    with pytest.raises(LossrateError, match="another machine: choose"):
        folder.begin(PLAN, "another machine")


def test_says_where_there_is_no_experiment(tmp_path: Path) -> None:
    with pytest.raises(LossrateError, match="has no experiment"):
        ResultFolder(tmp_path).read()
    (tmp_path / "experiment.json").write_text("{}")
    with pytest.raises(LossrateError, match="of this version"):
        ResultFolder(tmp_path).read()


def results_with(row: TurnRow, *uploads: UploadRow) -> Results:
    return Results(PLAN, "a machine", [row], list(uploads))


@pytest.mark.parametrize(
    ("changes", "dropped", "said"),
    [
        ({"lost": 1}, 400, "1 jobs are lost"),
        ({"doubled": 2}, 400, "2 jobs are doubled"),
        ({"failed": 3}, 400, "3 jobs failed"),
        ({}, 500, "500 of 1000"),
    ],
)
def test_says_what_must_not_be(changes: dict[str, int], dropped: int, said: str) -> None:
    turn = Turn("sequential", "server-to-client", 0.4, 1)
    figures = replace(compute(PHOTOS, [upload("a")], 1.0, [job("a")]), **changes)
    [line] = violations(results_with(row_of(turn, figures, dropped)))
    assert said in line


def test_finds_a_photo_with_two_classes() -> None:
    turn = Turn("sequential", "server-to-client", 0.4, 1)
    figures = compute(PHOTOS, [upload("a")], 1.0, [job("a")])
    results = results_with(
        row_of(turn, figures, 400), UploadRow(turn.id, upload("a"), 1), UploadRow(turn.id, upload("a"), 2)
    )
    assert ambiguous_photos(results) == [("sequential", "a.jpg")]
    assert "a.jpg has several classes" in violations(results)[0]


def test_gathers_the_repeats_of_a_rate(tmp_path: Path) -> None:
    folder = ResultFolder(tmp_path)
    fill(folder)
    free, heavy = cells(folder.read(), "sequential", "server-to-client")
    assert (free.rate, heavy.rate, len(free.rows)) == (0.0, 0.4, 3)
    goodput = free.interval(lambda it: it.goodput)
    assert goodput is not None
    assert goodput.mean == pytest.approx((30 + 15 + 10) / 3)


def test_reports_all_figures_beside_the_original_s(tmp_path: Path) -> None:
    folder = ResultFolder(tmp_path)
    fill(folder)
    text = report(folder.read())
    # 3 uploads in 0.5 s, 1 s and 1.5 s; t(0.975, 2) = 4.303.
    assert "| 40.0 % | 2.44 | 3.67 ± 5.17 | 3.67 ± 5.17 |" in text
    assert "a ratio of 1.00 ± 0" in text
    assert "from 40 % of loss on, 1.50 times at least" in text
    assert "Of 36 jobs none was lost and none doubled" in text
    assert "0.045 ± 0 s on average, and 0.045 s in the slowest turn (original: 3.2 s)" in text


def test_reports_under_which_conditions(tmp_path: Path) -> None:
    folder = ResultFolder(tmp_path)
    plan = replace(PLAN, workers=2, delay_ms=50.0, master="lab", model="v2 abc", version="1234")
    folder.begin(plan, "a machine")
    text = report(folder.read())
    said = "2 workers, master: lab, each packet of the client 50 ms on its way, model v2 abc, version 1234."
    assert said in text


def test_compares_with_the_bare_handler_whatever_the_directions() -> None:
    plan = replace(PLAN, directions=("both",))
    turns = [Turn(BARE, "both", 0.0, 1), Turn("sequential", "both", 0.0, 1), Turn(BARE, "both", 0.0, 2)]
    rows = [
        row_of(turn, compute(PHOTOS, [upload("a")], seconds, []), 0)
        for turn, seconds in zip(turns, (0.5, 1.0, 1.0), strict=True)
    ]
    assert "a ratio of 0.5." in report(Results(plan, "a machine", rows, []))
    # Where nothing got through there is nothing to compare with.
    nothing = row_of(turns[0], compute(PHOTOS, [upload("a", status=404)], 1.0, []), 0)
    assert "a ratio" not in report(Results(plan, "a machine", [nothing, rows[1]], []))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (1e-17, "0"),
        (0.00085, "0.00085"),
        (0.0131, "0.0131"),
        (4.5, "4.50"),
        (45.67, "45.7"),
        (1234.5, "1234"),
    ],
)
def test_figures_have_three_digits_that_count(value: float, said: str) -> None:
    assert number(value) == said


def test_draws_four_charts_twice(tmp_path: Path) -> None:
    folder = ResultFolder(tmp_path)
    fill(folder)
    paths = plot(folder.read(), tmp_path)
    names = [f"{name}.{kind}" for name in ("goodput", "throughput", "execution", "accuracy") for kind in ("png", "svg")]
    assert [path.name for path in paths] == names
    assert all(path.stat().st_size > 5000 for path in paths)
    drawing = (tmp_path / "goodput.svg").read_text()
    assert all(name in drawing for name in ("the original", "sequential", "hedged+small"))
    assert plot(folder.read(), tmp_path)[1].read_text() == drawing


def test_tables_are_whole(tmp_path: Path) -> None:
    folder = ResultFolder(tmp_path)
    fill(folder)
    with (tmp_path / "turns.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(None not in row.values() for row in rows)
    lines = [line for line in report(folder.read()).splitlines() if line.startswith("|")]
    assert all(line.count(" | ") >= 3 for line in lines)
