"""What lies beyond the sides of a keyframe of another shape than the film's: found, or asked of a backend. Paints nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2

import keyframe_wishes as wishes
from image_generator_interface import Edit
from keyframe_slots import Slot
from keyframe_takes import Takes
from media import fit, frames
from media.film_format import Size
from media.mask_shapes import all_but
from media.salience import Box
from painting import Drawing, Easel
from runtime import identity
from runtime.ledger import Artifact
from runtime.outcome import Made, Outcome
from runtime.pools import in_thread


class Extensions:
    """What a run does about keyframes that are to stay whole. A picture that is there is extended once, whoever drew it."""

    def __init__(self, easel: Easel, takes: Takes) -> None:
        self.easel, self.takes, self.run = easel, takes, takes.run
        self.able = any(backend.capabilities.outpaints for backend in easel.backends)

    async def settle(self, slot: Slot, picture: Artifact, priority: float) -> Outcome[Artifact] | None:
        """The picture as large as the film, its borders painted; None where it has none, or where nobody paints them."""
        if self.takes.fit_mode != "outpaint":
            return None
        asked = await in_thread(self.takes.extension, slot, picture)
        if asked is None:
            return None
        request, wish = asked
        found = await in_thread(self.run.find, wish)
        if found is not None:
            self.run.events.emit("reused", wish.node, made_by=found.made_by)
            return Made(found, fresh=False)
        if not self.able:
            return None
        edit = await in_thread(self._edit, self.run.folder / picture.path, picture.sha256, request.size)
        drawing = Drawing(wish, replace(request, edit=edit), await in_thread(self.run.why, wish), request.size, {}, priority)
        outcome = await self.easel.drawn(drawing, lambda: self.run.find(wish))
        if isinstance(outcome, Made):
            self.run.events.emit("made", wish.node, made_by=outcome.value.made_by)
        return outcome

    def _edit(self, picture: Path, sha256: str, size: Size) -> Edit:
        """The picture with mirrored borders, and the mask that shows just these."""
        name = f"extension-{identity.wanted({'recipe': wishes.EXTENSION, 'picture': sha256, 'size': str(size)})[:16]}"
        rgb = frames.load_rgb(picture)
        kept = fit.place_of(Size(rgb.shape[1], rgb.shape[0]), size)
        base = self.run.derived(self.run.path("cache", "masks", f"{name}-base.png"), lambda part: frames.save_png(
            fit.fit(rgb, size, "outpaint").rgb, part))
        mask = self.run.derived(self.run.path("cache", "masks", f"{name}.png"), lambda part: _draw(kept, size, part))
        return Edit(base, mask, beyond=True)


def _draw(kept: Box, size: Size, to: Path) -> None:
    done, png = cv2.imencode(".png", all_but(kept, size))
    assert done
    to.write_bytes(png.tobytes())
