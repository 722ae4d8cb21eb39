"""Where a scene's figures stand, how they hold themselves and what they carry. Their bodies are people.py and animals.py."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from image_generator_interface import Figure, ImageRequest
from image_generators.sketch.animals import creature
from image_generators.sketch.blocking import CARRIED, FIXED, marks, roles
from image_generators.sketch.buildings import boat
from image_generators.sketch.camera import LENS, STAGE
from image_generators.sketch.cast import PEOPLE, Look, item_colour, look_of
from image_generators.sketch.landmarks import towards
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import RGB, mix, rgb
from image_generators.sketch.people import person
from image_generators.sketch.plants import boulder
from image_generators.sketch.poses import Pose, joints
from image_generators.sketch.props import bench
from image_generators.sketch.quadrupeds import BUILDS
from image_generators.sketch.scene_words import INDOORS, Scene
from image_generators.sketch.solids import Part, box, grounded, move, stand

FLYERS, SWIMMERS = ("bird", "dragon"), ("fish", "whale")
_AWAY = {"elephant": 2.0, "whale": 5.0, "dragon": 4.0, "horse": 1.0, "camel": 1.0, "bear": 0.6}
LEFT_BEHIND = 0.2
MOST = 5
"""Who comes first in the words is drawn; a crowd is not."""


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
    carries: frozenset[str] = frozenset()

    @property
    def face(self) -> tuple[float, float, float]:
        """The point in the world that a close shot turns to."""
        tall = {"sit": 0.56, "kneel": 0.58}.get(self.pose.action, 0.8) if self.look.kind in PEOPLE else 0.62
        if self.look.kind in BUILDS:
            build = BUILDS[self.look.kind]
            tall = build.leg + build.deep + 0.6 * build.neck[1]
        if self.look.kind in FLYERS and self.pose.action == "fly":
            return self.x, self.y + 1.3, self.z
        return self.x, self.y + tall * self.look.height, self.z


def actors(request: ImageRequest, scene: Scene) -> list[Actor]:
    """Everybody in the scene, on the ground that the camera sees; who moves is elsewhere at the end of a shot."""
    aspect = request.size.width / request.size.height
    ground = STAGE / LENS * aspect * _followed(request.framing.x, 1.0 if scene.place in FIXED else 0.6)
    looks = [_dressed(look_of(figure, request.seed), scene) for figure in scene.figures[:MOST]]
    if not looks:
        return []
    told = roles(request, scene, looks)
    acts = [_action(look, scene, role.action, rank) for rank, (look, role) in enumerate(zip(looks, told, strict=True))]
    where = marks(request, scene, looks, acts, towards(scene))
    cast: list[Actor] = []
    for rank, (look, role, act, mark) in enumerate(zip(looks, told, acts, where, strict=True)):
        wind = {"storm": 1.0, "wind": 1.0, "rain": 0.35}.get(scene.weather, 0.15) * (-1 if scene.seed & 64 else 1)
        if scene.place in INDOORS:
            wind = 0.0
        back_view = act == "look" and request.framing.zoom < 1.6 and look.kind in PEOPLE and rank == 0 and scene.place != "deck"
        pose = Pose(act, 0.42 + request.beat * float(np.pi) + rank * 1.3, -wind if mark.left else wind, back_view)
        height = 0.42 if scene.place == "sea" and look.kind not in (*SWIMMERS, *FLYERS) else 0.0
        if look.kind == "dragon" and act == "fly":
            height = 1.5
        back = mark.back + _AWAY.get(look.kind, 0.0)
        carried = frozenset(look.items & set(CARRIED)) | role.carries
        cast.append(Actor(look, scene.figures[rank], pose, ground + mark.x, STAGE + back, height, mark.left, carried))
    return cast


def _dressed(look: Look, scene: Scene) -> Look:
    """Where there is no air, people wear a suit."""
    if scene.place != "space" or look.kind not in PEOPLE or look.kind == "astronaut":
        return look
    return replace(look, kind="astronaut", colour=mix(look.colour, (0.92, 0.92, 0.9), 0.62))


def _followed(slide: float, stays: float) -> float:
    """How far figures go along with a camera that pans, in widths of a wide shot: most of the first pan they stay where
    they are, as the ground does; once they would be left behind they go along all the way."""
    near = max(-LEFT_BEHIND, min(LEFT_BEHIND, slide))
    return slide - stays * near


def aim(cast: Sequence[Actor], zoom: float) -> tuple[float, float, float] | None:
    """The point a close shot turns to: the first face; while there is room, a little towards the others."""
    if not cast:
        return None
    x, y, z = cast[0].face
    near = [max(-1.6, min(1.6, actor.x - x)) for actor in cast[1:3]]
    room = max(0.0, min(1.0, (2.3 - zoom) / 0.7))
    return x + (0.4 * room * sum(near) / len(near) if near else 0.0), y, z


def _action(look: Look, scene: Scene, told: str, rank: int) -> str:
    if look.kind in SWIMMERS or scene.place == "underwater":
        return "dive" if look.kind in PEOPLE and look.kind != "astronaut" else "swim"
    if look.kind == "bird":
        return "stand" if told in ("sit", "stand", "look") else "fly"
    if scene.place == "sea" and look.kind in PEOPLE and told not in ("swim", "fly"):
        return "sit"
    if told == "fly" and look.kind not in FLYERS:
        return "fly" if scene.place in ("sky", "space") else "stand"
    if told in ("climb", "kneel", "steer", "strike") and look.kind not in PEOPLE:
        return {"climb": "walk", "kneel": "sit"}.get(told, "stand")
    if scene.place == "deck" and rank == 0 and look.kind in PEOPLE and told not in ("walk", "run", "kneel", "lie", "wave"):
        return "steer"
    if told == "steer" and scene.place not in ("deck",):
        return "stand"
    return told or "stand"


def paint_actor(p: Painting, actor: Actor) -> None:
    """Draws one figure with its shade, its boat at sea, and the light it carries."""
    afloat = p.scene.place == "sea" and actor.y > 0
    items = {name: colour for name in CARRIED if (colour := _item(actor, name))}
    parts = body(actor, items)
    flying = actor.pose.action == "fly" and actor.look.kind in FLYERS
    swims = 0.35 if p.scene.place == "underwater" else 0.0
    lift = 0.0 if flying else {"fly": 0.8, "dive": 0.45, "swim": swims}.get(actor.pose.action, 0.0)
    y = actor.y - 0.34 if afloat else actor.y + lift
    if actor.pose.action == "sit" and actor.look.kind in PEOPLE and not afloat:
        y = _seat(p, actor)
    if actor.look.kind in SWIMMERS and p.scene.place != "underwater":
        parts, lift = [grounded(part) for part in move(parts, y=-0.55)], 1.0
        y = 0.0
    stand(p, parts, actor.x, actor.z, y, shadow=0.0 if afloat or flying or lift else 0.9, mirror=0.45 if y == 0 and lift
        else 0.0, lift=0.06 + 0.12 * p.light.lamps)
    if afloat:
        stand(p, move(boat(p.scene.tints.get("boat", rgb("#8a4b32"))), size=0.85), actor.x + (-0.1 if actor.left else 0.1),
            actor.z - 0.05, 0.02,
            mirror=0.45)
    if "lantern" in items or actor.pose.action == "strike":
        _hand_light(p, actor, y, items)


def _seat(p: Painting, actor: Actor) -> float:
    """Draws what a sitting figure sits on; gives the height its feet hang at."""
    high, tall = 0.34, 0.21 * actor.look.height
    if "bench" in p.scene.details:
        stand(p, bench((0.45, 0.3, 0.2)), actor.x, actor.z + 0.06, shadow=0.6)
        return high - tall - 0.04
    if p.scene.place in ("room", "city", "station", "tower", "deck"):
        wood = (0.46, 0.32, 0.2)
        legs = [box(x - 0.025, 0, x + 0.025, high - 0.1, wood) for x in (-0.2, 0.08)]
        seat = [*legs, box(-0.26, high - 0.12, 0.14, high - 0.05, wood, 0.6)]
        stand(p, move(seat, flip=actor.left), actor.x, actor.z + 0.04, shadow=0.6)
        return high - tall - 0.06
    stone = boulder(p.random("seat"), 0.3, (0.44, 0.41, 0.4))
    stand(p, move(stone, -0.06, size=0.95, flip=actor.left), actor.x, actor.z + 0.04, shadow=0.6)
    return max(0.0, 0.26 - tall)


def body(actor: Actor, items: dict[str, RGB]) -> list[Part]:
    """The parts of the figure, turned the way it faces."""
    parts = person(actor.look, actor.pose, items) if actor.look.kind in PEOPLE else creature(actor.look, actor.pose)
    size = 1.0 if actor.look.kind in PEOPLE else actor.look.height
    return move(parts, size=size, flip=actor.left)


def _item(actor: Actor, name: str) -> RGB | None:
    if name not in actor.carries or actor.look.kind not in PEOPLE:
        return None
    return item_colour(actor.figure, name) or actor.look.scarf


def _hand_light(p: Painting, actor: Actor, y: float, held: Collection[str]) -> None:
    """The glow of what the far hand holds: a lantern, or a match."""
    x, up = joints(actor.pose, held).arms[0][-1]
    tall, match = actor.look.height, "lantern" not in held
    x, up = actor.x + x * tall * (-1 if actor.left else 1), y + (up + (0.04 if match else -0.11)) * tall
    strength = 0.25 + 0.4 * p.light.lamps
    p.lamp(x, up, actor.z, 0.1 if match else 0.2, (1.0, 0.8, 0.42), strength * 1.3)
    p.lamp(x, up - (0.0 if match else 0.1), actor.z, 0.5 if match else 0.85, (1.0, 0.68, 0.34), strength * 0.36)
