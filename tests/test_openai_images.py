"""OpenAI's images through its own SDK, against a server on this machine that counts every POST and bills every picture."""

import asyncio
import hashlib
import io
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr, ValidationError

import attempts
import catalogue
from errors import BackendUnavailable, BadOutput, GenerationFailed, Moderated, StillOut, Unresolved
from image_generator_interface import Edit, Figure, Place
from image_generators.openai_images import OpenAIImages
from media import frames
from media.film_format import Size
from runtime.run_store import Wish, open_run
from tests.one_purchase import HD, SHIPPED, Shop, picture, serve
from tests.servers.openai import OpenAIServer
from tests.servers.openai_models import IMAGES

KEY = "sk-0123456789abcdef"
MODEL = "gpt-image-2.5-flare"
NODE = "keyframe segment_01"


SHOP = Shop(OpenAIImages, OpenAIServer, {"api_key": SecretStr(KEY), "model_version": MODEL, "quality": "low"})
adapter, request, once = SHOP.adapter, SHOP.request, SHOP.once


# -- one draw, one POST ----------------------------------------------------------------------------------------------------

COMES = ["", "slow_accept:s=0.1", "unknown_fields", "clock_skew", "other_format:webp", "other_format:jpeg", "rgba",
         "wrong_size:640x640", "by_address"]
REFUSED = [("400", False), ("401", True), ("402", True), ("403", True), ("404", True), ("413", False), ("422", False),
           ("out_of_credits", True)]
LOST = ["drop_before", "drop_after_accept", "garbled", "truncated", "408", "409", "500", "502", "503", "504", "500_after",
        "503_after:retry_after=1"]
USELESS = ["empty", "not_a_picture", "damaged"]


@pytest.mark.parametrize("faults", COMES)
def test_a_picture_comes_with_one_post_whatever_its_format(faults, tmp_path):
    ran, server = once(tmp_path, faults)
    assert (ran.error, ran.states, len(server.posts), len(server.jobs)) == (None, ["FETCHED"], 1, 1)
    assert ran.last.charged_usd == server.total_usd and ran.last.charged_by == "provider"
    assert ran.picture.shape == ((640, 640, 3) if "640" in faults else (720, 1280, 3))
    kept = tmp_path / "run" / ran.last.path
    assert Image.open(kept).format == "PNG" and Image.open(kept).mode == "RGB"


@pytest.mark.parametrize("faults", LOST)
def test_a_lost_answer_is_one_post_and_is_not_asked_again_when_it_was_dear(faults, tmp_path):
    ran, server = once(tmp_path, faults)
    assert isinstance(ran.error, Unresolved)
    assert (ran.states, len(server.posts)) == (["UNKNOWN"], 1)
    assert ran.last.reserved_usd == adapter(server).quote_for(request()).most_usd


@pytest.mark.parametrize("faults", ["drop_after_accept@1", "500@1", "garbled@1"])
def test_a_lost_answer_that_was_cheap_is_asked_again_and_both_are_counted(faults, tmp_path):
    ran, server = once(tmp_path, faults, rebuy="0.05")
    assert (ran.error, ran.states, len(server.posts)) == (None, ["ABANDONED", "FETCHED"], 2)
    assert sum(one.counted_usd for one in ran.purchases) >= server.total_usd


@pytest.mark.parametrize(("faults", "account"), REFUSED)
def test_a_refusal_is_one_post_that_costs_nothing_and_a_bad_account_is_asked_no_more(faults, account, tmp_path):
    with OpenAIServer(faults=faults) as server:
        backend = adapter(server)
        ran = serve(tmp_path, backend, request())
        assert isinstance(ran.error, GenerationFailed) and not isinstance(ran.error, Moderated)
        assert (ran.states, ran.last.charged_usd, len(server.posts), bool(backend.closed)) == (["REFUSED"], 0, 1, account)
        serve(tmp_path, backend, request(), wanted="another")
        assert len(server.posts) == (1 if account else 2)
    assert KEY not in str(ran.error) + ran.last.reason


@pytest.mark.parametrize(("faults", "side"), [
    ("moderated", "input"), ("moderated:moderation_blocked", "input"), ("moderated:content_policy_violation", "unknown")])
def test_an_objection_is_a_refusal_with_its_side_and_is_not_repeated(faults, side, tmp_path):
    ran, server = once(tmp_path, faults)
    assert isinstance(ran.error, Moderated) and ran.error.side == side
    assert (ran.states, ran.last.refusal, ran.last.charged_usd, len(server.posts)) == (["REFUSED"], side, 0, 1)


def test_a_picture_that_was_made_and_held_back_counts_as_charged(tmp_path):
    ran, server = once(tmp_path, "filtered:charged=1")
    assert isinstance(ran.error, Moderated) and ran.error.side == "output"
    assert (ran.states, ran.last.charged_by, len(server.posts)) == (["FAILED"], "bound", 1)
    assert ran.last.charged_usd >= server.total_usd > 0


@pytest.mark.parametrize("faults", USELESS)
def test_an_answer_that_is_no_picture_is_charged_and_useless(faults, tmp_path):
    ran, server = once(tmp_path, faults)
    assert isinstance(ran.error, BadOutput)
    assert (ran.states, len(server.posts)) == (["FAILED"], 1)
    assert ran.last.charged_usd >= server.total_usd


def test_a_429_is_waited_for_as_long_as_it_says(tmp_path):
    ran, server = once(tmp_path, "429*2:retry_after=0.02")
    assert (ran.error, ran.states, len(server.posts)) == (None, ["THROTTLED", "THROTTLED", "FETCHED"], 3)


def test_an_address_where_nobody_answers_is_no_purchase(tmp_path):
    ran = serve(tmp_path, adapter("http://127.0.0.1:9/v1", timeout_s=0.5), request())
    assert isinstance(ran.error, StillOut) and ran.states == ["THROTTLED"]


def test_an_answer_that_comes_too_late_is_lost(tmp_path):
    with OpenAIServer(faults="stuck") as server:
        ran = serve(tmp_path, adapter(server, timeout_s=0.3), request())
    assert isinstance(ran.error, Unresolved) and (ran.states, len(server.posts)) == (["UNKNOWN"], 1)


def test_a_price_above_the_bound_stops_all_buying(tmp_path):
    ran, server = once(tmp_path, "overbill:9")
    assert ran.last.above_bound and (ran.states, len(server.posts)) == (["FETCHED"], 1)


# -- from run to run -------------------------------------------------------------------------------------------------------

def test_a_bought_picture_is_taken_up_by_the_next_run_without_a_post(tmp_path):
    with OpenAIServer() as server:
        serve(tmp_path, adapter(server), request())
        again = serve(tmp_path, adapter(server), request())
        assert (again.error, again.states, len(server.posts)) == (None, ["FETCHED"], 1)


def test_a_bought_picture_whose_file_is_gone_was_paid_for_and_is_bought_anew(tmp_path):
    with OpenAIServer() as server:
        first = serve(tmp_path, adapter(server), request())
        (tmp_path / "run" / first.last.path).unlink()
        again = serve(tmp_path, adapter(server), request())
        assert (again.error, again.states, len(server.posts)) == (None, ["FAILED", "FETCHED"], 2)
        assert sum(one.counted_usd for one in again.purchases) >= server.total_usd


def test_a_take_of_the_picture_closes_the_purchase_and_its_copy_goes(tmp_path):
    with OpenAIServer() as server, open_run(tmp_path / "run") as run:
        run.till.open(None)
        wish = Wish(NODE, {"kind": "keyframe"})
        part, counter = run.part(wish, ".png"), run.till.counter(NODE, wish.wanted)
        asyncio.run(adapter(server).serve(request(), part, lambda step: None, counter))
        artifact = run.keep(wish, part, suffix=".png", made_by="openai")
        asyncio.run(attempts.paid_for(run, counter, artifact.sha256))
        assert [one.state for one in counter.history()] == ["DONE"]
        assert [path.name for path in part.parent.iterdir()] == [artifact.path.split("/")[-1]]


def test_the_ledger_keeps_the_words_and_hashes_and_neither_keys_nor_pictures(tmp_path):
    mara = picture(tmp_path, "mara")
    ran, _ = once(tmp_path, asked=request(figures=(Figure("Mara", "a keeper", mara),)))
    asked = ran.last.asked
    assert asked["prompt"] == "a keeper climbs the path"
    assert asked["words"].startswith("a keeper climbs the path\nStyle: oil painting\nImage 1 shows Mara")
    assert asked["pictures"] == [{"shows": "Mara", "sha256": hashlib.sha256(mara.read_bytes()).hexdigest()}]
    assert KEY.encode() not in (tmp_path / "run" / "ledger.sqlite").read_bytes()


# -- what is sent ----------------------------------------------------------------------------------------------------------

def parameters(server):
    order = server.jobs[0].order
    return order.width, order.height, dict(order.parameters)


@pytest.mark.parametrize(("size", "asked"), [
    (Size(1280, 720), (1280, 720)), (Size(1920, 1080), (1920, 1088)), (Size(720, 1280), (720, 1280)),
    (Size(320, 180), (1088, 608))])
def test_the_films_own_shape_is_asked_for_in_sixteens(size, asked, tmp_path):
    with OpenAIServer() as server:
        backend = adapter(server, size)
        serve(tmp_path, backend, request(size=backend.capabilities.nearest(size)))
        width, height, given = parameters(server)
    assert (width, height) == asked and given["quality"] == "low" and given["output_format"] == "png"


def test_pictures_arrive_in_the_order_in_which_the_words_count_them(tmp_path):
    mara, harbour, before = (picture(tmp_path, name, shade=shade) for name, shade in
                             (("mara", 10), ("harbour", 20), ("before", 30)))
    asked = request(figures=(Figure("Mara", "a keeper", mara), Figure("Jon", "a fisherman")), previous=before,
                    place=Place("the harbour", "stone and nets", harbour))
    with OpenAIServer() as server:
        ran = serve(tmp_path, adapter(server), asked)
        order = server.jobs[0].order
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (mara, harbour, before)]
    assert [one.sha256 for one in order.pictures] == digests
    assert [word in order.prompt.splitlines()[2 + at] for at, word in
            enumerate(("1 shows Mara", "2 shows the place, the harbour", "3 is the moment before"))] == [True] * 3
    assert "Not in the picture: fog" in order.prompt and ran.error is None


def test_without_pictures_nothing_is_uploaded(tmp_path):
    _, server = once(tmp_path)
    assert [path for _, path in server.requests] == ["/v1/images/generations"]


def masked_edit(folder, size=HD):
    base, mask = folder / "base.png", folder / "mask.png"
    Image.fromarray(np.tile(np.linspace(0, 255, size.width, dtype=np.uint8), (size.height, 1))).convert("RGB").save(base)
    white = np.zeros((size.height, size.width), np.uint8)
    white[:, size.width // 2:] = 255
    white[:, size.width // 2 - 20: size.width // 2] = np.linspace(10, 255, 20, dtype=np.uint8)  # feathered
    Image.fromarray(white).save(mask)
    return Edit(base, mask)


def test_a_mask_arrives_clear_where_it_was_white_and_the_picture_to_change_comes_first(tmp_path):
    mara, edit = picture(tmp_path, "mara"), masked_edit(tmp_path)
    with OpenAIServer() as server:
        ran = serve(tmp_path, adapter(server), request(edit=edit, figures=(Figure("Mara", "a keeper", mara),)))
        first, second, mask = server.jobs[0].order.pictures
        arrived = Image.open(io.BytesIO((server.pictures.folder / mask.sha256).read_bytes()))
    alpha = np.array(arrived.getchannel("A"))
    assert (arrived.mode, alpha.shape) == ("RGBA", (720, 1280))
    assert (alpha[:, :619] == 255).all() and (alpha[:, 620:] == 0).all()
    assert (first.width, second.width, mask.role) == (1280, 320, "mask")
    base = frames.load_rgb(edit.base)
    kept = np.abs(ran.picture[:, :500].astype(int) - base[:, :500]).mean()
    assert kept < 20 < np.abs(ran.picture[:, 700:].astype(int) - base[:, 700:]).mean()


def test_a_mask_of_another_size_is_refused_before_anything_is_sent(tmp_path):
    edit = replace(masked_edit(tmp_path), mask=picture(tmp_path, "small"))
    ran, server = once(tmp_path, asked=request(edit=edit))
    assert "the mask is 320x180, the picture 1280x720" in str(ran.error)
    assert (ran.states, server.posts) == (["REFUSED"], [])


@pytest.mark.parametrize("broken", ["missing", "torn"])
def test_a_picture_that_cannot_be_read_is_said_and_nothing_is_sent(broken, tmp_path):
    path = tmp_path / "mara.png"
    if broken == "torn":
        path.write_bytes(b"\x89PNG nothing")
    ran, server = once(tmp_path, asked=request(figures=(Figure("Mara", "a keeper", path),)))
    assert isinstance(ran.error, GenerationFailed) and server.posts == []
    assert ran.states in ([], ["REFUSED"])


def test_a_prompt_that_is_too_long_is_refused_with_both_lengths(tmp_path):
    ran, server = once(tmp_path, asked=request(prompt="x" * 32_000))
    assert "characters, gpt-image-2.5-flare reads at most 32000" in str(ran.error) and server.posts == []


# -- prices ----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("model", sorted(IMAGES.keys() & SHIPPED.providers["openai"].image.keys()))
@pytest.mark.parametrize("quality", ["low", "high"])
def test_the_bound_is_never_below_the_bill_and_the_charge_is_the_bill(model, quality, tmp_path):
    figures = tuple(Figure(name, "", picture(tmp_path, name, (1280, 720))) for name in ("a", "b", "c"))
    with OpenAIServer() as server:
        backend = adapter(server, model_version=model, quality=quality)
        asked = request(figures=figures, size=backend.capabilities.nearest(HD))
        ran = serve(tmp_path, backend, asked)
        assert ran.error is None, ran.error
        assert ran.last.charged_usd == server.total_usd <= backend.quote_for(asked).most_usd
        assert backend.quote().usd <= backend.quote().most_usd


# -- the config ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("options", "said"), [
    ({"model_version": "gpt-image-1"}, "gpt-image-1 was retired on 2026-10-23, use gpt-image-2.5-flare"),
    ({"model_version": "gpt-image-1", "base_url": "http://127.0.0.1/v1"}, "use gpt-image-2.5-flare"),
    ({"model_version": "dall-e-3"}, "was retired on 2026-05-12"),
    ({"model_version": "sd3.5-large"}, "sd3.5-large is a model of stability, not of openai"),
    ({"model_version": "gpt-image-2", "quality": "max"}, "gpt-image-2 knows no quality max, it knows low, medium, high"),
    ({"model_version": "mine", "base_url": None}, "openai has no model mine"),
])
def test_a_model_that_cannot_be_had_is_answered_with_one_that_can(options, said):
    (problem,) = adapter("http://127.0.0.1/v1", **{"quality": None, "base_url": None, **options}).mistakes()
    assert said in str(problem) and problem.where.startswith("openai_images.")


def test_without_a_key_it_cannot_run_but_at_a_server_of_ones_own():
    backend = adapter("", api_key=None, base_url=None)
    assert [problem.where for problem in backend.problems()] == ["openai_images.api_key"]
    assert list(adapter("http://127.0.0.1/v1", api_key=None).problems()) == []
    with pytest.raises(BackendUnavailable):
        asyncio.run(backend.prove())


def test_the_default_is_the_catalogues_at_medium_quality():
    backend = adapter("", base_url=None, model_version=None, quality=None)
    assert (backend.model_version, backend.quality) == ("gpt-image-2.6-flare", "medium")
    assert list(backend.mistakes()) == [] and backend.capabilities.references == 16
    assert backend.identity()["model_version"] == "gpt-image-2.6-flare"
    assert "api_key" not in backend.identity() and "base_url" not in backend.identity()


@pytest.mark.parametrize("address", ["example.com/v1", "ftp://example.com", "http://"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValidationError, match="is no address"):
        OpenAIImages.Options(base_url=address)


def test_the_proof_is_one_free_call():
    with OpenAIServer(api_key=KEY) as server:
        assert asyncio.run(adapter(server).prove()) == f"the key is good and {MODEL} is there"
        assert server.requests == [("GET", f"/v1/models/{MODEL}")]
        with pytest.raises(BackendUnavailable, match="401"):
            asyncio.run(adapter(server, api_key=SecretStr("sk-wrong")).prove())


# -- a server of one's own -------------------------------------------------------------------------------------------------

def test_a_model_nobody_knows_is_drawn_by_ones_own_server_at_an_unknown_price(tmp_path):
    with OpenAIServer(local=True) as server:
        backend = adapter(server, api_key=None, model_version="qwen-image", quality=None)
        assert list(backend.mistakes()) == [] and "nothing is known of it" in next(iter(backend.warnings()))
        ran = serve(tmp_path, backend, request(figures=(Figure("Mara", "", picture(tmp_path, "mara")),)))
    assert (ran.error, ran.last.reserved_usd, len(server.posts)) == (None, None, 1)
    assert ran.picture.shape == (720, 1280, 3)


def test_the_config_can_say_what_ones_own_server_can_do_and_costs(tmp_path):
    mine = {"openai": {"image": {"qwen-image": {
        "route": "openai", "sizes": {"longest": 2048, "most_pixels": 4_000_000}, "references": 2, "edits": True,
        "prices": [{"usd": "0.001", "as_of": "2026-11-20", "source": "my machine"}]}}}}
    models = catalogue.load(overrides=mine)
    with OpenAIServer(local=True) as server:
        backend = adapter(server, models=models, model_version="qwen-image", quality=None)
        ran = serve(tmp_path, backend, request(edit=masked_edit(tmp_path)), cap=Decimal(1))
        assert [one.role for one in server.jobs[0].order.pictures] == ["image 1", "mask"]
    assert (ran.error, ran.last.charged_usd, ran.last.charged_by) == (None, Decimal("0.001"), "prices")
