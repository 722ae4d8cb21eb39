"""One film beside every backend: who can make it, for what, and with what missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from catalogue import load
from config import PipelineConfig
from cost_comparison import Compared, Film, compare
from errors import Problem
from generators.animatic_generator import AnimaticGenerator
from generators.remote import RemoteVideoGenerator
from generators.remote_protocol import JobState, RemoteJob
from image_generators.sketch_images import SketchImages
from media.film_format import FilmFormat, Size
from orders import Orders
from storyboard import Segment, Storyboard
from video_generator_interface import BackendOptions, Capabilities, Durations, Quote, SegmentRequest, VideoGenerator

FILM = FilmFormat(Size(1280, 720), Fraction(24))


class Sold(RemoteVideoGenerator):
    """Asks for the models of a real provider, and is never asked for a clip."""

    name = section = "sold"
    provider = "runway"

    class Options(BackendOptions):
        model_version: str = "veo3.1_fast"

    @property
    def model_version(self) -> str:
        assert isinstance(self.options, Sold.Options)
        return self.options.model_version

    def problems(self) -> Iterator[Problem]:
        yield Problem("sold.api_key", "is missing")

    async def submit(self, request: SegmentRequest) -> RemoteJob:
        raise AssertionError("nothing is bought for a comparison")

    async def poll(self, job: RemoteJob) -> JobState:
        raise AssertionError

    async def download(self, job: RemoteJob, state: JobState, to: Path) -> None:
        raise AssertionError


class OwnGpu(AnimaticGenerator):
    """Takes a minute of a GPU for every second."""

    name = section = "own-gpu"

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, durations=Durations(choices=(3.0, 7.0)), prompt=True, seed=True)

    def quote(self, seconds: float, *, audio: bool = False) -> Quote:
        return Quote(wall_s=60 * seconds, gpu_s=60 * seconds)


class Square(AnimaticGenerator):
    """Makes squares."""

    name = section = "square"

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, sizes=(Size(512, 512),))


class Buggy(AnimaticGenerator):
    """Has a bug."""

    name = section = "buggy"

    @property
    def capabilities(self) -> Capabilities:
        raise KeyError("oops")


def config(**settings: Any) -> PipelineConfig:
    return PipelineConfig(prompt="a film", **settings)


def board(seconds: Sequence[float] = (4, 6, 8), *, words: int = 5, negative: str = "") -> Storyboard:
    return Storyboard(title="t", segments=tuple(
        Segment(index=index, seconds=length, video_prompt="é" * words + str(index), negative_prompt=negative,
                first_keyframe_prompt="f", last_keyframe_prompt="l") for index, length in enumerate(seconds, 1)))


def side_by_side(*backends: VideoGenerator, settings: PipelineConfig | None = None, plan: Storyboard | None = None,
                 fallbacks: Sequence[VideoGenerator] = ()) -> list[Compared]:
    settings = settings or config()
    film = Film(plan or board(), settings, [backends[0], *fallbacks], [SketchImages(BackendOptions(), settings.film)],
                lambda video: None, Orders())
    return compare(film, backends)


def sold(settings: PipelineConfig | None = None, model: str = "veo3.1_fast") -> Sold:
    return Sold(Sold.Options(model_version=model), (settings or config()).film)


def row(rows: Sequence[Compared], title: str) -> Compared:
    (found,) = [one for one in rows if one.title == title]
    return found


def test_every_live_model_of_the_provider_is_there_once():
    rows = side_by_side(sold())
    assert sorted(one.title for one in rows) == sorted(f"sold {one.id}" for one in load().live("runway", date.today()))
    assert [one.title for one in rows if one.chosen] == ["sold veo3.1_fast"]


def test_the_cheapest_is_first_then_the_unknown_prices_then_those_that_cannot():
    rows = side_by_side(sold(), Square(BackendOptions(), FILM), AnimaticGenerator(BackendOptions(), FILM))
    able = [one.estimate.expected for one in rows if one.estimate is not None]
    known = [usd for usd in able if usd is not None]
    assert able == sorted(known) + [None] * (len(able) - len(known))
    assert (rows[0].title, rows[-1].title, rows[-1].estimate) == ("animatic", "square", None)
    assert rows[-1].cannot == ("it does not make 1280x720 (512x512)",)


def test_a_price_is_that_of_the_refitted_film():
    turbo = row(side_by_side(sold(), plan=board((4, 6, 8))), "sold gen4_turbo")
    assert turbo.estimate is not None
    assert turbo.estimate.low == Decimal("0.90")  # 18 s at 5 credits
    gpu = row(side_by_side(OwnGpu(BackendOptions(), FILM), settings=config(budget={"gpu_usd_per_hour": "1.20"})), "own-gpu")
    assert gpu.estimate is not None
    assert (gpu.seconds, gpu.film_s) == ((3.0, 7.0), 17.0)
    assert gpu.changes == ("segments of 3, 7 s instead of 4, 6, 8 s",)
    assert (gpu.estimate.low, gpu.estimate.wall_s) == (Decimal("0.34"), 600)  # 17 minutes at 2 cents; 2 places


def test_what_a_model_cannot_do_is_said():
    plan = board(words=998, negative="blur")
    rows = side_by_side(sold(), settings=config(audio=True), plan=plan)
    turbo = row(rows, "sold gen4_turbo")
    assert turbo.lacks == ("in mode chaining only (takes no last keyframe)", "no sound", "no negative prompts")
    assert row(rows, "sold veo3.1").lacks == ()
    seeds = {f"sold {one.id}": one.seed for one in load().live("runway", date.today())}
    assert all(("no seed" in one.lacks) != seeds[one.title] for one in rows if one.estimate is not None)


def test_a_prompt_that_is_too_long_is_said_with_the_count():
    lacks = row(side_by_side(sold(), plan=board(words=1200)), "sold veo3.1").lacks
    assert lacks == ("3 prompts are too long: segment 1 has 1201 UTF-16 units, it takes 1000",)


def test_a_model_that_makes_another_size_is_said_to_be_scaled():
    rows = side_by_side(sold(config(size=Size(640, 360))), settings=config(size=Size(640, 360)))
    assert "made at 1280x720, scaled to 640x360" in row(rows, "sold gen4_turbo").changes


def test_a_film_of_a_shape_nobody_makes_is_refused_with_what_they_make():
    odd = config(size=Size(2000, 400))
    turbo = row(side_by_side(sold(odd), settings=odd), "sold gen4_turbo")
    assert turbo.estimate is None
    assert "gen4_turbo makes no film of 2000x400 (it makes 1280x720" in turbo.cannot[0]


def test_chaining_is_reckoned_for_a_model_that_takes_no_last_frame():
    rows = side_by_side(sold())
    keyframes = {one.title: sum(not line.is_clip for line in one.estimate.lines) for one in rows if one.estimate is not None}
    assert (keyframes["sold gen4_turbo"], keyframes["sold veo3.1"]) == (1, 4)


def test_the_fallbacks_of_the_config_stay_behind_each_backend_but_themselves():
    animatic, plan = AnimaticGenerator(BackendOptions(), FILM), board((6, 8))
    both = side_by_side(animatic, sold(), fallbacks=[sold(model="veo3.1")], plan=plan)
    high = {one.title: one.estimate.high for one in both if one.estimate is not None}
    alone = {one.title: one.estimate.high for one in side_by_side(sold(), plan=plan) if one.estimate is not None}
    assert high["animatic"] == Decimal("2.80")  # 14 s at 20 credits
    assert high["sold veo3.1"] == alone["sold veo3.1"]


def test_one_with_a_bug_hides_no_other():
    rows = side_by_side(AnimaticGenerator(BackendOptions(), FILM), Buggy(BackendOptions(), FILM))
    assert rows[-1].cannot == ("its code failed: KeyError: 'oops'",)
    assert rows[0].estimate is not None


@pytest.mark.parametrize("title", ["sold veo3.1_fast", "sold gen4_turbo"])
def test_what_keeps_it_from_running_here_is_said(title: str):
    assert row(side_by_side(sold()), title).problems == ("sold.api_key: is missing",)
