"""Words that providers' filters stumble over -> milder ones that mean the same. Takes nothing out; understands nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping

MILDER: Mapping[str, str] = {
    "bloody": "red-stained", "bloodied": "red-stained", "blood": "dark red stains",
    "bleeding": "wounded", "bleeds": "is wounded",
    "gore": "wreckage", "gory": "grim", "corpse": "motionless figure", "corpses": "motionless figures",
    "dead body": "motionless figure", "dead bodies": "motionless figures", "dead": "motionless", "killed": "defeated",
    "kills": "defeats", "kill": "defeat", "killing": "defeating", "killer": "pursuer", "murder": "crime", "murdered": "lost",
    "murderer": "culprit", "dies": "falls still", "die": "fall still", "dying": "fading", "stabs": "strikes at",
    "stabbed": "struck", "stab": "strike at", "shoots": "aims", "shooting": "standoff", "shot dead": "brought down",
    "gunshot": "loud bang", "gun": "prop pistol", "guns": "prop pistols", "rifle": "prop rifle", "pistol": "prop pistol",
    "weapon": "tool", "weapons": "tools", "knife": "blade", "bomb": "device", "bombs": "devices",
    "explodes": "bursts into light",
    "explosion": "burst of light and smoke", "suicide": "farewell", "drugs": "contraband", "drug": "contraband",
    "naked": "bare-shouldered", "nude": "draped", "sexy": "elegant", "seductive": "graceful", "lingerie": "evening wear",
    "torture": "ordeal", "tortured": "worn out", "terrorist": "intruder", "terrorists": "intruders", "massacre": "disaster",
    "slaughter": "battle", "execution": "trial", "executed": "sentenced", "drunk": "tired", "hanged": "captured",
    "strangles": "grapples with", "strangled": "overpowered", "beheaded": "defeated", "scream in agony": "cry out",
}
"""English only: in another language nothing is found, and the caller is told so."""
_FOUND = re.compile(r"\b(" + "|".join(sorted(map(re.escape, MILDER), key=len, reverse=True)) + r")\b", re.IGNORECASE)


def milder(prompt: str) -> tuple[str, str] | None:
    """The prompt with every such word replaced, and `"blood" -> "dark red stains"` for each; None when there is none."""
    changed: dict[str, str] = {}

    def replaced(found: re.Match[str]) -> str:
        word = found[0]
        other = MILDER[word.lower()]
        other = other.capitalize() if word[0].isupper() else other
        changed[word] = other
        return other

    text = _FOUND.sub(replaced, prompt)
    return (text, ", ".join(f'"{word}" -> "{other}"' for word, other in changed.items())) if changed else None
