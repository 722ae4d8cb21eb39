"""What a remote adapter and the purchase of a clip say to each other: jobs, looks at them, and how a call can fail."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from runtime.answers import Busy as Busy
from runtime.answers import Offline as Offline
from runtime.answers import Refused as Refused
from runtime.answers import Side
from runtime.answers import Trouble as Trouble
from runtime.answers import verdict as verdict


@dataclass(frozen=True)
class RemoteJob:
    """A job that a provider has accepted. `quoted_usd`: the most it says the job may cost, where it says so."""

    id: str
    quoted_usd: Decimal | None = None


@dataclass(frozen=True)
class JobState:
    """One look at a job.

    charged_usd: what the provider says it charged, None where it does not say. refusal: the side the provider objected to,
    where it failed for its content. again: the provider made something unusable, the same request may well succeed.
    address: where the clip lies, or the clip itself; for the adapter's own `download`.
    """

    phase: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    progress: float | None = None
    charged_usd: Decimal | None = None
    reason: str = ""
    refusal: Side | None = None
    again: bool = False
    address: Any = None


class AddressExpired(Exception):
    """The address of a finished clip no longer holds; another look at the job gives a new one."""
