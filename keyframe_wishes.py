"""What is asked for at each keyframe, and what it is known by: requests, wishes, a person's own pictures. Draws nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from config import PipelineConfig
from image_generator_interface import Figure, Framing, ImageGenerator, ImageRequest, Place
from keyframe_slots import SheetSlot, Slot, closing, file_name
from media import fit, pictures, salience
from media.film_format import Size
from runtime import durable
from runtime.identity import seed_of
from runtime.run_folder import RunFolder
from runtime.run_store import Wish
from storyboard import THE_MOMENT_BEFORE, Character, Storyboard

MOMENT = THE_MOMENT_BEFORE
"""What the keyframe before is called among the pictures that guide one, as in `ImageRequest.pictures`."""
EXTENSION = 1
"""Raised when the same picture is to be extended otherwise than before."""
BEYOND = "The same picture goes on beyond its sides: more of {where}, in the same light, with nobody and nothing new in it."
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")


def user_pictures(run: RunFolder, slot: Slot) -> list[Path]:
    """The pictures in keyframes/ that a person put there under the slot's name, whatever their format; not ours."""
    return own_pictures(run, slot.name, slot.node)


def own_pictures(run: RunFolder, name: str, node: str) -> list[Path]:
    """The same by the keyframe's name. Ours are those the ledger knows and, should the ledger have been lost, those that lie
    among its takes."""
    found: list[Path] = []
    folder, before = run.folder / "keyframes", f"{name}."
    for path in [folder / one for one in sorted(_names(folder)) if one.startswith(before)]:
        if path.suffix.lower() in PICTURES and path.is_file():
            digest = durable.sha256_of(path)
            takes = (run.folder / "takes" / name).glob("keyframe-*")
            if not run.ledger.known(node, digest) and digest not in map(durable.sha256_of, takes):
                found.append(path)
    return found


def _names(folder: Path) -> list[str]:
    """What lies in a folder: asked once a keyframe, so by the quickest way there is."""
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def request_for(slot: Slot, storyboard: Storyboard, framing: Framing, folder: Path, config: PipelineConfig) -> ImageRequest:
    """What an image backend is asked for this keyframe. Pictures of characters are looked for in the run folder."""
    segment = storyboard.segment(slot.segment)
    prompt = segment.first_keyframe_prompt if slot.role == "first" else segment.last_keyframe_prompt
    place = storyboard.place(segment.location)
    return ImageRequest(
        keyframe=slot.name, prompt=prompt or segment.last_keyframe_prompt, negative_prompt=segment.negative_prompt,
        style=storyboard.style, size=config.size, seed=seed_of(config.seed, "film"),
        framing=framing, beat=beat_of(slot, storyboard),
        place=Place(place.name, place.description) if place else None,
        figures=tuple(_figure(storyboard.character(name), folder) for name in segment.characters))


def beat_of(slot: Slot, storyboard: Storyboard) -> int:
    """How many segments of its scene lie before the keyframe; so that a scene put in elsewhere changes no picture here."""
    first = slot.segment
    while not storyboard.segment(first).opens_a_scene:
        first -= 1
    return slot.segment - first + (slot.role == "last")


def _figure(character: Character, folder: Path) -> Figure:
    return Figure(character.name, character.description, folder / character.reference if character.reference else None)


def wish_for(slot: Slot, request: ImageRequest, backend: ImageGenerator, guided_by: Sequence[str] = (),
             mask: Sequence[str] = ()) -> Wish:
    """Everything the picture of a keyframe depends on; of the pictures it is guided by only that they are there.

    guided_by: those that are made for it, as `guides_of` names them. mask: as `mask_of` says.
    """
    asked: dict[str, Any] = {
        "kind": "keyframe", "image_backend": dict(backend.identity()), "prompt": request.prompt,
        "negative_prompt": request.negative_prompt, "style": request.style, "size": str(request.size),
        "seed": request.seed, "beat": request.beat,
        "framing": [request.framing.shot, request.framing.x, request.framing.y, request.framing.zoom],
        "location": [request.place.name, request.place.description] if request.place else None,
        "characters": [[figure.name, figure.description, figure.reference is not None] for figure in request.figures],
    }
    if mask:
        asked["mask"] = list(mask)
    if guided_by:
        asked["guided_by"] = list(guided_by)
    return Wish(slot.node, asked, () if backend.framed else ("beat", "framing"), backend.name)


def wish_for_adopted(slot: Slot, sha256: str) -> Wish:
    """The wish that a person's own picture with these bytes fulfils."""
    return Wish(slot.node, {"kind": "keyframe", "user_picture": sha256})


def wish_for_initial(slot: Slot, sha256: str) -> Wish:
    """The wish for the picture that the config opens the film with."""
    return Wish(slot.node, {"kind": "keyframe", "initial_image": sha256})


def extension_of(slot: Slot, storyboard: Storyboard, config: PipelineConfig) -> ImageRequest:
    """What an image backend is asked to paint beyond the sides of a keyframe: the place it shows, and nobody in it."""
    segment = storyboard.segment(slot.segment)
    place = storyboard.place(segment.location)
    shown = segment.first_keyframe_prompt if slot.role == "first" else segment.last_keyframe_prompt
    where = f"{place.name}, {place.description}" if place else f"the place of this: {shown or segment.last_keyframe_prompt}"
    return ImageRequest(keyframe=slot.name, prompt=BEYOND.format(where=where.strip(" .,")), negative_prompt="",
                        style=storyboard.style, size=config.size, seed=seed_of(config.seed, "film"), framing=Framing())


def wish_for_extension(slot: Slot, request: ImageRequest, sha256: str) -> Wish:
    """Everything the borders of the picture with these bytes depend on. Not who paints them: what was bought counts, whoever
    is asked by now."""
    return Wish(f"extension {slot.name}", {
        "kind": "extension", "recipe": EXTENSION, "picture": sha256, "prompt": request.prompt, "style": request.style,
        "size": str(request.size), "seed": request.seed})


def fitting_of(fit_mode: fit.FitMode) -> str:
    """How pictures of another shape are brought to the film's: faces are looked for where that can be done."""
    if fit_mode == "crop" and salience.can_find_faces():
        return "crop-faces"
    return "mirrored" if fit_mode == "outpaint" else fit_mode


def key_of(path: Path, sha256: str, size: Size, fitting: str) -> str:
    """What stands for a keyframe in the fingerprint of a clip: its bytes, and how they were fitted where they had to be."""
    return sha256 if pictures.is_film_picture(path, size) else f"{sha256} {fitting}"


def guides_of(request: ImageRequest, backend: ImageGenerator, sheets: bool, *, opens: bool) -> list[str]:
    """Which pictures a keyframe is drawn by, most important first: who is in it, where it is, the keyframe before it.

    opens: it opens its scene. As many as the backend looks at; none for a backend that looks at none, but for the keyframe
    before where it starts from that.
    """
    if backend.capabilities.goes_on:
        return [] if opens else [MOMENT]
    names = [figure.name for figure in request.figures if sheets or figure.reference is not None]
    names += [request.place.name] if request.place and sheets else []
    names += [] if opens else [MOMENT]
    return names[:backend.capabilities.references]


def mask_of(slot: Slot, storyboard: Storyboard, folder: Path) -> tuple[str, ...]:
    """Which part of the keyframe before stays in this one, as far as the plan says; empty where none does."""
    segment = storyboard.segment(slot.segment)
    if segment.mask is None or slot != closing(segment):
        return ()
    if segment.mask == "auto":
        return "auto", segment.mask_keeps or "characters"
    path = folder / segment.mask
    return "picture", durable.sha256_of(path) if path.is_file() else "missing"


def with_base(names: Sequence[str], backend: ImageGenerator) -> list[str]:
    """The guides of a picture that is the one before, painted anew in part: that one always, the others as far as they fit."""
    others = [name for name in names if name != MOMENT]
    return [*others[:max(0, backend.capabilities.references - 1)], MOMENT]


def guided(request: ImageRequest, pictures: Mapping[str, Path]) -> ImageRequest:
    """The request with these pictures to go by, by the names of `guides_of`."""
    figures = tuple(replace(figure, reference=pictures.get(figure.name, figure.reference)) for figure in request.figures)
    place = request.place and replace(request.place, reference=pictures.get(request.place.name))
    return replace(request, figures=figures, place=place, previous=pictures.get(MOMENT))


def references(request: ImageRequest) -> dict[str, str]:
    """The hashes of a person's own pictures of characters: a change makes what they guide stale and does not remake it."""
    given = [(figure.name, figure.reference) for figure in request.figures if figure.reference is not None]
    return {name: durable.sha256_of(picture) for name, picture in given}


def wish_for_sheet(slot: SheetSlot, request: ImageRequest, backend: ImageGenerator) -> Wish:
    """Everything the picture of a character or a place depends on."""
    asked: dict[str, Any] = {
        "kind": "sheet", "of": slot.kind, "image_backend": dict(backend.identity()), "prompt": request.prompt,
        "style": request.style, "negative_prompt": request.negative_prompt, "size": str(request.size), "seed": request.seed}
    return Wish(slot.node, asked)


def user_sheets(run: RunFolder, slot: SheetSlot) -> list[Path]:
    """The pictures in sheets/ that a person put there for this character or place; not ours."""
    found = [path for path in sorted((run.folder / "sheets").glob("*"))
             if path.suffix.lower() in PICTURES and path.is_file() and file_name(path.stem) == slot.file]
    return [path for path in found if not run.ledger.made_by_us(durable.sha256_of(path))]


def wish_for_own_sheet(slot: SheetSlot, sha256: str) -> Wish:
    """The wish that a person's own picture of a character or a place fulfils."""
    return Wish(slot.node, {"kind": "sheet", "user_picture": sha256})
