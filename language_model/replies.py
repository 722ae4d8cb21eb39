"""What a chat completion or an error of the SDK means for a purchase. Sends nothing; repeats no prompt and no answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ValidationError

from catalogue import LanguageModel
from runtime.answers import Offline, Refused, Trouble, verdict
from runtime.http import retry_after_s
from runtime.paid_call import Spoilt
from runtime.plain_text import gist

if TYPE_CHECKING:
    import openai

Parameter = Literal["tools", "json_schema", "json", "max_completion_tokens", "max_tokens"]
LONGEST_REASON = 240
MOST_COMPLAINTS = 12
_OVERLAP = 30
"""So many characters of a message that stand in the prompt, too, are the prompt repeated."""
_UNFIT = ("content_filter", "content_policy_violation", "moderation_blocked", "content_policy", "safety")
_NO_MONEY = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_WAYS: tuple[tuple[Parameter, re.Pattern[str]], ...] = (
    ("max_completion_tokens", re.compile(r"max_completion_tokens", re.IGNORECASE)),
    ("max_tokens", re.compile(r"max_tokens", re.IGNORECASE)),
    ("json_schema", re.compile(r"json_schema|grammar|guided|invalid schema", re.IGNORECASE)),
    ("json", re.compile(r"response_format|json_object", re.IGNORECASE)),
    ("tools", re.compile(r"\btools?\b|tool_choice|tool-call|function|jinja", re.IGNORECASE)),
)
_UNABLE = re.compile(r"support|requires?\b|unknown|unrecognized|unsupported|not allowed|not permitted|invalid|must be set|"
                     r"expected|cannot", re.IGNORECASE)


class NotThisWay(Refused):
    """The server does not take a way of asking (`tools`, `json_schema` ...): another may do."""

    def __init__(self, reason: str, parameter: Parameter) -> None:
        super().__init__(reason)
        self.parameter = parameter


class Unfit(Spoilt):
    """The answer came, was charged, and does not keep to the form. complaints: in words, for the model."""

    def __init__(self, complaints: Sequence[str], charged_usd: Decimal | None) -> None:
        super().__init__(f"the answer does not fit: {gist('; '.join(complaints), LONGEST_REASON)}", charged_usd=charged_usd)
        self.complaints = tuple(complaints)


class NoCall(Unfit):
    """The answer came in another form than it was asked for in: the server may not know that form."""


class CutShort(Spoilt):
    """The answer was longer than it may be."""

    def __init__(self, charged_usd: Decimal | None) -> None:
        super().__init__("the answer was cut off: it is longer than the model may answer", charged_usd=charged_usd)


def charged(completion: Any, model: LanguageModel | None, *, free: bool) -> Decimal | None:
    """What an answer cost by its own count of tokens; None where nobody knows."""
    if free:
        return Decimal(0)
    usage = getattr(completion, "usage", None)
    if usage is None or model is None or usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    details = getattr(usage, "prompt_tokens_details", None)
    return model.usd(usage.prompt_tokens, usage.completion_tokens, getattr(details, "cached_tokens", None) or 0)


def spoilt(completion: Any, cause: BaseException | None, charged_usd: Decimal | None, *, tools: bool) -> Exception:
    """Why an answer that came is of no use."""
    choices = getattr(completion, "choices", None)
    if choices is None:
        return Trouble("what came is no chat completion")
    if not choices:
        return Unfit(["there was no answer"], charged_usd)
    choice = choices[0]
    if choice.finish_reason == "length":
        return CutShort(charged_usd)
    if choice.finish_reason == "content_filter":
        return Spoilt("a filter held the answer back", charged_usd=charged_usd, refusal="output")
    if getattr(choice.message, "refusal", None):
        return Spoilt("the model says that it will not answer this", charged_usd=charged_usd, refusal="output")
    if tools and not choice.message.tool_calls:
        return NoCall(["the answer has to be a call of the tool"], charged_usd)
    if isinstance(cause, ValidationError):
        return Unfit(complaints(cause), charged_usd)
    return Unfit(["the answer is no JSON of the form that was asked for"], charged_usd)


def complaints(error: ValidationError) -> list[str]:
    """What is wrong with an answer's form: where, and pydantic's words without what was answered."""
    told = error.errors(include_input=False, include_url=False, include_context=False)
    places = ((gist(".".join(str(part) for part in one["loc"]), 60), gist(one["msg"], 120)) for one in told)
    return [f"{where}: {what}" if where else what for where, what in places][:MOST_COMPLAINTS]


def error(problem: openai.OpenAIError, sent: Sequence[dict[str, Any]]) -> Exception:
    """What the SDK raised, as a purchase understands it. No word of what was sent is repeated."""
    import httpx2
    import openai

    if not isinstance(problem, openai.APIStatusError):
        if isinstance(problem.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
            return Offline(f"nothing was sent ({type(problem.__cause__).__name__})")
        return Trouble({"APITimeoutError": "no answer came in time", "APIConnectionError": "the connection broke off"}.get(
            type(problem).__name__, type(problem).__name__))
    body = problem.body if isinstance(problem.body, dict) else {}
    code, kind, words = (str(body.get(key) or "") for key in ("code", "type", "message"))
    reason = f"HTTP {problem.status_code}{f' {gist(code, 40)}' if code else ''}: {_harmless(words, sent)}"
    if code in _NO_MONEY or kind in _NO_MONEY:
        return Refused(f"the account has no credit left ({reason})", account=True)
    if problem.status_code in (400, 403, 422) and (code in _UNFIT or kind in _UNFIT):
        return Refused(reason, refusal="input")
    parameter = _parameter(problem.status_code, words, str(body.get("param") or ""))
    if parameter is not None:
        return NotThisWay(reason, parameter)
    return verdict(problem.status_code, reason, retry_after_s=retry_after_s(problem.response.headers))


def _parameter(status: int, words: str, parameter: str) -> Parameter | None:
    """Which way of asking an error objects to. llama.cpp says it with a 500, Ollama, vLLM and others with a 400."""
    if status not in (400, 404, 422, 500, 501) or not (parameter or _UNABLE.search(words)):
        return None
    return next((name for name, pattern in _WAYS if pattern.search(f"{words} {parameter}")), None)


def _harmless(words: str, sent: Sequence[dict[str, Any]]) -> str:
    """An error's words, unless they repeat what was sent."""
    texts = "\n".join(_texts(sent))
    told = gist(words, LONGEST_REASON) or "no reason is given"
    for at in range(0, max(1, len(words) - _OVERLAP), 5):
        piece = words[at:at + _OVERLAP]
        if len(piece) == _OVERLAP and (piece in texts or piece in json.dumps(texts)):
            return "its words repeat what was sent"
    return told


def _texts(sent: Sequence[dict[str, Any]]) -> Iterator[str]:
    for message in sent:
        content = message["content"]
        yield from [content] if isinstance(content, str) else (part.get("text", "") for part in content)


def as_kept(answer: BaseModel) -> bytes:
    """An answer as it is kept: the JSON of its form, what it left out left out."""
    return answer.model_dump_json(indent=1, exclude_unset=True).encode("utf-8")
