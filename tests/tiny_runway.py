"""The Runway backend with one tiny model, and the server that makes its clips, at the pace of a test. Not a test."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from pydantic import SecretStr

import catalogue
from generators.runway_generator import RunwayGenerator
from media.film_format import FilmFormat, Size
from tests.servers import RunwayServer
from tests.servers.runway_models import RunwayModel
from video_generator_interface import Terms

FILM = FilmFormat(Size(160, 90), Fraction(24))
CREDITS = 5
"""What a second costs; a credit is a cent."""


def serve(**how: Any) -> RunwayServer:
    """The server, with the settings of RunwayServer."""
    return RunwayServer(models={"tiny": RunwayModel({"": str(CREDITS)}, (1, 2), ("160:90",), seed=True)}, **how)


def backend(url: str, *, parallel: int, poll_s: float = 0.02, timeout_s: float = 20.0) -> RunwayGenerator:
    """What buys from it."""
    tiny = {"seconds": [1, 2], "shapes": ["160:90"], "last_frame": True, "seed": True, "poll_s": poll_s,
            "prices": [{"credits_per_second": CREDITS, "as_of": "2026-11-22", "source": "test"}]}
    options = RunwayGenerator.Options(api_key=SecretStr("key"), model_version="tiny", base_url=url, parallel=parallel)
    models = catalogue.load(overrides={"runway": {"video": {"tiny": tiny}}})
    return RunwayGenerator(options, FILM, Terms(models, timeout_s=timeout_s))
