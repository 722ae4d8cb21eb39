"""What is written of a run for people and pages."""

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
    log.emit("note", "", "two\nlines \x1b[31mred")
    log.close()
    assert (tmp_path / "run.log").read_text().count("\n") == 1
    assert "\x1b" not in (tmp_path / "run.log").read_text()


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
