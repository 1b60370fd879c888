"""What a chat completions service writes: the events of a stream and the bodies of answers.

Everything here is bytes ready to be sent, but for :func:`chunk`, which is the JSON object inside
an event; :func:`event` frames it. What the named builders do not know, their keyword arguments
take, so a service's own peculiarity needs no builder of its own::

    event(chunk({"content": "Hi"}, model="", service_tier="on_demand"))
"""

from __future__ import annotations

import base64
import itertools
import struct
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "DONE",
    "answer",
    "call",
    "chunk",
    "completion",
    "cut",
    "embeddings",
    "error",
    "event",
    "finish",
    "models",
    "opening",
    "reasoning",
    "text",
    "usage",
]

#: The event that ends a stream.
DONE: Final = b"data: [DONE]\n\n"

#: A tool call of :func:`answer`: its name, and its arguments as an object or as written text.
type Called = tuple[str, Mapping[str, object] | str]


def event(payload: object, *, name: str = "") -> bytes:
    """One server-sent event; bytes and text go out as they are, anything else as JSON."""
    if isinstance(payload, str):
        payload = payload.encode()
    data = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
    named = b"event: %b\n" % name.encode() if name else b""
    return b"%bdata: %b\n\n" % (named, data)


def chunk(
    delta: Mapping[str, object] | None = None,
    *,
    finish: str | None = None,
    index: int = 0,
    **more: object,
) -> dict[str, object]:
    """One ``chat.completion.chunk`` with one choice; ``more`` are further keys of the chunk."""
    choice = {"index": index, "delta": dict(delta or {}), "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
        **more,
    }


def opening() -> bytes:
    """The event with which a stream begins: the role, and no text."""
    return event(chunk({"role": "assistant", "content": ""}))


def text(delta: str) -> bytes:
    """An event that adds to the text."""
    return event(chunk({"content": delta}))


def reasoning(delta: str, *, field: str = "reasoning_content") -> bytes:
    """An event that adds to the reasoning, in the field a service keeps it in."""
    return event(chunk({field: delta}))


def call(
    index: int | None = 0,
    *,
    id: str | None = None,
    name: str | None = None,
    arguments: str | None = None,
    **more: object,
) -> bytes:
    """An event with one fragment of a tool call; what is None is left out, not null."""
    function = {"name": name, "arguments": arguments}
    fragment = {
        "index": index,
        "id": id,
        "type": None if id is None else "function",
        "function": {key: value for key, value in function.items() if value is not None},
        **more,
    }
    given = {key: value for key, value in fragment.items() if value is not None}
    return event(chunk({"tool_calls": [given]}))


def finish(reason: str = "stop") -> bytes:
    """The event that says why the answer ended."""
    return event(chunk(finish=reason))


def usage(prompt: int = 10, completion: int = 5, **more: object) -> bytes:
    """The event after the last choice, which counts the tokens."""
    return event({**chunk(), "choices": [], "usage": {**_counted(prompt, completion), **more}})


def _counted(prompt: int, completion: int) -> dict[str, int]:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def answer(
    *texts: str,
    thoughts: Sequence[str] = (),
    calls: Sequence[Called] = (),
    reason: str = "",
    tokens: tuple[int, int] | None = (10, 5),
) -> list[bytes]:
    """The events of one whole answer, in OpenAI's own manner, ``[DONE]`` included.

    Without a ``reason`` it ends for ``tool_calls`` where it has calls and with ``stop`` otherwise;
    with ``tokens=None`` it counts none.
    """
    ends = reason or ("tool_calls" if calls else "stop")
    return [
        opening(),
        *(reasoning(delta) for delta in thoughts),
        *(text(delta) for delta in texts),
        *(fragment for index, made in enumerate(calls) for fragment in _called(index, *made)),
        finish(ends),
        *([usage(*tokens)] if tokens else []),
        DONE,
    ]


def _called(index: int, name: str, arguments: Mapping[str, object] | str) -> list[bytes]:
    """A call as OpenAI streams it: its name with no arguments, then the arguments in two parts."""
    written = arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode()
    half = len(written) // 2
    parts = [written[:half], written[half:]]
    return [
        call(index, id=f"call_{index + 1}", name=name, arguments=""),
        *(call(index, arguments=part) for part in parts if part),
    ]


def completion(
    content: str | None = "",
    *,
    reason: str = "stop",
    tokens: tuple[int, int] = (10, 5),
    **message: object,
) -> bytes:
    """The body of an answer that is not streamed; ``message`` are further keys of the message."""
    said = {"role": "assistant", "content": content, **message}
    return msgspec.json.encode(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "message": said, "finish_reason": reason}],
            "usage": _counted(*tokens),
        },
    )


def error(message: str = "The service says no.", **more: object) -> bytes:
    """The body of a refusal in OpenAI's own shape; ``more`` are ``type``, ``code`` and the like."""
    return msgspec.json.encode({"error": {"message": message, **more}})


def embeddings(vectors: Iterable[Sequence[float]], *, packed: bool = False) -> bytes:
    """The body of an embeddings response: numbers, or ``packed`` as base64 of float32s."""
    rows = list(vectors)
    data = [
        {"object": "embedding", "index": index, "embedding": _packed(row) if packed else list(row)}
        for index, row in enumerate(rows)
    ]
    counted = {"prompt_tokens": len(rows), "total_tokens": len(rows)}
    return msgspec.json.encode({"object": "list", "data": data, "model": "m", "usage": counted})


def _packed(row: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode()


def models(*entries: Mapping[str, object] | str) -> bytes:
    """The body of a model list; an entry is its id, or an object with everything it has."""
    data = [
        {"id": entry, "object": "model"} if isinstance(entry, str) else dict(entry)
        for entry in entries
    ]
    return msgspec.json.encode({"object": "list", "data": data})


def cut(data: bytes, *at: int) -> list[bytes]:
    """The same bytes in pieces that begin at these places; without places, one byte each."""
    places = [0, *(sorted(at) or range(1, len(data))), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(places)]
