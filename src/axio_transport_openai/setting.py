"""Settings as people give them: numbers in strings, empty variables, keys with a newline."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
from axio.models import ModelRegistry, ModelSpec

from .catalogue import CHAT, resolved
from .dialect import Dialect
from .lenient import is_object

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from typing_extensions import TypeIs

    class Transport(DataclassInstance, Protocol):
        """What has the settings."""

        models: ModelRegistry


__all__ = ["NAMES", "READERS", "chosen", "filled", "in_place", "later", "read", "usable"]

#: What makes the value of a setting, of this name, out of what was given for it.
type _Reader = Callable[[str, object], object]

_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off", ""})


def _number(name: str, value: object, *, least: float = 0.0) -> float:
    """A finite number, at least ``least``.

    Raises:
        ValueError: It is none; the message names the setting.
    """
    try:
        found = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found) or found < least or isinstance(value, bool):
        raise ValueError(f"{name} must be a number, at least {least:g}, not {value!r}")
    return found


def _whole_number(name: str, value: object, *, least: int = 0) -> int:
    """A whole number, at least ``least``.

    Raises:
        ValueError: It is none; the message names the setting.
    """
    found = _number(name, value, least=least)
    if found != int(found):
        raise ValueError(f"{name} must be a whole number, not {value!r}")
    return int(found)


def _optional(read: _Reader) -> _Reader:
    """How a setting is read that may be None; an empty string sets nothing either."""
    return lambda name, value: None if value is None or value == "" else read(name, value)


def _flag(name: str, value: object) -> bool:
    """Yes or no.

    Raises:
        ValueError: It is neither; the message names the setting.
    """
    word = str(value).strip().lower()
    if word not in _YES | _NO:
        raise ValueError(f"{name} must be true or false, not {value!r}")
    return word in _YES


def _parameters(name: str, value: object) -> Mapping[str, object]:
    """A mapping, or a JSON object that writes one.

    Raises:
        ValueError: It is neither; the message names the setting.
    """
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value or "{}")
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{name} must be a JSON object: {error}") from None
    if not _is_mapping(value):
        message = f"{name} must be a mapping of names to values, not {type(value).__name__}"
        raise ValueError(message)  # a wrong argument, whatever its type
    return {str(key): found for key, found in value.items()}


def _is_mapping(value: object) -> TypeIs[Mapping[object, object]]:
    return isinstance(value, Mapping)


def _strings(name: str, value: object) -> Mapping[str, str]:
    """The same, of strings; numbers and truths are written as JSON writes them.

    Raises:
        ValueError: It is none; the message names the setting.
    """
    return {key: _string(name, found) for key, found in _parameters(name, value).items()}


def _string(name: str, value: object) -> str:
    match value:
        case str():
            return value
        case bool() | int() | float():
            return str(value).lower()
        case _:  # it is not shown: it may be a key
            raise ValueError(f"{name} must hold strings, not {type(value).__name__}")


def _word(name: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value.strip() or None if value else None
    raise ValueError(f"{name} must be a word, not {value!r}")


def _dialect(name: str, value: object) -> Dialect | None:
    if value is None:
        return None
    given = value.to_dict() if isinstance(value, Dialect) else _parameters(name, value)
    try:
        return Dialect.from_dict(given)  # which checks the words of one that was made by hand
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _is_learnt(value: object) -> TypeIs[dict[str, Dialect]]:
    return is_object(value) and all(isinstance(found, Dialect) for found in value.values())


def _dialects(name: str, value: object) -> dict[str, Dialect]:
    if _is_learnt(value):
        return value  # the very object: clones share it
    read = {key: _dialect(name, found) for key, found in _parameters(name, value).items()}
    return {key: found for key, found in read.items() if found}


#: The settings that are texts, and whether None stands for the default, from the environment.
_TEXTS: Final[Mapping[str, bool]] = {"name": False, "api_key": True, "base_url": True}
#: What is saved even where it is the default: other versions have other defaults.
_ALWAYS: Final = ("max_retries", "retry_base_delay")
#: How each setting of a transport is read.
READERS: Final[Mapping[str, _Reader]] = {
    "max_retries": _whole_number,
    "retry_base_delay": _number,
    "extra_params": _parameters,
    "extra_headers": _strings,
    "extra_query": _strings,
    "temperature": _optional(_number),
    "max_output_tokens": _optional(partial(_whole_number, least=1)),
    "reasoning_effort": _word,
    "dialect": _dialect,
    "learnt": _dialects,
    "dimensions": _optional(partial(_whole_number, least=1)),
    "debug": _flag,
    "connect_timeout": _optional(_number),
    "first_event_timeout": _optional(_number),
    "idle_timeout": _optional(_number),
    "total_timeout": _optional(_number),
    "max_retry_wait": _number,
}
#: The settings that are read, the models before the one of them that is active.
NAMES: Final = (*_TEXTS, "models", "model", *READERS)


def read(transport: Transport, name: str, value: object) -> object:
    """What a transport has as its setting of this name, where this value is given for it.

    Raises:
        ValueError: It is not what it should be; the message names the setting.
    """
    match name:
        case "model":
            return _spec(value, transport.models)
        case "models":
            return _registry(value)
        case _ if name in _TEXTS:
            return _text(transport, name, value)
        case _:
            return READERS[name](name, value) if name in READERS else value


def later(transport: Transport, name: str, value: object, *, app: bool) -> object:
    """The same of one that is set later, where an ``app`` that sets what is typed would not fail.

    Raises:
        ValueError: It is not what it should be, and this is no app; the message names the setting.
    """
    try:
        return read(transport, name, value)
    except ValueError as error:
        if not app:
            raise
        logging.getLogger("axio_transport_openai").warning("%s; it stays as it was", error)
        return getattr(transport, name)


def _text(transport: DataclassInstance, name: str, value: object) -> str:
    if value is None and _TEXTS[name]:
        value = _default(next(known for known in fields(transport) if known.name == name))
    if isinstance(value, str):
        return value
    kind = type(value).__name__  # the value is not shown: it may be a key
    raise ValueError(f"{name} must be a string, not {kind}")


def in_place(transport: DataclassInstance, key: str, address: str) -> tuple[str, str]:
    """A key and an address, swapped where they were given in the other order.

    The specification has both: its table has the key first, its class the address. No key holds
    ``://`` (RFC 6750 section 2.1).
    """
    if "://" not in key:
        return key, address
    if address == _text(transport, "base_url", None):  # only the address was given
        return _text(transport, "api_key", None), key
    return (key, address) if "://" in address else (address, key)


def _registry(given: object) -> ModelRegistry:
    """The models to choose from.

    Raises:
        ValueError: It is something else.
    """
    if isinstance(given, ModelRegistry):
        return given
    raise ValueError(f"models must be a ModelRegistry, not {type(given).__name__}")


def _spec(given: object, models: ModelRegistry) -> ModelSpec:
    """The active model, which may be given by its id.

    Raises:
        ValueError: It is something else.
    """
    if isinstance(given, str):
        return resolved(models, given) or ModelSpec(given, CHAT)
    if isinstance(given, ModelSpec):
        return given
    raise ValueError(f"model must be a ModelSpec or a model's id, not {type(given).__name__}")


def chosen(transport: DataclassInstance) -> dict[str, object]:
    """The settings of a transport that are not the defaults, and how it retries."""
    found = {
        known.name: (getattr(transport, known.name), _default(known))
        for known in fields(transport)
        if known.name in READERS
    }
    return {
        name: _plain(value)
        for name, (value, default) in found.items()
        if value != default or name in _ALWAYS
    }


def _plain(value: object) -> object:
    """A setting as JSON-able values."""
    if isinstance(value, Dialect):
        return value.to_dict()
    if _is_mapping(value):
        return {key: _plain(found) for key, found in value.items()}
    return value


def _default(known: Field[object]) -> object:
    return known.default if known.default_factory is MISSING else known.default_factory()


def filled(settings: Mapping[str, object]) -> dict[str, object]:
    """The settings without blank texts: an empty field of a form sets nothing."""
    return {
        name: value
        for name, value in settings.items()
        if not isinstance(value, str) or value.strip()
    }


def usable(settings: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """The settings that can be used, by name, and what is wrong with the others."""
    found: dict[str, object] = {}
    problems: list[str] = []
    for name in [known for known in READERS if known in settings]:
        try:
            found[name] = READERS[name](name, settings[name])
        except ValueError as error:
            problems.append(str(error))
    return found, problems
