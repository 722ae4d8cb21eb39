"""What should go wrong, as data: which fault hits which purchase, how often. Does nothing wrong itself.

    Faults.parse("drop_after_accept@2, 429*3:retry_after=0.05, failed:SAFETY.OUTPUT.VIDEO~lighthouse, truncated@7")

One fault is `KIND`, then in any order: `=VALUE` or `:VALUE`, `@N` (only the N-th POST that creates, counted from 1),
`~WORDS` (only prompts that hold these words), `*N` (only so many of the POSTs it fits), `:NAME=NUMBER` (see KINDS).
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """One thing that can go wrong. `value`: what stands for VALUE when none is given; None: it takes none.

    choices: what VALUE may be, where it is a word; the first is the usual one.
    """

    says: str
    value: str | None = None
    settings: Mapping[str, float] = field(default_factory=dict)
    choices: tuple[str, ...] = ()


_ONCE = {"times": 1.0}
KINDS: dict[str, Kind] = {
    # the POST that creates a job
    "drop_before": Kind("the connection is cut, nothing was accepted"),
    "drop_after_accept": Kind("accepted and billed, then the connection is cut before the reply"),
    "slow_accept": Kind("accepted and billed, the reply comes late", settings={"s": 1.0}),
    "no_id": Kind("accepted and billed, the reply does not say which job it is"),
    "garbled": Kind("accepted and billed, the reply is a page of HTML with status 200"),
    "out_of_credits": Kind("the account is empty"),
    "moderated": Kind("refused at once because of its words; VALUE is the vendor's code", ""),
    "no_estimate": Kind("the reply does not say what the job may cost (Runway)"),
    # the job
    "stuck": Kind("runs for ever"),
    "throttled": Kind("is kept waiting by the tier for so many polls", settings={"polls": 3.0}),
    "cancelled": Kind("is cancelled by the vendor"),
    "failed": Kind("fails; VALUE is the vendor's code", "", {"charged": 0.0}),
    "filtered": Kind("what was made is withheld or blurred; VALUE `incomplete`: the state Omni then shows", "",
                     {"charged": 0.0}),
    "filtered_input": Kind("its words or pictures are found unfit after it was accepted", ""),
    "empty": Kind("succeeds without a video or picture"),
    "overbill": Kind("costs VALUE times what was quoted", "1.5"),
    "no_cost": Kind("the last answer does not say what was charged"),
    # polls
    "poll_drop": Kind("the connection is cut under a poll", settings=_ONCE),
    "new_status": Kind("a poll shows a status nobody has heard of", settings=_ONCE),
    "poll_garbled": Kind("a poll is answered with a page of HTML", settings=_ONCE),
    # the way home
    "expired_address": Kind("the address is dead until a fresh poll gives another", settings=_ONCE),
    "truncated": Kind("the download or the picture stops half way; quiet=1: and says that was all",
                      settings={"times": 1.0, "quiet": 0.0}),
    "html": Kind("HTML comes instead of the video or picture", settings=_ONCE),
    "zero_bytes": Kind("nothing comes instead of the video", settings=_ONCE),
    "slow_download": Kind("the download of a video stands still half way", settings={"times": 1.0, "s": 1.0}),
    # the video or picture itself: as bought, no download mends it
    "wrong_size": Kind("the video or picture has VALUE pixels (WxH) instead of what was asked", "480x480"),
    "wrong_length": Kind("the video has VALUE times the length asked for", "0.5"),
    "silent": Kind("the sound that was asked for is missing"),
    "damaged": Kind("bytes in the middle of the video or picture are noise"),
    # a picture alone
    "other_format": Kind("the picture is of the format VALUE, whatever was asked", "", choices=("webp", "jpeg", "png")),
    "rgba": Kind("the picture has an alpha channel, and clear corners"),
    "not_a_picture": Kind("noise comes instead of the picture"),
    "by_address": Kind("the picture comes as an address to fetch it from (OpenAI)"),
    # an answer in words: all of these are billed
    "invalid_json": Kind("the answer breaks off in the middle, and says it is whole"),
    "broken_schema": Kind("the answer does not keep to the schema: VALUE", "",
                          choices=("missing", "type", "extra", "enum", "count", "empty")),
    "cut_short": Kind("the answer breaks off since it is too long (finish_reason length)"),
    "refusal": Kind("the model says that it will not"),
    "content_filter": Kind("the answer is held back by a filter (finish_reason content_filter)"),
    "no_choices": Kind("there is no answer in the answer"),
    "chatty": Kind("the answer has friendly words around it, and a draft before a picture (Google)"),
    "slip": Kind("the plan has a fault of continuity or form: VALUE", "",
                 choices=("prop", "time", "wardrobe", "direction", "two_actions", "long", "language", "escape")),
    # any POST
    "bad": Kind("a random share VALUE of the answers is bad in one way or another", "0.15", {"seed": 0.0}),
    # every reply
    "unknown_fields": Kind("replies carry fields nobody has heard of, and values of new kinds"),
    "clock_skew": Kind("the server's clock is VALUE seconds ahead", "3600"),
}
_STATUS = re.compile(r"(?P<where>poll_|download_|upload_|account_)?(?P<status>[45]\d\d)(?P<when>_before|_after)?$")
_MARK = re.compile(r"([@~*:=])([^@~*:=]*(?:=[^@~*:=]*)?)")
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>"


def _kind(name: str) -> Kind:
    """The kind of that name; a status is `NNN`, `NNN_before`, `NNN_after`, `poll_NNN` or `download_NNN`."""
    found = _STATUS.match(name)
    if found and not (found["where"] and found["when"]):
        return Kind("", settings={"retry_after": -1.0, "date": 0.0, **(_ONCE if found["where"] else {})})
    if name not in KINDS:
        raise ValueError(f"{name!r} is no fault; there are statuses (429, 500_after, poll_503, download_404) and "
                         + ", ".join(KINDS))
    return KINDS[name]


def _everywhere(name: str) -> bool:
    """Whether it is about the server and not about a purchase: then `@`, `~` and `*` have no meaning."""
    return name in ("unknown_fields", "clock_skew") or name.startswith(("upload_", "account_"))


@dataclass(frozen=True)
class Status:
    """An HTTP status as a fault. where: "" for the POST that creates, else `poll_` and the like. when: `before`, `after`."""

    code: int
    where: str
    when: str
    retry_after_s: float | None
    as_date: bool


@dataclass(frozen=True)
class Fault:
    """One line of the script. `at`: counted from 1. `hits`: how many POSTs it may strike; None: all that fit."""

    kind: str
    value: str = ""
    at: int | None = None
    prompt: str = ""
    hits: int | None = None
    settings: Mapping[str, float] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """A setting, as given or as usual."""
        return self.settings.get(name, _kind(self.kind).settings[name])

    @property
    def status(self) -> Status | None:
        """What it answers, where the fault is a status."""
        found = _STATUS.match(self.kind)
        if not found:
            return None
        wait_s = self.number("retry_after")
        return Status(int(found["status"]), found["where"] or "", (found["when"] or "_before")[1:],
                      wait_s if wait_s >= 0 else None, bool(self.number("date")))

    def fits(self, number: int, prompt: str) -> bool:
        if self.at is not None and not self.at <= number < self.at + (self.hits or 1):
            return False
        return self.prompt.lower() in prompt.lower()

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Raises ValueError in words."""
        name = (re.match(r"\w+", text.strip()) or [""])[0]
        rest, kind = text.strip()[len(name):], _kind(name)
        given: dict[str, str] = {}
        settings: dict[str, float] = {}
        if "".join(mark + word for mark, word in _MARK.findall(rest)) != rest:
            raise ValueError(f"{text.strip()!r}: cannot be read after {name!r}")
        for mark, word in _MARK.findall(rest):
            key, _, figure = word.partition("=")
            if mark == ":" and figure and key in kind.settings:
                settings[key] = float(figure)
            elif mark in ":=" and kind.value is not None:
                given["="] = word
            elif mark in "@~*" and not _everywhere(name):
                given[mark] = word
            else:
                raise ValueError(f"{text.strip()!r}: {name} takes no {mark}{word}")
        value = given.get("=") or (kind.choices or (kind.value or "",))[0]
        if kind.choices and value not in kind.choices:
            raise ValueError(f"{text.strip()!r}: {value!r} is none of {', '.join(kind.choices)}")
        if kind.value and not re.fullmatch(r"\d+x\d+" if "x" in kind.value else r"-?\d+(\.\d+)?", value):
            raise ValueError(f"{text.strip()!r}: {value!r} is not like {kind.value}")
        counts = {mark: int(given[mark]) for mark in "@*" if mark in given}
        return cls(name, value, counts.get("@"), given.get("~", ""), counts.get("*"), settings)


class Struck:
    """The faults that hit one purchase, and how often each has shown so far."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._by_kind = {fault.kind: fault for fault in faults}
        self._shown: dict[str, int] = {}

    def get(self, kind: str) -> Fault | None:
        return self._by_kind.get(kind)

    def __contains__(self, kind: str) -> bool:
        return kind in self._by_kind

    def status(self, where: str = "", when: str = "before") -> Fault | None:
        """The fault that is a status at this place."""
        return next((fault for fault in self._by_kind.values()
                     if (status := fault.status) and (status.where, status.when) == (where, when)), None)

    def still(self, kind: str, limit: str = "times") -> Fault | None:
        """The fault, as long as it has not shown as often as it should. Asking counts as showing."""
        fault = self._by_kind.get(kind)
        if fault is None or self._shown.get(kind, 0) >= fault.number(limit):
            return None
        self._shown[kind] = self._shown.get(kind, 0) + 1
        return fault


class Faults:
    """The script of one server, which remembers what has struck: not to be shared. Thread-safe."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        script = list(faults)
        self._faults = [fault for fault in script if not _everywhere(fault.kind)]
        self._everywhere = Struck(fault for fault in script if _everywhere(fault.kind))
        self._hits = [0] * len(self._faults)
        self._lock = threading.Lock()

    @classmethod
    def parse(cls, text: str) -> Faults:
        """Faults with commas between. Raises ValueError: an unknown fault, a setting it does not take."""
        return cls(Fault.parse(part) for part in text.split(",") if part.strip())

    @classmethod
    def of(cls, given: Faults | str) -> Faults:
        return cls.parse(given) if isinstance(given, str) else given

    def strike(self, number: int, prompt: str, ways: Sequence[str] = ()) -> Struck:
        """What hits the `number`-th purchase, whose prompt this is. ways: faults that `bad` may turn out to be."""
        with self._lock:
            struck = [place for place, fault in enumerate(self._faults) if fault.fits(number, prompt)
                      and (fault.hits is None or self._hits[place] < fault.hits)]
            for place in struck:
                self._hits[place] += 1
            return Struck(_unfolded(self._faults[place], number, ways) for place in struck)

    def everywhere(self, kind: str) -> Fault | None:
        """`unknown_fields` or `clock_skew`, where the script has it."""
        return self._everywhere.get(kind)

    def at(self, where: str) -> Fault | None:
        """The status an `upload_` or `account_` request gets, as long as it has not shown as often as it should."""
        fault = self._everywhere.status(where)
        with self._lock:
            return self._everywhere.still(fault.kind) if fault else None


def _unfolded(fault: Fault, number: int, ways: Sequence[str]) -> Fault:
    """What `bad` is this time: the same for the same number and seed. With luck it stays `bad`, and nothing happens."""
    if fault.kind != "bad" or not ways:
        return fault
    dice = random.Random(f"{fault.number('seed'):g}/{number}")
    return Fault.parse(dice.choice(ways)) if dice.random() < float(fault.value) else fault


def described() -> list[tuple[str, str]]:
    """(fault with its usual value and settings, what it does), for a person to choose from."""
    rows = [("429  503:retry_after=2:date=1  500_after", "that status for the creating POST, before (as usual) or after "
             "accepting; Retry-After in seconds, or as a date"),
            ("poll_503:times=2  download_404", "that status for so many polls or downloads of each job"),
            ("upload_503:times=2  account_500", "that status for so many uploads, or calls about the account or a model")]
    for name, kind in KINDS.items():
        value = f"={kind.value}" if kind.value else ":VALUE" if kind.value is not None else ""
        says = kind.says.replace("VALUE", " or ".join(kind.choices)) if kind.choices else kind.says
        rows.append((name + value + "".join(f":{key}={usual:g}" for key, usual in kind.settings.items()), says))
    return rows
