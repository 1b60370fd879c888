"""Embeddings: the request for the vectors of some texts, and the vectors read back.

The common answer is decoded straight into its struct: numbers, or base64 that msgspec unpacks
itself. Anything else is read again, leniently; what is no vector then is an error.
"""

from __future__ import annotations

import math
import sys
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NoReturn

import msgspec

from .encoding import encoded
from .envelope import unwrapped
from .errors import ProtocolError
from .lenient import base64_data, is_list, is_number, is_object, number
from .usage import read_usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from axio.types import Usage

    from .origin import Origin

__all__ = ["Embedded", "joined", "read", "request"]

#: The top byte of a float32, positive and negative, from 2**127 on: infinity, NaN, and numbers that
#: no embedding holds. So one look at these bytes clears a whole vector.
_HUGE: Final = (0x7F, 0xFF)
#: The bytes of a float32.
_FLOAT: Final = 4
#: An index that was not given.
_NONE: Final = -1


class Embedded(msgspec.Struct, frozen=True):
    """What one request brought."""

    vectors: list[list[float]]
    usage: Usage | None
    #: The usage as the service wrote it, its own cost included.
    reported: object


class _Row(msgspec.Struct, gc=False):
    embedding: list[float] | bytes
    index: int = _NONE


class _Answer(msgspec.Struct):
    data: list[_Row]
    usage: object = None


_decode: Final = msgspec.json.Decoder(_Answer).decode


def request(
    model: str, texts: list[str], *, packed: bool = False, dimensions: int | None = None
) -> bytes:
    """The body that asks for the vectors of these texts, ``packed`` as base64."""
    asked: dict[str, object] = {"model": model, "input": texts}
    if packed:
        asked["encoding_format"] = "base64"
    if dimensions is not None:
        asked["dimensions"] = dimensions
    return encoded(asked)


def read(body: bytes, count: int, origin: Origin, dimensions: int | None = None) -> Embedded:
    """The vectors of ``count`` texts, in the order in which the texts were asked about.

    Raises:
        ProviderError: The body is an error, though the status was 200.
        Interrupted: The body breaks off.
        ProtocolError: It does not hold these vectors.
    """
    reader = _Reader(origin)
    try:
        answer = _decode(body)
    except (ValueError, RecursionError):
        answer = reader.leniently(body)
    vectors = [reader.numbers(row.embedding) for row in reader.ordered(answer.data, count)]
    reader.measure(vectors, dimensions)
    return Embedded(vectors, _used(answer.usage), answer.usage)


def _used(reported: object) -> Usage | None:
    """The usage: all of it is input, for vectors are no tokens; Voyage counts only the total."""
    if is_object(reported) and (total := reported.get("total_tokens")):
        reported = {"prompt_tokens": total, **reported}
    if (usage := read_usage(reported)) is None:
        return None
    return replace(usage, input_tokens=usage.total_tokens, output_tokens=0, reasoning_tokens=0)


def joined(parts: Sequence[Embedded], origin: Origin) -> list[list[float]]:
    """The vectors of all the requests, in their order.

    Raises:
        ProtocolError: The requests brought vectors of different lengths.
    """
    vectors = [vector for part in parts for vector in part.vectors]
    _Reader(origin).measure(vectors, None)
    return vectors


class _Reader:
    """Reads what one service sent, and says in its name what is wrong with that."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin

    def fail(self, what: str) -> NoReturn:
        """Raise that this came in place of embeddings."""
        message = f"{self.origin.shown} was asked for embeddings and sent {what}."
        raise ProtocolError(message, status=200)

    def ordered(self, rows: list[_Row], count: int) -> list[_Row]:
        """The rows in the order of the texts: by index, or as they came where it tells nothing."""
        if len(rows) != count:
            self.fail(f"{len(rows)} of them for {count} texts")
        places = [row.index for row in rows]
        wanted = list(range(count))
        # LiteLLM says zero of each of Gemini's: that tells no more than nothing does.
        if places == wanted or set(places) in ({_NONE}, {0}):
            return rows
        # Protocol buffers, and so Gemini, leave out a zero.
        if sorted(0 if place == _NONE else place for place in places) != wanted:
            self.fail("some of them twice or out of range")
        return sorted(rows, key=lambda row: row.index)

    def numbers(self, embedding: list[float] | bytes) -> list[float]:
        """A vector, unpacked from the float32s that base64 stands for."""
        if isinstance(embedding, list):
            return embedding
        if len(embedding) % _FLOAT:
            self.fail("base64 that holds no float32s")
        packed = array("f", embedding)
        if sys.byteorder == "big":
            packed.byteswap()
        numbers = packed.tolist()
        high = embedding[3::_FLOAT]
        if any(huge in high for huge in _HUGE) and not all(map(math.isfinite, numbers)):
            self.fail("a number that is not finite")
        return numbers

    def measure(self, vectors: list[list[float]], dimensions: int | None) -> None:
        """Check that all vectors have one length: the one that was asked for, if any was."""
        lengths = set(map(len, vectors))
        if len(lengths) > 1:
            self.fail(f"vectors of different lengths, {min(lengths)} to {max(lengths)}")
        length = next(iter(lengths), dimensions)
        if length == 0:
            self.fail("vectors without numbers")
        if dimensions and length != dimensions:
            self.fail(f"vectors of {length} numbers, not {dimensions}")

    def leniently(self, body: bytes) -> _Answer:
        """The answer in a body that the decoder does not take."""
        found = unwrapped(body, "embeddings", self.origin)
        rows = [self.row(item, place) for place, item in enumerate(found.items)]
        return _Answer(rows, found.around.get("usage"))

    def row(self, item: object, place: int) -> _Row:
        found = item if is_object(item) else {}
        embedding, index = found.get("embedding"), self.index(found.get("index"), place)
        if isinstance(embedding, str):
            if (packed := base64_data(embedding)) is None:
                self.fail("a text that is no base64")
            return _Row(packed, index)
        if is_list(embedding) and len(embedding) == 1 and is_list(embedding[0]):
            embedding = embedding[0]  # llama.cpp's, where the base URL has no /v1
        if not is_list(embedding):
            self.fail(f"no vector in row {place}")
        return _Row([self.number(item, place) for item in embedding], index)

    def index(self, found: object, place: int) -> int:
        """An index, also one written as a string or as ``1.0``."""
        if found is None:
            return _NONE
        read = number(found)
        if read is None or read != int(read):
            self.fail(f"an index that is no whole number in row {place}")
        return int(read)

    def number(self, found: object, place: int) -> float:
        if not is_number(found):
            self.fail(f"something other than numbers in row {place}")
        if not math.isfinite(found):
            self.fail(f"a number that is not finite in row {place}")
        return float(found)
