"""A run folder as it can be read, whether a run works in it or not. Changes nothing in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runtime import durable
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
