"""The settings of a run as a frozen model: what there is, its limits, its defaults. Reads nothing (config.py does)."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, SecretStr

from media.film_format import FilmFormat, Size
from runtime.setting_types import Address, Number, Whole, no_truth_value

_RATES = {Fraction(text): Fraction(exact, 1001) for text, exact in
          (("23.976", 24000), ("23.98", 24000), ("29.97", 30000), ("59.94", 60000), ("119.88", 120000))}


def rate(value: object) -> Fraction:
    """Frames a second: 24, 23.976 (meant as 24000/1001), "30000/1001". Raises ValueError outside 1 to 120."""
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float, str, Fraction)):
            raise ValueError
        fps = Fraction(str(value).replace(" ", ""))
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{value!r} is not a rate like 24, 23.976 or 30000/1001") from None
    fps = _RATES.get(fps, fps)
    if not 1 <= fps <= 120:
        raise ValueError(f"{value} is out of range, it must be from 1 to 120 frames a second")
    if fps.denominator > 1001:
        raise ValueError(f"{value} is not a rate films have, write 24, 23.976, 25, 29.97, 30 or a fraction such as 30000/1001")
    return fps


def frame_size(value: object) -> Size:
    """`1280x720`. Raises ValueError when a side is odd or outside 64 to 8192 pixels."""
    size = value if isinstance(value, Size) else Size.parse(str(value))
    for side in size:
        if not 64 <= side <= 8192:
            raise ValueError(f"{size} is out of range, each side must be from 64 to 8192 pixels")
        if side % 2:
            raise ValueError(f"{size} has an odd side, did you mean {size.width // 2 * 2}x{size.height // 2 * 2}?")
    return size


def _names(value: object) -> object:
    """One name, a list of names, or (on a command line) the text of a list: `a,b` or `[a, b]`."""
    if isinstance(value, str):
        return [name.strip() for name in value.strip("[] ").split(",") if name.strip()]
    return () if value is None else value


BLANK = "untold"
"""Stands in for a prompt while the other settings are looked at."""
WORDLESS = "holds no word, describe the film"


def says_something(text: str) -> bool:
    """Whether there is a letter, a digit or a symbol in it, an emoji for one: more than blanks, dots and dashes."""
    return any(unicodedata.category(sign)[0] in "LNS" for sign in text)


def _words(value: object) -> object:
    if isinstance(value, str) and not says_something(value):
        raise ValueError(WORDLESS)
    if isinstance(value, str):  # a terminal may hand over bytes that are no text: no file could hold them
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def folder_name(prompt: str) -> str:
    """The name of a run folder from the first words of a prompt, `untitled` when it has none."""
    return "-".join(re.findall(r"\w+", prompt.lower()[:200]))[:32].rstrip("-") or "untitled"


Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_names)]
Money = Annotated[Decimal, BeforeValidator(no_truth_value), Field(allow_inf_nan=False, max_digits=12)]
Rate = Annotated[Fraction, PlainValidator(rate)]
Pixels = Annotated[Size, PlainValidator(frame_size)]


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RemoteApiSettings(_Block):
    """What holds for every backend that is asked over the network, unless its own block says otherwise."""

    max_retries: Annotated[Whole, Field(ge=0, le=20)] = Field(
        default=3, description="How often polling and downloading are tried again. A purchase never is.")
    polling_interval: Annotated[Number, Field(gt=0, le=600)] | None = Field(
        default=None, description="How long to wait between two looks at a running job. Never less than the provider wants; "
        "left out, just that.", json_schema_extra={"unit": "seconds"})
    timeout: Annotated[Number, Field(gt=0)] = Field(
        default=600.0, description="How long one run waits for one job. A job that takes longer goes on at the provider; the "
        "next run waits on.", json_schema_extra={"unit": "seconds"})
    fallback_backend: Names = Field(
        default=(), description="Video backend, or list of them, for a segment that the primary one has verifiably failed at.")


class Budget(_Block):
    """What may be spent, and how it is reckoned."""

    max_cost_usd: Annotated[Money, Field(ge=0)] | None = Field(
        default=None, description="The most this run folder may ever cost: charges and what is reserved for jobs under way, "
        "re-rolls and paid fallbacks included. Left out: no cap, and a run without a terminal buys nothing.",
        json_schema_extra={"unit": "US dollars", "type": "number"})
    gpu_usd_per_hour: Annotated[Money, Field(ge=0)] = Field(
        default=Decimal(0), description="What an hour of one of your own GPUs costs, for estimates.",
        json_schema_extra={"unit": "US dollars", "type": "number"})
    rebuy_unknown_usd: Annotated[Money, Field(ge=0)] = Field(
        default=Decimal("0.05"), description="A picture or a text of at most this price is simply asked for again when its "
        "answer was lost. Both count as charged. A clip never is.",
        json_schema_extra={"unit": "US dollars", "type": "number"})
    books: Path | None = Field(
        default=None, description="Where what is charged is written down for `costs`, by all films that say so. Left out: "
        "spend.sqlite in your data folder. A rehearsal keeps its own.")
    price_age_days: Annotated[Whole, Field(ge=1)] = Field(
        default=90, description="Prices of the catalogue older than this are warned of.", json_schema_extra={"unit": "days"})


class PlannerSettings(_Block):
    """What turns the prompt into a storyboard: rules, or a language model behind any address that speaks OpenAI's chat
    completions (OpenAI, Ollama, vLLM, llama.cpp)."""

    provider: Literal["offline", "openai"] = Field(
        default="offline", description="offline: rules, without a key and for nothing. openai: a language model.")
    model: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="The model. Left out: the catalogue's default for OpenAI; with base_url it has to be said.")
    base_url: Address | None = Field(
        default=None, description="Another address than OpenAI's own, its /v1 included: `http://127.0.0.1:11434/v1` is Ollama.")
    api_key: SecretStr | None = Field(
        default=None, description="The key. Left out: OPENAI_API_KEY of the environment or of .env, for OpenAI's own address "
        "only, it is sent to no other.", json_schema_extra={"env": ["OPENAI_API_KEY"], "unless": "base_url"})
    free: bool = Field(
        default=False, description="Its answers cost nothing: a server of your own. On this machine a model that the catalogue "
        "does not know counts as free without it.")
    mode: Literal["auto", "tools", "json_schema", "json", "md_json"] = Field(
        default="auto", description="How the model is made to answer in a form. auto: the first of them that the server takes.")
    language: Annotated[str, Field(pattern="^[a-z]{2}$")] | None = Field(
        default=None, description="The language of prompts, as in `en` or `zh`. Left out: what the video model wants; where it "
        "takes any, that of your own text.")
    critic: bool = Field(
        default=True, description="A second look at the plan for faults of continuity; what it finds is planned again, at most "
        "twice.")
    critic_model: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="The model that looks. Left out: the one that plans.")
    window: Annotated[Whole, Field(ge=1, le=40)] | None = Field(
        default=None, description="Segments that are planned in one answer. Left out: 8.",
        json_schema_extra={"unit": "segments"})
    parallel: Annotated[Whole, Field(ge=1, le=64)] = Field(default=4, description="Questions at once.")
    reasks: Annotated[Whole, Field(ge=0, le=5)] = Field(
        default=2, description="How often a question is asked again whose answer does not fit. Each time is paid for.")
    timeout: Annotated[Number, Field(gt=0)] = Field(
        default=600.0, description="How long to wait for one answer.", json_schema_extra={"unit": "seconds"})
    fall_back: bool = Field(
        default=False, description="Plan by rules when the language model has failed, and say so. Left out: stop and say why.")


class KeyframeSettings(_Block):
    """How the pictures between the segments are made and looked at, whoever draws them."""

    sheets: bool = Field(
        default=True, description="First one picture of every character and every place, in sheets/, and each keyframe drawn "
        "by them and by the keyframe before it; for backends that look at pictures. `plan --sheets` makes just the sheets.")
    rerolls: Annotated[Whole, Field(ge=0, le=5)] = Field(
        default=1, description="How often a bought keyframe is bought again that is blank, blurred by a filter, or nearly or "
        "not at all like its neighbour. With candidates none is.")
    candidates: Annotated[Whole, Field(ge=1, le=8)] = Field(
        default=1, description="Pictures made for each keyframe, of which the best is used. Each is paid for. `pick` takes "
        "another.")
    judge: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="The language model that looks at the candidates and chooses, asked as the planner's block "
        "says. Left out: sharpness, colours and structure are measured.")


class PipelineConfig(_Block):
    """What a run is told: the film, how it is made, where it is put. Paths are as they are to be opened."""

    prompt: Annotated[str, BeforeValidator(_words)] = Field(
        description="The film in words, as long as you like. Give this or prompt_file.")
    prompt_file: Path | None = Field(default=None, description="A UTF-8 text file that holds the prompt.")
    duration_seconds: Annotated[Number, Field(gt=0, le=86400)] = Field(
        default=30.0, description="How long the film should be.", json_schema_extra={"unit": "seconds"})
    segment_seconds: Annotated[Number, Field(gt=0, le=600)] | None = Field(
        default=None, description="How long one segment should be. Left out, each gets what its action needs.",
        json_schema_extra={"unit": "seconds"})
    size: Pixels = Field(
        default=Size(1280, 720), description="Width and height of the film, even numbers from 64 to 8192.",
        json_schema_extra={"unit": "pixels", "type": "WIDTHxHEIGHT"})
    fps: Rate = Field(
        default=Fraction(24), description="Frames a second, 1 to 120: 24, 23.976 or 30000/1001. 23.976, 29.97 and 59.94 mean "
        "the exact fractions.", json_schema_extra={"unit": "frames a second", "type": "number or fraction"})
    seed: Annotated[Whole, Field(ge=0, le=2**32 - 1)] = Field(
        default=1, description="The same seed and settings give the same film again, as far as the backend can.")
    mode: Literal["keyframe", "chaining"] = Field(
        default="keyframe", description="keyframe: each segment goes from a first to a last picture, all in parallel. "
        "chaining: within a scene each segment starts from the exact last frame of the one before.")
    initial_image: Path | None = Field(
        default=None, description="The picture the film opens with, in place of a generated one.")
    output_dir: Path = Field(
        default=Path("runs/untitled"), description="The run folder. Running again with the same folder continues the film.",
        json_schema_extra={"default": "runs/NAME, from the name of the config file"})
    image_generation_backend: Annotated[str, Field(min_length=1)] = Field(
        default="sketch", description="What draws the keyframes, or the model that does. `backends` lists what there is.")
    image_generation_model: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="The model that draws the keyframes, in place of a backend or besides it: whose it is, is "
        "known. Left out: as the backend's block says.")
    image_fallback_backends: Names = Field(
        default=("sketch",), description="Image backends tried in turn when the one above fails. An empty list: none.")
    video_generation_backend: Annotated[str, Field(min_length=1)] = Field(
        default="animatic", description="What makes the clips. `backends` lists what there is.")
    audio: bool = Field(
        default=False, description="Ask the video backend for sound. One that cannot make any is then refused.")
    fit: Literal["auto", "crop", "pad", "outpaint"] = Field(
        default="auto", description="How pictures of another shape are brought to the film's. auto chooses crop or pad, "
        "once for the whole film. outpaint: whole, and what lies beyond their sides is painted by an image backend that can, "
        "each a purchase of its own; mirrored borders where none can.")
    threads: Annotated[Whole, Field(ge=1, le=256)] | None = Field(
        default=None, description="Worker threads. Left out: two more than there are processor cores.")
    stall_after_seconds: Annotated[Number, Field(gt=0)] = Field(
        default=60.0, description="A step that says nothing for so long is named as stalled.",
        json_schema_extra={"unit": "seconds"})
    planner: PlannerSettings = Field(default=PlannerSettings(), description="What turns the prompt into a storyboard.")
    keyframes: KeyframeSettings = Field(
        default=KeyframeSettings(), description="How the pictures between the segments are made and looked at.")
    budget: Budget = Field(default=Budget(), description="What may be spent, and how it is reckoned.")
    remote_api_settings: RemoteApiSettings = Field(
        default=RemoteApiSettings(), description="What holds for every backend that is asked over the network.")

    @property
    def film(self) -> FilmFormat:
        """Size and rate every clip is brought to."""
        return FilmFormat(self.size, self.fps)
