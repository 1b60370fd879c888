"""Recorded exchanges, one parameter each; where there are none, a test that says so and skips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests import shared

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet


@dataclass(frozen=True)
class Trace:
    """One entry of the manifest."""

    entry: dict[str, Any]
    expected: Any

    @property
    def body(self) -> bytes:
        return (shared.TRACES / str(self.entry["file"])).read_bytes()


def traces(kind: str) -> list[ParameterSet]:
    """Every trace of this kind, to parametrize with."""
    return [
        pytest.param(Trace(entry, entry["expected"]), id=str(entry["file"]))
        for entry in shared.traces(kind)
    ] or [_absent("traces")]


def recordings(pattern: str) -> list[ParameterSet]:
    """Every recorded file of this pattern, to parametrize with."""
    return [
        pytest.param(path, id=str(path.relative_to(shared.RECORDINGS)))
        for path in sorted(shared.RECORDINGS.glob(pattern))
    ] or [_absent("recordings")]


def _absent(what: str) -> ParameterSet:
    reason = f"no {what} in {shared.SHARED}; set AXIO_SHARED to the folder that holds them"
    return pytest.param(None, marks=pytest.mark.skip(reason=reason), id="absent")
