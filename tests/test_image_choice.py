"""Which image backend a config means when it names a model: in place of a backend, or besides it. Asks nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

import generators.factory
import image_generators.factory
from config import Loaded, Override, load
from errors import UserMistakes


def loaded(settings: dict[str, str], environment: dict[str, str] | None = None, path: Path | None = None) -> Loaded:
    sections = generators.factory.registry.sections() | image_generators.factory.registry.sections()
    given = [Override(key, text, f"--set {key}") for key, text in {"prompt": "a fox", **settings}.items()]
    return load(path, environment or {}, given, sections)


@pytest.mark.parametrize(("settings", "chosen"), [
    ({"image_generation_model": "gpt-image-2"}, "openai gpt-image-2"),
    ({"image_generation_backend": "gpt-image-2.6-sunburst"}, "openai gpt-image-2.6-sunburst"),
    ({"image_generation_backend": "openai", "image_generation_model": "gpt-image-2"}, "openai gpt-image-2"),
    ({"image_generation_backend": "openai"}, "openai gpt-image-2.6-flare"),
    ({"image_generation_backend": "openai", "openai_images.base_url": "http://127.0.0.1/v1",
      "image_generation_model": "qwen-image"}, "openai qwen-image"),
    ({"image_generation_model": "gpt-image-2", "openai_images.model_version": "gpt-image-2"}, "openai gpt-image-2"),
])
def test_a_models_name_is_enough_to_choose_its_backend(settings: dict[str, str], chosen: str):
    first = image_generators.factory.create_all(loaded(settings))[0]
    assert getattr(first, "title", first.name) == chosen


@pytest.mark.parametrize(("settings", "said"), [
    ({"image_generation_model": "gpt-image-1"},
     "--set image_generation_model: gpt-image-1 was retired on 2026-10-23, use gpt-image-2.5-flare"),
    ({"image_generation_backend": "gpt-image-1"},
     "--set image_generation_backend: gpt-image-1 was retired on 2026-10-23, use gpt-image-2.5-flare"),
    ({"image_generation_model": "nonsense"}, "--set image_generation_model: there is no image backend 'nonsense'"),
    ({"image_generation_model": "gpt-image-2", "openai_images.model_version": "gpt-image-1.5"},
     "--set image_generation_model: asks for gpt-image-2 where openai_images.model_version says gpt-image-1.5"),
    ({"image_generation_backend": "sketch", "image_generation_model": "gpt-image-2"},
     "--set image_generation_model: sketch has no models to choose from, leave it out"),
    ({"image_generation_backend": "gpt-image-2", "image_fallback_backends": "gpt-image-2.6-flare"},
     "--set image_fallback_backends: openai is asked for gpt-image-2 already"),
    ({"image_generation_backend": "openai", "image_generation_model": "sd3.5-large"},
     "--set image_generation_model: sd3.5-large is a model of stability, not of openai"),
])
def test_a_model_that_cannot_be_meant_is_answered_where_it_was_written(settings: dict[str, str], said: str):
    with pytest.raises(UserMistakes) as wrong:
        image_generators.factory.create_all(loaded(settings))
    assert said in str(wrong.value)


def test_what_a_backend_finds_wrong_in_its_block_has_the_line_of_the_file(tmp_path: Path):
    config = tmp_path / "config.yaml"
    config.write_text("image_generation_backend: openai\nopenai_images:\n  model_version: dall-e-3\n")
    with pytest.raises(UserMistakes) as wrong:
        image_generators.factory.create_all(loaded({}, path=config))
    assert str(wrong.value).startswith(f"{config}:3:18: openai_images.model_version: dall-e-3 was retired on 2026-05-12")


def test_the_key_of_the_environment_goes_to_its_vendors_own_address_only():
    key = {"OPENAI_API_KEY": "sk-0123456789"}
    here = loaded({"image_generation_backend": "openai", "openai_images.base_url": "http://127.0.0.1/v1"}, key)
    there = loaded({"image_generation_backend": "openai"}, key)
    told = [image_generators.factory.create_all(one)[0].options.api_key for one in (here, there)]  # type: ignore[attr-defined]
    assert [one and one.get_secret_value() for one in told] == [None, "sk-0123456789"]
