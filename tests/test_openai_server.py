"""OpenAI's stand-in through the openai SDK and instructor: plans, pictures, every fault, and what they cost."""

import base64
import json
import math
from decimal import Decimal
from typing import Any

import instructor
import numpy as np
import openai
import pytest
from instructor.core.exceptions import IncompleteOutputException, InstructorRetryException

import catalogue
from catalogue import Asked
from media.film_format import Size
from tests.servers import OpenAIServer
from tests.servers.customers import fetch, picture
from tests.servers.customers_at_once import (
    BLUE,
    Bible,
    Findings,
    PictureScores,
    WindowPlan,
    ask,
    clear_mask,
    opened,
    painted,
    repainted,
    said,
    seen,
    shot,
)
from tests.servers.openai_models import CHAT, IMAGES

MODES = [instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA, instructor.Mode.JSON, instructor.Mode.MD_JSON]


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_every_way_of_asking_for_a_form_is_answered_in_that_form_and_billed_by_the_token(mode):
    with OpenAIServer() as server:
        plan, raw = ask(server, WindowPlan, "Plan segments 13 to 20 of a film by the sea, exactly 8 segments.", mode=mode)
        assert [segment.index for segment in plan.segments] == list(range(13, 21))
        usage = raw.usage
        dollars = (usage.prompt_tokens * Decimal("0.10") + usage.completion_tokens * Decimal("0.50")) / 1_000_000
        assert 0 <= server.total_usd - dollars < Decimal("0.000001") and usage.completion_tokens > 500


@pytest.mark.parametrize("count", [1, 6, 40, 120])
def test_a_plan_has_as_many_segments_as_asked_and_stands_up(count):
    with OpenAIServer() as server:
        plan, _ = ask(server, WindowPlan, f"Plan segments 1 to {count}: exactly {count} segments, at most 900 characters each.")
        assert [segment.index for segment in plan.segments] == list(range(1, count + 1))
        prompts = [segment.video_prompt for segment in plan.segments]
        assert len(set(prompts)) == count and max(map(len, prompts)) <= 900
        for before, segment in zip([None, *plan.segments], plan.segments, strict=False):
            assert (segment.first_keyframe_prompt is not None) == (segment.join == "cut")
            assert segment.join == "cut" or before.location == segment.location


def test_a_window_keeps_to_the_people_of_the_bible_it_is_shown():
    with OpenAIServer() as server:
        bible, _ = ask(server, Bible, "A robot in a city at night. Write all prompts in German.")
        assert bible.title == "Aus zweiter Hand"
        bible.characters[0].name, bible.locations[0].name = "Otto", "das Lager"
        plan, _ = ask(server, WindowPlan, f"{bible.model_dump_json()}\nSegments 1 to 4, exactly 4 segments, prompts in German.")
        first = plan.segments[0]
        assert first.characters == ["Otto"] and first.location == "das Lager"
        assert "Otto" in first.video_prompt and bible.characters[0].traits in first.video_prompt


def test_the_same_question_gets_the_same_answer_in_the_language_asked():
    with OpenAIServer() as server:
        words = "Plan exactly 2 segments by the sea. The language of all prompts is zh. 1: 4 s, 2: 8 s"
        one, other = (ask(server, WindowPlan, words)[0] for _ in range(2))
        assert one.segments == other.segments and "玛拉" in one.segments[0].video_prompt
        assert [segment.seconds for segment in one.segments] == [4, 8]


@pytest.mark.parametrize("slip", ["prop", "time", "wardrobe", "direction", "two_actions"])
def test_a_slip_is_planted_in_one_segment_and_found_by_the_critic(slip):
    with OpenAIServer(faults=f"slip:{slip}@1") as server:
        plan, _ = ask(server, WindowPlan, "Segments 1 to 5, exactly 5 segments.")
        found, _ = ask(server, Findings, f"Find what does not fit: {plan.model_dump_json()}")
        assert [finding.segment for finding in found.findings] == [3]
        assert found.findings[0].what in plan.segments[2].video_prompt
        again, _ = ask(server, WindowPlan, "Plan segment 3 again, exactly 1 segment.")
        assert not ask(server, Findings, again.model_dump_json())[0].findings


@pytest.mark.parametrize(("slip", "mark"), [("language", "海风"), ("escape", "\x1b[31m"), ("long", None)])
def test_a_plan_can_be_too_long_or_full_of_what_does_not_belong(slip, mark):
    with OpenAIServer(faults=f"slip:{slip}") as server:
        answer = said(server, "Exactly 3 segments as JSON of " + json.dumps(WindowPlan.model_json_schema()))
        prompt = json.loads(answer.choices[0].message.content.strip("`json\n"))["segments"][1]["video_prompt"]
        assert mark in prompt if mark else len(prompt) > 6000


@pytest.mark.parametrize(("script", "error"), [
    ("invalid_json", InstructorRetryException), ("broken_schema", InstructorRetryException),
    ("broken_schema:type", InstructorRetryException), ("broken_schema:enum", InstructorRetryException),
    ("broken_schema:empty", InstructorRetryException), ("cut_short", IncompleteOutputException),
])
def test_an_answer_that_cannot_be_used_is_billed_all_the_same(script, error):
    with OpenAIServer(faults=f"{script}*2") as server:
        for _ in range(2):
            with pytest.raises(error):
                ask(server, WindowPlan, "Exactly 2 segments.")
        assert len(ask(server, WindowPlan, "Exactly 2 segments.")[0].segments) == 2
        assert [post.status for post in server.posts] == [200] * 3 and len(server.bills) == 3


@pytest.mark.parametrize(("script", "finish"), [("refusal", "stop"), ("content_filter", "content_filter"),
                                                ("cut_short", "length"), ("empty", "stop")])
def test_the_model_can_stop_for_other_reasons(script, finish):
    with OpenAIServer(faults=script) as server:
        choice = said(server, response_format={"type": "json_object"}).choices[0]
        assert choice.finish_reason == finish and len(server.bills) == 1
        assert (choice.message.refusal is not None) == (script == "refusal")


def test_an_answer_can_be_without_choices_or_talk_around_the_point():
    with OpenAIServer(faults="no_choices@1, chatty@2, broken_schema:count@3, broken_schema:extra@4, no_cost@5") as server:
        assert said(server).choices == []
        words = "Exactly 3 segments. JSON of " + json.dumps(WindowPlan.model_json_schema())
        assert said(server, words).choices[0].message.content.startswith("Sure!")
        assert len(ask(server, WindowPlan, "Exactly 3 segments.")[0].segments) == 2
        assert "remarks" in said(server, words).choices[0].message.content
        assert said(server).usage is None and len(server.bills) == 5


def test_an_answer_is_cut_where_the_customer_or_the_model_has_had_enough():
    with OpenAIServer(most_tokens=300) as server:
        for wanted, got in ((None, 300), (100, 100)):
            with pytest.raises(IncompleteOutputException) as cut:
                ask(server, WindowPlan, "Exactly 20 segments.", max_completion_tokens=wanted)
            last: Any = cut.value.last_completion
            assert last.usage.completion_tokens == got


def test_a_share_of_answers_is_bad_by_the_dice_of_a_seed():
    def ends(script):
        with OpenAIServer(faults=script) as server:
            choices = [said(server, response_format={"type": "json_object"}).choices for _ in range(40)]
            return [choice[0].message.content if choice else None for choice in choices]

    good, one, other = ends(""), ends("bad=0.15:seed=4"), ends("bad=0.15:seed=5")
    bad = sum(text != good[0] for text in one)
    assert 2 <= bad <= 12 and one == ends("bad=0.15:seed=4") != other


@pytest.mark.parametrize(("script", "error", "code", "jobs"), [
    ("401", openai.AuthenticationError, "invalid_api_key", 0), ("403", openai.PermissionDeniedError, None, 0),
    ("429", openai.RateLimitError, "rate_limit_exceeded", 0),
    ("out_of_credits", openai.RateLimitError, "insufficient_quota", 0),
    ("500_after", openai.InternalServerError, None, 1), ("failed", openai.InternalServerError, None, 1),
    ("moderated", openai.BadRequestError, "moderation_blocked", 0),
    ("filtered", openai.BadRequestError, "moderation_blocked", 1),
    ("moderated:content_policy_violation", openai.BadRequestError, "content_policy_violation", 0),
    ("drop_after_accept", openai.APIConnectionError, None, 1), ("slow_accept:s=5", openai.APITimeoutError, None, 1),
    ("truncated", openai.APIConnectionError, None, 1),
])
def test_a_picture_is_refused_or_lost_as_the_script_says(script, error, code, jobs):
    with OpenAIServer(faults=script) as server:
        with pytest.raises(error) as refused:
            opened(server, timeout_s=0.4).images.generate(model="gpt-image-2", prompt="a", size="1024x640", quality="low")
        if code:
            assert refused.value.code == code
        billed = 0 if script in ("failed", "filtered") else jobs
        assert (len(server.posts), len(server.jobs), len(server.bills)) == (1, jobs, billed)


def test_moderation_says_at_which_stage_it_stepped_in_and_may_charge_for_what_it_keeps():
    with OpenAIServer(faults="moderated@1, filtered:charged=1@2") as server:
        stages = []
        for _ in range(2):
            with pytest.raises(openai.BadRequestError) as refused:
                painted(server)
            body: Any = refused.value.body
            stages.append(body["moderation_details"]["moderation_stage"])
        assert stages == ["input", "output"] and len(server.bills) == 1


def test_pictures_are_drawn_from_their_words_at_the_size_asked_and_billed_by_the_token():
    with OpenAIServer() as server:
        one, same, other = (painted(server, prompt=words, size="1280x720", quality="high") for words in "aab")
        assert shot(one).size == (1280, 720) and shot(one).mode == "RGB"
        assert one.data == same.data != other.data
        assert one.usage.output_tokens == 5267 and server.bills[0].usd == Decimal("0.158015")


@pytest.mark.parametrize(("asked", "kind"), [({"output_format": "webp"}, "WEBP"), ({"output_format": "jpeg"}, "JPEG")])
def test_a_picture_comes_in_the_format_asked(asked, kind):
    with OpenAIServer() as server:
        assert shot(painted(server, **asked)).format == kind


def test_several_pictures_are_taken_in_with_their_names_and_colour_the_answer():
    with OpenAIServer() as server:
        plain, red = shot(painted(server)), shot(repainted(server, picture(250), picture(240)))
        assert np.asarray(red)[..., 0].mean() > np.asarray(plain)[..., 0].mean()
        assert [one.role for one in server.orders[1].pictures] == ["image 1", "image 2"]
        assert server.orders[1].images[0] != server.orders[1].images[1]


def test_what_a_mask_keeps_comes_back_nearly_as_it_was():
    with OpenAIServer() as server:
        found = np.asarray(shot(repainted(server, BLUE, mask=clear_mask((1024, 640), (512, 0, 1024, 640)))), int)
        before = np.asarray(seen(BLUE), int)
        kept, fresh = (np.abs(found - before)[:, part].mean() for part in (slice(0, 480), slice(544, None)))
        assert 0 < kept < 6 < fresh


@pytest.mark.parametrize(("mask", "words"), [
    (clear_mask((512, 320), (0, 0, 9, 9)), "does not match"), (picture(1, (1024, 640)), "alpha"), (b"no", "mask")])
def test_a_mask_has_the_size_of_the_picture_and_an_alpha_channel(mask, words):
    with OpenAIServer() as server:
        with pytest.raises(openai.BadRequestError, match=words):
            repainted(server, BLUE, mask=mask)
        assert not server.jobs


@pytest.mark.parametrize(("script", "check"), [
    ("other_format:webp", lambda answer: shot(answer).format == "WEBP"), ("rgba", lambda answer: shot(answer).mode == "RGBA"),
    ("wrong_size=640x480", lambda answer: shot(answer).size == (640, 480)), ("empty", lambda answer: not answer.data),
    ("by_address", lambda answer: seen(fetch(answer.data[0].url).content).size == (1024, 640)),
    ("no_cost", lambda answer: answer.usage is None and shot(answer)),
    ("overbill=2", lambda answer: answer.usage.output_tokens == 334),
])
def test_a_picture_is_not_what_was_asked_as_the_script_says(script, check):
    with OpenAIServer(faults=script) as server:
        assert check(painted(server))


@pytest.mark.parametrize("script", ["not_a_picture", "damaged"])
def test_a_picture_can_be_noise(script):
    with OpenAIServer(faults=script) as server:
        with pytest.raises(OSError):
            shot(painted(server))
        assert len(server.bills) == 1


@pytest.mark.parametrize(("changes", "words"), [
    ({"model": "gpt-image-1"}, "deprecated"), ({"model": "gpt-image-9"}, "does not exist"), ({"size": "1000x640"}, "divisible"),
    ({"size": "3840x1024"}, "3:1"), ({"quality": "xhigh"}, "Supported values"), ({"style": "vivid"}, "Unknown parameter"),
    ({"model": "gpt-image-1.5", "size": "1280x720"}, "1536x1024"), ({"n": 11}, "'n'"), ({"prompt": "x" * 32_001}, "too long"),
    ({"response_format": "b64_json"}, "Unknown parameter"),
])
def test_what_a_model_cannot_paint_is_refused_in_words(changes, words):
    with OpenAIServer() as server:
        with pytest.raises(openai.APIStatusError, match=words):
            painted(server, **changes)
        assert not server.jobs and len(server.posts) == 1


def test_files_go_with_their_type_or_not_at_all():
    with OpenAIServer() as server, pytest.raises(openai.BadRequestError, match="octet-stream"):
        opened(server).images.edit(model="gpt-image-2", prompt="a", image=BLUE)


def test_pictures_are_looked_at_and_the_sharper_one_wins():
    with OpenAIServer() as server:
        sharp = base64.b64decode(painted(server).data[0].b64_json)
        scores, _ = ask(server, PictureScores, "Which is best?", pictures=[BLUE, sharp])
        assert [one.candidate for one in scores.scores] == [1, 2] and scores.scores[0].score < scores.scores[1].score
        assert len(server.orders[1].pictures) == 2


def test_a_key_is_proved_by_a_free_call_and_refused_without_a_post():
    with OpenAIServer(api_key="right") as server:
        assert opened(server, "right").models.retrieve("gpt-image-2").id == "gpt-image-2"
        with pytest.raises(openai.AuthenticationError):
            opened(server, "wrong").models.list()
        with pytest.raises(openai.NotFoundError):
            opened(server, "right").models.retrieve("gpt-image-1")
        assert not server.posts


def test_a_budget_that_is_spent_is_a_429_that_no_waiting_helps():
    with OpenAIServer(budget_usd=Decimal("0.006")) as server:
        painted(server)
        with pytest.raises(openai.RateLimitError) as refused:
            painted(server)
        assert refused.value.code == "insufficient_quota" and len(server.bills) == 1


def test_a_server_of_ones_own_knows_every_model_and_costs_nothing():
    with OpenAIServer(local=True, speaks=("json_object",)) as server:
        with pytest.raises(InstructorRetryException, match="does not support tools"):
            ask(server, Bible, "A film.", model="llama")
        assert ask(server, Bible, "A film.", model="llama", mode=instructor.Mode.JSON)[0].title
        assert shot(painted(server, model="flux", size="512x320", quality="auto",
                            extra_body={"response_format": "b64_json"})).size == (512, 320)
        assert len(server.jobs) == 2 and not server.total_usd


@pytest.mark.parametrize(("asked", "words"), [
    ({"model": "gpt-9"}, "does not exist"), ({"response_format": {"type": "json_object"}, "words": "hello"}, "word 'json'"),
    ({"extra_body": {"max_words": 3}}, "Unknown parameter"), ({"words": "x" * 1_100_000}, "context length"),
    ({"response_format": {"type": "json_schema", "json_schema": {
        "name": "a", "strict": True, "schema": {"type": "object", "properties": {"b": {"type": "string"}}}}}}, "strict mode"),
])
def test_what_chat_does_not_take_is_refused_in_words(asked, words):
    with OpenAIServer() as server:
        with pytest.raises(openai.APIStatusError, match=words):
            said(server, asked.pop("words", "JSON please"), **asked)
        assert not server.jobs


def test_the_sdks_own_forms_are_answered_too():
    with OpenAIServer() as server:
        done = opened(server).chat.completions.parse(model="gpt-6-luna", response_format=Bible, messages=[
            {"role": "user", "content": "A boat in a storm, as JSON."}])
        parsed = done.choices[0].message.parsed
        assert parsed and parsed.title == "The Last Lamp"


@pytest.mark.parametrize("model", catalogue.load().providers["openai"].image.values(), ids=lambda model: model.id)
def test_a_rehearsal_bills_no_more_for_a_picture_than_the_catalogue_reserves(model):
    for quality in model.qualities:
        for film in (Size(1280, 720), Size(1920, 1080), Size(720, 1280), Size(1024, 1024)):
            size = model.size_for(film).size
            tokens = IMAGES[model.id].out(size.width, size.height, quality)
            assert IMAGES[model.id].micros(0, 0, tokens) <= model.most_usd(Asked(size, quality)) * 1_000_000


@pytest.mark.parametrize("model", catalogue.load().providers["openai"].language.values(), ids=lambda model: model.id)
def test_a_rehearsal_bills_words_as_the_catalogue_quotes_them(model):
    assert CHAT[model.id].micros(4321, 1234) == math.ceil(model.usd(4321, 1234) * 1_000_000)
