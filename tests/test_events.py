"""What is written of a run for people and pages."""

import threading

import pytest

from runtime.events import Event, EventLog, read


def test_events_come_back_in_order_and_a_torn_last_line_is_passed_over(tmp_path):
    log = EventLog(tmp_path)
    log.emit("started", "clip segment_01", "new", backend="animatic")
    log.emit("made", "clip segment_01", take=1)
    log.close()
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write('{"at": 1, "kind": "ma')
    found = list(read(tmp_path / "events.jsonl"))
    assert [(event.kind, dict(event.data)) for event in found] == [("started", {"backend": "animatic"}), ("made", {"take": 1})]


def test_a_secret_reaches_neither_file_nor_listener(tmp_path):
    log = EventLog(tmp_path, ["key-12345"])
    heard: list[Event] = []
    log.listen(heard.append)
    log.emit("failed", "clip segment_01", "401 for key-12345", header="Bearer key-12345")
    log.close()
    everything = (tmp_path / "events.jsonl").read_text() + (tmp_path / "run.log").read_text() + repr(heard)
    assert "key-12345" not in everything
    assert "***" in everything


def test_progress_is_written_sparingly_and_heard_in_full(tmp_path):
    log = EventLog(tmp_path)
    heard: list[Event] = []
    log.listen(heard.append)
    for step in range(100):
        log.emit("progress", "clip segment_01", "drawing", done=step, total=100)
    log.close()
    assert len(heard) == 100
    assert len(list(read(tmp_path / "events.jsonl"))) < 100
    assert "drawing" not in (tmp_path / "run.log").read_text()


def test_the_log_keeps_one_line_an_event_whatever_the_text(tmp_path):
    log = EventLog(tmp_path)
    log.emit("note", "", "two\nlines \x1b[31mred \x9b31m \u202e \u2028 \x85")
    log.close()
    assert (tmp_path / "run.log").read_text().count("\n") == 1
    assert not {"\x1b", "\x9b", "\u202e", "\u2028", "\x85"} & set((tmp_path / "run.log").read_text(encoding="utf-8"))


def test_a_silent_step_is_named_once_until_it_speaks_again(tmp_path):
    log = EventLog(tmp_path)
    log.emit("started", "clip segment_01")
    log.emit("started", "clip segment_02")
    log.emit("made", "clip segment_02")
    assert [node for node, _ in log.silent(0)] == ["clip segment_01"]
    assert log.silent(0) == []
    log.emit("progress", "clip segment_01", "drawing")
    assert [node for node, _ in log.silent(0)] == ["clip segment_01"]
    log.close()


def test_a_listener_may_emit_and_all_hear_both_events_in_the_same_order(tmp_path):
    log = EventLog(tmp_path)
    heard: list[list[str]] = [[], []]

    def answers(event: Event) -> None:
        heard[0].append(event.text)
        if event.kind == "failed":
            log.emit("note", "", "an answer")
            log.emit("note", "", "another")

    log.listen(answers)
    log.listen(lambda event: heard[1].append(event.text))
    emitting = threading.Thread(target=log.emit, args=("failed", "film", "no room"), daemon=True)
    emitting.start()
    emitting.join(10)
    assert not emitting.is_alive(), "it waits for itself"
    assert heard == [["no room", "an answer", "another"]] * 2
    assert [event.text for event in read(tmp_path / "events.jsonl")] == heard[0]


def test_events_of_many_threads_with_listeners_that_answer_are_told_once_each(tmp_path):
    log, heard = EventLog(tmp_path), list[str]()

    def answers(event: Event) -> None:
        heard.append(event.text)
        if not event.text.startswith("re:"):
            log.emit("note", "", f"re:{event.text}")

    def emits(name: int) -> None:
        for step in range(50):
            log.emit("note", "", f"{name}.{step}")

    log.listen(answers)
    threads = [threading.Thread(target=emits, args=(name,), daemon=True) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(heard) == sorted(f"{re}{one}.{step}" for re in ("", "re:") for one in range(4) for step in range(50))
    assert [event.text for event in read(tmp_path / "events.jsonl")] == heard


def test_after_a_listener_that_failed_the_next_event_is_told(tmp_path):
    log, heard = EventLog(tmp_path), list[str]()

    def fails(event: Event) -> None:
        heard.append(event.text)
        if event.text == "first":
            raise ValueError("no")

    log.listen(fails)
    with pytest.raises(ValueError):
        log.emit("note", "", "first")
    log.emit("note", "", "second")
    assert heard == ["first", "second"]
