"""OpenAI's chat and image models as their stand-in knows them: what may be asked and what a token costs. Not our catalogue.

Prices as listed in autumn 2026; the tokens of a picture are those that give its listed price, of sizes nobody lists those of
the next larger one of nearly the same shape. Words have about four characters a token. Chat models of other vendors are here
since their chat completions speak OpenAI's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

CHARACTERS_PER_TOKEN = 4
TOKENS_PER_TILE = 170
TILE = 512


@dataclass(frozen=True)
class ChatModel:
    """Dollars a million tokens. most_out: tokens of an answer, at the most. sees: it takes pictures."""

    usd_in: str
    usd_out: str
    most_out: int = 128_000
    context: int = 272_000
    sees: bool = True

    def micros(self, tokens_in: int, tokens_out: int) -> int:
        return whole(Decimal(self.usd_in) * tokens_in + Decimal(self.usd_out) * tokens_out)


CHAT: dict[str, ChatModel] = {
    "gpt-6-luna": ChatModel("0.10", "0.50"),
    "gpt-6-sol": ChatModel("2", "10"),
    "gpt-6.1-terra": ChatModel("1", "5"),
    "gpt-6.1-sol": ChatModel("2", "10"),
    "gpt-5.4-mini": ChatModel("0.75", "4.50"),
    "gpt-5": ChatModel("1.25", "10"),
    "gpt-5-mini": ChatModel("0.25", "2"),
    "gpt-5-nano": ChatModel("0.05", "0.40"),
    "gpt-4o": ChatModel("2.50", "10", 16_384, 128_000),
    "gpt-4o-mini": ChatModel("0.15", "0.60", 16_384, 128_000),
    "gpt-4.1": ChatModel("2", "8", 32_768, 1_047_576),
    "gpt-4.1-mini": ChatModel("0.40", "1.60", 32_768, 1_047_576),
    "gemini-3.8-flash": ChatModel("0.75", "3.75", 65_536, 1_048_576),
    "gemini-3.5-flash-lite": ChatModel("0.30", "2.50", 65_536, 1_048_576),
    "claude-sonnet-5-5": ChatModel("2", "10", 128_000, 1_000_000),
    "claude-haiku-4-5": ChatModel("1", "5", 64_000, 200_000),
}


@dataclass(frozen=True)
class ImageModel:
    """tokens: of one picture by quality and size. sizes: those it makes, where not any. usd_*: dollars a million tokens."""

    tokens: Mapping[str, Mapping[str, int]]
    usd_out: str = "30"
    usd_text_in: str = "5"
    usd_image_in: str = "8"
    sizes: tuple[str, ...] = ()
    also: frozenset[str] = field(default_factory=frozenset)
    """Parameters that not every model takes."""

    def micros(self, text_in: int, image_in: int, out: int) -> int:
        return whole(Decimal(self.usd_text_in) * text_in + Decimal(self.usd_image_in) * image_in + Decimal(self.usd_out) * out)

    def out(self, width: int, height: int, quality: str) -> int:
        """Tokens of one picture."""
        listed = {_sides(name): tokens for name, tokens in self.tokens[quality].items()}
        shape, area = max(width, height) / min(width, height), width * height
        alike = [size for size in listed if 0.95 < size[1] / size[0] / shape < 1.05] or list(listed)
        larger = [size for size in alike if size[0] * size[1] >= area]
        near = min(larger, key=lambda size: size[0] * size[1]) if larger else max(alike, key=lambda size: size[0] * size[1])
        return -(-listed[near] * max(area, near[0] * near[1]) // (near[0] * near[1]))


def _sides(name: str) -> tuple[int, int]:
    """(shorter, longer) of a size."""
    one, other = sorted(map(int, name.split("x")))
    return one, other


def whole(micros: Decimal) -> int:
    """Whole micro-dollars: what is left over is billed."""
    return int(micros.to_integral_value(ROUND_CEILING))


def _table(names: tuple[str, ...], **by_quality: tuple[int, ...]) -> dict[str, dict[str, int]]:
    return {quality: dict(zip(names, tokens, strict=True)) for quality, tokens in by_quality.items()}


_CLASSIC = ("1024x1024", "1536x1024", "1024x1536")
_TWO = ("1024x1024", "1024x1536")
_SIX = ("1024x768", "1024x1024", "1024x1536", "1920x1080", "2560x1440", "3840x2160")
_15 = ImageModel(_table(_TWO, low=(272, 408), medium=(1056, 1584), high=(4160, 6240)), "32", sizes=_CLASSIC,
                 also=frozenset({"input_fidelity"}))
_MINI = ImageModel(_table(_TWO, low=(625, 750), medium=(1375, 1875), high=(4500, 6500)), "8", "2", "2.5", _CLASSIC,
                   frozenset({"input_fidelity"}))
_2 = ImageModel(_table(_SIX, low=(167, 200, 167, 167, 233, 400), medium=(1233, 1767, 1400, 1333, 1867, 3367),
                       high=(4833, 7033, 5500, 5267, 7400, 13367)))
_25 = ImageModel(_table(_SIX, low=(134, 196, 158, 147, 205, 371), medium=(301, 439, 343, 343, 478, 865),
                        high=(1204, 1756, 1372, 1320, 1843, 3336), xhigh=(2140, 3122, 2459, 2347, 3276, 5930),
                        max=(4815, 7024, 5488, 5280, 7370, 13342)), also=frozenset({"markup", "complexity"}))
IMAGES: dict[str, ImageModel] = {
    "gpt-image-1.5": _15, "chatgpt-image-latest": _15, "gpt-image-1-mini": _MINI, "gpt-image-2": _2,
    "gpt-image-2-2026-04-21": _2, "gpt-image-2.5-sunburst": _25, "gpt-image-2.5-flare": _25,
    "gpt-image-2.5-flare-2026-09-08": _25, "gpt-image-2.6-sunburst": _25, "gpt-image-2.6-flare": _25,
}
GONE = ("gpt-image-1", "dall-e-2", "dall-e-3")


def words(text: str) -> int:
    """Tokens of a text."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def seen(width: int, height: int) -> int:
    """Tokens of a picture that is looked at."""
    return 85 + TOKENS_PER_TILE * (-(-width // TILE)) * (-(-height // TILE))
