"""The embedded video backend against real time, and its morphs against FFmpeg's motion interpolation. Tests nothing."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.error import BlockingIOError as NotYet
from skimage import data

from benchmarks.ratios import Ratio
from generators.animatic_generator import AnimaticGenerator
from media.colour import rgb_to_i420
from media.film_format import FilmFormat, Size
from media.flow import find_motion
from media.frames import save_png
from media.morph import Morph
from storyboard import Camera
from video_generator_interface import BackendOptions, SegmentRequest

UInt8 = npt.NDArray[np.uint8]
SECONDS = 5.0
FILM = FilmFormat(Size(1280, 720), Fraction(24))
SCENE = Size(640, 360)
GAP, KEYFRAMES = 12, 5
"""A keyframe every half second of a film of 24 frames a second: further apart, minterpolate finds nothing any more."""


def run() -> list[Ratio]:
    """Speed against real time, the outlines of layers against one smooth motion, then PSNR and speed against minterpolate
    on the same scenes in the same run."""
    return [*_against_real_time(), *_against_one_motion(), *_against_minterpolate()]


def _against_real_time() -> list[Ratio]:
    """A film has two clips made at a time, which is what two cores are for; one clip alone is said beside it."""
    related = (_shot(_photo("coffee"), 250, 200, 260, FILM.size), _shot(_photo("coffee"), 300, 190, 220, FILM.size))
    other = _shot(_photo("astronaut"), 220, 150, 300, FILM.size)
    sliding = (_laid("stands", 0)[0], _laid("stands", 1)[0])
    cases = [
        ("morph", *related), ("morph in two layers", *sliding),
        ("dissolve", related[0], other), ("one still", related[0], None),
    ]
    ratios = []
    for name, first, last in cases:
        alone, two = (_speed(first, last, clips) for clips in (1, 2))
        note = f"5 s of 720p24, keyframes read, matched, drawn, encoded; best of 3; one clip alone: {alone:.2f}"
        ratios.append(Ratio(f"real time / animatic, two clips at once, {name}", two, 2, note, "at least"))
    return ratios


def _speed(first: UInt8, last: UInt8 | None, clips: int) -> float:
    """Seconds of film made in a second."""
    generator = AnimaticGenerator(BackendOptions(), FILM)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_png(first, folder / "first.png")
        if last is not None:
            save_png(last, folder / "last.png")
        request = SegmentRequest(
            segment=1, prompt="", negative_prompt="", camera=Camera(move="push_in"), seconds=SECONDS, size=FILM.size,
            fps=FILM.fps, first_frame=folder / "first.png", last_frame=folder / "last.png" if last is not None else None,
            audio=False, seed=0,
        )

        async def make() -> None:
            paths = [folder / f"clip{number}.mp4" for number in range(clips)]
            await asyncio.gather(*(generator.generate(request, path, lambda progress: None) for path in paths))

        return clips * SECONDS / min(_seconds(lambda: asyncio.run(make())) for _ in range(3))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@dataclass
class Tally:
    """What one method did over all scenes: luma PSNR of the frames between keyframes, and how long it took."""

    psnr: list[float]
    frames: int = 0
    seconds: float = 0.0

    def compare(self, made: dict[int, UInt8], truth: Sequence[UInt8], numbers: Iterable[int]) -> None:
        height = SCENE.height
        self.psnr += [float(cv2.PSNR(made[number][:height], truth[number][:height])) for number in numbers]

    def time(self, method: Callable[[], dict[int, UInt8]]) -> dict[int, UInt8]:
        start = time.perf_counter()
        made = method()
        self.seconds += time.perf_counter() - start
        self.frames += len(made)
        return made

    @property
    def fps(self) -> float:
        return self.frames / self.seconds


LAID: dict[str, list[tuple[str, float, int, int, int | None]]] = {
    "stands": [("coffee", 3.4, -200, -167, None), ("astronaut", 1.5, 300, 0, 640)],
    "walks against the pan": [("chelsea", 4.0, -300, 120, None), ("astronaut", 1.5, 450, -150, 790)],
    "three depths": [("rocket", 3.0, -200, -40, None), ("coffee", 3.4, -300, -120, 330), ("chelsea", 4.0, -200, -260, 560)],
}
"""Scenes of layers from back to front: photograph, its scale, where it begins and how far it slides (pixels across); then
nothing for what fills the frame, where a figure stands (behind 600) or the height of a skyline."""


def _laid(scene: str, t: float) -> tuple[UInt8, npt.NDArray[np.bool_]]:
    """(H, W, 3) a scene of photographs that slide over each other, and (H, W) what is within 24 pixels of a border."""
    frame = np.zeros((FILM.size.height, FILM.size.width, 3), np.uint8)
    near = np.zeros(frame.shape[:2], np.uint8)
    for name, scale, begin, slide, place in LAID[scene]:
        way = np.array([[1, 0, begin + slide * t], [0, 1, -150 if scale > 2 else 180]], np.float64)
        picture = cv2.resize(_photo(name), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        seen = cv2.warpAffine(picture, way, FILM.size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        if place is None:
            frame = np.asarray(seen, np.uint8)
            continue
        mask = _cut(place, slide * t)
        frame = np.asarray(np.round(frame + (seen.astype(np.float32) - frame) * mask[..., None]), np.uint8)
        outline = cv2.morphologyEx(np.asarray(mask > 0.5, np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        near |= np.asarray(cv2.dilate(outline, np.ones((49, 49), np.uint8)), np.uint8)
    return frame, near > 0


def _cut(place: int, x: float) -> npt.NDArray[np.float32]:
    """(H, W) 0 to 1 a figure that stands at `place`, or a skyline at that height, moved by `x` pixels."""
    mask = np.zeros((FILM.size.height, 2 * FILM.size.width), np.uint8)
    if place > 600:
        cv2.ellipse(mask, (place, 330), (36, 46), 0, 0, 360, 255, -1)
        cv2.ellipse(mask, (place, 520), (65, 170), 0, 0, 360, 255, -1)
    else:
        for number, left in enumerate(range(0, 2 * FILM.size.width, 90)):
            mask[place + number * 37 % 100 :, left : left + 90] = 255
    moved = cv2.warpAffine(mask, np.array([[1, 0, x], [0, 1, 0]], np.float64), FILM.size)
    return np.asarray(moved / np.float32(255), np.float32)


def _against_one_motion() -> list[Ratio]:
    errors: dict[bool, list[float]] = {True: [], False: []}
    for scene in LAID:
        first, last = (rgb_to_i420(_laid(scene, t)[0]) for t in (0, 1))
        for layered, found in errors.items():
            morph = Morph(first, last, find_motion(first, last, layered=layered))
            for t in (0.25, 0.5, 0.75):
                truth, near = _laid(scene, t)
                made, meant = (planes[: FILM.size.height].astype(np.float64) for planes in (morph.frame(t), rgb_to_i420(truth)))
                found.append(10 * float(np.log10(255**2 / np.mean(np.square(made - meant)[near]))))
    layers, one = float(np.mean(errors[True])), float(np.mean(errors[False]))
    note = f"{layers:.1f} dB against {one:.1f} dB within 24 pixels of the layers' borders, {', '.join(LAID)}"
    return [Ratio("squared error at borders, of one motion / of layers", 10 ** ((layers - one) / 10), 4, note, "at least")]


def _against_minterpolate() -> list[Ratio]:
    ours, theirs = Tally([]), Tally([])
    for scene in _scenes():
        made = [ours.time(lambda: _morphed(scene)), theirs.time(lambda: _minterpolated(scene))]  # noqa: B023 (called here)
        both = made[0].keys() & made[1].keys()  # minterpolate makes nothing behind its last keyframe but one
        for tally, frames in zip((ours, theirs), made, strict=True):
            tally.compare(frames, scene, both)
    gain = float(np.mean(ours.psnr) - np.mean(theirs.psnr))
    levels = f"{float(np.mean(ours.psnr)):.1f} dB against {float(np.mean(theirs.psnr)):.1f} dB"
    quality = f"{levels} on a pan, a push, a roll and a moving part"
    speed = f"{ours.fps:.0f} against {theirs.fps:.0f} frames a second at {SCENE}, not encoded"
    return [
        Ratio("squared error of minterpolate / of the morph", 10 ** (gain / 10), 1, quality, "at least"),
        Ratio("speed of the morph / of minterpolate", ours.fps / theirs.fps, 1, speed, "at least"),
    ]


def _scenes() -> Iterator[list[UInt8]]:
    """Continuous scenes of which every GAP-th frame is a keyframe, as I420."""
    times = np.linspace(0, 1, GAP * (KEYFRAMES - 1) + 1)
    coffee, cat, woman = _photo("coffee"), _photo("chelsea"), _photo("astronaut")
    yield [rgb_to_i420(_shot(coffee, 200 + 160 * t, 200, 300, SCENE)) for t in times]
    yield [rgb_to_i420(_shot(woman, 230, 150, 400 * 0.5**t, SCENE)) for t in times]
    yield [rgb_to_i420(_shot(cat, 200 + 40 * t, 150, 300, SCENE, roll=0.2 * t)) for t in times]
    patch = cv2.resize(cat[90:200, 130:240], (110, 110))
    scene = []
    for t in times:
        frame = _shot(coffee, 250, 200, 400, SCENE)
        left = round(80 + 240 * t)
        frame[120:230, left : left + 110] = patch
        scene.append(rgb_to_i420(frame))
    yield scene


def _photo(name: str) -> UInt8:
    """A photograph that comes with scikit-image, (H, W, 3) RGB."""
    return np.asarray(getattr(data, name)(), np.uint8)


def _shot(photo: UInt8, x: float, y: float, width: float, size: Size, roll: float = 0.0) -> UInt8:
    """(H, W, 3): what a camera sees that looks at x, y, `width` pixels of the photograph across."""
    scale = width / size.width
    turn = scale * np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    shift = np.array([x, y]) - turn @ (np.array(size) / 2)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    matrix = np.column_stack([turn, shift])
    return np.asarray(cv2.warpAffine(photo, matrix, size, flags=flags, borderMode=cv2.BORDER_REFLECT_101), np.uint8)


def _morphed(scene: Sequence[UInt8]) -> dict[int, UInt8]:
    made: dict[int, UInt8] = {}
    for begin in range(0, len(scene) - 1, GAP):
        first, last = scene[begin], scene[begin + GAP]
        morph = Morph(first, last, find_motion(first, last))
        made.update({begin + step: morph.frame(step / GAP) for step in range(1, GAP)})
    return made


def _minterpolated(scene: Sequence[UInt8]) -> dict[int, UInt8]:
    """FFmpeg's motion-compensated interpolation at its best setting (aobmc), through PyAV's filter graph."""
    graph = av.filter.Graph()
    planes = av.VideoFormat("yuv420p")
    source = graph.add_buffer(width=SCENE.width, height=SCENE.height, format=planes, time_base=Fraction(1, 24))
    options = "fps=24:mi_mode=mci:mc_mode=aobmc:vsbmc=1:scd=none"
    graph.link_nodes(source, graph.add("minterpolate", options), graph.add("buffersink")).configure()
    made: dict[int, UInt8] = {}
    for number in range(0, len(scene), GAP):
        frame = av.VideoFrame.from_ndarray(scene[number], format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, 24)
        source.push(frame)
        made.update(_pulled(graph))
    source.push(None)
    made.update(_pulled(graph))
    return {number: planes for number, planes in made.items() if number % GAP and number < len(scene)}


def _pulled(graph: av.filter.Graph) -> Iterator[tuple[int, UInt8]]:
    while True:
        try:
            frame = graph.pull()
        except (NotYet, EOFError):
            return
        assert isinstance(frame, av.VideoFrame) and frame.pts is not None and frame.time_base is not None
        yield round(frame.pts * frame.time_base * 24), np.asarray(frame.to_ndarray(), np.uint8)
