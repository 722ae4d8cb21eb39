"""What was bought stays bought: the identity of every backend that charges, to the letter, as films in being have it.

A change that makes a case fail here would buy every such film again.
"""

from fractions import Fraction

import pytest

import catalogue
import generators.factory
import image_generators.factory
from media.film_format import FilmFormat, Size
from runtime import identity
from video_generator_interface import Terms

FILM, TERMS = FilmFormat(Size(1280, 720), Fraction(24)), Terms(catalogue.load())
ASIDE = {"api_key": "a-key", "access_token": "a-token", "project_id": "a-project", "region": "eu", "parallel": 3,
         "credentials_file": "/key.json", "base_url": "http://127.0.0.1:9/", "max_duration": 30}
"""Options that alter nothing that is made; each backend is given those that it has."""
VIDEO = [
    ("runway", {"model_version": "gen4.5"}, {"model_version": "gen4.5", "shape": ["1280:720", "1280x720", None]}),
    ("runway",
     {"model_version": "gen4_turbo", "content_moderation": "low", "cfg_scale": 0.5, "prompt_expansion_mode": "quality"},
     {"model_version": "gen4_turbo", "shape": ["1280:720", "1280x720", None], "content_moderation": "low", "cfg_scale": 0.5,
      "prompt_expansion_mode": "quality"}),
    ("veo3", {"model_version": "veo-3.1-fast-generate-001"},
     {"model_version": "veo-3.1-fast-generate-001", "shape": ["16:9", "1280x720", "720p"], "person_generation": None}),
    ("veo3", {"model_version": "gemini-omni-1.1-flash", "person_generation": "allow_all"},
     {"model_version": "gemini-omni-1.1-flash", "shape": ["16:9", "1280x720", "720p"], "person_generation": "allow_all"}),
]
IMAGES = [
    ("openai", {"model_version": "gpt-image-2.5-flare"},
     {"model_version": "gpt-image-2.5-flare", "quality": "medium", "moderation": None}),
    ("openai", {"model_version": "a-server-of-mine", "quality": "low", "moderation": "low"},
     {"model_version": "a-server-of-mine", "quality": "low", "moderation": "low"}),
    ("google", {"model_version": "gemini-nano-banana-2.1"}, {"model_version": "gemini-nano-banana-2.1", "quality": None}),
    ("stability", {"model_version": "sd3.5-large"}, {"model_version": "sd3.5-large", "quality": None, "strength": 0.75}),
    ("stability", {"model_version": "sd3.5-large", "strength": None},
     {"model_version": "sd3.5-large", "quality": None, "strength": None}),
]


def backend(registry, name, options):
    made = registry.ask(name, lambda found: found)
    given = {key: value for key, value in ASIDE.items() if key in made.Options.model_fields}
    return made(made.Options(**given, **options), FILM, TERMS)


@pytest.mark.parametrize(("registry", "name", "options", "made_of"), [
    *((generators.factory.registry, *case) for case in VIDEO),
    *((image_generators.factory.registry, *case) for case in IMAGES)])
def test_the_identity_of_a_backend_is_what_it_was_when_films_were_bought(registry, name, options, made_of):
    assert dict(backend(registry, name, options).identity()) == {"backend": name, "recipe": 1, **made_of}


@pytest.mark.parametrize(("registry", "cases"), [
    (generators.factory.registry, VIDEO), (image_generators.factory.registry, IMAGES)])
def test_every_backend_of_ours_that_charges_has_a_case_here(registry, cases):
    ours = [entry.name for entry in registry.entries if not entry.origin]
    assert {name for name in ours if registry.ask(name, lambda found: found.charges)} == {name for name, *_ in cases}


def test_the_fingerprint_of_a_wish_is_the_same_on_every_machine_and_in_every_version():
    asked = {"prompt": "Möwen über dem Hafen", "seconds": 5.0, "backend": {"b": None, "a": [1, True]}}
    assert identity.wanted(asked) == "ad2a9a6ec2aba1c214b976e794836f408de37b9f2b2d1cf3b5e2fcb04a525c78"
