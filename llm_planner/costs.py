"""What planning with a language model may cost, from its questions and the price list. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalogue import Catalogue
from config_model import PlannerSettings
from language_model.endpoint import Endpoint
from llm_planner import critic, reword
from llm_planner.answers import Bible, Part
from llm_planner.brief import Brief
from llm_planner.windows import WINDOW, Questions

RULES = "rules"
"""Who plans where no model does."""
TYPICAL = Decimal("0.25")
"""The share of its bound that a question usually costs: bounds count tokens generously, and answers end before they must."""
UNMENDED = Decimal("0.25")
"""The share of the critic's bound that it takes to look once and find nothing."""
WORDS = "x" * 1500
"""As long as a prompt usually is."""


@dataclass(frozen=True)
class Bound:
    """What planning may cost. low_usd: when every first answer is right; usual_usd: as a rule; most_usd: when every question
    is asked as often as the settings allow; once_usd: the dearest of its questions, asked once. None where nobody knows.
    questions: how many, at the least."""

    usual_usd: Decimal | None
    most_usd: Decimal | None
    questions: int
    model: str
    low_usd: Decimal | None = None
    once_usd: Decimal | None = None


def nothing(who: str = RULES) -> Bound:
    """What rules cost, and a model that is not asked."""
    zero = Decimal(0)
    return Bound(zero, zero, 0, who, zero, zero)


def of_plan(settings: PlannerSettings, catalogue: Catalogue, brief: Brief, edition: int = 0) -> Bound:
    """What a plan may cost, every re-ask and the critic included."""
    endpoint, reader = Endpoint(settings, catalogue), Endpoint(settings, catalogue, settings.critic_model or "")
    halves = [critic.bound_usd(one, brief.count) for one in (endpoint, reader)]  # one reads, the other writes what is mended
    looks = None if None in halves else sum((half for half in halves if half is not None), Decimal(0)) / 2
    looks = looks if settings.critic else Decimal(0)
    return reckoned(endpoint, list(_of_questions(endpoint, Questions(brief, settings.window or WINDOW, edition))), looks)


def of_other_words(settings: PlannerSettings, catalogue: Catalogue) -> Bound:
    """What it may cost to put one refused prompt in other words; nothing where rules do."""
    if settings.provider == "offline":
        return nothing()
    endpoint = Endpoint(settings, catalogue)
    return reckoned(endpoint, [endpoint.bound_of(reword.question(WORDS, "refused"))])


def reckoned(endpoint: Endpoint, bounds: Sequence[Decimal | None], looks: Decimal | None = Decimal(0)) -> Bound:
    """bounds: of each question, asked once. looks: of the critic and what it has written anew."""
    known = [one for one in bounds if one is not None]
    if looks is None or len(known) < len(bounds):
        return Bound(None, None, len(bounds), endpoint.model)
    asked = sum(known, Decimal(0))
    return Bound((asked + looks) * TYPICAL, (asked + looks) * (1 + endpoint.settings.reasks), len(bounds), endpoint.model,
                 (asked + looks * UNMENDED) * TYPICAL, max(known, default=Decimal(0)))


def _of_questions(endpoint: Endpoint, questions: Questions) -> Iterator[Decimal | None]:
    """Of every question that planning asks at the least."""
    parts = questions.parts()
    if questions.short:
        yield endpoint.bound_of(questions.whole())
        return
    yield endpoint.bound_of(questions.bible())
    bible = _stand_in(len(parts))
    for at, numbers in enumerate(parts):
        yield endpoint.bound_of(questions.window(bible, at, numbers))


def _stand_in(parts: int) -> Bible:
    """A bible as long as they usually are, to reckon with before there is one."""
    told = "x" * 400
    return Bible(title="x", logline=told, style=told, palette="x" * 4000, parts=[
        Part(number=number, tells=told, begins=told, ends=told) for number in range(1, parts + 1)])
