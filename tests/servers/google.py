"""Stands in for Google: generate_videos and pictures on Vertex and with a key, Omni's interactions, files. No chat models."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tests.servers.answering import AnsweringServer, Sale
from tests.servers.billing_server import Latency
from tests.servers.faults import Faults, Struck
from tests.servers.google_answers import answer, by_address, file_job, interaction, operation
from tests.servers.google_body import Invalid, omni_prompt, read_omni, read_veo
from tests.servers.google_images import Wanted, charged_micros, content, read_content, said
from tests.servers.google_models import IMAGES, OMNI, VEO
from tests.servers.ledger_of_bills import MICROS, Job, Order
from tests.servers.loopback import Refused, Reply, Request

_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
           429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED"}
_VERSION = r"/v1(?:alpha|beta1?)?"
_PLACE = r"(?:/projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+))?"
_VERTEX = ("/v1beta1/projects/", "/v1beta1/publishers/", "/v1/projects/", "/v1/publishers/")
_MODEL = r"(?:/publishers/google)?/models"


class GoogleServer(AnsweringServer):
    """Google's video and pictures on this machine: `with GoogleServer(latency_s=0.02, faults="filtered@1") as server: ...`.

    The routes with a project in their path are Vertex's: they want a bearer token and answer inline. budget_usd: what the
    account may still spend; None: no end.
    """

    def __init__(self, *, latency_s: Latency = 0.02, faults: Faults | str = "", budget_usd: Decimal | None = None,
                 concurrent: int | None = None, api_key: str | None = None, address_lives_s: float = 172_800.0,
                 port: int = 0, seed: int = 0) -> None:
        super().__init__(latency_s=latency_s, faults=faults, api_key=api_key, concurrent=concurrent,
                         address_lives_s=address_lives_s, port=port, seed=seed)
        self.budget_usd = budget_usd
        self._routes = [(re.compile(_VERSION + pattern), method, handler) for pattern, method, handler in (
            (_PLACE + _MODEL + r"/(?P<model>[^/:]+):predictLongRunning", "POST", self._predict),
            (_PLACE + _MODEL + r"/(?P<model>[^/:]+):generateContent", "POST", self._picture),
            (_PLACE + _MODEL + r"/(?P<model>[^/:]+):fetchPredictOperation", "POST", self._fetch),
            (r"/(?P<name>models/[^/:]+/operations/(?P<id>[\w-]+))", "GET", self._operation),
            (r"/files/(?P<file>[a-z0-9]+):download", "GET", self._download),
            (_PLACE + r"/interactions", "POST", self._interact),
            (_PLACE + r"/interactions/(?P<id>[\w-]+)(?P<cancel>/cancel)?", "", self._interaction),
            (_PLACE + _MODEL + r"(?:/(?P<model>[^/:]+))?", "GET", self._models),
        )]

    def answer(self, request: Request) -> Reply:
        for pattern, method, handler in self._routes:
            found = pattern.fullmatch(request.path)
            if found and method in ("", request.method):
                return handler(request, found.groupdict())
        return self.refusal(404, f"The requested URL {request.path} was not found on this server.")

    def refusal(self, status: int, message: str, retry_after_s: float | None = None) -> Reply:
        details: list[dict[str, Any]] = []
        headers: Mapping[str, str] = {}
        if retry_after_s is not None:
            details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_after_s:g}s"}]
            headers = {"Retry-After": f"{retry_after_s:g}"}
        error = {"code": status, "message": message, "status": _STATUS.get(status, "UNKNOWN"), "details": details}
        return Reply(status, {"error": error}, headers=headers)

    def no_money(self) -> Reply:
        return self.refusal(403, "This API method requires billing to be enabled. Please enable billing and try again.")

    def check_key(self, request: Request) -> None:
        """As Google has it: 401 on Vertex; on the Developer routes 403 without a key and 400 for a wrong one."""
        if request.path.startswith(_VERTEX) or (self._api_key is None and request.key):
            return super().check_key(request)
        if not request.key:
            raise Refused(self.refusal(403, "Method doesn't allow unregistered callers. Please use API Key."))
        if request.key != self._api_key:
            raise Refused(self.refusal(400, "API key not valid. Please pass a valid API key."))

    def before_accepting(self, order: Order) -> None:
        if self.budget_usd is not None and self.total_usd * MICROS + order.most_micros > self.budget_usd * MICROS:
            raise Refused(self.no_money())

    def kept_micros(self, job: Job) -> int:
        return charged_micros(job) if job.order.model in IMAGES else super().kept_micros(job)

    def ways(self, request: Request) -> Sequence[str]:
        if not request.path.endswith(":generateContent"):
            return super().ways(request)
        return ("filtered", "filtered_input", "empty", "failed", "other_format:webp", "wrong_size", "not_a_picture", "html",
                "truncated")

    # pictures

    def _picture(self, request: Request, path: dict[str, str | None]) -> Reply:
        body, model = request.json(), str(path["model"])

        def sale(faults: Struck) -> Sale:
            if model not in IMAGES:
                raise Refused(self.refusal(404, f"models/{model} is not found, or is not supported for generateContent."))
            try:
                wanted = read_content(body, model, IMAGES[model], self.pictures)
            except Invalid as error:
                raise Refused(self.refusal(400, str(error))) from error
            return Sale(wanted.order, lambda job: self._drawn(wanted, job))

        return self.sell(request, model, said(body), sale)

    def _drawn(self, wanted: Wanted, job: Job) -> Reply:
        if "failed" in job.faults or job.end == "cancelled":
            return self.refusal(500, "An internal error has occurred.")
        return Reply(body=self.strange(content(wanted, job)))

    # generate_videos

    def _predict(self, request: Request, path: dict[str, str | None]) -> Reply:
        body, model = request.json(), str(path["model"])
        instances = body.get("instances") or [{}]
        prompt = str(instances[0].get("prompt", "")) if isinstance(instances[0], dict) else ""

        def read() -> Order:
            if model not in VEO:
                raise Refused(self.refusal(404, f"models/{model} is not found, or is not supported for predictLongRunning."))
            try:
                return read_veo(body, model, VEO[model], bool(path["project"]), self.pictures)
            except Invalid as error:
                raise Refused(self.refusal(400, str(error))) from error

        def accepted(job: Job) -> dict[str, Any]:
            place = f"projects/{path['project']}/locations/{path['location']}/publishers/google/" if path["project"] else ""
            return {} if "no_id" in job.faults else {"name": f"{place}models/{model}/operations/{job.id}"}

        return self.create(request, model, prompt, read, accepted)

    def _fetch(self, request: Request, path: dict[str, str | None]) -> Reply:
        self.check_key(request)
        name = str(request.json().get("operationName", ""))
        return self._poll_operation(name, name.rpartition("/")[2], inline=True)

    def _operation(self, request: Request, path: dict[str, str | None]) -> Reply:
        self.check_key(request)
        return self._poll_operation(str(path["name"]), str(path["id"]), inline=False)

    def _poll_operation(self, name: str, number: str, *, inline: bool) -> Reply:
        job = self.books.job(number)
        if job is None:
            return self.refusal(404, f"Operation not found: {name}")
        phase = self.look(job)
        return answer(self, job, phase, inline=inline,
                      shape=lambda video: operation(self, job, phase, name, video, inline=inline))

    def _download(self, request: Request, path: dict[str, str | None]) -> Reply:
        self.check_key(request)
        number, address = file_job(str(path["file"]))
        job = self.books.job(number)
        if job is None:
            return self.refusal(403, "You do not have permission to access the File, or it may not exist.")
        self.check_address(job, address)
        return self.deliver(job)

    # interactions

    def _interact(self, request: Request, path: dict[str, str | None]) -> Reply:
        body = request.json()
        model = str(body.get("model", "")).removeprefix("models/")

        def read() -> Order:
            if model not in OMNI:
                raise Refused(self.refusal(404, f"Model {model} is not found."))
            try:
                return read_omni(body, model, OMNI[model], self.pictures)
            except Invalid as error:
                raise Refused(self.refusal(400, str(error))) from error

        def accepted(job: Job) -> dict[str, Any]:
            if not body.get("background"):
                self.pause(max(0.0, job.latency_s))
                phase = self.look(job)
                return interaction(self, job, phase, self.clip(job) if phase == "succeeded" else b"")
            reply = interaction(self, job, "running", b"")
            if "no_id" in job.faults:
                reply.pop("id")
            return reply

        return self.create(request, model, omni_prompt(body), read, accepted)

    def _interaction(self, request: Request, path: dict[str, str | None]) -> Reply:
        self.check_key(request)
        job = self.books.job(str(path["id"]))
        if job is None:
            return self.refusal(404, "Interaction not found.")
        if path["cancel"] or request.method == "DELETE":
            self.cancel(job)
        phase = self.look(job)
        return answer(self, job, phase, inline=not by_address(job),
                      shape=lambda video: interaction(self, job, phase, video))

    # what proves a key

    def _models(self, request: Request, path: dict[str, str | None]) -> Reply:
        self.check_key(request)
        self.strike("account_")
        known = [*VEO, *OMNI, *IMAGES]
        if path["model"] is None:
            return Reply(body=self.strange({"models": [_model(name) for name in known],
                                            "publisherModels": [_model(name) for name in known]}))
        if path["model"] not in known:
            return self.refusal(404, f"models/{path['model']} is not found.")
        return Reply(body=self.strange(_model(path["model"])))


def _model(name: str) -> dict[str, Any]:
    methods = ["predictLongRunning" if name in VEO else "interactions" if name in OMNI else "generateContent"]
    return {"name": f"models/{name}", "displayName": name, "version": "001", "supportedGenerationMethods": methods}
