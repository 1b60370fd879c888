"""All the cases of the corpus together."""

from __future__ import annotations

from typing import Final

from . import (
    argument,
    calling,
    counting,
    failure,
    framing,
    shape,
    tagging,
    thinking,
)
from .case import Case

__all__ = ["cases"]

_GROUPS: Final = (framing, failure, shape, calling, argument, thinking, tagging, counting)


def cases() -> list[Case]:
    """Every case, by the number of what it shows; names are unique."""
    return sorted((case for group in _GROUPS for case in group.CASES), key=lambda case: case.shows)
