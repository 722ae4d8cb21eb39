"""Runs in processes of their own that have nothing left to import, so that many can be killed in little time. Not a test."""

from __future__ import annotations

import os
import sys
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import cli
from pipeline import run_pipeline
from runtime import commit_points
from tests import films, paid_runs

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload([
    "tests.ready_runs", "openai", "runwayml", "google.genai", "checks", "consent", "film", "generators.factory",
    "generators.runway_generator", "generators.veo3_generator", "image_generators.factory", "keyframes", "planning",
    "prompt_planner", "segments", "sheets"])


def start(film: films.Film, *argv: str, command: str = "run", point: str = "", visit: int = 1) -> BaseProcess:
    """The real pipeline, as `paid_runs.start` starts it; by itself killed at a commit point when one is named."""
    words = [command, "--config", str(film.config), *(argv or paid_runs.SPEND)]
    child = CONTEXT.Process(target=_run, args=(words, point, visit, str(_log(film))))
    child.start()
    return child


def said(film: films.Film) -> str:
    """What all of them wrote on both streams."""
    return _log(film).read_text(encoding="utf-8")


def _log(film: films.Film) -> Path:
    return film.config.with_name("said.txt")


def _run(words: list[str], point: str, visit: int, log: str) -> None:
    where = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(where, 1)
    os.dup2(where, 2)
    if point:
        commit_points.arm(point, visit)
    sys.exit(cli.main(run_pipeline, words))
