"""Runway's image-to-video models as its stand-in knows them: what a body may say and what a clip costs. Not our catalogue.

Fields and shapes are those of the runwayml 5.24.0 types, prices those its price page is said to have had in autumn 2026.
Where nobody states a figure (Kling's prices, the lengths of Kling 3 and later) it is made up and marked `?`: a client has to
read the estimate in the reply.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Literal

TIERS = {"360p": (640, 360), "480p": (854, 480), "720p": (1280, 720), "768p": (1366, 768), "1080p": (1920, 1080),
         "2k": (2560, 1440), "4k": (3840, 2160)}
_SOLD_BY_PIXELS = ("360p", "480p", "720p", "1080p", "4k")
SIX = ("1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672")
VEO = ("1280:720", "720:1280", "1920:1080", "1080:1920")
SD = ("992:432", "864:496", "752:560", "640:640", "560:752", "496:864")
SD_25 = ("992:432", "854:480", "752:560", "640:640", "560:752", "480:854")
HD = ("1470:630", "1280:720", "1112:834", "960:960", "834:1112", "720:1280")
FULL_HD = ("2206:946", "1920:1080", "1664:1248", "1440:1440", "1248:1664", "1080:1920")
UHD = ("3840:1646", "3840:2160", "3840:2880", "3840:3840", "2880:3840", "2160:3840")
WAN = ("832:480", "720:544", "624:624", "544:720", "480:832", "1280:720", "1104:832", "960:960", "832:1104", "720:1280",
       "1920:1080", "1648:1248", "1440:1440", "1248:1648", "1080:1920", "auto_480p", "auto_720p", "auto_1080p")


@dataclass(frozen=True)
class RunwayModel:
    """One model. A small one for a test: `RunwayModel({"": "1"}, (1, 2), ("64:64",))`.

    rates, sound_rates: credits a second by tier, `""` for the tiers that are not named; with sound where that costs more.
    seconds: the lengths it makes. last: takes a last picture. sound: `option` has the field `audio`, `always` has sound
    anyway. needs: fields that must be there. also: further fields it takes, which alter nothing here. auto: takes the
    length `auto`. prompt_limit: in UTF-16 units; None: none is stated. fee: credits for a clip of any length.
    """

    rates: Mapping[str, str]
    seconds: Sequence[int]
    ratios: tuple[str, ...] = ()
    resolutions: tuple[str, ...] = ()
    last: bool = True
    seed: bool = False
    negative: bool = False
    sound: Literal["never", "option", "always"] = "never"
    sound_rates: Mapping[str, str] | None = None
    needs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    auto: bool = False
    prompt_limit: int | None = None
    fee: int = 0

    @property
    def fields(self) -> set[str]:
        """The names a body may have."""
        optional = {"ratio": self.ratios, "resolution": self.resolutions, "seed": self.seed, "negativePrompt": self.negative,
                    "audio": self.sound == "option"}
        return {"model", "promptImage", "promptText", "duration", *self.also, *(name for name, has in optional.items() if has)}

    def credits(self, tier: str, audio: bool, seconds: int) -> int:
        """What a clip costs, in whole credits."""
        rates = self.sound_rates if audio and self.sound_rates else self.rates
        rate = rates.get(tier, rates.get("", ""))
        return int((Decimal(rate) * seconds + self.fee).to_integral_value(ROUND_CEILING))


_TEN, _FIFTEEN, _THIRTY = range(2, 11), range(3, 16), range(2, 31)
_STANDARD = ("1280:720", "720:1280", "960:960")
_PRO = ("1920:1080", "1080:1920", "1440:1440")
_4K = ("3840:2160", "2160:3840", "2880:2880")
_WAN_ALSO = ("referenceAudio", "referenceVideos")
_HAILUO = ("adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16")


def _kling(rate: str, with_sound: str, shapes: tuple[str, ...], *also: str) -> RunwayModel:
    return RunwayModel({"": rate}, _FIFTEEN, shapes, sound="option", sound_rates={"": with_sound},
                       also=("providerSettings", *also))


def _seedance(rates: Mapping[str, str], shapes: tuple[str, ...], *also: str, most: int = 15, limit: int = 3500) -> RunwayModel:
    return RunwayModel(rates, range(4, most + 1), shapes, seed=True, sound="option", also=("referenceAudio", *also), auto=True,
                       prompt_limit=limit)


def _wan(low: str, middle: str, high: str) -> RunwayModel:
    return RunwayModel({"480p": low, "720p": middle, "1080p": high}, _THIRTY, WAN, sound="option", needs=("promptText",),
                       also=_WAN_ALSO, prompt_limit=20000)


MODELS: dict[str, RunwayModel] = {
    "gen4_turbo": RunwayModel({"": "5"}, _TEN, SIX, last=False, seed=True, needs=("ratio",), also=("contentModeration",),
                              prompt_limit=1000),
    "gen4.5": RunwayModel({"": "12"}, _TEN, SIX, last=False, seed=True, needs=("ratio", "duration", "promptText"),
                          also=("contentModeration", "outputFormat", "proresProfile"), prompt_limit=1000),
    "veo3.1": RunwayModel({"": "20"}, (4, 6, 8), VEO, seed=True, negative=True, sound="option", sound_rates={"": "40"},
                          needs=("ratio",), prompt_limit=1000),
    "veo3.1_fast": RunwayModel({"": "10"}, (4, 6, 8), VEO, seed=True, negative=True, sound="option", sound_rates={"": "15"},
                               needs=("ratio",), prompt_limit=1000),
    "gemini_omni_flash": RunwayModel({"": "10"}, range(3, 11), ("1280:720", "720:1280"), last=False, sound="always", fee=1,
                                     prompt_limit=4000),
    "gemini_omni_flash_1.1": RunwayModel({"360p": "3.4", "720p": "10", "1080p": "15", "4k": "30"}, range(3, 11),
                                         ("640:360", "360:640", *VEO, "3840:2160", "2160:3840"), sound="always", auto=True,
                                         needs=("promptText",), prompt_limit=4000),
    "kling2.5_turbo_pro": RunwayModel({"": "7"}, (5, 10), needs=("promptText",), also=("cfgScale",)),  # ?
    "kling3.0_standard": _kling("8", "13", _STANDARD, "cfgScale"),  # ?
    "kling3.0_pro": _kling("11", "17", _PRO, "cfgScale"),  # ?
    "kling3.0_4k": _kling("42", "42", _4K, "cfgScale"),  # ?
    "klingO3_standard": _kling("8", "13", _STANDARD, "references"),  # ?
    "klingO3_pro": _kling("11", "17", _PRO, "references"),  # ?
    "klingO3_4k": _kling("42", "42", _4K, "references"),  # ?
    "kling_4": RunwayModel({"": "15"}, _FIFTEEN, ("auto_720p", "auto_1080p"), also=("references", "referenceVideos")),  # ?
    "seedance2": _seedance({"": "36", "1080p": "40", "4k": "150"}, SD + HD + FULL_HD + UHD),
    "seedance2_fast": _seedance({"": "29"}, SD + HD),
    "seedance2_mini": _seedance({"": "16"}, SD + HD),
    "seedance2_5": _seedance({"480p": "20", "720p": "30", "1080p": "68"}, SD_25 + HD + FULL_HD, "draft", "outputFormat",
                             most=30, limit=15000),
    "hailuo3": RunwayModel({"768p": "10", "2k": "15"}, range(5, 16), _HAILUO, ("768p", "2k", "768P", "2K"),
                           needs=("promptText",), also=("referenceAudio",), prompt_limit=6000),
    "h3_max": RunwayModel({"480p": "5", "768p": "8"}, range(5, 16), (), ("480p", "768p"), seed=True, needs=("promptText",),
                          also=("promptExpansionMode",), prompt_limit=6000),
    "wan3": _wan("5", "10", "20"),
    "wan3_prime": _wan("6.8", "14", "28"),
    "happyhorse_1_0": RunwayModel({"720p": "15", "1080p": "30"}, _FIFTEEN, (), ("720p", "1080p", "720P", "1080P"), last=False,
                                  prompt_limit=2500),
    "grok_imagine_1_5": RunwayModel({"480p": "10", "720p": "16", "1080p": "29"}, range(1, 16), (), ("480p", "720p", "1080p"),
                                    last=False, sound="always", fee=1, prompt_limit=2500),
    "grok_imagine_1_5_lite": RunwayModel({"480p": "2", "": "3"}, range(1, 16), ("auto_480p", "auto_720p", "auto_1080p"),
                                         last=False, fee=1, prompt_limit=2500),
}


def shape(model: RunwayModel, ratio: str | None, resolution: str | None, picture: tuple[int, int]) -> tuple[int, int, str]:
    """(width, height, tier) of the answer: the pixels of the ratio; or its aspect, with the tier as the shorter side; or the
    picture's aspect, with as many pixels as the tier has."""
    ratio = ratio or next(iter(model.ratios), None)
    if ratio and not resolution and not ratio.startswith("auto_"):
        width, height = map(int, ratio.split(":"))
        return width, height, tier_of(width * height)
    tier = (resolution or (ratio or "auto_720p").removeprefix("auto_")).lower()
    aspect = _aspect(ratio, picture)
    listed = [tuple(map(int, known.split(":"))) for known in model.ratios if known[0].isdigit() and not resolution]
    of_tier = [(width, height) for width, height in listed if tier_of(width * height) == tier]
    if of_tier:
        width, height = min(of_tier, key=lambda size: abs(math.log(size[0] / size[1] / aspect)))
        return width, height, tier
    long, short = TIERS[tier]
    if abs(aspect - 16 / 9) < 0.01:
        return long, short, tier
    if ratio and ratio[0].isdigit():
        other = round(short * max(aspect, 1 / aspect) / 2) * 2
        return (other, short, tier) if aspect >= 1 else (short, other, tier)
    width = round((long * short * aspect) ** 0.5 / 2) * 2
    return width, round(width / aspect / 2) * 2, tier


def tier_of(pixels: int) -> str:
    """The tier whose number of pixels is nearest."""
    return min(_SOLD_BY_PIXELS, key=lambda tier: abs(math.log(pixels / (TIERS[tier][0] * TIERS[tier][1]))))


def _aspect(ratio: str | None, picture: tuple[int, int]) -> float:
    if ratio and ratio[0].isdigit():
        width, height = map(int, ratio.split(":"))
        return width / height
    return picture[0] / picture[1]
