"""A run folder: one lock, takes that are whole, and what is shown where a person looks."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from errors import MachineTrouble
from runtime.run_store import Wish, open_run
from runtime.watch import name_stalls

ROOT = Path(__file__).resolve().parent.parent
WISH = Wish("clip segment_01", {"kind": "clip", "prompt": "sea"})


def make(run, wish=WISH, content=b"clip"):
    part = run.part(wish, ".mp4")
    part.write_bytes(content)
    return run.keep(wish, part, suffix=".mp4", made_by="animatic")


def test_a_kept_take_is_found_again_by_what_was_asked(tmp_path):
    with open_run(tmp_path) as run:
        kept = make(run)
    with open_run(tmp_path) as run:
        assert run.find(Wish(WISH.node, {"prompt": "sea", "kind": "clip"})) == kept


def test_a_take_whose_bytes_changed_no_longer_counts(tmp_path):
    with open_run(tmp_path) as run:
        kept = make(run)
        (tmp_path / kept.path).write_bytes(b"torn")
        assert run.find(WISH) is None
        assert run.why(WISH) == "its file was gone or damaged"
        assert make(run).take == 2


def test_what_an_interrupted_run_left_half_done_is_swept_away(tmp_path):
    (tmp_path / "takes").mkdir(parents=True)
    (tmp_path / "takes" / "clip.mp4.part").write_bytes(b"half")
    with open_run(tmp_path):
        assert not list(tmp_path.rglob("*.part"))


def test_what_others_left_half_done_is_not_ours_to_sweep(tmp_path):
    theirs = [tmp_path / "Downloads" / "disc.iso.part", tmp_path / "film.mkv.part", tmp_path / "keyframes" / "photo.png.part"]
    for path in theirs:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
    with open_run(tmp_path):
        assert all(path.exists() for path in theirs)


def test_a_published_copy_may_be_overwritten_and_the_take_stays(tmp_path):
    with open_run(tmp_path) as run:
        kept = make(run)
        shown = run.path("keyframes", "segment_01.png")
        run.publish(kept, shown, link=False)
        shown.write_bytes(b"a photograph")
        assert run.find(WISH) == kept


def test_publishing_a_link_again_leaves_no_temporary_name(tmp_path):
    with open_run(tmp_path) as run:
        for content in (b"one", b"two", b"two"):
            run.publish(make(run, content=content), run.path("segments", "segment_01.mp4"), link=True)
        assert run.path("segments", "segment_01.mp4").read_bytes() == b"two"
        assert not list(tmp_path.rglob("*.part"))


def test_why_names_what_differs_from_before(tmp_path):
    with open_run(tmp_path) as run:
        assert run.why(WISH) == "new"
        make(run)
        assert run.why(Wish(WISH.node, {"kind": "clip", "prompt": "forest", "last_keyframe": "x"})) == \
            "last keyframe, prompt changed"


def test_a_derived_file_is_made_once_and_again_when_it_was_damaged(tmp_path):
    made = []

    def write(part):
        made.append(part)
        part.write_bytes(b"fitted")

    with open_run(tmp_path) as run:
        target = run.path("cache", "a.png")
        for damage in (False, False, True, False):
            if damage:
                target.write_bytes(b"x")
            assert run.derived(target, write).read_bytes() == b"fitted"
    assert len(made) == 2


def test_a_second_process_is_told_who_holds_the_folder(tmp_path):
    code = f"from pathlib import Path\nfrom runtime.run_store import open_run\nwith open_run(Path({str(tmp_path)!r})): pass"
    with open_run(tmp_path):
        second = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "MachineTrouble: another run works in" in second.stderr
    assert "(process " in second.stderr


def test_two_folders_never_touch_each_other(tmp_path):
    with open_run(tmp_path / "a") as one, open_run(tmp_path / "b") as other:
        make(one)
        assert other.find(WISH) is None


def test_a_file_where_the_folder_should_be_is_said_clearly(tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(MachineTrouble, match="is not a folder"), open_run(tmp_path / "run"):
        pass


def test_the_end_of_a_run_is_told_while_the_books_are_open(tmp_path):
    told = []
    with pytest.raises(ZeroDivisionError), open_run(tmp_path) as run:
        run.at_end = lambda failure: told.append((type(failure), run.ledger.check()))
        raise ZeroDivisionError
    assert told == [(ZeroDivisionError, "ok")]


def test_a_step_that_says_nothing_is_named_while_the_run_goes_on(tmp_path):
    async def watch(run):
        heard = asyncio.Event()
        run.events.listen(lambda event: heard.set() if event.kind == "stalled" and event.node == "clip segment_01" else None)
        run.events.emit("started", "clip segment_01")
        watching = asyncio.create_task(name_stalls(run, after_s=0, every_s=0))
        async with asyncio.timeout(20):
            await heard.wait()
        watching.cancel()

    with open_run(tmp_path) as run:
        asyncio.run(watch(run))
