"""JSON values of the wrong type, read as they were meant: services write numbers as text, say."""

from __future__ import annotations

import base64
import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeGuard

    from typing_extensions import TypeIs

__all__ = [
    "LARGEST",
    "base64_data",
    "index",
    "is_list",
    "is_number",
    "is_object",
    "is_sequence",
    "named",
    "number",
    "objects",
    "strings",
    "text",
    "values",
    "words",
]

#: No count of tokens and no price is larger than this.
LARGEST: Final = 10**12
#: The keys under which an object may hold a text; the first that is there counts.
_WORDS: Final = ("text", "content", "summary", "thinking", "value")


def is_object(found: object) -> TypeIs[dict[str, object]]:
    """Whether this, decoded from JSON, is an object."""
    return isinstance(found, dict)


def is_list(found: object) -> TypeIs[list[object]]:
    """Whether this, decoded from JSON, is a list."""
    return isinstance(found, list)


def is_sequence(found: object) -> TypeIs[list[object] | tuple[object, ...]]:
    """Whether this, written by a person in Python, is what JSON calls a list."""
    return isinstance(found, list | tuple)


def is_number(found: object) -> TypeGuard[int | float]:
    """Whether this, decoded from JSON, is a number; to Python, true and false are integers too."""
    return isinstance(found, int | float) and not isinstance(found, bool)


def objects(found: object) -> list[dict[str, object]]:
    """The objects of a list; a lone object is a list of one."""
    if is_object(found):
        return [found]
    return [item for item in found if is_object(item)] if is_list(found) else []


def strings(found: object) -> list[str]:
    """The strings of a list."""
    return [item for item in found if isinstance(item, str)] if is_list(found) else []


def named(found: object, name: str = "", depth: int = 16) -> Iterator[tuple[str, str]]:
    """The strings in this, as deep as people nest them, each with the key that it stands under."""
    if isinstance(found, str):
        yield name, found
    elif depth and is_object(found):
        for key, item in found.items():
            yield from named(item, str(key), depth - 1)  # JSON is written of numbers as keys too
    elif depth and is_sequence(found):
        for item in found:
            yield from named(item, name, depth - 1)


def text(found: object) -> str | None:
    """A string as it is, a number as its digits; None for anything else."""
    if isinstance(found, str):
        return found
    return str(found) if is_number(found) else None


def words(found: object, depth: int = 4) -> str | None:
    """A text, also one in a list of parts or in an object, as deep as services nest them."""
    if is_object(found):
        found = next((found[key] for key in _WORDS if found.get(key)), None)
    if not is_list(found):
        return text(found)
    return "".join(words(part, depth - 1) or "" for part in found) if depth else None


def values(entry: dict[str, object], paths: Iterable[tuple[str, ...]]) -> Iterator[object]:
    """What stands at each of these paths, or None; of a list on the way the first item counts."""
    for path in paths:
        found: object = entry
        for key in path:
            found = next(iter(found), None) if is_list(found) else found
            found = found.get(key) if is_object(found) else None
        yield found


def base64_data(found: object) -> bytes | None:
    """What base64 stands for, in either of its alphabets, with its padding or without."""
    if not isinstance(found, str):
        return None
    plain = found.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:  # also of a text that is not ASCII
        return None


def index(found: object) -> int | None:
    """A whole number: any fraction is cut off, and it may be written as a string."""
    read = number(found)
    return None if read is None else int(read)


def number(found: object) -> int | float | None:
    """A finite number, also one written as a string."""
    if isinstance(found, str):
        try:
            found = float(found)
        except ValueError:
            return None
    if not is_number(found):
        return None
    return found if isinstance(found, int) or math.isfinite(found) else None
