"""A run folder as it can be read, whether a run works in it or not. Changes nothing in it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime import durable, identity
from runtime.ledger import Artifact, Ledger


@dataclass
class RunFolder:
    """Where one film lies, and the ledger that knows what was made of it."""

    folder: Path
    ledger: Ledger

    def intact(self, artifact: Artifact) -> bool:
        """Whether the file of a take is there, with the bytes it was recorded with. Blocking: it is read."""
        path = self.folder / artifact.path
        return path.is_file() and durable.sha256_of(path) == artifact.sha256

    def alike(self, node: str, asked: Mapping[str, Any], unheard: Collection[str], by: str) -> Artifact | None:
        """The newest take of a node that `by` made of the same words, whatever those keys say that it was not told of."""
        takes, now = self.ledger.chosen_of(node) if unheard else [], json.loads(json.dumps(asked))
        return next((take for take in takes if take.made_by == by and self.intact(take)
                     and set(identity.changed(take.asked, now)) <= set(unheard)), None)
