"""Recorded exchanges with real services, read where they lie, outside the repository.

``AXIO_TRACES`` and ``AXIO_RECORDINGS`` say where that is; where it is nowhere, the tests that
need them say so and are skipped.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

_SHARED = Path(__file__).parents[2] / "shared"
TRACES = Path(os.environ.get("AXIO_TRACES", _SHARED / "traces"))
RECORDINGS = Path(os.environ.get("AXIO_RECORDINGS", _SHARED / "recordings"))


@dataclass(frozen=True)
class Trace:
    """One entry of the manifest."""

    entry: dict[str, Any]
    expected: Any

    @property
    def body(self) -> bytes:
        return (TRACES / str(self.entry["file"])).read_bytes()


def traces(*kinds: str) -> list[ParameterSet]:
    """Every trace of these kinds, to parametrize with; one that is skipped where there are none."""
    manifest = TRACES / "manifest.json"
    if not manifest.exists():
        return [_absent(f"no traces at {TRACES}; set AXIO_TRACES to where they are")]
    entries = json.loads(manifest.read_bytes())
    return [
        pytest.param(Trace(entry, entry["expected"]), id=str(entry["file"]))
        for entry in entries
        if entry["kind"] in kinds
    ]


def recordings(pattern: str) -> list[ParameterSet]:
    """Every recorded file of this pattern, to parametrize with; one that is skipped likewise."""
    if not RECORDINGS.exists():
        return [_absent(f"no recordings at {RECORDINGS}; set AXIO_RECORDINGS to where they are")]
    return [
        pytest.param(path, id=str(path.relative_to(RECORDINGS)))
        for path in sorted(RECORDINGS.glob(pattern))
    ]


def _absent(reason: str) -> ParameterSet:
    return pytest.param(None, marks=pytest.mark.skip(reason=reason), id="absent")
