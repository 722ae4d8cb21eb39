"""What can go wrong around a run folder: a person's files, odd backends, plans that cannot be, and a lost ledger."""

import shutil

import pytest
from PIL import Image

import storyboard
from media import probe
from storyboard import Segment, Storyboard
from tests import films


def photograph(path, seed=0, size=(300, 200)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.effect_mandelbrot(size, (-2 + seed / 10, -1.5, 1, 1.5), 40).convert("RGB").save(path)
    return path.read_bytes()


def board(film, *segments):
    """Puts a hand-made storyboard into a fresh run folder: (seconds, join, dissolve_s) of each segment."""
    made_by_hand = Storyboard(title="t", segments=tuple(
        Segment(index=index, seconds=seconds, join=join, dissolve_s=dissolve, video_prompt=f"a fox {index}",
                first_keyframe_prompt=f"a lake {index}", last_keyframe_prompt=f"a forest {index}")
        for index, (seconds, join, dissolve) in enumerate(segments, start=1)))
    film.folder.mkdir(exist_ok=True)
    (film.folder / "storyboard.yaml").write_text(storyboard.render(made_by_hand))


def clips(ran, kind="made"):
    return {node for node in ran.nodes(kind) if node.startswith("clip")}


def test_one_photograph_under_two_names_and_shared_holes_of_a_preview_are_no_trouble(tmp_path):
    film = films.write_config(tmp_path)
    board(film, *[(1, "continuous", None)] * 5)
    for name in ("segment_01.JPG", "segment_02.png", "segment_03.jpeg"):
        photograph(film.folder / "keyframes" / name)
    ran = film.run("--only", "1", "--fill", "animatic")
    assert ran.code == 0
    assert ran.nodes("adopted") == {"keyframe segment_01"}
    assert probe.probe(film.folder / "preview" / "preview.mp4").frames == 60


def test_a_picture_the_film_has_no_place_for_is_named(film):
    photograph(film.folder / "keyframes" / "segment_9.png")
    assert any("segment_9.png is not used" in event.text for event in film.run().events)


def test_a_person_s_clip_and_film_are_put_aside_and_never_lost(film):
    (film.folder / "segments" / "segment_02.mp4").unlink()
    (film.folder / "segments" / "segment_02.mp4").write_bytes(b"my own cut")
    film.film.write_bytes(b"with music")
    ran = film.run()
    assert ran.code == 0
    assert (film.folder / "segments" / "segment_02.yours.1.mp4").read_bytes() == b"my own cut"
    assert (film.folder / "film.yours.1.mp4").read_bytes() == b"with music"
    assert clips(ran) == set()


def test_a_lost_ledger_makes_nothing_of_ours_the_user_s(film):
    (film.folder / "ledger.sqlite").unlink()
    ran = film.run()
    assert ran.code == 0
    assert ran.nodes("adopted") == set()


def test_a_segment_put_in_remakes_only_itself_and_its_neighbours(film):
    plan = storyboard.read(film.folder / "storyboard.yaml")
    new = plan.segments[0].model_copy(update={
        "video_prompt": "A gull.", "first_keyframe_prompt": "A gull on a rock.", "last_keyframe_prompt": "A gull in the air."})
    segments = [new, *plan.segments]
    numbered = tuple(segment.model_copy(update={"index": index, "join": "cut" if index == 2 else segment.join})
                     for index, segment in enumerate(segments, start=1))
    (film.folder / "storyboard.yaml").write_text(storyboard.render(plan.model_copy(update={"segments": numbered})))
    ran = film.run()
    assert ran.code == 0
    assert clips(ran) == {"clip segment_01"}


def test_a_shortened_film_leaves_no_clip_of_the_longer_one_in_segments(film):
    plan = storyboard.read(film.folder / "storyboard.yaml")
    (film.folder / "storyboard.yaml").write_text(storyboard.render(plan.model_copy(update={"segments": plan.segments[:2]})))
    assert film.run().code == 0
    assert sorted(path.name for path in (film.folder / "segments").iterdir()) == ["segment_01.mp4", "segment_02.mp4"]


def test_a_redo_that_fails_costs_nothing(tmp_path, plugins):
    film = films.write_config(tmp_path)
    assert film.run("--backend", "test-flaky").code == 0
    assert film.run("--backend", "test-flaky", "--redo", "2", "--set", "test-flaky.fail=[2]").code == 4
    again = film.run("--backend", "test-flaky")
    assert (again.code, clips(again)) == (0, set())


def test_a_redo_of_what_is_left_out_is_a_mistake(film, capsys):
    assert film.run("--redo", "1", "--only", "2").code == 2
    assert "left out by --only" in capsys.readouterr().err
    assert film.run("--redo", "9").code == 2
    assert "the film has 4 segments" in capsys.readouterr().err


def test_a_clip_longer_than_planned_is_refused_and_named(tmp_path, plugins, capsys):
    film = films.write_config(tmp_path, video_generation_backend="test-long")
    ran = film.run()
    assert (ran.code, len(ran.nodes("failed"))) == (4, 4)
    assert "segments 1-4: test-long: the clip lasts 1.58 s where the plan has 1.08 s" in capsys.readouterr().err


def test_a_bug_in_a_backend_is_a_failure_of_its_clips(tmp_path, plugins, capsys):
    film = films.write_config(tmp_path, video_generation_backend="test-buggy")
    assert film.run().code == 4
    assert "its code failed: ValueError: list index out of range" in capsys.readouterr().err


def test_an_image_backend_that_cannot_run_stops_the_run_whatever_the_fallbacks(tmp_path, plugins, capsys):
    film = films.write_config(tmp_path, image_generation_backend="test-broken-images",
                              **{"test-broken-images": {"unwell": True}})
    assert film.run().code == 3
    assert "no key" in capsys.readouterr().err
    assert not film.folder.exists()


@pytest.mark.parametrize(("segments", "fps", "said"), [
    ([(2, "cut", None), (2, "dissolve", 1.5), (2, "dissolve", 1.9)], 12, "segment_02: has 6 frames of its own, and 23"),
    ([(0.5, "cut", None), (0.5, "continuous", None)], 1, "is shorter than one frame"),
])
def test_a_plan_that_cannot_be_is_refused_before_anything_is_made(tmp_path, plugins, capsys, segments, fps, said):
    film = films.write_config(tmp_path, fps=fps)
    board(film, *segments)
    ran = film.run(*["--backend", "test-two-lengths"][:2 if fps == 12 else 0])
    assert ran.code == 2
    assert said in capsys.readouterr().err
    assert not ran.nodes("started")


def test_dissolves_in_a_row_keep_the_planned_length_where_the_backend_makes_longer_clips(tmp_path):
    film = films.write_config(tmp_path)
    board(film, (2, "cut", None), (2, "dissolve", 1.5), (2, "dissolve", 1.9))
    assert film.run().code == 0
    assert probe.probe(film.film).frames == 72


def test_a_storyboard_that_is_not_utf_8_is_refused_with_its_name(film, capsys):
    (film.folder / "storyboard.yaml").write_bytes("title: Café".encode("latin-1"))
    assert film.run().code == 2
    assert "storyboard.yaml" in capsys.readouterr().err


def test_the_folder_may_be_moved(film, tmp_path):
    shutil.move(film.folder, tmp_path / "elsewhere")
    moved = films.Film(tmp_path / "elsewhere", film.config)
    assert moved.run("--output-dir", str(tmp_path / "elsewhere")).nodes("made") == set()


def test_a_new_reference_picture_makes_keyframes_stale_and_remakes_them_when_asked(film):
    plan = storyboard.read(film.folder / "storyboard.yaml")
    first = photograph(film.folder / "mara.png", size=(64, 64))
    who = plan.segments[0].characters[0]
    cast = tuple(one.model_copy(update={"reference": "mara.png"}) if one.name == who else one for one in plan.characters)
    (film.folder / "storyboard.yaml").write_text(storyboard.render(plan.model_copy(update={"characters": cast})))
    assert "keyframe segment_00" in film.run().nodes("made")
    Image.new("RGB", (64, 64), (250, 20, 20)).save(film.folder / "mara.png")
    kept = film.run()
    assert "keyframe segment_00" in kept.nodes("stale")
    assert not kept.nodes("made")
    assert "keyframe segment_00" in film.run("--refresh", "stale").nodes("made")
    (film.folder / "mara.png").write_bytes(first)
    assert not {node for node in film.run("--refresh", "stale").nodes("made") if node.startswith("keyframe")}


def test_a_preview_shows_the_clips_that_earlier_runs_made(film):
    ran = film.run("--only", "2", "--fill", "animatic")
    assert ran.code == 0
    assert not (film.folder / "preview" / "fill").exists()
    assert any("film.mp4 is as an earlier run left it" in event.text for event in ran.events)


def test_a_take_that_is_the_same_again_is_said_to_be(film):
    ran = film.run("--redo", "2")
    assert any("byte for byte the clip it was" in event.text for event in ran.events if event.node == "clip segment_02")
