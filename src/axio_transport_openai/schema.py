"""Tool names and JSON schemas as a dialect takes them.

A name or an identifier that the dialect's pattern refuses is replaced by one made of what may stay
of it and a digest of all of it: the same wherever and whenever it is made, and different for
different originals.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .dialect import Dialect

__all__ = ["call_id", "parameters", "tool_name"]

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#: How many characters of a digest tell two names apart.
_DIGEST: Final = 8
#: What is kept of a name that has to change.
_KEPT: Final = 40


def tool_name(name: str, dialect: Dialect) -> str:
    """What a tool is called on the wire."""
    return _fitting_name(name, dialect.name_pattern)


def call_id(given: str, dialect: Dialect) -> str:
    """What a call is identified by on the wire."""
    return _fitting_id(given, dialect.id_pattern, dialect.id_length)


@lru_cache(maxsize=4096)
def _fitting_name(name: str, pattern: str) -> str:
    if re.fullmatch(pattern, name):
        return name
    kept = re.sub(r"[^a-zA-Z0-9]+", "_", name).strip("_")[:_KEPT].rstrip("_")
    return f"t_{kept}_{_digest(name, _DIGEST)}" if kept else f"t_{_digest(name, _DIGEST)}"


@lru_cache(maxsize=4096)
def _fitting_id(given: str, pattern: str, length: int) -> str:
    return given if re.fullmatch(pattern, given) else _digest(given, length)


def _digest(text: str, length: int) -> str:
    """Letters and digits that stand for this text."""
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    digits: list[str] = []
    while len(digits) < length:
        number, at = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[at])
    return "".join(digits)


def parameters(schema: Mapping[str, object], dialect: Dialect) -> dict[str, object]:
    """A tool's parameters as the dialect takes them."""
    made = {name: schema[name] for name in schema if name not in dialect.schema_dropped}
    return {"type": "object", "properties": {}} | made
