"""What a film will cost and how long it takes, from its plan and the price lists. Asks nobody and reads no file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from cost_lines import NOTHING, Asking, CostEstimate, CostLine, Pictures, Standing, Words, words_line
from errors import foreign_code
from image_generator_interface import ImageGenerator, ImageRequest
from keyframe_slots import slots
from orders import Orders
from runtime.answers import Refused
from runtime.makespan import makespan
from storyboard import Segment, Storyboard
from timeline import Timeline
from video_generator_interface import Quote, VideoGenerator

__all__ = ["Asking", "CostEstimate", "CostLine", "Pictures", "Standing", "Words", "affordable", "estimate"]

Reroll = Callable[[VideoGenerator], Decimal | None]
"""How often, in a user's own history, a clip of this backend was bought again (0.2: every fifth); None without a history."""

MICRO = Decimal("0.000001")
AN_HOUR_S = Decimal(3600)


def estimate(storyboard: Storyboard, timeline: Timeline, videos: Sequence[VideoGenerator], images: Sequence[ImageGenerator], *,
             mode: str, audio: bool, standing: Standing | None = None, reroll: Reroll = lambda video: None, places: int = 1,
             gpu_usd_per_hour: Decimal = NOTHING, orders: Orders | None = None,
             pictures: Pictures | None = None, words: Words | None = None) -> CostEstimate:
    """What is still to be paid for a film: `videos` and `images` with the one asked first in front, then the fallbacks.

    low: every missing clip and keyframe once, at the expected price of the backend asked first. expected: clips times
    (1 + the re-roll rate of the user's own history with it), where there is one. high: the bound of each purchase with one
    re-roll (with as many as the history has, where that is more), and once the dearest fallback on top. GPU time of one's
    own is in all three; what is there or paid is in none. Rounded to whole micro-dollars, high upwards.

    wall_s: the clips by list scheduling over so many `places`, in film order; in chaining mode those of a scene one after the
    other. orders: `only` leaves segments out, `redo` makes them though they are there. pictures: sheets, candidates.
    words: what a language model is still to write; high has other words for everything that a provider may refuse.
    Raises GenerationFailed when the code of a backend fails.
    """
    standing, orders, words = standing or Standing(), orders or Orders(), words or Words()
    pricing = _Pricing(gpu_usd_per_hour, _rate(videos[0], reroll))
    wanted = [segment for segment in storyboard.segments if orders.wants(segment.index) and not orders.sheets_only]
    drawn = list(_picture_lines(pictures or Pictures(), images, standing, pricing,
                                [] if orders.sheets_only else [slot.name for slot in slots(storyboard, mode, orders)]))
    clips = [_clip_line(segment.index, timeline.span(segment.index).asked_s, videos, audio, standing, orders, pricing)
             for segment in wanted]
    pending = [segment for segment, line in zip(wanted, clips, strict=True) if line.standing != "there"]
    walls = {segment.index: _wall_s(videos[0], timeline.span(segment.index).asked_s, audio, standing) for segment in pending}
    wall_s = _wall_clock(storyboard, mode, walls, places)
    planned = [words_line("planning", words.model, [words.planning])] if words.planning else []
    lines = (*planned, *drawn, *clips, *_other_words(words, (*drawn, *clips)))
    return CostEstimate(lines, wall_s, places, tuple(_notes(lines, videos, pricing, wall_s)))


@dataclass(frozen=True)
class _Pricing:
    gpu_usd_per_hour: Decimal
    rate: Decimal | None

    def line(self, what: str, backend: str, seconds: float, quotes: Sequence[Quote], rate: Decimal, charges: bool,
             times: int = 2) -> CostLine:
        """The prices of one thing that is to be made, by the quotes of the backend asked first and of the fallbacks.

        times: how often it may be bought at the most.
        """
        gpu = self._gpu(quotes[0])
        once, most = _plus(quotes[0].usd, gpu), _plus(quotes[0].most_usd, gpu)
        if once is not None and most is not None:
            most = max(once, most)
        fallbacks = [_plus(quote.most_usd, self._gpu(quote)) for quote in quotes[1:]]
        dearest = None if None in fallbacks else max((usd for usd in fallbacks if usd is not None), default=NOTHING)
        return CostLine(
            what, backend, seconds, "to make", low=_rounded(once), expected=_rounded(_times(once, 1 + rate)),
            high=_rounded(_plus(_times(most, max(Decimal(times), 1 + rate)), dearest), ROUND_CEILING),
            reserve=quotes[0].most_usd, charges=charges, basis=quotes[0].basis)

    def _gpu(self, quote: Quote) -> Decimal:
        return Decimal(str(quote.gpu_s)) * self.gpu_usd_per_hour / AN_HOUR_S


def _rate(video: VideoGenerator, reroll: Reroll) -> Decimal | None:
    rate = reroll(video)
    return None if rate is None else max(rate, NOTHING)


def _clip_line(index: int, seconds: float, videos: Sequence[VideoGenerator], audio: bool, standing: Standing, orders: Orders,
               pricing: _Pricing) -> CostLine:
    there = standing.clips.get(index)
    what, title = f"segment {index}", videos[0].title
    if there == "there" and index not in orders.redo:
        return CostLine(what, title, seconds, "there")
    if there == "paid":
        return CostLine(what, title, seconds, "paid, under way")
    able = [videos[0], *(video for video in videos[1:] if video.capabilities.durations.allow(seconds))]
    quotes = [_quoted(video, seconds, audio) for video in able]
    return pricing.line(what, title, seconds, quotes, pricing.rate or NOTHING, any(video.charges for video in able))


def _picture_lines(pictures: Pictures, images: Sequence[ImageGenerator], standing: Standing, pricing: _Pricing,
                   keyframes: Sequence[str]) -> Iterator[CostLine]:
    """The sheets, by those who look at pictures, then the keyframes."""
    for request in pictures.sheets:
        there = request.keyframe.split()[-1] in standing.sheets
        able = [image for image in images if image.capabilities.references]
        yield _picture_line(request.keyframe, there, able, pricing, 1 + pictures.rerolls, 1, request)
    settled = {*standing.keyframes, *pictures.given}
    for name in keyframes:
        most = pictures.candidates if pictures.candidates > 1 else 1 + pictures.rerolls
        asked = pictures.keyframes.get(name)
        painters = [one for one in images if one.capabilities.edits or not (asked and asked.edit)] or images
        yield _picture_line(f"keyframe {name}", name in settled, painters, pricing, most, pictures.candidates, asked)
    yield from _extension_lines(pictures, images, standing, pricing, keyframes)
    judging = [pictures.judging[name] for name in keyframes if name not in settled and name in pictures.judging]
    if judging and pictures.judged:
        yield words_line("choosing keyframes", pictures.judge, judging)


def _other_words(words: Words, lines: Sequence[CostLine]) -> Iterator[CostLine]:
    """Each prompt is put in other words once at the most, and as a rule none is."""
    if words.other_words is not None and (count := sum(line.charges and line.standing == "to make" for line in lines)):
        rarely = replace(words.other_words, low=NOTHING, usual=NOTHING)
        yield words_line("other words", words.model, [rarely] * count)


def _extension_lines(pictures: Pictures, images: Sequence[ImageGenerator], standing: Standing, pricing: _Pricing,
                     keyframes: Sequence[str]) -> Iterator[CostLine]:
    """What is painted beyond the sides of keyframes of another shape than the film's, by those who can."""
    asked = pictures.extension
    able = [image for image in images if image.capabilities.outpaints]
    if asked is None or not able:
        return
    for name in keyframes:
        if name in standing.extended:
            yield CostLine(f"extension {name}", able[0].name, 0.0, "there")
        elif name in standing.unextended or (name in pictures.extended and name not in standing.keyframes):
            with foreign_code():
                quotes = [image.quote_for(asked) for image in able]
            yield pricing.line(f"extension {name}", able[0].name, 0.0, quotes, NOTHING, any(one.charges for one in able))


def _picture_line(what: str, there: bool, images: Sequence[ImageGenerator], pricing: _Pricing, most: int, each: int,
                  request: ImageRequest | None = None) -> CostLine:
    """most: how often it may be bought. each: how often it is."""
    if there:
        return CostLine(what, images[0].name, 0.0, "there")
    with foreign_code():
        quotes = [_picture_quote(image, request) for image in images]
    line = pricing.line(what, images[0].name, 0.0, quotes, NOTHING, any(image.charges for image in images), max(2 * each, most))
    return replace(line, low=_times(line.low, Decimal(each)), expected=_times(line.expected, Decimal(each)))


def _picture_quote(image: ImageGenerator, request: ImageRequest | None) -> Quote:
    if request is None:
        return image.quote()
    try:
        return image.quote_for(replace(request, size=image.capabilities.nearest(request.size)))
    except Refused:  # a prompt that is too long: the run says so
        return image.quote()


def _quoted(video: VideoGenerator, seconds: float, audio: bool) -> Quote:
    with foreign_code():
        return video.quote(seconds, audio=audio and video.capabilities.audio)


def _wall_s(video: VideoGenerator, seconds: float, audio: bool, standing: Standing) -> float | None:
    stated = _quoted(video, seconds, audio).wall_s
    return standing.clip_wall_s if stated is None else stated


def _wall_clock(storyboard: Storyboard, mode: str, walls: Mapping[int, float | None], places: int) -> float | None:
    """How long the clips take; None when that is not known of one of them."""
    known = {index: seconds for index, seconds in walls.items() if seconds is not None}
    if len(known) < len(walls):
        return None
    each: Sequence[Sequence[Segment]] = [(segment,) for segment in storyboard.segments]
    in_turn = storyboard.scenes() if mode == "chaining" else each
    return makespan([[known[one.index] for one in chain if one.index in known] for chain in in_turn], places)


def affordable(estimate: CostEstimate, cap_usd: Decimal, counted_usd: Decimal) -> int:
    """How many of the clips that are to be made the cap pays for, in film order, at the expected price.

    counted_usd: what is used of the cap already. The keyframes are paid first. Each purchase needs room for its bound, as the
    till will have it; of one whose price is unknown nobody knows that there is room, so the till stops there as well.
    """
    left, count = cap_usd - counted_usd, 0
    for line in estimate.lines:
        if line.standing != "to make":
            continue
        if line.reserve is None or line.expected is None or line.reserve > max(left, NOTHING):
            break
        left -= line.expected if line.reserve else NOTHING
        count += line.is_clip
    return count


def _notes(lines: Sequence[CostLine], videos: Sequence[VideoGenerator], pricing: _Pricing,
           wall_s: float | None) -> Iterator[str]:
    missing = [line for line in lines if line.standing == "to make"]
    clips = [line for line in missing if line.is_clip]
    if clips and pricing.rate is not None and clips[0].charges:
        yield f"expected: {1 + pricing.rate:.2f} purchases a clip, as in your own history with {videos[0].title}"
    for backend in dict.fromkeys(line.backend for line in missing if line.low is None):
        yield f"nobody knows what {backend} costs: the total is unknown, and with a cap none of it is bought"
    if any(line.high is None and line.low is not None for line in missing):
        yield "nobody knows what a fallback costs, so there is no high"
    elif any(line.charges for line in missing) and all(line.high is not None for line in missing):
        yield "high: every purchase at its bound and made twice" + (
            ", and the dearest fallback on top" if len(videos) > 1 else "")
    if clips and wall_s is None:
        yield f"how long it takes is not known of {videos[0].title}"


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other


def _times(usd: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if usd is None else usd * factor


def _rounded(usd: Decimal | None, way: str | None = None) -> Decimal | None:
    return None if usd is None else usd.quantize(MICRO, way)
