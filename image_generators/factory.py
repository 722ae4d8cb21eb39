"""Which image backends there are, and those a config asks for. Knows no backend but by its line in the table."""

from __future__ import annotations

from backend_factory import Factory
from image_generator_interface import ImageGenerator
from runtime.registry import Registry

BUILTIN = {
    "sketch": "image_generators.sketch_images:SketchImages",
    "openai": "image_generators.openai_images:OpenAIImages",
    "google": "image_generators.google_images:GoogleImages",
    "stability": "image_generators.stability_images:StabilityImages",
}
SECTIONS = {"openai": "openai_images", "google": "google_images", "stability": "stability_images"}
EMBEDDED = "sketch"
"""The one that needs no key, no GPU and no money: for previews."""
ALIASES = {
    "gpt-image": "openai", "openai_images": "openai", "stability_ai": "stability", "stability_images": "stability",
    "imagen": "google", "gemini": "google", "google_images": "google", "nano-banana": "google",
}

registry: Registry[ImageGenerator] = Registry(
    "image backend", BUILTIN, "longtake.image_generators", ImageGenerator,  # type: ignore[type-abstract]
    sections=SECTIONS, aliases=ALIASES)

_factory = Factory(
    registry, embedded=EMBEDDED, primary="image_generation_backend", fallbacks="image_fallback_backends",
    model="image_generation_model", whose=lambda catalogue, model: catalogue.image_provider_of(model))
create_all, create, mistakes = _factory.create_all, _factory.create, _factory.mistakes
