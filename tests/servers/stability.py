"""Stands in for Stability's REST interface v2beta: generate, edit, control, the balance. Not for older ones or gRPC."""

from __future__ import annotations

import base64
import time
from collections import deque
from collections.abc import Sequence

from tests.servers.answering import AnsweringServer, Sale, picture_file
from tests.servers.billing_server import Latency, failure
from tests.servers.drawing import blurred
from tests.servers.faults import Faults, Struck
from tests.servers.ledger_of_bills import Job, Order
from tests.servers.loopback import Refused, Reply, Request
from tests.servers.multipart import read_parts
from tests.servers.stability_body import Unfit, Wanted, read_form
from tests.servers.stability_services import LARGEST_REQUEST, MICROS_PER_CREDIT, SERVICES

_NAMES = {400: "bad_request", 401: "unauthorized", 402: "payment_required", 403: "forbidden", 404: "not_found",
          413: "payload_too_large", 422: "unprocessable_entity", 429: "rate_limit_exceeded"}
_ROUTE = "/v2beta/stable-image/"
_ACCEPTED = ("image/*", "application/json", "*/*")


class StabilityServer(AnsweringServer):
    """Stability on this machine: `with StabilityServer(faults="filtered@1") as server: ... server.url, server.bills`.

    credits: the balance of the account, which goes down. rate: (requests, seconds): so many in so long, then 429.
    """

    def __init__(self, *, latency_s: Latency = 0.0, faults: Faults | str = "", api_key: str | None = None,
                 credits: float = 100_000, rate: tuple[int, float] = (150, 10.0), port: int = 0, seed: int = 0) -> None:
        super().__init__(latency_s=latency_s, faults=faults, api_key=api_key, port=port, seed=seed)
        self.credits = credits
        self.rate = rate
        self._lately: deque[float] = deque()

    @property
    def balance(self) -> float:
        """Credits left."""
        return self.credits - sum(bill.micros for bill in self.bills) / MICROS_PER_CREDIT

    def answer(self, request: Request) -> Reply:
        service = request.path.removeprefix(_ROUTE)
        if request.method == "POST" and request.path.startswith(_ROUTE) and service in SERVICES:
            return self._make(request, service)
        if (request.method, request.path) == ("GET", "/v1/user/balance"):
            self.check_key(request)
            self.strike("account_")
            return Reply(body=self.strange({"credits": self.balance}))
        return self.refusal(404, "the resource was not found")

    def refusal(self, status: int, message: str, retry_after_s: float | None = None) -> Reply:
        headers = {} if retry_after_s is None else {"Retry-After": f"{retry_after_s:g}"}
        return self._error(status, _NAMES.get(status, "internal_error"), [message], headers)

    def no_money(self) -> Reply:
        return self.refusal(402, "You lack sufficient credits to make this request. Please purchase more credits.")

    def unfit(self, faults: Struck) -> Reply:
        return self._error(403, "content_moderation", ["Your request was flagged by our content moderation system, as a result "
                                                       "your request was denied and you were not charged."])

    def before_accepting(self, order: Order) -> None:
        if self.balance * MICROS_PER_CREDIT < order.most_micros:
            raise Refused(self.no_money())

    def kept_micros(self, job: Job) -> int:
        """A filtered picture is a generation that succeeded, says the documentation."""
        filtered = job.faults.get("filtered")
        return job.order.micros if filtered and filtered.settings.get("charged", 1) else 0

    def ways(self, request: Request) -> Sequence[str]:
        return ("moderated", "filtered", "failed", "other_format:webp", "wrong_size", "not_a_picture", "rgba", "html",
                "truncated")

    def _make(self, request: Request, service: str) -> Reply:
        parts = read_parts(request)
        words = {part.name: part.text for part in parts if part.name in ("prompt", "model")}
        model = words.get("model") or service.replace("/", "-")

        def sale(faults: Struck) -> Sale:
            self._throttle()
            if len(request.body) > LARGEST_REQUEST:
                raise Refused(self.refusal(413, "Your request was larger than 10MiB."))
            if request.headers.get("accept", "*/*") not in _ACCEPTED:
                raise Refused(self.refusal(400, "accept: must be image/* or application/json"))
            if not parts:
                raise Refused(self.refusal(400, "content-type: must be multipart/form-data"))
            try:
                wanted = read_form(service, parts, self.pictures)
            except Unfit as unfit:
                raise Refused(self._error(unfit.status, unfit.name, unfit.errors)) from unfit
            return Sale(wanted.order, lambda job: self._made(request, wanted, job))

        return self.sell(request, model, words.get("prompt", ""), sale)

    def _made(self, request: Request, wanted: Wanted, job: Job) -> Reply:
        if failure(job) or job.end == "cancelled":
            return self.refusal(500, "An unexpected server error has occurred, please try again later.")
        filtered = job.end == "filtered"
        finish = "CONTENT_FILTERED" if filtered else "SUCCESS"
        drawn = wanted.drawn()
        data, kind = picture_file(blurred(drawn) if filtered else drawn, wanted.kind, job.faults)
        if job.end == "empty":
            data = b""
        if request.headers.get("accept") == "application/json":
            body = {"image": base64.b64encode(data).decode(), "finish_reason": finish, "seed": wanted.seed}
            return Reply(200, self.strange(body), f"application/json; type=image/{kind}")
        about = {"finish-reason": finish, "seed": str(wanted.seed), "x-request-id": job.id}
        return Reply(200, data, f"image/{kind}", about)

    def _throttle(self) -> None:
        """Raises Refused (429) for more requests than the rate allows."""
        most, seconds = self.rate
        now = time.monotonic()
        with self.books.lock:
            while self._lately and self._lately[0] <= now - seconds:
                self._lately.popleft()
            if len(self._lately) >= most:
                raise Refused(self.refusal(429, f"You have made more than {most} requests in {seconds:g} seconds."))
            self._lately.append(now)

    def _error(self, status: int, name: str, errors: list[str], headers: dict[str, str] | None = None) -> Reply:
        return Reply(status, {"id": self.new_id().replace("-", ""), "name": name, "errors": errors}, headers=headers or {})
