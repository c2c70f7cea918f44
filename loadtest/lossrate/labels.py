"""What photos truly show, by the name of the file, as class indices in the order of Keras and PyTorch."""

import csv
import io
import zlib
from pathlib import Path

from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from lossrate.errors import LossrateError

CLASSES = 1000
"""Of ImageNet-1k."""

VALIDATION_NAME = "ILSVRC2012_val_{:08d}.JPEG"
"""As the photos of ILSVRC2012's validation set are named, by the line of the ground truth."""


def read_labels(path: Path, synsets: Path | None = None) -> dict[str, int]:
    """Read either form of labels.

    :param path: a CSV file with a header and the columns `file` and `class_index`; or the ground truth of
        ILSVRC2012's validation set, a number in ILSVRC's own order a line
    :param synsets: ILSVRC's `meta.mat`; by default the one beside the ground truth, where the development kit has it
    :returns: class indices by the name of the file
    :raises LossrateError: where a line makes no sense
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LossrateError(f"{path} cannot be read: {error}") from error
    if lines[0].strip().isdecimal():
        return _read_ground_truth(path, lines, synsets or path.with_name("meta.mat"))
    return _read_csv(path, lines)


def _read_csv(path: Path, lines: list[str]) -> dict[str, int]:
    if any("\0" in line for line in lines):
        raise LossrateError(f"{path} is no CSV file")
    rows = csv.DictReader(lines)
    if not {"file", "class_index"} <= set(rows.fieldnames or []):
        raise LossrateError(f'{path} needs a header with the columns "file" and "class_index"')
    labels: dict[str, int] = {}
    for row in rows:
        name, index = row["file"], row["class_index"] or ""
        if not name or not index.isdecimal() or int(index) >= CLASSES:
            raise LossrateError(f"{path}, line {rows.line_num}: {name!r} with class {index!r}")
        labels[Path(name).name] = int(index)
    return labels


def _read_ground_truth(path: Path, lines: list[str], synsets: Path) -> dict[str, int]:
    indices = class_indices(read_synsets(synsets))
    labels: dict[str, int] = {}
    for number, line in enumerate(filter(None, map(str.strip, lines)), start=1):
        if not line.isdecimal() or int(line) not in indices:
            raise LossrateError(f"{path}, line {number}: {line!r} is no class of {synsets.name}")
        labels[VALIDATION_NAME.format(number)] = indices[int(line)]
    return labels


def read_synsets(path: Path) -> dict[int, str]:
    """Read ILSVRC's `meta.mat`.

    :returns: WordNet ids by ILSVRC's own number; classes alone, without the concepts above them
    :raises LossrateError: where the file is not what it should be
    """
    try:
        table = loadmat(io.BytesIO(path.read_bytes()), squeeze_me=True)["synsets"]
        rows = [(int(row["ILSVRC2012_ID"]), str(row["WNID"]), int(row["num_children"])) for row in table]
    except FileNotFoundError as error:
        hint = "it comes with ILSVRC's development kit, beside the ground truth"
        raise LossrateError(f"The ground truth's numbering is in meta.mat, and {path} is missing: {hint}") from error
    except (OSError, ValueError, LookupError, TypeError, NotImplementedError, MatReadError, zlib.error) as error:
        raise LossrateError(f"{path} is no meta.mat of ILSVRC2012: {error}") from error
    return {number: wordnet_id for number, wordnet_id, children in rows if children == 0}


def class_indices(synsets: dict[int, str]) -> dict[int, int]:
    """Class indices by ILSVRC's own number: they ascend with the WordNet id.

    :raises LossrateError: where these are not the thousand classes
    """
    ordered = sorted(synsets.values())
    if len(set(ordered)) != CLASSES:
        raise LossrateError(f"ILSVRC2012 has {CLASSES} classes, not {len(set(ordered))}")
    index = {wordnet_id: at for at, wordnet_id in enumerate(ordered)}
    return {number: index[wordnet_id] for number, wordnet_id in synsets.items()}
