"""Ways of writing what services write, and of cutting it.

Everything is drawn from tokens of the grammar: characters at random hardly ever spell a tag, a line
end between two others, or a second JSON document.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["arguments", "bodies", "bytewise", "contents", "cut", "cuts", "halves"]

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
    sizes = st.lists(st.integers(1, 24), min_size=1, max_size=6)
    return sizes.map(lambda drawn: _pieces(whole, drawn))


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
    return st.builds(_written, objects, st.sampled_from([(",", ":"), (", ", ": ")]), st.booleans())


def _written(found: object, separators: tuple[str, str], ascii_only: bool) -> str:  # noqa: FBT001
    return json.dumps(found, separators=separators, ensure_ascii=ascii_only)
