"""The contract of a video backend: what a backend author reads. Makes no clip itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from catalogue import STALE_DAYS, Catalogue
from catalogue import load as load_catalogue
from errors import Problem, StillOut
from media.film_format import FilmFormat, Size
from runtime.purchases import Purchase
from runtime.till import Counter
from runtime.validation import secret_paths
from storyboard import Camera

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]


class BackendOptions(BaseModel):
    """A backend's own block in config.yaml. Unknown keys are refused. Keys are `SecretStr`, so that they print masked.

    Fields that do not alter the output (timeouts, addresses) carry `json_schema_extra={"runtime": True}`: they are left
    out of the identity of a clip. A field with `json_schema_extra={"env": ["ACME_API_KEY"]}` is filled from the first of
    these variables that is set, where the block does not say it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def identity(self) -> dict[str, JSON]:
        """The options that alter what is made, for the fingerprint of a take. A key alters nothing, wherever it comes from."""
        aside: dict[str, Any] = {}
        for path in secret_paths(type(self)):
            _put_aside(aside, path)
        for name, one in type(self).model_fields.items():
            if _is_runtime(one.json_schema_extra):
                _put_aside(aside, (name,))
        made_of: dict[str, JSON] = self.model_dump(mode="json", exclude=aside)
        return made_of


def _put_aside(aside: dict[str, Any], path: Sequence[str | int]) -> None:
    """Adds a path to what pydantic leaves out: `{"a": {"b": True}}` for a.b."""
    first, *rest = map(str, path)
    if not rest:
        aside[first] = True
    elif aside.get(first) is not True:
        _put_aside(aside.setdefault(first, {}), rest)


def _is_runtime(extra: object) -> bool:
    return isinstance(extra, dict) and bool(extra.get("runtime"))


@dataclass(frozen=True)
class SegmentRequest:
    """All that a backend is told about one segment.

    `first_frame` and `last_frame` are pictures of exactly `size`. `last_frame` is None in chaining mode.
    `seconds` is one of the durations the backend said it can make (a dissolve's lead included).
    """

    segment: int
    prompt: str
    negative_prompt: str
    camera: Camera
    seconds: float
    size: Size
    fps: Fraction
    first_frame: Path
    last_frame: Path | None
    audio: bool
    seed: int


@dataclass(frozen=True)
class Durations:
    """The seconds a model can be asked for: `choices`, or any multiple of `step_s` from `least_s` to `most_s`."""

    choices: tuple[float, ...] = ()
    least_s: float = 0.0
    most_s: float = 0.0
    step_s: float = 0.0

    def allow(self, seconds: float) -> bool:
        """Whether the model can make exactly this length."""
        return abs(self.nearest(seconds) - seconds) < 1e-6

    def nearest(self, seconds: float) -> float:
        """The allowed length closest to `seconds`; of two as close, the longer."""
        if self.choices:
            return min(self.choices, key=lambda choice: (abs(choice - seconds), -choice))
        steps = round((min(max(seconds, self.least_s), self.most_s) - self.least_s) / self.step_s)
        return round(self.least_s + steps * self.step_s, 6)

    @property
    def shortest(self) -> float:
        return min(self.choices) if self.choices else self.least_s

    @property
    def longest(self) -> float:
        return max(self.choices) if self.choices else self.most_s

    def __str__(self) -> str:
        if self.choices:
            return ", ".join(f"{choice:g}" for choice in self.choices) + " s"
        return f"{self.least_s:g} to {self.most_s:g} s in steps of {self.step_s:g} s"


@dataclass(frozen=True)
class Capabilities:
    """What a backend can do, as data. The planner gets this and never a backend's name.

    frames: how many frames the model delivers for so many seconds, at its own `fps`. Wan2.1: 81 for 5 s at 16 fps.
    sizes: None means any even size. delivers: the size its clips have where that is not the film's; they are scaled.
    prompt_unit: what the vendor counts (`characters`, `utf16`). tends_to_cut: to other views within a clip, unless its prompt
    asks for one shot.
    problems: joint rules, asked for each request before anything is made; yields what is wrong, in words.
    """

    durations: Durations
    frames: Callable[[float], int]
    fps: Fraction
    sizes: tuple[Size, ...] | None = None
    delivers: Size | None = None
    prompt: bool = True
    last_frame: bool = True
    audio: bool = False
    seed: bool = True
    negative_prompt: bool = True
    prompt_limit: int | None = None
    prompt_unit: Literal["characters", "utf16"] = "characters"
    language: str | None = None
    tends_to_cut: bool = False
    problems: Callable[[SegmentRequest], Iterator[str]] = lambda request: iter(())

    def prompt_length(self, prompt: str) -> int:
        """The length of a prompt in the unit the vendor counts."""
        return len(prompt) if self.prompt_unit == "characters" else len(prompt.encode("utf-16-le")) // 2


@dataclass(frozen=True)
class Progress:
    """How far one clip or image is. `done` of `total` steps of `phase` (`drawing`, `encoding`, `queued` ...)."""

    phase: str
    done: int = 0
    total: int = 0


Report = Callable[[Progress], None]
"""Call it often, from any thread. It raises `errors.Cancelled` when the run is being stopped: let that pass through."""


@dataclass(frozen=True)
class Terms:
    """What holds for every backend: how long and how often it waits, what models there are and what they cost.

    max_retries: of polls and downloads, in a row; a purchase is never repeated. poll_s: between two looks at a job, where
    the settings say so; never less than the catalogue's. timeout_s: how long one run waits for one job.
    price_age_days: prices older than this are warned of. bought: by (backend, model), what the run folder has purchases of: a
    model that was retired since is no mistake there.
    """

    catalogue: Catalogue = field(default_factory=lambda: load_catalogue())
    max_retries: int = 3
    poll_s: float | None = None
    timeout_s: float = 600.0
    price_age_days: int = STALE_DAYS
    bought: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Quote:
    """What one clip takes.

    usd: what it costs, 0 for nothing, None when nobody knows. most_usd: the bound that is reserved for it. wall_s: seconds
    from asking to having, None when not known. gpu_s: seconds of a GPU of the user's own. basis: where the price comes from,
    in words. as_of: the date of the price.
    """

    usd: Decimal | None = Decimal(0)
    most_usd: Decimal | None = Decimal(0)
    wall_s: float | None = None
    gpu_s: float = 0.0
    basis: str = ""
    as_of: date | None = None


class Backend(ABC):
    """What every backend has, whether it makes clips or pictures. `section` is its block in config.yaml."""

    name: ClassVar[str]
    section: ClassVar[str]
    recipe: ClassVar[int] = 1
    """Raise it when the same request makes something else than before: earlier takes then no longer count."""
    parallel: ClassVar[int] = 1
    """How many clips or pictures may be in work at once."""
    charges: ClassVar[bool] = False
    """Whether a clip or a picture costs money."""

    class Options(BackendOptions):
        """No options of its own."""

    def __init__(self, options: BackendOptions, film: FilmFormat, terms: Terms | None = None) -> None:
        self.options = options
        self.film = film
        self.terms = terms or Terms()

    @property
    def title(self) -> str:
        """What a person calls it: its name, and the model's where it has several."""
        return self.name

    def problems(self) -> Iterator[Problem]:
        """What keeps it from running here and now (key, GPU, checkpoint). Free of charge, quick."""
        return iter(())

    def mistakes(self) -> Iterator[Problem]:
        """What is wrong with its options that their types cannot say: a model that is unknown or retired."""
        return iter(())

    def warnings(self) -> Iterator[str]:
        """What a person should know and no run stops for: a model that will be retired, a price that is old."""
        return iter(())

    def identity(self) -> Mapping[str, JSON]:
        """What goes into the fingerprint of a take besides the request."""
        return {"backend": self.name, "recipe": self.recipe, **self.options.identity()}

    @property
    def usual_places(self) -> int:
        """How many are usually in work at once: for estimates, which ask nobody."""
        return self.parallel

    async def places(self) -> int:
        """How many may be in work at once, as far as only the world can tell. Free of charge."""
        return self.usual_places

    async def prove(self) -> str:
        """Makes the free calls that prove that it could work (a key, say) and returns what they said, in words.

        Raises BackendUnavailable when it could not.
        """
        return "needs nothing from elsewhere"


class VideoGenerator(Backend):
    """A video backend. One file in generators/ and one line in the factory's table, or an entry point in the group
    `longtake.video_generators`.

    A backend never drops silently what was asked (a last frame, audio, a seed): it says so in `capabilities`, or
    refuses in `Capabilities.problems`.
    """

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """What it can do with these options and this film."""

    def quote(self, seconds: float, *, audio: bool = False) -> Quote:
        """What a clip of so many seconds takes. Asks nobody."""
        return Quote()

    def variants(self) -> Sequence[VideoGenerator]:
        """The same backend with each of the models it could be asked for today, for a comparison. Asks nobody."""
        return (self,)

    async def serve(self, request: SegmentRequest, to: Path, report: Report, counter: Counter) -> None:
        """What a stage calls: as `generate`. A backend that charges buys at `counter`; the others have no use for it."""
        await self.generate(request, to, report)

    async def glance(self, purchase: Purchase, to: Path, report: Report, counter: Counter) -> None:
        """One look at a job that no clip of the run waits for: fetches and files what is ready, records what has failed.

        Raises StillOut when there is nothing to fetch yet, GenerationFailed when nothing will come of it.
        """
        raise StillOut(f"{self.name} knows no jobs")

    @abstractmethod
    async def generate(self, request: SegmentRequest, to: Path, report: Report) -> None:
        """Makes the clip of one segment and leaves a playable video at `to` (its name may end in .part: say `mp4`).

        Blocking work goes through `runtime.pools.in_thread`. Raises GenerationFailed when the clip cannot be made,
        with a reason a user understands.
        """
