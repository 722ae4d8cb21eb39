"""The last touch on a frame: lamps, brush, bloom, grade, vignette, grain. Knows nothing of what is in it."""

from __future__ import annotations

import cv2
import numpy as np

from image_generators.sketch.canvas import blur
from image_generators.sketch.noise import Array, sample, tile
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import array


def finish(painting: Painting) -> Array:
    """(H, W, 3) uint8 RGB of the painting."""
    for x, y, radius, colour, strength in painting.glows:
        painting.canvas.glow(x, y, radius, colour, strength)
    rgb = _brushed(_wavered(np.clip(painting.canvas.rgb, 0, 1)))
    rgb = _bloom(rgb)
    rgb = _graded(rgb, painting)
    rgb = _vignette(rgb)
    return _grain(rgb)


def _wavered(rgb: Array) -> Array:
    """Edges as a hand draws them: everything shifted by a hair, this way and that."""
    height, width = rgb.shape[:2]
    across = np.arange(width, dtype=np.float32)[None, :]
    down = np.arange(height, dtype=np.float32)[:, None]
    reach, size = np.float32(height / 260), np.float32(0.9 / height)
    x = across + (sample(across * size, down * size, 4, 1.5) - 0.5) * reach
    y = down + (sample(across * size + 0.5, down * size, 5, 1.5) - 0.5) * reach
    return np.asarray(cv2.remap(rgb, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE))


def _brushed(rgb: Array) -> Array:
    """Flattens small tones into dabs and keeps edges (Kuwahara, 1976: the mean of the calmest of four windows)."""
    reach = max(1, round(rgb.shape[0] / 330))
    grey = rgb @ np.array((0.3, 0.6, 0.1), dtype=np.float32)
    size = (reach + 1, reach + 1)
    best: Array = rgb
    least: Array = np.full(grey.shape, np.inf, dtype=np.float32)
    for anchor in ((0, 0), (reach, 0), (0, reach), (reach, reach)):
        mean, level, square = (
            cv2.blur(field, size, anchor=anchor, borderType=cv2.BORDER_REPLICATE) for field in (rgb, grey, grey * grey)
        )
        spread = square - level * level
        calmer = spread < least
        least = np.where(calmer, spread, least)
        best = np.where(calmer[..., None], mean, best)
    return np.asarray(rgb * np.float32(0.45) + best * np.float32(0.55))


def _bloom(rgb: Array) -> Array:
    small = cv2.resize(rgb, (max(2, rgb.shape[1] // 4), max(2, rgb.shape[0] // 4)), interpolation=cv2.INTER_AREA)
    bright: Array = np.clip(small - 0.62, 0, 1) * 1.5
    soft: Array = blur(bright, rgb.shape[0] / 4 * 0.035) * 0.55 + blur(bright, rgb.shape[0] / 4 * 0.01) * 0.35
    soft = cv2.resize(soft, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(1 - (1 - rgb) * (1 - np.clip(soft, 0, 1) * 0.55))


def _graded(rgb: Array, painting: Painting) -> Array:
    """A soft S in contrast, cool shades, warm lights; and what the style asks for."""
    style = painting.scene.style
    if painting.light.moon:
        rgb = np.power(rgb, np.float32(0.88 if painting.scene.weather in ("", "clear", "wind") else 0.78))
    curve = rgb * rgb * (3 - 2 * rgb)
    rgb = rgb * 0.72 + curve * 0.28
    grey = (rgb @ np.array((0.2126, 0.7152, 0.0722), dtype=np.float32))[..., None]
    shade, light = array((-0.012, 0.0, 0.028)), array((0.022, 0.008, -0.022))
    rgb = rgb + shade * (1 - grey) ** 2 + light * grey**2
    vivid = {"mono": 0.0, "sepia": 0.12, "pastel": 0.82, "vivid": 1.32}.get(style, 1.1)
    rgb = grey + (rgb - grey) * np.float32(vivid)
    if style == "sepia":
        rgb = rgb * array((1.06, 0.96, 0.8))
    if style == "pastel":
        rgb = rgb * 0.86 + 0.12
    return np.asarray(rgb, dtype=np.float32)


def _vignette(rgb: Array) -> Array:
    height, width = rgb.shape[:2]
    across = (np.arange(width, dtype=np.float32) + 0.5) / width - 0.5
    down = (np.arange(height, dtype=np.float32) + 0.5) / height - 0.5
    far = across[None, :] ** 2 * 1.5 + down[:, None] ** 2 * 1.7
    return np.asarray(rgb * (1 - 0.42 * np.clip(far - 0.08, 0, 1))[..., None])


def _grain(rgb: Array) -> Array:
    """Fine noise: hides the steps of 8 bits in wide gradients."""
    height, width = rgb.shape[:2]
    fine = np.random.default_rng(5).standard_normal((256, 256)).astype(np.float32)
    noise = np.tile(fine, (height // 256 + 1, width // 256 + 1))[:height, :width] * 0.0085
    paper = np.tile(tile(7, 0.9), (height // 512 + 1, width // 512 + 1))[:height, :width]
    grained = rgb + (noise + (paper - 0.5) * 0.022)[..., None]
    return np.asarray(np.round(np.clip(grained, 0, 1) * 255), dtype=np.uint8)
