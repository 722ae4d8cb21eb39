"""The storyboard strip as one picture."""

import shutil

import numpy as np
from PIL import Image

import cli
import report
from pipeline import run_pipeline
from report_page import strip_picture


def test_the_strip_shows_each_segment_s_keyframes_and_leaves_holes_where_none_are(film, tmp_path):
    assert cli.main(run_pipeline, ["report", "--config", str(film.config), "--strip", str(tmp_path / "strip.png")]) == 0
    whole = np.asarray(Image.open(tmp_path / "strip.png").convert("RGB")).astype(int)
    (film.folder / "keyframes" / "segment_04.png").unlink()
    shutil.rmtree(film.folder / "takes" / "segment_04")
    strip_picture.write(report.gather(film.folder), film.folder, tmp_path / "hole.png")
    hole = np.asarray(Image.open(tmp_path / "hole.png").convert("RGB")).astype(int)
    changed = np.argwhere(np.abs(whole - hole).sum(axis=2) > 30)
    assert whole.shape == hole.shape
    assert changed.min(axis=0)[1] > whole.shape[1] * 0.7, "only the last picture of the last segment is missing"


def test_a_name_that_is_no_picture_s_is_a_mistake(film, tmp_path, capsys):
    assert cli.main(run_pipeline, ["report", "--config", str(film.config), "--strip", str(tmp_path / "strip.xyz")]) == 2
    assert "--strip" in capsys.readouterr().err


def test_an_option_is_not_taken_for_the_name_of_the_picture(film, capsys):
    assert cli.main(run_pipeline, ["report", "--strip", "--config", str(film.config)]) == 2
    assert "no name of a picture" in capsys.readouterr().err
