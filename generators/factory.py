"""Which video backends there are, and those a config asks for. Knows no backend but by its line in the table."""

from __future__ import annotations

from backend_factory import Factory
from runtime.registry import Registry
from video_generator_interface import VideoGenerator

BUILTIN = {
    "animatic": "generators.animatic_generator:AnimaticGenerator",
    "runway": "generators.runway_generator:RunwayGenerator",
    "veo3": "generators.veo3_generator:Veo3Generator",
}
SECTIONS = {"runway": "runway_ml", "veo3": "google_veo"}
EMBEDDED = "animatic"
"""The one that needs no key, no GPU and no money: for previews."""
ALIASES = {
    "wan": "wan2.1", "wan21": "wan2.1", "wan2": "wan2.1", "frame_pack": "framepack", "runwayml": "runway",
    "runway_ml": "runway", "veo": "veo3", "google_veo": "veo3", "google": "veo3",
}
LATER = ("wan2.1", "framepack")

registry: Registry[VideoGenerator] = Registry(
    "video backend", BUILTIN, "longtake.video_generators", VideoGenerator,  # type: ignore[type-abstract]
    sections=SECTIONS, aliases=ALIASES, later=LATER)

_factory = Factory(
    registry, embedded=EMBEDDED, primary="video_generation_backend", fallbacks="remote_api_settings.fallback_backend")
create_all, create, mistakes, each = _factory.create_all, _factory.create, _factory.mistakes, _factory.each
