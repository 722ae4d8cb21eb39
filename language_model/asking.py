"""Asks a question until its answer is usable, pays for each POST, and keeps the answer. Knows no form of answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import ValidationError

import attempts
from errors import BackendUnavailable, BadOutput, GenerationFailed, Moderated, Problem
from language_model import replies
from language_model.endpoint import Endpoint
from language_model.question import M, Question
from runtime import durable, paid_call
from runtime.answers import Refused
from runtime.paid_call import Call
from runtime.pools import in_thread
from runtime.purchases import Purchase
from runtime.run_store import RunStore, Wish
from runtime.till import Counter

SUFFIX = ".json"
MOST_WAYS = 8
"""More changes of the way of asking than there are ways."""
REFUSALS = 1
"""How often a question that the model would not answer is asked again."""


class TooLong(BadOutput):
    """The answer is longer than the model may answer: less has to be asked at once."""


@dataclass(frozen=True)
class Asked:
    """One question on its way: what was wrong so far, and how often it was asked."""

    complaints: tuple[str, ...] = ()
    times: int = 0
    refused: int = 0


class Chat:
    """A language model as one run asks it. Every answer is a take of the run folder: one that is paid is found again."""

    def __init__(self, endpoint: Endpoint, run: RunStore) -> None:
        self.endpoint, self.run = endpoint, run
        self.settings = endpoint.settings

    async def ask(self, question: Question[M]) -> M:
        """The answer, usable: found again, or bought.

        Raises TooLong when less has to be asked at once; Moderated when the model or its vendor refuses; BadOutput when no
        answer fits; BackendUnavailable when the account is not served; Unresolved, StillOut and CapReached as purchases do.
        """
        wish = question.wish(self.endpoint.model)
        if (found := await in_thread(self._found, question, wish)) is not None:
            return found
        async with self.run.pool(f"words {self.endpoint.name}", self.settings.parallel).turn():
            return await self._until_usable(question, wish)

    def bound_usd(self, question: Question[M], complaints: Sequence[str] = ()) -> Decimal | None:
        """The most that one POST of it can cost; None where nobody knows."""
        return self.endpoint.bound_of(question, complaints)

    def _found(self, question: Question[M], wish: Wish) -> M | None:
        take = self.run.find(wish)
        if take is None:
            return None
        try:
            return question.form.model_validate_json((self.run.folder / take.path).read_bytes())
        except ValidationError:
            return None

    # -- until it is usable ------------------------------------------------------------------------------------------------

    async def _until_usable(self, question: Question[M], wish: Wish) -> M:
        counter, asked = self.run.till.counter(wish.node, wish.wanted), Asked()
        try:
            while True:
                try:
                    purchase = await self._in_some_way(question, wish, counter, asked)
                    return await self._kept(question, purchase, wish, counter)
                except GenerationFailed as failure:
                    asked = self._after(failure, asked, question)
        finally:
            counter.parted()

    def _after(self, failure: GenerationFailed, asked: Asked, question: Question[M]) -> Asked:
        """How it is asked again after a failure. Raises when it is not."""
        spoilt = failure.__cause__
        if isinstance(spoilt, replies.CutShort):
            raise TooLong(str(spoilt)) from None
        if isinstance(failure, Moderated):
            if failure.side != "output" or asked.refused >= REFUSALS:
                raise Moderated(f"{self.endpoint.model} refuses {question.node!r}: {failure}", side=failure.side,
                                advice="tell it in other words, or plan by rules with planner.provider: offline") from None
            again = Asked(asked.complaints, asked.times, asked.refused + 1)
        elif isinstance(spoilt, replies.Unfit) and asked.times < self.settings.reasks:
            again = Asked(spoilt.complaints, asked.times + 1, asked.refused)
        else:
            raise failure
        self.run.events.emit("note", question.about, f"asking again for {question.node.split()[-1]}: {failure}")
        return again

    async def _in_some_way(self, question: Question[M], wish: Wish, counter: Counter, asked: Asked) -> Purchase:
        """One answer, in the first way that the server takes."""
        for _ in range(MOST_WAYS):
            if self.endpoint.closed:
                raise _unserved(self.endpoint.closed)
            way = self.endpoint.way
            try:
                return await paid_call.bought(self._call(question, wish, way, asked), counter)
            except GenerationFailed as failure:
                self._learned(failure, way)
        raise GenerationFailed(f"{self.endpoint.model} takes none of the ways of asking for a form",
                               advice="planner.mode names one")

    def _learned(self, failure: GenerationFailed, way: str) -> None:
        """What the refusal says about the way of asking. Raises the failure where it says nothing."""
        no = failure.__cause__
        if isinstance(no, replies.NotThisWay) and self.endpoint.learned(no.parameter):
            return
        if isinstance(no, replies.NoCall) and self.settings.mode == "auto" and self.endpoint.learned(way):
            return
        if isinstance(no, Refused) and no.account:
            raise _unserved(str(no)) from None
        if isinstance(no, Refused) and no.refusal is None:
            raise BackendUnavailable([Problem("planner", f"{self.endpoint.model} does not take the question: {no}")],
                                     advice="see planner.model and planner.mode") from None
        raise failure

    def _call(self, question: Question[M], wish: Wish, way: str, asked: Asked) -> Call:
        most_out = self.endpoint.most_out(question.most_out)
        told = asked.complaints
        return Call(
            provider=self.endpoint.name, model=self.endpoint.model, bound_usd=self.bound_usd(question, told),
            asked={"question": wish.node, "instructions": question.prompt.sha256[:16], "way": way, "time": asked.times + 1,
                   "most_tokens": most_out},
            post=lambda: self.endpoint.post(question, question.messages(told), way, most_out, once=asked.times == 0),
            to=self.run.path("takes", wish.name, f"{wish.kind}-{wish.wanted[:16]}.answer{SUFFIX}"),
            run_folder=self.run.folder, stop=self.run.cancel.check)

    # -- kept --------------------------------------------------------------------------------------------------------------

    async def _kept(self, question: Question[M], purchase: Purchase, wish: Wish, counter: Counter) -> M:
        """The answer that was bought, in this run or in one before, as a take; only then it counts as paid."""
        try:
            answer = await in_thread(self._read, question, purchase, wish)
        except ValidationError as error:  # bought by an earlier version, or damaged by hand
            await attempts.useless(counter, "the answer that was kept cannot be read")
            raise BadOutput("the answer that was kept cannot be read") from replies.Unfit(replies.complaints(error), None)
        await attempts.paid_for(self.run, counter, purchase.sha256 or "")
        return answer

    def _read(self, question: Question[M], purchase: Purchase, wish: Wish) -> M:
        bought = self.run.folder / (purchase.path or "")
        answer = question.form.model_validate_json(bought.read_bytes())
        part = self.run.part(wish, SUFFIX)
        durable.copy(bought, part)
        self.run.keep(wish, part, suffix=SUFFIX, made_by=f"{self.endpoint.name} {self.endpoint.model}")
        return answer


def _unserved(reason: str) -> BackendUnavailable:
    return BackendUnavailable([Problem("planner", f"the language model is not served: {reason}")],
                              advice="see the key (OPENAI_API_KEY, or planner.api_key), the credit and the model that planner: "
                                     "names")
