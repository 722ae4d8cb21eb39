"""What is wrong with a keyframe before a clip is bought from it, told from its pixels. Draws nothing and buys nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from media import frames, pictures, scores
from media.film_format import Size
from media.fit import kept_by_crop
from storyboard import Segment

FLAT = 12.0
"""Of 255: a picture whose colours lie within this is blank. Fog and night of the sketches and photographs have over 40."""
FILTERED = 2.2
"""Pixels of 512: sharpest edges as wide as this come from a blur of about half a per cent of the picture. Photographs and
sketches have 0.4 to 1.3; what a content filter returns has over 5 (tests/test_scores.py measures both)."""
FROZEN = 3.0
"""Of 255, in the tile that changes most. Noise and another encoding make less than 1.5, a zoom of 1 % makes 1.8 to 13."""
SAME_PLACE, SAME_COLOURS = 0.65, 12.0
"""A keyframe in whose neighbour less structure than this is found again, and whose colours are further away than this: another
picture. Zooms to 1.7, pans, a light gone dark or warm keep 0.68 or more; two thirds of unrelated photographs are told apart."""
SHAPE_KEPT = 0.97
"""How much of a picture has to be left when it is cut to the shape that was asked for."""
STILL = ("motionless", "nothing moves", "freeze frame", "frozen in time", "a still image", "completely still")


@dataclass(frozen=True)
class Neighbour:
    """The keyframe before in the scene, and the segment that goes from it to the one looked at."""

    picture: Path
    segment: Segment


def findings(picture: Path, before: Neighbour | None = None) -> list[str]:
    """What is wrong with a picture, each said so that a person understands; empty when nothing is. Blocking.

    Raises MediaError when it cannot be read.
    """
    rgb = frames.load_rgb(picture)
    if scores.contrast(rgb) < FLAT:
        return ["it is blank"]
    if scores.edge_width(rgb) > FILTERED:
        return ["all of it is blurred, as by a content filter"]
    if before is None:
        return []
    earlier = frames.load_rgb(before.picture)
    if asks_for_motion(before.segment) and scores.most_changed(earlier, rgb) < FROZEN:
        return ["it is nearly identical to the one before, and a clip between the two would stand still"]
    if scores.structure(earlier, rgb) < SAME_PLACE and scores.palette_distance(earlier, rgb) > SAME_COLOURS:
        return ["it shows something else than the one before, though the join is continuous"]
    return []


def shape_finding(picture: Path, asked: Size | None, film: Size) -> list[str]:
    """That a picture is of another shape than the backend was asked for; None is a picture nobody asked for.

    One that is nearer to the film's shape is no worse: a model that goes on from a picture draws in the shape of that.
    """
    size = pictures.picture_size(picture)
    if asked is None or size == asked or kept_by_crop(size, asked) >= SHAPE_KEPT:
        return []
    if kept_by_crop(size, film) >= kept_by_crop(asked, film):
        return []
    return [f"it is {size}, where {asked} was asked for"]


def asks_for_motion(segment: Segment) -> bool:
    """Whether anything is to move or change from its first to its last frame."""
    words = segment.video_prompt.lower()
    return segment.camera.move != "static" or not any(still in words for still in STILL)
