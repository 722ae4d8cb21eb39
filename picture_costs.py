"""How the pictures of a film are made, as far as an estimate has to know. Reckons nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import keyframe_wishes
import picture_judge
import sheets
from config import PipelineConfig
from cost_estimator import Pictures
from errors import MediaError
from image_generator_interface import Edit, ImageGenerator, ImageRequest
from keyframe_slots import slots
from media import pictures
from media.fit import needs_borders
from orders import Orders
from storyboard import Storyboard


def to_be_paid(storyboard: Storyboard, backends: Sequence[ImageGenerator], config: PipelineConfig, orders: Orders) -> Pictures:
    """The sheets that are drawn first, how many pictures each keyframe takes, what choosing between them costs, and which of
    them will be painted on."""
    asked = [sheets.request_for(slot, storyboard, config) for slot in sheets.needed(storyboard, backends, config, orders)]
    judge = picture_judge.bound_usd(config, backends[0].terms.catalogue)
    return Pictures(asked, config.keyframes.candidates, config.keyframes.rerolls, config.keyframes.judge or "", judge,
                    _extension(storyboard, backends, config), tuple(of_another_shape(storyboard, backends, config)),
                    ("segment_00",) if config.initial_image is not None else ())


def of_another_shape(storyboard: Storyboard, backends: Sequence[ImageGenerator], config: PipelineConfig) -> Iterator[str]:
    """The names of the keyframes that will come in another shape than the film's, as the backend asked first draws them."""
    drawn = needs_borders(backends[0].capabilities.nearest(config.size), config.size)
    for slot in slots(storyboard, "keyframe", Orders()):
        given = config.initial_image if slot.name == "segment_00" else None
        if _has_another(given, config) if given is not None else drawn:
            yield slot.name


def _has_another(given: Path, config: PipelineConfig) -> bool:
    try:
        return needs_borders(pictures.picture_size(given), config.size)
    except MediaError:  # the run says so
        return False


def _extension(storyboard: Storyboard, backends: Sequence[ImageGenerator], config: PipelineConfig) -> ImageRequest | None:
    """What is asked for beyond the sides of a keyframe, where somebody paints there; its pictures are not there yet."""
    if config.fit != "outpaint" or not any(one.capabilities.outpaints for one in backends):
        return None
    request = keyframe_wishes.extension_of(slots(storyboard, "keyframe", Orders())[0], storyboard, config)
    return replace(request, edit=Edit(Path(), Path(), beyond=True))
