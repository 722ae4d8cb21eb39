"""Everything that can be known to be wrong before any work or money, all of it at once. Mends nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from config import PipelineConfig
from errors import BackendUnavailable, MachineTrouble, MediaError, Problem, UserMistakes
from image_generator_interface import ImageGenerator
from keyframe_slots import sheet_slots, slots
from keyframe_wishes import PICTURES, user_pictures, user_sheets
from media import fit, frames, pictures
from orders import Orders
from runtime import durable
from runtime.run_store import RunStore
from segments import request_for
from storyboard import Storyboard
from timeline import Span, Timeline, unable_to
from video_generator_interface import VideoGenerator

BYTES_PER_PIXEL = 0.06
"""Of an encoded frame, generously: clip, normalised clip, film and keyframes of a busy picture stay below it."""


@dataclass(frozen=True)
class Able:
    """The backends that can run here, the primary first, and what keeps the fallbacks that were left out."""

    videos: list[VideoGenerator]
    images: list[ImageGenerator]
    notes: list[str]


def able_backends(config: PipelineConfig, videos: Sequence[VideoGenerator], images: Sequence[ImageGenerator],
                  orders: Orders) -> Able:
    """Raises BackendUnavailable with what keeps the chosen backends from running here.

    A fallback that cannot run is no reason to stop: it is left out, and that is said. For a preview they need not run.
    """
    found = [*videos[0].problems(), *images[0].problems()]
    if found and not orders.preview_only:
        raise BackendUnavailable(found, advice="`backends` shows what can run here")
    sizes = videos[0].capabilities.sizes
    if sizes is not None and config.size not in sizes:
        allowed = ", ".join(map(str, sizes))
        raise UserMistakes([Problem("size", f"{videos[0].name} does not make {config.size}", f"it makes {allowed}")])
    notes = [f"a run cannot start here yet: {problem}" for problem in found]
    notes += [said for video in videos for said in video.warnings()] + [said for image in images for said in image.warnings()]
    unable = {video.name: list(video.problems()) for video in videos[1:]}
    unable.update({image.name: list(image.problems()) for image in images[1:]})
    notes += [f"the fallback {name} cannot run here: {problem}" for name, problems in unable.items() for problem in problems]
    return Able([video for video in videos if not unable.get(video.name)],
                [image for image in images if not unable.get(image.name)], notes)


def before_work(config: PipelineConfig, storyboard: Storyboard, timeline: Timeline, able: Able, run: RunStore,
                orders: Orders) -> fit.FitMode:
    """Raises the error that says what keeps this plan from being made. Returns how pictures are fitted to the film.

    Blocking: a person's pictures are decoded.
    """
    for note in able.notes:
        run.events.emit("note", "", note)
    plan_can_be_made(storyboard, timeline, able.videos[0], config, orders)
    masks_can_be_made(storyboard, able.images[0], config, run.folder)
    given = pictures_are_sound(storyboard, run, config)
    for note in fit_notes(config, able.images, given):
        run.events.emit("note", "", note)
    room_on_disk(timeline, run)
    return fit_mode(config, able.images, given)


def room_on_disk(timeline: Timeline, run: RunStore) -> None:
    """Raises MachineTrouble when the film will not fit on the disk, with what is needed and what is free."""
    width, height = timeline.film.size
    needed = int(4 * timeline.frames * width * height * BYTES_PER_PIXEL) + 50_000_000
    free = shutil.disk_usage(run.folder).free
    if free < needed:
        raise MachineTrouble(f"{free / 1e9:.1f} GB are free where the film goes, it may need {needed / 1e9:.1f} GB",
                             advice="make room, or choose another disk with --output-dir")


def plan_can_be_made(storyboard: Storyboard, timeline: Timeline, video: VideoGenerator, config: PipelineConfig,
                     orders: Orders) -> None:
    """Raises UserMistakes naming each segment that the backend cannot make as planned, or that the film does not have."""
    _known_segments(storyboard, orders)
    found: list[Problem] = []
    last = Path("last.png") if config.mode == "keyframe" else None
    for segment in storyboard.segments:
        span = timeline.span(segment.index)
        found += [Problem(segment.name, reason) for reason in _too_short(timeline, span)]
        if orders.wants(segment.index):
            request = request_for(segment, span, timeline.film, Path("first.png"), last, 0, audio=config.audio)
            found += [Problem(segment.name, reason) for reason in unable_to(video, request, span)]
    if found:
        raise UserMistakes(found, advice=f"these cannot be made with {video.name}")


def masks_can_be_made(storyboard: Storyboard, image: ImageGenerator, config: PipelineConfig, folder: Path) -> None:
    """Raises UserMistakes naming each segment whose mask the image backend has no use for, or whose mask is not there."""
    found: list[Problem] = []
    for segment in storyboard.segments:
        if segment.mask is None:
            continue
        if config.mode == "chaining":
            found.append(Problem(segment.name, "has a mask, and in chaining mode no keyframe ends it", "take the mask out"))
        elif not image.capabilities.edits:
            found.append(Problem(segment.name, f"has a mask, and {image.name} paints no part of a picture anew",
                                 "take the mask out, or choose an image backend that can (`backends` says which)"))
        elif segment.mask != "auto" and not (folder / segment.mask).is_file():
            found.append(Problem(segment.name, f"its mask is not there: {segment.mask}", "write auto, or a picture's path"))
    if found:
        raise UserMistakes(found)


def _too_short(timeline: Timeline, span: Span) -> Iterator[str]:
    if span.owned < 1:
        yield "is shorter than one frame of the film"
    elif span.segment < len(timeline.spans) and timeline.span(span.segment + 1).lead > span.owned:
        lead = timeline.span(span.segment + 1).lead
        yield f"has {span.owned} frames of its own, and {lead} are to dissolve into the next segment"


def _known_segments(storyboard: Storyboard, orders: Orders) -> None:
    most = len(storyboard.segments)
    for option, numbers in (("--only", orders.only or ()), ("--redo", orders.redo)):
        unknown = [number for number in numbers if number > most]
        if unknown:
            raise UserMistakes([Problem(option, f"there is no segment {min(unknown)}", f"the film has {most} segments")])
    outside = sorted(number for number in orders.redo if not orders.wants(number))
    if outside:
        raise UserMistakes([Problem("--redo", f"segment {outside[0]} is left out by --only", "name it in both")])


def pictures_are_sound(storyboard: Storyboard, run: RunStore, config: PipelineConfig) -> list[Path]:
    """The pictures a person gave for the film, each proven to be one. Raises UserMistakes naming the damaged and the doubled
    ones; says which pictures in keyframes/ the film has no place for."""
    wanted = slots(storyboard, config.mode, Orders())
    theirs = {slot.name: user_pictures(run, slot) for slot in wanted}
    given = [path for paths in theirs.values() for path in paths] + ([config.initial_image] if config.initial_image else [])
    references = [run.folder / character.reference for character in storyboard.characters if character.reference]
    references += [path for slot in sheet_slots(storyboard, Orders()) for path in user_sheets(run, slot)]
    problems = [*_damaged([*given, *references], run), *_doubled(theirs)]
    if problems:
        raise UserMistakes(problems)
    _name_unused({slot.name for slot in wanted}, run)
    return given


def _name_unused(names: set[str], run: RunStore) -> None:
    """A picture under a name that no keyframe of this film has would otherwise be passed over without a word."""
    folder = run.folder / "keyframes"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        ours = path.is_file() and run.ledger.made_by_us(durable.sha256_of(path))
        if path.is_file() and path.suffix.lower() in PICTURES and path.stem not in names and not ours:
            run.events.emit("note", "", f"keyframes/{path.name} is not used: the film has no keyframe of that name "
                                        f"(they are called {', '.join(sorted(names)[:3])} ...)")


def _damaged(pictures: Sequence[Path], run: RunStore) -> Iterator[Problem]:
    """Each picture is decoded once in the life of a run folder; after that its hash is known."""
    for path in pictures:
        run.cancel.check()
        if not path.is_file():
            yield Problem(str(path), "there is no such picture", "check the path")
            continue
        digest = durable.sha256_of(path)
        if run.ledger.announced("sound picture", digest):
            continue
        try:
            frames.load_rgb(path)
        except MediaError as error:
            yield Problem(str(path), f"not a picture: {error}", "put a whole one there or delete the file")
        else:
            run.ledger.announce("sound picture", digest)


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


def fit_notes(config: PipelineConfig, images: Sequence[ImageGenerator], given: Sequence[Path]) -> Iterator[str]:
    """What a person should know who wants pictures painted on: that nobody does, where pictures come in another shape."""
    if config.fit != "outpaint" or any(image.capabilities.outpaints for image in images):
        return
    sizes = [images[0].capabilities.nearest(config.size), *(pictures.picture_size(path) for path in given)]
    if any(fit.needs_borders(size, config.size) for size in sizes):
        yield ("fit: outpaint: no image backend of this film paints beyond a picture's sides, so borders are mirrored "
               "(`backends` shows which can)")
