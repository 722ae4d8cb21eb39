"""Stability's stand-in through plain HTTP, since it has no SDK: services, forms, every fault, and what they cost."""

from decimal import Decimal

import cv2
import httpx
import numpy as np
import pytest

import catalogue
from tests.servers import StabilityServer
from tests.servers.customers import picture
from tests.servers.customers_at_once import BLUE, clear_mask, seen, stability
from tests.servers.stability_services import SD3, SERVICES

FILE = ("k.png", BLUE, "image/png")


def pixels(reply):
    return np.asarray(seen(reply.content).convert("RGB"), int)


def sharpness(reply):
    return cv2.Laplacian(pixels(reply).astype(np.float32), cv2.CV_32F).var()


@pytest.mark.parametrize(("service", "fields", "files", "size", "credits"), [
    ("generate/sd3", {"prompt": "a", "aspect_ratio": "16:9"}, None, (1344, 768), "6.5"),
    ("generate/sd3", {"prompt": "a", "model": "sd3.5-medium"}, None, (1024, 1024), "3.5"),
    ("generate/sd3", {"prompt": "a", "mode": "image-to-image", "strength": "0.5"}, {"image": FILE}, (1280, 832), "6.5"),
    ("generate/core", {"prompt": "a", "aspect_ratio": "9:16"}, None, (768, 1344), "3"),
    ("generate/ultra", {"prompt": "a", "strength": "0.5"}, {"image": FILE}, (1280, 832), "8"),
    ("edit/inpaint", {"prompt": "a"}, {"image": FILE, "mask": ("m.png", picture(255), "image/png")}, (1024, 640), "5"),
    ("edit/outpaint", {"left": "64", "up": "32"}, {"image": FILE}, (1088, 672), "4"),
    ("edit/erase", {}, {"image": FILE, "mask": ("m.png", picture(255), "image/png")}, (1024, 640), "5"),
    ("edit/search-and-replace", {"prompt": "a", "search_prompt": "b"}, {"image": FILE}, (1024, 640), "5"),
    ("control/structure", {"prompt": "a"}, {"image": FILE}, (1280, 832), "5"),
])
def test_every_service_makes_a_picture_of_its_size_for_its_credits(service, fields, files, size, credits):
    with StabilityServer(credits=100) as server:
        reply = stability(server, service, files=files, **fields)
        assert (reply.status_code, reply.headers["finish-reason"], seen(reply.content).size) == (200, "SUCCESS", size)
        assert server.total_usd == Decimal(credits) / 100 and server.balance == 100 - float(credits)


def test_a_picture_comes_as_bytes_or_in_json_with_its_seed():
    with StabilityServer() as server:
        plain = stability(server, prompt="a", seed="5", output_format="webp")
        told = stability(server, accept="application/json", prompt="a", seed="5").json()
        assert seen(plain.content).format == "WEBP" and plain.headers["seed"] == "5"
        assert told["finish_reason"] == "SUCCESS" and told["seed"] == 5 and told["image"]


def test_strength_says_how_much_of_a_picture_is_kept():
    with StabilityServer() as server:
        form = {"prompt": "a", "mode": "image-to-image"}
        found = [pixels(stability(server, "generate/sd3", files={"image": FILE}, strength=strength, **form))
                 for strength in ("0", "0.3", "1")]
        away = [np.abs(one - np.array([10, 60, 120])).mean() for one in found]
        assert away[0] == 0 < away[1] < away[2]


def test_white_in_the_mask_is_painted_anew_and_the_rest_nearly_kept():
    with StabilityServer() as server:
        mask = np.zeros((320, 512), np.uint8)
        mask[:, 256:] = 255
        given = ("m.png", cv2.imencode(".png", mask)[1].tobytes(), "image/png")
        away = np.abs(pixels(stability(server, "edit/inpaint", files={"image": FILE, "mask": given}, prompt="a"))
                      - np.asarray(seen(BLUE), int))
        assert 0 < away[:, :480].mean() < 6 < away[:, 544:].mean()


def test_without_a_mask_what_is_clear_in_the_picture_is_painted():
    with StabilityServer() as server:
        image = ("k.png", clear_mask((1024, 640), (0, 0, 512, 640)), "image/png")
        found = pixels(stability(server, "edit/inpaint", files={"image": image}, prompt="a"))
        assert found[:, 544:].mean() < 6 < found[:, :480].mean()


def test_a_filtered_picture_is_a_blurred_one_with_status_200_and_is_charged():
    with StabilityServer(faults="filtered@1, filtered:charged=0@2") as server:
        blurred, free, good = (stability(server, prompt="a lamp") for _ in range(3))
        assert blurred.status_code == 200 and blurred.headers["finish-reason"] == "CONTENT_FILTERED"
        assert sharpness(blurred) < sharpness(good) / 10 and free.status_code == 200
        assert [bill.number for bill in server.bills] == [1, 3]


@pytest.mark.parametrize(("script", "status", "name", "jobs"), [
    ("401", 401, "unauthorized", 0), ("out_of_credits", 402, "payment_required", 0),
    ("moderated", 403, "content_moderation", 0), ("413", 413, "payload_too_large", 0),
    ("422", 422, "unprocessable_entity", 0), ("429:retry_after=7", 429, "rate_limit_exceeded", 0),
    ("500_after", 500, "internal_error", 1), ("failed", 500, "internal_error", 1),
])
def test_errors_have_a_name_and_reasons(script, status, name, jobs):
    with StabilityServer(faults=script) as server:
        reply = stability(server, prompt="a")
        assert (reply.status_code, reply.json()["name"]) == (status, name) and reply.json()["errors"]
        assert len(server.jobs) == jobs and len(server.bills) == (script == "500_after")


@pytest.mark.parametrize(("script", "check"), [
    ("other_format:webp", lambda reply: seen(reply.content).format == "WEBP"),
    ("rgba", lambda reply: seen(reply.content).mode == "RGBA"),
    ("wrong_size=640x480", lambda reply: seen(reply.content).size == (640, 480)), ("empty", lambda reply: not reply.content),
    ("truncated:quiet=1", lambda reply: reply.content.startswith(b"\x89PNG") and b"IEND" not in reply.content),
    ("html", lambda reply: reply.headers["content-type"] == "text/html"),
])
def test_a_picture_is_not_what_was_asked_as_the_script_says(script, check):
    with StabilityServer(faults=script) as server:
        assert check(stability(server, prompt="a"))


@pytest.mark.parametrize("script", ["drop_before", "drop_after_accept", "truncated"])
def test_an_answer_can_be_lost_before_and_after_it_is_paid(script):
    with StabilityServer(faults=script) as server:
        with pytest.raises(httpx.TransportError):
            stability(server, prompt="a")
        assert len(server.bills) == (script != "drop_before")


@pytest.mark.parametrize(("service", "fields", "files", "words"), [
    ("generate/core", {}, None, "prompt: is required"), ("generate/core", {"prompt": "x" * 10_001}, None, "10000"),
    ("generate/core", {"prompt": "a", "strength": "0.5"}, None, "strength: is not a field"),
    ("generate/sd3", {"prompt": "a", "mode": "image-to-image", "strength": "1", "aspect_ratio": "1:1"}, {"image": FILE},
     "text-to"),
    ("generate/sd3", {"prompt": "a", "mode": "image-to-image"}, {"image": FILE}, "go together"),
    ("generate/sd3", {"prompt": "a", "model": "sd3.5-large-turbo", "negative_prompt": "b"}, None, "turbo"),
    ("generate/ultra", {"prompt": "a", "strength": "2"}, {"image": FILE}, "strength: must be from 0 to 1"),
    ("edit/outpaint", {}, {"image": FILE}, "at least one"), ("edit/inpaint", {"prompt": "a"}, {"image": FILE}, "alpha"),
    ("edit/inpaint", {"prompt": "a"}, {"image": ("k.png", b"no", "image/png")}, "decoded"),
])
def test_a_form_that_cannot_be_is_refused_with_every_reason(service, fields, files, words):
    with StabilityServer() as server:
        reply = stability(server, service, files=files, **fields)
        assert reply.status_code == 400 and words in " ".join(reply.json()["errors"]) and not server.jobs


def test_only_forms_are_read_only_english_and_only_ten_megabytes():
    with StabilityServer() as server:
        route = server.url + "/v2beta/stable-image/generate/core"
        assert httpx.post(route, json={"prompt": "a"}, headers={"authorization": "Bearer k"}).status_code == 400
        assert stability(server, prompt="海边的灯塔").json()["name"] == "invalid_language"
        assert stability(server, "generate/ultra", files={"image": ("k", b"0" * 11_000_000)}, prompt="a").status_code == 413
        assert stability(server, accept="text/html", prompt="a").status_code == 400 and not server.jobs


def test_more_requests_than_the_rate_allows_are_sent_away():
    with StabilityServer(rate=(3, 10.0)) as server:
        assert [stability(server, prompt="a").status_code for _ in range(5)] == [200] * 3 + [429] * 2
        assert len(server.posts) == 5 and len(server.bills) == 3


def test_the_balance_is_free_goes_down_and_ends():
    with StabilityServer(credits=7, api_key="right") as server:
        def balance(key):
            return httpx.get(server.url + "/v1/user/balance", headers={"authorization": f"Bearer {key}"})

        assert stability(server, key="right", prompt="a").status_code == 200
        assert balance("right").json() == {"credits": 4} and balance("wrong").status_code == 401
        assert [stability(server, key="right", prompt="a").status_code for _ in range(2)] == [200, 402]


@pytest.mark.parametrize("model", catalogue.load().providers["stability"].image.values(), ids=lambda model: model.id)
def test_a_rehearsal_bills_what_the_catalogue_quotes(model):
    for line in model.prices:
        made = model.route.replace("stability:", "generate/")
        service = {"edit": "edit/inpaint", "outpaint": "edit/outpaint"}.get(line.task, made)
        micros = Decimal(SD3[model.id]) * 10_000 if service == "generate/sd3" else SERVICES[service].micros
        assert micros == line.usd * 1_000_000
