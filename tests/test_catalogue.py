"""catalogue.py and catalogue.yaml: what the models can do, what they cost, and what is said of those that are gone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from runwayml.types import image_to_video_create_params as runway

import catalogue
from catalogue import Catalogue, Shape, VideoModel
from errors import Problem, UserMistakes
from media.film_format import Size
from runtime import overlay, yaml_marks

ROOT = Path(__file__).parent.parent
TODAY = date(2026, 11, 22)
SHIPPED = catalogue.load()
MODELS = [model for provider in SHIPPED.providers.values() for model in provider.video.values()]
EACH = pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.provider}:{model.id}")
HD = Size(1280, 720)
SDK = {get_args(get_args(hints["model"])[0])[0]: hints
       for hints in (get_type_hints(one, include_extras=True) for one in get_args(runway.ImageToVideoCreateParams))}
"""The parameters of each model, by the types of Runway's SDK."""
EACH_RUNWAY = pytest.mark.parametrize("model", SHIPPED.providers["runway"].video.values(), ids=lambda model: model.id)


def allowed(model: VideoModel, parameter: str) -> set[Any]:
    """The values that the SDK's type of a parameter names; empty where it names none, or has no such parameter."""
    def within(hint: Any) -> Iterator[Any]:
        for inner in get_args(hint):
            yield from [inner] if get_origin(hint) is Literal else within(inner)

    return set(within(SDK[model.id].get(parameter)))


def model(**facts: Any) -> VideoModel:
    """A model that makes 16:9 in two sizes, as somebody would add it to a config."""
    block = {"seconds": [5], "shapes": ["1280:720", "1920:1080"], **facts}
    return catalogue.load(overrides={"acme": {"video": {"one": block}}}).video("acme", "one")


def said(text: str) -> list[str]:
    """The problems with a `catalogue:` block, read from the text of a config."""
    parsed = yaml_marks.parse(text, "config.yaml")
    assert isinstance(parsed.values, dict) and isinstance(parsed.values["catalogue"], dict)
    problems: list[Problem] = []
    catalogue.merged(parsed.values["catalogue"], parsed.marks, problems)
    return [str(problem) for problem in problems]


# -- the shipped file ------------------------------------------------------------------------------------------------------

def test_it_knows_every_model_that_runways_sdk_can_ask_for_a_video_of_an_image():
    assert set(SHIPPED.providers["runway"].video) == set(SDK)


@EACH_RUNWAY
def test_a_shape_that_runway_is_asked_for_is_one_its_sdk_names(model: VideoModel):
    ratios, tiers = allowed(model, "ratio"), allowed(model, "resolution")
    for shape in model.shapes:
        assert shape.ask in ratios if ratios else shape.ask == ""
        assert shape.resolution in tiers if tiers else shape.resolution is None


@EACH_RUNWAY
def test_an_ability_of_runway_is_one_its_sdk_has_a_parameter_for(model: VideoModel):
    fields = SDK[model.id]
    assert model.audio == "option" if "audio" in fields else model.audio != "option"
    assert (model.seed, model.negative_prompt) == ("seed" in fields, "negative_prompt" in fields)
    assert (model.prompt == "required") == ("Required" in str(fields["prompt_text"]))


@EACH_RUNWAY
def test_a_length_at_runway_is_one_its_sdk_does_not_exclude(model: VideoModel):
    named = allowed(model, "duration") - {"auto"}
    assert not named or set(model.choices) == named


@EACH
def test_a_price_says_where_it_comes_from_and_when(model: VideoModel):
    for price in model.prices:
        assert price.source
        assert 0 <= price.age_days(TODAY) <= catalogue.STALE_DAYS
        assert price.usd_per_second > 0


@EACH
def test_a_price_is_known_for_all_a_model_makes_or_for_nothing(model: VideoModel):
    for shape in model.shapes:
        for audio in {"never": [False], "always": [True], "option": [False, True]}[model.audio]:
            assert (model.price(audio=audio, resolution=shape.tier) is not None) == bool(model.prices)


@pytest.mark.parametrize(("provider", "gone"), [
    ("runway", "gen-3-alpha"), ("runway", "gen-3-alpha-turbo"), ("runway", "gen3a_turbo"), ("google", "veo-3"),
    ("google", "veo-3.0-generate-001"), ("google", "veo-2.0-generate-001"), ("google", "veo-3.1-generate-preview"),
])
def test_an_old_id_is_answered_with_when_it_went_and_a_live_model_of_the_same_provider(provider: str, gone: str):
    former = SHIPPED.providers[provider].former(gone)
    assert former is not None and former.retired is not None and former.retired < TODAY
    assert former.instead in {model.id for model in SHIPPED.live(provider, TODAY)}
    answer = f"{gone} was retired on {former.retired}, use {former.instead}"
    assert (SHIPPED.verdict(provider, gone, TODAY) or "").startswith(answer)


@pytest.mark.parametrize("provider", SHIPPED.providers.values(), ids=lambda provider: provider.name)
def test_the_default_model_is_live_and_can_make_a_film_in_keyframe_mode_at_a_known_price(provider: catalogue.Provider):
    for default in filter(None, (provider.default, provider.default_with_key)):
        model = SHIPPED.video(provider.name, default)
        assert SHIPPED.verdict(provider.name, default, TODAY) is None
        assert model.last_frame and model.shape_for(HD) and model.price(audio=True, resolution="720p")


def test_the_shipped_file_says_which_models_may_be_gone_and_which_lengths_are_guesses():
    assert "2026-11-17" in (SHIPPED.warning("google", "veo-3.1-fast-generate-001", TODAY) or "")
    assert any("careful guess" in note for note in SHIPPED.notes("runway", "kling_4", TODAY))
    assert list(SHIPPED.notes("runway", "veo3.1_fast", TODAY)) == []


# -- ids -------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("provider", "written", "advice"), [
    ("runway", "gen4-turbo", "did you mean gen4_turbo?"),
    ("runway", "veo31fast", "did you mean veo3.1_fast?"),
    ("google", "veo-3.1-fast-generate", "did you mean veo-3.1-fast-generate-001?"),
    ("google", "veo3.1", "veo3.1 is a model of runway, not of google"),
    ("google", "gen-9", "known: gemini-omni-1.1-flash, gemini-omni-1.2-flash, veo-3.1"),
    ("runwya", "gen4_turbo", "runwya is not in the catalogue, known: anthropic, google, openai, runway, stability"),
    ("runway", "GEN-3-Alpha", "GEN-3-Alpha was retired on 2026-07-30, use gen4_turbo"),
    ("google", "veo-3", "use veo-3.1-fast-generate-001 (or gemini-omni-1.1-flash with an API key)"),
    ("runway", "veo3", "veo3 is no longer offered, use veo3.1"),
])
def test_an_id_that_cannot_be_used_comes_with_one_that_can(provider: str, written: str, advice: str):
    assert advice in (SHIPPED.verdict(provider, written, TODAY) or "")


def test_a_live_id_has_no_verdict_and_no_warning():
    assert SHIPPED.verdict("runway", "gen4_turbo", TODAY) is None
    assert SHIPPED.warning("runway", "gen4_turbo", TODAY) is None


def test_a_model_that_nobody_knows_is_a_lookup_error():
    for provider, name in (("runway", "gen-3-alpha"), ("acme", "one")):
        with pytest.raises(LookupError):
            SHIPPED.video(provider, name)


def ending(day: str) -> Catalogue:
    return catalogue.load(overrides={"runway": {"video": {"gen4.5": {"retires": day, "instead": "gen4_turbo"}}}})


def test_a_model_that_ends_soon_is_warned_of_and_after_its_day_refused():
    soon, over = ending("2026-12-01"), ending("2026-11-22")
    assert soon.warning("runway", "gen4.5", TODAY) == "gen4.5: will be retired on 2026-12-01, in 9 days, use gen4_turbo"
    assert soon.verdict("runway", "gen4.5", TODAY) is None
    assert over.verdict("runway", "gen4.5", TODAY) == "gen4.5 was retired on 2026-11-22, use gen4_turbo"
    assert "gen4.5" in {one.id for one in soon.live("runway", TODAY)} - {one.id for one in over.live("runway", TODAY)}


# -- shapes ----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("film", "asked"), [
    (HD, "1280:720"),  # the smallest that is enough
    (Size(1300, 730), "1920:1080"),  # a little more than the small one
    (Size(640, 360), "1280:720"),
    (Size(3840, 2160), "1920:1080"),  # none is enough: the largest
    (Size(1280, 710), "1280:720"),  # 1.4 % off
    (Size(1280, 690), None),  # 4.3 % off
    (Size(720, 1280), None),
])
def test_the_shape_is_the_smallest_of_the_films_aspect_that_is_not_smaller_than_the_film(film: Size, asked: str | None):
    shape = model().shape_for(film)
    assert (shape.ask if shape else None) == asked


def test_a_shape_in_short_is_an_aspect_and_a_tier_or_pixels():
    pixels, tier = model(shapes=["1104:832", "9:16 1080p"]).shapes
    assert pixels == Shape(ask="1104:832", size=Size(1104, 832))
    assert tier == Shape(ask="9:16", size=Size(1080, 1920), resolution="1080p")


def test_a_model_that_follows_its_first_picture_makes_a_film_of_any_aspect():
    shapes = [{"ask": "auto_720p", "size": "1280x720", "follows_picture": True},
              {"ask": "auto_1080p", "size": "1920x1080", "follows_picture": True}]
    follower = model(shapes=shapes)
    assert follower.shape_for(HD) == Shape.model_validate(shapes[0])
    wide = follower.shape_for(Size(1600, 670))
    assert wide is not None and wide.ask == "auto_1080p"
    assert wide.size.width / wide.size.height == pytest.approx(1600 / 670, rel=0.002)
    assert wide.tier == "1080p"


@pytest.mark.parametrize(("shape", "tier"), [
    ("1280:720", "720p"), ("960:960", "720p"), ("834:1112", "720p"), ("2206:946", "1080p"), ("3840:1646", "4k"),
    ("864:496", "480p"), ("360:640", "360p"), ("16:9 768p", "768p"),
])
def test_a_shape_belongs_to_the_price_tier_of_its_pixels(shape: str, tier: str):
    assert Shape.model_validate(shape).tier == tier


def test_a_clip_has_as_many_frames_as_its_seconds_and_its_rate_say():
    assert model().frames(8) == 192
    assert model(fps="30000/1001").frames(10) == 300
    assert model(fps=16, extra_frames=1).frames(5) == 81
    assert model(fps=25).fps == Fraction(25)


def test_lengths_are_choices_or_every_second_within_bounds():
    choices, bounds = model(seconds=[6, 4]), model(seconds={"least": 3, "most": 10})
    assert (choices.choices, choices.least_s, choices.most_s) == ((6, 4), 4, 6)
    assert model(seconds=5).choices == (5,)
    assert (bounds.choices, bounds.least_s, bounds.most_s, bounds.step_s) == ((), 3, 10, 1)


# -- prices ----------------------------------------------------------------------------------------------------------------

def line(**facts: Any) -> dict[str, Any]:
    return {"as_of": "2026-11-20", "source": "my bill", **facts}


PRICES = [line(usd_per_second=0.4), line(usd_per_second=0.2, audio=False), line(usd_per_second=0.6, resolution="4k"),
          line(usd_per_second=0.5, resolution="4k", audio=False)]


@pytest.mark.parametrize(("audio", "resolution", "usd"), [
    (True, "720p", "0.4"), (False, "720p", "0.2"), (True, "4k", "0.6"), (False, "4k", "0.5"), (False, None, "0.6"),
])
def test_the_line_that_says_most_about_the_case_is_its_price(audio: bool, resolution: str | None, usd: str):
    price = model(prices=PRICES).price(audio=audio, resolution=resolution)
    assert price is not None
    # Of a resolution nobody names, the dearest that may hold.
    assert price.usd_per_second == Decimal(usd)


def test_of_two_lines_that_say_as_much_the_dearer_is_believed():
    for prices in (PRICES[:3], PRICES[2::-1]):
        price = model(prices=prices).price(audio=False, resolution="4k")
        assert price is not None and price.usd_per_second == Decimal("0.6")


def test_a_price_that_nobody_states_is_unknown_and_not_zero():
    assert model().price(audio=False, resolution="720p") is None
    only_4k = model(prices=[line(usd_per_second=1, resolution="4k")])
    assert only_4k.price(audio=False, resolution="720p") is None


@pytest.mark.parametrize(("written", "usd"), [("0.1", "0.1"), ("0.105", "0.105"), ("17.50", "17.50"), ("3", "3")])
def test_money_is_what_was_written_to_the_last_digit(written: str, usd: str):
    line = f"{{usd_per_second: {written}, as_of: 2026-11-20, source: my bill}}"
    text = f"catalogue: {{runway: {{video: {{gen4.5: {{prices: [{line}]}}}}}}}}"
    parsed: Any = yaml_marks.parse(text, "config.yaml")
    found = catalogue.load(overrides=parsed.values["catalogue"], marks=parsed.marks).video("runway", "gen4.5").prices[0]
    assert found.usd_per_second == Decimal(usd)
    assert isinstance(found.usd(7), Decimal) and found.usd(7) == 7 * Decimal(usd)


def test_credits_are_dollars_at_the_providers_rate_and_whole_credits_are_billed():
    price = SHIPPED.video("runway", "wan3_prime").price(audio=False, resolution="480p")
    assert price is not None
    assert price.usd_per_second == Decimal("0.068")
    assert price.usd(3) == Decimal("0.21")  # 20.4 credits
    still = SHIPPED.video("runway", "grok_imagine_1_5").price(audio=True, resolution="720p")
    assert still is not None and still.usd(4) == Decimal("0.65")  # one credit for the first picture; so it was charged


def test_tokens_give_an_estimate_a_bound_above_it_and_the_exact_charge():
    price = SHIPPED.video("google", "gemini-omni-1.1-flash").price(audio=True, resolution="720p")
    assert price is not None
    assert price.usd(8) == Decimal("0.81088")
    assert price.most_usd(8) == Decimal("1.0136")
    charge = price.settled(46_336, 2_000)
    assert charge == price.usd(8) + Decimal("0.003")
    assert charge < price.most_usd(8)


def test_only_an_approximate_price_reserves_more_than_it_says():
    price = SHIPPED.video("runway", "veo3.1_fast").price(audio=False, resolution="720p")
    assert price is not None
    assert price.most_usd(8) == price.usd(8) == Decimal("0.80")
    assert price.settled(1000) is None


def test_an_old_price_is_pointed_out():
    old = {"runway": {"video": {"gen4.5": {"prices": [line(usd_per_second=1, as_of="2026-08-01")]}}}}
    known = catalogue.load(overrides=old)
    assert list(known.notes("runway", "gen4.5", TODAY)) == ["gen4.5: its price is 113 days old (2026-08-01, my bill)"]
    assert list(known.notes("runway", "gen4.5", TODAY, stale_days=120)) == []


# -- overrides -------------------------------------------------------------------------------------------------------------

def test_a_config_changes_a_price_and_nothing_else():
    changed = catalogue.load(overrides={"runway": {"video": {"gen4_turbo": {"prices": [line(credits_per_second=6)]}}}})
    before, after = SHIPPED.video("runway", "gen4_turbo"), changed.video("runway", "gen4_turbo")
    assert [price.usd_per_second for price in after.prices] == [Decimal("0.06")]
    assert after.model_copy(update={"prices": before.prices}) == before
    assert changed.video("runway", "gen4.5") == SHIPPED.video("runway", "gen4.5")


def test_a_config_adds_a_model_that_takes_the_providers_ways():
    added = {"runway": {"video": {"gen5": {"seconds": [5], "shapes": ["1280:720"]}}, "default": "gen5"}}
    gen5 = catalogue.load(overrides=added).video("runway", "gen5")
    assert (gen5.provider, gen5.id, gen5.poll_s, gen5.prices) == ("runway", "gen5", 5.0, ())


def test_a_worth_of_a_credit_in_the_config_holds_for_the_shipped_prices():
    price = catalogue.load(overrides={"runway": {"usd_per_credit": "0.02"}}).video("runway", "gen4_turbo").prices[0]
    assert price.usd_per_second == Decimal("0.10")


@pytest.mark.parametrize(("lines", "problem"), [
    (["    parallell: 3"], "config.yaml:3:5: catalogue.runway.parallell: unknown key, did you mean parallel?"),
    (["    video:", "      gen4.5:", "        last_frme: true"],
     "config.yaml:5:9: catalogue.runway.video.gen4.5.last_frme: unknown key, did you mean last_frame?"),
    (["    video:", "      gen4.5:", "        audio: maybe"],
     "config.yaml:5:16: catalogue.runway.video.gen4.5.audio: 'maybe' is not one of never, option, always"),
    (["    video:", "      gen4.5: 3"],
     "config.yaml:4:15: catalogue.runway.video.gen4.5: is not a block of keys, write key: value lines below it"),
    (["    video:", "      gen4.5:", "        seconds: [5, soon]"],
     "config.yaml:5:22: catalogue.runway.video.gen4.5.seconds.2: 'soon' is not a number"),
    (["    video:", "      gen4.5:", "        seconds: {least: 9, most: 3}"],
     "config.yaml:5:18: catalogue.runway.video.gen4.5.seconds: least 9 is more than most 3"),
    (["    video:", "      gen4.5:", "        shapes: [1280x720]"],
     "config.yaml:5:18: catalogue.runway.video.gen4.5.shapes.1: '1280x720' is not a shape like 1280:720 or 16:9 720p"),
    (["    video:", "      gen9:", "        seconds: [5]"], "config.yaml:5:9: catalogue.runway.video.gen9.shapes: is missing"),
    (["    video:", "      gen4.5:", "        id: gen5"],
     "config.yaml:5:9: catalogue.runway.video.gen4.5.id: unknown key, the blocks around it say its name"),
    (["    default: gen4.6"], "config.yaml:3:14: catalogue.runway.default: runway has no model gen4.6, did you mean gen4.5?"),
    (["    gone:", "      gen-2: {instead: gen4turbo}"],
     "config.yaml:4:24: catalogue.runway.gone.gen-2.instead: runway has no model gen4turbo, did you mean gen4_turbo?"),
])
def test_a_mistake_in_the_config_has_its_place_and_its_advice(lines: list[str], problem: str):
    assert said("\n".join(["catalogue:", "  runway:", *lines])) == [problem]


@pytest.mark.parametrize(("written", "problem"), [
    ("{as_of: 2026-11-20, source: b}", "says no price, write usd_per_second, credits_per_second"),
    ("{usd_per_second: 1, credits_per_second: 2, as_of: 2026-11-20, source: b}", "says its price twice, keep one of"),
    ("{usd_per_second: -1, as_of: 2026-11-20, source: b}", "-1 is out of range, it must be at least 0"),
    ("{usd_per_second: 1, source: b}", "config.yaml:5:18: catalogue.runway.video.gen4.5.prices.1.as_of: is missing"),
    ("{usd_per_second: 1, as_of: 20.11.2026, source: b}", "prices.1.as_of: '20.11.2026' is not accepted"),
])
def test_a_price_that_cannot_be_reckoned_with_is_refused(written: str, problem: str):
    text = f"catalogue:\n  runway:\n    video:\n      gen4.5:\n        prices: [{written}]\n"
    assert len(said(text)) == 1
    assert problem in said(text)[0]


def test_a_price_in_credits_needs_to_know_what_a_credit_is_worth():
    with pytest.raises(UserMistakes, match="is priced in credits, and its provider has no usd_per_credit"):
        model(prices=[line(credits_per_second=2)])


def test_a_model_with_a_mistake_is_as_shipped_so_that_nothing_else_is_said_to_be_wrong():
    problems: list[Problem] = []
    wrong = {"runway": {"video": {"gen4.5": {"audio": "maybe"}, "gen9": {}}, "parallel": "many"}, "google": 3}
    found = catalogue.merged(wrong, None, problems)
    assert found.video("runway", "gen4.5") == SHIPPED.video("runway", "gen4.5")
    assert found.providers["google"].default == SHIPPED.providers["google"].default
    assert [problem.where for problem in problems] == [
        "catalogue.google", "catalogue.runway.parallel", "catalogue.runway.video.gen4.5.audio",
        "catalogue.runway.video.gen9.seconds", "catalogue.runway.video.gen9.shapes"]


def test_a_mistake_in_the_file_itself_has_its_line(tmp_path: Path):
    file = tmp_path / "catalogue.yaml"
    file.write_text("acme:\n  video:\n    one: {seconds: [5], shapes: [wide]}\n")
    with pytest.raises(UserMistakes) as wrong:
        catalogue.load(file)
    assert str(wrong.value).startswith("catalogue.yaml:3:34: catalogue.acme.video.one.shapes.1: 'wide' is not a shape")
    file.write_text("- acme\n")
    with pytest.raises(UserMistakes, match="is not a block of keys"):
        catalogue._parsed.cache_clear()
        catalogue.load(file)


def test_values_laid_over_each_other_keep_the_marks_of_those_that_count():
    below, above = yaml_marks.parse("a: {b: [1, 2], c: 3}", "below"), yaml_marks.parse("x: {a: {b: 4, d: 5}}", "above")
    assert isinstance(above.values, dict)
    marks = overlay.moved(below.marks, ("x",))
    assert overlay.laid_over(below.values, above.values["x"], ("x",), marks, above.marks) == {"a": {"b": 4, "c": 3, "d": 5}}
    assert str(marks.value(("x", "a", "c"))) == "below:1:19"
    assert str(marks.value(("x", "a", "b"))) == "above:1:12"
    assert ("x", "a", "b", 1) not in marks.values


# -- the installed package -------------------------------------------------------------------------------------------------

def test_an_installed_longtake_finds_its_catalogue(tmp_path: Path):
    aside = shutil.ignore_patterns(".*", "__pycache__", "build", "*.egg-info", "runs", "tests", "docs", "Wan2.1", "FramePack")
    shutil.copytree(ROOT, tmp_path / "tree", ignore=aside)
    python(f"from setuptools import build_meta; build_meta.build_wheel({str(tmp_path)!r})", tmp_path / "tree")
    wheel = next(tmp_path.glob("*.whl"))
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    for way, site in (("--target", tmp_path / "flat"), ("--prefix", tmp_path / "tall")):
        subprocess.run([sys.executable, *install, way, str(site), str(wheel)], check=True, capture_output=True)
        modules = next(site.rglob("catalogue.py")).parent
        found = python("import catalogue; print(catalogue.shipped().resolve()); catalogue.load()", tmp_path, str(modules))
        assert Path(found) == (site / "share" / "longtake" / "catalogue.yaml").resolve()


def python(code: str, folder: Path, modules: str = "") -> str:
    environment = {"PYTHONPATH": modules, "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()
