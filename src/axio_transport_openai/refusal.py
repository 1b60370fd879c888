"""A service's report of a failure, in any shape: what it says, and what it calls the failure.

The same words mean the same whether they came with a status or inside a 200; which error they stand
for is decided in :mod:`.verdict`.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from .lenient import is_list, is_object, objects
from .sse import Decoder
from .wire import Malformed, plain, written

__all__ = ["TELLING", "Refusal", "read", "read_body"]

_STATUS: Final = re.compile("[0-9]{3}")
#: The statuses of failures.
_FAILURES: Final = range(400, 600)
#: What an event stream begins with: a comment, or one of its fields.
_EVENT: Final = (":", "data:", "event:", "id:")
#: The keys that may hold all the rest; Mistral has FastAPI's errors in its ``message``.
_WITHIN: Final = ("error", "detail", "errors", "message")
#: The keys of an error's names, and of its words; AWS writes some with a capital.
_NAMES: Final = ("code", "type", "status", "error_code", "error_type")
_SAID: Final = ("message", "msg", "detail", "error", "error_msg", "Message")
#: The keys of an HTTP status.
_STATUSES: Final = (
    *("code", "status", "status_code"),
    *("raw_status_code", "http_status_code", "http_code"),
)
#: All of these keys: an object with none of them reports no failure.
TELLING: Final = frozenset({*_WITHIN, *_NAMES, *_SAID, *_STATUSES})


class Refusal(msgspec.Struct, frozen=True):
    """What a service said of a failure."""

    #: Its words, or its whole body where none of it reads as words.
    said: str = ""
    #: Its code or type for the failure.
    code: str = ""
    #: All its codes and types for the failure, in lower case.
    names: frozenset[str] = frozenset()
    #: The HTTP status that the body itself names, if it names one of a failure.
    status: int | None = None
    #: The parameter of the request that it names, if it does.
    param: str = ""
    #: What happened, in our words, where the service said nothing.
    happened: str = ""


def read_body(body: bytes) -> Refusal:
    """The refusal that an error response's body holds, whatever that is."""
    text = body.decode("utf-8-sig", "replace").strip()
    if text.startswith(_EVENT) and (event := _event(body)):
        return read_body(event)
    if not text.startswith(("{", "[", '"')):
        return Refusal(said=text)
    try:
        found = plain(body)
    except Malformed:
        return Refusal(said=text)
    refusal = _read(found)
    return refusal if refusal.said else msgspec.structs.replace(refusal, said=text)


def _event(body: bytes) -> bytes:
    """The first object in an event stream: LiteLLM sends one as the body of a refusal too."""
    events = Decoder()
    payloads = (*events.feed(body), *events.end())
    return next((payload for payload in payloads if payload.lstrip().startswith(b"{")), b"")


def read(found: object) -> Refusal:
    """The refusal in this JSON, whatever that is: all of it where none of it reads as words."""
    refusal = _read(found)
    if refusal.said or not found:
        return refusal
    return msgspec.structs.replace(refusal, said=written(found))


def _read(found: object) -> Refusal:
    """The refusal in an object, in what it holds under ``error`` or the like, in a text."""
    if is_list(found):
        found = next((item for item in found if item), None)
    if not is_object(found):
        return Refusal(said=found if isinstance(found, str) else "")
    inner, around = _within(found), [found]
    while is_object(inner) and not _first(inner, *_SAID) and is_object(deeper := _within(inner)):
        around.insert(0, inner)
        inner = deeper
    if is_list(inner):
        found, said = _unlisted(inner), _items(inner)
    elif isinstance(inner, str):
        said = _worded(inner, found)
    else:
        found = inner if is_object(inner) else found
        said = _first(found, *_SAID)
    said = said or _listed(found) or _only(found)
    names = [str(place[key]) for place in (found, *around) for key in _NAMES if place.get(key)]
    return Refusal(
        said=" ".join(filter(None, (said or _first(around[-1], "message"), _beside(found)))),
        code=names[0] if names else "",
        names=frozenset(name.lower() for name in names),
        status=_status(found, *around),
        param=_first(found, "param"),
    )


def _within(found: dict[str, object]) -> object:
    """What holds all the rest of a report; None where that is this object itself."""
    return next((found[key] for key in _WITHIN if found.get(key)), None)


def _status(*places: dict[str, object]) -> int | None:
    """The first status of a failure in these places; gateways write it as text too."""
    for place in places:
        for key in _STATUSES:
            found = str(place.get(key))
            if _STATUS.fullmatch(found) and int(found) in _FAILURES:
                return int(found)
    return None


def _first(found: dict[str, object], *keys: str) -> str:
    return next((text for key in keys if isinstance(text := found.get(key), str) and text), "")


def _worded(text: str, found: dict[str, object]) -> str:
    """A text, and the message beside it: NestJS, Fastify and OAuth put a name there."""
    beside = _first(found, "message", "error_description") or _listed(found)
    return ": ".join(dict.fromkeys(filter(None, (text, beside))))


def _listed(found: dict[str, object]) -> str:
    """What a list of errors in this object says."""
    return next((_items(items) for key in _WITHIN if is_list(items := found.get(key))), "")


def _only(found: dict[str, object]) -> str:
    """The text that is all there is in this object: Portkey has a page as its ``html-message``."""
    return _first(found, *found) if len(found) == 1 else ""


def _unlisted(items: list[object]) -> dict[str, object]:
    """The first error of a list; FastAPI's have a type of what was sent, no name of a failure."""
    first = next(iter(objects(items)), None) or {}
    return {key: value for key, value in first.items() if key != "type"}


def _items(items: list[object]) -> str:
    return "; ".join(filter(None, map(_item, items)))


def _item(item: object) -> str:
    """One error of a list: what is wrong, and where, which FastAPI tells of what it validates."""
    if not is_object(item):
        return str(item)
    place = item.get("loc")
    where = ".".join(map(str, place)) if is_list(place) else ""
    said = _first(item, "msg", "message", "description")
    return f"{where}: {said}" if where and said else said


def _beside(error: dict[str, object]) -> str:
    """What stands beside the message.

    It is OpenRouter's upstream words, Groq's failed generation, or what Azure AI found wrong.
    """
    metadata, details = error.get("metadata"), error.get("details")
    raw = metadata.get("raw") if is_object(metadata) else None
    raw = _read(raw).said if is_object(raw) else raw
    wrong = _items([*objects(details)]) if is_list(details) else ""
    beside = [f"({words})" for words in (raw, wrong) if words and isinstance(words, str)]
    if failed := _first(error, "failed_generation"):
        beside.append(f"(the model wrote: {failed})")
    return " ".join(beside)
