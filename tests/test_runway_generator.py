"""Runway through its own SDK, against a server on this machine that counts every POST and bills every job."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import get_args, get_type_hints

import pytest
import runwayml.types.image_to_video_create_params as sdk
from PIL import Image
from pydantic import SecretStr, ValidationError

import catalogue
from errors import (
    BackendUnavailable,
    BadOutput,
    GenerationFailed,
    MachineTrouble,
    Moderated,
    StillOut,
    Unresolved,
)
from generators.remote_protocol import RemoteJob
from generators.runway_generator import RunwayGenerator
from media import probe
from media.film_format import FilmFormat, Size
from runtime.durable import sha256_of as sha256
from runtime.run_store import open_run
from storyboard import Camera
from tests import one_purchase
from tests.servers import RunwayServer
from tests.servers.runway_models import MODELS
from video_generator_interface import SegmentRequest, Terms

KEY = "key_0123456789abcdef"
MODEL = "gemini_omni_flash_1.1"
"""Its pictures are the smallest, so its clips the quickest."""
SMALL = Size(640, 360)
NODE = "clip segment_01"
SWIFT = catalogue.load(overrides={"runway": {"poll_s": 0.02}})
LIVE = SWIFT.live("runway", date.today())


def adapter(server, size=SMALL, *, timeout_s=20.0, max_retries=3, **options):
    """A backend that looks every 20 ms."""
    url = server if isinstance(server, str) else server.url
    given = RunwayGenerator.Options(**{"api_key": SecretStr(KEY), "model_version": MODEL, "base_url": url, **options})
    return RunwayGenerator(given, FilmFormat(size, Fraction(24)), Terms(SWIFT, timeout_s=timeout_s, max_retries=max_retries))


def picture(folder, name, size=SMALL, noisy=False):
    path = folder / f"{name}.png"
    shade = int(hashlib.sha256(name.encode()).hexdigest()[:2], 16)
    image = Image.effect_noise(size, 120).convert("RGB") if noisy else Image.new("RGB", size, (shade, 60, 120))
    image.save(path)
    return path


def request(folder, size=SMALL, **changes):
    asked = SegmentRequest(
        segment=1, prompt="a walk along the quay", negative_prompt="", camera=Camera(), seconds=3, size=size, fps=Fraction(24),
        first_frame=picture(folder, "first", size), last_frame=picture(folder, "last", size), audio=False, seed=7)
    return replace(asked, **changes)


def serve(folder, backend, asked, cap=None, wanted="w"):
    """Asks for the clip in a run folder that stays: again, and it is the next run."""
    def whole(clip):
        assert probe.probe(clip).frames >= 24 * asked.seconds

    return one_purchase.serve(folder, backend, asked, cap=cap, wanted=wanted, look=whole, node=NODE, file="clip.mp4")


def once(folder, faults, *, size=SMALL, server=None, how=None, **changes):
    """One clip at a server with these faults."""
    with RunwayServer(faults=faults, **(server or {})) as there:
        return serve(folder, adapter(there, size, **(how or {})), request(folder, size, **changes)), there


# -- one submit, one POST -------------------------------------------------------------------------------------------------

COMES = [
    "", "slow_accept:s=0.1", "no_estimate", "throttled", "no_cost", "unknown_fields", "clock_skew", "new_status", "poll_drop",
    "poll_garbled", "poll_503:times=2", "poll_429:retry_after=0.02", "poll_500:retry_after=0.02", "expired_address",
    "truncated", "truncated:quiet=1", "html", "zero_bytes", "slow_download:s=0.1", "download_503:times=2", "download_404",
    "download_429:retry_after=0.02", "account_500:times=9",
]
REFUSED = [(400, False), (401, True), (402, True), (403, True), (404, False), (413, False), (422, False)]
LOST = ["drop_before", "drop_after_accept", "no_id", "garbled", "408", "409", "500", "502", "503", "504", "500_after",
        "503_after:retry_after=1", "429_after@9, 500"]
FAILS = [
    ("failed:SAFETY.INPUT.TEXT", Moderated, "input"), ("failed:SAFETY.OUTPUT.VIDEO", Moderated, "output"),
    ("failed:SAFETY.OTHER", Moderated, "unknown"), ("failed:INPUT_PREPROCESSING.SAFETY.TEXT", Moderated, "input"),
    ("filtered", Moderated, "output"), ("filtered_input", Moderated, "input"),
    ("failed:INTERNAL.BAD_OUTPUT.CODE01", BadOutput, ""), ("failed:INTERNAL", BadOutput, ""),
    ("failed:THIRD_PARTY.UNAVAILABLE", BadOutput, ""), ("failed:ASSET.INVALID", GenerationFailed, ""),
    ("failed", GenerationFailed, ""), ("cancelled", GenerationFailed, ""), ("empty", GenerationFailed, ""),
    ("wrong_size", GenerationFailed, ""), ("wrong_length", GenerationFailed, ""), ("damaged", GenerationFailed, ""),
]
STAYS_OUT = ["stuck", "poll_404:times=9", "poll_503:times=99", "html:times=99", "zero_bytes:times=99", "truncated:times=99",
             "truncated:times=99:quiet=1", "download_500:times=99", "expired_address:times=99"]


@pytest.mark.parametrize("faults", COMES)
def test_the_clip_comes_with_one_post_whatever_goes_wrong_afterwards(faults, tmp_path):
    ran, server = once(tmp_path, faults)
    assert (ran.error, ran.states, len(server.posts), len(server.jobs)) == (None, ["FETCHED"], 1, 1)
    assert ran.last.remote_id == server.jobs[0].id
    assert ran.last.charged_usd == server.total_usd


@pytest.mark.parametrize("faults", LOST)
def test_an_answer_that_says_nothing_is_never_followed_by_another_post(faults, tmp_path):
    ran, server = once(tmp_path, faults)
    assert (type(ran.error), ran.states, len(server.posts)) == (Unresolved, ["UNKNOWN"], 1)
    assert ran.error.jobs == (ran.last.id,) and ran.last.reserved_usd and ran.last.charged_usd is None


def test_an_answer_that_comes_too_late_is_lost_and_not_asked_for_again(tmp_path):
    ran, server = once(tmp_path, "slow_accept:s=30", how={"timeout_s": 1.0})
    assert (type(ran.error), ran.states, len(server.posts), len(server.jobs)) == (Unresolved, ["UNKNOWN"], 1, 1)


@pytest.mark.parametrize(("status", "account"), REFUSED)
def test_a_refusal_costs_nothing_and_is_not_asked_again(status, account, tmp_path):
    with RunwayServer(faults=str(status)) as server:
        backend = adapter(server)
        ran = serve(tmp_path, backend, request(tmp_path))
    assert (type(ran.error), ran.states, ran.last.charged_usd, len(server.posts)) == (GenerationFailed, ["REFUSED"], 0, 1)
    assert bool(backend.closed) is account and f"HTTP {status}: The fault script says so." in str(ran.error)


def test_an_empty_account_closes_the_backend_for_the_rest_of_the_run(tmp_path):
    with RunwayServer(credits=3) as server:
        backend = adapter(server)
        first, second = (serve(tmp_path, backend, request(tmp_path), wanted=name) for name in "ab")
    assert (first.states, second.states, len(server.posts)) == (["REFUSED"], [], 1)
    assert "not have enough credits" in backend.closed and str(second.error) == backend.closed


def test_words_that_are_refused_at_once_are_told_as_such(tmp_path):
    ran, server = once(tmp_path, "moderated")
    assert (type(ran.error), ran.last.state, ran.last.refusal, len(server.posts)) == (Moderated, "REFUSED", "input", 1)


@pytest.mark.parametrize("faults", ["429@1", "429@1:retry_after=0.05", "429@1:retry_after=0:date=1, clock_skew"])
def test_after_a_429_the_same_is_asked_again_as_a_purchase_of_its_own(faults, tmp_path):
    ran, server = once(tmp_path, faults)
    assert (ran.error, ran.states, len(server.posts), len(server.jobs)) == (None, ["THROTTLED", "FETCHED"], 2, 1)


def test_a_retry_after_beyond_this_run_s_patience_is_left_to_the_next(tmp_path):
    with RunwayServer(faults="429@1:retry_after=1000") as server:
        ran = serve(tmp_path, adapter(server), request(tmp_path))
        assert (type(ran.error), ran.states, len(server.posts)) == (StillOut, ["THROTTLED"], 1)
        assert serve(tmp_path, adapter(server), request(tmp_path)).states == ["THROTTLED", "FETCHED"]


def test_the_daily_limit_is_not_asked_against_all_day(tmp_path):
    ran, server = once(tmp_path, "account_503:times=9", server={"daily": 0})  # its books would say so before
    assert (type(ran.error), ran.states, len(server.posts)) == (StillOut, ["THROTTLED"], 1)
    assert "generations per day" in str(ran.error)


@pytest.mark.parametrize(("faults", "kind", "side"), FAILS)
def test_a_job_that_fails_says_why_and_what_it_cost(faults, kind, side, tmp_path):
    ran, server = once(tmp_path, faults)
    assert (type(ran.error), ran.states, ran.last.refusal, len(server.posts)) == (kind, ["FAILED"], side, 1)
    assert (ran.last.charged_usd, ran.last.charged_by) == (server.total_usd, "provider")


@pytest.mark.parametrize("faults", ["wrong_size", "wrong_length", "damaged"])
def test_a_clip_that_cannot_be_used_is_paid_for_and_kept(faults, tmp_path):
    ran, server = once(tmp_path, faults)
    kept = list((tmp_path / "run" / "takes" / "segment_01").glob("bought-*.mp4"))
    assert ran.last.charged_usd == server.total_usd > 0 and len(kept) == 1 and kept[0].name in str(ran.error)


@pytest.mark.parametrize("faults", STAYS_OUT)
def test_a_job_that_cannot_be_collected_stays_submitted_and_the_next_run_makes_no_post(faults, tmp_path):
    how = {"timeout_s": 1.2} if faults == "stuck" else {}
    with RunwayServer(faults=faults) as server:
        first = serve(tmp_path, adapter(server, **how), request(tmp_path))
        assert (type(first.error), first.states) == (StillOut, ["SUBMITTED"])
        second = serve(tmp_path, adapter(server, **how), request(tmp_path))
        assert (second.states, len(server.posts), len(server.bills)) == (["SUBMITTED"], 1, 1)


def test_the_next_run_collects_what_this_one_could_not(tmp_path):
    with RunwayServer(faults="html:times=4") as server:
        assert isinstance(serve(tmp_path, adapter(server), request(tmp_path)).error, StillOut)
        ran = serve(tmp_path, adapter(server), request(tmp_path))
    assert (ran.error, ran.states, len(server.posts)) == (None, ["FETCHED"], 1)


def test_what_was_fetched_is_taken_from_the_disk_and_fetched_again_when_it_is_gone(tmp_path):
    with RunwayServer() as server:
        serve(tmp_path, adapter(server), request(tmp_path))
        asked = len(server.requests)
        assert serve(tmp_path, adapter(server), request(tmp_path)).states == ["FETCHED"] and len(server.requests) == asked
        next((tmp_path / "run" / "takes").rglob("bought-*")).unlink()
        assert serve(tmp_path, adapter(server), request(tmp_path)).error is None
    assert len(server.posts) == 1 and sum(path.startswith("/cdn") for _, path in server.requests) == 2


def test_a_server_that_is_not_there_is_known_to_have_accepted_nothing(tmp_path):
    ran = serve(tmp_path, adapter("http://127.0.0.1:1", timeout_s=0.3), request(tmp_path))
    assert isinstance(ran.error, StillOut) and ran.states == []  # its books are looked at before anything is intended
    assert "nothing was sent" in str(ran.error)


def test_a_price_above_the_list_stops_all_further_buying(tmp_path):
    with RunwayServer(models={MODEL: replace(MODELS[MODEL], fee=99)}) as server:
        backend = adapter(server)
        with open_run(tmp_path / "run") as run:
            run.till.open(Decimal(100))
            to = run.path("takes", "segment_01", "clip.mp4.part")
            asyncio.run(backend.serve(request(tmp_path), to, lambda progress: None, run.till.counter(NODE, "w")))
            assert "where the price list says" in run.till.stopped


# -- what is asked --------------------------------------------------------------------------------------------------------

TYPES = {get_args(get_type_hints(one)["model"])[0]: one for one in get_args(sdk.ImageToVideoCreateParams)}


@pytest.mark.parametrize("model", LIVE, ids=lambda model: model.id)
def test_every_live_model_is_asked_for_what_it_takes(model, tmp_path):
    size = model.shapes[0].size
    asked = request(tmp_path, size, seconds=model.most_s, negative_prompt="blur", audio=model.audio != "never")
    asked = replace(asked, last_frame=asked.last_frame if model.last_frame else None)
    with RunwayServer() as server:
        backend = adapter(server, size, model_version=model.id)
        assert not [*backend.mistakes(), *backend.problems(), *backend.capabilities.problems(asked)]
        asyncio.run(submitted(backend, asked))
        assert backend._asked(asked).keys() <= get_type_hints(TYPES[model.id]).keys()
    order = server.jobs[0].order
    assert (order.model, order.seconds, order.seed) == (model.id, model.most_s, 7 if model.seed else None)
    assert (order.negative_prompt, len(order.images)) == ("blur" if model.negative_prompt else "", 1 + model.last_frame)
    assert order.audio or model.audio != "option"


async def submitted(backend, asked):
    with backend.translated():
        return await backend.submit(asked)


def test_both_keyframes_arrive_as_they_are(tmp_path):
    asked = request(tmp_path)
    with RunwayServer() as server:
        job = asyncio.run(submitted(adapter(server), asked))
    sent = {one.role: one.sha256 for one in server.jobs[0].order.pictures}
    assert sent == {"first": sha256(asked.first_frame), "last": sha256(asked.last_frame)}
    assert job == RemoteJob(server.jobs[0].id, server.bills[0].quoted_usd)


def test_in_chaining_mode_only_the_first_is_sent(tmp_path):
    with RunwayServer() as server:
        asyncio.run(submitted(adapter(server), request(tmp_path, last_frame=None)))
    assert [one.role for one in server.jobs[0].order.pictures] == ["first"]


def test_a_keyframe_too_large_for_a_data_uri_is_sent_as_large_as_the_clip_is(tmp_path):
    large = Size(2560, 1440)
    asked = request(tmp_path, large, first_frame=picture(tmp_path, "noise", large, noisy=True))
    assert asked.first_frame.stat().st_size > 5_000_000
    with RunwayServer() as server:
        asyncio.run(submitted(adapter(server, large, model_version="veo3.1"), replace(asked, seconds=4)))
    assert ("POST", "/v1/uploads") not in server.requests
    sizes = {one.role: (one.width, one.height) for one in server.jobs[0].order.pictures}
    assert sizes == {"first": (1920, 1080), "last": large}


@pytest.mark.parametrize("faults", ["", "upload_503", "upload_500:times=2"])
def test_a_keyframe_too_large_even_so_is_uploaded_and_an_upload_is_no_purchase(faults, tmp_path, monkeypatch):
    monkeypatch.setattr("generators.runway_generator.LONGEST_DATA_URI", 9_000)
    noisy = picture(tmp_path, "noise", noisy=True)
    ran, server = once(tmp_path, faults, first_frame=noisy)
    assert ran.error is None and ran.states[-1] == "FETCHED" and set(ran.states[:-1]) <= {"THROTTLED"}
    assert len(server.posts) == len(server.bills) == 1
    assert server.jobs[0].order.picture("first").sha256 == sha256(noisy)


def test_a_keyframe_that_cannot_be_read_is_refused_before_anything_is_sent(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    ran, server = once(tmp_path, "", first_frame=tmp_path / "broken.png")
    assert (type(ran.error), ran.states, len(server.posts)) == (GenerationFailed, ["REFUSED"], 0)
    assert "keyframe cannot be sent: broken.png" in str(ran.error)


def test_options_for_some_models_only_reach_those_and_are_refused_for_others(tmp_path):
    with RunwayServer() as server:
        for model, option, value in (("gen4_turbo", "content_moderation", "low"), ("kling2.5_turbo_pro", "cfg_scale", 0.7),
                                     ("h3_max", "prompt_expansion_mode", "disabled")):
            size, seconds = Size(1280, 720), 10
            backend = adapter(server, size, model_version=model, **{option: value})
            assert not list(backend.mistakes())
            asyncio.run(submitted(backend, request(tmp_path, size, seconds=seconds, last_frame=None)))
            wrong = list(adapter(server, **{option: value}).mistakes())
            assert [problem.where for problem in wrong] == [f"runway_ml.{option}"]
    sent = [dict(job.order.parameters) for job in server.jobs]
    assert sent[0]["contentModeration"] == "{'publicFigureThreshold': 'low'}"
    assert (sent[1]["cfgScale"], sent[2]["promptExpansionMode"]) == ("0.7", "disabled")


# -- stopping -------------------------------------------------------------------------------------------------------------


def test_a_run_that_is_cancelled_while_it_submits_records_the_job(tmp_path):
    async def cancelled(run, server):
        to = run.path("takes", "segment_01", "clip.mp4.part")
        task = asyncio.ensure_future(adapter(server).serve(request(tmp_path), to, lambda progress: None,
                                                           run.till.counter(NODE, "w")))
        while not server.posts:
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with RunwayServer(faults="slow_accept:s=0.3") as server:
        with open_run(tmp_path / "run") as run:
            run.till.open(None)
            asyncio.run(cancelled(run, server))
            assert [(one.state, one.remote_id) for one in run.till.purchases.all()] == [("SUBMITTED", server.jobs[0].id)]
        assert serve(tmp_path, adapter(server), request(tmp_path)).states == ["FETCHED"]
    assert len(server.posts) == 1


# -- the account ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("faults", "says"), [("drop_after_accept", "it looks as if the job arrived"),
                                              ("drop_before", "it looks as if the job did not arrive")])
def test_the_account_s_books_say_whether_a_lost_job_arrived(faults, says, tmp_path):
    with RunwayServer(faults=faults) as server:
        backend = adapter(server)
        serve(tmp_path, backend, request(tmp_path), wanted="another")  # also lost: its own evidence is the same
        ran = serve(tmp_path, backend, request(tmp_path))
    assert says in str(ran.error) and says in ran.last.evidence["says"]
    assert f"`resolve {ran.last.id} --attach ID`" in ran.error.advice


def test_what_this_run_bought_itself_is_not_taken_for_the_lost_job(tmp_path):
    async def both(run, backend):
        counters = [run.till.counter(f"clip segment_0{number}", str(number)) for number in (1, 2)]
        paths = [run.path("takes", f"segment_0{number}", "clip.mp4.part") for number in (1, 2)]
        work = [backend.serve(request(tmp_path, prompt=words), to, lambda progress: None, counter)
                for words, to, counter in zip(("a walk", "a LOST walk"), paths, counters, strict=True)]
        return await asyncio.gather(*work, return_exceptions=True)

    with RunwayServer(faults="drop_before~LOST") as server, open_run(tmp_path / "run") as run:
        run.till.open(None)
        bought, lost = asyncio.run(both(run, adapter(server)))
    assert bought is None and isinstance(lost, Unresolved) and "the job arrived" not in str(lost)


def test_books_that_cannot_be_read_are_said_to_say_nothing(tmp_path):
    ran, _ = once(tmp_path, "drop_after_accept, account_500:times=9")
    assert "books could not be read" in str(ran.error)


@pytest.mark.parametrize(("before", "after", "own", "says"), [
    ((100, 4, 0), (88, 5, 60), {"jobs": 0}, "the job arrived"), ((100, 4, 0), (76, 6, 60), {"jobs": 0}, "somebody else"),
    ((100, 4, 0), (88, 5, 60), {"jobs": 1, "usd": "0.12"}, "did not arrive"),
    ((100, 4, 0), (88, 5, 60), {"jobs": 0, "unknown": 1}, "1 other purchases"),
    ((100, 4, 0), (88, 1, 90_000), {"jobs": 0}, "began anew"), ((100, 4, 0), (88, 4, 60), {"jobs": 0}, "inconclusive"),
    ((100, None, 0), (88, 5, 60), {"jobs": 0}, "do not count this model"),
])
def test_the_books_are_read_with_care(before, after, own, says, tmp_path):
    books = [{"credits": credits, "daily": {MODEL: today}, "at": at} for credits, today, at in (before, after)]
    with RunwayServer() as server:
        ran = serve(tmp_path, adapter(server), request(tmp_path))
        assert says in adapter(server).judge(ran.last, *books, own)


@pytest.mark.parametrize(("tier", "parallel", "places"), [(3, None, 3), (3, 2, 2), (3, 9, 3), (None, None, 20), (None, 50, 50)])
def test_the_tier_says_how_many_jobs_run_at_once(tier, parallel, places):
    with RunwayServer(concurrent=tier) as server:
        backend = adapter(server, parallel=parallel)

        async def asked():
            return [await backend.places(), *await asyncio.gather(backend.places(), backend.places())]

        assert asyncio.run(asked()) == [places] * 3
    assert len(server.requests) == 1


@pytest.mark.parametrize(("parallel", "places"), [(None, 1), (7, 7)])
def test_without_an_answer_the_catalogue_says_how_many(parallel, places):
    with RunwayServer(faults="account_503:times=9") as server:
        assert asyncio.run(adapter(server, parallel=parallel).places()) == places


def test_a_key_proves_itself_with_a_free_call():
    with RunwayServer(api_key=KEY, concurrent=3, daily=200, credits=1234) as server:
        assert asyncio.run(adapter(server).prove()) == f"credits 1234, {MODEL}: 3 at once, 0 of 200 today"
        with pytest.raises(BackendUnavailable, match="runway_ml: cannot be asked: HTTP 401"):
            asyncio.run(adapter(server, api_key=SecretStr("key_of_somebody_else")).prove())
    assert not server.posts


# -- options --------------------------------------------------------------------------------------------------------------


def test_a_missing_key_is_a_problem_that_says_where_to_put_it():
    for key in (None, SecretStr("")):
        problem, = adapter("http://127.0.0.1:1", api_key=key).problems()
        assert "runway_ml.api_key: is missing" in str(problem) and "RUNWAYML_API_SECRET" in problem.advice
        with pytest.raises(BackendUnavailable, match="is missing"):
            asyncio.run(adapter("http://127.0.0.1:1", api_key=key).prove())


@pytest.mark.parametrize(("given", "says"), [
    ({"model_version": "gen-3-alpha"}, "was retired on 2026-07-30, use gen4_turbo"),
    ({"model_version": "gen45"}, "did you mean gen4.5?"),
    ({"model_version": "veo3.1", "max_duration": 3}, "3 s is shorter than the shortest clip of veo3.1"),
])
def test_mistakes_in_the_options_are_said_without_a_server(given, says):
    assert says in " ".join(map(str, adapter("http://127.0.0.1:1", **given).mistakes()))


@pytest.mark.parametrize("given", [{"base_url": "ftp://host"}, {"base_url": "host:80"}, {"base_url": "https://host/v1/"},
                                   {"max_duration": 0}, {"parallel": 0}, {"content_moderation": "off"}, {"sed": 1}])
def test_options_that_cannot_be_are_refused(given):
    with pytest.raises(ValidationError):
        RunwayGenerator.Options(**given)


def test_the_longest_clip_to_ask_for_can_be_limited():
    def lengths(**options):
        return str(adapter("http://127.0.0.1:1", **options).capabilities.durations)

    assert lengths(model_version="veo3.1", max_duration=7) == "4, 6 s"
    assert lengths(model_version="gen4.5", max_duration=5.5) == "2 to 5 s in steps of 1 s"
    assert lengths(model_version="gen4.5", max_duration=60) == "2 to 10 s in steps of 1 s"


def test_an_option_left_out_says_nothing_of_the_clip_and_neither_do_key_address_and_limits():
    plain = adapter("http://127.0.0.1:1", model_version=None)
    assert plain.model_version == "veo3.1_fast" == plain.identity()["model_version"]
    other = adapter("http://127.0.0.1:2", model_version=None, api_key=None, parallel=3, max_duration=6)
    assert other.identity() == plain.identity()
    assert set(plain.identity()) == {"backend", "recipe", "model_version", "shape"}


# -- secrets --------------------------------------------------------------------------------------------------------------


def test_the_key_goes_to_runway_and_into_no_text(tmp_path):
    told = []
    for faults in ("401", "400", "drop_after_accept", "garbled", "failed:INTERNAL", "html:times=9", "account_401:times=9"):
        ran, server = once(tmp_path, faults, how={"max_retries": 1})
        told += [repr(ran.error), str(ran.error), repr(ran.error.__cause__) if ran.error else "", repr(ran.purchases)]
        assert {post.key for post in server.posts} <= {KEY}
    backend = adapter(server)
    told += [repr(backend.options), str(backend.options), repr(backend), repr(backend.identity())]
    told += [path.read_bytes().decode(errors="replace") for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert KEY not in "".join(told) and "_jwt" not in "".join(told)


def test_a_stray_environment_sends_nothing_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNWAYML_API_SECRET", "key_of_the_environment")
    with RunwayServer() as server, RunwayServer() as stray:
        monkeypatch.setenv("RUNWAYML_BASE_URL", stray.url)
        assert serve(tmp_path, adapter(server), request(tmp_path)).error is None
    assert not stray.requests and {post.key for post in server.posts} == {KEY}


def test_a_proxy_that_cannot_be_used_stops_the_run_before_anything_is_recorded(tmp_path, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "nonsense://proxy")
    monkeypatch.delenv("NO_PROXY")
    with RunwayServer() as server:
        ran = serve(tmp_path, adapter(server), request(tmp_path))
    assert isinstance(ran.error, MachineTrouble) and "ALL_PROXY" in ran.error.advice and ran.purchases == []
