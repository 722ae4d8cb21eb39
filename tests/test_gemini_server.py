"""Google's stand-in for pictures through google-genai, with a key and on Vertex: tokens, refusals, every fault."""

import httpx
import numpy as np
import pytest
from google.genai import errors, types

import catalogue
from catalogue import Asked
from media.film_format import Size
from tests.servers import GoogleServer
from tests.servers.customers import developer, picture, vertex
from tests.servers.customers_at_once import gemini, seen
from tests.servers.google_models import IMAGES

BOTH = pytest.mark.parametrize("client", [developer, vertex])


def drawn(answer):
    return seen(answer.candidates[0].content.parts[0].inline_data.data)


@BOTH
def test_a_picture_comes_inline_with_its_tokens_and_is_billed_by_them(client):
    with GoogleServer() as server:
        answer = gemini(client(server), picture(20), picture(90))
        assert drawn(answer).size == (1376, 768) and answer.candidates[0].finish_reason == types.FinishReason.STOP
        used = answer.usage_metadata
        assert (used.candidates_token_count, used.thoughts_token_count) == (1120, 200)
        assert used.prompt_token_count == 2 * 560 + 5
        assert server.bills[0].micros == 1125 * 2 + 1120 * 120 + 200 * 12


def test_pictures_that_are_shown_colour_the_answer_and_give_their_shape_where_none_is_asked():
    with GoogleServer() as server:
        plain, red = (drawn(gemini(developer(server), *shown, aspect_ratio=None)) for shown in ([], [picture(250)]))
        assert (plain.size, red.size) == ((1024, 1024), (1376, 768))
        assert np.asarray(red)[..., 0].mean() > np.asarray(plain)[..., 0].mean()
        assert server.orders[1].pictures[0].width == 640


@pytest.mark.parametrize(("model", "size", "expected"), [
    ("gemini-nano-banana-2.1", "2K", (2752, 1536)), ("gemini-2.5-flash-image", None, (1344, 768))])
def test_a_size_is_asked_for_by_tier(model, size, expected):
    with GoogleServer() as server:
        assert drawn(gemini(developer(server), model=model, image_size=size)).size == expected


@pytest.mark.parametrize(("script", "reason", "micros"), [
    ("filtered", types.FinishReason.IMAGE_SAFETY, 2410),
    ("filtered:PROHIBITED_CONTENT", types.FinishReason.PROHIBITED_CONTENT, 2410),
    ("filtered:charged=1", types.FinishReason.IMAGE_SAFETY, 2410 + 1120 * 120),
])
def test_a_picture_that_is_withheld_says_why_and_costs_what_is_counted(script, reason, micros):
    with GoogleServer(faults=script) as server:
        answer = gemini(developer(server))
        assert answer.candidates[0].finish_reason == reason and answer.candidates[0].content is None
        assert sum(bill.micros for bill in server.bills) == micros
        used = answer.usage_metadata
        assert used.prompt_token_count * 2 + used.candidates_token_count * 120 + used.thoughts_token_count * 12 == micros


@BOTH
def test_a_prompt_that_is_blocked_has_no_candidates_and_costs_nothing(client):
    with GoogleServer(faults="filtered_input:SAFETY") as server:
        answer = gemini(client(server))
        assert answer.candidates is None and answer.prompt_feedback.block_reason == types.BlockedReason.SAFETY
        assert len(server.jobs) == 1 and not server.bills


def test_the_model_may_talk_instead_of_drawing():
    with GoogleServer(faults="empty@1, no_choices@2, no_cost@3") as server:
        client = developer(server)
        assert "describe" in gemini(client).text
        assert gemini(client).candidates == []
        assert gemini(client).usage_metadata is None and len(server.bills) == 3


def test_words_and_a_draft_may_come_before_the_picture():
    with GoogleServer(faults="chatty") as server:
        words, draft, picture, _ = gemini(developer(server)).candidates[0].content.parts
        assert words.text and draft.thought and not picture.thought
        assert seen(draft.inline_data.data).width < seen(picture.inline_data.data).width == 1376


@pytest.mark.parametrize(("script", "check"), [
    ("other_format:webp", lambda found: found.format == "WEBP"), ("other_format:jpeg", lambda found: found.format == "JPEG"),
    ("rgba", lambda found: found.mode == "RGBA"), ("wrong_size=640x480", lambda found: found.size == (640, 480)),
])
def test_a_picture_is_not_what_was_asked_as_the_script_says(script, check):
    with GoogleServer(faults=script) as server:
        assert check(drawn(gemini(developer(server))))


@pytest.mark.parametrize(("script", "error", "jobs"), [
    ("429:retry_after=1", errors.ClientError, 0), ("503", errors.ServerError, 0), ("out_of_credits", errors.ClientError, 0),
    ("moderated", errors.ClientError, 0), ("500_after", errors.ServerError, 1), ("failed", errors.ServerError, 1),
    ("drop_after_accept", httpx.RemoteProtocolError, 1), ("slow_accept:s=5", httpx.TimeoutException, 1),
    ("truncated", httpx.RemoteProtocolError, 1),
])
def test_whatever_befalls_the_post_it_is_one_post(script, error, jobs):
    with GoogleServer(faults=script) as server:
        client = developer(server, timeout_ms=1000 if script == "slow_accept:s=5" else None)
        with pytest.raises(error):
            gemini(client)
        assert (len(server.posts), len(server.jobs)) == (1, jobs) and len(server.bills) == (jobs and script != "failed")


@pytest.mark.parametrize(("images", "model", "form", "words"), [
    ([], "gemini-9", {}, "not found"), ([], "gemini-3-pro-image", {"aspect_ratio": "2:1"}, "aspect_ratio"),
    ([], "gemini-2.5-flash-image", {"image_size": "4K"}, "image_size"), ([b"no"], "gemini-3-pro-image", {}, "input image"),
    ([picture(1)] * 4, "gemini-2.5-flash-image", {}, "At most 3"),
])
def test_what_a_model_cannot_paint_is_refused_in_words(images, model, form, words):
    with GoogleServer() as server:
        with pytest.raises(errors.ClientError, match=words):
            gemini(developer(server), *images, model=model, **form)
        assert not server.jobs


def test_a_picture_without_a_key_is_refused_and_a_model_is_looked_up_for_free():
    with GoogleServer(api_key="right") as server:
        found = developer(server, "right").models.get(model="gemini-3-pro-image")
        assert found.supported_actions == ["generateContent"]
        with pytest.raises(errors.ClientError, match="API key"):
            gemini(developer(server, "wrong"))
        assert not server.jobs


@pytest.mark.parametrize("model", catalogue.load().providers["google"].image.values(), ids=lambda model: model.id)
def test_a_rehearsal_makes_the_catalogues_sizes_and_bills_no_more_than_it_reserves(model):
    for one in model.sizes:
        assert IMAGES[model.id].pixels(one.ask, one.tier or "1K") == tuple(one.size)
    size = model.size_for(Size(1280, 720))
    known = IMAGES[model.id]
    micros = known.micros(400 + 2 * known.shown, known.tokens[size.tier or "1K"], known.thoughts)
    assert micros <= model.most_usd(Asked(size.size, pictures=2, prompt="x" * 1600)) * 1_000_000
