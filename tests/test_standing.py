"""How far a film is, read from its folder: what the next run will make, and nothing else, is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

import storyboard
from config import Loaded, load
from cost_estimator import Standing
from generators.factory import create_all
from image_generators.factory import create_all as create_images
from keyframe_slots import slots
from orders import Orders
from runtime.ledger import Ledger
from runtime.purchases import Intent
from runtime.run_folder import RunFolder
from runtime.run_store import LEDGER
from standing import from_ledger
from tests import films
from tests.films import Film
from timeline import timeline


@contextmanager
def opened(film: Film, *, read_only: bool = True) -> Iterator[RunFolder]:
    ledger = Ledger(film.folder / LEDGER, read_only=read_only)
    try:
        yield RunFolder(film.folder, ledger)
    finally:
        ledger.close()


def standing(film: Film, orders: Orders | None = None) -> Standing:
    loaded: Loaded = load(film.config, {})
    video = create_all(loaded)[0]
    board = storyboard.read(film.folder / "storyboard.yaml")
    with opened(film) as at:
        return from_ledger(at, board, timeline(board, video.capabilities, loaded.config.film), loaded.config, video,
                           create_images(loaded), orders)


def settings(film: Film, old: str, new: str) -> None:
    text = film.config.read_text(encoding="utf-8")
    assert old in text
    film.config.write_text(text.replace(old, new), encoding="utf-8")


def give_picture(film: Film) -> None:
    Image.new("RGB", (300, 300), "navy").save(film.folder / "keyframes" / "segment_02.png")


def spoil_takes(film: Film) -> None:
    (lost,), (damaged,) = (film.folder.glob(f"takes/segment_0{number}/clip-*") for number in (3, 1))
    lost.unlink()
    damaged.write_bytes(damaged.read_bytes()[:-1])


def rewrite(film: Film) -> None:
    film.change(2, video_prompt="Rain.")
    film.change(3, seconds=1.5)


CHANGES: dict[str, Callable[[Film], object]] = {
    "what a clip is asked": rewrite,
    "what a keyframe is asked": lambda film: film.change(2, last_keyframe_prompt="Rain over a desert."),
    "the seed": lambda film: settings(film, '"seed": 3', '"seed": 4'),
    "a picture of the user's": give_picture,
    "takes lost and damaged": spoil_takes,
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_missing_is_what_the_next_run_makes(film: Film, change: str):
    CHANGES[change](film)
    before = standing(film)
    ran = film.run()
    assert ran.code == 0
    made = {int(node.removeprefix("clip segment_")) for node in ran.nodes("made") if node.startswith("clip")}
    drawn = {node.removeprefix("keyframe ") for node in ran.nodes("made") if node.startswith("keyframe")}
    assert set(range(1, 5)) - set(before.clips) == made
    wanted = slots(storyboard.read(film.folder / "storyboard.yaml"), "keyframe", Orders())
    assert {slot.name for slot in wanted} - set(before.keyframes) == drawn


def test_in_chaining_mode_what_follows_a_missing_clip_in_its_scene_is_missing_too(tmp_path: Path):
    film = films.write_config(tmp_path, mode="chaining")
    assert film.run().code == 0
    assert set(standing(film).clips) == {1, 2, 3, 4}
    opens = [segment.index for segment in storyboard.read(film.folder / "storyboard.yaml").segments if segment.opens_a_scene]
    film.change(opens[-1], video_prompt="Rain.")
    assert set(standing(film).clips) == set(range(1, opens[-1]))


def test_in_chaining_mode_what_follows_a_clip_that_is_made_anew_is_priced_too(tmp_path: Path):
    film = films.write_config(tmp_path, mode="chaining")
    assert film.run().code == 0
    scene = next(scene for scene in storyboard.read(film.folder / "storyboard.yaml").scenes() if len(scene) > 1)
    first, *following = (segment.index for segment in scene)
    assert set(standing(film, Orders(redo=frozenset({first}))).clips) == {1, 2, 3, 4} - set(following)
    with opened(film, read_only=False) as at:
        clip = at.ledger.current(f"clip segment_{first:02d}")
        assert clip is not None
        one = at.ledger.purchases.intend(Intent(clip.node, clip.wanted, "job", "p", "m", {}, Decimal(1)), None)
        at.ledger.purchases.submitted(one.id, "job-1")
    found = standing(film).clips
    assert (found[first], set(found)) == ("paid", {1, 2, 3, 4} - set(following))


def test_a_clip_that_is_paid_and_not_there_yet_is_under_way(film: Film):
    with opened(film, read_only=False) as at:
        clip = at.ledger.current("clip segment_02")
        assert clip is not None
        at.ledger.unchoose(clip)
        bought = at.ledger.purchases
        one = bought.intend(Intent(clip.node, clip.wanted, "job", "p", "m", {}, Decimal("0.40")), None)
        other = bought.intend(Intent("clip segment_09", "f" * 64, "job", "p", "m", {}, Decimal("0.30")), None)
        bought.submitted(one.id, "job-1")
        bought.ended(other.id, "FAILED", "no", charged_usd=Decimal("0.25"), by="provider")
    found = standing(film)
    assert found.clips == {1: "there", 2: "paid", 3: "there", 4: "there"}
    assert (found.charged_usd, found.reserved_usd, found.counted_usd) == (Decimal("0.25"), Decimal("0.40"), Decimal("0.65"))


def test_the_time_that_clips_of_the_backend_took_here_is_measured(film: Film, plugins: None):
    measured = standing(film).clip_wall_s
    assert measured is not None and measured > 0
    settings(film, '"seed": 3', '"seed": 3, "video_generation_backend": "test-two-lengths"')
    assert standing(film).clip_wall_s is None


def test_looking_changes_nothing(film: Film):
    def held() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in film.folder.rglob("*") if path.is_file()}

    film.change(2, video_prompt="Rain.")
    before = held()
    standing(film)
    assert held() == before
