import os
from pathlib import Path

import pytest

from lossrate.cli import RATES, main
from lossrate.errors import LossrateError
from lossrate.lab import lab
from lossrate.lab.duplication import MOST, copies_for
from lossrate.original import GOODPUT, goodput_at


def test_the_rates_are_the_original_s() -> None:
    assert len(RATES) == 10
    assert [goodput_at(rate) for rate in RATES] == list(GOODPUT)
    assert goodput_at(0.25) is None


@pytest.mark.parametrize(("loss", "copies"), [(0, 1), (0.01, 1), (0.05, 2), (0.2, 3), (0.4, 6), (0.6, 10), (1, MOST)])
def test_as_many_copies_as_the_loss_demands(loss: float, copies: int) -> None:
    assert copies_for(loss) == copies
    assert loss**copies <= 0.011 or copies == MOST


@pytest.mark.parametrize(
    "words",
    [
        ["run", "--out", "x"],
        ["run", "--images", "x", "--out", "x", "--rates", "1"],
        ["run", "--images", "x", "--out", "x", "--rates", "nothing"],
        ["run", "--images", "x", "--out", "x", "--strategies", "quick"],
        ["run", "--images", "x", "--out", "x", "--photos", "0"],
        ["lab"],
        [],
    ],
)
def test_refuses_a_wrong_call(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2


def test_says_in_one_line_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "--images", str(tmp_path), "--out", str(tmp_path / "out")]
    sayings: list[tuple[list[str], str]] = [
        (["--rates", "0"], f"{tmp_path} has 0 photos, and a turn takes 100: see --photos\n"),
        ([], "Nothing drops packets: name a --setter and its devices, or leave out all --rates but 0\n"),
        (["--server-port", "eth0"], "A drop point has two devices: --server-port and --client-port\n"),
    ]
    for more, said in sayings:
        assert main([*words, *more]) == 1
        assert capsys.readouterr().err == said
    assert not (tmp_path / "out").exists()


def test_the_lab_needs_root(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(["lab", "up"]) == 1
    assert "needs root" in capsys.readouterr().err


def test_the_lab_needs_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.delenv("MODEL_DIR", raising=False)
    with pytest.raises(LossrateError, match="MODEL_DIR"):
        lab.up(lab.LabOptions())
