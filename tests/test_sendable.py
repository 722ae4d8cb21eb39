"""Pictures as bytes that a provider takes."""

import base64
import io

import pytest
from PIL import Image

from errors import MediaError
from media.film_format import Size
from media.sendable import SentPicture, most_bytes_of, sendable

SIZE = Size(320, 180)


def noise(folder, name="a.png"):
    path = folder / name
    Image.effect_noise(SIZE, 60).convert("RGB").save(path)
    return path


def opened(sent):
    return Image.open(io.BytesIO(sent.data))


def sent_as(path, most_bytes, size=SIZE):
    sent = sendable(path, most_bytes, size)
    assert sent is not None and len(sent.data) <= most_bytes
    return sent


def test_a_png_that_is_small_enough_goes_as_it_is(tmp_path):
    path = noise(tmp_path)
    sent = sent_as(path, path.stat().st_size, Size(64, 36))
    assert (sent.data, sent.kind) == (path.read_bytes(), "image/png")
    assert base64.b64decode(sent.data_uri.partition("data:image/png;base64,")[2]) == sent.data


def test_a_larger_one_goes_as_the_best_jpeg_that_fits_and_no_larger_than_the_model_works_at(tmp_path):
    path = noise(tmp_path)
    best = sent_as(path, path.stat().st_size - 1)
    assert (best.kind, opened(best).size, opened(best).format) == ("image/jpeg", (320, 180), "JPEG")
    assert opened(sent_as(path, len(best.data) - 1)).size == (320, 180)
    assert opened(sent_as(path, 20_000, Size(160, 90))).size == (160, 90)


def test_another_kind_of_picture_becomes_a_jpeg_and_one_that_cannot_fit_is_none(tmp_path):
    other = noise(tmp_path, name="a.bmp")
    assert sent_as(other, 1_000_000).kind == "image/jpeg"
    assert sendable(noise(tmp_path), 2_000, SIZE) is None


def test_what_is_no_picture_is_said(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(MediaError, match=r"a\.png"):
        sendable(tmp_path / "a.png", 1_000_000, SIZE)


@pytest.mark.parametrize("limit", [1_000, 1_001, 1_002, 1_003, 5_000_000])
def test_a_data_uri_of_the_most_bytes_keeps_its_limit(limit):
    filled = SentPicture(b"x" * most_bytes_of(limit), "image/jpeg")
    assert limit - 4 < len(filled.data_uri) <= limit
