"""Where in a picture the eye goes: what a crop should keep. Crops nothing itself.

Faces are found when the optional extra `faces` (scikit-image) is installed; without it only contrast and outline decide.
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import lru_cache
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]
Float = npt.NDArray[np.float32]

_MAP_SIDE = 96
_FACE_SIDE = 400
_FACE_WEIGHT = 3.0


class Box(NamedTuple):
    """A part of a picture, in pixels."""

    x: int
    y: int
    width: int
    height: int


def salience(rgb: UInt8) -> Float:
    """How much each place of an (H, W, 3) picture matters: (h, w), longer side 96, sum 1. Heads count three times all else."""
    height, width = rgb.shape[:2]
    scale = _MAP_SIDE / max(height, width)
    small = (max(8, round(width * scale)), max(8, round(height * scale)))
    grey = cv2.cvtColor(cv2.resize(rgb, small, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    weights = spectral_residual(np.asarray(grey, np.float32))
    heads = np.zeros_like(weights)
    for head in (_head_of(face) for face in faces(rgb)):
        rows = slice(max(0, round(head.y * scale)), round((head.y + head.height) * scale))
        columns = slice(max(0, round(head.x * scale)), round((head.x + head.width) * scale))
        heads[rows, columns] = 1
    if heads.any():
        weights = weights + _FACE_WEIGHT * heads / heads.sum()
    return np.asarray(weights / weights.sum(), np.float32)


def spectral_residual(grey: Float) -> Float:
    """(h, w) -> (h, w), sum 1: what a picture's spectrum has beyond the smooth one that all pictures share.

    Hou and Zhang 2007, "Saliency detection: a spectral residual approach".
    """
    spectrum = np.fft.fft2(grey)
    strength = np.log(np.abs(spectrum) + 1e-6)
    residual = strength - cv2.blur(strength, (3, 3))
    found = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    smooth = cv2.GaussianBlur(found.astype(np.float32), (0, 0), 2.5)
    return np.asarray(smooth / max(float(smooth.sum()), 1e-12), np.float32)


def can_find_faces() -> bool:
    """Whether the extra `faces` is installed. What is cropped depends on it, so a fingerprint of crops has to name it.

    Nothing is loaded for that: scikit-image takes 30 MB, and a film whose pictures all have its shape never needs it.
    """
    return importlib.util.find_spec("skimage") is not None


def faces(rgb: UInt8) -> list[Box]:
    """Faces seen from the front, largest first; none without the extra `faces`. About 0.1 s a picture."""
    cascade = _cascade()
    if cascade is None:
        return []
    height, width = rgb.shape[:2]
    scale = min(1.0, _FACE_SIDE / max(height, width))
    small = cv2.resize(rgb, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    least = max(24, min(small.shape[:2]) // 10)
    found = cascade.detect_multi_scale(
        img=small, scale_factor=1.2, step_ratio=1, min_size=(least, least), max_size=(max(small.shape[:2]),) * 2
    )
    boxes = [Box(*(round(face[side] / scale) for side in ("c", "r", "width", "height"))) for face in found]
    return sorted(boxes, key=lambda box: (-box.width * box.height, box))


@lru_cache(maxsize=1)
def _cascade() -> Any:
    """scikit-image's local binary pattern cascade, or None where scikit-image is not installed."""
    try:
        data = importlib.import_module("skimage.data")
        feature = importlib.import_module("skimage.feature")
    except ImportError:
        return None
    return feature.Cascade(data.lbp_frontal_face_cascade_filename())


def _head_of(face: Box) -> Box:
    """The cascade frames eyes to mouth; a head goes on above, below and beside that."""
    return Box(
        round(face.x - 0.2 * face.width), round(face.y - 0.5 * face.height), round(face.width * 1.4), round(face.height * 1.8)
    )
