"""Children of a test are kept off the network too: conftest.py puts this folder on their PYTHONPATH. Not for users."""

import sys
from importlib import util
from pathlib import Path

_spec = util.spec_from_file_location("tests_offline", Path(__file__).parent.parent / "offline.py")
assert _spec and _spec.loader
_offline = util.module_from_spec(_spec)
sys.modules["tests_offline"] = _offline
_spec.loader.exec_module(_offline)
_offline.stay_on_this_machine()
