"""Tools on the wire, and their JSON schemas as a dialect takes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from msgspec import UNSET, UnsetType

from .dialect import COMPATIBLE
from .encoding import encoded
from .wire import encode, is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .dialect import Dialect

__all__ = ["Function", "Told", "functions", "told", "written"]

#: Keywords whose value is a schema, or a list of them.
_NESTED: Final = frozenset(
    {
        "additionalProperties",
        "allOf",
        "anyOf",
        "contains",
        "else",
        "if",
        "items",
        "not",
        "oneOf",
        "prefixItems",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
#: Keywords whose value is an object of schemas, by names that are the author's own.
_NAMED: Final = frozenset(
    {"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"}
)
_DEFINITIONS: Final = ("$defs", "definitions")
#: Keywords whose value is a list of schemas, one of which holds.
_CHOICES: Final = ("anyOf", "oneOf")
#: What says something of a schema whichever of its types a value has.
_ABOUT: Final = ("description", "title", "default")
#: How many references are followed in one schema before the rest are left open.
_FOLLOWED: Final = 256
#: What a simple schema says of a value that may be anything.
_ANYTHING: Final = {"type": "string"}
_TYPES: Final[dict[type, str]] = {str: "string", bool: "boolean", int: "integer", float: "number"}


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
    schemas = [tool.schema for tool in tools]
    # Axio's are views of dicts, which copy at once; JSON cannot be made of a view.
    plain = [s.copy() if isinstance(s, MappingProxyType) else dict(s) for s in schemas]
    return [*map(Function, names, words, plain, repeat(dialect.strict or UNSET))]


def told(tools: Sequence[Function]) -> bytes:
    """Tools as a list, as they are; nothing where it cannot be written: for half a character."""
    try:
        return encode([*map(_Tool, tools)])
    except UnicodeEncodeError:
        return b""


def written(tools: Sequence[Function], plain: bytes, dialect: Dialect) -> bytes:
    """The same as the dialect takes them, which nearly always is what :func:`told` gave."""
    if plain and not _changes([tool.parameters for tool in tools], plain, dialect):
        return plain
    changed = [
        Function(tool.name, tool.description, _changed(tool.parameters, dialect), tool.strict)
        for tool in tools
    ]
    return encoded([*map(_Tool, changed)])


def _changes(schemas: Sequence[Mapping[str, object]], plain: bytes, dialect: Dialect) -> bool:
    """Whether anything in the schemas may have to change, as far as their bytes can tell."""
    if dialect.strict or dialect.schema_simple:
        return True
    for schema in schemas:
        if schema.get("type") != "object" or "properties" not in schema:
            return True
    dropped = dialect.schema_dropped
    if b"$" in plain and (dialect.schema_inlined or any(key.startswith("$") for key in dropped)):
        return True
    return _changing(dropped).search(plain) is not None


@lru_cache(maxsize=64)
def _changing(dropped: Sequence[str]) -> re.Pattern[bytes]:
    """What a written schema has in it where something may have to change, but for a ``$``."""
    keys = [f'"{re.escape(key)}":' for key in dropped if not key.startswith("$")]
    # What all alternatives begin with is found much sooner than one of several.
    return re.compile("|".join([*keys, '"type":"array"(?!,"items":)']).encode())


_changing(COMPATIBLE.schema_dropped)  # nearly every service's, so that no request waits for it


def _changed(schema: Mapping[str, object], dialect: Dialect) -> dict[str, object]:
    made = _Walk(schema, dialect).schema({"type": "object", **schema})
    if made.get("type") == "object":
        made.setdefault("properties", {})
    return made


class _Walk:
    """One walk through a schema."""

    def __init__(self, root: Mapping[str, object], dialect: Dialect) -> None:
        self._root = root
        self._dialect = dialect
        dropped = frozenset(dialect.schema_dropped)
        self._dropped = dropped.union(_DEFINITIONS if dialect.schema_inlined else ())
        self._left = _FOLLOWED
        self._following: tuple[str, ...] = ()

    def schema(self, found: Mapping[str, object]) -> dict[str, object]:
        """A schema as the dialect takes it."""
        if "$ref" in found and self._dialect.schema_inlined:
            return self._followed(found, str(found["$ref"]))
        made: dict[str, object] = {}
        for key, value in found.items():
            if key not in self._dropped:
                made[key] = value if isinstance(value, str) else self._value(key, value)
        if made.get("type") == "array" and "items" not in made and "prefixItems" not in made:
            made["items"] = _ANYTHING if self._dialect.schema_simple else {}
        if self._dialect.schema_simple:
            made = _simple(made)
        return _strict(made) if self._dialect.strict and "properties" in made else made

    def _value(self, key: str, value: object) -> object:
        if key in _NESTED:
            if is_object(value):
                return self.schema(value)
            if is_list(value):
                return [self.schema(item) if is_object(item) else item for item in value]
        elif key in _NAMED and is_object(value):
            return {
                name: self.schema(item) if is_object(item) else item for name, item in value.items()
            }
        return value

    def _followed(self, found: Mapping[str, object], reference: str) -> dict[str, object]:
        """What a reference refers to, with what stands beside it; anything where it goes round."""
        beside = {key: value for key, value in found.items() if key != "$ref"}
        target = _target(self._root, reference)
        self._left -= 1
        if target is None or reference in self._following or self._left < 0:
            kind = target.get("type") if target is not None else None
            return self.schema(({"type": kind} if kind else {}) | beside)
        before, self._following = self._following, (*self._following, reference)
        made = self.schema({**target, **beside})
        self._following = before
        return made


def _target(root: Mapping[str, object], reference: str) -> Mapping[str, object] | None:
    """What a reference within the schema refers to (JSON Pointer, RFC 6901)."""
    if not reference.startswith("#"):
        return None
    found: object = dict(root)
    for step in reference.lstrip("#/").split("/") if reference.strip("#/") else ():
        found = found.get(step.replace("~1", "/").replace("~0", "~")) if is_object(found) else None
    return found if is_object(found) else None


def _simple(made: dict[str, object]) -> dict[str, object]:
    """The schema in the simple forms: one type, which is told, and no constant or tuple."""
    if "const" in made:
        made["enum"] = [made.pop("const")]
    items, kinds = made.get("items"), made.get("type")
    if is_list(items):
        made["items"] = {"anyOf": items} if items[1:] else (items or [_ANYTHING])[0]
    if is_list(kinds):
        return _split(made, kinds)
    choices = next((key for key in _CHOICES if is_list(made.get(key))), "")
    if kinds is None:
        return made if choices or "allOf" in made else {"type": _type_of(made)} | made
    told = made.get(choices)
    if is_list(told):
        made[choices] = [{"type": kinds, **item} if is_object(item) else item for item in told]
        del made["type"]
    return made


def _split(made: dict[str, object], kinds: list[object]) -> dict[str, object]:
    """A schema of several types as one schema for each."""
    about = {key: made[key] for key in _ABOUT if key in made}
    rest = {key: made[key] for key in made if key not in about and key != "type"}
    items = {} if "items" in rest else {"items": _ANYTHING}
    split = [
        {"type": kind, **({} if kind == "null" else rest), **(items if kind == "array" else {})}
        for kind in kinds
    ]
    return about | {"anyOf": split}


def _type_of(made: Mapping[str, object]) -> str:
    """The type that a schema means which tells none."""
    if "properties" in made:
        return "object"
    if "items" in made:
        return "array"
    values = made.get("enum")
    kinds = {_TYPES.get(type(value)) for value in values} if is_list(values) else set[str]()
    return (kinds.pop() if len(kinds) == 1 else None) or "string"


def _strict(made: dict[str, object]) -> dict[str, object]:
    """The schema with every property required, those that were not made nullable."""
    properties, required = made["properties"], made.get("required")
    if not is_object(properties):
        return made
    needed = required if is_list(required) else []
    made["properties"] = {
        name: _undefaulted(item) if name in needed else {"anyOf": [_undefaulted(item), _NULL]}
        for name, item in properties.items()
    }
    return made | {"required": list(properties), "additionalProperties": False}


_NULL: Final = {"type": "null"}


def _undefaulted(schema: object) -> object:
    if not is_object(schema):
        return schema
    return {key: value for key, value in schema.items() if key != "default"}
