"""Small films made by the real pipeline, and what happened in them. Not a test."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cli
import storyboard
from pipeline import run_pipeline
from runtime import events

STORY = ("At dusk a lighthouse keeper in a yellow coat stands in the harbour. She walks along the harbour with her small dog. "
         "At night they hurry through a dark pine forest. In the forest the dog finds a lantern.")
SETTINGS = {"duration_seconds": 4, "segment_seconds": 1, "size": "160x90", "fps": 12, "seed": 3}


@dataclass(frozen=True)
class Ran:
    """One run: its exit code and what it said of each node."""

    code: int
    events: list[events.Event]

    def nodes(self, kind: str) -> set[str]:
        return {event.node for event in self.events if event.kind == kind}

    def text(self, kind: str, node: str) -> str:
        return next(event.text for event in self.events if event.kind == kind and event.node == node)


@dataclass(frozen=True)
class Film:
    """A config and its run folder."""

    folder: Path
    config: Path

    def run(self, *argv: str, command: str = "run") -> Ran:
        before = len(list(events.read(self.folder / "events.jsonl")))
        code = cli.main(run_pipeline, [command, "--config", str(self.config), *argv])
        return Ran(code, list(events.read(self.folder / "events.jsonl"))[before:])

    def change(self, index: int, **fields: object) -> None:
        """Changes fields of one segment, as a person's editor would: the rest of the file stays as it is."""
        path = self.folder / "storyboard.yaml"
        board = storyboard.read(path)
        changed = board.segments[index - 1].model_copy(update=fields)
        segments = (*board.segments[:index - 1], changed, *board.segments[index:])
        path.write_text(storyboard.render(board.model_copy(update={"segments": segments}), path.read_text(encoding="utf-8")),
                        encoding="utf-8")

    @property
    def film(self) -> Path:
        return self.folder / "film.mp4"


def write_config(folder: Path, **settings: object) -> Film:
    """A config file beside its run folder; JSON is YAML."""
    config = folder / "film.yaml"
    values = {"prompt": STORY, **SETTINGS, **settings, "output_dir": "out"}
    config.write_text(json.dumps(values), encoding="utf-8")
    return Film(folder / "out", config)
