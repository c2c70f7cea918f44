"""The photos of a turn, as they lie in a folder and as a client may shrink them before the upload."""

import hashlib
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from lossrate.errors import LossrateError

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp"}
"""Of what Pillow reads everywhere."""

SHORT_SIDE = 256
"""Pixels. The recogniser scales to it before it cuts 224 x 224 out of the middle: more is not looked at."""

JPEG = {"quality": 85, "subsampling": 0}
"""With its colours as fine as its brightness (4:4:4). Photos of 110 KB become 31 KB on average, and of the 100 test
photos 98 keep the class that they have at their full size; with coarser colours (4:2:0) 25 KB, and 92."""


@dataclass(frozen=True)
class Photo:
    """A file, and what it truly shows where that is known."""

    name: str
    data: bytes
    truth: int | None


def load_photos(folder: Path, labels: dict[str, int], count: int, seed: int) -> list[Photo]:
    """Take so many photos of a folder: the same ones in the same order for the same seed.

    :raises LossrateError: where there are fewer
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise LossrateError(f"{folder} cannot be read: {error}") from error
    if len(paths) < count:
        raise LossrateError(f"{folder} has {len(paths)} photos, and a turn takes {count}: see --photos")
    if labels and not any(path.name in labels for path in paths):
        raise LossrateError(f"The labels are of none of the photos in {folder}: of {next(iter(labels))}, for one")
    chosen = random.Random(seed).sample(paths, count)  # noqa: S311
    return [Photo(path.name, path.read_bytes(), labels.get(path.name)) for path in chosen]


def digest_of(photos: Sequence[Photo]) -> str:
    """SHA-256 of their names, their bytes and what they show."""
    digest = hashlib.sha256()
    for photo in photos:
        digest.update(f"{photo.name} {photo.truth} {hashlib.sha256(photo.data).hexdigest()}\n".encode())
    return digest.hexdigest()


def shrink(data: bytes) -> bytes:
    """Scale a photo so that its short side is 256 pixels; one that would not get smaller stays as it is.

    The same bytes always make the same bytes, so that a photo has the same class at each rate.

    :raises LossrateError: where it is no photo that Pillow reads
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            # A JPEG is decoded at a half or a quarter of its size where that suffices.
            image.draft("RGB", (2 * SHORT_SIDE, 2 * SHORT_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise LossrateError(f"A photo cannot be scaled: {error}") from error
    scale = SHORT_SIDE / min(upright.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in upright.size)
        upright = upright.resize((width, height), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    upright.save(buffer, "JPEG", **JPEG)
    shrunk = buffer.getvalue()
    return shrunk if len(shrunk) < len(data) else data
