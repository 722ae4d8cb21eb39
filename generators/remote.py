"""A video backend that is asked over the network and paid by the clip: what an adapter writes. Names no provider.

An adapter says how one job is submitted, looked at and downloaded. That it is bought once, remembered, waited for,
fetched whole and settled is done here and in `remote_jobs`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from catalogue import Kind, Price, Shape, VideoModel
from generators.remote_jobs import Errand
from generators.remote_poller import account, poller_of
from generators.remote_protocol import JobState, RemoteJob
from media.film_format import FilmFormat, Size
from runtime.money import dollars
from runtime.purchases import Purchase
from runtime.till import Counter
from storyboard import Camera
from vendors.remote_backend import RemoteBackend
from video_generator_interface import (
    BackendOptions,
    Capabilities,
    Durations,
    Quote,
    Report,
    SegmentRequest,
    Terms,
    VideoGenerator,
)


class RemoteVideoGenerator(RemoteBackend, VideoGenerator):
    """A model behind a provider's API, bought clip by clip: one `submit` is one POST."""

    sells: ClassVar[Kind] = "video"

    def __init__(self, options: BackendOptions, film: FilmFormat, terms: Terms | None = None) -> None:
        super().__init__(options, film, terms)
        self.poller = poller_of(account(self.provider, options))

    @abstractmethod
    async def submit(self, request: SegmentRequest) -> RemoteJob:
        """One POST. Raises Refused, Busy or Trouble; anything else it raises counts as a lost answer."""

    @abstractmethod
    async def poll(self, job: RemoteJob) -> JobState:
        """One look at a job; may be repeated freely. Raises Trouble or Busy to be asked again, Refused when it never will
        be answered (the provider knows no such job, the key is wrong)."""

    @abstractmethod
    async def download(self, job: RemoteJob, state: JobState, to: Path) -> None:
        """Fetches the clip of a job that succeeded; may be repeated freely. Raises AddressExpired or Trouble."""

    async def witness(self) -> Mapping[str, Any]:
        """What the provider's books say now (credits, counters): evidence, should the answer to a POST be lost."""
        return {}

    def judge(self, purchase: Purchase, before: Mapping[str, Any], after: Mapping[str, Any], own: Mapping[str, Any]) -> str:
        """What the books around a lost POST say, in words; `own` is what this ledger itself bought in that window.

        Empty where this provider's books say nothing.
        """
        return ""

    @property
    def model_version(self) -> str:
        """The model's id, as the provider calls it: the options' own, else the default of the catalogue."""
        return getattr(self.options, "model_version", None) or self.vendor.default or ""

    def variants(self) -> Sequence[VideoGenerator]:
        if "model_version" not in type(self.options).model_fields:
            return (self,)
        asked = [self.options.model_copy(update={"model_version": model.id})
                 for model in self.terms.catalogue.live(self.provider, date.today())]
        return [type(self)(options, self.film, self.terms) for options in asked]

    @cached_property
    def model(self) -> VideoModel:
        """What the catalogue says of the model. Raises LookupError when it knows none of this name."""
        return self.terms.catalogue.video(self.provider, self.model_version)

    @cached_property
    def shape(self) -> Shape | None:
        """The shape of picture that is asked for, for this film; None when the model makes none of this aspect."""
        return self.model.shape_for(self.film.size)

    @property
    def poll_s(self) -> float:
        """Seconds between two looks at a job: as the settings say, never less than the provider wants."""
        return max(self.model.poll_s, self.terms.poll_s or 0.0)

    @property
    def durations(self) -> Durations:
        """The lengths that may be asked for."""
        return Durations(self.model.choices, self.model.least_s, self.model.most_s, self.model.step_s)

    @property
    def capabilities(self) -> Capabilities:
        model = self.model
        return Capabilities(
            durations=self.durations, delivers=self.shape.size if self.shape else None,
            frames=model.frames, fps=model.fps, last_frame=model.last_frame, audio=model.audio != "never", seed=model.seed,
            negative_prompt=model.negative_prompt, prompt_limit=model.prompt_limit, prompt_unit=model.prompt_unit,
            language=model.language, tends_to_cut=model.tends_to_cut, problems=self.request_problems)

    def request_problems(self, request: SegmentRequest) -> Iterator[str]:
        """What the model cannot do of one request; adapters add joint rules of their own."""
        if self.shape is None:
            made = ", ".join(dict.fromkeys(str(shape.size) for shape in self.model.shapes))
            yield f"{self.model_version} makes no film of {request.size} (it makes {made})"
        if self.model.prompt == "required" and not request.prompt.strip():
            yield f"{self.model_version} needs a prompt"

    def identity(self) -> Mapping[str, Any]:
        """The model and the shape asked for are part of what a clip is; its price is not."""
        shape = [self.shape.ask, str(self.shape.size), self.shape.resolution] if self.shape else None
        return {**super().identity(), "shape": shape}

    def price(self, *, audio: bool) -> Price | None:
        """The line of the price list that holds for what would be asked; None when no price is known."""
        sound = self.model.audio == "always" or (audio and self.model.audio == "option")
        return self.model.price(audio=sound, resolution=self.shape.tier if self.shape else None)

    def quote(self, seconds: float, *, audio: bool = False) -> Quote:
        price = self.price(audio=audio)
        if price is None:
            return Quote(None, None, self.model.typical_s, basis=f"no price of {self.model_version} is known")
        return Quote(price.usd(seconds), price.most_usd(seconds), self.model.typical_s,
                     basis=f"{dollars(price.usd_per_second)} a second, {price.source}", as_of=price.as_of)

    async def serve(self, request: SegmentRequest, to: Path, report: Report, counter: Counter) -> None:
        """Buys the clip, or goes on with what was bought, and leaves it at `to`.

        Raises Moderated, BadOutput or another GenerationFailed after a verified failure; Unresolved when the answer to the
        POST was lost; StillOut when the job goes on at the provider; CapReached when there is no room for it.
        """
        await Errand(self, request, to, report, counter).run()

    async def glance(self, purchase: Purchase, to: Path, report: Report, counter: Counter) -> None:
        asked = purchase.asked
        backend = self._as_asked(purchase.model, str(asked.get("size", "")))
        request = SegmentRequest(
            segment=int(asked.get("segment", 0)), prompt=str(asked.get("prompt", "")), negative_prompt="", camera=Camera(),
            seconds=float(asked["seconds"]), size=backend.film.size, fps=backend.film.fps, first_frame=to, last_frame=None,
            audio=bool(asked.get("audio")), seed=int(asked.get("seed", 0)))
        await Errand(backend, request, to, report, counter, waits=False).run()

    def _as_asked(self, model: str, size: str) -> RemoteVideoGenerator:
        """This backend as it was when it asked for a clip of this model and size."""
        if (model, size) == (self.model_version, str(self.shape.size) if self.shape else ""):
            return self
        options = self.options.model_copy(update={"model_version": model})
        return type(self)(options, replace(self.film, size=Size.parse(size)) if size else self.film, self.terms)
