"""How a sentence introduces somebody: a name with a description, a person or an animal without a name, a bare name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from offline_planner import other_languages as abroad
from offline_planner import vocabulary as known
from offline_planner.verbs import base_of, is_finite
from offline_planner.vocabulary import any_of, words_of

_NAME = (
    r"(?:(?:"
    + "|".join(re.escape(title) for title in known.TITLES)
    + r")\s+)?[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ’'\-]+(?:\s+(?:van\s|von\s|de\s)?[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+)?"
)
_ARTICLE = r"(?i:an?|the|her|his|their|my|our|its|eine?|der|die|das|une?|una|un|la|le|el)"
_HEAD = rf"(?:{any_of(known.LIVING)})"
_NO_TRAIT = (
    r"and|or|of|in|on|at|to|into|with|the|an?|his|her|their|is|are|was|were|by|for|from|as|who|that|than|but|then|while|under|over"
    r"|through"
)
_MIDDLE = rf"(?:(?!(?:{_NO_TRAIT})\b)[\w\-]+\s+){{0,4}}?"
_APPOSITION = re.compile(rf"\b(?P<name>{_NAME}),\s+(?P<what>{_ARTICLE}\s+[^,.;:!?—–()\"“”]+)(?=[,.;:!?—–]|$)")
_BRACKETED = re.compile(rf"\b(?P<name>{_NAME})\s+\((?P<what>{_ARTICLE}\s+[^()]+|[^()]{{3,60}})\)")
_IS_A = re.compile(rf"\b(?P<name>{_NAME})\s+(?:is|was|ist|war|est|es)\s+(?P<what>(?:an?|eine?|une?|una)\s+[^,.;:!?—–()]+)")
_NAMED = re.compile(
    rf"\b(?P<what>{_ARTICLE}\s+{_MIDDLE}[\w\-]+?(?:\s+(?:in|with)\s+(?:an?\s+)?{_MIDDLE}[\w\-]+?)?)(?:\s+|,\s+)(?:named|called|namens|nommée?|llamad[oa])\s+(?P<name>{_NAME})"
)
_KIND_THEN_NAME = re.compile(rf"\b(?P<what>{_ARTICLE}\s+{_MIDDLE}{_HEAD})\s+(?P<name>{_NAME})")
_KIND_COMMA_NAME = re.compile(rf"\b(?P<what>{_ARTICLE}\s+{_MIDDLE}{_HEAD}),\s+(?P<name>{_NAME})(?=[,.;:!?—–])")
_FOREIGN_KIND_THEN_NAME = re.compile(
    rf"\b(?P<what>{any_of(abroad.FOREIGN_SHE | abroad.FOREIGN_HE | abroad.FOREIGN_IT)})\s+(?P<name>{_NAME})"
)
_ALL = (_NAMED, _APPOSITION, _BRACKETED, _IS_A, _KIND_COMMA_NAME, _KIND_THEN_NAME, _FOREIGN_KIND_THEN_NAME)
_SOMEBODY = re.compile(
    rf"\b(?P<article>(?i:an?|the|two|three|four|her|his|their|another|some))\s+(?P<what>(?:(?!(?:{_NO_TRAIT})\b)[a-z][\w\-]*\s+){{0,3}}?"
    rf"(?P<head>{any_of(known.LIVING | known.GROUPS)})\b(?!['’]s?\b)(?!\s+(?:of|{any_of(known.LIVING)})\b))"
)
_WEARS = re.compile(r",?\s+(?P<how>in|with|wearing|dressed in|carrying)\s+(?=(?P<rest>[^,.;:!?()—–\n]{3,60}))")
_NOT_WORN = words_of(
    "named called and or who that which in on at to into the is are was were as while when by from for under over through "
    "behind"
)
_HEADS = re.compile(rf"(?:[\w\-]+\s+){{1,5}}?({any_of(known.LIVING)})\b(?!\s+(?:{any_of(known.LIVING)})\b)")
_CAPITAL = re.compile(r"(?<![\w'’])([A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]{2,}|[A-Z][a-z])(?![\w])(?P<own>['’]s)?")
_TITLE_BEFORE = re.compile(r"\b(" + "|".join(re.escape(title) for title in known.TITLES) + r")\s+$")
PRONOUN_IS = re.compile(r"^\s*(?:He|She|It)\s+(?:is|was)\s+(?P<what>an?\s+[^,.;:!?—–()]+)")
_NAMED_NEXT = re.compile(r",\s+an?\s+[\w\s\-]{1,60}\b(?:named|called)\b")
_AGED = re.compile(r"\s+now\b")
_CUT_WHAT = re.compile(r"\s+(?:who|which|that|whose|and (?=\w+s\b)|as|when|while|qui|der|die)\b.*$")
_NEVER_NAMES = words_of(
    "The A An And But Then When While In On At By It He She They We You I His Her Their Its This That There Here Now "
    "Suddenly Finally Later Meanwhile After Before Outside Inside Behind Above Below Under Over Every Everyone Everything "
    "Nobody Somebody Something Nothing No Yes Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February "
    "March April May June July August September October November December Christmas Easter God Night Day Morning Evening "
    "Dawn Dusk Rain Snow Fog Storm Wind Light Darkness Silence Smoke Water Fire Earth Moon Sun Stars Waves Gulls Birds "
    "Leaves Where What Who Why How If As So Or Not For From To Into Through Across With Without One Two Three Four Five "
    "All Some Many Most Each Another Both Together Alone Scene Shot Camera Cut Wide Close Slowly Quickly Quietly Softly "
    "Far Near Once Only Just Still Again Even Ever Never Down Up Back Away Time Title Style Until Soon Next First Last "
    "Left Right My Our Your Old Young Der Die Das Ein Eine Er Sie Es Und Aber Dann Als Le La Les Un Une Il Elle El Los "
    "Las Im Am Auf Big People Children Men Women Lights Music Snowflakes Thunder Lightning Winter Summer Spring Autumn "
    "Between Beside Around Along Against Toward Towards"
)


@dataclass(frozen=True)
class Member:
    """Somebody in the film. `calls`: the words that mean this one. `pronoun`: she, he, it, they, or empty when not known."""

    name: str
    description: str = ""
    pronoun: str = ""
    calls: tuple[str, ...] = ()
    order: int = 0

    @property
    def label(self) -> str:
        """The name as it stands at the start of a sentence: `The old fisherman`."""
        return self.name[:1].upper() + self.name[1:]


def is_script(call: str) -> bool:
    return bool(re.search(r"[\u3040-\u9fff\u0590-\u06ff]", call))


def introduced(text: str, number: int) -> Iterator[Member]:
    for pattern in _ALL:
        for match in pattern.finditer(text):
            name, what = match["name"].strip(), _CUT_WHAT.sub("", match["what"].strip())
            if pattern is _NAMED:
                what += _trait_after(text, match.end())
            if _is_name(name) and describes(what, pattern):
                found = member(name, _indefinite(what), number)
                yield replace(found, calls=found.calls + _kin_before(text[: match.start()]))


def _kin_before(text: str) -> tuple[str, ...]:
    """`her father, a clockmaker named Tomas`: from then on `her father` is Tomas."""
    kin = re.search(rf"\b(her|his|their)\s+({any_of(known.LIVING)}),\s*$", text)
    return (f"{kin[1]} {kin[2]}", f"the {kin[2]}") if kin else ()


def describes(what: str, pattern: re.Pattern[str]) -> bool:
    heads = set(re.findall(r"\w+", what.lower()))
    if pattern in (_NAMED, _KIND_COMMA_NAME, _KIND_THEN_NAME) or heads & (known.LIVING | known.GROUPS):
        return len(what.split()) <= 16
    return (
        pattern in (_FOREIGN_KIND_THEN_NAME, _APPOSITION, _BRACKETED) and len(what.split()) <= 10 and not heads & known.PLACES
    )


def _is_name(name: str) -> bool:
    first = name.split()[0]
    return (first not in _NEVER_NAMES and first.lower() not in known.PLACES) or (
        first in known.TITLES and len(name.split()) > 1
    )


def member(name: str, description: str, number: int) -> Member:
    heads = _HEADS.match(description.lower())
    head = heads[1] if heads else next((word for word in re.findall(r"\w+", description.lower()) if word in known.LIVING), "")
    short = [part for part in name.split() if part not in known.TITLES and part[0].isupper()]
    calls = [name, *short] + ([f"the {head}", *_with_adjectives(description, head)] if head else [])
    return Member(name, description, _pronoun_of(description), tuple(dict.fromkeys(calls)), number)


def _with_adjectives(description: str, head: str) -> list[str]:
    """`an old lighthouse keeper` can come back as `the old keeper`, `the lighthouse keeper`, `the old lighthouse keeper`."""
    before = re.split(rf"\b{head}\b", description.lower())[0].split()[1:]
    kinds = [f"the {word}" for word in before if word in known.LIVING]
    return kinds + [f"the {word} {head}" for word in before] + ([f"the {' '.join(before)} {head}"] if before else [])


def _indefinite(what: str) -> str:
    """`her small brown dog` -> `a small brown dog`: a description must stand without its sentence."""
    found = re.match(r"(?:her|his|their|my|our|its)\s+(\w)", what, re.IGNORECASE)
    if not found:
        return what[:1].lower() + what[1:] if re.match(r"(?:An?|The)\b", what) else what
    return ("an " if found[1].lower() in "aeiou" else "a ") + what.split(None, 1)[1]


def _pronoun_of(description: str) -> str:
    heads = re.findall(r"\w+", description.lower())
    for sort, pronoun in ((known.SHE, "she"), (known.HE, "he"), (known.CREATURE, "it"), (known.GROUPS, "they")):
        if any(word in sort for word in heads[:8]):
            return pronoun
    return ""


def nameless(text: str, number: int, found: dict[str, Member]) -> Iterator[Member]:
    """`an old fisherman in a blue coat` -> the fisherman; `the fisherman` later is the same one.

    `a picture of a king` brings no king, but a title (text 0), `A day of a robot`, does bring a robot.
    """
    for match in _SOMEBODY.finditer(text):
        head, article = match["head"], match["article"].lower()
        compared = r"\b(?:like|as|than|named|called)\s*$" if number == 0 else r"\b(?:like|as|than|of|named|called)\s*$"
        if re.search(compared, text[: match.start()]):
            continue
        if _AGED.match(text, match.end()) or _NAMED_NEXT.match(text, match.end()):
            continue
        if any(match.start() >= at and match.end() <= end for at, end in _taken(text)):
            continue
        if any(f"the {head}" in member.calls and member.name != f"the {head}" for member in found.values()) and article not in (
            "a",
            "an",
            "another",
        ):
            continue
        definite = article == "the"
        article = "a" if article in ("her", "his", "their", "another", "the") else article
        what = f"{article} {match['what']}"
        described = "" if definite and match["what"] == head else _article_fits(what) + _trait_after(text, match.end())
        found_member = member(f"the {head}", described, number)
        yield replace(
            found_member,
            pronoun=found_member.pronoun or _pronoun_of(head),
            calls=tuple(
                dict.fromkeys(
                    (
                        *found_member.calls,
                        f"the {head}",
                        what,
                        f"a {head}",
                        f"an {head}",
                        f"her {head}",
                        f"his {head}",
                        f"their {head}",
                    )
                )
            ),
        )


def _article_fits(what: str) -> str:
    return re.sub(r"^a (?=[aeiou])", "an ", what)


def _trait_after(text: str, at: int) -> str:
    """` in a long blue coat`: what somebody wears or carries, up to the verb; `in a boat` is where somebody is, not who."""
    match = _WEARS.match(text, at)
    if not match:
        return ""
    kept: list[str] = []
    for word in match["rest"].split():
        one = len(kept) > 2 and kept[0] in ("a", "an") and word.endswith("s") and not word.endswith("ss")
        if word.lower() in _NOT_WORN or (kept and is_finite(word)) or one or len(kept) == 5:
            break
        kept.append(word)
    if (
        not kept
        or kept[-1].lower() in known.PLACES | known.LIVING
        or (match["how"] == "in" and kept[0] in ("front", "silence"))
    ):
        return ""
    return re.sub(r"\s+", " ", f" {text[match.start('how') : match.start('rest')]}{' '.join(kept)}")


def _taken(text: str) -> list[tuple[int, int]]:
    """The parts of the text that describe somebody with a name."""
    return [match.span() for match in PRONOUN_IS.finditer(text)] + [
        match.span()
        for pattern in _ALL
        for match in pattern.finditer(text)
        if _is_name(match["name"]) and describes(match["what"], pattern)
    ]


def bare_names(text: str, number: int) -> Iterator[Member]:
    """A capital where there need not be one, or one in front of a verb. `in Paris` is a place and not somebody."""
    for match in _CAPITAL.finditer(text):
        title = _TITLE_BEFORE.search(text[: match.start()])
        word, before, after = match[1], text[: title.start() if title else match.start()].rstrip(), text[match.end() :].lstrip()
        if word in _NEVER_NAMES or word.lower() in known.PLACES | known.LIVING | known.GROUPS or base_of(word):
            continue
        if re.search(r"\b(?:in|to|at|from|through|across|near|of|over|for|toward|towards)$", before):
            continue
        follows = re.match(r"(?:\w+ly\s+)?(?:and\s+\w+\s+)?(\w+)", after)
        acts = bool(follows and is_finite(follows[1]))
        if (
            acts
            or match["own"]
            or (re.search(r"\b(?:with|and|by|meets|sees|finds|calls)$", before) and re.match(r"[,.;!?]|\w+s\b|$", after))
        ):
            name = f"{title[1]} {word}" if title else word
            yield Member(name, "", "", tuple(dict.fromkeys((name, word))), number)


def _known_by_kind(member: Member, found: dict[str, Member]) -> Member:
    """`die Wärterin` is Mara, eine alte Wärterin; 女孩 is the 小女孩 met before."""
    for other in found.values():
        if member.name in other.description.split() or (
            is_script(member.name) and other.name != member.name and other.name.endswith(member.name)
        ):
            return replace(member, name=other.name, calls=(*other.calls, member.name))
    return member


def foreign(text: str, number: int, found: dict[str, Member]) -> Iterator[Member]:
    for latin, script, pronoun in (
        (abroad.FOREIGN_SHE, abroad.SCRIPT_SHE, "she"),
        (abroad.FOREIGN_HE, abroad.SCRIPT_HE, "he"),
        (abroad.FOREIGN_IT, abroad.SCRIPT_IT, "it"),
    ):
        for word in re.findall(rf"\b(?:{any_of(latin)})\b", text):
            yield _known_by_kind(Member(word, "", pronoun, (word,), number), found)
        for word in re.findall(any_of(script), text) if not text.isascii() else ():
            yield _known_by_kind(Member(word, "", pronoun, (word,), number), found)
