"""Reads a chat request, has the story teller answer it, shapes the answer: tool call, JSON or code block. Has no routes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import cv2

from tests.servers.drawing import UInt8
from tests.servers.faults import Struck
from tests.servers.field_words import Teller
from tests.servers.ledger_of_bills import Picture
from tests.servers.openai_errors import invalid, unknown_parameter
from tests.servers.openai_models import ChatModel, seen, words
from tests.servers.pictures import NoPicture, PictureStore, from_data_uri
from tests.servers.planner_answers import told
from tests.servers.scenario import objects, read
from tests.servers.slips import found, plant
from tests.servers.spoilt_answers import broken, without

How = Literal["tool", "json", "block", "words"]
_FIELDS = {"model", "messages", "tools", "tool_choice", "parallel_tool_calls", "response_format", "temperature", "top_p",
           "seed", "max_tokens", "max_completion_tokens", "n", "stop", "user", "safety_identifier", "reasoning_effort",
           "verbosity", "store", "metadata", "service_tier", "frequency_penalty", "presence_penalty", "logprobs",
           "prompt_cache_key", "stream"}
REFUSAL = "I'm sorry, but I can't help with that request."


@dataclass(frozen=True)
class Asked:
    """One request, judged. texts: of every message, in their order. how: the shape of the answer."""

    model: str
    texts: tuple[str, ...]
    prompt: str
    schema: Mapping[str, Any] | None
    name: str
    how: How
    pictures: tuple[Picture, ...]
    shown: tuple[UInt8, ...]
    tokens_in: int
    most_out: int


@dataclass(frozen=True)
class Answer:
    """What the model says, and why it stopped. text None: nothing."""

    text: str | None
    finish: str
    refusal: str | None = None

    @property
    def tokens(self) -> int:
        return words(self.text or "") + words(self.refusal or "")


def said_by_user(body: Mapping[str, Any]) -> str:
    """The words of a request before it is judged."""
    messages = body.get("messages")
    mine = [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
    return "\n".join(text for one in mine if one.get("role") == "user" for text in _texts(one.get("content")))


def read_chat(body: Mapping[str, Any], model: ChatModel, store: PictureStore, *, local: bool) -> Asked:
    """Raises Refused."""
    for name in body:
        if name not in _FIELDS and not local:
            raise unknown_parameter(name)
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(one, dict) for one in messages):
        raise invalid("Invalid 'messages': a non-empty array of messages is expected.", "messages")
    if body.get("stream") or body.get("n", 1) != 1:
        raise invalid("This server answers whole, and once.", "stream")
    texts = tuple(text for one in messages for text in [*_texts(one.get("content")), *_calls(one)])
    shown = [_look(uri, number, model, store) for number, uri in enumerate(_images(messages), 1)]
    schema, name, how = _shape(body, texts)
    tokens = sum(words(text) + 4 for text in texts) + words(json.dumps(body.get("tools") or body.get("response_format") or ""))
    tokens += sum(seen(one.width, one.height) for one, _ in shown)
    if tokens > model.context:
        raise invalid(f"This model's maximum context length is {model.context} tokens, your messages resulted in {tokens}.",
                      "messages", "context_length_exceeded")
    most = body.get("max_completion_tokens") or body.get("max_tokens") or model.most_out
    return Asked(str(body.get("model")), texts, said_by_user(body), schema, name, how, tuple(one for one, _ in shown),
                 tuple(pixels for _, pixels in shown), tokens, min(int(most), model.most_out))


def answer(asked: Asked, faults: Struck) -> Answer:
    """What the model says, as well as the faults let it."""
    if "refusal" in faults:
        return Answer(None, "stop", REFUSAL)
    if "empty" in faults:
        return Answer("", "stop")
    scenario = read(asked.texts)
    if asked.schema is None:
        text = scenario.still(1, first=True)
    else:
        value = told(Teller(scenario, _scores(asked.shown), found(scenario)), asked.schema)
        if slip := faults.get("slip"):
            value = plant(slip.value, value, scenario)
        if spoilt := faults.get("broken_schema"):
            value = broken(spoilt.value, value, asked.schema)
        text = json.dumps(value, ensure_ascii=False)
    return _cut(asked, without(text, asked.how, faults), faults)


def completion(asked: Asked, said: Answer, faults: Struck, number: int) -> dict[str, Any]:
    """The body of the reply."""
    message: dict[str, Any] = {"role": "assistant", "content": said.text, "refusal": said.refusal}
    finish = said.finish
    if asked.how == "tool" and said.text is not None:
        call = {"id": f"call_{number}", "type": "function", "function": {"name": asked.name, "arguments": said.text}}
        message |= {"content": None, "tool_calls": [call]}
        finish = "tool_calls" if finish == "stop" else finish
    choice = {"index": 0, "finish_reason": finish, "logprobs": None, "message": message}
    body = {"id": f"chatcmpl-{number}", "object": "chat.completion", "created": 1_795_000_000, "model": asked.model,
            "choices": [] if "no_choices" in faults else [choice], "service_tier": "default"}
    return body if "no_cost" in faults else {**body, "usage": usage(asked, said, faults)}


def usage(asked: Asked, said: Answer, faults: Struck) -> dict[str, Any]:
    """Tokens, as they are billed."""
    overbill = faults.get("overbill")
    more = float(overbill.value) if overbill else 1.0
    into, out = round(asked.tokens_in * more), round((0 if "no_choices" in faults else said.tokens) * more)
    return {"prompt_tokens": into, "completion_tokens": out, "total_tokens": into + out,
            "prompt_tokens_details": {"cached_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": 0}}


def _cut(asked: Asked, text: str, faults: Struck) -> Answer:
    """The answer as far as it may go."""
    if "content_filter" in faults:
        return Answer(text[: len(text) // 4], "content_filter")
    if "cut_short" in faults:
        return Answer(text[: len(text) * 2 // 3], "length")
    if words(text) > asked.most_out:
        return Answer(text[: asked.most_out * 4], "length")
    return Answer(text, "stop")


def _shape(body: Mapping[str, Any], texts: Sequence[str]) -> tuple[Mapping[str, Any] | None, str, How]:
    """(schema, its name, how the answer comes)."""
    if tools := body.get("tools"):
        known = {tool["function"]["name"]: tool["function"] for tool in tools}
        choice = body.get("tool_choice", "auto")
        wanted = choice["function"]["name"] if isinstance(choice, dict) else next(iter(known))
        if wanted not in known:
            raise invalid(f"Tool choice '{wanted}' is not among the tools.", "tool_choice")
        if choice != "none":
            return known[wanted].get("parameters") or {}, wanted, "tool"
    form = body.get("response_format") or {}
    if form.get("type") == "json_schema":
        asked = form["json_schema"]
        if asked.get("strict"):
            _strict(asked["schema"])
        return asked["schema"], str(asked.get("name", "")), "json"
    written = [one for text in texts for one in objects(text) if "properties" in one]
    schema = written[-1] if written else None
    if form.get("type") == "json_object":
        if not any("json" in text.lower() for text in texts):
            raise invalid("'messages' must contain the word 'json' in some form, to use 'response_format' of type "
                          "'json_object'.", "messages")
        return schema or {"type": "object"}, "", "json"
    return schema, "", "block" if schema else "words"


def _strict(schema: Mapping[str, Any]) -> None:
    """What `strict: true` demands of a schema, at every level. Raises Refused."""
    for part in _objects_in(schema):
        if part.get("additionalProperties") is not False or set(part.get("required") or ()) != set(part["properties"]):
            raise invalid("Invalid schema for response_format: in strict mode 'additionalProperties' is required to be false, "
                          "and 'required' to list every key in properties.", "response_format", "invalid_json_schema")


def _objects_in(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("properties"), dict):
            yield value
        for inner in value.values():
            yield from _objects_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _objects_in(inner)


def _texts(content: object) -> list[str]:
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else []
    return [str(part.get("text", "")) for part in parts if isinstance(part, dict) and part.get("type") == "text"]


def _calls(message: Mapping[str, Any]) -> list[str]:
    """Answers of before that are shown again."""
    return [str(call["function"]["arguments"]) for call in message.get("tool_calls") or ()]


def _images(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for message in messages:
        for part in message["content"] if isinstance(message.get("content"), list) else ():
            if part.get("type") == "image_url":
                yield str((part.get("image_url") or {}).get("url", ""))


def _look(uri: str, number: int, model: ChatModel, store: PictureStore) -> tuple[Picture, UInt8]:
    if not model.sees:
        raise invalid("This model does not support image inputs.", "messages", "image_input_not_supported")
    if re.match("https?:", uri):
        raise invalid(f"Error while downloading {uri.partition('?')[0]}.", "messages", "invalid_image_url")
    try:
        return store.look(f"image {number}", from_data_uri(uri))
    except NoPicture as error:
        raise invalid(f"You uploaded an unsupported image: it {error}.", "messages", "invalid_image_format") from error


def _scores(shown: Sequence[UInt8]) -> list[float]:
    """How good each picture is, 0 to 1: the sharper the better, so that a blurred one always loses."""
    sharp = [float(cv2.Laplacian(cv2.cvtColor(one[..., :3], cv2.COLOR_RGB2GRAY), cv2.CV_64F).var()) for one in shown]
    return [round(one / (one + 60), 3) for one in sharp]
