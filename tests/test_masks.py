"""What of a picture stays while the rest is painted anew: found, feathered, really the same pixels afterwards."""

import cv2
import numpy as np
import pytest

import checks
from errors import MediaError, UserMistakes
from image_generator_interface import ImageCapabilities
from media import frames, masks
from storyboard import problems
from tests.fake_painter import Painter, Stroke, Studio
from tests.painted_film import PaintedFilm, board
from tests.test_scores import photograph

HEIGHT, WIDTH = 270, 480
SCENES = [("person", 1, 0.45, 0.5), ("dog", 2, 0.6, 0.6), ("box", 3, 0.35, 0.55), ("star", 4, 0.5, 0.45), ("two", 5, 0.5, 0.55)]
EDITS = ImageCapabilities(references=4, edits=True)


def shape(kind, x, y):
    """(H, W) bool: a figure standing at x, y of the frame."""
    drawn, x, y = np.zeros((HEIGHT, WIDTH), np.uint8), int(x * WIDTH), int(y * HEIGHT)
    if kind == "person":
        cv2.circle(drawn, (x, y - 62), 18, 1, -1)
        cv2.ellipse(drawn, (x, y), (26, 48), 0, 0, 360, 1, -1)
        for left in (-18, 6):
            cv2.rectangle(drawn, (x + left, y + 40), (x + left + 12, y + 85), 1, -1)
    elif kind == "dog":
        cv2.ellipse(drawn, (x, y), (50, 24), 0, 0, 360, 1, -1)
        cv2.circle(drawn, (x + 52, y - 22), 17, 1, -1)
        for left in (-38, -22, 22, 38):
            cv2.rectangle(drawn, (x + left - 5, y + 10), (x + left + 5, y + 50), 1, -1)
    elif kind == "box":
        cv2.rectangle(drawn, (x - 40, y - 50), (x + 40, y + 60), 1, -1)
    elif kind == "star":
        corners = [(x + int(far * np.sin(n * np.pi / 5)), y - int(far * np.cos(n * np.pi / 5)))
                   for n, far in enumerate([28, 60] * 5)]
        cv2.fillPoly(drawn, [np.array(corners)], 1)
    else:
        cv2.ellipse(drawn, (x - 45, y), (26, 60), 0, 0, 360, 1, -1)
        cv2.ellipse(drawn, (x + 45, y + 5), (24, 52), 0, 0, 360, 1, -1)
    return drawn > 0


def scene(kind, seed, x, y, light=1.0, still=False):
    """A figure before sky, ground and a dozen things of every colour, with grain; and where it is."""
    draw = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    behind = np.where((rows > HEIGHT * 0.6)[..., None], draw.integers(40, 140, 3), draw.integers(90, 200, 3))
    behind = behind + (columns / WIDTH * 25)[..., None]
    for _ in range(9):
        colour, at_x, at_y, radius = draw.integers(60, 180, 3), *(draw.random(2) * (WIDTH, HEIGHT)), draw.random() * 30 + 8
        behind[np.hypot(rows - at_y, columns - at_x) < radius] = colour
    behind += cv2.GaussianBlur(draw.normal(0, 25, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 3)[..., None]
    where = shape(kind, x, y)
    figure = np.array([215, 60, 40] if seed % 2 else [30, 40, 90]) + ((rows - y * HEIGHT) * 0.15)[..., None]
    rgb = (behind if still else np.where(where[..., None], figure, behind)) * light
    return np.clip(rgb + np.random.default_rng(seed + 99).normal(0, 3, rgb.shape), 0, 255).astype(np.uint8), where


def overlap(one, other):
    return (one & other).sum() / (one | other).sum()


@pytest.mark.parametrize(("kind", "seed", "x", "y"), SCENES)
def test_what_moved_by_less_than_its_width_is_found_to_nine_tenths(kind, seed, x, y):
    before, _ = scene(kind, seed, x + 0.12, y, 0.95)
    now, where = scene(kind, seed, x, y)
    assert overlap(masks.subject(now, before).subject, where) > 0.9


@pytest.mark.parametrize(("kind", "seed", "x", "y"), SCENES)
def test_what_came_from_afar_is_found_to_nine_tenths_or_not_at_all(kind, seed, x, y):
    before, _ = scene(kind, seed, x - 0.22, y + 0.02, 0.95)
    now, where = scene(kind, seed, x, y)
    try:
        found = masks.subject(now, before).subject
    except masks.NoMask as none:
        assert (kind, str(none)) == ("dog", "it does not account for all that has changed")
    else:
        assert overlap(found, where) > 0.9


def test_who_has_come_in_is_found_as_well():
    before, _ = scene("person", 1, 0.5, 0.5, still=True)
    now, where = scene("person", 1, 0.5, 0.5)
    assert overlap(masks.subject(now, before).subject, where) > 0.9


def test_of_a_photograph_what_stands_in_front_is_found():
    rgb = photograph("astronaut")
    found = masks.subject(rgb).subject
    height, width = found.shape
    face, suit = found[int(0.10 * height):int(0.3 * height), int(0.38 * width):int(0.5 * width)], found[int(0.6 * height):int(
        0.75 * height), int(0.2 * width):int(0.5 * width)]
    flag, sky = found[:int(0.5 * height), :int(0.1 * width)], found[:int(0.1 * height), int(0.6 * width):]
    assert min(face.mean(), suit.mean()) > 0.9 > 0.1 > max(flag.mean(), sky.mean())


@pytest.mark.parametrize("rgb", [photograph("rocket"), photograph("chelsea"), np.full((90, 160, 3), 90, np.uint8),
                                 np.random.default_rng(3).integers(0, 255, (90, 160, 3)).astype(np.uint8)])
def test_where_nothing_stands_out_clearly_there_is_no_mask_and_a_reason(rgb):
    with pytest.raises(masks.NoMask, match=r"\w+"):
        masks.subject(rgb)


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
    assert overlap(masks.subject(*large).subject, expected) > 0.9


