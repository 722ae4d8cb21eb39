"""Runway's stand-in, spoken to by the runwayml SDK."""

import time
from decimal import Decimal

import httpx
import numpy as np
import pytest
import runwayml

import catalogue
from errors import MediaError
from media.frames import first_frame, last_frame
from media.probe import check_decodes, probe
from tests.servers import GoogleServer, RunwayServer
from tests.servers.customers import FIRST, MODEL, bought, buy, data_uri, developer, ended, fetch, omni_ended, picture, runway
from tests.servers.pictures import PictureStore
from tests.servers.runway_body import Issue, read_order
from tests.servers.runway_models import MODELS


def test_a_task_runs_and_its_clip_goes_from_the_first_picture_to_the_last(tmp_path):
    with RunwayServer() as server:
        facts = probe(bought(server, tmp_path / "clip.mp4"))
        assert (*facts.size, facts.frames, int(facts.fps), facts.has_audio) == (640, 360, 72, 24, True)
        ends = [frame(tmp_path / "clip.mp4").mean(axis=(0, 1)) for frame in (first_frame, last_frame)]
        assert np.allclose(ends, [(20, 60, 120), (230, 60, 120)], atol=6)


def test_a_task_is_billed_once_and_the_account_shows_it():
    with RunwayServer(credits=100) as server:
        task = buy(client := runway(server))
        assert task.estimated_cost.credits == 11 and ended(client, task.id).cost.credits == 11
        assert [(bill.job, bill.usd, bill.order.seconds, len(bill.order.images)) for bill in server.bills] == [
            (task.id, Decimal("0.11"), 3, 2)]
        account = client.organization.retrieve()
        assert account.credit_balance == 89 and account.usage.models[MODEL].daily_generations == 1


def test_the_sdk_as_it_comes_buys_twice_when_a_reply_is_lost():
    with RunwayServer(faults="drop_after_accept@1") as server:
        buy(runway(server, max_retries=2))
        assert (len(server.posts), len(server.jobs), len(server.bills)) == (2, 2, 2)


def test_sound_is_made_and_charged_where_it_was_asked_for(tmp_path):
    with RunwayServer() as server:
        loud = bought(server, tmp_path / "loud.mp4", model="veo3.1_fast", ratio="1280:720", duration=4, audio=True)
        assert probe(loud).audio_seconds == pytest.approx(4, abs=0.05) and server.total_usd == Decimal("0.60")


@pytest.mark.parametrize(("changes", "path"), [
    ({"model": "gen3a_turbo"}, "model"),
    ({"ratio": "1:1"}, "ratio"),
    ({"duration": 11}, "duration"),
    ({"model": "gen4.5", "ratio": "1280:720"}, "promptImage"),
    ({"prompt_image": "data:image/png;base64,bm8="}, "promptImage"),
    ({"prompt_image": "runway://nowhere"}, "promptImage"),
    ({"prompt_image": "data:image/png;base64," + "A" * 5_300_000}, "promptImage"),
    ({"extra_body": {"seed": 3}}, "seed"),
    ({"model": "veo3.1", "ratio": "1280:720", "duration": 8, "prompt_text": "🎬" * 501}, "promptText"),
])
def test_a_body_the_vendor_would_refuse_is_refused_and_costs_nothing(changes, path):
    with RunwayServer() as server:
        with pytest.raises(runwayml.BadRequestError) as refused:
            buy(runway(server), **changes)
        assert path in [issue["path"][0] for issue in refused.value.response.json()["issues"]]
        assert [post.status for post in server.posts] == [400] and not server.jobs


def test_a_prompt_at_the_limit_is_counted_in_utf_16_units():
    with RunwayServer() as server:
        buy(runway(server), model="veo3.1", ratio="1280:720", duration=8, prompt_text="🎬" * 500)
        assert len(server.jobs) == 1


def test_a_key_is_needed_and_only_the_right_one_is_good():
    with RunwayServer(api_key="right") as server:
        with pytest.raises(runwayml.AuthenticationError):
            buy(runway(server, api_key="wrong"))
        assert buy(runway(server, api_key="right")).id
        assert httpx.get(server.url + "/v1/organization", headers={"X-Runway-Version": "2024-11-06"}).status_code == 401
        assert [post.status for post in server.posts] == [401, 200] and "right" not in repr(server.posts)


def test_a_large_picture_can_be_uploaded(tmp_path):
    with RunwayServer() as server:
        client = runway(server)
        uri = client.uploads.create_ephemeral(file=("first.jpg", picture(20, (3000, 2000), "JPEG"))).uri
        buy(client, prompt_image=uri)
        assert [(image.role, image.width) for image in server.jobs[0].order.pictures] == [("first", 3000)]


def test_an_account_runs_dry():
    with RunwayServer(credits=30) as server:
        for _ in range(2):
            buy(runway(server))
        with pytest.raises(runwayml.BadRequestError, match="enough credits"):
            buy(runway(server))
        assert server.balance == 8 and len(server.jobs) == 2


def test_the_tier_makes_tasks_wait_and_days_end():
    with RunwayServer(concurrent=1, daily=2, latency_s=0.1) as server:
        client = runway(server)
        tasks = [buy(client).id for _ in range(2)]
        assert client.tasks.retrieve(tasks[1]).status == "THROTTLED"
        assert [ended(client, task).status for task in tasks] == ["SUCCEEDED"] * 2
        with pytest.raises(runwayml.RateLimitError):
            buy(client)


def test_a_task_is_cancelled_free_while_it_waits_and_paid_once_it_runs():
    with RunwayServer(concurrent=1, latency_s=60) as server:
        client = runway(server)
        running, waiting = (buy(client).id for _ in range(2))
        for task in (waiting, running):
            client.tasks.delete(task)
        assert {task: ended(client, task).cost.credits for task in (running, waiting)} == {running: 11, waiting: 0}
        client.tasks.delete(running)
        with pytest.raises(runwayml.NotFoundError):
            client.tasks.retrieve(running)


@pytest.mark.parametrize(("script", "error", "jobs"), [
    ("drop_before", runwayml.APIConnectionError, 0),
    ("drop_after_accept", runwayml.APIConnectionError, 1),
    ("slow_accept:s=5", runwayml.APITimeoutError, 1),
    ("500", runwayml.InternalServerError, 0),
    ("500_before", runwayml.InternalServerError, 0),
    ("500_after", runwayml.InternalServerError, 1),
    ("502_after", runwayml.InternalServerError, 1),
    ("out_of_credits", runwayml.BadRequestError, 0),
    ("moderated", runwayml.BadRequestError, 0),
    *((str(status), runwayml.APIStatusError, 0) for status in (400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 503)),
])
def test_whatever_befalls_the_post_that_buys_it_is_one_post(script, error, jobs):
    with RunwayServer(faults=script) as server:
        with pytest.raises(error):
            buy(runway(server, timeout=0.3))
        assert (len(server.posts), len(server.jobs), len(server.bills)) == (1, jobs, jobs)


def test_a_reply_can_lack_the_id_or_the_estimate():
    with RunwayServer(faults="no_id@1, no_estimate@2") as server:
        assert buy(runway(server)).id is None
        assert buy(runway(server)).estimated_cost is None and len(server.bills) == 2


def test_how_long_to_wait_is_said_in_seconds_or_as_a_date_by_the_servers_own_clock():
    with RunwayServer(faults="429@1:retry_after=0.05, 429@2:retry_after=2:date=1, 429@3, clock_skew=86400") as server:
        told = []
        for _ in range(3):
            with pytest.raises(runwayml.RateLimitError) as refused:
                buy(runway(server))
            told.append(refused.value.response.headers.get("Retry-After"))
        assert told[0] == "0.05" and told[1].endswith("GMT") and told[2] is None
        made = runway(server).tasks.retrieve(buy(runway(server)).id).created_at.timestamp()
        assert made - time.time() == pytest.approx(86400, abs=30)


@pytest.mark.parametrize(("script", "status", "code", "credits"), [
    ("failed:SAFETY.OUTPUT.VIDEO", "FAILED", "SAFETY.OUTPUT.VIDEO", 0),
    ("failed:INTERNAL.BAD_OUTPUT.CODE01", "FAILED", "INTERNAL.BAD_OUTPUT.CODE01", 0),
    ("failed:SAFETY.INPUT.IMAGE", "FAILED", "SAFETY.INPUT.IMAGE", 11),
    ("failed:INTERNAL:charged=1", "FAILED", "INTERNAL", 11),
    ("filtered", "FAILED", "SAFETY.OUTPUT.VIDEO", 0),
    ("filtered_input", "FAILED", "SAFETY.INPUT.TEXT", 11),
    ("cancelled", "CANCELLED", None, 0),
    ("empty", "SUCCEEDED", None, 11),
    ("overbill=1.5", "SUCCEEDED", None, 17),
])
def test_a_task_ends_as_the_script_says_and_costs_what_the_vendor_keeps(script, status, code, credits):
    with RunwayServer(faults=script) as server:
        task = ended(client := runway(server), buy(client).id)
        assert (task.status, getattr(task, "failure_code", None), task.cost.credits) == (status, code, credits)
        assert server.balance == server.credits - credits and len(server.bills) == bool(credits)


def test_a_task_can_stick_be_throttled_and_speak_in_tongues():
    with RunwayServer(faults="stuck@1, throttled@2:polls=2, new_status@3", latency_s=0.0) as server:
        client = runway(server)
        seen = [[client.tasks.retrieve(task).status for _ in range(3)] for task in [buy(client).id for _ in range(3)]]
        assert seen == [["RUNNING"] * 3, ["THROTTLED", "THROTTLED", "SUCCEEDED"], ["DREAMING", "SUCCEEDED", "SUCCEEDED"]]


def test_polls_fail_as_often_as_the_script_says():
    with RunwayServer(faults="poll_503:times=2, poll_drop, poll_garbled") as server:
        client, seen = runway(server), []
        task = buy(client).id
        for _ in range(5):
            try:
                seen.append(type(client.tasks.retrieve(task)).__name__)
            except (runwayml.APIError, AttributeError) as error:  # what the SDK makes of HTML with status 200
                seen.append(type(error).__name__)
        assert seen[:4] == ["InternalServerError", "InternalServerError", "APIConnectionError", "AttributeError"]
        assert len(server.jobs[0].polled_at) == 5


@pytest.mark.parametrize(("script", "seen"), [
    ("html", "html"), ("zero_bytes", "0"), ("truncated", "cut off"), ("truncated:quiet=1", "short"), ("download_503", "503"),
])
def test_a_download_goes_wrong_once_and_then_right(script, seen):
    with RunwayServer(faults=script) as server:
        client = runway(server)
        address = ended(client, buy(client).id).output[0]
        clip = server.clip(server.jobs[0])
        assert [fetched(address, clip), fetched(address, clip)] == [seen, "whole"]
        assert len(server.bills) == 1


def fetched(address: str, whole: bytes) -> str:
    try:
        reply = fetch(address)
    except httpx.RemoteProtocolError:
        return "cut off"
    if reply.status_code != 200 or not reply.content:
        return str(reply.status_code) if reply.content else "0"
    kind = reply.headers["content-type"]
    return "html" if "html" in kind else "whole" if reply.content == whole else "short"


def test_an_expired_address_stays_dead_until_a_fresh_poll_gives_another():
    with RunwayServer(faults="expired_address") as server:
        client = runway(server)
        task = buy(client).id
        old = ended(client, task).output[0]
        assert [fetch(old).status_code for _ in range(2)] == [403, 403]
        assert fetch(ended(client, task).output[0]).status_code == 200 and fetch(old).status_code == 403
    with RunwayServer(address_lives_s=0) as server:
        client = runway(server)
        assert fetch(ended(client, buy(client).id).output[0]).status_code == 403


def test_a_video_can_be_of_another_size_length_or_sound_than_was_paid_for(tmp_path):
    sound = {"model": "veo3.1_fast", "ratio": "1280:720", "duration": 4, "audio": True}
    with RunwayServer(faults="wrong_size=320x180@1, wrong_length=0.5@2, silent@3, damaged@4") as server:
        assert probe(bought(server, tmp_path / "1.mp4")).size == (320, 180)
        assert probe(bought(server, tmp_path / "2.mp4")).frames == 36
        assert not probe(bought(server, tmp_path / "3.mp4", **sound)).has_audio
        with pytest.raises(MediaError):
            check_decodes(bought(server, tmp_path / "4.mp4"))


def test_replies_with_fields_nobody_has_heard_of_are_read_by_the_sdks(tmp_path):
    with RunwayServer(faults="unknown_fields") as server:
        client = runway(server)
        assert buy(client).estimated_cost.credits == 11 and client.organization.retrieve().credit_balance > 0
        assert probe(bought(server, tmp_path / "clip.mp4")).frames == 72
    with GoogleServer(faults="unknown_fields") as server:
        assert omni_ended(developer(server)).output_video.data


def test_calls_about_the_account_and_uploads_fail_as_often_as_the_script_says():
    with RunwayServer(faults="account_500, upload_503:times=2") as server:
        client, failed = runway(server), 0
        for call in [client.organization.retrieve] * 2 + [lambda: client.uploads.create_ephemeral(file=("a.png", FIRST))] * 3:
            try:
                call()
            except runwayml.InternalServerError:
                failed += 1
        assert failed == 3 and not server.posts


@pytest.mark.parametrize("model", catalogue.load().providers["runway"].models.values(), ids=lambda model: model.id)
def test_a_rehearsal_takes_every_shape_of_the_catalogue_and_bills_no_more_than_it_quotes(model):
    images = [{"uri": data_uri(picture(20, (16, 9))), "position": role} for role in ("first", "last")[: 1 + model.last_frame]]
    for shape in model.shapes:
        for audio in {model.audio == "always", model.audio != "never"}:
            told = {"ratio": shape.ask, "resolution": shape.resolution, "audio": audio if model.audio == "option" else None}
            body = {"model": model.id, "promptImage": images, "promptText": "a walk", "duration": int(model.least_s),
                    **{name: value for name, value in told.items() if value not in (None, "")}}
            issues: list[Issue] = []
            order = read_order(body, MODELS, {}, PictureStore(), issues)
            assert order, issues
            assert shape.follows_picture or (order.width, order.height) == shape.size
            price = model.price(audio=audio, resolution=shape.tier)
            assert price is None or order.most_micros <= price.most_usd(model.least_s) * 1_000_000
