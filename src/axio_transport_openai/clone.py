"""Another object with the same attributes, wherever its class keeps them."""

from __future__ import annotations

import copy
from functools import cache
from types import MemberDescriptorType

__all__ = ["deepen", "share"]


def share(original: object, clone: object) -> None:
    """Have the clone, which has nothing yet, hold what the original holds."""
    clone.__dict__.update(original.__dict__)
    for name in _slots(type(original).__mro__):
        if hasattr(original, name):
            object.__setattr__(clone, name, getattr(original, name))


def deepen(clone: object, memo: dict[int, object]) -> None:
    """Put copies, all the way down, in the place of what it shares."""
    clone.__dict__.update(copy.deepcopy(clone.__dict__, memo))
    for name in _slots(type(clone).__mro__):
        if hasattr(clone, name):
            object.__setattr__(clone, name, copy.deepcopy(getattr(clone, name), memo))


@cache
def _slots(kinds: tuple[type, ...]) -> tuple[str, ...]:
    """What is kept outside ``__dict__``: for a dataclass with slots, every setting."""
    return tuple(
        name
        for kind in kinds
        for name, found in vars(kind).items()
        if isinstance(found, MemberDescriptorType)
    )
