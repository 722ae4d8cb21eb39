"""Where a scene's figures stand, how they hold themselves and what they carry. Their bodies are people.py and animals.py."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from image_generator_interface import Figure, ImageRequest
from image_generators.sketch.animals import creature
from image_generators.sketch.buildings import boat
from image_generators.sketch.camera import LENS, STAGE, TRUCK
from image_generators.sketch.cast import PEOPLE, Look, item_colour, look_of
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, rgb
from image_generators.sketch.people import Pose, person
from image_generators.sketch.scene_words import Scene
from image_generators.sketch.solids import Part, grounded, move, stand

CARRIED = ("umbrella", "lantern", "staff", "sword")
FLYERS, SWIMMERS = ("bird", "dragon"), ("fish", "whale")
_SPOTS = ((-0.62, 0.0), (0.72, 0.35), (-1.75, 0.9), (1.9, 1.1), (0.1, 1.8))


@dataclass(frozen=True)
class Actor:
    """One figure on the stage: its look, its pose, where it stands, and which way it faces."""

    look: Look
    figure: Figure
    pose: Pose
    x: float
    z: float
    y: float
    left: bool

    @property
    def face(self) -> tuple[float, float]:
        """World X and Y that a close shot turns to."""
        tall = {"sit": 0.56}.get(self.pose.action, 0.8) if self.look.kind in PEOPLE else 0.62
        if self.look.kind in FLYERS and self.pose.action == "fly":
            return self.x, self.y + 1.3
        return self.x, self.y + tall * self.look.height


def actors(request: ImageRequest, scene: Scene) -> list[Actor]:
    """Everybody in the scene, on the ground that the camera sees; they go on a little with every beat."""
    slide = request.framing.x * request.size.width / request.size.height
    ground = (TRUCK * STAGE / LENS + (1 - TRUCK) * STAGE / LENS) * slide
    squeeze = min(1.0, request.size.width / request.size.height / 1.5)
    cast: list[Actor] = []
    for index, figure in enumerate(scene.figures[: len(_SPOTS)]):
        look = look_of(figure, request.seed)
        x, back = _SPOTS[index]
        action = _action(look, scene)
        phase = 0.9 + request.beat * 1.9 + index * 1.3
        step = 0.16 * np.sin(request.beat * 0.8 + index) if action in ("walk", "run", "fly",
            "swim") else 0.03 * np.sin(request.beat + index)
        wind = {"storm": 1.0, "wind": 1.0, "rain": 0.35}.get(scene.weather, 0.15) * (-1 if x > 0 else 1)
        left = x > 0 if index else (scene.seed & 1) == 1
        back_view = action == "look" and request.framing.zoom < 1.6 and look.kind in PEOPLE and index == 0
        pose = Pose(action, float(phase), -wind if left else wind, back_view)
        height = 0.42 if scene.place == "sea" and look.kind not in (*SWIMMERS, *FLYERS) else 0.0
        if look.kind == "dragon" and action == "fly":
            height = 1.5
        away = {"elephant": 2.0, "whale": 5.0, "dragon": 4.0, "horse": 1.0, "camel": 1.0, "bear": 0.6}.get(look.kind, 0.0)
        cast.append(Actor(look, figure, pose, float(ground + (x + step) * squeeze), STAGE + back + away, height, left))
    return cast


def _action(look: Look, scene: Scene) -> str:
    if look.kind in SWIMMERS or scene.place == "underwater":
        return "swim"
    if look.kind == "bird":
        return "stand" if scene.action in ("sit", "stand", "look") else "fly"
    if scene.place == "sea" and look.kind in PEOPLE and scene.action not in ("swim", "fly"):
        return "sit"
    if scene.action == "fly" and look.kind not in FLYERS:
        return "fly" if scene.place in ("sky", "space") else "stand"
    return scene.action or "stand"


def paint_actor(p: Painting, actor: Actor) -> None:
    """Draws one figure with its shade, its boat at sea, and the light it carries."""
    afloat = p.scene.place == "sea" and actor.y > 0
    items = {name: colour for name in CARRIED if (colour := _item(actor, p.scene, name))}
    parts = body(actor, items)
    flying = actor.pose.action == "fly" and actor.look.kind in FLYERS
    lift = 0.0 if flying else {"fly": 0.8, "swim": 0.35 if p.scene.place == "underwater" else 0.0}.get(actor.pose.action, 0.0)
    y = actor.y - 0.34 if afloat else actor.y + lift
    if actor.look.kind in SWIMMERS and p.scene.place != "underwater":
        parts, lift = [grounded(part) for part in move(parts, y=-0.55)], 1.0
        y = 0.0
    stand(p, parts, actor.x, actor.z, y, shadow=0.0 if afloat or flying or lift else 0.9, mirror=0.45 if y == 0 and lift
        else 0.0, lift=0.06 + 0.2 * p.light.lamps)
    if afloat:
        stand(p, move(boat(rgb("#8a4b32")), size=0.85), actor.x + (-0.1 if actor.left else 0.1), actor.z - 0.05, 0.02,
            mirror=0.45)
    if "lantern" in items:
        _lantern_light(p, actor, y)


def body(actor: Actor, items: dict[str, RGB]) -> list[Part]:
    """The parts of the figure, turned the way it faces."""
    parts = person(actor.look, actor.pose, items) if actor.look.kind in PEOPLE else creature(actor.look, actor.pose)
    size = 1.0 if actor.look.kind in PEOPLE else actor.look.height
    return move(parts, size=size, flip=actor.left)


def _item(actor: Actor, scene: Scene, name: str) -> RGB | None:
    if name not in actor.look.items or actor.look.kind not in PEOPLE:
        return None
    return item_colour(actor.figure, name) or actor.look.scarf


def _lantern_light(p: Painting, actor: Actor, y: float) -> None:
    hand = 0.21 * actor.look.height * (-1 if actor.left else 1)
    strength = 0.2 + 0.3 * p.light.lamps
    p.lamp(actor.x + hand, y + 0.63 * actor.look.height, actor.z, 0.24, (1.0, 0.75, 0.38), strength)
    p.lamp(actor.x + hand, y + 0.4 * actor.look.height, actor.z, 0.9, (1.0, 0.68, 0.34), strength * 0.3)
