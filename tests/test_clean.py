"""`clean` on real run folders: what it counts, what it deletes, and what it never does."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

import cli
from runtime.purchases import Intent
from runtime.run_store import RunStore, Wish, open_run

MB = 1_000_000


def keep(run: RunStore, node: str, prompt: str, suffix: str = ".mp4", size: int = MB) -> Path:
    """Makes a take of a wish."""
    wish = Wish(node, {"prompt": prompt})
    part = run.part(wish, suffix)
    part.write_bytes(prompt.encode() * (size // len(prompt)))
    return run.folder / run.keep(wish, part, suffix=suffix, made_by="animatic").path


def write(path: Path, size: int = MB) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One clip taken twice, one with an earlier prompt too, a picture of the user's, cache and preview."""
    with open_run(tmp_path / "film") as run:
        keep(run, "clip segment_01", "aa")
        again = keep(run, "clip segment_01", "aa")
        keep(run, "clip segment_02", "earlier")
        keep(run, "clip segment_02", "now")
        run.path("segments", "segment_01.mp4").hardlink_to(again)
        write(run.path("keyframes", "segment_02.png"))
        write(run.path("cache", "normalised", "segment_01.mp4"), 2 * MB)
        write(run.path("preview", "preview.mp4"), 3 * MB)
        write(run.path("film.mp4"))
    return tmp_path / "film"


def clean(folder: Path, *arguments: str) -> int:
    return cli.main(None, ["clean", "--output-dir", str(folder), *arguments])


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_sizes_are_those_of_the_disk(folder: Path, capsys: pytest.CaptureFixture[str]):
    clean(folder, "--json")
    sizes = json.loads(capsys.readouterr().out)["bytes"]
    assert {kind: round(size / MB) for kind, size in sizes.items()} == {
        "film": 1, "keyframes": 1, "takes": 3, "spare takes": 1, "cache": 2, "preview": 3, "other": 0}


def test_without_consent_nothing_is_deleted(folder: Path, capsys: pytest.CaptureFixture[str]):
    before = files(folder)
    assert clean(folder) == 0
    assert files(folder) == before
    assert "nothing was deleted" in capsys.readouterr().out


def test_only_what_does_not_count_is_deleted(folder: Path):
    before = set(files(folder))
    assert clean(folder, "--yes") == 0
    gone = before - set(files(folder))
    (spare,) = [name for name in gone if name.startswith("takes/")]
    assert gone == {spare, "cache/normalised/segment_01.mp4", "preview/preview.mp4"}
    assert "segment_01" in spare and spare.endswith("-1.mp4")
    assert not (folder / "cache").exists()


def test_an_earlier_prompts_take_is_found_after_cleaning(folder: Path):
    clean(folder, "--yes")
    with open_run(folder) as run:
        assert run.find(Wish("clip segment_02", {"prompt": "earlier"}))
        assert run.find(Wish("clip segment_01", {"prompt": "aa"}))
        assert len(run.ledger.artifacts()) == 3


def test_only_what_was_named_is_deleted(folder: Path):
    assert clean(folder, "--yes", "--what", "cache") == 0
    assert (folder / "preview" / "preview.mp4").exists()
    assert not (folder / "cache").exists()


def test_a_folder_in_use_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]):
    before = files(folder)
    with open_run(folder):
        assert clean(folder, "--yes") == 7
    assert files(folder) == before
    assert "another run works in" in capsys.readouterr().err


def test_what_is_no_run_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    precious = write(tmp_path / "takes" / "precious.mp4")
    assert clean(tmp_path, "--yes") == 2
    assert precious.exists()
    assert "there is no run in this folder" in capsys.readouterr().err


def test_a_bought_clip_that_no_run_has_taken_in_yet_is_kept(folder: Path):
    with open_run(folder) as run:
        bought = write(run.path("takes", "segment_03", "bought-1.mp4"))
        spoilt = write(run.path("takes", "segment_03", "bought-2.mp4"))
        intent = Intent("clip segment_03", "w", "job", "runway", "tiny", {}, Decimal(1))
        run.ledger.purchases.submitted(run.ledger.purchases.intend(intent, None).id, "job-1")
        run.ledger.purchases.fetched(1, "takes/segment_03/bought-1.mp4", "0" * 64, Decimal(1), "provider")
    assert clean(folder, "--yes") == 0
    assert bought.is_file() and not spoilt.exists()
