"""Stability's services as their stand-in knows them: fields, bounds, credits. Not our catalogue.

From the description of the REST interface v2beta of 2025-06; credits as of 2025-08.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

MICROS_PER_CREDIT = 10_000
SIZES = {"1:1": (1024, 1024), "16:9": (1344, 768), "9:16": (768, 1344), "3:2": (1216, 832), "2:3": (832, 1216),
         "21:9": (1536, 640), "9:21": (640, 1536), "5:4": (1088, 896), "4:5": (896, 1088)}
_EVERY = {"prompt", "negative_prompt", "seed", "output_format"}


@dataclass(frozen=True)
class Service:
    """One route. kinds: formats it hands out; needs: fields that must be there."""

    credits: str
    fields: frozenset[str]
    needs: tuple[str, ...] = ("prompt",)
    kinds: tuple[str, ...] = ("png", "jpeg", "webp")

    @property
    def micros(self) -> int:
        return int(Decimal(self.credits) * MICROS_PER_CREDIT)


def _service(credits: str, *also: str, needs: tuple[str, ...] = ("prompt",),
             kinds: tuple[str, ...] = ("png", "jpeg", "webp")) -> Service:
    return Service(credits, frozenset(_EVERY | set(also) | set(needs)), needs, kinds)


_SHOWN = ("image", "prompt")
SERVICES: Mapping[str, Service] = {
    "generate/sd3": _service("6.5", "mode", "image", "strength", "aspect_ratio", "model", "cfg_scale", "style_preset",
                             kinds=("png", "jpeg")),
    "generate/core": _service("3", "aspect_ratio", "style_preset"),
    "generate/ultra": _service("8", "aspect_ratio", "image", "strength", "style_preset"),
    "edit/inpaint": _service("5", "mask", "grow_mask", "style_preset", needs=_SHOWN),
    "edit/erase": _service("5", "mask", "grow_mask", needs=("image",)),
    "edit/search-and-replace": _service("5", "grow_mask", "style_preset", needs=(*_SHOWN, "search_prompt")),
    "edit/outpaint": _service("4", "left", "right", "up", "down", "creativity", "style_preset", needs=("image",)),
    "control/structure": _service("5", "control_strength", "style_preset", needs=_SHOWN),
    "control/sketch": _service("5", "control_strength", "style_preset", needs=_SHOWN),
    "control/style": _service("5", "fidelity", "aspect_ratio", "style_preset", needs=_SHOWN),
}
SD3: Mapping[str, str] = {"sd3.5-large": "6.5", "sd3.5-large-turbo": "4", "sd3.5-medium": "3.5", "sd3-large": "6.5",
                          "sd3-large-turbo": "4", "sd3-medium": "3.5"}
BOUNDS: Mapping[str, tuple[float, float]] = {
    "strength": (0, 1), "seed": (0, 4_294_967_294), "cfg_scale": (1, 10), "grow_mask": (0, 100), "creativity": (0, 1),
    "control_strength": (0, 1), "fidelity": (0, 1), "left": (0, 2000), "right": (0, 2000), "up": (0, 2000), "down": (0, 2000),
}
LONGEST_PROMPT = 10_000
LEAST_SIDE, MOST_PIXELS = 64, 9_437_184
LARGEST_REQUEST = 10 * 1024 * 1024


def one_megapixel(width: int, height: int) -> tuple[int, int]:
    """What is handed out for a picture of that shape."""
    scale = (1024 * 1024 / (width * height)) ** 0.5
    return round(width * scale / 64) * 64, round(height * scale / 64) * 64
