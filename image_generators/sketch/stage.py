"""One request -> one picture: reads the words, sets the camera, paints from far to near. Writes no file."""

from __future__ import annotations

from dataclasses import replace

from image_generator_interface import ImageRequest
from image_generators.sketch.camera import see
from image_generators.sketch.canvas import Canvas
from image_generators.sketch.figures import actors, aim, paint_actor
from image_generators.sketch.finish import finish
from image_generators.sketch.noise import Array
from image_generators.sketch.painting import Painting
from image_generators.sketch.palette import light_for
from image_generators.sketch.places import STAGES
from image_generators.sketch.props import paint_props
from image_generators.sketch.scene_words import read
from image_generators.sketch.weather import paint_weather
from video_generator_interface import Progress, Report

LAYERS = 5


def draw(request: ImageRequest, report: Report) -> Array:
    """(H, W, 3) uint8 RGB of exactly `request.size`; the same request gives the same bytes."""
    scene = read(request)
    place = STAGES[scene.place]
    cast = actors(request, scene)
    view = see(request.size, request.framing, place.horizon, place.eye, aim(cast, request.framing.zoom))
    p = Painting(Canvas(*request.size), view, replace(light_for(scene)), scene, request.beat)
    report(Progress("drawing", 0, LAYERS))
    place.back(p)
    report(Progress("drawing", 1, LAYERS))
    paint_props(p)
    report(Progress("drawing", 2, LAYERS))
    for actor in sorted(cast, key=lambda actor: -actor.z):
        paint_actor(p, actor)
    report(Progress("drawing", 3, LAYERS))
    if place.front is not None and request.framing.zoom < 1.7:
        place.front(p)
    paint_weather(p, request.beat)
    report(Progress("drawing", 4, LAYERS))
    picture = finish(p)
    report(Progress("drawing", LAYERS, LAYERS))
    return picture
