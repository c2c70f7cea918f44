from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from lossrate.errors import LossrateError
from lossrate.labels import class_indices, read_labels


def test_reads_a_csv_file(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("\ufefffile,class_index,note\nsub/cat.jpg,281,a cat\ndog.jpg,207,\n")
    assert read_labels(path) == {"cat.jpg": 281, "dog.jpg": 207}


@pytest.mark.parametrize("line", ["cat.jpg,1000", "cat.jpg,-1", "cat.jpg,cat", ",3", "cat.jpg"])
def test_says_which_line_of_a_csv_file_is_wrong(tmp_path: Path, line: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"file,class_index\ndog.jpg,207\n{line}\n")
    with pytest.raises(LossrateError, match="line 3"):
        read_labels(path)


def test_says_which_columns_a_csv_file_needs(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("name,class\ncat.jpg,281\n")
    with pytest.raises(LossrateError, match='"file" and "class_index"'):
        read_labels(path)


def write_meta(path: Path, wordnet_ids: list[str]) -> None:
    """As ILSVRC's development kit has it: classes in an order of their own, and concepts above them."""
    kind = [("ILSVRC2012_ID", "O"), ("WNID", "O"), ("words", "O"), ("num_children", "O")]
    rows = [(number, wordnet_id, "words", 0) for number, wordnet_id in enumerate(wordnet_ids, start=1)]
    rows.append((len(rows) + 1, "n00001740", "entity", 3))
    savemat(path, {"synsets": np.array(rows, dtype=kind)})


def test_maps_the_ground_truth_of_ilsvrc_through_wordnet_ids(tmp_path: Path) -> None:
    # The kit's numbers do not ascend with the WordNet id: here they descend.
    wordnet_ids = [f"n{1_440_764 + 10 * place:08d}" for place in reversed(range(1000))]
    write_meta(tmp_path / "meta.mat", wordnet_ids)
    truth = tmp_path / "ILSVRC2012_validation_ground_truth.txt"
    truth.write_text("1\n1000\n490\n")
    assert read_labels(truth) == {
        "ILSVRC2012_val_00000001.JPEG": 999,
        "ILSVRC2012_val_00000002.JPEG": 0,
        "ILSVRC2012_val_00000003.JPEG": 510,
    }


def test_refuses_a_number_that_is_no_class(tmp_path: Path) -> None:
    write_meta(tmp_path / "meta.mat", [f"n{place:08d}" for place in range(1000)])
    truth = tmp_path / "truth.txt"
    truth.write_text("1\n1001\n")
    with pytest.raises(LossrateError, match="line 2: '1001'"):
        read_labels(truth)


def test_says_where_the_numbering_is_when_it_is_missing(tmp_path: Path) -> None:
    truth = tmp_path / "truth.txt"
    truth.write_text("1\n")
    with pytest.raises(LossrateError, match="development kit"):
        read_labels(truth)


def test_wants_a_thousand_classes() -> None:
    with pytest.raises(LossrateError, match="1000 classes, not 2"):
        class_indices({1: "n00000001", 2: "n00000002"})
