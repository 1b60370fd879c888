"""JSON schemas as a dialect takes them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from .dialect import COMPATIBLE, Dialect
from .encoding import encoded
from .lenient import is_list, is_object, strings
from .simple import BRANCHES, both, flat, simple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["fitted", "may_change"]

#: Keywords whose value is a schema, or a list of them.
_NESTED: Final = frozenset(
    {
        "allOf",
        "anyOf",
        "contains",
        "contentSchema",
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
#: Keywords whose value is a schema, but which every service also knows as a boolean.
_OPEN: Final = frozenset(
    {"additionalItems", "additionalProperties", "unevaluatedItems", "unevaluatedProperties"}
)
#: Keywords whose value is an object of schemas, by names that are the author's own; among the
#: ``dependencies`` of draft 7 there may also be lists of names.
_NAMED: Final = frozenset(
    {
        "properties",
        "patternProperties",
        "dependentSchemas",
        "dependencies",
        "$defs",
        "definitions",
    }
)
#: Keywords that a schema beside a reference adds to; of all others, it says which holds.
_ADDED: Final = frozenset({"properties", "required"})
_DEFINITIONS: Final = ("$defs", "definitions")
_OBJECT: Final = {"type": "object"}
_NULL: Final = {"type": "null"}
#: What OpenAI and Anthropic refuse at the root of a schema.
_NOT_AT_ROOT: Final = frozenset({*BRANCHES, "enum", "not"})
#: A dialect in which a schema changes in nothing but what it requires.
_STRICT: Final = Dialect(strict=True, schema_inlined=False, schema_dropped=())
#: A place in a list, as a reference tells it (RFC 6901, section 4).
_PLACE: Final = re.compile("0|[1-9][0-9]{0,9}")
#: How much is written in place of the references of one schema before the rest are left open, in
#: bytes, and as how much each counts at least: there may be no end of small ones either.
_WRITTEN: Final = 512 * 1024
_LEAST: Final = 2048


def may_change(schemas: Sequence[Mapping[str, object]], plain: bytes, dialect: Dialect) -> bool:
    """Whether the dialect may not take the schemas as they are, judged by their bytes.

    To look through those takes far less time than to walk through the schemas.
    """
    if dialect.strict or dialect.schema_simple or not dialect.schema_booleans:
        return True
    for schema in schemas:
        if schema.get("type") != "object" or "properties" not in schema:
            return True
        if dialect.schema_flat and _branches(schema):
            return True
    dropped = dialect.schema_dropped
    if b"$" in plain and (dialect.schema_inlined or any(key.startswith("$") for key in dropped)):
        return True
    return _changing(dropped).search(plain) is not None


@lru_cache(maxsize=64)
def _changing(dropped: Sequence[str]) -> re.Pattern[bytes]:
    """What is in a written schema where something may have to change; ``$`` is looked for apart."""
    keys = [f'"{re.escape(key)}":' for key in dropped if not key.startswith("$")]
    # A search is much faster where all alternatives begin alike.
    return re.compile("|".join([*keys, '"type":"array"(?!,"items":)']).encode())


_changing(COMPATIBLE.schema_dropped)  # nearly every service's, so that no request waits for it


def fitted(schema: Mapping[str, object], dialect: Dialect) -> dict[str, object]:
    """A tool's schema as the dialect takes it."""
    if dialect.strict:
        # What is required is read off the branches as they were, so this comes last.
        loose = fitted(schema, dialect.with_changes({"strict": False, "schema_flat": True}))
        return _Walk(loose, _STRICT, inlined=False).schema(loose)
    if not dialect.schema_inlined:
        schema = _rooted(schema)
    plain = dialect.schema_flat or dialect.schema_simple
    # A reference into a branch would refer to nothing once that is gone.
    inlined = dialect.schema_inlined or (plain and _branches(schema))
    walk = _Walk(schema, dialect, inlined=inlined)
    if plain:
        made = flat(walk.schema({**_OBJECT, **schema, **_OBJECT}))
        made = {key: value for key, value in made.items() if key not in _NOT_AT_ROOT} | _OBJECT
    else:
        made = walk.schema({**_OBJECT, **schema})
    if made.get("type") == "object":
        made.setdefault("properties", {})
    return made


def _rooted(schema: Mapping[str, object]) -> Mapping[str, object]:
    """The schema with what its root refers to at its root.

    Pydantic writes no more than a reference there for a model that holds itself.
    """
    followed: set[str] = set()
    while (found := schema.get("$ref")) is not None and "properties" not in schema:
        if (reference := str(found)) in followed:
            break
        followed.add(reference)
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**(_target(schema, reference) or {}), **beside}
    return schema


def _branches(schema: Mapping[str, object]) -> bool:
    """Whether the root of a schema is more than an object."""
    return not _NOT_AT_ROOT.isdisjoint(schema)


class _Walk:
    """One walk through a schema."""

    def __init__(self, root: Mapping[str, object], dialect: Dialect, *, inlined: bool) -> None:
        self._root = root
        self._dialect = dialect
        self._inlined = inlined
        self._objects = dialect.schema_simple or not dialect.schema_booleans
        dropped = frozenset(dialect.schema_dropped)
        self._dropped = dropped.union(_DEFINITIONS if inlined else ())
        self._left = _WRITTEN  # how much more may be written in place of references
        self._following: tuple[str, ...] = ()  # the references that are being followed

    def schema(self, found: Mapping[str, object], kind: str = "string") -> dict[str, object]:
        """A schema as the dialect takes it; ``kind`` is for :func:`.simple.simple`."""
        if "$ref" in found and self._inlined:
            return self._followed(found, str(found["$ref"]), kind)
        if self._objects:
            found = _satisfiable(found)
        made = {
            key: value if isinstance(value, str) else self._value(key, value)
            for key, value in found.items()
            if key not in self._dropped
        }
        if self._dialect.schema_simple:
            made = simple(made, kind, words=self._dialect.schema_words)
        elif made.get("type") == "array" and "prefixItems" not in made:
            made.setdefault("items", {})
        if not self._dialect.strict:
            return made
        made.pop("default", None)
        if isinstance(reference := made.get("$ref"), str):
            made["$ref"] = _moved(self._root, reference)
        return _required(made) if "properties" in made else made

    def _value(self, key: str, value: object) -> object:
        if key in _NAMED and is_object(value):
            return {name: self._beneath(item) for name, item in value.items()}
        if key in _NESTED and is_list(value):
            kind = "" if key in BRANCHES else "string"
            return [self._beneath(item, kind) for item in value]
        if key in _NESTED or (key in _OPEN and is_object(value)):
            return self._beneath(value)
        return value

    def _beneath(self, found: object, kind: str = "string") -> object:
        """A schema within the schema; true is one too, which takes anything."""
        if found is True and self._objects:
            return self.schema({}, kind)
        return self.schema(found, kind) if is_object(found) else found

    def _followed(
        self, found: Mapping[str, object], reference: str, kind: str
    ) -> dict[str, object]:
        """What a reference refers to, with what stands beside it; a circle takes anything."""
        beside = {key: value for key, value in found.items() if key != "$ref"}
        target = _target(self._root, reference)
        if target is None or reference in self._following or self._left <= 0:
            known = target.get("type") if target is not None else None
            return self.schema(({"type": known} if known else {}) | beside, kind)
        told = {key: target[key] for key in target if key in _ADDED or key not in beside}
        whole = {key: v for key, v in both([beside, told]).items() if key not in self._dropped}
        self._left -= max(_LEAST, len(encoded(whole)))
        before, self._following = self._following, (*self._following, reference)
        made = self.schema(whole, kind)
        self._following = before
        return made


def _satisfiable(found: Mapping[str, object]) -> dict[str, object]:
    """A schema without the schemas in it that are false, for those take nothing."""
    made: dict[str, object] = {}
    for key, value in found.items():
        if key in _NAMED and is_object(value):
            made[key] = {name: item for name, item in value.items() if item is not False}
        elif key in _NESTED and is_list(value):
            # A list of no schemas is none that a service takes.
            if left := [item for item in value if item is not False]:
                made[key] = left
        elif key not in _NESTED or value is not False:
            made[key] = value
    properties, needed = found.get("properties"), found.get("required")
    if is_object(properties) and is_list(needed):
        made["required"] = [name for name in needed if properties.get(str(name)) is not False]
    return made


def _required(made: dict[str, object]) -> dict[str, object]:
    """The schema with every property required; one that was not may be null instead."""
    properties = made["properties"]
    if not is_object(properties):
        return made
    names = {*strings(made.get("required"))}
    made["properties"] = {
        name: item if name in names else {"anyOf": [item, _NULL]}
        for name, item in properties.items()
    }
    return made | {"required": list(properties), "additionalProperties": False}


def _moved(root: Mapping[str, object], reference: str) -> str:
    """A reference to the same schema, once properties that are not required may be null instead."""
    first, *rest = reference.split("/")
    if first != "#":
        return reference
    found: object = root
    keyword = ""  # the one whose names the next step is one of
    needed: set[str] = set()  # what is required beside it
    steps = [first]
    for step in rest:
        key, outer = _key(unquote(step)), found
        found = _step(outer, key)
        steps.append(step)
        if keyword == "properties" and found is not None and key not in needed:
            steps += ["anyOf", "0"]
        keyword = key if key in _NAMED and not keyword else ""
        needed = {*strings(outer.get("required") if is_object(outer) else None)}
    return "/".join(steps)


def _target(root: Mapping[str, object], reference: str) -> Mapping[str, object] | None:
    """What a reference within the schema refers to (RFC 6901, sections 4 and 6)."""
    if not reference.startswith("#"):
        return None
    found: object = dict(root)
    pointer = unquote(reference.removeprefix("#"))
    for step in pointer.removeprefix("/").split("/") if pointer.strip("/") else ():
        found = _step(found, _key(step))
    return found if is_object(found) else None


def _key(step: str) -> str:
    """The key that a step of a reference stands for."""
    return step.replace("~1", "/").replace("~0", "~")


def _step(found: object, key: str) -> object:
    """What stands under this key, or at this place of a list."""
    if is_object(found):
        return found.get(key)
    if is_list(found) and _PLACE.fullmatch(key) and int(key) < len(found):
        return found[int(key)]
    return None
