"""Exact frames out of awkward clips, and awkward picture files read as they look."""

from __future__ import annotations

import io
import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from errors import MediaError
from media.frames import first_frame, frame_at, last_frame, load_rgb, save_png
from tests.clips import barcoded, film_clip, number_in

CLIPS = {
    "plain": lambda path: barcoded(path, 60, x264={"bf": "0"}),
    "b-frames": lambda path: barcoded(path, 60, x264={"preset": "medium", "bf": "3", "g": "250"}),
    "16 fps": lambda path: barcoded(path, 60, 16, x264={"bf": "2", "g": "20"}),
    "variable rate": lambda path: barcoded(path, 60, 24, times=[n * 40 + n * n * 3 for n in range(60)], x264={"bf": "2"}),
    "sound goes on": lambda path: barcoded(path, 60, 24, sound_s=4.0, x264={"bf": "2"}),
    "the film's own": lambda path: film_clip(path, range(60)),
}


@pytest.mark.parametrize("kind", CLIPS)
def test_the_last_the_first_and_any_frame_are_exactly_those(tmp_path, kind):
    path = CLIPS[kind](tmp_path / "a.mp4")
    assert number_in(last_frame(path)) == 59
    assert number_in(first_frame(path)) == 0
    assert [number_in(frame_at(path, number)) for number in (1, 17, 31, 58)] == [1, 17, 31, 58]


def test_a_frame_that_is_not_there_is_an_error(tmp_path):
    path = film_clip(tmp_path / "a.mp4", range(5))
    with pytest.raises(MediaError, match="no frame 5: the file has 5"):
        frame_at(path, 5)


def _whole_packets(path, size):
    """The times of the packets that lie within the first `size` bytes."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        return [packet.pts or 0 for packet in packets if (packet.pos or 0) + packet.size <= size]


@pytest.mark.parametrize("x264", [{"bf": "0"}, {"preset": "medium", "bf": "2", "g": "12"}])
def test_of_a_clip_that_breaks_off_the_last_whole_frame_is_taken(tmp_path, x264):
    path = barcoded(tmp_path / "a.mp4", 60, x264=x264, container={"movflags": "faststart"})
    whole = path.read_bytes()
    cut = len(whole) * 7 // 10
    expected = max(_whole_packets(path, cut)) // 512
    path.write_bytes(whole[:cut])
    assert number_in(last_frame(path)) == expected


def test_a_clip_cut_off_before_its_index_says_so(tmp_path):
    path = barcoded(tmp_path / "a.mp4", 60)
    path.write_bytes(path.read_bytes()[:6000])
    with pytest.raises(MediaError, match="moov atom not found"):
        last_frame(path)


def test_a_clip_filmed_upright_is_turned_upright(tmp_path):
    path = barcoded(tmp_path / "a.mp4", 3, Fraction(24), rotate=90)
    picture = first_frame(path)
    assert picture.shape == (320, 180, 3)
    assert number_in(first_frame(barcoded(tmp_path / "b.mp4", 3))) == 0


def _corners(rgb):
    """Left top is red, right top green, left bottom blue."""
    height, width = rgb.shape[:2]
    spots = (rgb[height // 4, width // 4], rgb[height // 4, width * 3 // 4], rgb[height * 3 // 4, width // 4])
    return [int(spot.argmax()) for spot in spots]


def _picture():
    rgb = np.zeros((40, 80, 3), np.uint8)
    rgb[:20, :40, 0], rgb[:20, 40:, 1], rgb[20:, :40, 2] = 220, 220, 220
    return Image.fromarray(rgb)


def test_a_photograph_held_sideways_is_turned(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    _picture().transpose(Image.Transpose.ROTATE_90).save(tmp_path / "a.jpg", exif=exif, quality=95)
    rgb = load_rgb(tmp_path / "a.jpg")
    assert rgb.shape == (40, 80, 3)
    assert _corners(rgb) == [0, 1, 2]


@pytest.mark.parametrize("mode", ["P", "CMYK", "RGBA"])
def test_palette_cmyk_and_alpha_pictures_look_the_same(tmp_path, mode):
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    _picture().convert(mode).save(path, **({"quality": 95} if mode == "CMYK" else {}))
    rgb = load_rgb(path)
    assert rgb.shape == (40, 80, 3)
    assert rgb.dtype == np.uint8
    assert _corners(rgb) == [0, 1, 2]


def test_what_is_transparent_becomes_neutral_grey(tmp_path):
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(tmp_path / "a.png")
    Image.new("LA", (8, 8), (255, 128)).save(tmp_path / "b.png")
    assert np.all(load_rgb(tmp_path / "a.png") == 128)
    assert np.all(abs(load_rgb(tmp_path / "b.png").astype(int) - 192) <= 1)


def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path):
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)
    Image.fromarray(np.tile(ramp, (4, 1))).save(tmp_path / "a.png")
    assert np.array_equal(load_rgb(tmp_path / "a.png")[0, :, 1], np.arange(256))


def test_a_picture_with_a_colour_profile_is_brought_to_srgb(tmp_path):
    lab = ImageCms.createProfile("sRGB")
    profile = ImageCms.ImageCmsProfile(lab).tobytes()
    _picture().save(tmp_path / "a.png", icc_profile=profile)
    _picture().save(tmp_path / "b.png", icc_profile=b"no profile at all")
    assert _corners(load_rgb(tmp_path / "a.png")) == _corners(load_rgb(tmp_path / "b.png")) == [0, 1, 2]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_damaged_picture_is_an_error_and_not_half_a_picture(tmp_path, kind):
    memory = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(memory, kind)
    (tmp_path / "a").write_bytes(memory.getvalue()[: len(memory.getvalue()) // 2])
    with pytest.raises(MediaError):
        load_rgb(tmp_path / "a")


def test_no_picture_and_no_file_are_told_apart(tmp_path):
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(MediaError, match="not a picture"):
        load_rgb(tmp_path / "a.png")
    with pytest.raises(MediaError, match="no such file"):
        load_rgb(tmp_path / "b.png")


@pytest.mark.filterwarnings("ignore:Image size")
@pytest.mark.parametrize("side", [11_000, 60_000])
def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path, side):
    header = struct.pack(">II", side, side) + b"\x08\x02\0\0\0"
    with (tmp_path / "a.png").open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        PngImagePlugin.putchunk(file, b"IHDR", header)
        PngImagePlugin.putchunk(file, b"IDAT", b"")
    with pytest.raises(MediaError, match="up to 100 million"):
        load_rgb(tmp_path / "a.png")


def test_a_png_goes_to_exactly_that_name_and_always_as_the_same_bytes(tmp_path):
    rgb = np.random.default_rng(0).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    save_png(rgb, tmp_path / "a.png.part")
    save_png(rgb[:, :], tmp_path / "b")
    assert (tmp_path / "a.png.part").read_bytes() == (tmp_path / "b").read_bytes()
    assert np.array_equal(load_rgb(tmp_path / "b"), rgb)
