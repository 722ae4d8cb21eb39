"""What of a picture stays while the rest is painted anew: found, feathered, really the same pixels afterwards."""

import cv2
import numpy as np
import pytest

import checks
from benchmarks import mask_scenes
from errors import MediaError, UserMistakes
from image_generator_interface import ImageCapabilities
from media import arrivals, figure_proof, figures, frames, masks, salience
from storyboard import problems
from tests.fake_painter import Painter, Stroke, Studio
from tests.painted_film import PaintedFilm, board
from tests.test_scores import photograph

HEIGHT, WIDTH = mask_scenes.HEIGHT, mask_scenes.WIDTH
SCENES = [("person", 1, 0.45, 0.5), ("dog", 2, 0.6, 0.6), ("box", 3, 0.35, 0.55), ("star", 4, 0.5, 0.45), ("two", 5, 0.5, 0.55)]
LAID = {one.name: one for one in mask_scenes.laid()}
EDITS = ImageCapabilities(references=4, edits=True)
shape = mask_scenes.outline


def scene(kind, seed, x, y, light=1.0, still=False):
    return mask_scenes.picture(kind, seed, x, y, light=light, empty=still)


def laid(name):
    return LAID[name]


def only_in(here, there, where):
    return arrivals.only_in(here, there, where, np.ones(where.shape, bool), 1)


def overlap(one, other):
    return (one & other).sum() / (one | other).sum()


@pytest.mark.parametrize(("kind", "seed", "x", "y"), SCENES)
def test_what_moved_by_less_than_its_width_is_found_to_nine_tenths(kind, seed, x, y):
    before, _ = scene(kind, seed, x + 0.12, y, 0.95)
    now, where = scene(kind, seed, x, y)
    assert overlap(figures.subject(now, before).subject, where) > 0.9


@pytest.mark.parametrize(("kind", "seed", "x", "y"), SCENES)
def test_what_came_from_afar_is_found_to_nine_tenths(kind, seed, x, y):
    before, _ = scene(kind, seed, x - 0.22, y + 0.02, 0.95)
    now, where = scene(kind, seed, x, y)
    assert overlap(figures.subject(now, before).subject, where) > 0.9


@pytest.mark.parametrize(("kind", "seed", "x", "y"), SCENES)
def test_who_has_come_in_is_found_as_well(kind, seed, x, y):
    before, _ = scene(kind, seed, x, y, 0.95, still=True)
    now, where = scene(kind, seed, x, y)
    assert overlap(figures.subject(now, before).subject, where) > 0.9


def test_what_moved_is_found_although_the_camera_moved_too():
    one = laid("astronaut before coffee in")
    way = np.array([[1, 0, 7], [0, 1, -4]], np.float64)
    before = cv2.warpAffine(one.before, way, (640, 360), borderMode=cv2.BORDER_REFLECT_101)
    assert overlap(figures.subject(one.now, np.asarray(before, np.uint8)).subject, one.figure) > 0.9


@pytest.mark.parametrize("name", ["astronaut before coffee in", "astronaut before coffee far", "coffee before rocket in",
                                  "rocket before chelsea far", "rocket before chelsea near"])
def test_of_photographs_what_came_is_found_whole(name):
    assert overlap(figures.subject(laid(name).now, laid(name).before).subject, laid(name).figure) > 0.9


def test_what_left_is_not_taken_for_what_came():
    one = laid("astronaut before coffee in")
    with pytest.raises(masks.NoMask):
        figures.subject(one.before, one.now)


def test_what_came_has_its_outline_in_this_picture_only():
    one = laid("astronaut before coffee in")
    half = one.figure & (np.arange(360)[:, None] > 250)
    assert only_in(one.now, one.before, one.figure) > 0.9
    assert only_in(one.before, one.now, one.figure) < 0.2
    assert only_in(one.now, one.before, half) < arrivals.CAME


def test_of_a_finding_both_outlines_count_and_a_second_one_unless_they_are_clear():
    where = shape("box", 0.5, 0.5)

    def is_sure(came, left, others=(), whole=False):
        return arrivals.Arrival(where, 1.0, 1.0, came, left, whole).is_sure(list(others))

    assert is_sure(0.96, None) and is_sure(0.96, 0.9) and is_sure(0.88, 0.82, [where]) and is_sure(0.88, None, whole=True)
    assert not is_sure(0.88, None) and not is_sure(0.88, 0.82, [shape("star", 0.5, 0.5)])
    assert not is_sure(0.7, None, [where], whole=True) and not is_sure(1.0, 0.6, [where], whole=True)


def test_one_picture_in_which_one_thing_stands_out_is_enough():
    now = np.full((270, 480, 3), (150, 170, 200), np.uint8)
    now = np.clip(now + np.random.default_rng(1).normal(0, 4, now.shape), 0, 255).astype(np.uint8)
    where = shape("person", 0.5, 0.5)
    now[where] = (190, 70, 40)
    assert overlap(figures.subject(now).subject, where) > 0.9


def test_a_head_without_shoulders_is_told():
    rgb = photograph("astronaut")
    whole = np.zeros(rgb.shape[:2], bool)
    (face, *_) = salience.faces(rgb)
    whole[face.y - face.height // 2:face.y + round(1.4 * face.height), face.x:face.x + face.width] = True
    assert figure_proof.lacks_shoulders(rgb, whole)
    whole[face.y + face.height:, :face.x + 3 * face.width] = True
    assert not figure_proof.lacks_shoulders(rgb, whole)


@pytest.mark.parametrize("name", ["person", "dog", "two"])
def test_of_several_things_that_stand_out_none_is_chosen(name):
    now, _ = scene(name, 12, 0.45, 0.5)
    with pytest.raises(masks.NoMask, match=r"several things|not clear"):
        figures.subject(now)


NOT_CLEAR = ("rocket", "chelsea", "coffee", "astronaut", "grass", "coins", "moon")


@pytest.mark.parametrize("rgb", [*(photograph(name) for name in NOT_CLEAR),
                                 np.full((90, 160, 3), 90, np.uint8),
                                 np.random.default_rng(3).integers(0, 255, (90, 160, 3)).astype(np.uint8)])
def test_where_nothing_stands_out_clearly_there_is_no_mask_and_a_reason(rgb):
    with pytest.raises(masks.NoMask, match=r"\w+"):
        figures.subject(rgb)


@pytest.mark.parametrize(("kind", "seed", "x", "y"), SCENES)
def test_what_is_kept_is_the_same_pixels_whatever_comes_back(kind, seed, x, y):
    base, where = scene(kind, seed, x, y)
    painted = np.clip(np.roll(base, 37, axis=1).astype(int) + np.array([25, -10, 8]), 0, 255).astype(np.uint8)
    out = masks.put_back(base, painted, where)
    assert np.abs(out[where].astype(int) - base[where]).max() == 0
    far = cv2.distanceTransform((~where).astype(np.uint8), cv2.DIST_L2, 3) > 60
    assert np.abs(out[far].astype(int) - base[far]).mean() > 5


def test_a_shift_of_colour_leaves_no_seam():
    base, where = scene("box", 3, 0.4, 0.5)
    painted = np.clip(base.astype(int) + np.array([18, -12, 9]), 0, 255).astype(np.uint8)
    ring = (cv2.dilate(where.astype(np.uint8), np.ones((25, 25))) > 0) & ~where
    seam = np.abs(masks.put_back(base, painted, where)[ring].astype(int) - base[ring]).mean()
    assert seam < 0.4 * np.abs(painted[ring].astype(int) - base[ring]).mean()


def test_a_mask_is_black_where_it_keeps_and_rises_outside():
    kept = shape("box", 0.5, 0.5)
    grey = masks.feathered(kept)
    assert grey[kept].max() == 0 and grey[0, 0] == 255
    assert 0 < grey[(grey > 0) & (grey < 255)].size < 0.1 * grey.size


@pytest.mark.parametrize(("picture", "said"), [
    (np.full((90, 160, 3), 255, np.uint8), "one colour"), (np.zeros((90, 90, 3), np.uint8), "another shape")])
def test_a_mask_by_hand_that_is_of_no_use_is_told(tmp_path, picture, said):
    frames.save_png(picture, tmp_path / "mask.png")
    with pytest.raises(MediaError, match=said):
        masks.by_hand(tmp_path / "mask.png", (320, 180))


# -- in a film -------------------------------------------------------------------------------------------------------------


def half(folder):
    """A mask by hand: the right half is painted anew."""
    grey = np.zeros((64, 64, 3), np.uint8)
    grey[:, 32:] = 255
    frames.save_png(grey, folder / "half.png")


def masked(folder, mask="half.png", **fields):
    folder.mkdir(exist_ok=True)
    half(folder)
    return PaintedFilm(folder, board({}, {"mask": mask, **fields}), {"keyframes": {"rerolls": 0}})


def test_a_keyframe_with_a_mask_is_the_one_before_painted_anew_in_part(tmp_path):
    studio = Studio()
    ran = masked(tmp_path).run(Painter(studio, EDITS))
    edits = [post.edit is not None for post in studio.posts]
    before, after = (frames.load_rgb(ran.keyframe(name).path) for name in ("segment_01", "segment_02"))
    assert edits == [False, False, True] and studio.posts[2].previous is None
    assert np.abs(after[:, :32].astype(int) - before[:, :32]).max() == 0
    assert np.abs(after[:, 40:].astype(int) - before[:, 40:]).mean() > 5


def test_it_is_bought_once_and_composed_again_for_nothing(tmp_path):
    studio = Studio()
    ran = masked(tmp_path).run(Painter(studio, EDITS))
    assert ran.states == ["DONE"] * 3
    ran.keyframe("segment_02").path.unlink()
    again = masked(tmp_path).run(Painter(studio, EDITS))
    assert (len(studio.posts), again.keyframe("segment_02").sha256) == (3, ran.keyframe("segment_02").sha256)


def test_an_automatic_mask_that_finds_nothing_is_left_out_and_said(tmp_path):
    studio = Studio(lambda number, request: Stroke(picture=lambda _: np.random.default_rng(number).integers(
        90, 130, (64, 64, 3)).astype(np.uint8)))
    ran = masked(tmp_path, "auto").run(Painter(studio, EDITS))
    assert ran.said("no mask: ") and ran.said("the whole picture is drawn")
    assert studio.posts[2].edit is None and studio.posts[2].previous is not None


def test_a_backend_that_cannot_is_told_before_anything_is_drawn(tmp_path):
    film = masked(tmp_path)
    with pytest.raises(UserMistakes, match="segment_02: has a mask, and painter paints no part"):
        checks.masks_can_be_made(film.plan, Painter(Studio()), film.config, tmp_path)
    checks.masks_can_be_made(film.plan, Painter(Studio(), EDITS), film.config, tmp_path)
    with pytest.raises(UserMistakes, match="its mask is not there"):
        checks.masks_can_be_made(masked(tmp_path, "gone.png").plan, Painter(Studio(), EDITS), film.config, tmp_path)


def test_what_a_mask_keeps_is_said_only_of_an_automatic_one():
    assert not list(problems(board({}, {"mask": "auto", "mask_keeps": "surroundings"})))
    assert [one.where for one in problems(board({}, {"mask_keeps": "characters"}))] == ["segments.1.mask_keeps"]


def test_the_same_shape_is_kept_at_any_size():
    base, where = scene("person", 1, 0.45, 0.5)
    before, _ = scene("person", 1, 0.25, 0.5)
    large = [cv2.resize(one, (1280, 720), interpolation=cv2.INTER_CUBIC) for one in (base, before)]
    expected = cv2.resize(where.astype(np.uint8), (1280, 720), interpolation=cv2.INTER_NEAREST) > 0
    assert overlap(figures.subject(*large).subject, expected) > 0.9


