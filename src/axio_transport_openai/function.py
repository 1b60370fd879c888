"""Tools on the wire: their names, what they do, and what they take."""

from __future__ import annotations

from itertools import repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec import UNSET, UnsetType

from .encoding import encoded
from .schema import changes, fitted
from .wire import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .dialect import Dialect

__all__ = ["Function", "Told", "functions", "shown", "told", "written"]


class Told(Protocol):
    """What is told of a tool, beside its name."""

    @property
    def description(self) -> str:
        """What it does, in words."""
        ...

    @property
    def schema(self) -> Mapping[str, object]:
        """What it takes, as a JSON schema."""
        ...


class Function(msgspec.Struct, gc=False):
    """A tool as it is told, with its schema as it is."""

    #: Its name on the wire.
    name: str
    description: str | UnsetType
    parameters: dict[str, object]
    strict: bool | UnsetType


class _Tool(msgspec.Struct, gc=False, tag_field="type", tag="function"):
    function: Function


def functions(names: Iterable[str], tools: Sequence[Told], dialect: Dialect) -> Sequence[Function]:
    """Tools as they are told, under these names."""
    words = [tool.description or UNSET for tool in tools]
    if most := dialect.description_length:
        words = [_cut(said, most) if said else UNSET for said in words]
    return [*map(Function, names, words, _schemas(tools), repeat(dialect.strict or UNSET))]


def _cut(words: str, most: int) -> str:
    """The words, no more than this many characters of them, and a sign where more are missing."""
    return words if len(words) <= most else f"{words[: max(most - 1, 0)].rstrip()}\u2026"


def shown(tools: Sequence[Told]) -> bytes:
    """All that is told of tools but their names: to know them by, sooner than by the whole."""
    return encoded([[tool.description for tool in tools], _schemas(tools)])


def _schemas(tools: Sequence[Told]) -> list[dict[str, object]]:
    # Axio's are views of dicts, which copy at once; JSON cannot be made of a view.
    schemas = [tool.schema for tool in tools]
    return [s.copy() if isinstance(s, MappingProxyType) else dict(s) for s in schemas]


def told(tools: Sequence[Function]) -> bytes:
    """Tools as a list, as they are; nothing where it cannot be written: for half a character."""
    try:
        return encode([*map(_Tool, tools)])
    except UnicodeEncodeError:
        return b""


def written(tools: Sequence[Function], plain: bytes, dialect: Dialect) -> bytes:
    """The same as the dialect takes them, which nearly always is what :func:`told` gave."""
    if plain and not changes([tool.parameters for tool in tools], plain, dialect):
        return plain
    changed = [
        Function(tool.name, tool.description, fitted(tool.parameters, dialect), tool.strict)
        for tool in tools
    ]
    return encoded([*map(_Tool, changed)])
