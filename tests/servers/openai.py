"""Stands in for OpenAI, and for local servers that speak like it: chat completions, images, models. No Responses API."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from tests.servers import openai_errors
from tests.servers.answering import AnsweringServer, Sale
from tests.servers.billing_server import Latency
from tests.servers.faults import Faults, Struck
from tests.servers.ledger_of_bills import MICROS, Job, Order
from tests.servers.loopback import Refused, Reply, Request
from tests.servers.multipart import Part, read_parts
from tests.servers.openai_chat import answer, completion, read_chat, said_by_user
from tests.servers.openai_images import Wanted, answered, cost, read_edit, read_generation
from tests.servers.openai_models import CHAT, IMAGES, ChatModel

SPEAKS = ("tools", "json_schema", "json_object", "max_completion_tokens", "max_tokens")
_FREE = ChatModel("0", "0", 8192, 32_768)
_BAD_WORDS = ("invalid_json", "broken_schema:missing", "broken_schema:type", "broken_schema:count", "broken_schema:empty",
              "cut_short", "refusal", "no_choices", "content_filter")
_BAD_PICTURES = ("moderated", "filtered", "empty", "other_format:webp", "wrong_size", "rgba", "not_a_picture", "html",
                 "truncated")


class OpenAIServer(AnsweringServer):
    """OpenAI on this machine: `with OpenAIServer(faults="429@1") as server: ... server.url, server.bills`.

    budget_usd: what the account may still spend; None: no end. local: no vendor but somebody's own server, as Ollama, vLLM or
    LocalAI are: every model is known, no key is needed, nothing costs anything. most_tokens: of one answer, where it is less
    than the model's own. speaks: what it does not refuse, of SPEAKS. ignores: what of it it takes no notice of. lists: the
    models it names, where it has no route for a single one (vLLM, llama.cpp). varied: the same words are drawn otherwise each
    time, as by the vendor.
    """

    def __init__(self, *, latency_s: Latency = 0.0, faults: Faults | str = "", api_key: str | None = None,
                 budget_usd: Decimal | None = None, local: bool = False, most_tokens: int | None = None,
                 speaks: Sequence[str] = SPEAKS, ignores: Sequence[str] = (), lists: Sequence[str] | None = None,
                 varied: bool = False, port: int = 0,
                 seed: int = 0) -> None:
        super().__init__(latency_s=latency_s, faults=faults, api_key=api_key, port=port, seed=seed)
        self.budget_usd = budget_usd
        self.local = local
        self.most_tokens = most_tokens
        self.speaks, self.ignores, self.lists = speaks, ignores, lists
        self.varied = varied
        self._files: dict[str, tuple[bytes, str]] = {}

    @property
    def url(self) -> str:
        """The base URL, as clients want it."""
        return super().url + "/v1"

    def answer(self, request: Request) -> Reply:
        match request.method, request.path:
            case "POST", "/v1/chat/completions":
                return self._chat(request)
            case "POST", "/v1/images/generations":
                return self._generate(request)
            case "POST", "/v1/images/edits":
                return self._edit(request)
            case "GET", path if path.startswith("/files/"):
                return self._file(path.removeprefix("/files/"))
            case "GET", path if found := re.fullmatch(r"/v1/models(?:/(.+))?", path):
                self.check_key(request)
                self.strike("account_")
                return self._models(found[1])
        return openai_errors.error(404, f"Invalid URL ({request.method} {request.path})", code="unknown_url")

    def refusal(self, status: int, message: str, retry_after_s: float | None = None) -> Reply:
        return openai_errors.error(status, message, retry_after_s=retry_after_s)

    def no_money(self) -> Reply:
        return openai_errors.no_money()

    def unfit(self, faults: Struck) -> Reply:
        fault = faults.get("moderated")
        return openai_errors.unfit(fault.value if fault else "", "input")

    def check_key(self, request: Request) -> None:
        if not self.local or self._api_key is not None:
            super().check_key(request)

    def before_accepting(self, order: Order) -> None:
        if self.budget_usd is not None and self.total_usd * MICROS + order.most_micros > self.budget_usd * MICROS:
            raise Refused(self.no_money())

    def kept_micros(self, job: Job) -> int:
        """An answer without words has been thought of all the same."""
        return job.order.micros if job.end == "empty" and not job.order.width else super().kept_micros(job)

    def ways(self, request: Request) -> Sequence[str]:
        return _BAD_WORDS if request.path.endswith("/completions") else _BAD_PICTURES

    # words

    def _chat(self, request: Request) -> Reply:
        body = request.json()
        name = str(body.get("model", ""))

        def sale(faults: Struck) -> Sale:
            model = self._chat_model(name)
            asked = read_chat(self._heard(body), model, self.pictures, local=self.local)
            said = answer(asked, faults)
            out = 0 if "no_choices" in faults else said.tokens
            micros = model.micros(asked.tokens_in, out)
            order = Order(name, asked.prompt, 0, 0, 0, asked.pictures, micros, micros,
                          parameters=(("schema", asked.name), ("tokens_in", asked.tokens_in), ("tokens_out", out)))
            return Sale(order, lambda job: self._made(job, lambda: completion(asked, said, job.faults, job.number)))

        return self.sell(request, name, said_by_user(body), sale)

    def _heard(self, body: dict[str, Any]) -> dict[str, Any]:
        """The request as this server understands it. Raises Refused for what it does not speak."""
        for name in ("tools", "response_format", "max_completion_tokens", "max_tokens"):
            way = str((body.get(name) or {}).get("type", "text")) if name == "response_format" else name
            if not body.get(name) or way == "text":
                continue
            if way not in self.speaks:
                raise openai_errors.invalid(f"{body.get('model')} does not support {way}", name, "unsupported_parameter")
            if way in self.ignores:
                body = {key: value for key, value in body.items() if key not in (name, "tool_choice")}
        return body

    def _chat_model(self, name: str) -> ChatModel:
        model = _FREE if self.local else CHAT.get(name)
        if model is None:
            raise openai_errors.no_model(name)
        most = min(model.most_out, self.most_tokens or model.most_out)
        return ChatModel(model.usd_in, model.usd_out, most, model.context, model.sees)

    # pictures

    def _generate(self, request: Request) -> Reply:
        body = request.json()
        return self._picture(request, str(body.get("model", "")), str(body.get("prompt", "")),
                             lambda: read_generation(body, local=self.local))

    def _edit(self, request: Request) -> Reply:
        parts = read_parts(request)
        model, prompt = (_field(parts, name) for name in ("model", "prompt"))
        return self._picture(request, model, prompt, lambda: read_edit(parts, self.pictures, local=self.local))

    def _picture(self, request: Request, model: str, prompt: str, read: Callable[[], Wanted]) -> Reply:
        def sale(faults: Struck) -> Sale:
            wanted = read()
            order = wanted.order(cost(wanted, local=self.local))
            return Sale(order, lambda job: self._made(job, lambda: answered(
                replace(wanted, start=job.number) if self.varied else wanted, job.faults, self._keep_file)))

        return self.sell(request, model, prompt, sale)

    def _made(self, job: Job, body: Callable[[], dict[str, Any]]) -> Reply:
        """The answer, or what is said where there is none."""
        if job.end == "filtered":
            fault = job.faults.get("filtered")
            return openai_errors.unfit(fault.value if fault else "", "output")
        if "filtered_input" in job.faults:
            return openai_errors.unfit("", "input")
        if job.end in ("failed", "cancelled"):
            return openai_errors.error(500, "The server had an error while processing your request.")
        return Reply(body=self.strange(body()), headers={"x-request-id": f"req_{job.number}"})

    def _keep_file(self, data: bytes, kind: str) -> str:
        name = f"{hashlib.sha256(data).hexdigest()[:20]}.{kind}"
        self._files[name] = (data, f"image/{kind}")
        return f"{super().url}/files/{name}"

    def _file(self, name: str) -> Reply:
        if name not in self._files:
            return Reply(404, b"not found", "text/plain")
        data, kind = self._files[name]
        return Reply(200, data, kind)

    # what proves a key

    def _models(self, name: str | None) -> Reply:
        known = [*CHAT, *IMAGES]
        if name is None:
            named = (["local"] if self.local else known) if self.lists is None else self.lists
            return Reply(body=self.strange({"object": "list", "data": [_model(one) for one in named]}))
        if self.lists is not None:
            return openai_errors.error(404, "Not Found")
        if not self.local and name not in known:
            raise openai_errors.no_model(name)
        return Reply(body=self.strange(_model(name)))


def _field(parts: Sequence[Part], name: str) -> str:
    return next((part.text for part in parts if part.name == name), "")


def _model(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": 1_790_000_000, "owned_by": "system"}
