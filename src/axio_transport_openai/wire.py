"""The JSON that crosses the wire: chunks as their structs, and all else as plain JSON.

A chunk is decoded straight into its struct. Where a field has a wild type (``index: null``,
arguments as an object, an integer id), or the JSON is what only a lenient reader takes (NaN, half
a surrogate pair, bytes that are no UTF-8), the chunk is read again as plain JSON and coerced, here
and nowhere else. What is not JSON at all raises :class:`Malformed`.
"""

from __future__ import annotations

import json
import math
import re
from typing import Final

import msgspec

from .chunk import Choice, Chunk, Delta, Fragment, Function, Head
from .lenient import index, is_list, is_object, number, objects, text, words

__all__ = [
    "MOST_DOCUMENTS",
    "Buffer",
    "Malformed",
    "decode_chunk",
    "documents",
    "encode",
    "encode_into",
    "encode_lines",
    "plain",
    "torn",
    "written",
]

#: The most digits an integer may have: more are no count of anything, and cost quadratic time.
_DIGITS: Final = 300
#: What a number is made of, which may be cut off anywhere.
_NUMBER: Final = b"+-.0123456789Ee"

#: The most documents that are read at once, while nothing else runs. Each would be a few tokens of
#: an answer, so more of them are none.
MOST_DOCUMENTS: Final = 100_000
#: What stands between documents that run together: white space, the name of a field of an event.
_BETWEEN: Final = re.compile(r"(?:\s|data:)*+")

#: A piece of JSON, as it is sent.
type Buffer = bytes | bytearray | memoryview

_encoder: Final = msgspec.json.Encoder()
#: JSON as compact UTF-8 bytes.
encode = _encoder.encode
#: The same, put into a buffer.
encode_into = _encoder.encode_into
#: Several values as JSON, each on a line that ends.
encode_lines = _encoder.encode_lines


class Malformed(ValueError):
    """A payload that is not JSON, or not an object."""


_head = msgspec.json.Decoder(Head).decode
_chunk = msgspec.json.Decoder(Chunk).decode


def decode_chunk(payload: bytes, *, head: bool = False) -> Chunk:
    """The chunk that this payload holds; as a ``head``, with what tells of the whole answer.

    Raises:
        Malformed: It is not JSON, or JSON that is neither an object, a list nor null.
    """
    try:
        return (_head if head else _chunk)(payload)
    except (ValueError, RecursionError):
        return _coerced(plain(payload))


def documents(payload: bytes) -> list[bytes]:
    """The objects and lists that run together in this payload, and last what is none of them."""
    text, at = payload.decode("utf-8-sig", "replace"), 0
    found: list[bytes] = []
    while (between := _BETWEEN.match(text, at)) and (start := between.end()) < len(text):
        at = _end_of_document(text, start) if len(found) < MOST_DOCUMENTS else len(text)
        found.append(text[start:at].encode())
    return found


def _end_of_document(text: str, start: int) -> int:
    """Where the object or the list that begins here ends; where all does, if it is none."""
    if text[start] in "{[":
        try:
            return _lenient.raw_decode(text, start)[1]
        except (ValueError, RecursionError):
            pass
    return len(text)


def torn(payload: bytes) -> bool:
    """Whether this payload is JSON that was cut off; words in brackets are no JSON at all."""
    stripped = payload.strip()
    if not stripped.startswith((b"{", b"[")):
        return False
    try:
        decode_chunk(stripped)
    except Malformed:
        return _ends_early(stripped.rstrip(_NUMBER).rstrip())
    return False


def _ends_early(found: bytes) -> bool:
    """Whether the first thing that is wrong with this JSON is that it ends.

    Two decoders are asked: msgspec's notices an end within a literal or an escape, and Python's
    one behind what only a lenient reader takes.
    """
    try:
        msgspec.json.decode(found)
    except RecursionError:
        return True
    except ValueError as error:
        if "truncated" in str(error):
            return True
    try:
        _lenient.decode(found.decode("utf-8", "replace"))
    except json.JSONDecodeError as error:
        return error.pos >= len(error.doc) or error.msg.startswith("Unterminated")
    except RecursionError:
        return True
    return False


def plain(payload: bytes) -> object:
    """The payload as plain JSON, as leniently as JSON can be read.

    Raises:
        Malformed: It is not JSON.
    """
    try:
        found: object = _lenient.decode(payload.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        message = "not JSON" if isinstance(error, ValueError) else "JSON nested too deeply"
        raise Malformed(message) from None
    return found


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS else math.inf


#: Reads JSON as leniently as it can be read, control characters within texts too.
_lenient: Final = json.JSONDecoder(parse_int=_integer, strict=False)


def _coerced(found: object) -> Head:
    if is_list(found):  # Gemini sends its errors as a list of one, gateways all chunks in one list
        items = objects(found)
        if found and not items:
            return Head(error=found, wild=True)
        found = _merged(items)
    if found is None:  # a sign of life, as an empty object is
        found = {}
    if not is_object(found):
        raise Malformed("not an object")
    return Head(
        id=text(found.get("id")),
        model=text(found.get("model")),
        created=number(found.get("created")),
        choices=[_choice(item) for item in objects(found.get("choices"))],
        usage=found.get("usage"),
        error=found.get("error"),
        x_groq=found.get("x_groq"),
        timings=found.get("timings"),
        citations=found.get("citations"),
        search_results=found.get("search_results"),
        wild=True,
    )


def _choice(found: dict[str, object]) -> Choice:
    return Choice(
        index=index(found.get("index")) or 0,
        delta=_said(found.get("delta")),
        message=_said(found.get("message")),
        finish_reason=_word(found.get("finish_reason")),
        finish=_word(found.get("finishReason")),
        native=found.get("native_finish_reason"),
        text=text(found.get("text")),
        usage=found.get("usage"),
        logprobs=found.get("logprobs"),
        error=found.get("error"),
    )


def _merged(items: list[dict[str, object]]) -> dict[str, object]:
    """Several chunks as one: all choices, and of all else the last that is not empty."""
    merged = {key: value for item in items for key, value in item.items() if value}
    return merged | {"choices": [one for item in items for one in objects(item.get("choices"))]}


def _word(found: object) -> str | None:
    """A word, also one that an object holds as its type."""
    return text(found.get("type") if is_object(found) else found)


def _said(found: object) -> Delta | None:
    """A delta or a message; one that is a text has nothing but its content."""
    if isinstance(found, str):
        return Delta(content=found)
    return _delta(found) if is_object(found) else None


def _delta(found: dict[str, object]) -> Delta:
    call = found.get("function_call")
    annotations, images = found.get("annotations"), found.get("images")
    return Delta(
        content=_content(found.get("content")),
        tool_calls=[_fragment(item) for item in objects(found.get("tool_calls"))],
        reasoning_content=words(found.get("reasoning_content")),
        reasoning=words(found.get("reasoning")),
        reasoning_text=words(found.get("reasoning_text")),
        thinking=words(found.get("thinking")),
        reasoning_details=[*objects(found.get("reasoning_details"))] or None,
        reasoning_opaque=found.get("reasoning_opaque"),
        thinking_blocks=found.get("thinking_blocks"),
        extra_content=found.get("extra_content"),
        refusal=text(found.get("refusal")),
        function_call=_function(call) if is_object(call) else None,
        annotations=annotations if is_list(annotations) else None,
        images=images if is_list(images) else None,
        audio=found.get("audio"),
    )


def _content(found: object) -> str | list[object] | None:
    """A text or parts; a lone part is a list of one."""
    if is_object(found):
        return [found] if found else None
    return found if is_list(found) else _spoken(found)


def _fragment(found: dict[str, object]) -> Fragment:
    function = found.get("function")
    if not is_object(function) and ("name" in found or "arguments" in found):
        function = found
    return Fragment(
        index=index(found.get("index")),
        id=text(found.get("id")),
        function=_function(function) if is_object(function) else None,
        extra_content=found.get("extra_content"),
    )


def _function(found: dict[str, object]) -> Function:
    arguments = found.get("arguments")
    if arguments is None:
        arguments = found.get("parameters")  # early text-generation-inference
    if is_object(arguments) or is_list(arguments):
        arguments = written(arguments)
    return Function(name=text(found.get("name")), arguments=_spoken(arguments))


def _spoken(found: object) -> str | None:
    """A text; also true or false, as Workers AI sends a token that reads as one."""
    return written(found) if isinstance(found, bool) else text(found)


def written(found: object, *, ordered: bool = False) -> str:
    """Compact JSON of what was decoded; halves of surrogate pairs stay what they are."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=ordered)
