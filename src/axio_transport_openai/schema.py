"""JSON schemas as a dialect takes them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from .dialect import COMPATIBLE
from .simple import ANYTHING, simple, strict
from .wire import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .dialect import Dialect

__all__ = ["changes", "fitted"]

#: Keywords whose value is a schema, or a list of them.
_NESTED: Final = frozenset(
    {
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
    }
)
#: Those that every service knows as a boolean too.
_OPEN: Final = frozenset({"additionalProperties", "unevaluatedItems", "unevaluatedProperties"})
#: Keywords whose value is an object of schemas, by names that are the author's own.
_NAMED: Final = frozenset(
    {"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"}
)
#: A boolean that may stand for a schema: it is none of those that nearly every schema has.
_BOOLEAN: Final = re.compile(
    rb":\[?(?:true|false)"
    rb'(?<!"additionalProperties":true)(?<!"additionalProperties":false)'
    rb'(?<!"default":true)(?<!"default":false)'
)
_DEFINITIONS: Final = ("$defs", "definitions")
#: How many references are followed in one schema before the rest are left open.
_FOLLOWED: Final = 256


def changes(schemas: Sequence[Mapping[str, object]], plain: bytes, dialect: Dialect) -> bool:
    """Whether anything in the schemas may have to change, as far as their bytes can tell."""
    if dialect.strict or dialect.schema_simple:
        return True
    for schema in schemas:
        if schema.get("type") != "object" or "properties" not in schema:
            return True
    dropped = dialect.schema_dropped
    if b"$" in plain and (dialect.schema_inlined or any(key.startswith("$") for key in dropped)):
        return True
    if _BOOLEAN.search(plain) or b"},true" in plain or b"},false" in plain:
        return True
    return _changing(dropped).search(plain) is not None


@lru_cache(maxsize=64)
def _changing(dropped: Sequence[str]) -> re.Pattern[bytes]:
    """What a written schema has in it where something may have to change, but for a ``$``."""
    keys = [f'"{re.escape(key)}":' for key in dropped if not key.startswith("$")]
    # What all alternatives begin with is found much sooner than one of several.
    return re.compile("|".join([*keys, '"type":"array"(?!,"items":)']).encode())


_changing(COMPATIBLE.schema_dropped)  # nearly every service's, so that no request waits for it


def fitted(schema: Mapping[str, object], dialect: Dialect) -> dict[str, object]:
    """A tool's schema as the dialect takes it."""
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
            # What takes nothing is left out: some servers know no schema that is a boolean.
            if key not in self._dropped and not (value is False and key in _NESTED):
                made[key] = value if isinstance(value, str) else self._value(key, value)
        if made.get("type") == "array" and "items" not in made and "prefixItems" not in made:
            made["items"] = ANYTHING if self._dialect.schema_simple else {}
        if self._dialect.schema_simple:
            made = simple(made)
        return strict(made) if self._dialect.strict and "properties" in made else made

    def _value(self, key: str, value: object) -> object:
        if key in _NAMED and is_object(value):
            return {name: self._beneath(item) for name, item in value.items() if item is not False}
        if key in _NESTED and is_list(value):
            return [self._beneath(item) for item in value if item is not False]
        if key in _NESTED or (key in _OPEN and is_object(value)):
            return self._beneath(value)
        return value

    def _beneath(self, found: object) -> object:
        """What stands where a schema does, which true is too: it takes anything."""
        if found is True:
            return self.schema({})
        return self.schema(found) if is_object(found) else found

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
    """What a reference within the schema refers to (RFC 6901, sections 4 and 6)."""
    if not reference.startswith("#"):
        return None
    found: object = dict(root)
    pointer = unquote(reference.removeprefix("#"))
    for step in pointer.removeprefix("/").split("/") if pointer.strip("/") else ():
        found = _step(found, step.replace("~1", "/").replace("~0", "~"))
    return found if is_object(found) else None


def _step(found: object, key: str) -> object:
    """What stands under this key, or at this place of a list."""
    if is_object(found):
        return found.get(key)
    if is_list(found):
        return next((item for at, item in enumerate(found) if str(at) == key), None)
    return None
