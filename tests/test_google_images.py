"""Google's images through its own SDK, with a key and in a project, against a server that counts every POST. With aiohttp
installed, which makes the SDK repeat what it is not kept from repeating."""

import asyncio
import hashlib
import importlib.util

import pytest
from PIL import Image
from pydantic import SecretStr

from errors import BackendUnavailable, BadOutput, GenerationFailed, Moderated, StillOut, Unresolved
from image_generator_interface import Figure, Place
from image_generators.google_images import GoogleImages
from media.film_format import Size
from runtime import google_client
from tests.one_purchase import HD, Shop, picture, serve
from tests.servers import GoogleServer
from tests.servers.google_models import IMAGES

KEY, TOKEN = "AIza0123456789abcdef", "ya29.0123456789"
MODEL = "gemini-nano-banana-2.1"
WITH_KEY = {"api_key": SecretStr(KEY)}
IN_PROJECT = {"api_key": None, "project_id": "film", "access_token": SecretStr(TOKEN)}
BOTH = pytest.mark.parametrize("access", [WITH_KEY, IN_PROJECT], ids=["key", "project"])


SHOP = Shop(GoogleImages, GoogleServer, {"model_version": MODEL, **WITH_KEY}, Size(1376, 768))
adapter, request, once = SHOP.adapter, SHOP.request, SHOP.once


def test_aiohttp_is_there_so_that_these_counts_mean_something():
    assert importlib.util.find_spec("aiohttp") is not None


# -- one draw, one POST ----------------------------------------------------------------------------------------------------

COMES = ["", "slow_accept:s=0.1", "unknown_fields", "clock_skew", "other_format:webp", "other_format:jpeg", "rgba",
         "wrong_size:640x640"]
LOST = ["drop_before", "drop_after_accept", "garbled", "truncated", "408", "409", "500", "502", "503", "504", "500_after",
        "503_after:retry_after=1", "failed"]


@pytest.mark.parametrize("faults", COMES)
@BOTH
def test_a_picture_comes_with_one_post_whatever_its_format(access, faults, tmp_path):
    ran, server = once(tmp_path, faults, how=access)
    assert (ran.error, ran.states, len(server.posts), len(server.jobs)) == (None, ["FETCHED"], 1, 1)
    assert ran.last.charged_usd == server.total_usd and ran.last.charged_by == "provider"
    assert ran.picture.shape == ((640, 640, 3) if "640" in faults else (768, 1376, 3))
    assert Image.open(tmp_path / "run" / ran.last.path).mode == "RGB"


@pytest.mark.parametrize("faults", LOST)
@BOTH
def test_a_lost_answer_is_one_post_and_is_not_asked_again_when_it_was_dear(access, faults, tmp_path):
    ran, server = once(tmp_path, faults, how=access)
    assert isinstance(ran.error, Unresolved)
    assert (ran.states, len(server.posts)) == (["UNKNOWN"], 1)


def test_a_lost_answer_that_was_cheap_is_asked_again_and_both_are_counted(tmp_path):
    ran, server = once(tmp_path, "drop_after_accept@1", rebuy="0.10")
    assert (ran.error, ran.states, len(server.posts)) == (None, ["ABANDONED", "FETCHED"], 2)
    assert sum(one.counted_usd for one in ran.purchases) >= server.total_usd


@pytest.mark.parametrize(("faults", "account"), [
    ("400", False), ("401", True), ("403", True), ("404", True), ("413", False), ("out_of_credits", True)])
def test_a_refusal_is_one_post_that_costs_nothing_and_a_bad_account_is_asked_no_more(faults, account, tmp_path):
    with GoogleServer(faults=faults) as server:
        backend = adapter(server)
        ran = serve(tmp_path, backend, request())
        assert isinstance(ran.error, GenerationFailed) and not isinstance(ran.error, Moderated)
        assert (ran.states, ran.last.charged_usd, len(server.posts), bool(backend.closed)) == (["REFUSED"], 0, 1, account)
    assert KEY not in str(ran.error) + ran.last.reason


@pytest.mark.parametrize(("faults", "side", "state"), [
    ("filtered_input", "input", "REFUSED"), ("filtered_input:IMAGE_SAFETY", "input", "REFUSED"),
    ("filtered", "output", "FAILED"), ("filtered:charged=1", "output", "FAILED"),
    ("filtered:PROHIBITED_CONTENT", "output", "FAILED"), ("filtered:IMAGE_RECITATION", "output", "FAILED"),
])
def test_an_objection_is_a_refusal_with_its_side_and_costs_what_was_counted(faults, side, state, tmp_path):
    ran, server = once(tmp_path, faults)
    assert isinstance(ran.error, Moderated) and ran.error.side == side
    assert (ran.states, ran.last.refusal, len(server.posts)) == ([state], side, 1)
    assert ran.last.charged_usd == server.total_usd


@pytest.mark.parametrize("faults", ["empty", "no_choices", "not_a_picture", "damaged", "filtered:NO_IMAGE", "filtered:OTHER"])
def test_an_answer_without_a_picture_is_charged_and_useless(faults, tmp_path):
    ran, server = once(tmp_path, faults)
    assert isinstance(ran.error, BadOutput) and (ran.states, len(server.posts)) == (["FAILED"], 1)
    assert ran.last.charged_usd >= server.total_usd
    assert "empty" not in faults or "describe that picture" in ran.last.reason


def test_where_no_tokens_are_counted_the_bound_is(tmp_path):
    ran, server = once(tmp_path, "no_cost")
    assert ran.error is None and ran.last.charged_usd is None
    assert ran.last.counted_usd == ran.last.reserved_usd >= server.total_usd


def test_a_429_is_waited_for_as_long_as_it_says(tmp_path):
    ran, server = once(tmp_path, "429*2:retry_after=0.02")
    assert (ran.error, ran.states, len(server.posts)) == (None, ["THROTTLED", "THROTTLED", "FETCHED"], 3)


def test_an_address_where_nobody_answers_is_no_purchase(tmp_path):
    ran = serve(tmp_path, adapter("http://127.0.0.1:9", timeout_s=0.5), request())
    assert isinstance(ran.error, StillOut) and ran.states == ["THROTTLED"]


def test_an_answer_that_comes_too_late_is_lost(tmp_path):
    with GoogleServer(faults="stuck") as server:
        ran = serve(tmp_path, adapter(server, timeout_s=0.3), request())
    assert isinstance(ran.error, Unresolved) and (ran.states, len(server.posts)) == (["UNKNOWN"], 1)


# -- what is sent ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("film", "size"), [
    (Size(1280, 720), (1376, 768)), (Size(1920, 1080), (2752, 1536)), (Size(720, 1280), (768, 1376))])
def test_the_films_own_shape_is_asked_for_in_the_smallest_tier_that_is_enough(film, size, tmp_path):
    with GoogleServer() as server:
        backend = adapter(server, film)
        serve(tmp_path, backend, request(size=backend.capabilities.nearest(film)))
        order = server.jobs[0].order
    assert (order.width, order.height) == size and order.seed == 7


@BOTH
def test_pictures_arrive_in_the_order_in_which_the_words_count_them(access, tmp_path):
    mara, harbour, before = (picture(tmp_path, name, shade=shade) for name, shade in
                             (("mara", 10), ("harbour", 20), ("before", 30)))
    asked = request(figures=(Figure("Mara", "a keeper", mara),), previous=before,
                    place=Place("the harbour", "stone and nets", harbour))
    with GoogleServer() as server:
        ran = serve(tmp_path, adapter(server, **access), asked)
        order = server.jobs[0].order
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (mara, harbour, before)]
    assert ran.error is None and [one.sha256 for one in order.pictures] == digests
    lines = order.prompt.splitlines()
    assert lines[2].startswith("Image 1 shows Mara") and lines[3].startswith("Image 2 shows the place, the harbour")
    assert lines[4].startswith("Image 3 is the moment before") and lines[5] == "Not in the picture: fog"


def test_of_many_pictures_the_most_important_go_along(tmp_path):
    figures = tuple(Figure(f"figure {number}", "", picture(tmp_path, str(number), shade=number)) for number in range(5))
    with GoogleServer() as server:
        ran = serve(tmp_path, adapter(server, model_version="gemini-2.5-flash-image"), request(figures=figures))
        assert ran.error is None and len(server.jobs[0].order.pictures) == 3
    assert [one["shows"] for one in ran.last.asked["pictures"]] == ["figure 0", "figure 1", "figure 2"]


@pytest.mark.parametrize("model", sorted(IMAGES))
def test_the_bound_is_never_below_the_bill_and_the_charge_is_the_bill(model, tmp_path):
    figures = tuple(Figure(name, "", picture(tmp_path, name, (1280, 720))) for name in ("a", "b", "c"))
    with GoogleServer() as server:
        backend = adapter(server, model_version=model)
        asked = request(figures=figures, size=backend.capabilities.nearest(HD))
        ran = serve(tmp_path, backend, asked)
        assert ran.error is None, ran.error
        assert ran.last.charged_usd == server.total_usd <= backend.quote_for(asked).most_usd


# -- the config ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("model", "said"), [
    ("gemini-3.1-flash-image", "was retired on 2026-10-29, use gemini-nano-banana-2.1"),
    ("imagen-4.0-generate-001", "was retired on 2026-08-17, use gemini-nano-banana-2.1"),
    ("gemini-3.8-flash", "gemini-3.8-flash is a language model, no image model"),
    ("nano-banana-2.1", "google has no model nano-banana-2.1, did you mean gemini-nano-banana-2.1?"),
])
def test_a_model_that_cannot_be_had_is_answered_with_one_that_can(model, said):
    (problem,) = adapter("http://127.0.0.1:9", model_version=model).mistakes()
    assert said in str(problem) and problem.where == "google_images.model_version"


def test_the_default_is_the_catalogues_and_no_key_is_part_of_a_pictures_identity():
    backend = adapter("http://127.0.0.1:9", model_version=None)
    assert backend.model_version == MODEL and list(backend.mistakes()) == []
    assert set(backend.identity()) == {"backend", "recipe", "model_version", "quality"}
    assert backend.capabilities.references == 14 and not backend.capabilities.edits


@pytest.mark.parametrize(("access", "where"), [
    ({}, "api_key"), ({"api_key": SecretStr("AIza 0123")}, "api_key"), ({"project_id": "film"}, "project_id"),
    ({"project_id": "film", "credentials_file": "/nowhere.json"}, "credentials_file"),
])
def test_what_keeps_it_from_running_is_said_with_what_to_do(access, where, tmp_path, monkeypatch):
    monkeypatch.setattr(google_client, "_GOOGLE_MACHINE", tmp_path / "no_such_file")
    backend = adapter("http://127.0.0.1:9", **{"api_key": None, **access})
    assert [problem.where for problem in backend.problems()] == [f"google_images.{where}"]
    with pytest.raises(BackendUnavailable):
        asyncio.run(backend.prove())


@BOTH
def test_the_proof_is_one_free_call(access):
    with GoogleServer() as server:
        assert asyncio.run(adapter(server, **access).prove()).endswith(f"good and {MODEL} is there")
        assert [method for method, _ in server.requests] == ["GET"] and not server.posts
    with GoogleServer(api_key="another") as server, pytest.raises(BackendUnavailable, match="cannot be asked"):
        asyncio.run(adapter(server, **access).prove())


def test_a_model_of_google_is_chosen_by_its_name():
    import generators.factory
    import image_generators.factory
    from config import Override, load

    sections = generators.factory.registry.sections() | image_generators.factory.registry.sections()
    given = [Override(key, text, f"--set {key}") for key, text in
             (("prompt", "a fox"), ("image_generation_model", "gemini-3-pro-image"))]
    (first, *_) = image_generators.factory.create_all(load(None, {}, given, sections))
    assert isinstance(first, GoogleImages) and first.model_version == "gemini-3-pro-image"
