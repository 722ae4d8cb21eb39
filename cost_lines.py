"""What an estimate is made of and comes to: lines, sums, how far a film is. Reckons no price."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from image_generator_interface import ImageRequest

Stand = Literal["to make", "there", "paid, under way"]
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Standing:
    """How far a film is.

    clips: the segments whose clip is there, or is paid and under way. keyframes, sheets: the names of those that are there.
    extended, unextended: of the keyframes that are there and of another shape than the film's, those whose borders were
    painted, and those whose borders are to be.
    clip_wall_s: seconds from asking to having, in the median of the clips this backend made here; None when it made none.
    """

    clips: Mapping[int, Literal["there", "paid"]] = field(default_factory=dict)
    keyframes: Collection[str] = ()
    sheets: Collection[str] = ()
    extended: Collection[str] = ()
    unextended: Collection[str] = ()
    charged_usd: Decimal = NOTHING
    reserved_usd: Decimal = NOTHING
    clip_wall_s: float | None = None

    @property
    def counted_usd(self) -> Decimal:
        """What is used of the cap."""
        return self.charged_usd + self.reserved_usd


@dataclass(frozen=True)
class Asking:
    """What is asked of a language model, in dollars: low, when the first answers are right; usually; at the most, when each is
    asked for again as often as the settings allow. once: the most that one of the answers takes of the cap. None: unknown."""

    low: Decimal | None = NOTHING
    usual: Decimal | None = NOTHING
    most: Decimal | None = NOTHING
    once: Decimal | None = NOTHING


@dataclass(frozen=True)
class Words:
    """What a language model writes for a film. planning: None where the plan is there, or costs nothing. other_words: of one
    prompt that a provider refuses; None where rules find them."""

    model: str = ""
    planning: Asking | None = None
    other_words: Asking | None = None


@dataclass(frozen=True)
class Pictures:
    """How pictures are made. sheets: what is asked for before keyframes are drawn by it. keyframes: what is asked for at each;
    the pictures that guide it need not be there. given: those that nobody draws. candidates: pictures made for each keyframe.
    rerolls: how often one that is no good is made again. judge, judging: who chooses between the candidates of a keyframe, and
    what that costs. extension: what is asked for beyond the sides of a keyframe of another shape than the film's, None where
    nobody paints there; extended: the keyframes that will come in another shape."""

    sheets: Sequence[ImageRequest] = ()
    keyframes: Mapping[str, ImageRequest] = field(default_factory=dict)
    given: Collection[str] = ()
    candidates: int = 1
    rerolls: int = 1
    judge: str = ""
    judging: Mapping[str, Asking] = field(default_factory=dict)
    extension: ImageRequest | None = None
    extended: Collection[str] = ()

    @property
    def judged(self) -> bool:
        """Whether somebody is paid to choose."""
        return any(asking.most != 0 for asking in self.judging.values())


@dataclass(frozen=True)
class CostLine:
    """One clip, one picture, or what a language model does for the film.

    what: `segment 4`, `keyframe segment_04`, `sheet ada`, `extension segment_04`, `planning`. seconds: what the backend is
    asked for, 0 for what is no clip. low, expected, high: US dollars that are still to come, None where nobody knows.
    reserve: the most that one purchase of it takes of the cap. charges: whether a provider may be paid for it, by the backend
    asked first or by a fallback. basis: where the price is from.
    """

    what: str
    backend: str
    seconds: float
    standing: Stand
    low: Decimal | None = NOTHING
    expected: Decimal | None = NOTHING
    high: Decimal | None = NOTHING
    reserve: Decimal | None = NOTHING
    charges: bool = False
    basis: str = ""

    @property
    def is_clip(self) -> bool:
        return self.what.startswith("segment ")


@dataclass(frozen=True)
class CostEstimate:
    """The lines of a film, keyframes first, and what to know of them.

    wall_s: seconds of the clips alone, so many `places` at a time; None when it is not known.
    """

    lines: tuple[CostLine, ...]
    wall_s: float | None = None
    places: int = 1
    notes: tuple[str, ...] = ()

    @property
    def low(self) -> Decimal | None:
        """The sum of the lines; None as soon as one of them is unknown."""
        return total(line.low for line in self.lines)

    @property
    def expected(self) -> Decimal | None:
        return total(line.expected for line in self.lines)

    @property
    def high(self) -> Decimal | None:
        return total(line.high for line in self.lines)

    @property
    def known_low(self) -> Decimal:
        """The sum of what is known."""
        return sum((line.low for line in self.lines if line.low is not None), NOTHING)

    @property
    def to_make(self) -> tuple[CostLine, ...]:
        """The clips that are not there and not paid."""
        return tuple(line for line in self.lines if line.is_clip and line.standing == "to make")

    @property
    def charges(self) -> bool:
        """Whether a run may pay a provider: then a person has to agree."""
        return any(line.charges for line in self.lines)

    @property
    def free(self) -> bool:
        """Whether it costs nothing, whatever happens."""
        return self.high == 0


def words_line(what: str, model: str, asked: Sequence[Asking]) -> CostLine:
    """What so many questions to a language model cost."""
    low, usual, most = (total(getattr(one, name) for one in asked) for name in ("low", "usual", "most"))
    dearest = [one.once for one in asked]
    reserve = None if None in dearest else max((usd for usd in dearest if usd is not None), default=NOTHING)
    return CostLine(what, model, 0.0, "to make", low, usual, most, reserve, charges=True)


def total(amounts: Iterator[Decimal | None]) -> Decimal | None:
    """The sum; None as soon as one of them is unknown."""
    found = NOTHING
    for usd in amounts:
        if usd is None:
            return None
        found += usd
    return found
