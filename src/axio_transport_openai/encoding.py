"""Values as the bytes that are sent: JSON, even of text with halves of characters, and base64."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Final

import msgspec

from .lenient import is_object, is_sequence
from .surrogate import whole
from .wire import Buffer, encode, encode_into, encode_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "Base64",
    "Piece",
    "encoded",
    "encoded_lines",
    "fields_of",
    "fleeting",
    "put",
    "raw",
    "unpacked",
]

#: How much is put into base64 at once, in bytes: a multiple of three, so that pieces join.
_STEP: Final = 192 * 1024

_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Base64:
    """The base64 of some data, of a known length, made piece by piece when it is first sent.

    So a request with a picture of megabytes begins at once, and its next turn is not delayed.
    """

    __slots__ = ("_data", "_made")

    def __init__(self, data: bytes) -> None:
        """Make nothing of the data yet."""
        self._data = memoryview(data)
        self._made: list[bytes] = []

    def __len__(self) -> int:
        """How many characters it has (RFC 4648 section 4)."""
        return (len(self._data) + 2) // 3 * 4

    def __iter__(self) -> Iterator[bytes]:
        """Its pieces, which are kept; it may be sent in several requests at once."""
        for at, start in enumerate(range(0, len(self._data), _STEP)):
            if at == len(self._made):
                step = self._data[start : start + _STEP]
                self._made.append(binascii.b2a_base64(step, newline=False))
            yield self._made[at]


#: A piece of a body.
type Piece = Buffer | Base64


def unpacked(pieces: Iterable[Piece]) -> Iterator[Buffer]:
    """The bytes of these pieces, piece by piece."""
    for piece in pieces:
        if isinstance(piece, Base64):
            yield from piece
        else:
            yield piece


def encoded(value: object) -> bytes:
    """The value as JSON, with U+FFFD for halves of characters, which JSON cannot hold."""
    try:
        return encode(value)
    except UnicodeEncodeError:
        return encode(_whole(value))


def encoded_lines(values: Sequence[object]) -> bytes:
    """Each of the values as JSON, on a line that ends: JSON itself holds no end of a line."""
    try:
        return encode_lines(values)
    except UnicodeEncodeError:
        return encode_lines([*map(_whole, values)])


def put(value: object, buffer: bytearray) -> None:
    """Put the value as JSON in place of what the buffer holds."""
    try:
        encode_into(value, buffer)
    except UnicodeEncodeError:
        buffer[:] = encode(_whole(value))


def fleeting(text: str) -> str:
    """The text to be encoded; where it is not ASCII, a copy that goes when that is done.

    CPython keeps the UTF-8 of a text as long as the text (``PyUnicode_AsUTF8AndSize``), and those
    of a history live long: they would take half as much memory again, or twice as much.
    """
    return text if text.isascii() else text.join(("", ""))


def raw(text: str) -> msgspec.Raw | None:
    """The JSON object that a text is, to be sent as it stands; None where it is none."""
    try:
        _object(text)
    except (ValueError, RecursionError):
        return None
    return msgspec.Raw(text.encode())


def fields_of(value: msgspec.Struct) -> dict[str, object]:
    """The fields of a struct that are set, its tag first."""
    config = value.__struct_config__
    tag: dict[str, object] = {config.tag_field: config.tag} if config.tag_field else {}
    found: dict[str, object] = tag | msgspec.structs.asdict(value)
    return {key: item for key, item in found.items() if item is not msgspec.UNSET}


def _whole(value: object) -> object:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, msgspec.Struct):
        return {key: _whole(item) for key, item in fields_of(value).items()}
    if is_sequence(value):
        return [_whole(item) for item in value]
    if is_object(value):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value
