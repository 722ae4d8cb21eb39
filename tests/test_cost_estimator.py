"""What a film costs, reckoned from its plan: to the cent, and unknown where it is."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost_estimator import CostEstimate, CostLine, Standing, affordable, estimate
from errors import GenerationFailed
from image_generator_interface import ImageGenerator, ImageRequest
from media.film_format import FilmFormat, Size
from orders import Orders
from runtime.makespan import makespan
from storyboard import Segment, Storyboard
from timeline import timeline
from video_generator_interface import (
    BackendOptions,
    Capabilities,
    Durations,
    Quote,
    Report,
    SegmentRequest,
    VideoGenerator,
)

FILM = FilmFormat(Size(64, 64), Fraction(8))
NEVER = Decimal(0)


class Priced(VideoGenerator):
    """Costs so much a second; `most` times that at the most."""

    name = section = "priced"

    def __init__(self, usd: str | None = "0.10", most: str = "1", *, wall_s: float | None = 60.0, gpu_s: float = 0.0,
                 lengths: Durations | None = None) -> None:
        super().__init__(BackendOptions(), FILM)
        self.usd, self.most, self.wall_s, self.gpu_s = usd, Decimal(most), wall_s, gpu_s
        self.lengths = lengths or Durations(least_s=1, most_s=10, step_s=1)
        self.charges = usd != "0"  # type: ignore[misc]

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(self.lengths, lambda seconds: FILM.frames(seconds) + 1, FILM.fps)

    def quote(self, seconds: float, *, audio: bool = False) -> Quote:
        usd = None if self.usd is None else Decimal(self.usd) * Decimal(str(seconds))
        return Quote(usd, None if usd is None else usd * self.most, self.wall_s, self.gpu_s, "its price list")

    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        raise AssertionError("nothing is made for an estimate")


class Painted(ImageGenerator):
    """Costs so much a picture."""

    name = section = "painted"

    def __init__(self, usd: str | None = "0") -> None:
        super().__init__(BackendOptions(), FILM)
        self.usd = None if usd is None else Decimal(usd)
        self.charges = usd != "0"  # type: ignore[misc]

    def quote(self) -> Quote:
        return Quote(self.usd, self.usd)

    async def generate(self, request: ImageRequest, to: Path, report: Report) -> None:
        raise AssertionError("nothing is drawn for an estimate")


def board(*seconds: float, cuts: tuple[int, ...] = ()) -> Storyboard:
    return Storyboard(title="t", segments=tuple(
        Segment(index=index, seconds=length, video_prompt="p", first_keyframe_prompt="f", last_keyframe_prompt="l",
                join="cut" if index in (1, *cuts) else "continuous") for index, length in enumerate(seconds, 1)))


def reckon(plan: Storyboard, *videos: VideoGenerator, images: tuple[ImageGenerator, ...] = (), mode: str = "keyframe",
           standing: Standing | None = None, rate: str | None = None, places: int = 1, gpu: str = "0",
           orders: Orders | None = None) -> CostEstimate:
    return estimate(
        plan, timeline(plan, videos[0].capabilities, FILM), videos, images or (Painted(),), mode=mode, audio=False,
        standing=standing, reroll=lambda video: None if rate is None else Decimal(rate), places=places,
        gpu_usd_per_hour=Decimal(gpu), orders=orders)


def totals(found: CostEstimate) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    return found.low, found.expected, found.high


def dollars(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, amounts))


def test_every_clip_is_bought_once_or_twice():
    found = reckon(board(5, 5, 8), Priced())
    assert totals(found) == dollars("1.80", "1.80", "3.60")
    assert [line.what for line in found.lines if line.is_clip] == ["segment 1", "segment 2", "segment 3"]
    assert {line.basis for line in found.lines if line.is_clip} == {"its price list"}


def test_a_clip_is_expected_as_often_as_the_user_s_own_history_has_it():
    found = reckon(board(5, 5), Priced(), rate="0.2")
    assert totals(found) == dollars("1.00", "1.20", "2.00")
    assert "expected: 1.20 purchases a clip, as in your own history with priced" in found.notes


def test_a_history_worse_than_one_re_roll_a_clip_raises_the_high():
    assert totals(reckon(board(10), Priced(), rate="2.5")) == dollars("1", "3.5", "3.5")


def test_the_high_has_the_bound_and_the_dearest_fallback_that_can_make_the_length():
    eights = Priced("9", lengths=Durations(choices=(8.0,)))
    found = reckon(board(5), Priced(most="1.25"), Priced("0.30"), Priced("0.40"), eights)
    assert totals(found) == dollars("0.50", "0.50", "3.25")  # 2 x 0.625 + 5 x 0.40
    assert any("dearest fallback" in note for note in found.notes)


def test_a_paid_fallback_of_a_free_backend_shows_in_the_high_and_needs_consent():
    found = reckon(board(5), Priced("0"), Priced("0.40"))
    assert totals(found) == dollars("0", "0", "2")
    assert found.charges and not found.free


def test_an_unknown_price_stays_unknown_and_stops_the_totals():
    found = reckon(board(5, 5), Priced(None), images=(Painted("0.04"),))
    assert totals(found) == (None, None, None)
    assert [line.low for line in found.to_make] == [None, None]
    assert found.known_low == Decimal("0.12")
    assert found.notes[0].startswith("nobody knows what priced costs")


def test_an_unknown_fallback_leaves_only_the_high_unknown():
    found = reckon(board(5), Priced(), Priced(None))
    assert totals(found) == (Decimal("0.5"), Decimal("0.5"), None)
    assert "nobody knows what a fallback costs, so there is no high" in found.notes


def test_what_is_there_or_paid_adds_nothing():
    standing = Standing({1: "there", 2: "paid"}, {"segment_00"})
    found = reckon(board(5, 5, 5), Priced(), images=(Painted("0.04"),), standing=standing)
    assert found.low == Decimal("0.50") + 3 * Decimal("0.04")
    assert [line.standing for line in found.lines if line.is_clip] == ["there", "paid, under way", "to make"]
    assert len(found.to_make) == 1


def test_a_segment_to_be_made_anew_costs_though_it_is_there():
    standing = Standing({1: "there", 2: "there"})
    assert reckon(board(5, 5), Priced(), standing=standing, orders=Orders(redo=frozenset({2}))).low == Decimal("0.50")


def test_segments_that_are_left_out_are_no_lines():
    found = reckon(board(5, 5, 5), Priced(), orders=Orders(only=frozenset({2})))
    assert [line.what for line in found.lines] == ["keyframe segment_01", "keyframe segment_02", "segment 2"]


def test_time_of_one_s_own_gpu_is_priced_by_the_hour_and_takes_nothing_of_a_cap():
    found = reckon(board(5, 5), Priced("0", gpu_s=900), gpu="2.00")
    assert totals(found) == dollars("1", "1", "2")
    assert not found.charges
    assert affordable(found, Decimal(0), NEVER) == 2


def test_chaining_draws_only_what_opens_a_scene():
    found = reckon(board(5, 5, 5, cuts=(3,)), Priced(), images=(Painted("0.04"),), mode="chaining")
    assert [line.what for line in found.lines if not line.is_clip] == ["keyframe segment_00", "keyframe segment_03_first"]


def test_the_time_is_that_of_so_many_places():
    assert [reckon(board(5, 5, 5, 5), Priced(), places=places).wall_s for places in (1, 3, 9)] == [240, 120, 60]


def test_in_chaining_mode_a_scene_is_made_one_clip_after_the_other():
    plan = board(5, 5, 5, 5, cuts=(4,))
    assert reckon(plan, Priced(), mode="chaining", places=9).wall_s == 180
    assert reckon(plan, Priced(), mode="chaining", places=9, standing=Standing({1: "there"})).wall_s == 120


def test_an_unknown_time_is_said_and_one_measured_here_is_used():
    found = reckon(board(5, 5), Priced(wall_s=None))
    assert found.wall_s is None
    assert "how long it takes is not known of priced" in found.notes
    assert reckon(board(5, 5), Priced(wall_s=None), standing=Standing(clip_wall_s=30)).wall_s == 60


@given(st.lists(st.lists(st.floats(0.1, 100), max_size=5), max_size=12), st.integers(1, 6))
def test_list_scheduling_is_never_better_than_can_be_nor_worse_than_graham_s_bound(chains: list[list[float]], places: int):
    work, longest = sum(map(sum, chains)), max(map(sum, chains), default=0.0)
    made = makespan(chains, places)
    assert max(work / places, longest) - 1e-6 <= made <= work / places + longest * (1 - 1 / places) + 1e-6


def test_the_cap_pays_for_the_first_clips_in_film_order():
    found = reckon(board(4, 5, 6), Priced())
    counts = [affordable(found, Decimal(cap), Decimal("0.10")) for cap in ("0.49", "0.50", "1.00", "9")]
    assert counts == [0, 1, 2, 3]


def test_the_cap_needs_room_for_the_bound_and_is_used_by_the_expected_price():
    found = reckon(board(10, 10), Priced(most="1.25"))
    assert [affordable(found, Decimal(cap), NEVER) for cap in ("1.24", "1.25", "2.24", "2.25")] == [0, 1, 1, 2]


def test_keyframes_are_paid_first_and_an_unknown_price_is_never_within_a_cap():
    painted = reckon(board(5, 5), Priced(), images=(Painted("0.50"),))
    assert [affordable(painted, Decimal(cap), NEVER) for cap in ("1.99", "2.00", "2.50")] == [0, 1, 2]
    assert affordable(reckon(board(5), Priced(None)), Decimal(1000), NEVER) == 0


MONEY = st.none() | st.decimals(0, 50, places=4, allow_nan=False).map(str)


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 8.0]), min_size=1, max_size=6), MONEY, MONEY,
       st.decimals("0.5", 2, places=3).map(str), st.none() | st.decimals(0, 4, places=6).map(str), st.floats(0, 5000))
def test_low_expected_and_high_are_in_order_and_are_the_sums_of_their_lines(
        seconds: list[float], usd: str | None, other: str | None, most: str, rate: str | None, gpu_s: float):
    backends = Priced(usd, most, gpu_s=gpu_s), Priced(other)
    found = reckon(board(*seconds), *backends, images=(Painted(usd),), rate=rate, gpu="1.30")
    parts: list[CostEstimate | CostLine] = [found, *found.lines]
    for part in parts:
        known = [usd for usd in (part.low, part.expected, part.high) if usd is not None]
        assert known == sorted(known)
        assert (part.low is None) == (part.expected is None)
    for name in ("low", "expected", "high"):
        lines = [getattr(line, name) for line in found.lines]
        assert getattr(found, name) == (None if None in lines else sum(lines))


def test_a_price_list_that_fails_is_a_failure_of_its_backend():
    with pytest.raises(GenerationFailed, match="its code failed: InvalidOperation"):
        reckon(board(5), Priced("no number"))
