"""Values as the JSON that is sent, whatever halves of characters are in them."""

from __future__ import annotations

import msgspec

from .surrogate import whole
from .wire import encode, encode_into, is_list, is_object

__all__ = ["encode_after", "encoded", "fields_of"]


def encoded(value: object) -> bytes:
    """The value as JSON, with U+FFFD for halves of characters, which JSON cannot hold."""
    try:
        return encode(value)
    except UnicodeEncodeError:
        return encode(_whole(value))


def encode_after(value: object, buffer: bytearray) -> None:
    """The same, put at the end of the buffer."""
    end = len(buffer)
    try:
        encode_into(value, buffer, -1)
    except UnicodeEncodeError:
        buffer[end:] = encode(_whole(value))


def fields_of(value: msgspec.Struct) -> dict[str, object]:
    """The fields of a struct that are set."""
    found: dict[str, object] = msgspec.structs.asdict(value)
    return {key: item for key, item in found.items() if item is not msgspec.UNSET}


def _whole(value: object) -> object:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, msgspec.Struct):
        return {key: _whole(item) for key, item in fields_of(value).items()}
    if is_list(value):
        return [_whole(item) for item in value]
    if is_object(value):
        return {whole(key): _whole(item) for key, item in value.items()}
    return value
