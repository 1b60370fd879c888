"""JSON schemas in plainer forms, for services that do not understand all of them."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Final

from .lenient import is_list, is_object, is_sequence, objects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BRANCHES", "SIMPLIFIED", "both", "flat", "simple"]

#: What a simple schema says of a value that may be anything.
_ANYTHING: Final = {"type": "string"}
#: Keywords whose value is a list of schemas, one of which holds.
_CHOICES: Final = ("anyOf", "oneOf")
#: The same, and the keyword whose schemas must all hold.
BRANCHES: Final = ("allOf", *_CHOICES)
#: Keywords that are rewritten and never dropped: without one, a schema would mean something else.
SIMPLIFIED: Final = frozenset(
    {
        *BRANCHES,
        "$defs",
        "$ref",
        "const",
        "definitions",
        "description",
        "enum",
        "items",
        "prefixItems",
        "properties",
        "required",
        "type",
    }
)
#: Keywords that hold for every type of a schema.
_ABOUT: Final = ("description", "title", "default")
#: Keywords of a condition, which mean nothing one by one.
_CONDITION: Final = frozenset({"if", "then", "else"})
_NULL: Final[dict[str, object]] = {"type": "null"}
_TYPES: Final[dict[type, str]] = {str: "string", bool: "boolean", int: "integer", float: "number"}
_KINDS: Final = frozenset({*_TYPES.values(), "array", "object", "null"})
#: The keywords that speak of values of one type alone: Gemini refuses them beside another type.
_OWNERS: Final = {
    **dict.fromkeys(("properties", "required", "additionalProperties"), "object"),
    **dict.fromkeys(("items", "minItems", "maxItems", "uniqueItems"), "array"),
    **dict.fromkeys(("minLength", "maxLength", "pattern"), "string"),
}


def simple(made: dict[str, object], kind: object, *, words: bool) -> dict[str, object]:
    """The schema in the simple forms: it names one type, and has no constant or tuple.

    ``kind`` is its type where it names none. It is empty for a branch, which may leave its type to
    the schema that it is a branch of. With ``words``, an ``enum`` holds strings alone.
    """
    if "const" in made:
        made["enum"] = [made.pop("const")]
    made = flat(_untupled(made), ["allOf"])
    if "properties" in made or "required" in made:
        made = flat(made, _CHOICES)
    if kind and "required" in made:
        made["required"] = _defined(made)
    kinds = _kind(made) or kind
    if choices := next((found for key in _CHOICES if (found := objects(made.get(key)))), None):
        left = {key: made[key] for key in made if key != "type" and key not in _CHOICES}
        return left | {"anyOf": [simple(one, kinds, words=words) for one in choices]}
    if not kinds:
        return made
    made = _valued(made | {"type": kinds}, words=words)
    kinds = made["type"]
    return _split(made, kinds) if is_list(kinds) else _own(made, kinds)


def _own(made: Mapping[str, object], kind: object) -> dict[str, object]:
    """The schema of one type: without the keywords of others, and a list's with its items."""
    items = {"items": _ANYTHING} if kind == "array" else {}
    return items | {key: made[key] for key in made if _OWNERS.get(key, kind) == kind}


def _untupled(made: dict[str, object]) -> dict[str, object]:
    """The schema with a tuple made a list, each item of which may be what any place takes."""
    places, items = made.get("prefixItems"), made.get("items")
    if not is_list(places) and not is_list(items):
        return made
    taken = [*objects(places), *objects(items), *objects(made.get("additionalItems"))]
    left = {key: made[key] for key in made if key not in {"prefixItems", "additionalItems"}}
    return left | {"items": _any(taken) if taken else _ANYTHING}


def _valued(made: dict[str, object], *, words: bool) -> dict[str, object]:
    """The schema with its values in words where ``enum`` may not hold them; null becomes a type."""
    values, kinds = made.get("enum"), made["type"]
    if not is_list(values):
        return made
    left = {key: value for key, value in made.items() if key != "enum"}
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        others = [kind for kind in (kinds if is_list(kinds) else [kinds]) if kind != "null"]
        left["type"] = [*others, "null"] if known else "null"
    worded = kinds == "string" or is_list(kinds)  # a list of types is split, each with its values
    if not words or (worded and all(isinstance(value, str) for value in known)):
        return left | ({"enum": known} if known else {})
    listed = f"Values: {', '.join(map(_written, known))}."
    return left | {"description": _described(made.get("description"), listed)}


def _split(made: dict[str, object], kinds: list[object]) -> dict[str, object]:
    """A schema of several types as a choice of schemas, one for each type that has a value."""
    about = {key: made[key] for key in _ABOUT if key in made}
    rest = {key: made[key] for key in made if key not in about and key not in {"type", "enum"}}
    kinds = _unique(kinds)
    # Values that are of none of these types say nothing of one.
    values = [value for value in _values(made) if any(kind in _kinds(value) for kind in kinds)]
    split: list[dict[str, object]] = []
    for kind in kinds:
        fitting = [value for value in values if kind in _kinds(value)]
        if kind == "null":
            split.append(_NULL)
        elif fitting or not values:
            listed = {"enum": fitting} if fitting else {}
            split.append({"type": kind} | _own(rest, kind) | listed)
    return about | ({"anyOf": split} if len(split) != 1 else split[0])


def _kinds(value: object) -> Sequence[str]:
    """The types that a value has."""
    kind = _TYPES.get(type(value), "")
    return (kind, "number") if kind == "integer" else (kind,)


def _kind(made: Mapping[str, object]) -> object:
    """The type that a schema names, or implies; None where it may be any."""
    given = made.get("type")
    named = [str(kind).lower() for kind in (given if is_sequence(given) else [given])]
    if known := [kind for kind in named if kind in _KINDS]:
        return known if is_sequence(given) else known[0]
    if "properties" in made or is_list(made.get("required")):
        return "object"
    if "items" in made:
        return "array"
    kinds = dict.fromkeys(_TYPES.get(type(one)) for one in _values(made) if one is not None)
    if None in kinds:
        return None
    if "number" in kinds:
        kinds.pop("integer", None)
    return [*kinds] if len(kinds) > 1 else next(iter(kinds), None)


def flat(made: Mapping[str, object], branches: Sequence[str] = BRANCHES) -> dict[str, object]:
    """The schema without these branches: what they say of properties it says itself.

    It requires what all schemas of a choice require, so that it takes whatever they take.
    """
    parts = [{key: value for key, value in made.items() if key not in branches}]
    for key in branches:
        found = [flat(one, branches) for one in _schemas(made.get(key))]
        if key == "allOf":
            parts += [{key: one[key] for key in one if key not in _CONDITION} for one in found]
        elif found:
            parts.append(_either(found, key))
    return both(parts)


def _schemas(found: object) -> list[dict[str, object]]:
    """The schemas of a list that take anything at all; true takes everything."""
    known = found if is_list(found) else []
    return [one if is_object(one) else {} for one in known if is_object(one) or one is True]


def both(parts: Sequence[dict[str, object]]) -> dict[str, object]:
    """What all of these say; of two that say different things, what the first says."""
    made: dict[str, object] = {}
    for part in parts:
        for key, value in part.items():
            had = made.setdefault(key, value)
            if key == "properties" and is_object(had) and is_object(value):
                made[key] = had | {name: value[name] for name in value if name not in had}
            elif key == "required" and is_list(had) and is_list(value):
                made[key] = _unique([*had, *value])
            elif key == "description" and had != value:
                made[key] = _described(had, value)
    return made


def _either(parts: Sequence[dict[str, object]], key: str) -> dict[str, object]:
    """One schema for a choice of these: their properties together, and the choice in words."""
    found = [properties for part in parts for properties in objects(part.get("properties"))]
    names = dict.fromkeys(name for properties in found for name in properties)
    merged: dict[str, object] = {
        name: _any([properties[name] for properties in found if name in properties])
        for name in names
    }
    needs = [_needed(part) for part in parts]
    every = {*map(_exact, needs[0])}.intersection(*(map(_exact, needed) for needed in needs))
    required = [name for name in needs[0] if _exact(name) in every]
    made: dict[str, object] = {"properties": merged, "required": required}
    words = dict.fromkeys(map(_in_words, parts))
    if len(words) > 1:
        among = "one" if key == "oneOf" else "any"
        made["description"] = f"Takes {among} of these: {'; '.join(words)}."
    elif "description" in parts[0]:
        made["description"] = parts[0]["description"]
    return {key: value for key, value in made.items() if value}


def _in_words(part: Mapping[str, object]) -> str:
    """A branch in words: its description, and what it requires, with the value where one will do.

    Two of ``{"description": "by id", "required": ["op", "id"]}`` are ``by id (op="get", id)``.
    """
    properties = part.get("properties")
    needs: list[str] = []
    for name in _needed(part):
        values = _values(properties.get(str(name))) if is_object(properties) else []
        only = values[0] if len(values) == 1 else None
        needs.append(f"{name}={_written(only)}" if isinstance(only, str | int) else str(name))
    needed, about = ", ".join(needs), part.get("description")
    if not isinstance(about, str) or not about:
        return needed or "anything"
    about = about.rstrip(". ")
    return f"{about} ({needed})" if needed else about


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _described(about: object, more: object) -> object:
    """A description with another sentence behind it."""
    if not isinstance(about, str) or not isinstance(more, str) or not about:
        return about or more
    return f"{about} {more}" if about.endswith((".", "!", "?", ":")) else f"{about}. {more}"


def _any(schemas: Sequence[object]) -> object:
    """One schema for what any of these takes."""
    different = _unique(schemas)
    if not different[1:]:
        return different[0]
    values, about = [*map(_values, different)], [*map(_about, different)]
    if all(values) and not _unique(about)[1:]:
        return about[0] | {"enum": _unique([*chain.from_iterable(values)])}
    return {"anyOf": different}


def _about(schema: object) -> dict[str, object]:
    """What a schema says beside its values; a default that is its only value says nothing."""
    if not is_object(schema):
        return {}
    said = {key: value for key, value in schema.items() if key not in {"const", "enum"}}
    if "default" in said and _exact([said["default"]]) == _exact(_values(schema)):
        del said["default"]
    return said


def _unique(found: Sequence[object]) -> list[object]:
    first: dict[object, object] = {}
    for one in found:
        first.setdefault(_exact(one), one)
    return [*first.values()]


def _exact(value: object) -> object:
    """What can stand for a value in a set, and for no other: to Python 1 and True are equal."""
    if is_object(value):
        return frozenset((key, _exact(item)) for key, item in value.items())
    return tuple(map(_exact, value)) if is_sequence(value) else repr(value)


def _needed(schema: Mapping[str, object]) -> list[object]:
    """What a schema requires."""
    return needed if is_list(needed := schema.get("required")) else []


def _defined(schema: Mapping[str, object]) -> list[object]:
    """Those required properties that the schema has."""
    properties = schema.get("properties")
    return [name for name in _needed(schema) if is_object(properties) and name in properties]


def _values(schema: object) -> list[object]:
    """The only values that a schema takes, if it names them."""
    if not is_object(schema):
        return []
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    return values if is_list(values) else []
