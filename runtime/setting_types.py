"""Types of settings that YAML alone does not tell apart: numbers that are no truth values, addresses. Knows no setting."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field


def no_truth_value(value: object) -> object:
    """Python takes `true` for 1. Raises ValueError."""
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not a number")
    return value


def _of_a_host(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no address like https://host/path")
    return value


Whole = Annotated[int, BeforeValidator(no_truth_value)]
Number = Annotated[float, BeforeValidator(no_truth_value), Field(allow_inf_nan=False)]
Address = Annotated[str, AfterValidator(_of_a_host)]
