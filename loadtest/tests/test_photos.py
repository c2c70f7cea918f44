import io
from pathlib import Path

import pytest
from PIL import Image

from conftest import draw
from lossrate.errors import LossrateError
from lossrate.photos import load_photos, shrink


def size_of(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
        return width, height


def test_scales_the_short_side_to_256_pixels() -> None:
    assert size_of(shrink(draw(1200, 900))) == (341, 256)
    assert size_of(shrink(draw(300, 900))) == (256, 768)


def test_makes_the_same_bytes_of_the_same_photo() -> None:
    data = draw(1200, 900)
    assert shrink(data) == shrink(data)
    assert len(shrink(data)) < len(data) / 3


def test_turns_a_photo_upright() -> None:
    image = Image.new("RGB", (800, 600))
    exif = Image.Exif()
    exif[0x0112] = 6  # To be turned by 90 degrees.
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    assert size_of(shrink(buffer.getvalue())) == (256, 341)


def test_leaves_a_photo_that_would_not_get_smaller() -> None:
    data = draw(64, 48, quality=20)
    assert shrink(data) == data


def test_says_what_is_no_photo() -> None:
    with pytest.raises(LossrateError, match="cannot be scaled"):
        shrink(b"no photo")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(20):
        (tmp_path / f"{number:02d}.JPEG").write_bytes(draw(20 + number, 20))
    (tmp_path / "labels.csv").write_text("file,class_index\n")
    return tmp_path


def test_takes_the_same_photos_for_the_same_seed(folder: Path) -> None:
    names = [photo.name for photo in load_photos(folder, {}, 5, seed=7)]
    assert names == [photo.name for photo in load_photos(folder, {}, 5, seed=7)]
    assert len(set(names)) == 5
    assert names != [photo.name for photo in load_photos(folder, {}, 5, seed=8)]


def test_knows_what_photos_show(folder: Path) -> None:
    photos = load_photos(folder, {"03.JPEG": 9}, 20, seed=1)
    assert {photo.name: photo.truth for photo in photos if photo.truth is not None} == {"03.JPEG": 9}


def test_says_how_many_photos_there_are(folder: Path) -> None:
    with pytest.raises(LossrateError, match="has 20 photos, and a turn takes 21"):
        load_photos(folder, {}, 21, seed=1)
