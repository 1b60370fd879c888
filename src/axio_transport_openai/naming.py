"""Names of tools and identifiers of calls, as a dialect takes them.

One that the dialect does not take is replaced: by what of it may stay and a hash of all of it. That
is the same wherever and whenever it is made, and different for different originals.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .dialect import COMPATIBLE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from .dialect import Dialect

__all__ = ["Names", "call_id", "call_ids", "called", "tool_name", "tool_names"]

#: The names of tools on the wire, with those in axio; None where none are offered.
type Names = Mapping[str, str] | None

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#: What may be a name on the wire, whatever the dialect, and what makes it the space of another.
_PART: Final = re.compile("([a-zA-Z0-9_-]++)([.:/]++(?=[a-zA-Z_]))?")
#: How many characters of a digest tell two names apart; and two calls, if ids may be so long.
_NAME_DIGEST: Final = 8
_ID_DIGEST: Final = 24
#: How many characters are kept of a name that has to change, if there is room for them.
_KEPT: Final = 40
#: How many names are known from before, and how long they are at most: a model may write any.
_KNOWN: Final = 4096
_LONGEST: Final = 256


def tool_name(name: str, dialect: Dialect) -> str:
    """What a tool is called on the wire."""
    fitting = _known if len(name) <= _LONGEST else _fitting
    return fitting(name, dialect.name_pattern)


def tool_names(names: Sequence[str], dialect: Dialect) -> Sequence[str]:
    """What tools are called on the wire, in their order."""
    if _fit({*names}, dialect.name_pattern):  # a history has few, each many times
        return names
    return [tool_name(name, dialect) for name in names]


def called(name: str, names: Mapping[str, str]) -> str:
    """What axio calls the tool that goes by this name in an answer.

    Models and servers put more around it: the space that tools are in (``functions.read``), white
    space, tokens of the template (``read<|channel|>commentary``). A name that only tells the space
    calls no tool: ``files.read`` does not call a tool named ``files``.
    """
    if name in names or name in names.values():
        return names.get(name, name)
    within = {part: of for part, of in _PART.findall(name) if part in names}
    found = [part for part, of in within.items() if not of]
    return names[found[0]] if len(within) == len(found) == 1 else name


def call_ids(given: Sequence[str], dialect: Dialect) -> Sequence[str]:
    """What calls are identified by on the wire, in their order."""
    if not dialect.id_pattern and max(map(len, given), default=0) <= dialect.id_length:
        return given
    return [call_id(one, dialect) for one in given]


def call_id(given: str, dialect: Dialect) -> str:
    """What a call is identified by on the wire."""
    if len(given) <= dialect.id_length and (
        not dialect.id_pattern or re.fullmatch(dialect.id_pattern, given)
    ):
        return given
    return _digest(given, min(dialect.id_length, _ID_DIGEST))


def _fit(names: Collection[str], pattern: str) -> bool:
    """Whether each of these names fits the pattern."""
    lines = "\n".join(names)
    if lines.count("\n") != len(names) - 1:
        return False
    if joined := _lines(pattern):
        return bool(joined.fullmatch(lines))
    return all(re.fullmatch(pattern, name) for name in names)


@lru_cache(maxsize=64)
def _lines(pattern: str) -> re.Pattern[str] | None:
    """The pattern of lines that each fit a pattern; None where it can only stand alone."""
    try:
        return re.compile(f"(?:{pattern})(?:\n(?:{pattern}))*")
    except re.error:  # it begins with flags for all of it, or names a group
        return None


_lines(COMPATIBLE.name_pattern)  # nearly every service's, so that no request waits for it


def _fitting(name: str, pattern: str) -> str:
    if _fit((name,), pattern):
        return name
    made = [_shortened(name, kept) for kept in range(_KEPT, -1, -1)]
    # A pattern may know no capitals.
    return next((one for one in (*made, *map(str.lower, made)) if _fit((one,), pattern)), made[-1])


_known = lru_cache(maxsize=_KNOWN)(_fitting)


def _shortened(name: str, kept: int) -> str:
    words = [word for word in re.split(r"[^a-zA-Z0-9]+", name[:kept]) if word]
    start = [] if words and words[0][0].isalpha() else ["t"]
    return "_".join([*start, *words, _digest(name, _NAME_DIGEST)])


def _digest(text: str, length: int) -> str:
    """Letters and digits that stand for this text."""
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    digits: list[str] = []
    while len(digits) < length:
        number, at = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[at])
    return "".join(digits)
