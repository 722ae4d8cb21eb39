"""Stability's images over plain HTTP, against a server that counts every POST, bills and misbehaves."""

import asyncio
import hashlib
import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr

from errors import BackendUnavailable, BadOutput, GenerationFailed, Moderated, StillOut, Unresolved
from image_generator_interface import Edit, Figure, Place
from image_generators.stability_images import StabilityImages
from keyframe_wishes import MOMENT, guides_of
from media.film_format import Size
from tests import one_purchase
from tests.one_purchase import SHIPPED, Shop, serve
from tests.servers import StabilityServer

KEY = "sk-0123456789abcdef"
WIDE = Size(1344, 768)
MODELS = sorted(SHIPPED.providers["stability"].image)
STARTING = [model for model in MODELS if SHIPPED.image("stability", model).strength]


SHOP = Shop(StabilityImages, StabilityServer, {"api_key": SecretStr(KEY)}, WIDE)
adapter, request, once = SHOP.adapter, SHOP.request, SHOP.once


def picture(folder, name, size=WIDE):
    return one_purchase.picture(folder, name, size)


def masked(folder, box, size=WIDE):
    """An edit whose mask is black in a box (left, top, right, bottom) and white around it."""
    mask = Image.new("L", size, 255)
    mask.paste(0, box)
    mask.save(folder / "mask.png")
    return Edit(picture(folder, "base", size), folder / "mask.png")


def told(server):
    """What the last POST asked for: its route, and the fields of its form."""
    job = server.jobs[-1]
    return server.posts[-1].path.removeprefix("/v2beta/stable-image/"), dict(job.order.parameters)


# -- one draw, one POST ----------------------------------------------------------------------------------------------------

COMES = ["", "slow_accept:s=0.1", "unknown_fields", "clock_skew", "other_format:webp", "other_format:jpeg", "rgba",
         "wrong_size:640x640"]
LOST = ["drop_before", "drop_after_accept", "garbled", "html", "truncated", "truncated:quiet=1", "408", "409", "500", "502",
        "503", "504", "500_after", "503_after:retry_after=1", "failed"]


@pytest.mark.parametrize("faults", COMES)
def test_a_picture_comes_with_one_post_whatever_its_format(faults, tmp_path):
    ran, server = once(tmp_path, faults)
    assert (ran.error, ran.states, len(server.posts), len(server.jobs)) == (None, ["FETCHED"], 1, 1)
    assert ran.last.charged_usd == server.total_usd and ran.last.charged_by == "prices"
    assert ran.picture.shape == ((640, 640, 3) if "640" in faults else (768, 1344, 3))
    assert Image.open(tmp_path / "run" / ran.last.path).mode == "RGB"


@pytest.mark.parametrize("faults", LOST)
def test_a_lost_answer_is_one_post_and_is_not_asked_again_when_it_was_dear(faults, tmp_path):
    ran, server = once(tmp_path, faults)
    assert isinstance(ran.error, Unresolved)
    assert (ran.states, len(server.posts)) == (["UNKNOWN"], 1)


def test_a_lost_answer_that_was_cheap_is_asked_again_and_both_are_counted(tmp_path):
    ran, server = once(tmp_path, "drop_after_accept@1", rebuy="0.05", how={"model_version": "stable-image-core"})
    assert (ran.error, ran.states, len(server.posts)) == (None, ["ABANDONED", "FETCHED"], 2)
    assert sum(one.counted_usd for one in ran.purchases) == server.total_usd == Decimal("0.06")


@pytest.mark.parametrize(("faults", "account"), [
    ("400", False), ("401", True), ("402", True), ("403", True), ("404", False), ("413", False), ("422", False),
    ("out_of_credits", True)])
def test_a_refusal_is_one_post_that_costs_nothing_and_a_bad_account_is_asked_no_more(faults, account, tmp_path):
    with StabilityServer(faults=faults) as server:
        backend = adapter(server)
        ran = serve(tmp_path, backend, request())
        assert isinstance(ran.error, GenerationFailed) and not isinstance(ran.error, Moderated)
        assert (ran.states, ran.last.charged_usd, len(server.posts), bool(backend.closed)) == (["REFUSED"], 0, 1, account)
        again = serve(tmp_path, backend, request(), wanted="another")
        assert isinstance(again.error, GenerationFailed) and len(server.posts) == (1 if account else 2)


def test_words_that_are_found_unfit_are_refused_at_the_input_and_cost_nothing(tmp_path):
    ran, server = once(tmp_path, "moderated")
    assert isinstance(ran.error, Moderated) and ran.error.side == "input" and "you were not charged" in str(ran.error)
    assert (ran.states, ran.last.refusal, ran.last.charged_usd, len(server.posts)) == (["REFUSED"], "input", 0, 1)


def test_a_blurred_picture_with_status_200_is_a_refusal_of_the_output_and_is_charged(tmp_path):
    ran, server = once(tmp_path, "filtered")
    assert isinstance(ran.error, Moderated) and ran.error.side == "output" and ran.picture is None
    assert (ran.states, ran.last.refusal, len(server.posts)) == (["FAILED"], "output", 1)
    assert ran.last.counted_usd == server.total_usd == Decimal("0.065")


@pytest.mark.parametrize("faults", ["empty", "not_a_picture", "damaged"])
def test_an_answer_without_a_picture_is_charged_and_useless(faults, tmp_path):
    ran, server = once(tmp_path, faults)
    assert isinstance(ran.error, BadOutput) and (ran.states, len(server.posts)) == (["FAILED"], 1)
    assert ran.last.charged_usd >= server.total_usd


def test_a_429_is_waited_for_as_long_as_it_says(tmp_path):
    ran, server = once(tmp_path, "429*2:retry_after=0.02")
    assert (ran.error, ran.states, len(server.posts)) == (None, ["THROTTLED", "THROTTLED", "FETCHED"], 3)


def test_an_address_where_nobody_answers_is_no_purchase(tmp_path):
    ran = serve(tmp_path, adapter("http://127.0.0.1:9", timeout_s=0.5), request())
    assert isinstance(ran.error, StillOut) and ran.states == ["THROTTLED"]


def test_an_answer_that_comes_too_late_is_lost(tmp_path):
    with StabilityServer(faults="stuck") as server:
        ran = serve(tmp_path, adapter(server, timeout_s=0.3), request())
    assert isinstance(ran.error, Unresolved) and (ran.states, len(server.posts)) == (["UNKNOWN"], 1)


def test_a_wrong_key_is_refused_and_stands_in_nothing_that_is_written(tmp_path):
    ran, server = once(tmp_path, api_key="another")
    assert isinstance(ran.error, GenerationFailed) and ran.states == ["REFUSED"] and not server.jobs
    assert KEY not in str(ran.error)
    assert not any(KEY.encode() in path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file())


# -- what is sent ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("film", "size"), [
    (Size(1280, 720), (1344, 768)), (Size(720, 1280), (768, 1344)), (Size(1000, 1000), (1024, 1024)),
    (Size(1920, 804), (1536, 640))])
def test_the_shape_next_to_the_films_is_asked_for(film, size, tmp_path):
    with StabilityServer() as server:
        backend = adapter(server, film)
        ran = serve(tmp_path, backend, request(size=backend.capabilities.nearest(film)))
        assert ran.error is None and (server.orders[0].width, server.orders[0].height) == size


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_asked_by_its_own_service_and_bills_what_was_reserved(model, tmp_path):
    ran, server = once(tmp_path, how={"model_version": model})
    service, fields = told(server)
    kind = {"stable-image-core": "core", "stable-image-ultra": "ultra"}.get(model, "sd3")
    assert ran.error is None and service == f"generate/{kind}"
    assert fields.get("model") == (model if kind == "sd3" else None) and fields["seed"] == "7"
    assert server.orders[0].negative_prompt == ("" if "turbo" in model else "fog")
    assert server.orders[0].prompt.endswith("Not in the picture: fog") == ("turbo" in model)
    assert ran.last.reserved_usd == ran.last.charged_usd == server.total_usd


def test_any_seed_of_ours_is_one_seed_of_theirs(tmp_path):
    with StabilityServer() as server:
        for seed in (0, 2**32 - 1):
            serve(tmp_path, adapter(server), request(seed=seed), wanted=str(seed))
        assert [order.seed for order in server.orders] == [1, 2**31 - 1]  # 0 would be another picture each time


@pytest.mark.parametrize("model", STARTING)
def test_a_keyframe_goes_on_from_the_one_before_as_freely_as_is_said(model, tmp_path):
    before = picture(tmp_path, "before")
    ran, server = once(tmp_path, asked=request(previous=before), how={"model_version": model, "strength": 0.4})
    service, fields = told(server)
    assert ran.error is None and fields["strength"] == "0.4" and "aspect_ratio" not in fields
    assert fields.get("mode") == ("image-to-image" if service == "generate/sd3" else None)
    digest = hashlib.sha256(before.read_bytes()).hexdigest()
    assert [one.sha256 for one in server.orders[0].pictures] == [digest]
    assert ran.last.asked["pictures"] == [{"shows": "the moment before", "sha256": digest}]


@pytest.mark.parametrize("options", [{"strength": None}, {"model_version": "stable-image-core"}])
def test_without_a_strength_each_keyframe_is_drawn_from_words_alone(options, tmp_path):
    ran, server = once(tmp_path, asked=request(previous=picture(tmp_path, "before")), how=options)
    assert ran.error is None and "strength" not in told(server)[1] and not server.orders[0].pictures
    assert not adapter(server, **options).capabilities.guided


def test_it_waits_for_the_keyframe_before_and_for_no_sheet():
    backend = adapter("http://127.0.0.1:9")
    asked = request(figures=(Figure("Mara", "a keeper"),), place=Place("the harbour", ""))
    assert (backend.capabilities.references, backend.capabilities.guided) == (0, True)
    assert guides_of(asked, backend, True, opens=False) == [MOMENT] and guides_of(asked, backend, True, opens=True) == []


def test_a_mask_repaints_what_is_white_in_it(tmp_path):
    mask = Image.new("L", WIDE, 0)
    mask.paste(255, (400, 200, 900, 600))
    mask.save(tmp_path / "mask.png")
    ran, server = once(tmp_path, asked=request(edit=Edit(picture(tmp_path, "base"), tmp_path / "mask.png")))
    assert ran.error is None and told(server)[0] == "edit/inpaint" and server.orders[0].negative_prompt == "fog"
    changed = np.abs(ran.picture.astype(int) - (90, 60, 120)).max(axis=2) > 12
    assert changed[200:600, 400:900].mean() > 0.5 and not changed[:150].any() and not changed[650:].any()
    assert ran.last.charged_usd == server.total_usd == Decimal("0.05") and ran.last.asked["task"] == "edit"


def test_what_is_to_be_painted_around_a_rectangle_is_widened_and_costs_that(tmp_path):
    ran, server = once(tmp_path, asked=request(edit=masked(tmp_path, (160, 0, 1344, 700))))
    service, fields = told(server)
    assert ran.error is None and service == "edit/outpaint"
    assert {side: fields.get(side) for side in ("left", "right", "up", "down")} == {
        "left": "160", "right": None, "up": None, "down": "68"}
    kept = ran.picture[:600, 260:].astype(int)
    assert ran.picture.shape == (768, 1344, 3) and np.abs(kept - (90, 60, 120)).max() <= 12
    assert ran.last.charged_usd == server.total_usd == Decimal("0.04")


def test_what_is_only_reckoned_to_be_widened_costs_that_and_needs_no_picture():
    backend = adapter("http://127.0.0.1:9")
    assert backend.quote_for(request(edit=Edit(Path(), Path(), beyond=True))).usd == Decimal("0.04")


def test_a_large_picture_is_widened_from_a_jpeg(tmp_path):
    edit = masked(tmp_path, (600, 0, 2600, 1900), Size(3200, 1900))
    noise = np.random.default_rng(1).integers(0, 255, (1900, 3200, 3), np.uint8)
    Image.fromarray(noise).save(edit.base, compress_level=0)
    ran, server = once(tmp_path, asked=request(edit=edit))
    assert ran.error is None and told(server)[0] == "edit/outpaint" and ran.picture.shape == (1900, 3200, 3)


def test_a_mask_of_another_size_is_not_bought(tmp_path):
    edit = replace(masked(tmp_path, (0, 0, 600, 600)), base=picture(tmp_path, "other", Size(640, 640)))
    ran, server = once(tmp_path, asked=request(edit=edit))
    assert "the mask is 1344x768, the picture 640x640" in str(ran.error) and not server.posts


def test_more_than_ten_megabytes_are_not_sent(tmp_path):
    noise = np.random.default_rng(1).integers(0, 255, (1900, 1900, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "base.png", compress_level=0)
    Image.new("L", (1900, 1900), 255).save(tmp_path / "mask.png")
    ran, server = once(tmp_path, asked=request(edit=Edit(tmp_path / "base.png", tmp_path / "mask.png")))
    assert "Stability takes 10 in one request" in str(ran.error) and not server.posts


def test_a_gateway_that_answers_with_the_bare_picture_is_understood():
    backend, file = adapter("http://127.0.0.1:9"), io.BytesIO()
    Image.new("RGB", WIDE).save(file, "PNG")
    bare = {"content-type": "image/png", "finish-reason": "SUCCESS"}
    from runtime.http import Answer
    from runtime.paid_call import Spoilt

    assert backend._picture(Answer(200, bare, file.getvalue()), request()).charged_usd == Decimal("0.065")
    with pytest.raises(Spoilt, match="CONTENT_FILTERED"):
        backend._picture(Answer(200, {**bare, "finish-reason": "CONTENT_FILTERED"}, file.getvalue()), request())


# -- the config ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("options", "said"), [
    ({"model_version": "sd3-large"}, "sd3-large is no longer offered, use sd3.5-large"),
    ({"model_version": "stable-diffusion-xl-1024-v1-0"}, "use sd3.5-large"),
    ({"model_version": "sd3.5-largo"}, "did you mean sd3.5-large"),
    ({"model_version": "stable-image-core", "strength": 0.5}, "stable-image-core starts from no picture, leave it out"),
])
def test_what_cannot_be_had_is_answered_with_what_can(options, said):
    (problem,) = adapter("http://127.0.0.1:9", **options).mistakes()
    assert said in str(problem)


def test_the_default_is_the_catalogues_and_no_key_is_part_of_a_pictures_identity():
    backend = adapter("http://127.0.0.1:9")
    assert backend.model_version == "sd3.5-large" and list(backend.mistakes()) == []
    assert set(backend.identity()) == {"backend", "recipe", "model_version", "quality", "strength"}


@pytest.mark.parametrize("key", [None, SecretStr("sk 0123"), SecretStr("sk-\n")])
def test_a_key_that_is_missing_or_cannot_be_sent_is_said(key):
    backend = adapter("http://127.0.0.1:9", api_key=key)
    assert [problem.where for problem in backend.problems()] == ["stability_images.api_key"]
    with pytest.raises(BackendUnavailable):
        asyncio.run(backend.prove())


def test_the_proof_is_the_balance_and_costs_nothing():
    with StabilityServer(credits=120) as server:
        assert asyncio.run(adapter(server).prove()) == "credits 120, sd3.5-large: $0.065 a picture"
        assert [method for method, _ in server.requests] == ["GET"] and not server.posts
    with StabilityServer(api_key="another") as server, pytest.raises(BackendUnavailable, match="cannot be asked"):
        asyncio.run(adapter(server).prove())
