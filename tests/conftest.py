"""What holds for every test: no network, no keys, no home folder of the user's. Holds no fixtures of one module's tests."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import offline

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
