"""What holds for every test: no network, no keys, no home folder of the user's. And films to try things on."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import generators.factory
import image_generators.factory
from tests import backends, films, offline

ROOT = Path(__file__).parent.parent
SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)

# The same examples every time: what CI says today it says tomorrow. `--hypothesis-profile=default` looks further.
settings.register_profile("steady", derandomize=True)
settings.load_profile("steady")
offline.stay_on_this_machine()
offline.stay_awake()


@pytest.fixture(scope="session", autouse=True)
def sealed_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home of its own, no secrets, no proxies, and children that are sealed the same way."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if SECRET.search(name) or name.lower().endswith("_proxy"):
                patch.delenv(name)
        for name in ("HOME", "USERPROFILE", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA"):
            patch.setenv(name, str(home))
        patch.setenv("NO_PROXY", "*")
        patch.setenv("PYTHONPATH", str(ROOT / "tests" / "child_site"), prepend=os.pathsep)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> films.Film:
    """One film, made once; tests that change its folder work on a copy."""
    film = films.write_config(tmp_path_factory.mktemp("film"))
    assert film.run().code == 0
    return film


@pytest.fixture
def film(made: films.Film, tmp_path: Path) -> films.Film:
    """A copy of it, to change."""
    shutil.copytree(made.config.parent, tmp_path / "copy")
    return films.Film(tmp_path / "copy" / "out", tmp_path / "copy" / "film.yaml")


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The backends of tests/backends.py, found as plug-ins are."""
    monkeypatch.syspath_prepend(str(backends.entry_points(tmp_path / "site")))
    registries = (generators.factory.registry, image_generators.factory.registry)
    for registry in registries:
        registry.__dict__.pop("_found", None)
    yield
    for registry in registries:
        registry.__dict__.pop("_found", None)
