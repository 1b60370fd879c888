"""Tools on the wire: their names, what they do, and what they take."""

from __future__ import annotations

from itertools import repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec import UNSET, UnsetType

from .encoding import encoded
from .schema import fitted, may_change
from .wire import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .dialect import Dialect

__all__ = ["Described", "Function", "fingerprint", "functions", "written"]


class Described(Protocol):
    """A tool, as far as a model learns of it beside its name."""

    @property
    def description(self) -> str:
        """What it does, in words."""
        ...

    @property
    def schema(self) -> Mapping[str, object]:
        """What it takes, as a JSON schema."""
        ...


class Function(msgspec.Struct, gc=False):
    """A tool under its name on the wire, with its schema as the tool has it."""

    #: Its name on the wire.
    name: str
    description: str | UnsetType
    parameters: dict[str, object]
    strict: bool | UnsetType


class _Tool(msgspec.Struct, gc=False, tag_field="type", tag="function"):
    function: Function


def functions(
    names: Iterable[str], tools: Sequence[Described], dialect: Dialect
) -> Sequence[Function]:
    """The tools under these names, with descriptions no longer than the dialect takes."""
    words = [tool.description or UNSET for tool in tools]
    if most := dialect.description_length:
        words = [_cut(said, most) if said else UNSET for said in words]
    return [*map(Function, names, words, _schemas(tools), repeat(dialect.strict or UNSET))]


def _cut(words: str, most: int) -> str:
    """The words, no more than this many characters of them, and a sign where more are missing."""
    return words if len(words) <= most else f"{words[: max(most - 1, 0)].rstrip()}\u2026"


def fingerprint(tools: Sequence[Described]) -> bytes:
    """The descriptions and schemas of tools: equal where nothing of them has changed.

    To make it takes less time than to write the tools.
    """
    return encoded([[tool.description for tool in tools], _schemas(tools)])


def _schemas(tools: Sequence[Described]) -> list[dict[str, object]]:
    # Axio's are views of dicts, which copy at once; JSON cannot be made of a view.
    schemas = [tool.schema for tool in tools]
    return [s.copy() if isinstance(s, MappingProxyType) else dict(s) for s in schemas]


def written(tools: Sequence[Function], dialect: Dialect) -> bytes:
    """The tools as a JSON list, with schemas as the dialect takes them: mostly as they are."""
    try:
        plain = encode([*map(_Tool, tools)])
    except UnicodeEncodeError:  # half a character
        plain = b""
    if plain and not may_change([tool.parameters for tool in tools], plain, dialect):
        return plain
    changed = [
        Function(tool.name, tool.description, fitted(tool.parameters, dialect), tool.strict)
        for tool in tools
    ]
    return encoded([*map(_Tool, changed)])
