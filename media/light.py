"""What a change of light leaves as it is in a picture, and whether there was one. Finds no motion."""

from __future__ import annotations

import cv2
import numpy as np

from media.geometry import Float, Grid, UInt8

AROUND = 8.0
"""What is evened out: light that changes over more than this many points (a Gaussian's deviation)."""
FAINT = 8.0
"""Deviations far below this many levels are grain and stay as faint as they are."""
GAIN = 40.0
NEAR = (9, 9)
"""Over how many points the light at a corner is taken, so that grain and half a point of aim do not count."""


def evened(luma: UInt8) -> UInt8:
    """The plane less what surrounds each point, over how much that varies: it looks alike by day and by lamplight."""
    light = luma.astype(np.float32)
    detail = light - cv2.GaussianBlur(light, (0, 0), AROUND)
    varies = cv2.sqrt(cv2.GaussianBlur(cv2.multiply(detail, detail), (0, 0), AROUND))
    return np.asarray(np.clip(128 + GAIN * detail / (varies + FAINT), 0, 255), np.uint8)


def change_of_light(first: UInt8, last: UInt8, at: Float, to: Float, grid: Grid) -> float:
    """Mean difference of luma, 0 to 255, between corners (n, 2) of one plane and where they are in the other, in frame
    pixels. Only corners that are known to belong together tell light from motion."""
    here, there = (grid.sample_picture(np.asarray(cv2.blur(luma, NEAR), np.uint8), np.asarray(spots[None], np.float32))
                   for luma, spots in ((first, at), (last, to)))
    return float(np.mean(cv2.absdiff(here, there)))
