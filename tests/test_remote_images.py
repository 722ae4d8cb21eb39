"""remote_images.py: a picture is bought once, kept and settled, whatever an adapter's provider does. No server, no SDK."""

import asyncio
import hashlib
import io
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

import attempts
import catalogue
from errors import Cancelled, GenerationFailed, Moderated, StillOut
from image_generator_interface import Edit, Figure, Framing, ImageRequest, Place
from image_generators.remote_images import RemoteImageGenerator
from image_generators.request_parts import as_png, as_transparency, base_and_mask, described, shown
from media.film_format import FilmFormat, Size
from moderation import Reworded
from runtime.answers import Busy, Refused, Trouble
from runtime.outcome import Failed, Made
from runtime.paid_call import Reply, Spoilt
from runtime.run_store import Wish, open_run
from tests import virtual_clock
from video_generator_interface import BackendOptions, Terms

SIZE = Size(64, 36)
FILM = FilmFormat(SIZE, Fraction(24))
MODELS = catalogue.load(overrides={"acme": {"parallel": 3, "image_default": "one", "image": {
    "one": {"route": "openai", "sizes": ["64x36", "36x64"], "references": 3, "edits": True, "qualities": ["low", "high"],
            "prompt_limit": 1000, "prices": [{"usd": "0.04", "as_of": "2026-11-20", "source": "its page"},
                                             {"task": "edit", "usd": "0.07", "as_of": "2026-11-20", "source": "its page"}]},
    "by_token": {"route": "openai", "sizes": ["64x36"], "tokens": {"any": {"64x36": 1000}}, "rates": {
        "usd_per_million_in": 1, "usd_per_million_out": 30, "as_of": "2026-11-20", "source": "its page"}}}}})


def on_a_clock_that_jumps(coroutine):
    return virtual_clock.run(coroutine)[0]


def picture(mode="RGB", kind="PNG", size=SIZE):
    file = io.BytesIO()
    Image.new(mode, size, 90 if mode == "L" else (90, 60, 120, 128)[: len(mode)]).save(file, kind)
    return file.getvalue()


class Acme(RemoteImageGenerator):
    """Answers in turn with what it was made with: raised, or the reply; then with its last for ever."""

    name = section = provider = "acme"
    model_version = "one"
    told = None

    def __init__(self, *answers, model="one", quality=None):
        super().__init__(BackendOptions(), FILM, Terms(MODELS, timeout_s=30))
        self.model_version, self.told = model, quality
        self.answers, self.prompts = list(answers) or [Reply(as_png(picture()))], []

    @property
    def quality(self):
        return self.told

    async def draw(self, request):
        self.prompts.append(request.prompt)
        await asyncio.sleep(1)
        answer = self.answers[min(len(self.prompts), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Understudy(Acme):
    name = section = "understudy"


def request(**changes):
    asked = ImageRequest(keyframe="segment_01", prompt="a fox", negative_prompt="", style="", size=SIZE, seed=7,
                         framing=Framing())
    return replace(asked, **changes)


@contextmanager
def run_folder(folder, cap=None, rebuy="0"):
    with open_run(folder / "run") as run:
        run.till.open(cap, Decimal(rebuy))
        yield run


def keyframe(run, *backends, number=1, asked=None):
    """A keyframe made as a stage makes it: (its outcome, its purchases)."""
    wish = Wish(f"keyframe segment_{number:02d}", {"kind": "keyframe", "number": number})

    async def make(backend, attempt):
        part = run.part(wish, ".png")
        await backend.serve(replace(asked or request(), prompt=attempt.prompt), part, lambda step: None, attempt.counter)
        artifact = run.keep(wish, part, suffix=".png", made_by=backend.name)
        await attempts.paid_for(run, attempt.counter, artifact.sha256)
        return artifact

    async def reword(prompt, reason):
        return Reworded(prompt.upper(), "louder")

    artifact = attempts.Artifact(wish, "new", "a fox", "images", 1.0, lambda backend: (), make, reword)
    outcome = on_a_clock_that_jumps(attempts.by_one_of(backends, run, artifact))
    return outcome, run.ledger.purchases.of(wish.wanted)


def said(purchases):
    return [one.state for one in purchases]


# -- one picture -----------------------------------------------------------------------------------------------------------

def test_a_picture_is_bought_kept_and_done_at_its_price(tmp_path):
    backend = Acme()
    with run_folder(tmp_path, Decimal("0.04")) as run:
        outcome, bought = keyframe(run, backend)
        files = [path.name for path in (run.folder / "takes" / "segment_01").iterdir()]
    assert isinstance(outcome, Made) and outcome.value.sha256 == bought[0].sha256
    assert (said(bought), bought[0].charged_usd, bought[0].charged_by) == (["DONE"], Decimal("0.04"), "prices")
    assert files == [outcome.value.path.split("/")[-1]]


@pytest.mark.parametrize(("answer", "charged", "by"), [
    (Reply(as_png(picture()), Decimal("0.01")), Decimal("0.01"), "provider"),
    (Reply(as_png(picture())), Decimal("0.030002"), "bound"),
])
def test_a_price_by_the_token_is_charged_as_the_provider_counts_else_the_bound_counts(answer, charged, by, tmp_path):
    with run_folder(tmp_path) as run:
        _, (bought,) = keyframe(run, Acme(answer, model="by_token"))
    assert (bought.charged_usd, bought.charged_by, bought.reserved_usd) == (charged, by, Decimal("0.030002"))


def test_a_refusal_is_asked_once_more_then_in_other_words_and_never_again(tmp_path):
    backend = Acme(Spoilt("a filter", charged_usd=Decimal("0.04"), refusal="output"))
    with run_folder(tmp_path) as run:
        outcome, bought = keyframe(run, backend)
        again, _ = keyframe(run, backend)
    assert backend.prompts == ["a fox", "a fox", "A FOX"]
    assert isinstance(outcome, Failed) and isinstance(again, Failed)
    assert said(bought) == ["FAILED"] * 3 and sum(one.counted_usd for one in bought) == Decimal("0.12")


def test_words_that_were_objected_to_are_changed_at_once(tmp_path):
    backend = Acme(Refused("no", refusal="input"), Reply(as_png(picture())))
    with run_folder(tmp_path) as run:
        outcome, bought = keyframe(run, backend)
    assert backend.prompts == ["a fox", "A FOX"]
    assert isinstance(outcome, Made) and said(bought) == ["REFUSED", "DONE"]


@pytest.mark.parametrize("answer", [Refused("no credits", account=True), Spoilt("noise"), Refused("400")])
def test_the_understudy_draws_after_a_verified_failure(answer, tmp_path):
    first, second = Acme(answer), Understudy()
    with run_folder(tmp_path) as run:
        outcome, _ = keyframe(run, first, second)
    assert isinstance(outcome, Made) and outcome.value.made_by == "understudy"


@pytest.mark.parametrize("answer", [Trouble("502"), ValueError("not JSON"), Busy("429", 100)])
def test_the_understudy_is_not_asked_while_nobody_knows(answer, tmp_path):
    first, second = Acme(answer), Understudy()
    with run_folder(tmp_path) as run:
        keyframe(run, first, second)
    assert (len(first.prompts), second.prompts) == (1, [])


def test_an_account_that_is_closed_is_asked_no_more_by_any_picture(tmp_path):
    backend = Acme(Refused("no credits", account=True))
    with run_folder(tmp_path) as run:
        keyframe(run, backend)
        outcome, bought = keyframe(run, backend, number=2)
    assert len(backend.prompts) == 1 and bought == []
    assert "acme refuses this account: no credits" in outcome.reason


def test_what_was_bought_is_taken_up_even_when_the_account_is_closed_by_now(tmp_path):
    with run_folder(tmp_path) as run:
        counter, to = run.till.counter("keyframe segment_01", "w"), run.path("takes", "segment_01", "x.png.part")
        on_a_clock_that_jumps(Acme().serve(request(), to, lambda step: None, counter))
        later = Acme()
        later.closed = "no credits"
        on_a_clock_that_jumps(later.serve(request(), to, lambda step: None, counter))
        assert later.prompts == [] and to.is_file() and said(counter.history()) == ["FETCHED"]


def test_a_run_that_is_being_stopped_sends_nothing(tmp_path):
    def stopped(step):
        raise Cancelled("stop")

    backend = Acme()
    with run_folder(tmp_path) as run:
        counter, to = run.till.counter("keyframe segment_01", "w"), run.path("takes", "segment_01", "x.png.part")
        with pytest.raises(Cancelled):
            on_a_clock_that_jumps(backend.serve(request(), to, stopped, counter))
        assert said(counter.history()) == ["ABANDONED"] and backend.prompts == []


def test_a_second_picture_of_the_same_wish_never_writes_over_the_first(tmp_path):
    backend = Acme()
    with run_folder(tmp_path) as run:
        counter, to = run.till.counter("keyframe segment_01", "w"), run.path("takes", "segment_01", "x.png.part")
        for _ in range(2):
            on_a_clock_that_jumps(backend.serve(request(), to, lambda step: None, counter))
            on_a_clock_that_jumps(attempts.useless(counter, "blurred by a filter"))
        files = {run.folder / one.path for one in counter.history()}
        assert len(files) == 2 and all(path.is_file() for path in files)


def test_busy_is_waited_for_no_longer_than_a_job_would_be(tmp_path):
    with run_folder(tmp_path) as run:
        counter, to = run.till.counter("keyframe segment_01", "w"), run.path("takes", "segment_01", "x.png.part")
        with pytest.raises(StillOut):
            on_a_clock_that_jumps(Acme(Busy("429")).serve(request(), to, lambda step: None, counter))
        assert set(said(counter.history())) == {"THROTTLED"} and 3 <= len(counter.history()) <= 5


def test_a_picture_under_a_mask_has_a_price_of_its_own(tmp_path):
    edit = Edit(tmp_path / "base.png", tmp_path / "mask.png")
    edit.base.write_bytes(picture())
    edit.mask.write_bytes(picture("L"))
    with run_folder(tmp_path) as run:
        _, (bought,) = keyframe(run, Acme(), asked=request(edit=edit))
    assert bought.charged_usd == Decimal("0.07") and set(bought.asked) >= {"mask", "pictures", "words"}


def test_generating_without_a_counter_is_a_bug_and_says_so(tmp_path):
    with pytest.raises(NotImplementedError, match="costs money"):
        asyncio.run(Acme().generate(request(), tmp_path / "x.png", lambda step: None))


# -- what it can do --------------------------------------------------------------------------------------------------------

def test_the_catalogue_says_what_a_model_can_do_and_costs():
    backend = Acme()
    assert backend.capabilities.sizes == (Size(64, 36), Size(36, 64)) and backend.capabilities.references == 3
    assert backend.quote().usd == backend.quote().most_usd == Decimal("0.04") and backend.quote().basis == "its page"
    assert asyncio.run(backend.places()) == 3
    assert backend.identity() == {"backend": "acme", "recipe": 1, "model_version": "one", "quality": None}


@pytest.mark.parametrize(("backend", "said"), [
    (Acme(model="on"), "acme.model_version: acme has no model on"),
    (Acme(quality="max"), "acme.quality: one knows no quality max, it knows low, high"),
    (Acme(model="by_token", quality="low"), "acme.quality: by_token knows no quality low, leave it out"),
])
def test_a_model_or_quality_that_is_not_there_is_a_mistake(backend, said):
    assert str(next(iter(backend.mistakes()))).startswith(said)
    assert list(Acme(quality="high").mistakes()) == []


# -- parts of a request ----------------------------------------------------------------------------------------------------

def test_the_words_say_what_each_picture_is_for_in_the_order_sent(tmp_path):
    asked = request(prompt="A fox at dawn, ink drawing", style="Ink drawing", negative_prompt="crowds", previous=tmp_path / "b",
                    figures=(Figure("Fox", "", tmp_path / "f"),), place=Place("Moor", "", tmp_path / "p"),
                    edit=Edit(tmp_path / "e", tmp_path / "m"))
    pictures = shown(asked, 16)
    assert [one.path.name for one in pictures] == ["e", "f", "p", "b"]
    lines = described(asked, pictures, avoid=True).splitlines()
    assert lines[0] == "A fox at dawn, ink drawing" and lines[-1] == "Not in the picture: crowds"
    assert [line.split()[1] for line in lines[1:5]] == ["1", "2", "3", "4"]
    assert "Style" not in " ".join(lines)  # it is in the prompt
    assert [one.path.name for one in shown(asked, 2)] == ["e", "f"]
    assert "crowds" not in described(asked, pictures, avoid=False)


@pytest.mark.parametrize(("mode", "kind"), [("RGBA", "PNG"), ("RGB", "JPEG"), ("RGBA", "WEBP"), ("L", "PNG")])
def test_whatever_picture_comes_is_kept_as_an_rgb_png(mode, kind):
    kept = Image.open(io.BytesIO(as_png(picture(mode, kind))))
    assert (kept.format, kept.mode, kept.size) == ("PNG", "RGB", tuple(SIZE))


@pytest.mark.parametrize("answer", [b"", b"<html>", picture()[:60], b"\x00" * 500])
def test_what_is_no_picture_is_spoilt(answer):
    with pytest.raises(Spoilt, match="no picture that can be used"):
        as_png(answer)


def test_a_mask_is_clear_wherever_anything_is_to_be_painted(tmp_path):
    edit = Edit(tmp_path / "base.png", tmp_path / "mask.png")
    edit.base.write_bytes(picture())
    grey = np.zeros((36, 64), np.uint8)
    grey[:, 20:] = 3  # the noise of somebody's editor
    grey[:, 40:] = np.linspace(9, 255, 24, dtype=np.uint8)
    Image.fromarray(grey).save(edit.mask)
    _, mask = base_and_mask(request(edit=edit))
    alpha = np.array(Image.open(io.BytesIO(as_transparency(mask))).getchannel("A"))
    assert (alpha[:, :40] == 255).all() and (alpha[:, 40:] == 0).all()


@pytest.mark.parametrize("wrong", ["missing", "size"])
def test_a_mask_that_does_not_fit_is_refused(wrong, tmp_path):
    edit = Edit(tmp_path / "base.png", tmp_path / "mask.png")
    edit.base.write_bytes(picture())
    if wrong == "size":
        edit.mask.write_bytes(picture("L", size=(10, 10)))
    with pytest.raises(Refused, match="mask"):
        base_and_mask(request(edit=edit))


def test_an_objection_reaches_the_stage_as_one(tmp_path):
    with run_folder(tmp_path) as run, pytest.raises(Moderated) as caught:
        to = run.path("takes", "segment_01", "x.png.part")
        backend = Acme(Refused("no", refusal="unknown"))
        on_a_clock_that_jumps(backend.serve(request(), to, lambda step: None, run.till.counter("keyframe segment_01", "w")))
    assert caught.value.side == "unknown" and isinstance(caught.value, GenerationFailed)


# -- killed between an answer and the ledger's word of it -------------------------------------------------------------------

def died_with_an_answer(folder, content=None):
    """A run that ended when the answer had come, and had filed it where there is content."""
    wish = Wish("keyframe segment_01", {"kind": "keyframe", "number": 1})
    file = folder / "run" / "takes" / "segment_01" / "bought-1.png"
    with run_folder(folder) as run:
        counter = run.till.counter(wish.node, wish.wanted)
        lost = asyncio.run(counter.intend(provider="acme", model="one", asked={"prompt": "a fox"}, bound_usd=Decimal("0.04"),
                                          kind="call"))
        run.ledger.purchases.witness(lost.id, answer={
            "path": file.relative_to(run.folder).as_posix(), "sha256": hashlib.sha256(as_png(picture())).hexdigest(),
            "charged_usd": "0.03", "by": "provider"})
        if content is not None:
            run.path("takes", "segment_01", "bought-1.png").write_bytes(content)


def test_a_picture_that_came_and_lies_there_is_taken_in_and_not_bought_again(tmp_path):
    died_with_an_answer(tmp_path, as_png(picture()))
    backend = Acme()
    with run_folder(tmp_path) as run:
        outcome, bought = keyframe(run, backend)
    assert isinstance(outcome, Made) and not backend.prompts
    assert [(one.state, one.charged_usd, one.reason) for one in bought] == [("DONE", Decimal("0.03"), "")]
    assert not list((tmp_path / "run").rglob("bought-*"))


@pytest.mark.parametrize("content", [None, b"half of"])
def test_an_answer_that_came_and_is_not_there_costs_what_it_said(tmp_path, content):
    died_with_an_answer(tmp_path, content)
    with run_folder(tmp_path, rebuy="0.04") as run:
        outcome, bought = keyframe(run, Acme())
        told = (run.folder / "events.jsonl").read_text()
    assert isinstance(outcome, Made)
    assert [(one.state, one.charged_usd) for one in bought] == [("ABANDONED", Decimal("0.03")), ("DONE", Decimal("0.04"))]
    assert "the answer of purchase 1 at acme was lost: $0.03 count as charged for it" in told
