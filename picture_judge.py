"""A vision model that scores the candidates of a keyframe against its words and the pictures it goes by. Draws nothing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from candidates import Contest, Score
from catalogue import Catalogue
from config import PipelineConfig
from cost_lines import Asking
from errors import BackendUnavailable, MediaError, Problem, UserMistakes
from language_model.asking import Chat
from language_model.endpoint import Endpoint
from language_model.question import PICTURE_TOKENS, Question
from llm_planner.brief import prompt
from media.thumbnails import thumbnail
from runtime.plain_text import one_line
from runtime.pools import in_thread
from runtime.run_store import RunStore

SIDES = ((768, 88), (768, 75), (640, 66))
"""Widths and JPEG qualities a picture is sent with: enough to see a face, and a fixed price at most vendors."""
PICTURE_BYTES = 250_000
TOKENS_EACH, TOKENS_BESIDE = 200, 1200
"""Of an answer: what each candidate's reasons take, and what a model thinks besides."""
TYPICAL_WORDS = 4000
USUALLY = Decimal("0.25")
"""The share of its bound that a look usually costs: a picture of the size we send is a few hundred tokens at most vendors."""


class PictureScore(BaseModel):
    """One candidate, by its number from 1."""

    model_config = ConfigDict(extra="forbid")
    candidate: int
    score: int = Field(ge=0, le=10)
    reasons: Annotated[str, Field(min_length=1, max_length=600), AfterValidator(one_line)]


class PictureScores(BaseModel):
    """Every candidate, each once."""

    model_config = ConfigDict(extra="forbid")
    scores: list[PictureScore]


class PictureJudge:
    """Asks the model that `keyframes.judge` names, where the planner's block says, for each keyframe once."""

    def __init__(self, endpoint: Endpoint, run: RunStore) -> None:
        self.chat = Chat(endpoint, run)

    @property
    def name(self) -> str:
        """What the report calls it."""
        return self.chat.endpoint.model

    async def scores(self, contest: Contest) -> list[Score]:
        """A score for each candidate, in their order. Raises GenerationFailed and what a purchase raises."""
        question = await in_thread(_question, contest)
        answer = await self.chat.ask(question)
        found = {one.candidate: Score(one.score / 10, one.reasons) for one in answer.scores}
        return [found[number] for number in range(1, len(contest.pictures) + 1)]


def endpoint(config: PipelineConfig, catalogue: Catalogue) -> Endpoint | None:
    """Who is asked; None where candidates are measured, or there are none."""
    if config.keyframes.judge is None or config.keyframes.candidates < 2:
        return None
    return Endpoint(config.planner, catalogue, model=config.keyframes.judge)


def create(config: PipelineConfig, catalogue: Catalogue, run: RunStore) -> PictureJudge | None:
    """The judge of a run. Raises UserMistakes for an unknown model, BackendUnavailable when it cannot be asked here."""
    asked = endpoint(config, catalogue)
    if asked is None:
        return None
    mistakes = list(asked.mistakes())
    if asked.known is not None and not asked.known.vision:
        mistakes.append(Problem("keyframes.judge", f"{asked.model} looks at no pictures, as the catalogue has it",
                                f"or it does, and catalogue.{asked.vendor}.language.{asked.model}.vision is to be true"))
    if mistakes:
        raise UserMistakes(mistakes, advice="keyframes.judge names a language model that looks at pictures")
    problems = list(asked.problems())
    if problems:
        raise BackendUnavailable(problems,
                                 advice="keyframes.judge is asked as the planner's block says; left out, they are measured")
    return PictureJudge(asked, run)


def asking(config: PipelineConfig, catalogue: Catalogue, guides: int) -> Asking:
    """What one keyframe's scores cost that is compared with so many pictures; nothing where nobody is asked."""
    asked = endpoint(config, catalogue)
    if asked is None:
        return Asking()
    pictures = config.keyframes.candidates + guides
    once = asked.bound_usd(PICTURE_TOKENS * pictures + TYPICAL_WORDS, _most_out(config.keyframes.candidates))
    if once is None:
        return Asking(None, None, None, None)
    return Asking(once * USUALLY, once * USUALLY, once * (1 + config.planner.reasks), once)


def _question(contest: Contest) -> Question[PictureScores]:
    shown = [(f"candidate {number}", path) for number, path in enumerate(contest.pictures, 1)]
    shown += [(name, path) for name, path in contest.guides]
    pictures = []
    for name, path in shown:
        jpeg = thumbnail(path, PICTURE_BYTES, SIDES)
        if jpeg is None:
            raise MediaError(f"the picture of {name} cannot be read")
        pictures.append(jpeg)
    return Question(
        node=f"plan judge_{contest.name}", prompt=prompt("pictures"), form=PictureScores,
        order=f"Score the {len(contest.pictures)} candidates.",
        material={"keyframe": contest.prompt, "pictures": [f"{number}: {name}" for number, (name, _) in enumerate(shown, 1)]},
        pictures=tuple(pictures), wrong=lambda answer: _wrong(answer, len(contest.pictures)),
        most_out=_most_out(len(contest.pictures)), about=f"keyframe {contest.name}")


def _most_out(candidates: int) -> int:
    return TOKENS_BESIDE + TOKENS_EACH * candidates


def _wrong(answer: PictureScores, candidates: int) -> Sequence[str]:
    numbers = sorted(one.candidate for one in answer.scores if one.candidate <= candidates)  # some score the sheets as well
    wanted = list(range(1, candidates + 1))
    return [] if numbers == wanted else [f"score candidates {wanted}, each once; these were scored: {numbers}"]
