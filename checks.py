"""Everything that can be known to be wrong before any work or money, all of it at once. Mends nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from config import PipelineConfig
from errors import BackendUnavailable, MachineTrouble, MediaError, Problem, UserMistakes
from image_generator_interface import ImageGenerator
from keyframe_slots import slots
from keyframes import user_pictures
from media import fit, frames, pictures
from orders import Orders
from runtime.run_store import RunStore
from segments import request_for, unable_to
from storyboard import Storyboard
from timeline import Timeline
from video_generator_interface import VideoGenerator

BYTES_PER_PIXEL = 0.06
"""Of an encoded frame, generously: clip, normalised clip, film and keyframes of a busy picture stay below it."""


def backends_can_run(config: PipelineConfig, videos: Sequence[VideoGenerator], images: Sequence[ImageGenerator]) -> None:
    """Raises BackendUnavailable with what keeps the chosen backends from running here.

    A fallback that cannot run is no reason to stop, as long as the primary can.
    """
    found = [*videos[0].problems()]
    pictures = {image.name: list(image.problems()) for image in images}
    if all(pictures.values()):
        found += [problem for problems in pictures.values() for problem in problems]
    if found:
        raise BackendUnavailable(found, advice="`backends` shows what can run here")
    sizes = videos[0].capabilities.sizes
    if sizes is not None and config.size not in sizes:
        allowed = ", ".join(map(str, sizes))
        raise UserMistakes([Problem("size", f"{videos[0].name} does not make {config.size}", f"it makes {allowed}")])


def before_work(config: PipelineConfig, storyboard: Storyboard, timeline: Timeline, video: VideoGenerator,
                images: Sequence[ImageGenerator], run: RunStore, orders: Orders) -> fit.FitMode:
    """Raises the error that says what keeps this plan from being made. Returns how pictures are fitted to the film."""
    plan_can_be_made(storyboard, timeline, video, config.mode, orders)
    given = pictures_are_sound(storyboard, run, config, orders)
    room_on_disk(timeline, run)
    return fit_mode(config, images, given)


def room_on_disk(timeline: Timeline, run: RunStore) -> None:
    """Raises MachineTrouble when the film will not fit on the disk, with what is needed and what is free."""
    width, height = timeline.film.size
    needed = int(4 * timeline.frames * width * height * BYTES_PER_PIXEL) + 50_000_000
    free = shutil.disk_usage(run.folder).free
    if free < needed:
        raise MachineTrouble(f"{free / 1e9:.1f} GB are free where the film goes, it may need {needed / 1e9:.1f} GB",
                             advice="make room, or choose another disk with --output-dir")


def plan_can_be_made(storyboard: Storyboard, timeline: Timeline, video: VideoGenerator, mode: str, orders: Orders) -> None:
    """Raises UserMistakes naming each segment that the backend cannot make as planned."""
    found: list[Problem] = []
    last = Path("last.png") if mode == "keyframe" else None
    for segment in storyboard.segments:
        if not orders.wants(segment.index):
            continue
        span = timeline.span(segment.index)
        request = request_for(segment, span, timeline.film, Path("first.png"), last, 0)
        found += [Problem(segment.name, reason) for reason in unable_to(video, request, span)]
    for number in sorted({*(orders.only or ()), *orders.redo}):
        if number > len(storyboard.segments):
            found.append(Problem(f"segment {number}", f"the film has {len(storyboard.segments)} segments"))
    if found:
        raise UserMistakes(found, advice=f"these cannot be made with {video.name}")


def pictures_are_sound(storyboard: Storyboard, run: RunStore, config: PipelineConfig, orders: Orders) -> list[Path]:
    """The pictures a person gave, each proven to be one. Raises UserMistakes naming the damaged and the doubled ones."""
    theirs = {slot.name: user_pictures(run, slot) for slot in slots(storyboard, config.mode, orders)}
    given = [path for paths in theirs.values() for path in paths] + ([config.initial_image] if config.initial_image else [])
    references = [run.folder / character.reference for character in storyboard.characters if character.reference]
    problems = [*_damaged([*given, *references]), *_doubled(theirs)]
    if problems:
        raise UserMistakes(problems)
    return given


def _damaged(pictures: Sequence[Path]) -> Iterator[Problem]:
    for path in pictures:
        try:
            frames.load_rgb(path)
        except MediaError as error:
            yield Problem(str(path), f"not a picture: {error}", "put a whole one there or delete the file")
        except FileNotFoundError:
            yield Problem(str(path), "there is no such picture", "check the path")


def _doubled(theirs: dict[str, list[Path]]) -> Iterator[Problem]:
    """Two pictures of the user's for one keyframe: which one counts is not ours to say."""
    for name, paths in theirs.items():
        if len(paths) > 1:
            yield Problem(f"keyframes/{name}", f"{' and '.join(path.name for path in paths)} are both there", "keep one")


def fit_mode(config: PipelineConfig, images: Sequence[ImageGenerator], given: Sequence[Path]) -> fit.FitMode:
    """One decision for the whole film, from the sizes of the pictures, so that the framing does not jump at a join."""
    if config.fit != "auto":
        return config.fit
    sizes = [images[0].capabilities.nearest(config.size), *(pictures.picture_size(path) for path in given)]
    return fit.choose_fit(sizes, config.size)
