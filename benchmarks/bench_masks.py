"""How well what stands out is found (media/figures.py): against known shapes, and what is said of photographs.

`python -m benchmarks.bench_masks [FOLDER [OVERLAYS]]` prints every scene: intersection over union, or why there is no mask.
FOLDER: further pictures, NAME.jpg or .png, each with its NAME.mask.png (white is the figure). OVERLAYS: a folder for pictures
of what was found.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks import mask_scenes
from benchmarks.mask_scenes import Bool, Scene, UInt8
from benchmarks.ratios import Ratio, machine
from media import figures
from media.figure_proof import overlap
from media.frames import load_rgb, save_png
from media.masks import NoMask

SEEDS = range(11, 14)
PHOTOGRAPHS = ("astronaut", "chelsea", "rocket", "coffee", "camera", "motorcycle", "retina", "moon", "cell", "coins",
               "hubble_deep_field", "immunohistochemistry", "brick", "grass", "gravel", "page", "text", "colorwheel")
RIGHT, WRONG = 0.9, 0.8


class Outcome(NamedTuple):
    """overlap: None where nothing was accepted, or what is right is not known; then `found` and `said` tell."""

    scene: Scene
    found: Bool | None
    overlap: float | None
    said: str

    def __str__(self) -> str:
        what = self.said or ("accepted" if self.overlap is None else f"{self.overlap:.3f}" + " wrong" * (self.overlap < WRONG))
        return f"{self.scene.name:34s} {what}"


def run() -> list[Ratio]:
    """What is accepted of all known shapes, and how much of that is right."""
    known = [_look(scene) for scene in (*mask_scenes.drawn(SEEDS), *mask_scenes.laid())]
    pairs = [one for one in known if one.scene.before is not None]
    accepted = [one.overlap for one in known if one.overlap is not None]
    of_pairs = [one.overlap for one in pairs if one.overlap is not None]
    right = sum(share > RIGHT for share in accepted)
    note = f"{right} of {len(accepted)} accepted have an IoU over {RIGHT}, the least has {min(accepted, default=0.0):.2f}"
    of_all = f"{len(of_pairs)} of {len(pairs)} scenes"
    return [
        Ratio("masks accepted with an IoU below 0.8", sum(share < WRONG for share in accepted), 0, note),
        Ratio("masks of pairs accepted", len(of_pairs) / len(pairs), 0.8, of_all, "at least"),
    ]


def _look(scene: Scene) -> Outcome:
    try:
        found = figures.subject(scene.now, scene.before).subject
    except NoMask as none:
        return Outcome(scene, None, None, str(none))
    return Outcome(scene, found, overlap(found, scene.figure) if scene.figure.any() else None, "")


def _photographs() -> Iterator[Scene]:
    for name in PHOTOGRAPHS:
        rgb = mask_scenes.photograph(name)
        yield Scene(name, rgb, None, np.zeros(rgb.shape[:2], np.bool_))


def _in(folder: Path) -> Iterator[Scene]:
    for mask in sorted(folder.glob("*.mask.png")):
        name = mask.name.removesuffix(".mask.png")
        rgb = load_rgb(next(path for path in sorted(folder.glob(f"{name}.*")) if path != mask))
        figure = cv2.resize(load_rgb(mask)[..., 0], (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_AREA) > 127
        yield Scene(name, rgb, None, figure)


def _overlay(outcome: Outcome) -> UInt8:
    dimmed = outcome.scene.now * 0.25 + np.array([110, 0, 110])
    kept = outcome.found if outcome.found is not None else np.ones(outcome.scene.figure.shape, np.bool_)
    return np.asarray(np.where(kept[..., None], outcome.scene.now, dimmed), np.uint8)


def main(folder: Path | None, overlays: Path | None) -> None:
    """Prints a line for every scene."""
    scenes = [*mask_scenes.drawn(SEEDS), *mask_scenes.laid(), *_photographs(), *(_in(folder) if folder else ())]
    outcomes = []
    for scene in scenes:
        outcomes.append(_look(scene))
        print(outcomes[-1], flush=True)
        if overlays:
            save_png(_overlay(outcomes[-1]), overlays / f"{scene.name.replace(' ', '_')}.png")
    shares = [one.overlap for one in outcomes if one.overlap is not None]
    bands = [sum(low <= share < high for share in shares) for low, high in ((RIGHT, 2), (WRONG, RIGHT), (0, WRONG))]
    print(f"known shapes accepted: {len(shares)}; IoU from 0.9: {bands[0]}, from 0.8: {bands[1]}, below: {bands[2]}")


if __name__ == "__main__":
    print(machine())
    given = [Path(word) for word in sys.argv[1:3]]
    main(given[0] if given else None, given[1] if given[1:] else None)
