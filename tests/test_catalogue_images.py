"""catalogue_images.py, catalogue_language.py: sizes that can be asked for, prices by the picture and the token, ids of old."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import catalogue
from catalogue import Asked, FreeSizes, ImageModel, LanguageModel, Tokens
from errors import UserMistakes
from media.film_format import Size
from runtime import yaml_marks

TODAY = date(2026, 11, 22)
SHIPPED = catalogue.load()
HD, FULL_HD = Size(1280, 720), Size(1920, 1080)
IMAGES = [model for provider in SHIPPED.providers.values() for model in provider.image.values()]
WORDS = [model for provider in SHIPPED.providers.values() for model in provider.language.values()]
EACH = pytest.mark.parametrize("model", IMAGES, ids=lambda model: model.id)
EACH_OF_WORDS = pytest.mark.parametrize("model", WORDS, ids=lambda model: model.id)
ANY_SIZE = FreeSizes(multiple_of=16, longest=3840, least_pixels=655_360, most_pixels=8_294_400, aspect=3)


def model(**facts: Any) -> ImageModel:
    """An image model as somebody would add it to a config."""
    block = {"route": "openai", "sizes": ["1536x1024", "1024x1536"], **facts}
    return catalogue.load(overrides={"acme": {"usd_per_credit": "0.01", "image": {"one": block}}}).image("acme", "one")


def line(**facts: Any) -> dict[str, Any]:
    return {"as_of": "2026-11-20", "source": "my bill", **facts}


def mistakes(**facts: Any) -> str:
    with pytest.raises(UserMistakes) as wrong:
        model(**facts)
    return str(wrong.value)


# -- the shipped file ------------------------------------------------------------------------------------------------------

@EACH
def test_an_image_model_has_a_price_for_every_quality_size_and_task_it_offers(model: ImageModel):
    tasks = ["generate", *(["edit"] if model.edits else []), *(["outpaint"] if model.outpaints else [])]
    for film in (HD, FULL_HD, Size(720, 1280), Size(3840, 2160), Size(1024, 1024)):
        for quality in (None, *model.qualities):
            for task in tasks:
                asked = Asked(film, quality, task, pictures=2, prompt="A lighthouse. " * 100)  # type: ignore[arg-type]
                usd, most = model.usd(asked), model.most_usd(asked)
                assert usd is not None and most is not None and Decimal("0.001") < usd <= most < 1


@EACH
def test_a_better_quality_never_costs_less(model: ImageModel):
    prices = [model.usd(Asked(HD, quality)) or Decimal(0) for quality in model.qualities]
    assert prices == sorted(prices)
    assert model.usd(Asked(HD)) == max(prices, default=model.usd(Asked(HD)))


@EACH
def test_a_wide_and_an_upright_film_get_pictures_of_their_own_shape_where_the_model_makes_any(model: ImageModel):
    three_to_two = {"gpt-image-1.5", "gpt-image-1-mini", "chatgpt-image-latest"}
    for film in (HD, Size(720, 1280)):
        size = model.size_for(film).size
        assert (size.width > size.height) == (film.width > film.height)
        if model.id not in three_to_two:
            assert abs(size.width / size.height / (film.width / film.height) - 1) < 0.02
            assert size.width >= film.width and size.height >= film.height


@EACH_OF_WORDS
def test_a_language_model_says_its_price_and_who_gave_it(model: LanguageModel):
    assert Decimal(0) < (model.usd(3000, 3000) or Decimal(0)) < Decimal("0.05")  # a plan of a minute of film
    assert model.usd(3000, 3000, cached_in=3000) < model.usd(3000, 3000)  # type: ignore[operator]
    assert all(0 <= one.age_days(TODAY) <= catalogue.STALE_DAYS for one in model.quoted)


@pytest.mark.parametrize("provider", SHIPPED.providers.values(), ids=lambda provider: provider.name)
def test_the_default_models_are_live(provider: catalogue.Provider):
    if provider.image:
        assert SHIPPED.verdict(provider.name, provider.image_default or "", TODAY, "image") is None
    if provider.language:
        assert SHIPPED.verdict(provider.name, provider.language_default or "", TODAY, "language") is None


def test_what_is_guessed_and_old_is_said():
    notes = list(SHIPPED.notes("stability", "sd3.5-large", TODAY, kind="image"))
    assert notes[0] == "sd3.5-large: one of its prices is 478 days old (2025-08-01, Stability's price page)"
    assert "catalogue.stability.image.sd3.5-large.sizes" in notes[1]
    assert any("2026-12-31" in note for note in SHIPPED.notes("google", "gemini-3.8-flash", TODAY, kind="language"))


# -- ids -------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("written", "provider", "said"), [
    ("gpt-image-1", "openai", "gpt-image-1 was retired on 2026-10-23, use gpt-image-2.5-flare"),
    ("dall-e-3", "openai", "dall-e-3 was retired on 2026-05-12, use gpt-image-2.5-flare"),
    ("SD3", "stability", "SD3 is no longer offered, use sd3.5-large"),
    ("imagen-4.0-generate-001", "google", "was retired on 2026-08-17, use gemini-nano-banana-2.1"),
    ("gemini-3.1-flash-image", "google", "was retired on 2026-10-29, use gemini-nano-banana-2.1"),
    ("gpt-image-2.6-flare", "openai", ""),
    ("gpt-image-2-2026-04-21", "openai", ""),  # a dated snapshot
    ("sd3.5-large", "stability", ""),
])
def test_an_image_models_name_says_whose_it_is_and_what_became_of_it(written: str, provider: str, said: str):
    assert SHIPPED.image_provider_of(written) == provider
    verdict = SHIPPED.verdict(provider, written, TODAY, "image") or ""
    assert said in verdict and bool(said) == bool(verdict)


@pytest.mark.parametrize(("provider", "written", "kind", "said"), [
    ("openai", "gpt-image-25-flare", "image", "openai has no model gpt-image-25-flare, did you mean gpt-image-2.5-flare?"),
    ("openai", "sd3.5-large", "image", "sd3.5-large is a model of stability, not of openai"),
    ("openai", "gpt-6-luna", "image", "gpt-6-luna is a language model, no image model"),
    ("google", "imagen-4", "video", "google has no model imagen-4"),
    ("google", "veo-2.0-generate-001", "image", "google has no model veo-2.0-generate-001"),
])
def test_a_name_of_another_kind_or_vendor_is_told_from_an_old_one(provider: str, written: str, kind: Any, said: str):
    assert (SHIPPED.verdict(provider, written, TODAY, kind) or "").startswith(said)
    assert SHIPPED.image_provider_of("nonsense") is None


def test_a_dated_snapshot_keeps_its_own_name():
    assert SHIPPED.image("openai", "gpt-image-2-2026-04-21").id == "gpt-image-2-2026-04-21"
    assert SHIPPED.language("openai", "gpt-6-luna-2026-08-01").usd_per_million_in == Decimal("0.10")
    for missing in ("gpt-6-luna", "gpt-image-9"):
        with pytest.raises(LookupError):
            SHIPPED.image("openai", missing)


# -- sizes -----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("film", "asked"), [
    (HD, HD), (FULL_HD, Size(1920, 1088)), (Size(720, 1280), Size(720, 1280)), (Size(3840, 2160), Size(3840, 2160)),
    (Size(320, 180), Size(1088, 608)),  # there have to be 655,360 pixels
    (Size(8192, 4320), Size(3840, 2032)), (Size(4000, 500), Size(3840, 1280)),
])
def test_a_model_that_makes_any_size_is_asked_for_the_films_own(film: Size, asked: Size):
    assert ANY_SIZE.fitted(film) == asked


@given(st.integers(64, 8192), st.integers(64, 8192))
def test_whatever_the_film_the_size_is_one_the_vendor_takes_and_nearly_of_its_shape(width: int, height: int):
    size = ANY_SIZE.fitted(Size(width, height))
    assert ANY_SIZE.allows(size)
    assert size.width / size.height == pytest.approx(min(max(width / height, 1 / 3), 3), rel=0.05)


@pytest.mark.parametrize(("film", "size", "tier"), [
    (HD, Size(1376, 768), "1K"), (FULL_HD, Size(2752, 1536), "2K"), (Size(3840, 2160), Size(5504, 3072), "4K"),
    (Size(8192, 4608), Size(5504, 3072), "4K"),  # none is enough: the largest
    (Size(720, 1280), Size(768, 1376), "1K"), (Size(1600, 670), Size(1584, 672), "1K"),
])
def test_of_tiers_the_smallest_that_is_enough_is_asked_for(film: Size, size: Size, tier: str):
    chosen = SHIPPED.image("google", "gemini-nano-banana-2.1").size_for(film)
    assert (chosen.size, chosen.tier) == (size, tier)


@EACH
def test_each_shape_is_offered_once_and_the_films_own_first(model: ImageModel):
    sizes = model.sizes_for(HD)
    assert sizes[0] == model.size_for(HD).size
    shapes = [round(size.width / size.height, 1) for size in sizes]
    assert len(shapes) >= 3 and max(shapes.count(shape) for shape in shapes) <= 2


@pytest.mark.parametrize(("sizes", "said"), [
    (["wide"], "'wide' is not a size like 1536x1024 or 16:9 2K 2752x1536"),
    ({"multiple_of": 16}, "acme.image.one.sizes.longest: is missing"),
])
def test_sizes_that_cannot_be_asked_for_are_refused(sizes: Any, said: str):
    assert said in mistakes(sizes=sizes)


# -- prices ----------------------------------------------------------------------------------------------------------------

BY_PICTURE = [line(usd="0.05"), line(quality="high", usd="0.20"), line(task="edit", credits=7),
              line(quality="high", task="edit", usd="0.30")]


@pytest.mark.parametrize(("quality", "task", "usd"), [
    ("low", "generate", "0.05"), ("high", "generate", "0.20"), ("low", "edit", "0.07"), ("high", "edit", "0.30"),
    (None, "generate", "0.20"), (None, "edit", "0.30"),  # of a quality nobody names, the dearest
])
def test_the_line_that_says_most_about_a_picture_is_its_price(quality: str | None, task: Any, usd: str):
    priced = model(prices=BY_PICTURE, qualities=["low", "high"])
    assert priced.usd(Asked(HD, quality, task)) == priced.most_usd(Asked(HD, quality, task)) == Decimal(usd)
    assert priced.settled(Tokens(1, 1, 1, 1)) is None


def test_tokens_give_an_estimate_a_bound_above_it_and_the_exact_charge():
    flare = SHIPPED.image("openai", "gpt-image-2.6-flare")
    bare = Asked(FULL_HD, "medium")
    assert flare.usd(bare) == Decimal(478 * 30) / 1_000_000  # 1920x1088 is more than the 1920x1080 of the list
    assert flare.most_usd(bare) == flare.usd(bare) * Decimal("1.25")  # type: ignore[operator]
    shown = Asked(FULL_HD, "medium", pictures=2, prompt="x" * 400)
    assert flare.usd(shown) == Decimal(478 * 30 + 2 * 1600 * 8 + 100 * 5) / 1_000_000
    assert flare.settled(Tokens(text_in=100, image_in=3200, image_out=478)) == flare.usd(shown)


def test_thoughts_are_billed_as_words_and_the_tier_says_the_tokens_of_a_picture():
    banana = SHIPPED.image("google", "gemini-nano-banana-2.1")
    assert banana.usd(Asked(HD)) == Decimal("0.0336") + 400 * Decimal("7.5") / 1_000_000
    assert banana.settled(Tokens(image_out=1680, text_out=1000)) == Decimal("0.0504") + Decimal("0.0075")


def test_a_price_that_nobody_states_is_unknown_and_not_zero():
    assert model().usd(Asked(HD)) is None and model().most_usd(Asked(HD)) is None and model().basis(Asked(HD)) is None
    only_4k = model(prices=[line(tier="4K", usd=1)], sizes=["16:9 2K 2752x1536", "16:9 4K 5504x3072"])
    assert only_4k.usd(Asked(HD)) is None
    assert only_4k.usd(Asked(Size(3840, 2160))) == 1


def test_a_price_by_the_picture_in_the_config_counts_in_place_of_the_tokens():
    mine = {"openai": {"image": {"gpt-image-2": {"prices": [line(usd="0.08")]}}}}
    changed = catalogue.load(overrides=mine).image("openai", "gpt-image-2")
    assert changed.usd(Asked(HD, "high", pictures=3)) == Decimal("0.08")
    assert changed.settled(Tokens(image_out=9999)) is None


def test_a_model_of_ones_own_server_is_a_few_lines():
    text = ("catalogue:\n  openai:\n    image:\n      qwen-image:\n        route: openai\n"
            "        sizes: {longest: 2048, most_pixels: 4000000}\n        references: 3\n"
            "        prices: [{usd: 0, as_of: 2026-11-20, source: my machine}]\n")
    parsed: Any = yaml_marks.parse(text, "config.yaml")
    mine = catalogue.load(overrides=parsed.values["catalogue"], marks=parsed.marks).image("openai", "qwen-image")
    assert mine.usd(Asked(HD)) == 0 and mine.size_for(FULL_HD).size == Size(1920, 1088)


@pytest.mark.parametrize(("price", "said"), [
    ({}, "says no price, write usd or credits"), ({"usd": 1, "credits": 2}, "says its price twice"),
    ({"usd": -1}, "-1 is out of range, it must be at least 0"),
])
def test_a_price_that_cannot_be_reckoned_with_is_refused(price: dict[str, Any], said: str):
    assert said in mistakes(prices=[line(**price)])


@pytest.mark.parametrize(("facts", "said"), [
    ({"usd_per_million_in": 1}, "says half its price"),
    ({"usd_per_million_in": 1, "usd_per_million_out": 2}, "says its price and not who gave it when"),
    ({"visoin": True}, "unknown key, did you mean vision?"),
])
def test_half_a_price_of_a_language_model_is_refused(facts: dict[str, Any], said: str):
    with pytest.raises(UserMistakes, match=r"catalogue\.acme\.language\.one") as wrong:
        catalogue.load(overrides={"acme": {"language": {"one": facts}}})
    assert said in str(wrong.value)


def test_a_language_model_without_a_price_is_unknown_and_says_where_to_put_one():
    known = catalogue.load(overrides={"acme": {"language": {"one": {"vision": True}}}})
    assert known.language("acme", "one").usd(10, 10) is None
    note = "one: its price is not known, set it in catalogue.acme.language.one.usd_per_million_in"
    assert list(known.notes("acme", "one", TODAY, kind="language")) == [note]


def test_a_default_must_be_a_model_of_its_kind():
    for key, model in (("image_default", "gpt-6-luna"), ("language_default", "gpt-image-2")):
        with pytest.raises(UserMistakes, match=f"catalogue.openai.{key}: openai has no model {model}"):
            catalogue.load(overrides={"openai": {key: model}})
