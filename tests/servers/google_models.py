"""Google's video and image models as their stand-in knows them: what may be asked and what it costs. Not our catalogue.

Veo's figures are per second, Omni's and those of pictures per token, as listed in November 2026; the tokens of sizes of video
other than 720p are made to fit the price per second that resellers show. Nothing knows of a discount.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
TOKENS_PER_IMAGE = 258


@dataclass(frozen=True)
class VeoModel:
    """Paid by the second. `sound`, `silent`: dollars a second by resolution. sound_only: as the Developer route has it."""

    sound: Mapping[str, str]
    silent: Mapping[str, str]
    seconds: tuple[int, ...] = (4, 6, 8)

    def micros(self, resolution: str, seconds: int, audio: bool) -> int:
        return int(Decimal((self.sound if audio else self.silent)[resolution]) * seconds * 1_000_000)


@dataclass(frozen=True)
class OmniModel:
    """Paid by the token. tokens: of video a second, by resolution. micros_*: of a dollar, for one token out or in."""

    tokens: Mapping[str, int]
    micros_out: Decimal
    micros_in: Decimal = Decimal("1.5")
    least_s: int = 3
    most_s: int = 10

    def micros(self, tokens_out: int, tokens_in: int) -> int:
        exact = self.micros_out * tokens_out + self.micros_in * tokens_in
        return int(exact.to_integral_value(ROUND_CEILING))


_VEO = VeoModel({"720p": "0.40", "1080p": "0.40", "4k": "0.60"}, {"720p": "0.20", "1080p": "0.20", "4k": "0.40"})
_FAST = VeoModel({"720p": "0.10", "1080p": "0.12", "4k": "0.30"}, {"720p": "0.08", "1080p": "0.10", "4k": "0.25"})
_LITE = VeoModel({"720p": "0.05", "1080p": "0.08"}, {"720p": "0.03", "1080p": "0.05"})
VEO: dict[str, VeoModel] = {
    f"veo-3.1-{kind}generate-{stage}": model
    for kind, model in (("", _VEO), ("fast-", _FAST), ("lite-", _LITE)) for stage in ("001", "preview")
}
_OMNI_11 = OmniModel({"360p": 2290, "720p": 5792, "1080p": 8571, "4k": 17143}, Decimal("17.5"))
_OMNI_12 = OmniModel({"360p": 1903, "720p": 5792, "1080p": 8688, "4k": 17376}, Decimal("12.08564"))
OMNI: dict[str, OmniModel] = {
    "gemini-omni-1.1-flash": _OMNI_11, "gemini-omni-1.1-flash-preview": _OMNI_11, "gemini-omni-1.2-flash": _OMNI_12,
}


ASPECTS = {"16:9": (1376, 768), "9:16": (768, 1376), "1:1": (1024, 1024), "3:2": (1264, 848), "2:3": (848, 1264),
           "4:3": (1200, 896), "3:4": (896, 1200), "5:4": (1152, 928), "4:5": (928, 1152), "21:9": (1584, 672)}
_ASPECTS_25 = {"16:9": (1344, 768), "9:16": (768, 1344), "1:1": (1024, 1024), "3:2": (1248, 832), "2:3": (832, 1248),
               "4:3": (1184, 864), "3:4": (864, 1184), "5:4": (1152, 896), "4:5": (896, 1152), "21:9": (1536, 672)}


@dataclass(frozen=True)
class ImageModel:
    """tokens: of a picture by size. shown: of one that is shown to it. usd_*: dollars a million tokens. sizes: at 1K."""

    tokens: Mapping[str, int]
    usd_in: str
    usd_out: str
    usd_words_out: str
    shown: int = 1120
    thoughts: int = 200
    most_pictures: int = 14
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=lambda: ASPECTS)

    def pixels(self, aspect: str, size: str) -> tuple[int, int]:
        """(width, height)."""
        width, height = self.sizes[aspect]
        times = int(size[0])
        return width * times, height * times

    def micros(self, tokens_in: int, pictures_out: int, words_out: int) -> int:
        exact = (Decimal(self.usd_in) * tokens_in + Decimal(self.usd_out) * pictures_out
                 + Decimal(self.usd_words_out) * words_out)
        return int(exact.to_integral_value(ROUND_CEILING))


IMAGES: dict[str, ImageModel] = {
    "gemini-nano-banana-2.1": ImageModel({"1K": 1120, "2K": 1680, "4K": 2520}, "1.50", "30", "7.50"),
    "gemini-3-pro-image": ImageModel({"1K": 1120, "2K": 1120, "4K": 2000}, "2", "120", "12", 560),
    "gemini-3.1-flash-lite-image": ImageModel({"1K": 1120}, "0.25", "30", "1.50"),
    "gemini-2.5-flash-image": ImageModel({"1K": 1290}, "0.30", "30", "2.50", 1290, 0, 3, _ASPECTS_25),
}


def pixels(resolution: str, aspect: str) -> tuple[int, int]:
    """(width, height)."""
    width, height = SIZES[resolution]
    return (height, width) if aspect == "9:16" else (width, height)
