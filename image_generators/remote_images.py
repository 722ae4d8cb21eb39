"""An image backend that is asked over the network and paid by the picture: what an adapter writes. Names no provider.

An adapter says how one picture is asked for. That it is bought once, kept, settled and found again is done here.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from catalogue import Asked, ImageModel, Kind
from errors import GenerationFailed, Problem
from image_generator_interface import ImageCapabilities, ImageGenerator, ImageRequest
from image_generators.request_parts import described, shown
from media.film_format import Size
from runtime import durable, paid_call
from runtime.answers import Refused
from runtime.paid_call import Call, Reply
from runtime.pools import in_thread
from runtime.till import Counter
from vendors.remote_backend import RemoteBackend
from video_generator_interface import JSON, Progress, Quote, Report

TYPICAL_PICTURES, TYPICAL_PROMPT = 2, "x" * 1500
"""What an estimate reckons with: a character and a place to go by, and a prompt of a dozen lines."""
NO_SEED_BEYOND = 2**31 - 1


class RemoteImageGenerator(RemoteBackend, ImageGenerator):
    """A model behind a provider's API, bought picture by picture: one `draw` is one POST."""

    sells: ClassVar[Kind] = "image"
    framed: ClassVar[bool] = False

    # -- what an adapter says ----------------------------------------------------------------------------------------------

    @property
    def model_version(self) -> str:
        """The model's id, as the provider calls it: the options' own, else the default of the catalogue."""
        return getattr(self.options, "model_version", None) or self.vendor.image_default or ""

    @abstractmethod
    async def draw(self, request: ImageRequest) -> Reply:
        """One POST, and the picture it is answered with, as an RGB PNG (`request_parts.as_png`).

        Raises Refused, Busy or Spoilt; anything else it raises counts as a lost answer.
        """

    @property
    def quality(self) -> str | None:
        """The quality that is asked for; None where nothing is said of it."""
        return None

    @property
    def elsewhere(self) -> bool:
        """Whether a server of the user's own choice is asked: its models need not be in the catalogue."""
        return False

    # -- what it can do ----------------------------------------------------------------------------------------------------

    @cached_property
    def model(self) -> ImageModel | None:
        """What the catalogue says of the model; None when it knows none of this name."""
        try:
            return self.terms.catalogue.image(self.provider, self.model_version)
        except LookupError:
            return None

    @property
    def capabilities(self) -> ImageCapabilities:
        """What the catalogue says of the model. One that nobody knows makes any size, and is shown no pictures."""
        if self.model is None:
            return ImageCapabilities(seed=False, negative_prompt=False)
        model = self.model
        return ImageCapabilities(
            sizes=model.sizes_for(self.film.size), references=model.references, edits=model.edits, outpaints=model.outpaints,
            seed=model.seed, negative_prompt=model.negative_prompt, prompt_limit=model.prompt_limit,
            prompt_unit=model.prompt_unit)

    def mistakes(self) -> Iterator[Problem]:
        """What is wrong with the model's name or the quality: unknown, or retired, with what replaced it."""
        wrong = [] if self.elsewhere and self._unheard_of() else list(super().mistakes())
        yield from wrong
        if not wrong and self.model is not None and self.quality not in (None, "auto", *self.model.qualities):
            known = ", ".join(self.model.qualities)
            yield self.problem("quality", f"{self.model_version} knows no quality {self.quality}",
                               f"it knows {known}" if known else "leave it out")

    def _unheard_of(self) -> bool:
        """Whether no vendor has, or had, a model of this name."""
        return self.terms.catalogue.image_provider_of(self.model_version) is None

    def warnings(self) -> Iterator[str]:
        if self.model is not None:
            yield from super().warnings()
        elif self._unheard_of():
            yield (f"{self.model_version}: nothing is known of it, so its price is not; describe it in "
                   f"catalogue.{self.provider}.image.{self.model_version} of the config")

    def identity(self) -> Mapping[str, JSON]:
        """The quality as it is asked for, also where we chose it."""
        return {**super().identity(), "quality": self.quality}

    # -- what it costs -----------------------------------------------------------------------------------------------------

    def quote(self) -> Quote:
        size = self.capabilities.nearest(self.film.size)
        pictures = min(TYPICAL_PICTURES, self.capabilities.references)
        return self._quoted(Asked(size, self.quality, pictures=pictures, prompt=TYPICAL_PROMPT))

    def quote_for(self, request: ImageRequest) -> Quote:
        """What just this picture takes."""
        return self._quoted(self._priced(request))

    def _quoted(self, asked: Asked) -> Quote:
        said = self.model.basis(asked) if self.model else None
        if self.model is None or said is None:
            return Quote(None, None, basis=f"no price of {self.model_version} is known")
        return Quote(self.model.usd(asked), self.model.most_usd(asked), self.model.typical_s, basis=said.source,
                     as_of=said.as_of)

    def _priced(self, request: ImageRequest) -> Asked:
        pictures = shown(request, self.capabilities.references)
        return Asked(request.size, self.quality, "edit" if request.edit else "generate", len(pictures), self.words(request))

    def words(self, request: ImageRequest) -> str:
        """The prompt as it is sent. Raises Refused when it is longer than the model reads."""
        can = self.capabilities
        text = described(request, shown(request, can.references), avoid=not can.negative_prompt)
        length = {"characters": len(text), "utf16": len(text.encode("utf-16-le")) // 2, "bytes": len(text.encode())}
        if can.prompt_limit is not None and length[can.prompt_unit] > can.prompt_limit:
            raise Refused(f"the prompt has {length[can.prompt_unit]} {can.prompt_unit}, {self.model_version} reads at most "
                          f"{can.prompt_limit}")
        return text

    # -- buying it ---------------------------------------------------------------------------------------------------------

    async def serve(self, request: ImageRequest, to: Path, report: Report, counter: Counter) -> None:
        """Buys the picture, or takes up what was bought, and leaves it at `to`.

        Raises Moderated, BadOutput or another GenerationFailed after a verified failure; Unresolved when the answer was lost
        and is too dear to be asked for again; StillOut while the provider takes nothing; CapReached when there is no room.
        """
        if self.closed and await in_thread(counter.live) is None:
            raise GenerationFailed(self.closed, advice=self.remedy)
        try:
            call = await in_thread(self._call, request, to, report, counter)
        except (Refused, OSError) as no:
            raise GenerationFailed(str(no)) from no
        try:
            purchase = await paid_call.bought(call, counter)
        except GenerationFailed as failed:
            failed.advice = failed.advice or self.remedy
            raise
        await in_thread(durable.link, call.run_folder / (purchase.path or ""), to)

    def _call(self, request: ImageRequest, to: Path, report: Report, counter: Counter) -> Call:
        async def post() -> Reply:
            if self.closed:
                raise Refused(self.closed, account=True)
            try:
                with self.translated():
                    return self._settled(await self.draw(request), request)
            except Refused as no:
                self.refused(no)
                raise

        kept = to.parent / f"bought-{counter.wanted[:12]}-{len(counter.history()) + 1}.png"
        return Call(provider=self.name, model=self.model_version, asked=self._asked(request),
                    bound_usd=self.quote_for(request).most_usd, post=post, to=kept, run_folder=to.parent.parent.parent,
                    patience_s=self.terms.timeout_s, stop=lambda: report(Progress("asking")))

    def _settled(self, reply: Reply, request: ImageRequest) -> Reply:
        """Where the provider does not say what it charged, its price by the picture is what it charges."""
        if reply.charged_usd is not None or self.model is None or not self.model.prices:
            return reply
        return Reply(reply.content, self.model.usd(self._priced(request)), "prices")

    def _asked(self, request: ImageRequest) -> dict[str, Any]:
        """What the ledger keeps in the clear: words and the hashes of pictures, never the pictures.

        `prompt` is as the plan has it: `moderation` goes by that. `words` are what is sent.
        """
        pictures = shown(request, self.capabilities.references)
        asked: dict[str, Any] = {
            "prompt": request.prompt, "words": self.words(request), "size": str(request.size),
            "quality": self.quality, "keyframe": request.keyframe,
            "pictures": [{"shows": one.name, "sha256": durable.sha256_of(one.path)} for one in pictures],
            "price": self.quote_for(request).basis}
        if request.edit:
            asked["mask"] = durable.sha256_of(request.edit.mask)
        return asked


def seed_for(seed: int) -> int:
    """A seed within what providers take: 31 bits."""
    return seed & NO_SEED_BEYOND


def size_of(model: ImageModel | None, wanted: Size) -> Size:
    """The size that is really asked for: the wanted one where nothing is known of the model."""
    return model.size_for(wanted).size if model else wanted
