"""A film from a prompt, by the real pipeline at a small size: what is made, what is made again, and what is refused."""

import itertools
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

import storyboard
from media import frames, probe
from media.film_format import Size
from runtime.ledger import Ledger
from tests import films


def decoded(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_the_film_has_the_planned_frames_and_every_one_decodes(made):
    facts = probe.probe(made.film)
    assert (facts.frames, facts.size, facts.fps, facts.constant_rate) == (48, Size(160, 90), Fraction(12), True)
    probe.check_decodes(made.film)
    assert len(decoded(made.film)) == 48


def test_each_clip_opens_and_ends_with_its_keyframes(made):
    joins = {segment.join for segment in storyboard.read(made.folder / "storyboard.yaml").segments}
    assert joins == {"continuous", "cut"}
    for clip in sorted((made.folder / "segments").iterdir()):
        pictures = made.folder / "keyframes"
        first = pictures / f"{clip.stem}_first.png"
        if not first.exists():
            first = pictures / f"segment_{int(clip.stem[-2:]) - 1:02d}.png"
        for shown, keyframe in ((frames.first_frame(clip), first), (frames.last_frame(clip), pictures / f"{clip.stem}.png")):
            assert cv2.PSNR(shown, frames.load_rgb(keyframe)) > 27, clip


def test_no_frame_is_doubled_where_segments_join(made):
    shown = decoded(made.film)
    steps = [float(np.abs(after.astype(int) - before).mean()) for before, after in itertools.pairwise(shown)]
    for join in (12, 24, 36):
        beside = np.median([*steps[join - 5:join - 1], *steps[join:join + 4]])
        assert steps[join - 1] > 0.4 * beside, f"frame {join} repeats the one before it"


def test_running_again_makes_nothing(film):
    before = film.film.read_bytes()
    again = film.run()
    assert again.code == 0
    assert again.nodes("made") == set() and again.nodes("started") == set()
    assert film.film.read_bytes() == before


def test_an_edited_prompt_remakes_its_segment_alone_and_taking_it_back_makes_nothing(film):
    before = film.film.read_bytes()
    planned = (film.folder / "storyboard.yaml").read_text()
    film.change(1, video_prompt="Slowly the rain begins.")
    edited = film.run()
    assert edited.nodes("started") == {"clip segment_01"}, "the animatic does not read prompts: the same clip, the same film"
    assert edited.text("started", "clip segment_01") == "prompt changed"
    (film.folder / "storyboard.yaml").write_text(planned)
    back = film.run()
    assert {node for node in back.nodes("made") if node != "film"} == set()
    assert film.film.read_bytes() == before


def test_a_photograph_put_over_a_keyframe_stays_and_its_two_neighbours_follow(film):
    ours = sorted(path.name for path in (film.folder / "keyframes").iterdir())
    assert "segment_02.png" in ours
    photograph = film.folder / "keyframes" / "segment_02.png"
    Image.effect_mandelbrot((400, 300), (-2, -1.5, 1, 1.5), 50).convert("RGB").save(photograph, "JPEG")
    before = photograph.read_bytes()
    ran = film.run()
    neighbours = {"clip segment_02"} | ({"clip segment_03"} if "segment_03_first.png" not in ours else set())
    assert {node for node in ran.nodes("made") if node.startswith("clip")} == neighbours
    assert ran.nodes("adopted") == {"keyframe segment_02"}
    assert photograph.read_bytes() == before
    photograph.unlink()
    assert {node for node in film.run().nodes("made") if node != "film"} == set()


def test_a_damaged_picture_of_the_user_s_is_named_and_nothing_is_made(film, capsys):
    (film.folder / "keyframes" / "segment_01.png").write_bytes(b"\x89PNG broken")
    assert film.run().code == 2
    assert "segment_01.png: not a picture" in capsys.readouterr().err


def test_a_damaged_take_is_made_again(film):
    take = next((film.folder / "takes" / "segment_02").glob("clip-*.mp4"))
    take.write_bytes(take.read_bytes()[:-100])
    ran = film.run()
    assert ran.text("started", "clip segment_02") == "its file was gone or damaged"
    assert ran.code == 0


def test_redo_makes_another_take_and_keeps_the_first(film):
    before = set((film.folder / "takes" / "segment_03").iterdir())
    ran = film.run("--redo", "3")
    assert ran.nodes("made") >= {"clip segment_03"} and "clip segment_02" not in ran.nodes("made")
    assert before < set((film.folder / "takes" / "segment_03").iterdir())
    assert film.run().nodes("made") <= {"film"}


def test_another_prompt_in_the_same_folder_is_refused_until_asked_for(film, capsys):
    other = ["--prompt", "A ship sails over the sea at noon."]
    assert film.run(*other).code == 2
    assert "--output-dir" in capsys.readouterr().err
    assert film.run(*other, "--replan").code == 0
    assert not (film.folder / "storyboard.1.yaml").exists(), "nobody's work was in it"


def test_an_edited_storyboard_is_planned_over_only_with_a_person_s_yes(film):
    film.change(1, video_prompt="Slowly the rain begins.")
    assert film.run("--replan").code == 5
    assert not (film.folder / "storyboard.1.yaml").exists()
    assert film.run("--replan", "--yes").code == 0
    assert "Slowly the rain" in (film.folder / "storyboard.1.yaml").read_text()


def test_another_backend_refits_an_unedited_storyboard_and_refuses_an_edited_one(film, plugins, capsys):
    film.change(1, seconds=1.5)
    assert film.run("--backend", "test-two-lengths").code == 2
    assert "segment_01: 1.5 s is not a length this backend makes" in capsys.readouterr().err
    assert film.run("--backend", "test-two-lengths", "--refit", command="plan").code == 0
    assert film.run("--backend", "test-two-lengths").code == 0


def test_only_makes_just_those_and_no_film(tmp_path):
    film = films.write_config(tmp_path)
    ran = film.run("--only", "2")
    assert ran.code == 0
    assert {node for node in ran.nodes("made") if node.startswith("clip")} == {"clip segment_02"}
    assert not film.film.exists()


def test_a_preview_fills_and_labels_what_is_not_made(tmp_path):
    film = films.write_config(tmp_path, size="320x180")
    assert film.run("--only", "1", "--fill", "animatic").code == 0
    facts = probe.probe(film.folder / "preview" / "preview.mp4")
    assert facts.frames == 48
    assert not film.film.exists()
    assert len(list((film.folder / "segments").iterdir())) == 1
    assert film.run().code == 0


def test_chaining_draws_only_what_opens_a_scene_and_goes_on_from_the_exact_last_frame(tmp_path):
    film = films.write_config(tmp_path, mode="chaining")
    assert film.run().code == 0
    drawn = {path.stem for path in (film.folder / "keyframes").iterdir()}
    assert drawn == {"segment_00"} | {f"segment_0{index}_first" for index in (2, 3, 4) if f"segment_0{index}_first" in drawn}
    assert len(drawn) < 4
    chained = next(index for index in (2, 3, 4) if f"segment_0{index}_first" not in drawn)
    before = frames.last_frame(film.folder / "segments" / f"segment_0{chained - 1}.mp4")
    after = frames.first_frame(film.folder / "segments" / f"segment_0{chained}.mp4")
    assert cv2.PSNR(before, after) > 30
    assert film.run().nodes("made") == set()


def test_the_initial_image_opens_the_film(tmp_path):
    Image.effect_mandelbrot((320, 180), (-2, -1.5, 1, 1.5), 50).convert("RGB").save(tmp_path / "open.png")
    film = films.write_config(tmp_path, initial_image="open.png")
    assert film.run().code == 0
    opening = cv2.resize(frames.load_rgb(tmp_path / "open.png"), (160, 90), interpolation=cv2.INTER_AREA)
    assert cv2.PSNR(frames.first_frame(film.film), opening) > 27


def test_a_dissolve_keeps_the_planned_length(film):
    film.change(2, join="dissolve", dissolve_s=0.5, first_keyframe_prompt="The harbour again, wide shot.")
    assert film.run().code == 0
    assert probe.probe(film.film).frames == 48


def test_a_failed_segment_stops_no_other_and_running_again_makes_just_that(tmp_path, plugins, capsys):
    film = films.write_config(tmp_path, video_generation_backend="test-flaky", **{"test-flaky": {"fail": [2]}})
    ran = film.run()
    assert ran.code == 4
    assert ran.nodes("failed") == {"clip segment_02"}
    assert len(ran.nodes("made") & {f"clip segment_0{index}" for index in (1, 3, 4)}) == 3
    assert "segment 2: test-flaky: out of memory" in capsys.readouterr().err
    assert not film.film.exists() and not list(film.folder.rglob("*.part"))


def test_a_fallback_steps_in_only_where_the_primary_failed_and_its_take_counts(tmp_path, plugins):
    film = films.write_config(tmp_path, video_generation_backend="test-flaky", **{"test-flaky": {"fail": [2]}},
                              remote_api_settings={"fallback_backend": "animatic"})
    assert film.run().code == 0
    ledger = Ledger(film.folder / "ledger.sqlite", read_only=True)
    assert {node: artifact.made_by for node, artifact in ledger.shown().items() if node.startswith("clip")} == {
        "clip segment_01": "test-flaky", "clip segment_02": "animatic", "clip segment_03": "test-flaky",
        "clip segment_04": "test-flaky"}
    ledger.close()
    assert film.run().nodes("made") == set()


def test_a_keyframe_that_cannot_be_drawn_blocks_those_that_need_it_and_nothing_else(tmp_path, plugins):
    film = films.write_config(tmp_path, image_generation_backend="test-broken-images", image_fallback_backends=[],
                              **{"test-broken-images": {"fail": ["segment_04"]}})
    ran = film.run()
    assert ran.code == 4
    assert (ran.nodes("failed"), ran.nodes("blocked")) == ({"keyframe segment_04"}, {"clip segment_04", "film"})
    assert "the brush broke" in ran.text("failed", "keyframe segment_04")
    assert ran.text("blocked", "clip segment_04") == "keyframe segment_04 is not there"
    assert "clip segment_01" in ran.nodes("made")


def test_the_opening_keyframe_is_drawn_by_the_fallback_when_the_first_backend_fails(tmp_path, plugins):
    film = films.write_config(tmp_path, image_generation_backend="test-broken-images",
                              **{"test-broken-images": {"fail": ["segment_00"]}})
    assert film.run().code == 0
    assert (film.folder / "keyframes" / "segment_00.png").is_file()


@pytest.mark.parametrize("backend", ["test-short", "test-torn"])
def test_a_clip_that_is_not_what_was_promised_is_never_taken(tmp_path, plugins, backend):
    film = films.write_config(tmp_path, video_generation_backend=backend)
    ran = film.run()
    assert ran.code == 4
    assert len(ran.nodes("failed")) == 4
    assert not film.film.exists()


def test_nothing_of_torch_or_an_sdk_is_loaded_for_a_film_on_the_embedded_backends(film):
    code = ("import sys, cli; from pipeline import run_pipeline\n"
            f"assert cli.main(run_pipeline, ['run', '--config', {str(film.config)!r}, '--quiet']) == 0\n"
            "assert not {'torch', 'openai', 'instructor', 'runwayml', 'google.genai', 'httpx'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent.parent, check=True)
