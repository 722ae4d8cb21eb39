"""The one format every clip of a film is brought to, so that joining is a copy of packets. Encodes nothing itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    @classmethod
    def parse(cls, text: str) -> Size:
        """Reads `1280x720`. Raises ValueError when the text is not two whole numbers with an x between."""
        found = re.fullmatch(r"\s*(\d+)\s*[xX*×]\s*(\d+)\s*", text)
        if not found:
            raise ValueError(f"{text!r} is not a size like 1280x720")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True)
class FilmFormat:
    """Size and rate of the film. Sides are even (yuv420p halves them)."""

    size: Size
    fps: Fraction

    @property
    def gop(self) -> int:
        """Frames from one IDR frame to the next: one second, so that players seek well."""
        return max(1, round(self.fps))

    def seconds(self, frames: int) -> float:
        """How long `frames` frames last."""
        return float(frames / self.fps)

    def frames(self, seconds: float) -> int:
        """How many frames fill `seconds`, rounded to the nearest."""
        return round(seconds * self.fps)

    def __str__(self) -> str:
        return f"{self.size} at {float(self.fps):g} fps"


SLACK_FRAMES, SLACK_PART = 2, 0.02
"""How far a clip's length may be off what the plan counts on, in film frames or as a part of it, whichever is more."""


def near_enough(frames: int, planned: int) -> bool:
    """Whether a clip that spans so many film frames may be spread over the planned number, its ends staying its ends."""
    return abs(frames - planned) <= max(SLACK_FRAMES, SLACK_PART * planned)


ENCODER = "libx264"
PIXEL_FORMAT = "yuv420p"


def encoder_options(film: FilmFormat) -> dict[str, str]:
    """Options of the one encoder configuration.

    A stitchable stream with a fixed GOP gives byte-identical SPS/PPS whatever the content (shared measurement,
    media.md B1). One thread and no macroblock tree, since otherwise x264 gives other bytes now and then for the same frames
    (measured with the build in PyAV 18.1, 320x180 and 720p: two threads and the tree up to 21 of 25, the tree alone 7 of
    25, two threads alone 3 of 16, neither 0 of 245). It costs no speed where two segments are encoded at a time.
    """
    x264 = {
        "stitchable": 1, "scenecut": 0, "open-gop": 0, "keyint": film.gop, "min-keyint": film.gop,
        "threads": 1, "lookahead-threads": 1, "forced-idr": 1, "mbtree": 0,
        "colorprim": "bt709", "transfer": "bt709", "colormatrix": "bt709",
    }
    return {
        "preset": "veryfast", "crf": "18", "bf": "2", "forced-idr": "1",
        "x264-params": ":".join(f"{key}={value}" for key, value in x264.items()),
    }
