"""The keyframe before, of which a part is painted anew, with the mask that says which. Segments and paints nothing itself."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from image_generator_interface import Edit
from media import figures, fit, frames, masks, salience
from media.film_format import Size
from runtime import durable, identity
from runtime.run_store import RunStore
from storyboard import Segment

RECIPE = 2
"""Raised when the same pictures give another mask than before."""


def edit(run: RunStore, segment: Segment, base: Path, earlier: Path | None, size: Size) -> Edit:
    """What a backend is asked to paint anew of `base`, at the size it is asked for. Blocking.

    earlier: the keyframe before that, for an automatic mask to see what has moved. Raises NoMask when no part stands out,
    MediaError when a picture cannot be read or a mask by hand is of no use.
    """
    by_hand = None if segment.mask == "auto" else run.folder / (segment.mask or "")
    surroundings = segment.mask_keeps == "surroundings"
    asked = {"recipe": RECIPE, "base": durable.sha256_of(base), "earlier": durable.sha256_of(earlier) if earlier else None,
             "size": str(size), "surroundings": surroundings, "mask": durable.sha256_of(by_hand) if by_hand else "auto",
             "faces": salience.can_find_faces()}
    name = f"{segment.name}-{identity.wanted(asked)[:16]}"
    picture = run.derived(run.path("cache", "masks", f"{name}-base.png"), lambda part: frames.save_png(
        fit.fit(frames.load_rgb(base), size, "crop").rgb, part))
    mask = run.derived(run.path("cache", "masks", f"{name}.png"), lambda part: _draw(
        _kept(picture, by_hand, earlier, surroundings), part))
    return Edit(picture, mask)


def put_back(edit: Edit, painted: Path, to: Path) -> None:
    """The painted picture with what was to stay really in it, pixel for pixel. Blocking. Raises MediaError."""
    base, mask = frames.load_rgb(edit.base), frames.load_rgb(edit.mask)
    rgb = frames.load_rgb(painted)
    if rgb.shape != base.shape:
        rgb = fit.fit(rgb, Size(base.shape[1], base.shape[0]), "crop").rgb
    frames.save_png(masks.put_back(base, rgb, mask[..., 0] == 0), to)


def _kept(picture: Path, by_hand: Path | None, earlier: Path | None, surroundings: bool) -> masks.Bool:
    rgb = frames.load_rgb(picture)
    if by_hand is not None:
        return np.asarray(~masks.by_hand(by_hand, (rgb.shape[1], rgb.shape[0])), np.bool_)
    found = figures.subject(rgb, frames.load_rgb(earlier) if earlier else None).subject
    return np.asarray(~found if surroundings else found, np.bool_)


def _draw(kept: masks.Bool, to: Path) -> None:
    done, png = cv2.imencode(".png", masks.feathered(kept))
    assert done
    to.write_bytes(png.tobytes())
