"""The documents that are made from the code: `python -m scripts.write_docs` writes them. Holds no document by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

import generators.factory
import image_generators.factory
from config import PipelineConfig
from config_model import Budget, KeyframeSettings, PlannerSettings, RemoteApiSettings
from errors import BackendUnavailable
from runtime.durable import write_text
from runtime.key_words import left_out, takes
from runtime.registry import Registry
from runtime.validation import models_within

DOCS = Path(__file__).parent.parent / "docs"

HEAD = """\
<!-- Written by `python -m scripts.write_docs` from the models in the code: change those, not this file. -->
# Configuration

```yaml
prompt: |
  A lighthouse keeper climbs the path at dusk. She lights the lamp, and far out at sea a ship turns.
duration_seconds: 30
size: 1280x720
fps: 24
output_dir: films/lighthouse
```

Only `prompt` (or `prompt_file`) has to be there. Everything that is wrong is listed at once, with its line and column, and
nothing is written before it is put right. `config --show` prints what takes effect, and where each value comes from.

**Where a value can come from**, the later winning over the earlier:

1. the default below
2. the YAML file (YAML 1.2: `on` and `yes` are text, `true` is not)
3. the environment: `LONGTAKE_FPS=30`, with two underscores for a key inside a block:
   `LONGTAKE_REMOTE_API_SETTINGS__TIMEOUT=900`. A file `.env` beside the config (without one: in the current folder) is
   read as well; the real environment wins over it, and is never changed by it
4. the command line: `--seconds 20`, or for any key `--set remote_api_settings.timeout=900` (a list is typed `a,b` or `[a, b]`,
   and `null` unsets)

**Variables.** `${NAME}` in a text of the YAML file is the environment variable of that name, and a mistake when it is not
set; `${NAME:-default}` gives it a default, and `$${` stands for the characters themselves.

**Secrets** (keys named `api_key`, `...secret...`, `...token`, `...password`, and whatever a backend declares as one) are masked
wherever they would be shown.
Better than in this file they are kept in `.env`: `api_key: ${MY_API_KEY}`.

**Paths** in the YAML file and in `.env` are relative to that file; typed on the command line or set in the environment they
are relative to the current folder.
"""

TABLE = "| key | what it takes | default | meaning |\n|---|---|---|---|\n"


def configuration_text() -> str:
    """docs/configuration.md: every key with type, unit, limits, default and meaning."""
    parts = [HEAD, "## The film\n\n" + _table(PipelineConfig),
             "## `remote_api_settings`\n\n" + _about(RemoteApiSettings) + _table(RemoteApiSettings),
             "## `planner`\n\n" + _about(PlannerSettings) + _table(PlannerSettings),
             "## `keyframes`\n\n" + _about(KeyframeSettings) + _table(KeyframeSettings),
             "## `budget`\n\n" + _about(Budget) + _table(Budget)]
    parts += _backends("Video backends", generators.factory.registry)
    parts += _backends("Image backends", image_generators.factory.registry)
    return "\n".join(parts)


def _backends(title: str, registry: Registry[Any]) -> Iterator[str]:
    yield f"## {title}\n\nChosen by name; what a block holds is checked by its backend. `backends` lists plug-ins as well.\n"
    for entry in registry.entries:
        if entry.origin:
            continue  # a plug-in of this machine is no part of the document
        try:
            backend = registry.load(entry.name)
        except BackendUnavailable:
            continue
        block = f", block `{backend.section}`" if backend.section != entry.name else ""
        options = _table(backend.Options) if backend.Options.model_fields else "It has no options of its own.\n"
        yield f"### `{entry.name}`{block}\n\n{_about(backend)}{options}"


def _about(thing: type) -> str:
    first = (thing.__doc__ or "").strip().split("\n\n")[0]
    return " ".join(first.split()) + "\n\n" if first else ""


def _table(model: type[BaseModel]) -> str:
    return TABLE + "".join(f"| {' | '.join(_row(name, field))} |\n" for name, field in model.model_fields.items())


def _row(name: str, field: FieldInfo) -> Iterator[str]:
    if inner := list(models_within(field.annotation)):
        keys = ", ".join(f"`{key}`" for key in inner[0].model_fields)
        yield from (f"`{name}`", "a block", "", f"{field.description} Keys: {keys}.")
        return
    yield f"`{name}`"
    yield takes(field)
    yield left_out(field)
    yield (field.description or "").replace("|", "\\|")


WRITTEN: Mapping[str, Callable[[], str]] = {"configuration.md": configuration_text}
"""Each generated document and what makes it. tests/test_write_docs.py holds the files against these."""


if __name__ == "__main__":
    for name, make in WRITTEN.items():
        write_text(DOCS / name, make())
