"""OpenAI's chat and image models as their stand-in knows them: what may be asked and what a token costs. Not our catalogue.

Prices as listed in autumn 2026. The tokens of a picture are those that give its listed price; of sizes nobody lists, those of
the listed size of nearly the same shape, in proportion to the pixels where there are more. For gpt-image-2.6 nobody states
a price: `?`, those of 2.5. Words have about four characters a token.
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
    most_out: int = 32_768
    context: int = 400_000
    sees: bool = True

    def micros(self, tokens_in: int, tokens_out: int) -> int:
        return whole(Decimal(self.usd_in) * tokens_in + Decimal(self.usd_out) * tokens_out)


CHAT: dict[str, ChatModel] = {
    "gpt-6-luna": ChatModel("0.10", "0.50"),
    "gpt-6-sol": ChatModel("2", "10"),
    "gpt-5.4-mini": ChatModel("0.75", "4.50"),
    "gpt-4o-mini": ChatModel("0.15", "0.60", 16_384, 128_000),
    "gpt-4.1-mini": ChatModel("0.40", "1.60", 32_768, 1_000_000),
}


@dataclass(frozen=True)
class ImageModel:
    """tokens: of one picture by quality, for a square of 1024 and for what is listed besides. sizes: those it makes, where
    not any. usd_*: dollars a million tokens."""

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
        listed = {tuple(map(int, name.split("x"))): tokens for name, tokens in self.tokens[quality].items()}
        shape = max(width, height) / min(width, height)
        near = min(listed, key=lambda size: (abs(max(size) / min(size) - shape), -size[0]))
        return -(-listed[near] * max(width * height, near[0] * near[1]) // (near[0] * near[1]))


def whole(micros: Decimal) -> int:
    """Whole micro-dollars: what is left over is billed."""
    return int(micros.to_integral_value(ROUND_CEILING))


def _table(**by_quality: tuple[int, int, int]) -> dict[str, dict[str, int]]:
    """Tokens of 1024x1024, 1536x1024 and 1920x1080, by quality."""
    names = ("1024x1024", "1536x1024", "1920x1080")
    return {quality: dict(zip(names, tokens, strict=True)) for quality, tokens in by_quality.items()}


_CLASSIC = ("1024x1024", "1536x1024", "1024x1536")
_15 = ImageModel(_table(low=(281, 407, 407), medium=(1063, 1563, 1563), high=(4157, 6250, 6250)), "32", sizes=_CLASSIC,
                 also=frozenset({"input_fidelity"}))
_MINI = ImageModel(_table(low=(625, 750, 750), medium=(1375, 1875, 1875), high=(4500, 6500, 6500)), "8", "2", "2.5", _CLASSIC,
                   frozenset({"input_fidelity"}))
_2 = ImageModel(_table(low=(200, 167, 167), medium=(1767, 1367, 1334), high=(7034, 5267, 5267)))
_25 = ImageModel(_table(low=(200, 167, 147), medium=(434, 334, 334), high=(1767, 1367, 1334), xhigh=(3134, 2334, 2334),
                        max=(7034, 5267, 5267)), also=frozenset({"markup", "complexity"}))
IMAGES: dict[str, ImageModel] = {
    "gpt-image-1.5": _15, "gpt-image-1-mini": _MINI, "gpt-image-2": _2, "gpt-image-2-2026-04-21": _2,
    "gpt-image-2.5-sunburst": _25, "gpt-image-2.5-flare": _25, "gpt-image-2.5-flare-2026-09-08": _25,
    "gpt-image-2.6-sunburst": _25, "gpt-image-2.6-flare": _25,  # ?
}
GONE = ("gpt-image-1", "dall-e-2", "dall-e-3")


def words(text: str) -> int:
    """Tokens of a text."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def seen(width: int, height: int) -> int:
    """Tokens of a picture that is looked at."""
    return 85 + TOKENS_PER_TILE * (-(-width // TILE)) * (-(-height // TILE))
