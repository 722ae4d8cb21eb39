"""Config -> backends, for both factories: order, duplicates, and everything that is wrong at once."""

from __future__ import annotations

from typing import Any

import pytest

import generators.factory
import image_generators.factory
from config import Loaded, Override, load
from errors import UserMistakes

FACTORIES: list[Any] = [generators.factory, image_generators.factory]


def loaded(**settings: str) -> Loaded:
    sections = generators.factory.registry.sections() | image_generators.factory.registry.sections()
    given = [Override(key, text, f"--set {key}") for key, text in {"prompt": "a fox", **settings}.items()]
    return load(None, {}, given, sections)


@pytest.mark.parametrize("factory", FACTORIES)
def test_a_config_that_says_nothing_gets_the_embedded_backend_once(factory: Any):
    (backend,) = factory.create_all(loaded())
    assert backend.name == factory.EMBEDDED
    assert str(backend.film) == "1280x720 at 24 fps"


@pytest.mark.parametrize("factory", FACTORIES)
def test_every_line_of_the_table_loads_under_its_name(factory: Any):
    for name in factory.BUILTIN:
        backend = factory.registry.load(name)
        assert (backend.name, backend.section) == (name, factory.registry.section(name))


@pytest.mark.parametrize("factory", FACTORIES)
def test_no_alias_hides_a_backend_and_each_means_one(factory: Any):
    assert not factory.ALIASES.keys() & factory.BUILTIN.keys()
    assert set(factory.ALIASES.values()) <= {*factory.BUILTIN, *getattr(factory, "LATER", ())}


def test_a_fallback_that_is_the_primary_is_no_fallback():
    config = loaded(**{"remote_api_settings.fallback_backend": "Animatic"})
    assert [backend.name for backend in generators.factory.create_all(config)] == ["animatic"]


@pytest.mark.parametrize("name", [*generators.factory.LATER, *(
    alias for alias, name in generators.factory.ALIASES.items() if name in generators.factory.LATER)])
def test_a_backend_of_a_later_version_is_said_to_be_one(name: str):
    with pytest.raises(UserMistakes, match="this version has no") as caught:
        generators.factory.create_all(loaded(video_generation_backend=name))
    assert "allowed: animatic" in str(caught.value)


def test_config_names_and_blocks_are_judged_together():
    config = loaded(fps="0", video_generation_backend="animatik", **{"sketch.colour": "red"})
    with pytest.raises(UserMistakes) as caught:
        image_generators.factory.create_all(config)
    said = str(caught.value) + "".join(map(str, generators.factory.mistakes(config)))
    for part in ("fps", "sketch.colour: unknown key", "did you mean animatic?"):
        assert part in said


def test_one_backend_is_made_by_name_for_a_preview():
    assert generators.factory.create(loaded(), "animatic", "--fill").name == "animatic"
    with pytest.raises(UserMistakes, match="--fill: there is no video backend 'xyz'"):
        generators.factory.create(loaded(), "xyz", "--fill")


def test_the_block_of_a_backend_that_was_not_asked_for_is_judged_too():
    config = loaded(**{"video_generation_backend": "runway", "animatic.speed": "3"})
    assert [str(problem) for problem in generators.factory.mistakes(config)][-1] == (
        "--set animatic.speed: unknown key, nothing can be set here")
