"""Real HTTP servers on 127.0.0.1 that stand in for providers: they count, they bill, they misbehave to order.

Spoken to by the vendors' own SDKs. Nothing here is used by a film: tests and rehearsals only.
"""

from tests.servers.faults import Faults
from tests.servers.google import GoogleServer
from tests.servers.ledger_of_bills import Bill, Job, Order, Post
from tests.servers.openai import OpenAIServer
from tests.servers.runway import RunwayServer
from tests.servers.stability import StabilityServer

__all__ = ["Bill", "Faults", "GoogleServer", "Job", "OpenAIServer", "Order", "Post", "RunwayServer", "StabilityServer"]
