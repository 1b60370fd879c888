"""What a chunk says of a failure; one without choices has it in shapes of the service's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from .lenient import is_object, number
from .refusal import TELLING, Refusal, read, read_body
from .sse import ErrorEvent
from .wire import Malformed, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .wire import Chunk

__all__ = ["meant", "refusal_in", "refusal_of"]

#: The keys that may tell of a failure.
_TELLING: Final = TELLING | {"base_resp", "success"}
_fields: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
#: Codes that say that all is well, beside zeros: Spark and others send one in every chunk.
_FINE: Final = frozenset({"200", "success", "ok"})
#: Words that say so, or that the answer is yet to come, whatever code is beside them.
_FINE_WORDS: Final = frozenset(
    {
        *("ok", "success", "succeeded", "successful", "done", "completed", "finished"),
        *("accepted", "queued", "pending", "started", "running", "processing", "in progress"),
    }
)


def meant(error: object) -> bool:
    """Whether this is an error: gateways in Go send one of nothing but empty fields beside all."""
    return any(error.values()) if is_object(error) else bool(error)


def refusal_of(chunk: Chunk) -> Refusal:
    """The failure that this chunk has under ``error``, with what beside it is of the failure."""
    return read(
        {
            "error": chunk.error,
            "code": chunk.code,
            "message": chunk.message,
            "status_code": chunk.status_code,  # Cerebras
            "error_type": chunk.error_type,  # text-generation-inference
        }
    )


def refusal_in(payload: bytes, *, answered: bool = False) -> Refusal | None:
    """The failure that this object is; None where it is counts, a ping or the like.

    Behind an answer that is whole, only what is a failure beyond doubt is one.
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
    failed = _failed(found) or not (answered or _fine(found))
    return read_body(payload) if failed else None


def _is_silent(payload: bytes) -> bool:
    """Whether nothing in it tells of a failure, as in the counts that end nearly every answer."""
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


def _fine(found: Mapping[str, object]) -> bool:
    """Whether nothing in it tells of a failure."""
    if found.get("errors") or found.get("success") is False or _wrong(found, "error_code"):
        return False
    if found.get("success") is True or _good(found.get("code")):
        return True
    names = ("message", "detail", "msg") if _wrong(found, "code") else ("message", "detail")
    said = (found[name] for name in names if found.get(name))
    return all(str(word).lower().strip(" .!") in _FINE_WORDS for word in said)


def _good(code: object) -> bool:
    """Whether this code says that all is well; zeros of any length do."""
    word = str(code).lower()
    return word in _FINE or (word != "" and not word.strip("0"))


def _wrong(found: Mapping[str, object], name: str) -> bool:
    """Whether it has a code of this name, and that for a failure."""
    code = found.get(name)
    return code is not None and code != "" and not _good(code)
