"""JSON schemas in plainer forms, for services that do not understand all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .lenient import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ANYTHING", "simple", "strict"]

#: What a simple schema says of a value that may be anything.
ANYTHING: Final = {"type": "string"}
#: Keywords whose value is a list of schemas, one of which holds.
_CHOICES: Final = ("anyOf", "oneOf")
#: What says something of a schema whichever of its types a value has.
_ABOUT: Final = ("description", "title", "default")
_NULL: Final = {"type": "null"}
_TYPES: Final[dict[type, str]] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def simple(made: dict[str, object]) -> dict[str, object]:
    """The schema in the simple forms: one type, which is told, and no constant or tuple."""
    if "const" in made:
        made["enum"] = [made.pop("const")]
    items, kinds = made.get("items"), made.get("type")
    if is_list(items):
        made["items"] = {"anyOf": items} if items[1:] else (items or [ANYTHING])[0]
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
    items = {} if "items" in rest else {"items": ANYTHING}
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


def strict(made: dict[str, object]) -> dict[str, object]:
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


def _undefaulted(schema: object) -> object:
    if not is_object(schema):
        return schema
    return {key: value for key, value in schema.items() if key != "default"}
