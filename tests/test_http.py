"""Downloads and single requests against a server on this machine that lies, dawdles and hangs up."""

import asyncio
import logging
import math

import pytest

from runtime import answers, http
from tests.servers.loopback import LoopbackServer, Reply
from tests.servers.multipart import read_parts

CLIP = bytes(range(256)) * 6000


class Shelf(LoopbackServer):
    """Answers every address with the same reply, or with what a function makes of the request."""

    def __init__(self, reply):
        super().__init__()
        self.reply = reply
        self.seen = []

    def answer(self, request):
        self.seen.append(request)
        return self.reply(request) if callable(self.reply) else self.reply


def fetched(reply, to, address="/a.mp4?_jwt=s3cret", **how):
    with Shelf(reply) as shelf:
        asyncio.run(http.fetch(f"{shelf.url}{address}", to, **{"timeout_s": 5.0, **how}))
        return shelf


@pytest.mark.parametrize("kind", ["video/mp4", "application/octet-stream", "application/mp4", ""])
def test_a_file_comes_whole_and_without_a_key(kind, tmp_path):
    shelf = fetched(Reply(200, CLIP, kind), tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == CLIP
    assert "authorization" not in shelf.seen[0].headers and shelf.seen[0].query == {"_jwt": "s3cret"}


def test_a_redirect_is_followed(tmp_path):
    def moved(request):
        return Reply(200, CLIP, "video/mp4") if request.path == "/b.mp4" else Reply(302, headers={"Location": "/b.mp4?x=1"})

    fetched(moved, tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == CLIP


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_an_address_that_holds_nothing_any_more_is_expired(status, tmp_path):
    with pytest.raises(http.Expired, match=f"^HTTP {status}$"):
        fetched(Reply(status, b"<Error/>", "application/xml"), tmp_path / "a.mp4")


@pytest.mark.parametrize(("reply", "says"), [
    (Reply(503), "HTTP 503"), (Reply(429), "HTTP 429"), (Reply(drop=True), "broke off"),
    (Reply(200, b"<html>sign in</html>", "text/html; charset=utf-8"), "text/html came where video/"),
    (Reply(200, b'{"error": "x"}', "application/problem+json"), "application/problem.json came"),
    (Reply(200, CLIP, "video/mp4", sent=len(CLIP) // 2), "broke off"), (Reply(200, b"", "video/mp4"), "nothing came"),
    (Reply(302, headers={"Location": "/a.mp4"}), "redirects"),
])
def test_what_is_not_the_file_leaves_none_behind_and_says_why(reply, says, tmp_path):
    with pytest.raises(http.Unreachable, match=says) as caught:
        fetched(reply, tmp_path / "a.mp4")
    assert not (tmp_path / "a.mp4").exists() and "s3cret" not in str(caught.value)


def test_a_download_that_stands_still_is_given_up(tmp_path):
    with pytest.raises(http.Unreachable, match=r"longer than 0.2 s|ReadTimeout"):
        fetched(Reply(200, CLIP, "video/mp4", pause_s=30), tmp_path / "a.mp4", timeout_s=0.2)
    assert not (tmp_path / "a.mp4").exists()


def test_a_machine_that_does_not_answer_and_an_address_that_is_none_are_told_apart_from_a_bug(tmp_path):
    shelf = fetched(Reply(200, CLIP, "video/mp4"), tmp_path / "a.mp4")
    for address in (shelf.url, "http://127.0.0.1:notaport/x?_jwt=s3cret", "ftp://127.0.0.1/x", "nonsense"):
        with pytest.raises(http.Unreachable) as caught:
            asyncio.run(http.fetch(address, tmp_path / "b.mp4", timeout_s=1.0))
        assert "s3cret" not in str(caught.value)


def test_a_download_that_is_cancelled_leaves_no_half_of_a_file(tmp_path):
    async def cancelled(shelf):
        task = asyncio.ensure_future(http.fetch(f"{shelf.url}/a.mp4", tmp_path / "a.mp4", timeout_s=30))
        while not (tmp_path / "a.mp4").exists():
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with Shelf(Reply(200, CLIP, "video/mp4", pause_s=30)) as shelf:
        asyncio.run(cancelled(shelf))
    assert not (tmp_path / "a.mp4").exists()


def test_a_proxy_of_the_environment_is_used_and_no_proxy_obeyed(tmp_path, monkeypatch):
    with Shelf(Reply(200, CLIP, "video/mp4")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "localhost")
        asyncio.run(http.fetch("http://127.0.0.1:1/a.mp4", tmp_path / "a.mp4", timeout_s=5))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with pytest.raises(http.Unreachable):
            asyncio.run(http.fetch("http://127.0.0.1:1/a.mp4", tmp_path / "b.mp4", timeout_s=5))
    assert len(proxy.seen) == 1


def test_no_log_holds_the_query_of_an_address(tmp_path, caplog):
    with caplog.at_level(logging.DEBUG):
        fetched(lambda request: Reply(200, CLIP, "video/mp4") if request.path == "/b" else
                Reply(302, headers={"Location": "/b?_jwt=s3cret"}), tmp_path / "a.mp4")
    assert "/a.mp4" in caplog.text and "HTTP Request" in caplog.text
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(("headers", "seconds"), [
    ({"retry-after": "7"}, 7.0), ({"retry-after": "0.25"}, 0.25), ({"retry-after": "-3"}, 0.0), ({}, None),
    ({"retry-after": "soon"}, None), ({"retry-after": "inf"}, None), ({"retry-after": "nan"}, None),
    ({"retry-after": "Mon, 01 Jan 2001 00:00:09 GMT", "date": "Mon, 01 Jan 2001 00:00:04 GMT"}, 5.0),
    ({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT", "date": "Mon, 01 Jan 2001 00:00:04 GMT"}, 0.0),
    ({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}, 0.0),
])
def test_a_retry_after_is_read_as_seconds_by_the_clock_of_whoever_said_it(headers, seconds):
    assert http.retry_after_s(headers) == (seconds if seconds is None else pytest.approx(seconds))
    assert not math.isnan(http.retry_after_s(headers) or 0)


# -- single requests ---------------------------------------------------------------------------------------------------------

FORM: http.Form = {"prompt": "a fox", "image": http.File("a.png", b"\x89PNG", "image/png")}


def asked(reply, form=FORM, **how):
    with Shelf(reply) as shelf:
        try:
            return asyncio.run(http.ask(f"{shelf.url}/draw?x=s3cret", {"authorization": "Bearer k"}, form,
                                        **{"timeout_s": 5.0, **how})), shelf
        except (answers.Refused, answers.Busy, answers.Trouble) as error:
            return error, shelf


def test_a_form_is_posted_once_with_its_words_and_files():
    answer, shelf = asked(Reply(200, {"a": 1}, headers={"X-Kind": "b"}))
    assert (answer.status, answer.headers["x-kind"], answer.json()) == (200, "b", {"a": 1})
    (post,) = shelf.seen
    words, file = read_parts(post)
    assert (post.method, post.headers["authorization"], words.name, words.text) == ("POST", "Bearer k", "prompt", "a fox")
    assert (file.name, file.filename, file.kind, file.data) == ("image", "a.png", "image/png", b"\x89PNG")


def test_a_form_of_words_alone_is_multipart_too():
    _, shelf = asked(Reply(200), {"prompt": "a"})
    assert shelf.seen[0].headers["content-type"].startswith("multipart/form-data") and len(read_parts(shelf.seen[0])) == 1


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_every_status_is_an_answer_and_none_is_asked_again(status):
    answer, shelf = asked(Reply(status, b"no"))
    assert (answer.status, answer.json(), len(shelf.seen)) == (status, None, 1)


@pytest.mark.parametrize("reply", [Reply(drop=True), Reply(200, b"a" * 100, sent=50), Reply(200, b"a" * 9, pause_s=9)])
def test_an_answer_that_does_not_come_whole_leaves_open_what_became_of_it(reply):
    error, shelf = asked(reply, timeout_s=0.3)
    assert isinstance(error, answers.Trouble) and len(shelf.seen) == 1 and "s3cret" not in str(error)


def test_a_post_and_its_key_follow_nobody():
    error, shelf = asked(lambda request: Reply(307, headers={"Location": "/elsewhere"}))
    assert isinstance(error, answers.Refused) and error.account and len(shelf.seen) == 1


@pytest.mark.parametrize(("address", "kind"), [
    ("http://127.0.0.1:9/draw", answers.Busy), ("ftp://127.0.0.1/", answers.Refused), ("http://[::1", answers.Refused)])
def test_what_cannot_be_sent_was_not_sent_and_that_is_known(address, kind):
    with pytest.raises(kind):
        asyncio.run(http.ask(address, {}, FORM, timeout_s=1.0))


def test_a_header_that_cannot_be_sent_is_not_repeated_in_the_error():
    with Shelf(Reply(200)) as shelf, pytest.raises(answers.Refused) as caught:
        asyncio.run(http.ask(shelf.url, {"authorization": "Bearer s3\ncret"}, FORM, timeout_s=5.0))
    assert "s3" not in str(caught.value) and not shelf.seen
