"""Google's video backend, through the real SDK, against the server that counts and bills."""

import asyncio
import json
import traceback
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import google.auth._cloud_sdk
import google.genai._api_client
import numpy as np
import pytest
from google.genai._gaos.utils import BackoffStrategy, RetryConfig
from PIL import Image

from catalogue import load
from errors import BackendUnavailable, BadOutput, GenerationFailed, Moderated, NoNetwork, StillOut, Unresolved
from generators.veo3_generator import Veo3Generator
from media.film_format import FilmFormat, Size
from media.probe import probe
from runtime import google_client
from runtime.google_client import meaning
from runtime.google_refusals import CATEGORIES, explained, refusal_side
from runtime.one_post import SentTwice
from runtime.purchases import Purchase
from runtime.run_store import Wish, open_run
from storyboard import Camera
from tests.servers import GoogleServer
from tests.servers.customers import FIRST, LAST
from tests.servers.faults import Faults
from tests.servers.loopback import Reply
from video_generator_interface import SegmentRequest, Terms

KEY, TOKEN = "AIza-key-of-a-test", "ya29-token-of-a-test"
SMALL, HD = (FilmFormat(Size(width, width * 9 // 16), Fraction(24)) for width in (640, 1280))
OMNI, LITE = "gemini-omni-1.1-flash", "veo-3.1-lite-generate-001"
ROUTES = pytest.mark.parametrize("route", ["vertex", "interactions"])
FAST = load(overrides={"google": {"poll_s": 0.02}})


def backend(server, route, film=None, **options):
    """The cheapest model of a route, as a config would have it."""
    own = {"vertex": {"project_id": "p", "access_token": TOKEN, "model_version": LITE},
           "interactions": {"api_key": KEY, "model_version": OMNI}}[route]
    told = Veo3Generator.Options.model_validate({**own, "base_url": server.url if server else None, **options})
    return Veo3Generator(told, film or (HD if route == "vertex" else SMALL), Terms(FAST, timeout_s=20.0))


def request(folder, made_by, **changes):
    """The shortest clip of a model, from one colour to another."""
    for name, data in (("first.png", FIRST), ("last.png", LAST)):
        (folder / name).write_bytes(data)
    asked = {"segment": 1, "prompt": "a walk", "negative_prompt": "", "camera": Camera(), "seconds": made_by.durations.shortest,
             "size": made_by.film.size, "fps": made_by.film.fps, "first_frame": folder / "first.png",
             "last_frame": folder / "last.png", "audio": False, "seed": 7, **changes}
    return SegmentRequest(**asked)


@dataclass
class Bought:
    """What became of one purchase: its row, the clip that lies there, the failure that a stage would see."""

    purchase: Purchase
    clip: Path
    error: Exception | None


def counter_of(run, number=1):
    """Where the clip of a segment is bought, and where it shall lie."""
    wish = Wish(f"clip segment_{number:02}", {"prompt": "a walk", "number": number})
    return run.till.counter(wish.node, wish.wanted), run.part(wish, ".mp4")


def serve(run, folder, made_by, number=1, before=lambda counter: None, **changes):
    """Serves one request, as a stage does."""
    (counter, clip), error = counter_of(run, number), None
    before(counter)
    try:
        asyncio.run(made_by.serve(request(folder, made_by, **changes), clip, lambda progress: None, counter))
    except Exception as failed:  # noqa: BLE001 (it is what the test looks at)
        error = failed
    return Bought(counter.history()[-1], clip, error)


def buy(folder, made_by, **changes):
    """One purchase, in a run folder of its own."""
    folder.mkdir(exist_ok=True)
    with open_run(folder / "run") as run:
        run.till.open(Decimal(5))
        return serve(run, folder, made_by, **changes)


def in_turn(folder, server, route, scripts):
    """(script, what was bought, POSTs, jobs) of one purchase after the other in one run, each with a fault of its own."""
    server.faults = Faults.parse(", ".join(f"{script}@{number}" for number, script in enumerate(scripts, 1)))
    with open_run(folder / "run") as run:
        run.till.open(Decimal(50))
        for number, script in enumerate(scripts, 1):
            before = len(server.posts), len(server.jobs)
            got = serve(run, folder, backend(server, route), number)
            yield script, got, len(server.posts) - before[0], len(server.jobs) - before[1]


def test_veo_comes_back_inside_the_operation_and_costs_what_the_list_says(tmp_path):
    with GoogleServer() as server:
        got = buy(tmp_path, backend(server, "vertex"))
        assert (got.error, got.purchase.state, got.purchase.charged_by) == (None, "FETCHED", "prices")
        assert got.purchase.charged_usd == server.total_usd == Decimal("0.12")
        assert probe(got.clip).size == HD.size and len(server.posts) == 1
        assert got.purchase.remote_id.startswith("projects/p/locations/us-central1/publishers/google/models/veo-3.1-lite")


def test_omni_is_charged_to_the_token(tmp_path):
    with GoogleServer() as server:
        got = buy(tmp_path, backend(server, "interactions"))
        assert (got.error, got.purchase.state, got.purchase.charged_by) == (None, "FETCHED", "provider")
        assert got.purchase.charged_usd == server.total_usd < got.purchase.reserved_usd
        assert probe(got.clip).size == SMALL.size and probe(got.clip).has_audio and len(server.posts) == 1


@ROUTES
def test_both_keyframes_arrive_in_order_and_the_wishes_with_them(tmp_path, route):
    with GoogleServer() as server:
        buy(tmp_path, backend(server, route), seed=41)
        order = server.jobs[0].order
        assert order.images == tuple(sha256(data).hexdigest() for data in (FIRST, LAST))
        assert (order.prompt, order.seed, server.posts[0].key) == ("a walk", 41, TOKEN if route == "vertex" else KEY)


@ROUTES
def test_without_a_last_frame_only_the_first_is_sent(tmp_path, route):
    with GoogleServer() as server:
        assert not buy(tmp_path, backend(server, route), last_frame=None).error
        assert [picture.role for picture in server.jobs[0].order.pictures] == ["first"]


@pytest.mark.parametrize("audio", [False, True])
def test_veo_is_told_of_sound_and_of_what_not_to_show(tmp_path, audio):
    with GoogleServer() as server:
        asked = backend(server, "vertex", person_generation="dont_allow")
        got = buy(tmp_path, asked, audio=audio, negative_prompt="rain", seconds=6)
        order = server.jobs[0].order
        assert (order.audio, order.negative_prompt, order.seconds, probe(got.clip).has_audio) == (audio, "rain", 6, audio)
        assert dict(order.parameters) | {"personGeneration": "dont_allow", "sampleCount": "1"} == dict(order.parameters)


@pytest.mark.parametrize("model", [model.id for model in FAST.providers["google"].video.values()])
def test_every_model_of_the_catalogue_is_accepted_as_its_entry_says(tmp_path, model):
    entry = FAST.video("google", model)
    with GoogleServer() as server:
        for number, shape in enumerate(entry.shapes):
            asked = backend(server, entry.route, FilmFormat(shape.size, Fraction(24)), model_version=model)
            asked_for = request(tmp_path, asked, seconds=asked.durations.longest, audio=True)
            assert asyncio.run(asked.submit(asked_for)).id and list(asked.request_problems(asked_for)) == []
            order, job = server.jobs[number].order, server.jobs[number]
            assert (order.model, order.width, order.height) == (model, *shape.size)
            quote = asked.quote(asked.durations.longest, audio=True)
            assert job.order.most_micros <= quote.most_usd * 1_000_000


# -- one POST, whatever happens to it --------------------------------------------------------------------------------------

UNKNOWN = ("drop_before", "drop_after_accept", "no_id", "garbled", "500_after", "500", "503", "504", "408", "409")
REFUSED = ("400", "401", "403", "404", "413", "moderated", "out_of_credits")
ENDINGS: dict[str, type] = {"UNKNOWN": Unresolved, "REFUSED": GenerationFailed, "FETCHED": type(None)}


@ROUTES
@pytest.mark.parametrize(("state", "scripts"), [
    ("UNKNOWN", UNKNOWN), ("REFUSED", REFUSED), ("FETCHED", ("slow_accept:s=0.1",)),
])
def test_whatever_befalls_the_post_it_is_one_and_the_ledger_knows_what_is_known(tmp_path, route, state, scripts):
    with GoogleServer(latency_s=0.0) as server:
        seen = list(in_turn(tmp_path, server, route, scripts))
        assert [(script, got.purchase.state, posts) for script, got, posts, _ in seen] == [(one, state, 1) for one in scripts]
        assert {type(got.error) for _, got, _, _ in seen} <= {ENDINGS[state], Moderated}
        accepted = {"drop_after_accept", "no_id", "garbled", "500_after", "slow_accept:s=0.1"}
        assert {script for script, _, _, jobs in seen if jobs} == accepted & set(scripts)


@ROUTES
@pytest.mark.parametrize("script", ["unknown_fields", "clock_skew"])
def test_what_nobody_has_heard_of_does_no_harm(tmp_path, route, script):
    with GoogleServer(faults=script) as server:
        got = buy(tmp_path, backend(server, route))
        assert (got.error, got.purchase.state, len(server.posts)) == (None, "FETCHED", 1)


@ROUTES
def test_a_429_is_asked_again_when_google_says_as_a_purchase_of_its_own(tmp_path, route):
    with GoogleServer(faults="429*1:retry_after=0.05") as server:
        got = buy(tmp_path, backend(server, route))
        assert (got.error, got.purchase.id, len(server.posts), len(server.jobs)) == (None, 2, 2, 1)


@ROUTES
def test_an_unknown_purchase_is_never_sent_again(tmp_path, route):
    with GoogleServer(faults="drop_after_accept") as server:
        errors = [buy(tmp_path, backend(server, route)).error for _ in range(3)]
        assert [type(error) for error in errors] == [Unresolved] * 3 and len(server.posts) == 1


@ROUTES
def test_a_missing_connection_is_no_purchase(tmp_path, route):
    with GoogleServer() as server:
        asked = backend(server, route)
    asked.terms = Terms(FAST, timeout_s=1.0)
    got = buy(tmp_path, asked)
    assert (type(got.error), got.purchase.state) == (NoNetwork, "THROTTLED") and "no connection to Google" in str(got.error)


@ROUTES
def test_a_request_that_never_left_is_no_purchase(tmp_path, route):
    with GoogleServer() as server:
        got = buy(tmp_path, backend(server, route, api_key="schlüssel", access_token="schlüssel"))
        assert (got.purchase.state, len(server.posts)) == ("REFUSED", 0) and "could not be put together" in str(got.error)


def test_an_sdk_that_would_repeat_itself_is_kept_from_it(tmp_path):
    with GoogleServer(faults="500_after") as server:
        asked = backend(server, "interactions")
        quick = RetryConfig("attempt-count-backoff", BackoffStrategy(1, 2, 1, 1000), True, max_retries=4)
        asked.route.client.aio.interactions.sdk_configuration.retry_config = quick
        got = buy(tmp_path, asked)
        assert (len(server.posts), got.purchase.state) == (1, "UNKNOWN")
        assert isinstance(got.error.__cause__, SentTwice)


@ROUTES
def test_aiohttp_changes_nothing_where_it_is_installed(tmp_path, route, monkeypatch):
    monkeypatch.setattr(google.genai._api_client, "has_aiohttp", True)
    with GoogleServer(faults="drop_after_accept@2") as server:
        assert not buy(tmp_path / "1", backend(server, route)).error
        assert buy(tmp_path / "2", backend(server, route)).purchase.state == "UNKNOWN"
        assert len(server.posts) == 2


@ROUTES
def test_an_address_that_points_elsewhere_is_not_followed_with_a_purchase(tmp_path, route):
    with GoogleServer() as server, Signpost(server.url) as gateway:
        got = buy(tmp_path, backend(gateway, route))
        assert (got.purchase.state, len(server.posts)) == ("REFUSED", 0) and "correct base_url" in str(got.error)


class Signpost(GoogleServer):
    """Answers every request with the address of another server."""

    def __init__(self, there):
        super().__init__()
        self.there = there

    def answer(self, request):
        return Reply(307, {}, headers={"Location": self.there + request.path})


@ROUTES
def test_a_run_that_is_stopped_while_the_post_is_out_still_learns_its_id(tmp_path, route):
    with GoogleServer(faults="slow_accept:s=0.3", latency_s=0.0) as server:
        asked = backend(server, route)

        async def stopped(counter, clip):
            work = asyncio.create_task(asked.serve(request(tmp_path, asked), clip, lambda progress: None, counter))
            while not server.jobs:
                await asyncio.sleep(0.01)
            work.cancel()
            with pytest.raises(asyncio.CancelledError):
                await work

        with open_run(tmp_path / "run") as run:
            run.till.open(Decimal(5))
            counter, clip = counter_of(run)
            asyncio.run(stopped(counter, clip))
            (bought,) = counter.history()
            assert bought.state == "SUBMITTED" and str(bought.remote_id).endswith(server.jobs[0].id)
        assert not buy(tmp_path, asked).error and len(server.posts) == 1


@ROUTES
def test_a_job_of_an_earlier_run_is_waited_for_by_nothing_but_its_name(tmp_path, route):
    with GoogleServer(latency_s=0.0) as server:
        job = asyncio.run(backend(server, route).submit(request(tmp_path, backend(server, route))))

        def left_by_an_earlier_run(counter):
            bought = asyncio.run(counter.intend(provider="veo3", model="", asked={}, bound_usd=Decimal(1)))
            counter.submitted(bought, job.id, None)

        got = buy(tmp_path, backend(server, route), before=left_by_an_earlier_run)
        assert (got.error, got.purchase.state, len(server.posts)) == (None, "FETCHED", 1)


# -- how a job ends --------------------------------------------------------------------------------------------------------

ENDS = {
    "filtered": (Moderated, "output"), "filtered_input": (Moderated, "input"), "empty": (BadOutput, ""),
    "failed": (BadOutput, ""), "cancelled": (GenerationFailed, ""),
}


@ROUTES
def test_a_job_that_ends_without_a_video_costs_nothing_and_says_why(tmp_path, route):
    with GoogleServer(latency_s=0.0) as server:
        seen = {script: got for script, got, _, _ in in_turn(tmp_path, server, route, ENDS)}
        assert {script: (type(got.error), got.purchase.refusal) for script, got in seen.items()} == ENDS
        assert {(got.purchase.state, got.purchase.charged_usd) for got in seen.values()} == {("FAILED", 0)}
        assert len(server.posts) == len(ENDS) and server.total_usd == 0


def test_a_failure_that_would_come_again_is_not_tried_again(tmp_path):
    with GoogleServer(faults="failed:9@1, filtered:incomplete@2, failed:quota@3") as server:
        assert type(buy(tmp_path / "1", backend(server, "vertex")).error) is GenerationFailed
        assert buy(tmp_path / "2", backend(server, "interactions")).error.side == "output"
        assert type(buy(tmp_path / "3", backend(server, "interactions")).error) is GenerationFailed


def test_omni_s_words_in_place_of_a_video_are_a_refusal(tmp_path):
    with Speaking() as server:
        got = buy(tmp_path, backend(server, "interactions"))
        assert isinstance(got.error, Moderated) and "I cannot make that" in str(got.error)


class Speaking(GoogleServer):
    """Ends every interaction with a sentence."""

    def answer(self, request):
        reply = super().answer(request)
        if request.method == "GET" and "steps" in (body := json.loads(reply.octets)):
            body["steps"] = [{"type": "model_output", "content": [{"type": "text", "text": "I cannot make that."}]}]
            return Reply(200, body)
        return reply


LOOKS = ("poll_503", "poll_429:retry_after=0.01", "poll_drop", "poll_garbled", "new_status", "throttled", "poll_408")
DOWNLOADS = ("truncated", "truncated:quiet=1", "html", "zero_bytes", "download_503", "expired_address", "slow_download:s=0.1")
OUT_OF_REACH = ("download_403:times=99", "download_400:times=99", "poll_400:times=99", "poll_404:times=99")


@ROUTES
@pytest.mark.parametrize("scripts", [LOOKS, DOWNLOADS], ids=["looks", "downloads"])
def test_what_fails_after_the_post_is_asked_for_again_and_buys_nothing(tmp_path, route, scripts):
    with GoogleServer(latency_s=0.0) as server:
        for script, got, posts, _ in in_turn(tmp_path, server, route, scripts):
            assert (script, got.error, got.purchase.state, posts) == (script, None, "FETCHED", 1)
            assert probe(got.clip).frames == round(24 * server.jobs[0].order.seconds)


@ROUTES
def test_a_clip_that_stays_out_of_reach_is_paid_and_kept_in_mind(tmp_path, route):
    with GoogleServer(latency_s=0.0) as server:
        for script, got, posts, _ in in_turn(tmp_path, server, route, OUT_OF_REACH):
            assert (script, type(got.error), got.purchase.state, posts) == (script, StillOut, "SUBMITTED", 1)


def test_a_video_that_google_still_stores_is_waited_for(tmp_path):
    with Storing() as server:
        got = buy(tmp_path, backend(server, "interactions"))
        assert (got.error, server.asked) == (None, 3)


class Storing(GoogleServer):
    """Has each file ready at the third look."""

    asked = 0

    def answer(self, request):
        if "/files/" in request.path and not request.path.endswith(":download"):
            self.asked += 1
            state = "PROCESSING" if self.asked < 3 else "ACTIVE"
            return Reply(200, {"name": request.path.partition("v1beta/")[2], "state": state})
        if request.path.endswith(":download"):
            assert self.asked == 3
        return super().answer(request)


def test_a_usage_above_the_quote_is_what_is_counted(tmp_path):
    with GoogleServer(faults="overbill:3") as server:
        got = buy(tmp_path, backend(server, "interactions"))
        assert got.purchase.above_bound and abs(got.purchase.charged_usd - server.total_usd) < Decimal("0.00001")


def test_a_missing_usage_is_counted_by_the_price_list(tmp_path):
    with GoogleServer(faults="no_cost") as server:
        got = buy(tmp_path, backend(server, "interactions"))
        assert (got.purchase.charged_by, got.purchase.charged_usd) == ("prices", Decimal("0.12"))


# -- keyframes -------------------------------------------------------------------------------------------------------------


@ROUTES
def test_a_keyframe_over_the_limit_is_sent_as_jpeg(tmp_path, route):
    noise = np.random.default_rng(1).integers(0, 255, (2160, 3840, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "large.png", compress_level=0)
    with GoogleServer() as server:
        asked = backend(server, route)
        job = asyncio.run(asked.submit(request(tmp_path, asked, first_frame=tmp_path / "large.png")))
        sent = server.jobs[0].order.pictures[0]
        assert job.id and Size(sent.width, sent.height) == asked.shape.size


@ROUTES
def test_a_keyframe_that_cannot_be_read_is_no_purchase(tmp_path, route):
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    with GoogleServer() as server:
        for name in ("bad.png", "nowhere.png"):
            got = buy(tmp_path, backend(server, route), first_frame=tmp_path / name)
            assert (got.purchase.state, len(server.posts)) == ("REFUSED", 0) and name in str(got.error)


# -- who may ask -----------------------------------------------------------------------------------------------------------


def said(made_by):
    return " / ".join(map(str, [*made_by.mistakes(), *made_by.problems()]))


def bare(**options):
    return Veo3Generator(Veo3Generator.Options.model_validate(options), HD, Terms(FAST))


@pytest.fixture
def no_gcloud(monkeypatch, tmp_path):
    monkeypatch.setattr(google_client, "_GOOGLE_MACHINE", tmp_path / "no_such_file")
    monkeypatch.setattr(google.auth._cloud_sdk, "get_application_default_credentials_path", lambda: str(tmp_path / "adc.json"))
    return tmp_path / "adc.json"


def test_the_model_that_is_not_named_is_the_one_that_can_be_asked():
    assert bare(api_key=KEY).model_version == OMNI
    assert bare(project_id="p", api_key=KEY).model_version == "veo-3.1-fast-generate-001"
    assert bare(api_key=KEY).identity() != bare(project_id="p").identity()


def test_who_asks_and_where_is_no_part_of_what_a_clip_is():
    one = bare(project_id="p", access_token=TOKEN, region="eu", parallel=3, base_url="http://gateway")
    assert one.identity() == bare(project_id="other").identity()
    assert (asyncio.run(one.places()), asyncio.run(bare(project_id="p").places())) == (3, 10)


def test_veo_with_an_api_key_is_told_that_it_ended_and_what_to_use():
    assert said(bare(api_key=KEY, model_version="veo-3.1-generate-001")) == (
        "google_veo.model_version: Veo with an API key ended on 2026-10-22, veo-3.1-generate-001 needs a Google Cloud project, "
        f"use model_version: {OMNI}, or set project_id")


@pytest.mark.parametrize(("options", "words"), [
    ({}, "google_veo.api_key: gemini-omni-1.1-flash needs a Gemini API key, set GEMINI_API_KEY"),
    ({"model_version": LITE}, "google_veo.project_id: veo-3.1-lite-generate-001 needs a Google Cloud project"),
    ({"project_id": "p"}, "there are no credentials for the project p on this machine, run `gcloud auth application-default"),
    ({"project_id": "p", "credentials_file": "nowhere.json"}, "google_veo.credentials_file: there is no file nowhere.json"),
    ({"api_key": "two\nlines"}, "google_veo.api_key: holds a space, a line break"),
    ({"api_key": KEY, "person_generation": "allow_all"}, "google_veo.person_generation: gemini-omni-1.1-flash does not know"),
    ({"api_key": KEY, "model_version": "veo-3"}, "veo-3 was retired on 2026-06-30, use veo-3.1-fast-generate-001 (or "),
])
def test_what_is_missing_is_said_before_anything_is_bought(no_gcloud, options, words):
    made_by = bare(**options)
    assert words in " / ".join(map(str, made_by.mistakes())) or words in said(made_by)


def test_credentials_of_the_machine_are_found_without_asking_anybody(no_gcloud):
    no_gcloud.write_text("{}")
    assert said(bare(project_id="p")) == ""
    assert said(bare(project_id="p", access_token=TOKEN)) == ""


def test_credentials_that_do_not_work_are_no_purchase(tmp_path, no_gcloud):
    no_gcloud.write_text("{}")
    with GoogleServer() as server:
        asked = backend(server, "vertex", access_token=None, credentials_file=no_gcloud)
        got = buy(tmp_path, asked)
        assert (got.purchase.state, len(server.posts)) == ("REFUSED", 0) and "no access to Google Cloud" in str(got.error)
        assert asked.closed


@ROUTES
def test_a_free_call_proves_the_key(route):
    with GoogleServer(api_key=TOKEN if route == "vertex" else KEY) as server:
        assert "is there" in asyncio.run(backend(server, route).prove())
        with pytest.raises(BackendUnavailable, match="cannot be asked: 40"):
            asyncio.run(backend(server, route, api_key="other", access_token="other").prove())
        assert not server.posts


def test_a_wrong_key_closes_the_account_for_this_run(tmp_path):
    with GoogleServer(api_key="right") as server:
        asked = backend(server, "interactions")
        assert buy(tmp_path, asked).purchase.state == "REFUSED" and "API key not valid" in asked.closed


@ROUTES
@pytest.mark.parametrize("script", ["401", "500_after", "drop_after_accept", "garbled", "429*1:retry_after=0.01"])
def test_no_key_stands_in_any_text(tmp_path, route, script):
    with GoogleServer(faults=script) as server:
        asked = backend(server, route)
        got = buy(tmp_path, asked)
        texts = [repr(asked.options), str(asked.identity()), repr(got.purchase)]
        texts += traceback.format_exception(got.error) if got.error else []
        assert not any(secret in text for secret in (KEY, TOKEN) for text in texts)


def test_a_key_that_google_repeats_is_masked(tmp_path):
    with Gossip() as server:
        got = buy(tmp_path, backend(server, "interactions"))
        assert "*** is not valid" in got.purchase.reason and KEY not in "".join(traceback.format_exception(got.error))


class Gossip(GoogleServer):
    """Puts the key it was given into its refusal."""

    def answer(self, request):
        return self.refusal(400, f"API key {request.key} is not valid")


# -- what Google's answers mean --------------------------------------------------------------------------------------------


def answered(status, message, *details):
    error = google.genai.errors.ClientError(status, {"error": {"code": status, "message": message, "details": list(details)}})
    return meaning(error)


def test_a_429_that_no_waiting_mends_is_a_refusal():
    day = {"violations": [{"quotaId": "VideosPerDayPerProject"}]}
    assert answered(429, "Quota exceeded, limit: 0, model: omni").account
    assert answered(429, "You exceeded your current quota, check your plan and billing details", day).account
    soon = answered(429, "You exceeded your current quota, check your plan and billing details", {"retryDelay": "3.5s"})
    assert soon.retry_after_s == 3.5


def test_an_invalid_argument_is_no_moderation_and_a_prompt_that_was_blocked_is():
    assert answered(400, "Unknown name safety_settings").refusal is None
    assert answered(400, "The prompt was blocked by content moderation.").refusal == "input"
    assert answered(403, "The billing account is disabled").account


@pytest.mark.parametrize(("text", "side"), [
    ("Veo could not generate videos because the input image violates usage guidelines. Support codes: 15236754", "input"),
    ("Veo found an issue with the audio for your prompt and it might violate our policies", "output"),
    ("The generated video was filtered out because it violates the usage guidelines.", "output"),
    ("Support codes: 63429089", "unknown"), ("Internal error, please retry", None),
])
def test_a_refusal_names_its_side(text, side):
    assert refusal_side(text) == side


def test_support_codes_are_put_into_words():
    assert explained("Support codes: 15236754, 61493863") == "Support codes: 15236754, 61493863 (a celebrity, violence)"
    codes = " ".join(CATEGORIES.values()).split()
    assert len(codes) == len(set(codes)) and all(len(code) == 8 for code in codes)
