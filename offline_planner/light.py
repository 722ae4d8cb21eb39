"""What time of day and what weather a sentence says it is, in several languages. Carries only what it is handed."""

from __future__ import annotations

import re
from typing import Final

from offline_planner.beats import Beat
from offline_planner.vocabulary import any_of

# Time of day: how it is said in a prompt, and the words that say it.
TIMES: Final[dict[str, tuple[str, ...]]] = {
    "at dawn": (
        "dawn",
        "daybreak",
        "first light",
        "Morgendämmerung",
        "Morgengrauen",
        "aube",
        "amanecer",
        "黎明",
        "拂晓",
        "الفجر",
    ),
    "at sunrise": (
        "sunrise",
        "sunup",
        "sun rises",
        "sun comes up",
        "sun come up",
        "sun is rising",
        "Sonnenaufgang",
        "lever du soleil",
        "日出",
        "شروق",
    ),
    "in the morning": (
        "morning",
        "breakfast",
        "Morgen",
        "morgens",
        "matin",
        "mañana",
        "早晨",
        "清晨",
        "早上",
        "朝",
        "الصباح",
        "утром",
        "утро",
    ),
    "at noon": ("noon", "midday", "high noon", "Mittag", "mittags", "midi", "mediodía", "中午", "正午", "الظهر", "полдень"),
    "in the afternoon": ("afternoon", "Nachmittag", "nachmittags", "après-midi", "下午", "午後", "العصر"),
    "at golden hour": ("golden hour", "late sun", "low sun"),
    "at sunset": (
        "sunset",
        "sundown",
        "sun sets",
        "sun goes down",
        "sun is setting",
        "Sonnenuntergang",
        "coucher du soleil",
        "atardecer",
        "日落",
        "夕阳",
        "黄昏",
        "夕方",
        "الغروب",
        "закат",
    ),
    "at dusk": ("dusk", "twilight", "nightfall", "Dämmerung", "Abenddämmerung", "crépuscule", "傍晚", "暮色"),
    "in the evening": ("evening", "Abend", "abends", "soir", "晚上", "المساء", "вечером", "вечер"),
    "at midnight": ("midnight", "Mitternacht", "minuit", "medianoche", "午夜", "半夜", "منتصف الليل", "полночь"),
    "at night": (
        "night",
        "moonlight",
        "moonlit",
        "starlight",
        "under the stars",
        "Nacht",
        "nachts",
        "nuit",
        "noche",
        "夜晚",
        "夜里",
        "深夜",
        "月光",
        "夜",
        "الليل",
        "ليلة",
        "ночью",
        "ночь",
        "בלילה",
    ),
    "in full daylight": ("daylight", "broad daylight", "DAY", "白天", "tagsüber"),
}
WEATHER: Final[dict[str, tuple[str, ...]]] = {
    "in a storm": (
        "storm",
        "stormy",
        "tempest",
        "hurricane",
        "Sturm",
        "tempête",
        "tormenta",
        "暴风雨",
        "暴风",
        "العاصفة",
        "عاصفة",
        "буря",
        "шторм",
    ),
    "in a thunderstorm": ("thunderstorm", "thunder", "lightning", "Gewitter", "雷雨", "orage"),
    "in the rain": (
        "rain",
        "rains",
        "raining",
        "rainy",
        "rain-soaked",
        "drizzle",
        "downpour",
        "Regen",
        "regnet",
        "pluie",
        "lluvia",
        "下雨",
        "雨",
        "المطر",
        "дождь",
    ),
    "in falling snow": (
        "snow",
        "snows",
        "snowing",
        "snowy",
        "snowfall",
        "snowflakes",
        "blizzard",
        "Schnee",
        "schneit",
        "neige",
        "nieve",
        "下雪",
        "雪",
        "الثلج",
        "снег",
    ),
    "in fog": ("fog", "foggy", "mist", "misty", "haze", "Nebel", "brouillard", "niebla", "雾", "大雾", "الضباب", "туман"),
    "in strong wind": ("wind", "windy", "gale", "gusts", "大风", "الريح"),
    "under a clear sky": (
        "clear sky",
        "cloudless",
        "clear night",
        "bright sun",
        "sunny",
        "sunshine",
        "sunlight",
        "晴朗",
        "阳光",
        "الشمس",
    ),
    "under a cloudy sky": ("cloudy", "overcast", "grey sky", "gray sky", "heavy clouds"),
}
WEATHER_ENDS: Final = re.compile(
    r"\b(?:rain|storm|thunderstorm|snow|fog|mist|wind|downpour|blizzard|gale|thunder)\s+(?:\w+\s+)?"
    r"(?:stops?|stopped|ends?|ended|clears?|cleared|lifts?|lifted|passes|passed|fades?|faded|dies|died|eases|"
    r"eased|is over|has passed|"
    r"has gone|is gone|breaks?|blows? itself out|moves? on)\b",
    re.IGNORECASE,
)
TIME_JUMP: Final = re.compile(
    r"\b(?:the )?(?:next|following) (?:day|morning|evening|night|week|month|year|summer|winter|spring|autumn)\b|"
    r"\b(?:hours?|days?|weeks?|months?|years?|minutes|seasons) (?:later|pass|passes|go by|have passed|went "
    r"by)\b|\blater that (?:day|night|evening|morning)\b|"
    r"\bby the (?:morning|evening|end of)\b|\bmuch later\b|\bam nächsten (?:Tag|Morgen|Abend)\b|\b(?:Stunden|"
    r"Tage|Jahre) später\b|"
    r"\ble lendemain\b|\bal día siguiente\b|第二天|次日|后来|多年以后|في اليوم التالي",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"\b(?:until|till|before|waits? for|waiting for|for|toward|towards|since|like|last|every|by)\s+(?:the\s+|"
    r"a\s+)?(?:\w+\s+)?$",
    re.IGNORECASE,
)


def _compiled(table: dict[str, tuple[str, ...]]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    patterns = []
    for said, means in table.items():
        spaced = [word for word in means if not re.search(r"[\u3040-\u9fff\u0590-\u06ff]", word)]
        unspaced = [word for word in means if word not in spaced]
        latin = rf"(?<![\w])(?:{any_of(spaced)})(?![\w])"
        patterns.append(
            (
                said,
                re.compile(
                    f"{latin}|{any_of(unspaced)}" if unspaced else latin, re.IGNORECASE if said != "in full daylight" else 0
                ),
            )
        )
    return tuple(patterns)


_DESCRIBED = re.compile(
    r"^\W*(?:it(?:['’]s| is| was)|this is|(?:sunlight|moonlight|starlight)\b"
    r"|the (?:\w+ )?(?:sun|moon|light|sky|stars?|twilight|dusk|dawn|night|evening|morning|day)\b"
    r"|es (?:ist|war)|die sonne|der (?:mond|himmel)|c['’]est|il (?:est|fait)|le (?:soleil|ciel)"
    r"|la lune|es de|el (?:sol|cielo)|la luna|天色|月亮|太阳|夕阳|阳光|月光)",
    re.IGNORECASE,
)
"""How a sentence begins that says what the light is like."""
_COMES = re.compile(
    r"\b(?:night|dusk|darkness|twilight|evening|morning|dawn|day|nacht|dämmerung|abend|morgen|nuit|noche)\s+(?:falls?|fell|comes?|"
    r"came|breaks?|broke|arrives?|arrived|begins?|bricht|kommt|tombe|cae|llega)\b"
    r"|\b(?:bricht|wird es|tombe|cae|llega)\b|降临|来临|来了",
    re.IGNORECASE,
)


def comes(text: str) -> bool:
    """Whether a time of day is one that has come by now: told with what happens then, not as what the light is like."""
    return bool(_COMES.search(text)) or not _DESCRIBED.match(text)


_TIME_WORDS = _compiled(TIMES)
_WEATHER_WORDS = _compiled(WEATHER)


def time_of_day(beat: Beat, before: str) -> str:
    """The last time of day the beat is at; `waits for the dawn` is not one."""
    if beat.time:
        return _last_said(f"{beat.time} {beat.time.upper()}", _TIME_WORDS, "") or before
    return _last_said(beat.text, _TIME_WORDS, before)


def _last_said(text: str, table: tuple[tuple[str, re.Pattern[str]], ...], otherwise: str) -> str:
    found = [
        (match.end(), len(match.group()), said)
        for said, pattern in table
        for match in pattern.finditer(text)
        if not _NOT_YET.search(text[: match.start()])
    ]
    return max(found)[2] if found else otherwise


def weather(text: str, before: str) -> str:
    if WEATHER_ENDS.search(text):
        return ""
    found = [
        (match.end(), len(match.group()), said)
        for said, pattern in _WEATHER_WORDS
        for match in pattern.finditer(text)
        if not _NOT_YET.search(text[: match.start()])
    ]
    said = list(dict.fromkeys(name for _, _, name in sorted(found)))[-2:]
    return " and ".join(said) or before
