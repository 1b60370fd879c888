"""The JSON around a list: models and embeddings both come as ``{"object": "list", "data": []}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from .errors import Interrupted, ProtocolError
from .lenient import is_list, is_object
from .refusal import read
from .verdict import in_stream
from .wire import Malformed, plain, torn

if TYPE_CHECKING:
    from .origin import Origin

__all__ = ["Envelope", "unwrapped"]

#: How much a message shows of a body that is something else, in characters.
_SHOWN: Final = 120


class Envelope(NamedTuple):
    """A list that a service answered with, and the object around it."""

    items: list[object]
    around: dict[str, object]


def unwrapped(body: bytes, of: str, origin: Origin) -> Envelope:
    """The list in this body; ``of`` is what it should be a list of.

    Raises:
        ProviderError: It is an error, though the status was 200.
        Interrupted: It breaks off.
        ProtocolError: It is something else.
    """
    try:
        found = plain(body)
    except Malformed as malformed:
        if torn(body):
            did = f"was asked for {of} and stopped in the middle of a body that is {malformed}"
            message = f"{origin.shown} {did}: {_shown(body, origin)}"
            raise Interrupted(message, status=200, retryable=True) from None
        raise _foreign(f"that is {malformed}", body, of, origin) from None
    if is_list(found):  # Together sends its models so
        return Envelope(found, {})
    if is_object(found):
        items = found.get("data")
        if is_list(items):
            return Envelope(items, found)
        if found.get("error") or found.get("detail"):
            raise in_stream(read(found), origin, None)
        if found.get("object") == "list" and "data" in found and items is None:
            return Envelope([], found)  # Ollama has no models yet
    raise _foreign("without a list", body, of, origin)


def _foreign(what: str, body: bytes, of: str, origin: Origin) -> ProtocolError:
    """The error for a body that is no such list; ``what`` is the end of "sent a body ..."."""
    shown = _shown(body, origin)
    return ProtocolError(
        f"{origin.shown} was asked for {of} and sent a body {what}:"
        f" {repr(shown) if shown else 'nothing'}; check the base URL.",
        said=shown,
        status=200,
    )


def _shown(body: bytes, origin: Origin) -> str:
    """The beginning of a body that holds no list."""
    return origin.clean(body[: 4 * _SHOWN].decode("utf-8", "replace"), _SHOWN, cut=True)
