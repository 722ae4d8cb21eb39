"""How OpenAI says no: the error object with its type and code, by status. Decides nothing."""

from __future__ import annotations

from typing import Any

from tests.servers.loopback import Refused, Reply

_TYPES = {401: "invalid_request_error", 403: "invalid_request_error", 404: "invalid_request_error", 429: "requests"}
_CODES = {401: "invalid_api_key", 403: "unsupported_country_region_territory", 404: "model_not_found",
          429: "rate_limit_exceeded"}
UNFIT = "Your request was rejected by the safety system. If you believe this is an error, write to us with the request ID."


def error(status: int, message: str, *, code: str | None = None, kind: str | None = None, param: str | None = None,
          retry_after_s: float | None = None, **more: Any) -> Reply:
    """An error reply; code and kind as is usual for the status."""
    kind = kind or _TYPES.get(status) or ("server_error" if status >= 500 else "invalid_request_error")
    body = {"message": message, "type": kind, "param": param, "code": code or _CODES.get(status), **more}
    headers = {} if retry_after_s is None else {"Retry-After": f"{retry_after_s:g}"}
    return Reply(status, {"error": body}, headers=headers)


def invalid(message: str, param: str | None = None, code: str | None = None) -> Refused:
    """A 400 about what was asked."""
    return Refused(error(400, message, param=param, code=code))


def unknown_parameter(name: str) -> Refused:
    return invalid(f"Unknown parameter: '{name}'.", name, "unknown_parameter")


def no_model(name: str, *, gone: bool = False) -> Refused:
    if gone:
        return Refused(error(404, f"The model `{name}` has been deprecated.", code="model_not_found"))
    return Refused(error(404, f"The model `{name}` does not exist or you do not have access to it.", code="model_not_found"))


def unfit(code: str, stage: str) -> Reply:
    """A refusal for content. code: moderation_blocked, or content_policy_violation as older models have it."""
    if code == "content_policy_violation":
        return error(400, UNFIT, code=code, kind="invalid_request_error")
    return error(400, UNFIT, code=code or "moderation_blocked", kind="image_generation_user_error",
                 moderation_details={"categories": ["violence"], "moderation_stage": stage})


def no_money() -> Reply:
    return error(429, "You exceeded your current quota, please check your plan and billing details.", code="insufficient_quota",
                 kind="insufficient_quota")
