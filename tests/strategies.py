"""Ways of writing what services write, and of cutting it.

Everything is drawn from tokens of the grammar: characters at random hardly ever spell a tag, a line
end between two others, or a second JSON document.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    type Draw = st.DrawFn
    type Fragment = dict[str, object]

__all__ = [
    "TOOLS",
    "Fragmented",
    "Said",
    "arguments",
    "bodies",
    "bytewise",
    "contents",
    "cut",
    "cuts",
    "fragmentations",
    "halves",
    "run_together",
    "streams",
]

_LINE_ENDS = (b"\n", b"\n", b"\r\n", b"\r")
_PAYLOADS = (
    b"{}",
    b'{"a":1}',
    '{"b":"é😀\u2028"}'.encode(),
    b"x",
    b"x:y",
    b"",
    b" ",
    b"]",
    b"}",
    b"{",
)
_FIELDS = (b"data: ", b"data:", b"data:  ", b"data", b": ", b":", b"event: ", b"id: ", b"retry: ")
_LINES = (
    *(field + payload for field in _FIELDS for payload in _PAYLOADS),
    b"event: error",
    b"event:ping",
    b'error: {"message":"no"}',
    b"stray",
    b"<html>",
    b"\xef\xbb\xbfdata: {}",
)


def cuts[Text: (str, bytes)](whole: Text) -> st.SearchStrategy[list[Text]]:
    """Lists of pieces that are the whole when joined."""
    # Shrinks to few pieces, which are easier to read.
    size = st.integers(0, 23).map(lambda less: 24 - less)
    return st.lists(size, min_size=1, max_size=6).map(lambda sizes: _pieces(whole, sizes))


def cut[Text: (str, bytes)](
    wholes: st.SearchStrategy[Text],
) -> st.SearchStrategy[list[Text]]:
    """The same of wholes that are drawn too."""
    return wholes.flatmap(cuts)


def bytewise[Text: (str, bytes)](whole: Text) -> list[Text]:
    """The cut that leaves nothing whole: one byte, or character, at a time."""
    return [whole[at : at + 1] for at in range(len(whole))]


def _pieces[Text: (str, bytes)](whole: Text, sizes: list[int]) -> list[Text]:
    pieces: list[Text] = []
    while whole:
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(whole[:size])
        whole = whole[size:]
    return pieces


def bodies() -> st.SearchStrategy[bytes]:
    """Bodies in the server-sent events format, or nearly: lines of every kind, every line end.

    At most one end mark, and that last: what follows it is not read.
    """
    end = st.sampled_from(_LINE_ENDS)
    line = st.tuples(st.sampled_from((*_LINES, b"", b"")), end).map(b"".join)
    mark = st.sampled_from((b"", b"", b"data: [DONE]", b"data:[DONE]\n\n", b"data: [DONE] \r\n"))
    beginning = st.sampled_from((b"", b"", b"\xef\xbb\xbf"))
    lines = st.lists(line, max_size=12).map(b"".join)
    last = st.sampled_from((b"", *_LINES))
    return st.one_of(
        st.tuples(beginning, lines, mark).map(b"".join),
        st.tuples(beginning, lines, last).map(b"".join),
    )


def contents() -> st.SearchStrategy[str]:
    """Content with tags of thought in it, beside it, and begun and not ended."""
    tokens = ("<think>", "</think>", "<think", "</", "<", ">", "think>", " ", "\n", "a", "é😀", "/")
    return st.lists(st.sampled_from(tokens), max_size=10).map("".join)


def halves() -> st.SearchStrategy[str]:
    """Text with characters beyond the first 65,536 in halves, some of them alone."""
    tokens = ("\ud83d\ude00", "\ud83d", "\ude00", "a", "é", "😀", "\uffff")
    return st.lists(st.sampled_from(tokens), max_size=8).map("".join)


#: What strings in arguments may hold that looks like the end of them.
_STRINGS = ("", "a", "}{", "}", "{", '"', "\\", '\\"}{', "é😀", "\n", "null", "[]")


def arguments(keys: Sequence[str] = ("a", "b", "}{")) -> st.SearchStrategy[str]:
    """A call's arguments: JSON objects, written compactly or with spaces."""
    text = st.lists(st.sampled_from(_STRINGS), max_size=3).map("".join)
    scalars = st.one_of(st.integers(0, 99), st.booleans(), st.none(), text)
    values = st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(keys), inner, max_size=2)
        ),
        max_leaves=4,
    )
    objects = st.dictionaries(st.sampled_from(keys), values, max_size=2)
    separators = st.sampled_from([(",", ":"), (", ", ": ")])
    return st.builds(json.dumps, objects, separators=separators, ensure_ascii=st.booleans())


#: Tools' names; one is the beginning of another.
TOOLS: Final = ("get", "get_weather", "run")


@dataclass(frozen=True)
class Said:
    """One call as the model made it; an id that the service did not send is empty."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Fragmented:
    """Calls, and the fragments in which a service sends them."""

    calls: list[Said]
    fragments: list[Fragment]


#: How the calls of an answer are numbered. The first few tell them apart, the others do not.
_INDICES: Final[dict[str, Callable[[int], object]]] = {
    "in order": lambda number: number,
    "from one": lambda number: number + 1,
    "with gaps": lambda number: number * 7,
    "negative": lambda number: -1 - number,
    "as text": str,
    "zero for all": lambda _: 0,
    "minus one for all": lambda _: -1,
    "null": lambda _: None,
    "absent": lambda _: ...,
}
_TELLING: Final = ("in order", "from one", "with gaps", "negative", "as text")
#: How the ids come: what the call's id is in the fragment at this place, and where the last is.
_IDS: Final[dict[str, Callable[[str, int, int], object]]] = {
    "once": lambda id, at, _: id if at == 0 else ...,
    "once, then empty": lambda id, at, _: id if at == 0 else "",
    "in each": lambda id, _at, _last: id,
    "late": lambda id, at, last: id if at == min(1, last) else ...,
    "changing": lambda id, at, _: id if at == 0 else f"{id}-{at}",
    "absent": lambda _id, _at, _last: ...,
    "empty": lambda _id, _at, _last: "",
    "null": lambda _id, _at, _last: None,
}
_UNSENT: Final = ("absent", "empty", "null")


@st.composite
def fragmentations(draw: Draw) -> Fragmented:
    """The calls of one answer, in any fragments from which they can be told.

    What is left out is what nobody could read: where neither index nor id tells two calls apart,
    they come one after the other, named at once, with different arguments.
    """
    index = draw(st.sampled_from(list(_INDICES)))
    ids = draw(st.sampled_from(list(_IDS)))
    shared = draw(st.booleans()) and ids in {"once", "once, then empty", "in each"}
    told = index in _TELLING or (ids not in {"late", *_UNSENT} and not shared)
    calls = draw(_calls(told=told))
    names = ["at once", "in each"] + ["in pieces"] * told + ["late"] * (told and not shared)
    if ids == "changing":
        read = {"at once"} if index in {"null", "absent"} else {"at once", "in each", "late"}
        names = [name for name in names if name in read]
    naming = draw(st.sampled_from(names))
    if ids == "late" and index not in _TELLING:
        ids = "once"
    written: list[list[Fragment]] = []
    for number, call in enumerate(calls):
        id = "c0" if shared else call.id
        plain = ids == "changing" or (naming == "late" and index not in _TELLING) or not told
        steps = draw(_steps(call, naming, plain=plain))
        fragments = [
            _fragment(_INDICES[index](number), _IDS[ids](id, at, len(steps) - 1), name, piece)
            for at, (name, piece) in enumerate(steps)
        ]
        written.append(fragments)
    unnumbered = index in {"null", "absent"}
    mixed = index in _TELLING or (
        unnumbered and ids == "in each" and not shared and naming != "late"
    )
    order = draw(_order(written, mixed=mixed))
    sent = ids not in _UNSENT
    return Fragmented(
        calls=[
            Said(
                "" if not sent or (shared and place) else "c0" if shared else call.id,
                call.name,
                call.arguments,
            )
            for place, call in enumerate(_by_first(calls, order))
        ],
        fragments=[written[number].pop(0) for number in order],
    )


@st.composite
def run_together(draw: Draw) -> Fragmented:
    """Several calls of one tool whose arguments come as one text, cut anywhere."""
    id = draw(st.sampled_from(["", "c0"]))
    name = draw(st.sampled_from(TOOLS))
    texts = draw(st.lists(_objects(), min_size=1, max_size=4, unique_by=_value))
    between = draw(st.sampled_from(["", "\n", " "]))
    pieces = draw(cuts(between.join(texts)))
    return Fragmented(
        calls=[Said("" if at else id, name, text) for at, text in enumerate(texts)],
        fragments=[
            _fragment(0, ... if at else id, ... if at else name, piece)
            for at, piece in enumerate(pieces)
        ],
    )


def _calls(*, told: bool) -> st.SearchStrategy[list[Said]]:
    names = st.sampled_from(TOOLS)
    if told:
        pairs = st.lists(st.tuples(names, st.one_of(_objects(), st.just("{}"))), max_size=3)
    else:
        pairs = st.lists(
            st.tuples(names, _objects()), max_size=3, unique_by=lambda pair: _value(pair[1])
        )
    return pairs.map(
        lambda drawn: [Said(f"c{number}", name, text) for number, (name, text) in enumerate(drawn)]
    )


def _objects() -> st.SearchStrategy[str]:
    return arguments().filter(lambda text: text != "{}")


def _value(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True)


#: What services send where arguments will be, and what they send when all are there.
_PLACEHOLDERS: Final[tuple[list[object], ...]] = ([], ["{}"], ["null"], ["[]"], [""], [None], [...])
_NOTHING: Final[tuple[list[object], ...]] = ([], [""], [None])


@st.composite
def _steps(draw: Draw, call: Said, naming: str, *, plain: bool) -> list[tuple[object, object]]:
    """What each fragment of a call holds of its name, and of its arguments."""
    pieces: list[object] = list(draw(cuts(call.arguments)))
    after: list[object] = []
    if not plain:
        whole: list[object] = [json.loads(call.arguments)]
        before = draw(st.sampled_from(_PLACEHOLDERS))
        pieces = [*before, *draw(st.sampled_from((pieces, whole)))]
        again = list(draw(cuts(call.arguments)))
        after = draw(st.sampled_from((*_NOTHING, again)))
    if naming == "in each":
        return [(call.name, piece) for piece in (*pieces, *after)]
    rest = [("" if draw(st.booleans()) else ..., piece) for piece in (*pieces, *after)]
    if naming == "late":
        at = draw(st.integers(1, len(pieces)))
        return [*rest[:at], (call.name, ...), *rest[at:]]
    named = [call.name] if naming == "at once" else draw(cuts(call.name))
    if draw(st.booleans()):
        return [*((name, ...) for name in named[:-1]), (named[-1], pieces[0]), *rest[1:]]
    return [*((name, ...) for name in named), *rest]


def _fragment(index: object, id: object, name: object, arguments: object) -> Fragment:
    """A fragment as JSON holds it; what is ``...`` is left out."""
    function = {"name": name, "arguments": arguments}
    fragment = {"index": index, "id": id, "type": "function"}
    fragment["function"] = {key: value for key, value in function.items() if value is not ...}
    return {key: value for key, value in fragment.items() if value is not ...}


@st.composite
def _order(draw: Draw, written: list[list[Fragment]], *, mixed: bool) -> list[int]:
    """Which call each fragment belongs to: one call after the other, or all at once."""
    order = [number for number, fragments in enumerate(written) for _ in fragments]
    return draw(st.permutations(order)) if mixed and draw(st.booleans()) else order


def _by_first(calls: list[Said], order: list[int]) -> list[Said]:
    return [calls[number] for number in dict.fromkeys(order)]


def streams() -> st.SearchStrategy[bytes]:
    """Bodies of answers: chunks of every kind, written in every way, and ended in every way."""
    return st.builds(
        _body, st.lists(_chunks(), max_size=6), st.sampled_from(_FRAMES), st.sampled_from(_ENDS)
    )


#: How an event is written around its payload.
_FRAMES: Final[tuple[Callable[[bytes], bytes], ...]] = (
    lambda payload: b"data: " + payload + b"\n\n",
    lambda payload: b"data:" + payload + b"\n",
    lambda payload: b"data: " + payload + b"\r\n\r\n",
    lambda payload: b": waiting\n\ndata: " + payload + b"\r\r",
    lambda payload: b"event: message\ndata: " + payload + b"\nid: 1\n\n",
)
#: How a body ends.
_ENDS: Final = (
    b"",
    b"data: [DONE]\n\n",
    b"data: [DONE]",
    b"data: [DONE]\n\ndata: {}\n\n",
    b'data: {"choices":[{"delta":{"content":"cut o',
    b'event: error\ndata: {"message":"no"}\n\n',
    b'error: {"message":"no"}\n\n',
    b"data: no JSON\n\n",
)
#: What a service may add to an answer, or send beside one.
_ADDED: Final[tuple[dict[str, object], ...]] = (
    {"content": ""},
    {"role": "assistant", "content": None},
    {"content": [{"type": "text", "text": "part"}, {"type": "thinking", "thinking": "why"}]},
    {"reasoning_content": "why"},
    {"reasoning": "why", "reasoning_details": [{"type": "reasoning.text", "text": "why"}]},
    {"refusal": "no"},
    {"function_call": {"name": "run", "arguments": "{}"}},
    {"tool_calls": [{"index": 0, "id": "c0", "function": {"name": "run", "arguments": '{"a"'}}]},
    {"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]},
    {"tool_calls": [{"index": None, "function": {"name": "get", "arguments": {"b": 2}}}]},
    {"annotations": [{"url": "u"}]},
    {"audio": {"data": "YWI="}},
)
_BESIDE: Final[tuple[object, ...]] = (
    {"choices": []},
    {"choices": None, "usage": {"prompt_tokens": 1, "completion_tokens": 2}},
    {"choices": [], "usage": {"prompt_tokens": "3", "completion_tokens": 4.0}},
    {"choices": [{"index": 1, "delta": {"content": "other"}}]},
    {"choices": [{"delta": {"content": "x"}, "logprobs": {"content": []}}]},
    {"choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}]},
    {"choices": [{"delta": None, "finish_reason": "length"}]},
    {"type": "ping"},
    {"error": None, "choices": []},
    {"error": {"message": "no", "code": 500}},
    {"id": 7, "choices": [{"delta": {"content": "x"}, "error": {"message": "no"}}]},
)


def _chunks() -> st.SearchStrategy[bytes]:
    said = st.one_of(
        st.builds(lambda text: {"content": text}, contents()),
        st.builds(lambda text: {"content": text}, halves()),
        st.sampled_from(_ADDED),
    )
    finish = st.sampled_from((None, None, None, "", "stop", "tool_calls", "error"))
    chunk = st.builds(
        lambda delta, finish, id, created: {
            "id": id,
            "created": created,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        },
        said,
        finish,
        st.sampled_from(("a", "b", None, 7)),
        st.integers(1, 2),
    )
    return st.one_of(chunk, chunk, st.sampled_from(_BESIDE)).map(
        lambda found: json.dumps(found).encode()
    )


def _body(payloads: list[bytes], frame: Callable[[bytes], bytes], end: bytes) -> bytes:
    return b"".join(map(frame, payloads)) + end
