"""The embedded image backend draws what the words say, the same each time. Judges no beauty: that needs eyes."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from errors import Cancelled, GenerationFailed
from image_generator_interface import Figure, Framing, ImageRequest, Place
from image_generators.sketch.blocking import roles
from image_generators.sketch.camera import LENS, see
from image_generators.sketch.cast import look_of
from image_generators.sketch.figures import actors, aim
from image_generators.sketch.scene_words import read
from image_generators.sketch.stage import draw
from image_generators.sketch.undrawn import remarks
from image_generators.sketch_images import SketchImages
from media.film_format import FilmFormat, Size
from prompt_labels import LANGUAGES, Labels
from video_generator_interface import Progress

SMALL = Size(320, 180)
HARBOUR = Place("the old harbour", "a quiet harbour with a stone pier")
Picture = npt.NDArray[np.float64]


def request(
    prompt: str, *, size: Size = SMALL, framing: Framing | None = None, beat: int = 0, place: Place | None = None,
        figures: tuple[Figure, ...] = (), seed: int = 7
) -> ImageRequest:
    return ImageRequest("segment_00", prompt, "", "", size, seed, framing or Framing(), beat, place, figures)


def picture(asked: ImageRequest) -> Picture:
    return np.asarray(draw(asked, lambda progress: None), dtype=np.float64)


def likeness(one: Picture, other: Picture) -> float:
    return float(np.corrcoef(one[:90].ravel(), other[:90].ravel())[0, 1])


def test_the_same_request_gives_the_same_bytes(tmp_path: Path) -> None:
    backend = SketchImages(SketchImages.Options(), FilmFormat(SMALL, Fraction(24)))
    asked = request("a fox in a snowy forest at dawn, falling snow", place=Place("forest", "pines"))
    for name in ("one.png", "two.png"):
        asyncio.run(backend.generate(asked, tmp_path / name, lambda progress: None))
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


@pytest.mark.parametrize("size", [Size(160, 90), Size(180, 320), Size(200, 200), Size(640, 150), Size(90, 160)])
@pytest.mark.parametrize("prompt", ["a man and a dog by the sea at dusk", "a woman in a kitchen at night", "rain in the city"])
def test_the_picture_has_the_size_that_was_asked_for(size: Size, prompt: str) -> None:
    assert picture(request(prompt, size=size)).shape == (size.height, size.width, 3)


@pytest.mark.parametrize("zoom", [0.5, 1.0, 3.2])
@pytest.mark.parametrize("place", ["sea", "street", "mountains", "room", "cave", "space", "clouds", "station"])
def test_every_place_can_be_seen_from_far_and_near(place: str, zoom: float) -> None:
    seen = picture(request(f"a girl with an umbrella, {place}", framing=Framing("medium", 0.2, -0.1, zoom), size=Size(160, 90)))
    assert seen.std() > 4


def test_a_place_keeps_its_look_when_the_film_comes_back() -> None:
    first = picture(request("a sailor waits at golden hour", place=HARBOUR))
    later = picture(request("a child runs at golden hour", place=HARBOUR, beat=5))
    elsewhere = picture(request("a sailor waits at golden hour", place=Place("the pine forest", "tall trees")))
    assert likeness(first, later) > 0.93  # boats nod at their moorings
    assert likeness(first, later) > likeness(first, elsewhere) + 0.2


@pytest.mark.parametrize("labels", LANGUAGES.values(), ids=LANGUAGES)
def test_a_film_that_names_no_place_is_drawn_in_one(labels: Labels) -> None:
    """What the planning rules write for the README's first film: `Setting: one simple setting that stays the same`."""
    setting = f"{labels.setting}{labels.colon}{labels.nowhere}."
    one, other = (read(request(f"{moment} a fox crosses the ice. {setting}")) for moment in ("First", "Later"))
    assert (one.seed, one.place, one.weather, one.time) == (other.seed, other.place, other.weather, other.time)


def test_night_is_darker_than_noon_at_the_same_place() -> None:
    night, noon = (picture(request(f"the harbour at {hour}", place=HARBOUR)).mean() for hour in ("night", "noon"))
    assert night < 0.6 * noon


@pytest.mark.parametrize(("colour", "channel"), [("red", 0), ("green", 1), ("blue", 2)])
def test_a_character_wears_the_colour_of_its_description(colour: str, channel: int) -> None:
    figures = (Figure("Lina", f"a child in a bright {colour} coat"),)
    with_her = picture(request("a snow field in fog at noon", framing=Framing("close_up", zoom=2.2), figures=figures))
    strength = with_her[..., channel] - np.delete(with_her, channel, axis=2).max(axis=2)
    assert (strength > 35).mean() > 0.02


def test_clothes_take_the_colour_of_the_reference_picture(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), (20, 170, 160)).save(tmp_path / "lina.png")
    look = look_of(Figure("Lina", "a woman in a coat", tmp_path / "lina.png"), seed=3)
    assert look.colour[1] > 2 * look.colour[0] and look.colour[2] > 2 * look.colour[0]


@pytest.mark.parametrize("weather", ["rain", "thick fog", "a storm", "falling snow, snowfall"])
def test_weather_changes_the_picture(weather: str) -> None:
    clear, other = (picture(request(f"a road in the fields at noon, {words}")) for words in ("clear sky", weather))
    assert np.abs(clear - other).mean() > 8


def test_a_slightly_different_framing_is_a_view_of_the_same_scene() -> None:
    prompt = "a fox in the mountains at dawn"
    here, near, far = (picture(request(prompt, framing=Framing("wide", x, 0.0, 1.0 + x))) for x in (0.0, 0.02, 0.6))
    assert likeness(here, near) > 0.8
    assert likeness(here, near) > likeness(here, far)


def test_a_close_shot_shows_the_figure_larger() -> None:
    figures = (Figure("Mara", "a woman in a red coat"),)
    wide, close = (
        picture(request("a snow field at noon, Mara stands", framing=framing, figures=figures))
        for framing in (Framing("wide"), Framing("close_up", zoom=2.2))
    )
    red = [(seen[..., 0] - seen[..., 1] > 60).mean() for seen in (wide, close)]
    assert red[1] > 2 * red[0] > 0


def test_a_character_moves_on_with_the_beats() -> None:
    pictures = [picture(request("a boy walks over a meadow", place=Place("meadow", "grass"), beat=beat)) for beat in (0, 1)]
    assert np.abs(pictures[0] - pictures[1]).mean() > 0.2


@pytest.mark.parametrize(
    "prompt", ["夜晚的城市", "قطة على السطح", "🌋🚀", "Ein Wald im Nebel", "zzz qqq", "x" * 5000, "a\x00b\ud800"]
)
def test_any_script_makes_a_picture(prompt: str) -> None:
    assert picture(request(prompt)).std() > 8


@pytest.mark.parametrize(
    ("prompt", "place", "time"),
    [
        ("Ein Leuchtturm an der Küste bei Nacht", "coast", "night"),
        ("黄昏的山", "mountains", "dusk"),
        ("la mer à midi", "sea", "noon"),
        ("un bosque al amanecer", "forest", "dawn"),
    ],
)
def test_common_words_of_other_languages_are_known(prompt: str, place: str, time: str) -> None:
    scene = read(request(prompt))
    assert (scene.place, scene.time) == (place, time)


def test_the_words_of_the_place_win_over_those_of_the_prompt() -> None:
    assert read(request("she dreams of the sea and of mountains", place=Place("the kitchen", ""))).place == "room"


@pytest.mark.parametrize(("prompt", "place"), [("a robot on mars", "space"), ("a seagull over sunflowers, meadow", "field"),
    ("the desertion", "")])
def test_a_word_inside_another_word_is_not_meant(prompt: str, place: str) -> None:
    found = read(request(prompt)).place
    assert found == place or (not place and found != "desert")


def test_what_is_said_of_a_character_is_not_taken_for_the_place() -> None:
    mara = Figure("Mara", "a lighthouse keeper in a yellow raincoat")
    scene = read(request("Mara is a lighthouse keeper in a yellow raincoat. A wood at noon.", figures=(mara,)))
    assert (scene.place, scene.weather, "lighthouse" in scene.details) == ("forest", "clear", False)


def test_a_storm_that_is_over_is_not_drawn() -> None:
    assert read(request("At dawn the storm is over and the beach lies still")).weather == "clear"
    for words in ("At dawn a storm is coming over the beach", "a storm over the sea"):
        assert read(request(words)).weather == "storm"


def test_beings_of_a_prompt_without_figures_are_found_once() -> None:
    cast = read(request("An old man and his grandmother walk with a brown dog and two travellers")).figures
    assert [figure.name for figure in cast] == ["elder", "granny", "dog"]


@pytest.mark.parametrize(
    ("about", "kind"),
    [
        ("a small robot with a lamp", "robot"),
        ("an old woman with a cane", "granny"),
        ("a young keeper in a coat", "man"),
        ("an old dog", "dog"),
        ("eine Frau im roten Mantel", "woman"),
        ("一只红色的狐狸", "fox"),
    ],
)
def test_a_description_says_what_being_it_is(about: str, kind: str) -> None:
    assert look_of(Figure("X", about), seed=1).kind == kind


@pytest.mark.parametrize(
    ("prompt", "place", "expected"),
    [
        ("On the deck of a ship the captain grips the wheel. Setting: the harbour.", "the harbour", "deck"),
        ("In the lighthouse the lamp is cold. Setting: the lighthouse.", "the lighthouse", "tower"),
        ("Far below, the ship begins to turn. Setting: the lighthouse.", "the lighthouse", "tower"),
        ("Below the lighthouse she waits on the rocks. Setting: the lighthouse.", "the lighthouse", "coast"),
        ("The lighthouse shines over the bay. Setting: the beach.", "the beach", "coast"),
    ],
)
def test_decks_and_towers_are_places_to_be_in(prompt: str, place: str, expected: str) -> None:
    assert read(request(prompt, place=Place(place, ""))).place == expected


CAST = (Figure("Mara", "a keeper in a yellow raincoat"), Figure("Biscuit", "a small white dog"),
        Figure("Captain Idris", "a tall man"))


@pytest.mark.parametrize(
    ("prompt", "acts"),
    [
        ("Mara and Biscuit hurry along a path. Captain Idris waits.", ["run", "run", "look"]),
        ("Captain Idris walks towards Mara, and the white dog races ahead.", ["", "run", "walk"]),
        ("Mara and Captain Idris meet. They stand face to face.", ["stand", "stand", "stand"]),
        ("Night falls. Mara climbs the stairs with a lantern in her hand.", ["climb", "walk", "walk"]),
        ("A great wave breaks over the bow, and he searches the dark.", ["look", "walk", "walk"]),
    ],
)
def test_everybody_does_what_is_said_of_them(prompt: str, acts: list[str]) -> None:
    asked = request(prompt, figures=CAST)
    scene = read(asked)
    assert [role.action for role in roles(asked, scene, [look_of(figure, 7) for figure in CAST])] == acts


def test_a_cat_called_tiger_is_a_cat() -> None:
    assert look_of(Figure("Tiger", "a small cat"), seed=1).kind == "cat"


def test_who_is_only_passed_by_an_animal_does_not_run() -> None:
    asked = request("A black cat runs past her.", figures=CAST[:1])
    assert roles(asked, read(asked), [look_of(CAST[0], 7)])[0].action == ""


def test_who_is_said_to_hold_a_lantern_holds_it() -> None:
    asked = request("Mara climbs the stairs with a lantern in her hand, and Biscuit runs ahead under a lamp", figures=CAST[:2])
    told = roles(asked, read(asked), [look_of(figure, 7) for figure in CAST[:2]])
    assert [set(role.carries) for role in told] == [{"lantern"}, set()]


@pytest.mark.parametrize("verb", ["walks", "runs", "climbs", "stands"])
@pytest.mark.parametrize("place", ["the beach", "the forest", "the kitchen", "the castle"])
def test_who_moves_has_gone_a_step_that_a_morph_can_follow(verb: str, place: str) -> None:
    first, last = (
        actors(asked, read(asked)) for beat in (0, 1)
        if (asked := request(f"Mara {verb}", place=Place(place, ""), figures=CAST[:1], beat=beat))
    )
    gone = abs(last[0].x - first[0].x) * LENS / first[0].z / (SMALL.width / SMALL.height)
    assert gone < 0.065 and (gone > 0.03 or verb == "stands") and first[0].left == last[0].left


@pytest.mark.parametrize("framing", [Framing("wide", y=-0.07), Framing("wide", zoom=1.25), Framing("wide", x=0.18)])
def test_feet_stay_in_a_wide_shot(framing: Framing) -> None:
    asked = request("Mara walks on the beach", framing=framing, figures=CAST[:1], beat=1)
    cast = actors(asked, read(asked))
    view = see(SMALL, framing, 0.6, 0.95, aim(cast, framing.zoom))
    foot = view.project(np.array([[cast[0].x, 0.0, cast[0].z]]))[0]
    assert 0 < foot[0] < SMALL.width and foot[1] < SMALL.height


def test_lightning_does_not_stand_still() -> None:
    one, other = (picture(request("a storm over the sea at night", place=Place("the sea", ""), beat=beat)) for beat in (1, 2))
    assert np.abs(one[:60] - other[:60]).mean() > 2


def test_the_great_lamp_burns_once_it_is_lit() -> None:
    room = Place("the lighthouse", "")
    cold, lit = (picture(request(words, place=room)) for words in ("In the lighthouse at midnight the lamp is cold",
        "Far below, at midnight, the ship turns"))
    assert lit.mean() > 1.25 * cold.mean()


def test_things_have_the_colour_that_stands_before_their_name() -> None:
    tints = read(request("She ties up her red rowing boat by the white house. Green hills.")).tints
    assert set(tints) == {"boat", "house"} and tints["boat"][0] > 2 * tints["boat"][2]


def test_a_stopped_run_stops_the_drawing(tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        raise Cancelled("stopped")

    backend = SketchImages(SketchImages.Options(), FilmFormat(SMALL, Fraction(24)))
    with pytest.raises(Cancelled):
        asyncio.run(backend.generate(request("a forest"), tmp_path / "never.png", stop))
    assert not (tmp_path / "never.png").exists()


def test_a_folder_that_is_not_there_is_a_failure_with_a_reason(tmp_path: Path) -> None:
    backend = SketchImages(SketchImages.Options(), FilmFormat(SMALL, Fraction(24)))
    with pytest.raises(GenerationFailed, match="cannot be written"):
        asyncio.run(backend.generate(request("a forest"), tmp_path / "missing" / "a.png", lambda progress: None))


@pytest.mark.parametrize(("prompt", "told"), [
    ("A zebra crosses the plain", ["it cannot draw “zebra”: a horse stands in"]),
    ("Ein Dinosaurier frisst im Wald", ["it cannot draw “dinosaurier”: a dragon stands in"]),
    ("一只长颈鹿在草原上", ["it cannot draw “长颈鹿”: a camel stands in"]),
    ("A ghost and a piano", ["it cannot draw “ghost”: a plain figure stands in", "it cannot draw “piano” and leaves it out"])])
def test_what_cannot_be_drawn_is_named_with_what_stands_in(prompt: str, told: list[str]) -> None:
    assert list(remarks(request(prompt))) == told


@pytest.mark.parametrize("prompt", [
    "A horse and a fox in the rain", "Clouds like elephants, eyes like a tiger", "The road snakes up to the zebra crossing",
    "A child hugs a stuffed panda", "There is no helicopter to be seen", "A girl in a fairy tale town"])
def test_nothing_is_said_of_what_is_drawn_or_not_meant(prompt: str) -> None:
    assert list(remarks(request(prompt))) == []


def test_a_character_without_a_shape_is_drawn_as_its_stand_in_in_every_picture() -> None:
    zora = Figure("Zora", "a young zebra who follows a boy")
    assert look_of(zora, 7).kind == "horse"
    asked = request("Zora waits at the gate", figures=(zora,))
    assert list(remarks(asked)) == ["it cannot draw “zebra”: a horse stands in"]
    assert [figure.name for figure in read(request("a boy and a tiger at the lake")).figures] == ["child", "tiger"]


def test_what_came_before_the_moment_brings_its_things_along_and_not_its_weather() -> None:
    scene = read(request("Still image, wide shot. The last moment of this action: The rain has stopped and Anna waves. "
                         "Just before: At night a storm drives a boat into the bay. Setting: the beach, in the morning. "
                         "Style: film."))
    assert (scene.time, scene.weather, scene.action) == ("morning", "clear", "wave")
    assert "boat" in scene.details


@pytest.mark.parametrize(("prompt", "time", "weather"), [
    ("Standbild, Totale. Der letzte Moment dieser Handlung: Sie wartet. Schauplatz: Wald, am Nachmittag, bei bedecktem Wetter.",
     "day", "cloudy"),
    ("静帧，全景。这一动作的最后一刻：她等待。场景：海边，晚上，雾中。画面：电影质感，自然光。", "dusk", "fog"),
    ("Image fixe, plan moyen. Décor : plage, au coucher du soleil, par temps clair.", "dusk", "clear"),
    ("Imagen fija, plano medio. Escenario: playa, en la hora dorada, con tiempo nublado.", "golden", "cloudy")])
def test_the_planners_words_for_time_and_weather_are_understood_in_its_languages(prompt: str, time: str, weather: str) -> None:
    scene = read(request(prompt))
    assert (scene.time, scene.weather) == (time, weather)
