"""Where the recorded exchanges lie: beside the repository, or where AXIO_SHARED points."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

_DEFAULT = Path(__file__).parent.parent.parent / "shared"
SHARED = Path(os.environ.get("AXIO_SHARED") or _DEFAULT)
TRACES = SHARED / "traces"
RECORDINGS = SHARED / "recordings"


def traces(kind: str) -> list[dict[str, Any]]:
    """The manifest's entries of one kind; none where the traces are not there."""
    manifest = TRACES / "manifest.json"
    if not manifest.is_file():
        return []
    entries: list[dict[str, Any]] = json.loads(manifest.read_text())
    return [entry for entry in entries if entry["kind"] == kind]
