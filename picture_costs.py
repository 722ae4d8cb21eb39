"""How the pictures of a film are made, as far as an estimate has to know. Reckons nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import keyframe_wishes
import picture_judge
import sheets
from config import PipelineConfig
from cost_estimator import Asking, Pictures
from errors import MediaError
from image_generator_interface import Edit, ImageGenerator, ImageRequest
from keyframe_slots import befores, framings, slots
from media import pictures
from media.fit import needs_borders
from orders import Orders
from storyboard import Storyboard

NOT_YET = Path("not there yet")
"""Stands for a picture that is still to be drawn: it is counted, and never read."""


def to_be_paid(storyboard: Storyboard, backends: Sequence[ImageGenerator], config: PipelineConfig, orders: Orders) -> Pictures:
    """The sheets that are drawn first, what each keyframe is asked for with and how often, what choosing between its pictures
    costs, and which of them will be painted on."""
    asked = dict(_keyframes(storyboard, backends[0], config, orders))
    return Pictures(
        sheets=[sheets.request_for(slot, storyboard, config) for slot in sheets.needed(storyboard, backends, config, orders)],
        keyframes=asked, given=("segment_00",) if config.initial_image else (), candidates=config.keyframes.candidates,
        rerolls=config.keyframes.rerolls, judge=config.keyframes.judge or "", judging=_judging(asked, backends, config),
        extension=_extension(storyboard, backends, config), extended=tuple(of_another_shape(storyboard, backends, config)))


def _keyframes(storyboard: Storyboard, backend: ImageGenerator, config: PipelineConfig,
               orders: Orders) -> Iterator[tuple[str, ImageRequest]]:
    """What is asked for at each keyframe, as the stage will ask; what guides it is not there yet."""
    framed, before, size = framings(storyboard), befores(storyboard), backend.capabilities.nearest(config.size)
    for slot in slots(storyboard, config.mode, orders):
        request = keyframe_wishes.request_for(slot, storyboard, framed[slot.name], config.output_dir, config)
        names = keyframe_wishes.guides_of(request, backend, config.keyframes.sheets, opens=slot.name not in before)
        masked = keyframe_wishes.mask_of(slot, storyboard, config.output_dir)
        names = keyframe_wishes.with_base(names, backend) if masked else names
        guides = {name: NOT_YET for name in names if not (masked and name == keyframe_wishes.MOMENT)}
        asked = keyframe_wishes.guided(request, guides)
        yield slot.name, replace(asked, edit=Edit(NOT_YET, NOT_YET), size=size) if masked else asked


def _judging(asked: Mapping[str, ImageRequest], backends: Sequence[ImageGenerator],
             config: PipelineConfig) -> dict[str, Asking]:
    catalogue = backends[0].terms.catalogue
    if picture_judge.endpoint(config, catalogue) is None:
        return {}
    return {name: picture_judge.asking(config, catalogue, len(request.pictures())) for name, request in asked.items()}


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
