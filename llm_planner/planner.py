"""Planning as a whole: what it may cost, what is asked in which order, and the storyboard made of it. Writes no file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from catalogue import Catalogue
from config_model import PlannerSettings
from errors import Problem
from language_model.asking import Chat
from language_model.endpoint import Endpoint
from llm_planner import costs, critic, revise, reword
from llm_planner.brief import Brief
from llm_planner.compose import Composer
from llm_planner.costs import Bound
from llm_planner.revise import Revised
from llm_planner.windows import WINDOW, Windows
from moderation import Reworded
from runtime.run_store import RunStore
from storyboard import Storyboard


def endpoints(settings: PlannerSettings, catalogue: Catalogue) -> dict[str, Endpoint]:
    """The language models that plan and look through plans, by what they do; none where rules plan."""
    if settings.provider == "offline":
        return {}
    other = settings.critic_model if settings.critic else None
    return {"planner": Endpoint(settings, catalogue), **({"critic": Endpoint(settings, catalogue, other)} if other else {})}


@dataclass(frozen=True)
class Planned:
    """A plan, what a person should know of it, and who made it: `rules`, or the model."""

    storyboard: Storyboard
    notes: tuple[str, ...]
    by: str


@dataclass(frozen=True)
class Author:
    """A language model that plans films in one run folder."""

    settings: PlannerSettings
    catalogue: Catalogue
    run: RunStore

    @cached_property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.settings, self.catalogue)

    @cached_property
    def chat(self) -> Chat:
        return Chat(self.endpoint, self.run)

    @cached_property
    def reader(self) -> Chat:
        """Whoever looks for faults: another model where the settings name one."""
        if self.settings.critic_model is None:
            return self.chat
        return Chat(Endpoint(self.settings, self.catalogue, self.settings.critic_model), self.run)

    def problems(self) -> Iterator[Problem]:
        """Why it cannot be asked here and now."""
        yield from self.endpoint.problems()

    def windows(self, brief: Brief, edition: int) -> Windows:
        return Windows(brief, self.settings.window or WINDOW, edition, chat=self.chat)

    async def plan(self, brief: Brief, edition: int, valid: Callable[[Storyboard], None]) -> Planned:
        """The film, planned and looked through. `valid` raises where a storyboard breaks a rule."""
        windows = self.windows(brief, edition)
        look, scripted = await windows.film()
        notes: list[str] = []
        if self.settings.critic:
            scripted, notes = await critic.reviewed(self.reader, windows, look, scripted)
        composer = Composer(look, brief)
        storyboard = composer.storyboard(scripted)
        valid(storyboard)
        scenes = len(storyboard.scenes())
        told = (f"Planned by {self.endpoint.model}: {len(scripted)} segment{'s' * (len(scripted) != 1)} in {scenes} "
                f"scene{'s' * (scenes != 1)}.")
        return Planned(storyboard, (told, *notes, *composer.notes), self.endpoint.model)

    async def revise(self, storyboard: Storyboard, wish: str, brief: Brief) -> Revised:
        """The plan as its author wishes it; what is not mentioned stays as it is."""
        return await revise.revised(self.chat, storyboard, wish, brief)

    async def other_words(self, words: str, reason: str) -> Reworded | None:
        """A refused prompt in other words; None when the model finds none."""
        answer = await self.chat.ask(reword.question(words, reason))
        return Reworded(answer.prompt, answer.changes) if answer.prompt != words else None

    # -- what it may cost --------------------------------------------------------------------------------------------------

    def bound(self, brief: Brief, edition: int) -> Bound:
        """What a plan may cost, every re-ask and the critic included. Blocking; asks nobody."""
        return costs.of_plan(self.settings, self.catalogue, brief, edition)

    def bound_of_revision(self, storyboard: Storyboard, wish: str, brief: Brief) -> Bound:
        """The same of a revision. Blocking; asks nobody."""
        return costs.reckoned(self.endpoint, [self.chat.bound_usd(one) for one in revise.questions(storyboard, wish, brief)])
