"""Stands in for Runway's API of version 2024-11-06: tasks, uploads, the organization, the CDN. Not its prices of tomorrow."""

from __future__ import annotations

import re
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.servers.billing_server import BillingServer, Latency, failure
from tests.servers.faults import Faults
from tests.servers.ledger_of_bills import ENDS, Job, Order, Phase
from tests.servers.loopback import Refused, Reply, Request
from tests.servers.multipart import read_form
from tests.servers.runway_body import MICROS_PER_CREDIT, Issue, read_order
from tests.servers.runway_models import MODELS, RunwayModel

VERSION = "2024-11-06"
DOCS = "https://docs.dev.runwayml.com/api"
_STATUS: Mapping[Phase, str] = {"waiting": "THROTTLED", "queued": "PENDING", "running": "RUNNING", "unheard_of": "DREAMING",
                                "succeeded": "SUCCEEDED",
                                "empty": "SUCCEEDED", "failed": "FAILED",
                                "filtered": "FAILED", "cancelled": "CANCELLED"}


class RunwayServer(BillingServer):
    """Runway on this machine: `with RunwayServer(latency_s=0.02, faults="429@1") as server: ... server.url, server.bills`.

    credits: the balance of the account, which goes down. concurrent, daily: the tier's limits for every model.
    models: further models, or others in place of those of `runway_models`.
    """

    def __init__(self, *, latency_s: Latency = 0.02, faults: Faults | str = "", credits: int = 1_000_000,
                 concurrent: int | None = 20, daily: int | None = 5000, models: Mapping[str, RunwayModel] | None = None,
                 api_key: str | None = None, address_lives_s: float = 86_400.0, port: int = 0, seed: int = 0) -> None:
        super().__init__(latency_s=latency_s, faults=faults, api_key=api_key, concurrent=concurrent,
                         address_lives_s=address_lives_s, port=port, seed=seed)
        self.credits = credits
        self.daily = daily
        self.models = {**MODELS, **(models or {})}
        self._uploads: dict[str, bytes] = {}

    @property
    def balance(self) -> int:
        """Credits left: what runs is held back at its estimate, what has ended at what it cost."""
        return self.credits - sum(bill.micros for bill in self.bills) // MICROS_PER_CREDIT

    def answer(self, request: Request) -> Reply:
        if request.method == "GET" and (found := re.fullmatch(r"/cdn/([\w-]+)\.mp4", request.path)):
            return self._cdn(found[1], request.query.get("_jwt", ""))
        if (request.method, request.path) == ("POST", "/s3/upload"):
            return self._store(request)
        if request.headers.get("x-runway-version") != VERSION:
            return self.refusal(400, f"The X-Runway-Version header is missing or is not {VERSION}.")
        if (request.method, request.path) == ("POST", "/v1/image_to_video"):
            return self._create_task(request)
        self.check_key(request)
        if (request.method, request.path) == ("POST", "/v1/uploads"):
            self.strike("upload_")
            return self._open_upload(request)
        if (request.method, request.path) == ("GET", "/v1/organization"):
            self.strike("account_")
            return Reply(body=self.strange(self._organization()))
        if found := re.fullmatch(r"/v1/tasks/([\w-]+)", request.path):
            return self._task(request.method, found[1])
        return self.refusal(404, "Not found.")

    def refusal(self, status: int, message: str, retry_after_s: float | None = None) -> Reply:
        headers = {} if retry_after_s is None else {"Retry-After": f"{retry_after_s:g}"}
        return Reply(status, {"error": message, "docUrl": DOCS}, headers=headers)

    def no_money(self) -> Reply:
        return self.refusal(400, "You do not have enough credits to run this task.")

    # creating

    def _create_task(self, request: Request) -> Reply:
        body = request.json()
        issues: list[Issue] = []

        def read() -> Order:
            order = read_order(body, self.models, self._uploads, self.pictures, issues)
            if order is None:
                raise Refused(Reply(400, {"error": "Validation of body failed", "issues": issues, "docUrl": DOCS}))
            return order

        return self.create(request, str(body.get("model", "")), str(body.get("promptText", "")), read, self._accepted)

    def before_accepting(self, order: Order) -> None:
        if self.balance * MICROS_PER_CREDIT < order.most_micros:
            raise Refused(self.no_money())
        if self.daily is not None and self._today()[order.model] >= self.daily:
            raise Refused(self.refusal(429, "You have reached the number of generations per day for this model."))

    def _accepted(self, job: Job) -> dict[str, Any]:
        reply: dict[str, Any] = {"id": job.id, "estimatedCost": {"credits": job.order.most_micros // MICROS_PER_CREDIT}}
        for name, fault in (("id", "no_id"), ("estimatedCost", "no_estimate")):
            if fault in job.faults:
                del reply[name]
        return reply

    def kept_micros(self, job: Job) -> int:
        """What input moderation stops is charged, says the documentation; an empty success is a success."""
        fault = failure(job)
        unfit = fault is not None and (fault.kind == "filtered_input" or fault.value.startswith("SAFETY.INPUT"))
        return job.order.micros if unfit or job.end == "empty" else super().kept_micros(job)

    # looking

    def _task(self, method: str, name: str) -> Reply:
        job = self.books.job(name)
        if job is None:
            return self.refusal(404, "A task with that ID could not be found.")
        if method == "DELETE":
            self.cancel(job)
            return Reply(204)
        phase = self.look(job)
        now = time.monotonic()
        body: dict[str, Any] = {"id": job.id, "createdAt": self.stamp(job.accepted_at), "status": _STATUS[phase]}
        if phase not in ENDS:
            body["estimatedCost"] = {"credits": job.order.most_micros // MICROS_PER_CREDIT}
        elif "no_cost" not in job.faults:
            body["cost"] = {"credits": job.micros(now) // MICROS_PER_CREDIT}
        if phase == "running":
            body["progress"] = job.progress(now)
        elif phase == "succeeded":
            body["output"] = [f"{self.url}/cdn/{job.id}.mp4?_jwt={self.new_address(job)}"]
        elif phase == "empty":
            body["output"] = []
        elif phase in ("failed", "filtered"):
            body |= _why(job)
        return Reply(body=self.strange(body))

    def _cdn(self, name: str, token: str) -> Reply:
        job = self.books.job(name)
        if job is None or not token.isdigit():
            return Reply(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml")
        self.check_address(job, int(token))
        return self.deliver(job)

    def _organization(self) -> dict[str, Any]:
        limits = {"maxConcurrentGenerations": self.concurrent, "maxDailyGenerations": self.daily}
        today = self._today()
        return {"creditBalance": self.balance,
                "tier": {"maxMonthlyCreditSpend": 10_000_000, "models": {name: limits for name in self.models}},
                "usage": {"models": {name: {"dailyGenerations": today[name]} for name in self.models}}}

    def _today(self) -> Counter[str]:
        """Jobs accepted per model; the server does not live for a day."""
        return Counter(job.order.model for job in self.jobs)

    # uploads

    def _open_upload(self, request: Request) -> Reply:
        if request.json().get("type") != "ephemeral" or not request.json().get("filename"):
            return self.refusal(400, "Validation of body failed")
        name = str(uuid.uuid4())
        self._uploads[name] = b""
        return Reply(body=self.strange({"uploadUrl": f"{self.url}/s3/upload", "fields": {"key": name},
                                        "runwayUri": f"runway://{name}"}))

    def _store(self, request: Request) -> Reply:
        form = read_form(request)
        name = form.get("key", b"").decode(errors="replace")
        if name not in self._uploads or "file" not in form:
            return Reply(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml")
        self._uploads[name] = form["file"]
        return Reply(204)


def _why(job: Job) -> dict[str, str]:
    if job.end == "filtered":
        return {"failure": "The generated video was withheld by content moderation.", "failureCode": "SAFETY.OUTPUT.VIDEO"}
    fault = failure(job)
    code = fault.value if fault else ""
    if fault and fault.kind == "filtered_input":
        code = code or "SAFETY.INPUT.TEXT"
    why = {"failure": "The task could not be finished."}
    return {**why, "failureCode": code} if code else why
