"""A failure that a chunk reports: under ``error``, or in a shape of the service's own.

Most chunks without choices report none: they carry usage, or keep the connection open (a ping).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from .lenient import is_object, number, objects
from .refusal import TELLING, Refusal, read, read_body
from .sse import ErrorEvent
from .wire import Malformed, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["is_error", "refusal_by", "refusal_in", "refusal_of"]

#: The keys of which a report of a failure has one at least.
_TELLING: Final = TELLING | {"base_resp", "success"}
#: The fields of an object, their values left as they came.
_fields: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
#: Codes that say that all is well, as zeros do: Spark and others send one in every chunk.
_FINE: Final = frozenset({"200", "success", "ok"})
#: Messages that say so, or that the answer is yet to come, whatever code is beside them.
_FINE_WORDS: Final = frozenset(
    {
        *("ok", "success", "succeeded", "successful", "done", "completed", "finished"),
        *("accepted", "queued", "pending", "started", "running", "processing", "in progress"),
    }
)


def is_error(error: object) -> bool:
    """Whether this reports an error: gateways in Go send one of empty fields in every chunk."""
    return any(error.values()) if is_object(error) else bool(error)


def refusal_of(error: object, payload: bytes) -> Refusal:
    """The failure that a chunk reports under ``error``, with what its payload says beside that."""
    try:
        found = plain(payload)
    except Malformed:  # it is nested too deeply
        found = None
    beside = {key: value for one in objects(found) for key, value in one.items() if value}
    return read({**beside, "error": error})


def refusal_by(finish: str) -> Refusal:
    """The failure that this finish reason reports."""
    code, names = finish.partition(":")[0], frozenset({"server_error"})
    return Refusal(code=code, names=names, happened=f"the answer ended with {finish!r}")


def refusal_in(payload: bytes, *, sure: bool = False) -> Refusal | None:
    """The failure that this payload without choices reports; None where it reports none.

    Where the answer goes on, or was over before, only what is one for ``sure`` is a failure.
    """
    if isinstance(payload, ErrorEvent):
        return read_body(payload)
    if _is_silent(payload):
        return None
    try:
        found = plain(payload)
    except Malformed:
        return None
    if not is_object(found):
        return None
    base = found.get("base_resp")  # MiniMax
    if is_object(base) and _wrong(base, "status_code"):
        return read({"code": base["status_code"], "message": base.get("status_msg")})
    failed = _failed(found) or (not sure and _suspect(found))
    return read_body(payload) if failed else None


def _is_silent(payload: bytes) -> bool:
    """Whether no key of it tells of a failure, as in the usage that ends nearly every answer."""
    try:
        found = _fields(payload)
    except (ValueError, RecursionError):
        return False
    return _TELLING.isdisjoint(found) and b'"error"' not in payload


def _failed(found: Mapping[str, object]) -> bool:
    """Whether it is a failure beyond doubt: it says so, or has a status or a code of one."""
    code = number(found.get("code"))
    return (
        found.get("object") == "error"
        or read(found).status is not None
        or (code is not None and code < 0)
    )


def _suspect(found: Mapping[str, object]) -> bool:
    """Whether anything in it may report a failure, where no answer comes before or after it."""
    if found.get("errors") or found.get("success") is False or _wrong(found, "error_code"):
        return True
    if found.get("success") is True or _good(found.get("code")):
        return False
    names = ("message", "detail", "msg") if _wrong(found, "code") else ("message", "detail")
    said = (found[name] for name in names if found.get(name))
    return any(str(word).lower().strip(" .!") not in _FINE_WORDS for word in said)


def _good(code: object) -> bool:
    """Whether this code says that all is well; zeros do, however many."""
    word = str(code).lower()
    return word in _FINE or (word != "" and not word.strip("0"))


def _wrong(found: Mapping[str, object], name: str) -> bool:
    """Whether it has a code under this name, and one that does not say that all is well."""
    code = found.get(name)
    return code is not None and code != "" and not _good(code)
