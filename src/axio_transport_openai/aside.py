"""What an object without choices says of a failure, which services put in shapes of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .lenient import is_object
from .refusal import Refusal, read, read_body
from .sse import ErrorEvent
from .wire import Malformed, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["meant", "refusal_in"]

#: Codes that say that all is well, which Spark and others send in every chunk.
_FINE: Final = frozenset({"0", "200", "success", "ok"})


def meant(error: object) -> bool:
    """Whether this is an error: gateways in Go send one of nothing but empty fields beside all."""
    return any(error.values()) if is_object(error) else bool(error)


def refusal_in(payload: bytes) -> Refusal | None:
    """The failure that this object is; None where it is counts, a ping or the like."""
    if isinstance(payload, ErrorEvent):
        return read_body(payload)
    try:
        found = plain(payload)
    except Malformed:
        return None
    if not is_object(found):
        return None
    base = found.get("base_resp")  # MiniMax
    if is_object(base) and _wrong(base, "status_code"):
        return read({"code": base["status_code"], "message": base.get("status_msg")})
    return read_body(payload) if _fails(found) else None


def _fails(found: Mapping[str, object]) -> bool:
    if found.get("object") == "error" or found.get("errors") or found.get("success") is False:
        return True
    if _wrong(found, "error_code") or (_wrong(found, "code") and found.get("msg")):
        return True
    if str(found.get("code")).lower() in _FINE:
        return False
    return bool(found.get("detail") or found.get("message"))


def _wrong(found: Mapping[str, object], name: str) -> bool:
    """Whether it has a code of this name, and that for a failure."""
    code = found.get(name)
    return code is not None and code != "" and str(code).lower() not in _FINE
