"""A language model behind an address that speaks OpenAI's chat completions: ways of asking, one POST, its price. Keeps nothing.

The SDKs (openai, instructor) are loaded with the first question; their own retries are off.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from catalogue import Catalogue, LanguageModel
from config_model import PlannerSettings
from errors import BackendUnavailable, Problem
from language_model import replies
from language_model.question import M, Message, Question
from runtime import openai_client
from runtime.answers import Busy, Refused, Trouble
from runtime.http import certificates
from runtime.paid_call import Reply
from runtime.plain_text import one_line

if TYPE_CHECKING:
    import openai

PROVIDER = "openai"
BASE_URL = "https://api.openai.com/v1"
"""Said explicitly, so that a stray OPENAI_BASE_URL sends no key elsewhere."""
WAYS: tuple[replies.Parameter | str, ...] = ("tools", "json_schema", "json", "md_json")
"""In the order in which `auto` tries them."""
NO_KEY = "none"
"""What a server of one's own is sent in place of a key: the SDK wants one."""
LOOK_S = 30.0
"""How long a free call may take."""
MOST_LISTED = 6


@dataclass(frozen=True)
class Proof:
    """What free calls said. sure: whether that is enough for a question to be answered."""

    says: str
    sure: bool = True


@dataclass
class Endpoint:
    """One model at one address. What it was learned not to take is remembered for as long as this is in use.

    model: the id; None for what the settings or the catalogue say.
    """

    settings: PlannerSettings
    catalogue: Catalogue
    model: str = ""
    closed: str = ""
    """Why the account is served no more; empty while it is."""
    _not: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.model = self.model or self.settings.model or ("" if self.settings.base_url else self._usual)

    @property
    def _usual(self) -> str:
        vendor = self.catalogue.providers.get(PROVIDER)
        return (vendor.language_default if vendor else None) or ""

    # -- what is known of it -----------------------------------------------------------------------------------------------

    @cached_property
    def vendor(self) -> str:
        """Whose model it is, by the catalogue; empty where nobody knows it."""
        vendors = self.catalogue.providers
        first = [name for name in (PROVIDER, *vendors) if name in vendors]
        return next((name for name in first if vendors[name].known("language", self.model)), "")

    @cached_property
    def known(self) -> LanguageModel | None:
        """What the catalogue says of the model."""
        return self.catalogue.language(self.vendor, self.model) if self.vendor else None

    @property
    def free(self) -> bool:
        """Whether its answers cost nothing: the settings say so, or it is a model of one's own on this machine."""
        return self.settings.free or (self.known is None and _on_this_machine(self.settings.base_url))

    @property
    def name(self) -> str:
        """What the ledger calls the one who is asked: a vendor, or the host of another address."""
        return (urlsplit(self.settings.base_url).netloc if self.settings.base_url else "") or PROVIDER

    def most_out(self, wanted: int) -> int:
        """Tokens an answer may have: as many as wanted, as far as the model writes so many."""
        limit = self.known.output_limit if self.known else None
        return min(wanted, limit) if limit else wanted

    def bound_usd(self, tokens_in: int, tokens_out: int) -> Decimal | None:
        """The most an answer can cost; None where nobody knows the price."""
        if self.free:
            return Decimal(0)
        return self.known.usd(tokens_in, tokens_out) if self.known else None

    def bound_of(self, question: Question[M], complaints: Sequence[str] = ()) -> Decimal | None:
        """The most that one POST of a question can cost; None where nobody knows."""
        return self.bound_usd(question.most_in(complaints), self.most_out(question.most_out))

    def mistakes(self) -> Iterator[Problem]:
        """What is wrong with the model's name, as far as the files show."""
        if not self.model:
            yield Problem("planner.model", "is not said", "with base_url, say which of its models is meant")
        elif not self.settings.base_url and not self.settings.free:
            said = self.catalogue.verdict(PROVIDER, self.model, date.today(), "language")
            if said:
                yield Problem("planner.model", said)

    def problems(self) -> Iterator[Problem]:
        """Why it cannot be asked here and now."""
        if not self.settings.base_url and not self._key:
            yield Problem("planner.api_key", "is missing",
                          "set OPENAI_API_KEY in the environment or in .env beside the config, or write it here")
        if not (self._key.isascii() and self._key.isprintable() and " " not in self._key):
            yield Problem("planner.api_key", "holds a space, a line break or a sign that no key has", "copy it anew")

    @property
    def _key(self) -> str:
        return self.settings.api_key.get_secret_value() if self.settings.api_key else ""

    # -- whether it could be asked -----------------------------------------------------------------------------------------

    async def prove(self) -> Proof:
        """Free calls: the model's own entry, else the list of a server's models. Raises BackendUnavailable."""
        if lacking := list(self.problems()):
            raise BackendUnavailable(lacking)
        try:
            with openai_client.translated([self._key]):
                async with self._sdk() as client:
                    return await self._proven(client.with_options(timeout=min(LOOK_S, self.settings.timeout)))
        except (Refused, Busy, Trouble) as no:
            raise BackendUnavailable([Problem("planner", f"it does not let us in: {no}")]) from no

    async def _proven(self, client: openai.AsyncOpenAI) -> Proof:
        import openai

        try:
            await client.models.retrieve(self.model)
            return Proof(f"{'it answers' if self.settings.base_url else 'the key is good'} and {self.model} is there")
        except openai.NotFoundError:
            if not self.settings.base_url:
                raise
        try:
            listed = [one.id for one in (await client.models.list()).data]
        except openai.NotFoundError:
            return Proof(f"it answers, and does not say which models it has, {self.model} or others", sure=False)
        if self.model in listed:
            return Proof(f"it answers and {self.model} is there")
        named = ", ".join(one_line(one) for one in listed[:MOST_LISTED]) or "none"
        return Proof(f"it answers, and {self.model} is not among its models ({named}): some servers answer all the same, with "
                     "the one they have", sure=False)

    # -- ways of asking ----------------------------------------------------------------------------------------------------

    @property
    def way(self) -> str:
        """How it is asked now: as the settings say, or the first way it has not objected to."""
        if self.settings.mode != "auto":
            return self.settings.mode
        return next((way for way in WAYS if way not in self._not), WAYS[-1])

    def learned(self, parameter: str) -> bool:
        """It does not take this. False when there is no other way left."""
        if parameter in self._not:  # somebody who asked at the same time has learned it already
            return True
        self._not.add(parameter)
        if parameter.startswith("max_"):
            return not {"max_tokens", "max_completion_tokens"} <= self._not
        return self.settings.mode == "auto" and any(way not in self._not for way in WAYS)

    @property
    def _limit(self) -> str:
        """The name of the field that bounds an answer: OpenAI's later models know only one, most other servers the other."""
        names = ("max_tokens", "max_completion_tokens") if self.settings.base_url else ("max_completion_tokens", "max_tokens")
        return next((name for name in names if name not in self._not), names[0])

    # -- one POST ----------------------------------------------------------------------------------------------------------

    async def post(self, question: Question[M], messages: list[Message], way: str, most_out: int, *, once: bool) -> Reply:
        """One POST: the answer in its form, and what it cost. once: what is weak in it is told, too.

        Raises Refused, NotThisWay, Busy, Unfit, CutShort or another Spoilt; Trouble when the answer was lost.
        """
        answer, completion = await self._sent(question, messages, way, most_out)
        cost = replies.charged(completion, self.known, free=self.free)
        wrong = [*question.wrong(answer), *(question.weak(answer) if once else ())]
        if wrong:
            raise replies.Unfit(wrong[:replies.MOST_COMPLAINTS], cost)
        return Reply(replies.as_kept(answer), cost)

    async def _sent(self, question: Question[M], messages: list[Message], way: str, most_out: int) -> tuple[M, Any]:
        """The answer and the completion it came in. Nothing that Instructor raises gets out: it holds prompt and answer."""
        import instructor
        import openai
        from instructor.core.exceptions import InstructorError

        seen: list[Any] = []
        try:
            async with self._sdk() as client:
                asker: Any = instructor.from_openai(client, mode=instructor.Mode[way.upper()])
                asker.on("completion:response", seen.append)
                answer = await asker.chat.completions.create(
                    model=self.model, messages=messages, response_model=question.form, max_retries=0,
                    **{self._limit: most_out})
        except (InstructorError, openai.OpenAIError) as error:
            cause = error if isinstance(error, openai.OpenAIError) else error.__cause__
            problem = self._meaning(cause, seen, messages, way)
        except ValueError as error:  # a body that is no JSON at all
            problem = Trouble(f"what came cannot be read ({type(error).__name__})")
        else:
            if seen and (seen[-1].choices[0].finish_reason in ("length", "content_filter")):
                raise replies.spoilt(seen[-1], None, replies.charged(seen[-1], self.known, free=self.free), tools=False)
            return answer, seen[-1]
        raise problem from None

    def _meaning(self, cause: BaseException | None, seen: Sequence[Any], messages: list[Message], way: str) -> Exception:
        import openai

        if isinstance(cause, openai.OpenAIError):
            problem = replies.error(cause, messages)
            if isinstance(problem, Refused) and problem.account:
                self.closed = str(problem)
            return problem
        if seen:
            cost = replies.charged(seen[-1], self.known, free=self.free)
            return replies.spoilt(seen[-1], cause, cost, tools=way == "tools")
        return Trouble(f"no answer that counts ({type(cause).__name__})")

    def _sdk(self) -> openai.AsyncOpenAI:
        """A client for one question: an idle connection may be closing, and a POST would be lost in it."""
        import openai

        for name in ("instructor", "openai"):  # both log prompts and answers
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        client = openai.AsyncOpenAI(
            api_key=self._key or NO_KEY, base_url=self.settings.base_url or BASE_URL, max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(verify=certificates(), timeout=self.settings.timeout))
        client.organization = client.project = None  # from stray variables, and nobody else's business
        return client


def _on_this_machine(address: str | None) -> bool:
    host = urlsplit(address or "").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
