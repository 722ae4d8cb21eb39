"""The forms of the answers that planning asks for. Decides nothing; what comes in is made plain text, whatever it holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, create_model

from runtime.plain_text import one_line
from storyboard import Join, Move, Shot


def _said(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


def _list(value: object) -> object:
    return [] if value is None else [value] if isinstance(value, str) else value


def _or_nothing(text: str | None) -> str | None:
    return text or None


Line = Annotated[str, AfterValidator(one_line)]
Said = Annotated[str, AfterValidator(one_line), AfterValidator(_said)]
Maybe = Annotated[Line | None, AfterValidator(_or_nothing)]
Names = Annotated[list[Line], BeforeValidator(_list)]


class Form(BaseModel):
    """Keys nobody asked for are passed over."""

    model_config = ConfigDict(extra="ignore")


F = TypeVar("F", bound=Form)


class Person(Form):
    name: Said = Field(description="Short and unmistakable, the same everywhere.")
    traits: Said = Field(description="What is always seen of them, in 8 to 25 words: age, build, face, hair, each piece of "
                         "clothing with its colour.")


class Place(Form):
    name: Said
    traits: Said = Field(description="What is always seen there, in 8 to 25 words.")


class Thing(Form):
    name: Said
    look: Said


class Look(Form):
    """What holds for the whole film."""

    title: Said
    logline: Said = Field(description="The story in one sentence.")
    style: Said = Field(description="Medium, genre and mood of every picture, at most 12 words.")
    palette: Line = Field(default="", description="Three to five colours.")
    lens: Line = ""
    light: Line = ""
    characters: list[Person] = []
    locations: list[Place] = []
    props: list[Thing] = Field(default=[], description="Things that matter and come back.")


class Part(Form):
    """A run of segments that is written in one go, by somebody who sees the other parts as they are told here."""

    number: int
    tells: Said = Field(description="What happens, in order, with who, where and when: two to six sentences.")
    begins: Said = Field(description="Its first picture: who stands where, what is in whose hands, time of day.")
    ends: Said = Field(description="Its last picture, the same way.")


class Bible(Look):
    """The film as everybody who writes a part of it has to know it."""

    parts: list[Part]


class Scripted(Form):
    """One segment: one clip of a video model, which sees nothing but its prompt and its keyframes."""

    index: int
    action: Said = Field(description="The one thing that happens, in a short sentence.")
    video_prompt: Said
    first_keyframe_prompt: Maybe = Field(default=None, description="Only where the join is not continuous.")
    last_keyframe_prompt: Said
    negative_prompt: Line = ""
    shot: Shot = "wide"
    move: Move = "static"
    characters: Names = Field(default=[], description="The names of who is seen, as the film has them.")
    location: Maybe = Field(default=None, description="The name of the place, as the film has it.")
    time_of_day: Line = ""
    props: Names = []
    join: Join = "continuous"
    join_reason: Line = Field(default="", description="Why it joins the one before in this way.")
    keep: Line = Field(default="", description="What must stay the same across that join.")


class WindowPlan(Form):
    """Some segments of the film, in order."""

    segments: list[Scripted]


class FilmPlan(Look):
    """A whole short film."""

    segments: list[Scripted]


class Finding(Form):
    segment: int
    kind: Literal["place", "wardrobe", "prop", "time", "direction", "jump", "other"] = "other"
    says: Said = Field(description="What does not fit, in one sentence.")
    fix: Said = Field(description="What to write instead, in one sentence.")


class Findings(Form):
    """Faults of continuity; an empty list where there are none."""

    findings: list[Finding] = []


class Added(Form):
    after: int = Field(description="The number of the present segment that it follows; 0: before the first.")
    segment: Scripted


class Revision(Form):
    """What changes in a plan. What is not in here stays as it is."""

    changed: list[Scripted] = Field(default=[], description="Segments that change, whole, under their present numbers.")
    removed: list[int] = Field(default=[], description="Numbers of segments that go.")
    added: list[Added] = []
    characters: list[Person] = Field(default=[], description="Characters that change or are new.")
    dropped_characters: Names = Field(default=[], description="Names of characters that go.")
    style: Maybe = Field(default=None, description="The style of the film, where it changes.")


class OtherWords(Form):
    """A prompt in other words."""

    prompt: Said
    changes: Said = Field(description="Which words became which.")


def bible_of(parts: int) -> type[Bible]:
    """A bible with just so many parts."""
    return _narrowed(Bible, parts=(list[Part], Field(min_length=parts, max_length=parts)))


def window_of(segments: int) -> type[WindowPlan]:
    """A plan of just so many segments."""
    return _narrowed(WindowPlan, segments=(list[Scripted], Field(min_length=segments, max_length=segments)))


def film_of(segments: int) -> type[FilmPlan]:
    """A film of just so many segments."""
    return _narrowed(FilmPlan, segments=(list[Scripted], Field(min_length=segments, max_length=segments)))


def _narrowed(form: type[F], **fields: Any) -> type[F]:
    """The same form with other bounds: a server that is held to a schema is held to these."""
    made = create_model(form.__name__, __base__=form, **fields)
    made.__doc__ = form.__doc__
    return made


def numbered(segments: Sequence[Scripted], numbers: Sequence[int]) -> list[Scripted]:
    """The segments under the numbers that were asked for: some models count from 1 whatever they are told."""
    return [one.model_copy(update={"index": number}) for one, number in zip(segments, numbers, strict=True)]
