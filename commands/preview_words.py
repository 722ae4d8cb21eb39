"""What is said of a preview at its end: where it is, what is missing, what that costs, what to type. Makes none."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from commands.options import with_same_film
from orders import listed
from runtime.money import dollars

if TYPE_CHECKING:
    from preview import Preview


def lines(preview: Preview) -> list[str]:
    """For people: what is missing, what that would cost, and the command that makes or buys just that."""
    missing = preview.missing
    if not missing:
        return [f"{'missing':<11}nothing of it", f"{'next':<11}{_command(preview)}"]
    what = f"segment{'s' * (len(missing) > 1)} {listed(missing)} of {preview.of}"
    if preview.usd == 0:
        return [f"{'missing':<11}{what}, made by {preview.by}", f"{'next':<11}{_command(preview)}"]
    price = f"nobody knows what {preview.by} costs" if preview.usd is None else f"{dollars(preview.usd)} at {preview.by}"
    return [f"{'missing':<11}{what}: {price} (`estimate` says more)", f"{'buy them':<11}{_command(preview)}"]


def document(preview: Preview) -> dict[str, Any]:
    """The same for programs, with what the caption of each segment says."""
    return {"segments": [asdict(shot) for shot in preview.shots], "missing": preview.missing, "missing_usd": preview.usd,
            "by": preview.by, "next": _command(preview)}


def _command(preview: Preview) -> str:
    """A run of just what is missing; of everything where that is the whole film, or where nothing is missing of it."""
    whole = len(preview.missing) in (0, preview.of)
    return with_same_film("run", *([] if whole else ["--only", listed(preview.missing)]))
