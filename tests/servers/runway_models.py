"""Runway's image-to-video models as its stand-in knows them: what a body may say and what a second costs. Not our catalogue.

Fields, ratios and durations are those of the runwayml 5.24.0 types. Where these give no bounds for a duration, or no public
price is known, the figures are made up (marked `?`): a client has to read the estimate in the reply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    """One model. `dear`: other prices by ratio or resolution. Without `ratios` the picture's shape is kept."""

    credits: int
    seconds: tuple[int, ...]
    ratios: tuple[str, ...] = ()
    resolutions: tuple[str, ...] = ()
    last: bool = True
    seed: bool = False
    negative: bool = False
    audio_credits: int | None = None
    needs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    auto: bool = False
    prompt_limit: int | None = None
    prompt_unit: str = "utf16"
    dear: Mapping[str, int] = field(default_factory=dict)

    @property
    def fields(self) -> set[str]:
        """The names a body may have."""
        optional = {"ratio": self.ratios, "resolution": self.resolutions, "seed": self.seed, "negativePrompt": self.negative,
                    "audio": self.audio_credits is not None}
        return {"model", "promptImage", "promptText", "duration", *self.also, *(name for name, has in optional.items() if has)}

    def credits_per_second(self, shape: str, audio: bool) -> int:
        extra = (self.audio_credits or self.credits) - self.credits if audio else 0
        return self.dear.get(shape, self.credits) + extra


def _span(least: int, most: int) -> tuple[int, ...]:
    return tuple(range(least, most + 1))


_MODERATION = ("contentModeration",)
_KLING_ALSO = ("cfgScale", "providerSettings")
_O3_ALSO = ("references", "providerSettings")
_STANDARD = ("1280:720", "720:1280", "960:960")
_PRO = ("1920:1080", "1080:1920", "1440:1440")
_4K = ("3840:2160", "2160:3840", "2880:2880")
_WAN_ALSO = ("referenceAudio", "referenceVideos")
MODELS: dict[str, RunwayModel] = {
    "gen4.5": RunwayModel(12, _span(2, 10), SIX, last=False, seed=True, needs=("ratio", "duration", "promptText"),
                          also=(*_MODERATION, "outputFormat", "proresProfile"), prompt_limit=1000),
    "gen4_turbo": RunwayModel(5, _span(2, 10), SIX, last=False, seed=True, needs=("ratio",), also=_MODERATION,
                              prompt_limit=1000),
    "veo3.1": RunwayModel(20, (4, 6, 8), VEO, seed=True, negative=True, audio_credits=40, needs=("ratio",),
                          prompt_limit=1000),
    "veo3.1_fast": RunwayModel(10, (4, 6, 8), VEO, seed=True, negative=True, audio_credits=15, needs=("ratio",),
                               prompt_limit=1000),
    "kling2.5_turbo_pro": RunwayModel(7, (5, 10), needs=("promptText",), also=("cfgScale",)),  # ? price
    "kling3.0_standard": RunwayModel(8, _span(3, 15), _STANDARD, audio_credits=13, also=_KLING_ALSO),  # ?
    "kling3.0_pro": RunwayModel(11, _span(3, 15), _PRO, audio_credits=17, also=_KLING_ALSO),  # ?
    "kling3.0_4k": RunwayModel(42, _span(3, 15), _4K, audio_credits=42, also=_KLING_ALSO),  # ?
    "klingO3_standard": RunwayModel(8, _span(3, 15), _STANDARD, audio_credits=13, also=_O3_ALSO),  # ?
    "klingO3_pro": RunwayModel(11, _span(3, 15), _PRO, audio_credits=17, also=_O3_ALSO),  # ?
    "klingO3_4k": RunwayModel(42, _span(3, 15), _4K, audio_credits=42, also=_O3_ALSO),  # ?
    "kling_4": RunwayModel(15, _span(3, 15), ("auto_720p", "auto_1080p"), also=("references", "referenceVideos")),  # ?
    "seedance2": RunwayModel(36, _span(4, 15), SD + HD + FULL_HD + UHD, seed=True, audio_credits=36, also=("referenceAudio",),
                             auto=True, prompt_limit=3500, prompt_unit="characters",
                             dear={**dict.fromkeys(FULL_HD, 40), **dict.fromkeys(UHD, 150)}),
    "seedance2_fast": RunwayModel(29, _span(4, 15), SD + HD, seed=True, audio_credits=29, also=("referenceAudio",), auto=True,
                                  prompt_limit=3500, prompt_unit="characters"),
    "seedance2_mini": RunwayModel(16, _span(4, 15), SD + HD, seed=True, audio_credits=16, also=("referenceAudio",), auto=True,
                                  prompt_limit=3500, prompt_unit="characters"),
    "seedance2_5": RunwayModel(30, _span(4, 15), (*SD_25, *HD, *FULL_HD), seed=True, audio_credits=30,
                               also=("referenceAudio", "draft", "outputFormat"), auto=True, prompt_limit=15000,
                               prompt_unit="characters",
                               dear={**dict.fromkeys(FULL_HD, 68), **dict.fromkeys(SD_25, 20)}),
    "hailuo3": RunwayModel(10, (5, 6, 10), ("adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"),
                           ("768p", "2k", "768P", "2K"), needs=("promptText",), also=("referenceAudio",),
                           dear={"2k": 15, "2K": 15}),  # ? durations
    "h3_max": RunwayModel(8, (5, 6, 10), (), ("480p", "768p"), seed=True, needs=("promptText",),
                          also=("promptExpansionMode",)),  # ? price, durations
    "wan3": RunwayModel(10, _span(2, 15), WAN, audio_credits=10, needs=("promptText",), also=_WAN_ALSO),  # ?
    "wan3_prime": RunwayModel(15, _span(2, 15), WAN, audio_credits=15, needs=("promptText",), also=_WAN_ALSO),  # ?
    "gemini_omni_flash_1.1": RunwayModel(10, _span(3, 10), ("640:360", "360:640", *VEO, "3840:2160", "2160:3840"), auto=True,
                                         needs=("promptText",), dear={"640:360": 4, "360:640": 4, "1920:1080": 15,
                                                                      "1080:1920": 15, "3840:2160": 30, "2160:3840": 30}),  # ?
    "gemini_omni_flash": RunwayModel(10, _span(3, 10), ("1280:720", "720:1280"), last=False),
    "happyhorse_1_0": RunwayModel(10, _span(3, 15), (), ("720p", "1080p", "720P", "1080P"), last=False, prompt_limit=2500),  # ?
    "grok_imagine_1_5": RunwayModel(8, _span(1, 15), (), ("480p", "720p", "1080p"), last=False),  # ?
    "grok_imagine_1_5_lite": RunwayModel(5, _span(1, 15), ("auto_480p", "auto_720p", "auto_1080p"), last=False),  # ?
}


def pixels(ratio: str | None, resolution: str | None, picture: tuple[int, int]) -> tuple[int, int]:
    """The (width, height) of the answer: as the ratio says, or the picture's shape with the tier's short side, all even."""
    if ratio and ratio.partition(":")[0].isdigit() and int(ratio.partition(":")[0]) > 21:
        width, _, height = ratio.partition(":")
        return int(width), int(height)
    tier = (resolution or (ratio or "").removeprefix("auto_") or "720p").lower()
    short = {"480p": 480, "720p": 720, "768p": 768, "1080p": 1080, "2k": 1440}.get(tier, 720)
    shape = tuple(map(int, ratio.split(":"))) if ratio and ":" in ratio else picture
    scale = short / min(shape[0], shape[1])
    return round(shape[0] * scale / 2) * 2, round(shape[1] * scale / 2) * 2
