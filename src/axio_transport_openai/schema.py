"""Tool names and JSON schemas as a dialect takes them.

A name or an identifier that the dialect refuses is replaced by one made of what may stay of it and
a digest of all of it: the same wherever and whenever it is made, and different for different
originals.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .wire import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .dialect import Dialect

__all__ = ["call_id", "parameters", "tool_name"]

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#: How many characters of a digest tell two names apart, and two calls where there is room.
_NAME_DIGEST: Final = 8
_ID_DIGEST: Final = 24
#: What is kept of a name that has to change.
_KEPT: Final = 40

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
_DEFINITIONS: Final = frozenset({"$defs", "definitions"})
#: What says something of a schema whichever of its types a value has.
_ABOUT: Final = ("description", "title", "default")
#: How many references are followed in one schema before the rest are left open.
_FOLLOWED: Final = 256
_TYPES: Final[dict[type, str]] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def tool_name(name: str, dialect: Dialect) -> str:
    """What a tool is called on the wire."""
    return _fitting(name, dialect.name_pattern)


def call_id(given: str, dialect: Dialect) -> str:
    """What a call is identified by on the wire."""
    if len(given) <= dialect.id_length and (
        not dialect.id_pattern or re.fullmatch(dialect.id_pattern, given)
    ):
        return given
    return _digest(given, min(dialect.id_length, _ID_DIGEST))


def parameters(schema: Mapping[str, object], dialect: Dialect) -> dict[str, object]:
    """A tool's parameters as the dialect takes them."""
    made = _Walk(schema, dialect).schema(schema)
    if made.setdefault("type", "object") == "object":
        made.setdefault("properties", {})
    return made


@lru_cache(maxsize=4096)
def _fitting(name: str, pattern: str) -> str:
    if re.fullmatch(pattern, name):
        return name
    kept = re.sub(r"[^a-zA-Z0-9]+", "_", name).strip("_")[:_KEPT].rstrip("_")
    return f"{'' if kept[:1].isalpha() else 't_'}{kept}_{_digest(name, _NAME_DIGEST)}"


def _digest(text: str, length: int) -> str:
    """Letters and digits that stand for this text."""
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    digits: list[str] = []
    while len(digits) < length:
        number, at = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[at])
    return "".join(digits)


class _Walk:
    """One walk through a schema."""

    def __init__(self, root: Mapping[str, object], dialect: Dialect) -> None:
        self._root = root
        self._dialect = dialect
        dropped = frozenset(dialect.schema_dropped)
        self._dropped = dropped | _DEFINITIONS if dialect.schema_inlined else dropped
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
            made["items"] = {}
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
    """The schema without a list of types, a constant, or values whose type is not told."""
    if "const" in made:
        made["enum"] = [made.pop("const")]
    values, kinds = made.get("enum"), made.get("type")
    if is_list(values) and values and kinds is None:
        told = {_TYPES.get(type(value)) for value in values}
        if len(told) == 1 and (kind := told.pop()):
            made["type"] = kind
    if not is_list(kinds):
        return made
    about = {key: made.pop(key) for key in _ABOUT if key in made}
    rest = {key: value for key, value in made.items() if key != "type"}
    split: list[object] = [{"type": k} if k == "null" else {"type": k, **rest} for k in kinds]
    return about | {"anyOf": split}


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
