"""The bytes a service sends, and what a client that reads them rightly has read.

Only the standard library is imported here: the server and every client's own interpreter share it.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

__all__ = [
    "STAMP",
    "Reply",
    "Write",
    "body_size",
    "chunks",
    "count_writes",
    "expected",
    "head",
    "text_size",
    "writes",
]

#: A write: bytes made beforehand, or a function that puts the clock into them.
type Write = bytes | Callable[[], bytes]

#: The digits of a clock reading in nanoseconds.
STAMP: Final = 19
#: Bytes of tool-call arguments in one chunk.
_FRAGMENT: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer of the server, and how it is put on the wire.

    ``text``     ``size`` chunks of a token each.
    ``clock``    ``size`` chunks that each hold the server's clock at their writing.
    ``thought``  ``size`` chunks of a token each, of a thought in a field of its own.
    ``call``     a tool call with ``size`` bytes of arguments in small fragments.
    ``event``    one chunk with a token of ``size`` bytes.
    ``count``    a token that says how many connections the server has accepted.
    ``vectors``  ``size`` embeddings, as floats or base64, as the request asks.
    """

    kind: Literal["text", "clock", "thought", "call", "event", "count", "vectors"] = "text"
    size: int = 1
    #: Bytes in a write; 0 writes each event by itself.
    cut: int = 0
    #: Writes a second on each stream; 0 writes as fast as the client reads.
    rate: float = 0.0
    #: Requests that must have come before any is answered.
    gate: int = 1
    #: Seconds between the first write and the second.
    lead: float = 0.0
    #: Seconds between ``[DONE]`` and the end of the body.
    late: float = 0.0


def chunks(reply: Reply) -> int:
    """How many chunks a client reads out of it, the unit that costs are given for."""
    match reply.kind:
        case "call":
            return reply.size // _FRAGMENT
        case "event":
            return reply.size // (reply.cut or reply.size)
        case _:
            return reply.size


@lru_cache(maxsize=4)
def expected(reply: Reply) -> str:
    """The text, or the arguments, that a client has read at the end."""
    match reply.kind:
        case "call":
            return _arguments(reply.size)
        case "event":
            return _line(reply.size)
        case _:
            return "".join(_tokens(reply.size))


def text_size(reply: Reply) -> int:
    """How many characters that is, also where they are not known beforehand."""
    return reply.size * STAMP if reply.kind == "clock" else len(expected(reply))


@lru_cache(maxsize=4)
def body_size(reply: Reply) -> int:
    """How many bytes its events are in all."""
    return sum(map(len, _events(reply)))


@lru_cache(maxsize=1)
def _vocabulary() -> list[str]:
    """Tokens, the most frequent first: marks of prose and code, then made-up words."""
    marks = [",", ".", " the", "\n", " a", " of", '"', "\\", "\n\n", " é", " 数", "🙂", "```", "\t"]
    dice = random.Random("vocabulary")
    parts = ["al", "bor", "cu", "den", "er", "fi", "gra", "in", "lo", "men", "ous", "sta", "ty"]
    words = {f" {''.join(dice.choices(parts, k=dice.randint(1, 4)))}" for _ in range(9_000)}
    return marks + sorted(words, key=lambda word: (len(word), word))


@lru_cache(maxsize=4)
def _tokens(count: int) -> list[str]:
    """An answer; a token's frequency falls with its rank, as it does in language."""
    known, dice = _vocabulary(), random.Random(count)
    return [known[int(len(known) ** dice.random()) - 1] for _ in range(count)]


def _arguments(size: int) -> str:
    """JSON of exactly this size: source code as one string, its escapes included."""
    before, after = '{"path":"a.py","text":"', '"}'
    line = '    if total != 0:\\n        raise ValueError(\\"off by one\\")\\n'
    room = size - len(before) - len(after)
    whole = line * (room // len(line))
    return before + whole + "x" * (room - len(whole)) + after


def _line(size: int) -> str:
    return ("one long line without an end, " * (size // 30 + 1))[:size]


def _event(delta: dict[str, object], finish: str | None = None, **more: object) -> bytes:
    """One server-sent event with one chunk, shaped and sized as OpenAI's are."""
    chunk = {
        "id": "chatcmpl-Bk7dQ2xYw9Lr4TzN8mVh1cPs6",
        "object": "chat.completion.chunk",
        "created": 1_762_000_000,
        "model": "gpt-4.1-mini-2025-04-14",
        "service_tier": "default",
        "system_fingerprint": "fp_3e7a91c5d0",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
        "usage": None,
        "obfuscation": "q8RzL2vW",
        **more,
    }
    return b"data: %b\n\n" % json.dumps(chunk, ensure_ascii=False, separators=(",", ":")).encode()


def _middle(reply: Reply) -> Iterator[bytes]:
    """The events between the role and the end."""
    match reply.kind:
        case "call":
            arguments = _arguments(reply.size)
            for at in range(0, reply.size, _FRAGMENT):
                function = {"arguments": arguments[at : at + _FRAGMENT]}
                yield _event({"tool_calls": [{"index": 0, "function": function}]})
        case "event":
            yield _event({"content": _line(reply.size)})
        case "clock":
            yield from [_event({"content": "0" * STAMP})] * reply.size
        case _:
            field = "reasoning_content" if reply.kind == "thought" else "content"
            made = {token: _event({field: token}) for token in set(_tokens(reply.size))}
            yield from (made[token] for token in _tokens(reply.size))


def _events(reply: Reply) -> list[bytes]:
    opening: dict[str, object] = {"role": "assistant", "content": "", "refusal": None}
    finish = "stop"
    if reply.kind == "call":
        function = {"name": "write_file", "arguments": ""}
        call = {"index": 0, "id": "call_7Hn2", "type": "function", "function": function}
        opening |= {"content": None, "tool_calls": [call]}
        finish = "tool_calls"
    return [_event(opening), *_middle(reply), *_ending(finish, chunks(reply))]


def _ending(finish: str, tokens: int) -> list[bytes]:
    usage = {"prompt_tokens": 9, "completion_tokens": tokens, "total_tokens": 9 + tokens}
    return [_event({}, finish), _event({}, choices=[], usage=usage), b"data: [DONE]\n\n"]


_HEAD: Final = (
    "HTTP/1.1 200 OK\r\nDate: Sat, 01 Nov 2025 12:00:00 GMT\r\nContent-Type: {kind}\r\n"
    "openai-processing-ms: 210\r\nopenai-version: 2020-10-01\r\n"
    "x-ratelimit-remaining-requests: 9999\r\nx-ratelimit-remaining-tokens: 999999\r\n"
    "x-request-id: req_5f0c2a7b9d314e68\r\n{length}\r\n\r\n"
)


def head(kind: str, length: str) -> bytes:
    """The head of a response."""
    return _HEAD.format(kind=kind, length=length).encode()


_STREAM: Final = head("text/event-stream; charset=utf-8", "Transfer-Encoding: chunked")
_END: Final = b"0\r\n\r\n"


def _framed(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def writes(reply: Reply) -> list[Write]:
    """Every write of a streamed answer, its head and the end of its body included."""
    events = _events(reply)
    if reply.cut:
        body = b"".join(events)
        events = [body[at : at + reply.cut] for at in range(0, len(body), reply.cut)]
    framed = [_framed(event) for event in events]
    if reply.kind == "clock":  # what opens and ends an answer takes no step of the pace
        ending = b"".join(framed[1 + reply.size :]) + _END
        return [_STREAM + framed[0], *[_stamped(framed[1])] * reply.size, ending]
    return [_STREAM, *framed, _END]


def _stamped(frame: bytes) -> Callable[[], bytes]:
    before, after = frame.split(b"0" * STAMP)
    return lambda: b"%b%0*d%b" % (before, STAMP, time.monotonic_ns(), after)


def count_writes(connections: int, late: float) -> list[Write]:
    """An answer that says how many connections were accepted; ``late`` keeps its end apart."""
    events = [_event({"content": str(connections)}), *_ending("stop", 1)]
    told = _STREAM + b"".join(map(_framed, events))
    return [told, _END] if late else [told + _END]
