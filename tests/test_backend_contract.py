"""What every registered backend keeps: run over the tables, so that a new line is tested by being there."""

import asyncio
from fractions import Fraction

import cv2
import pytest

import generators.factory
import image_generators.factory
from errors import Cancelled, GenerationFailed
from image_generator_interface import Figure, Framing, ImageRequest, Place
from media import frames, probe
from media.film_format import FilmFormat, Size
from storyboard import Camera
from timeline import film_frames
from video_generator_interface import SegmentRequest

FILM = FilmFormat(Size(160, 90), Fraction(12))
VIDEOS = sorted(name for name in generators.factory.BUILTIN if not generators.factory.registry.load(name).charges)
"""Those that charge are held against the servers that bill, each in a test file of its own."""
IMAGES = sorted(name for name in image_generators.factory.BUILTIN if not image_generators.factory.registry.load(name).charges)


def video(name):
    backend = generators.factory.registry.load(name)
    return backend(backend.Options(), FILM)


def image(name):
    backend = image_generators.factory.registry.load(name)
    return backend(backend.Options(), FILM)


def picture(name="sketch", keyframe="segment_00", framing=None, size=FILM.size, **words):
    return ImageRequest(keyframe=keyframe, prompt=words.get("prompt", "A harbour at dusk, a woman in a red coat"),
                        negative_prompt="", style="", size=size, seed=7, framing=framing or Framing(),
                        place=Place("harbour", "an old harbour"), figures=(Figure("Mara", "a woman in a red coat"),))


def draw(request, to, name="sketch", report=lambda progress: None):
    asyncio.run(image(name).generate(request, to, report))
    return frames.load_rgb(to)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    for number, framing in enumerate((Framing(), Framing(x=0.1, zoom=1.2))):
        draw(picture(framing=framing), folder / f"{number}.png")
    return folder / "0.png", folder / "1.png"


def request(pair, backend, **changes):
    wanted = {"segment": 1, "prompt": "The woman walks along the quay.", "negative_prompt": "", "camera": Camera(),
              "seconds": backend.capabilities.durations.nearest(1.0), "size": FILM.size, "fps": FILM.fps,
              "first_frame": pair[0], "last_frame": pair[1] if backend.capabilities.last_frame else None, "audio": False,
              "seed": 1}
    return SegmentRequest(**{**wanted, **changes})


@pytest.mark.parametrize("name", VIDEOS)
class TestVideoBackend:
    def test_it_delivers_the_frames_it_promises_between_its_keyframes(self, name, pair, tmp_path):
        backend = video(name)
        asked = request(pair, backend)
        asyncio.run(backend.generate(asked, tmp_path / "clip.mp4.part", lambda progress: None))
        facts = probe.probe(tmp_path / "clip.mp4.part")
        promised = backend.capabilities.frames(asked.seconds)
        assert facts.frames >= promised
        assert film_frames(promised, backend.capabilities.fps, FILM) > 1
        assert cv2.PSNR(frames.first_frame(tmp_path / "clip.mp4.part"), frames.load_rgb(pair[0])) > 25
        assert cv2.PSNR(frames.last_frame(tmp_path / "clip.mp4.part"), frames.load_rgb(pair[1])) > 25

    def test_its_durations_allow_what_they_say_is_nearest(self, name, pair):
        durations = video(name).capabilities.durations
        for seconds in (0.01, 1.0, 2.34, 5.0, 8.0, 1000.0):
            assert durations.allow(durations.nearest(seconds))
        assert durations.shortest <= durations.longest

    def test_it_stops_when_the_report_says_so(self, name, pair, tmp_path):
        def stop(progress):
            raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            asyncio.run(video(name).generate(request(pair, video(name)), tmp_path / "clip.mp4.part", stop))

    def test_a_picture_it_cannot_read_is_a_failure_with_a_reason(self, name, pair, tmp_path):
        (tmp_path / "broken.png").write_bytes(b"no picture")
        with pytest.raises(GenerationFailed, match=r"\w"):
            asyncio.run(video(name).generate(request((tmp_path / "broken.png", pair[1]), video(name)),
                                             tmp_path / "clip.mp4.part", lambda progress: None))

    def test_its_identity_changes_with_what_alters_the_clip_only(self, name):
        assert dict(video(name).identity()) == dict(video(name).identity())
        assert video(name).identity()["backend"] == name


@pytest.mark.parametrize("name", IMAGES)
class TestImageBackend:
    @pytest.mark.parametrize("size", [Size(160, 90), Size(90, 160), Size(128, 128)])
    def test_it_draws_a_size_it_offers(self, name, size, tmp_path):
        offered = image(name).capabilities.nearest(size)
        assert draw(picture(size=offered), tmp_path / "a.png.part", name).shape == (offered.height, offered.width, 3)

    def test_it_stops_when_the_report_says_so(self, name, tmp_path):
        def stop(progress):
            raise Cancelled("stopped")

        with pytest.raises(Cancelled):
            draw(picture(), tmp_path / "a.png", name, stop)

    def test_its_identity_names_it(self, name):
        assert image(name).identity()["backend"] == name
