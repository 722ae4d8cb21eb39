"""Google's stand-in, spoken to by the google-genai SDK: Vertex, Developer and interactions routes."""

import base64
import itertools
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.genai import errors

import catalogue
from media.probe import probe
from tests.servers import GoogleServer
from tests.servers.customers import developer, image, looked_up, omni, omni_ended, veo, veo_ended, vertex
from tests.servers.google_models import OMNI, VEO, pixels


def saved(to: Path, data: bytes) -> Path:
    to.write_bytes(data)
    return to


def test_vertex_answers_with_the_video_itself(tmp_path):
    with GoogleServer() as server:
        video = veo_ended(vertex(server), generate_audio=False, seed=3).response.generated_videos[0].video
        facts = probe(saved(tmp_path / "clip.mp4", video.video_bytes))
        assert (facts.size, facts.frames, facts.has_audio) == ((1280, 720), 96, False)
        assert [(bill.usd, bill.order.seed) for bill in server.bills] == [(Decimal("0.12"), 3)]


def test_the_developer_route_answers_with_an_address_for_the_sdk_to_fetch(tmp_path):
    with GoogleServer() as server:
        client = developer(server)
        data = client.files.download(file=veo_ended(client).response.generated_videos[0])
        assert probe(saved(tmp_path / "clip.mp4", data)).has_audio and server.total_usd == Decimal("0.20")


@pytest.mark.parametrize("delivery", ["inline", "uri"])
def test_omni_answers_inline_or_with_an_address_and_is_billed_by_the_token(tmp_path, delivery):
    with GoogleServer() as server:
        done = omni_ended(client := developer(server), delivery=delivery)
        video = done.output_video
        data = base64.b64decode(video.data) if video.data else client.files.download(file=video.uri)
        assert probe(saved(tmp_path / "clip.mp4", data)).frames == 72
        assert done.usage.total_output_tokens == 3 * 2290
        dollars = Decimal(done.usage.total_output_tokens * 175 + done.usage.total_input_tokens * 15) / 10_000_000
        assert abs(server.total_usd - dollars) < Decimal("0.000001")


def test_an_interaction_that_is_waited_for_comes_back_finished():
    with GoogleServer() as server:
        form = {"type": "video", "aspect_ratio": "9:16", "duration": "3s", "resolution": "360p"}
        client: Any = developer(server)
        done = client.interactions.create(model="gemini-omni-1.1-flash", input="a walk", response_format=form)
        assert done.status == "completed" and server.jobs[0].order.height == 640


@pytest.mark.parametrize(("script", "code", "words"), [
    ("failed:13", 13, "internal"), ("failed:SOME.CODE", 13, "SOME.CODE"), ("filtered_input", 3, "usage guidelines"),
    ("cancelled", 1, "cancelled"),
])
def test_an_operation_that_fails_says_so_and_costs_nothing(script, code, words):
    with GoogleServer(faults=script) as server:
        for client in (vertex(server), developer(server)):
            error = veo_ended(client).error
            assert error["code"] == code and words in error["message"]
        assert len(server.jobs) == 2 and not server.bills


def test_an_operation_can_end_filtered_or_empty():
    with GoogleServer(faults="filtered@1, filtered@2, empty@3, empty@4") as server:
        clients = (vertex(server), developer(server))
        filtered = [veo_ended(client).response for client in clients]
        assert [(reply.generated_videos, reply.rai_media_filtered_count) for reply in filtered] == [(None, 1)] * 2
        empty = [veo_ended(client) for client in clients]
        assert not any(operation.error or operation.response.generated_videos for operation in empty)
        assert not server.bills


@pytest.mark.parametrize(("script", "status", "code"), [
    ("failed:quota", "failed", "quota"), ("filtered_input", "failed", "prompt_blocked"),
    ("filtered", "failed", "content_filtered"), ("filtered:incomplete", "incomplete", "content_filtered"),
    ("cancelled", "cancelled", None), ("empty", "completed", None),
])
def test_an_interaction_ends_as_the_script_says_and_costs_nothing_without_a_video(script, status, code):
    with GoogleServer(faults=script) as server:
        done = omni_ended(developer(server))
        assert (done.status, done.errors[0].code if done.errors else None, done.output_video) == (status, code, None)
        assert not server.bills


def test_an_interaction_waits_in_line_sticks_and_can_be_cancelled():
    with GoogleServer(faults="throttled@1, new_status@1, stuck@2", latency_s=0.0) as server:
        client = developer(server)
        first = omni(client).id
        assert [client.interactions.get(first).status for _ in range(5)] == ["queued"] * 3 + ["dreaming", "completed"]
        second = omni(client).id
        assert client.interactions.get(second).status == "in_progress"
        assert client.interactions.cancel(second).status == "cancelled"


@pytest.mark.parametrize(("script", "error", "jobs"), [
    ("drop_after_accept", httpx.RemoteProtocolError, 1), ("500_after", errors.ServerError, 1),
    ("slow_accept:s=5", httpx.TimeoutException, 1), ("503", errors.ServerError, 0),
    ("429:retry_after=1", errors.ClientError, 0), ("out_of_credits", errors.ClientError, 0),
    ("moderated", errors.ClientError, 0),
])
def test_whatever_befalls_googles_post_it_is_one_post(script, error, jobs):
    with GoogleServer(faults=script) as server:
        with pytest.raises(error):
            veo(developer(server, timeout_ms=400))
        assert (len(server.posts), len(server.jobs), len(server.bills)) == (1, jobs, jobs)


def test_one_interaction_is_one_post_when_the_sdks_retries_are_really_off():
    with GoogleServer(faults="500_after") as server:
        with pytest.raises(Exception, match="fault script"):
            omni(developer(server))
        assert (len(server.posts), len(server.bills)) == (1, 1)


def test_a_rate_limit_of_google_says_how_long_in_header_and_details():
    with GoogleServer(faults="429:retry_after=0.05") as server:
        with pytest.raises(errors.ClientError) as refused:
            veo(vertex(server))
        assert refused.value.response.headers["Retry-After"] == "0.05"
        assert refused.value.details["error"]["details"][0]["retryDelay"] == "0.05s"


@pytest.mark.parametrize("script", ["truncated", "html", "download_503"])
def test_a_reply_that_carries_the_video_is_spoilt_once_and_then_whole(script):
    with GoogleServer(faults=script, latency_s=0.0) as server:
        client = vertex(server)
        name = veo(client).name
        with pytest.raises((httpx.HTTPError, errors.APIError, ValueError)):
            looked_up(client, name)
        done = looked_up(client, name)
        assert done.response.generated_videos[0].video.video_bytes == server.clip(server.jobs[0])


def test_a_file_of_google_expires_until_a_fresh_poll():
    with GoogleServer(faults="expired_address", latency_s=0.0) as server:
        client = developer(server)
        old = veo_ended(client)
        with pytest.raises(errors.ClientError):
            client.files.download(file=old.response.generated_videos[0])
        fresh = looked_up(client, old.name)
        assert client.files.download(file=fresh.response.generated_videos[0])


def test_googles_keys_are_proved_by_free_calls_and_refused_as_google_does():
    with GoogleServer(api_key="right") as server:
        good, wrong = ([build(server, key) for build in (developer, vertex)] for key in ("right", "wrong"))
        assert good[0].models.get(model="gemini-omni-1.1-flash").name
        assert list(good[1].models.list(config={"query_base": True}))
        codes = []
        for client in wrong:
            with pytest.raises(errors.ClientError) as refused:
                client.models.get(model="veo-3.1-generate-001")
            codes.append(refused.value.code)
        assert codes == [400, 401] and not server.posts
        assert httpx.get(server.url + "/v1beta/models").status_code == 403


@pytest.mark.parametrize(("config", "words"), [
    ({"duration_seconds": 5}, "durationSeconds"), ({"resolution": "4k"}, "resolution"),
    ({"aspect_ratio": "1:1"}, "aspectRatio"), ({"last_frame": image(b"no")}, "decoded"),
])
def test_google_refuses_what_the_model_cannot_do(config, words):
    with GoogleServer() as server:
        with pytest.raises(errors.ClientError, match=words):
            veo(vertex(server), **config)
        assert not server.jobs


def test_models_that_are_gone_and_money_that_is_spent():
    with GoogleServer(budget_usd=Decimal("0.30")) as server:
        client = developer(server)
        with pytest.raises(errors.ClientError, match="not found"):
            veo(client, model="veo-2.0-generate-001")
        veo(client)
        with pytest.raises(errors.ClientError, match="billing"):
            veo(client)
        assert server.total_usd == Decimal("0.20")


@pytest.mark.parametrize("model", catalogue.load().providers["google"].models.values(), ids=lambda model: model.id)
def test_a_rehearsal_bills_what_the_catalogue_quotes_for_every_tier(model):
    for shape, audio in itertools.product(model.shapes, {model.audio == "always", model.audio != "never"}):
        price, seconds = model.price(audio=audio, resolution=shape.tier), int(model.least_s)
        assert price and pixels(shape.resolution, shape.ask) == shape.size
        if model.id in VEO:
            assert VEO[model.id].micros(shape.resolution, seconds, audio) == price.usd(seconds) * 1_000_000
        else:
            tokens = OMNI[model.id].tokens[shape.resolution] * seconds
            assert OMNI[model.id].micros(tokens, 1000) <= price.most_usd(seconds) * 1_000_000
