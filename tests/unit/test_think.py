from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.strategies import bytewise, contents, cut

from axio_transport_openai.think import Splitter, ThinkTagParser

if TYPE_CHECKING:
    from axio_transport_openai.think import Piece


def _read(*deltas: str) -> list[Piece]:
    splitter = Splitter()
    pieces = [piece for delta in deltas for piece in splitter.feed(delta)]
    return _joined(pieces + splitter.end())


def _joined(pieces: list[Piece]) -> list[Piece]:
    runs = groupby(pieces, key=lambda piece: piece[0])
    return [(kind, "".join(text for _, text in run)) for kind, run in runs]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("hello", [("text", "hello")], id="no tag"),
        pytest.param(
            "<think>why</think>so",
            [("reasoning", "why"), ("text", "so")],
            id="a thought at the head",
        ),
        pytest.param(
            " \n<think>why</think>so",
            [("reasoning", "why"), ("text", "so")],
            id="white space may stand before it",
        ),
        pytest.param(
            "<think>\n why\n</think>\n\nso",
            [("reasoning", "\n why\n"), ("text", "\n\nso")],
            id="white space inside and behind is kept",
        ),
        pytest.param(
            "<think>\n\n</think>so",
            [("reasoning", "\n\n"), ("text", "so")],
            id="a thought of white space",
        ),
        pytest.param("<think></think>so", [("text", "so")], id="an empty thought"),
        pytest.param("<think>why", [("reasoning", "why")], id="a thought that nothing closed"),
        pytest.param("</think>so", [("text", "so")], id="only the closing tag, at the head"),
        pytest.param(" \n</think>\nso", [("text", "\nso")], id="white space before a closing tag"),
        pytest.param(
            "so <think>why</think>", [("text", "so <think>why</think>")], id="a tag later is text"
        ),
        pytest.param("so </think>", [("text", "so </think>")], id="a closing tag later is text"),
        pytest.param(
            "<think>a</think>b<think>c</think>d",
            [("reasoning", "a"), ("text", "b<think>c</think>d")],
            id="a second thought is text",
        ),
        pytest.param(
            "<think>a<think>b</think>c",
            [("reasoning", "a<think>b"), ("text", "c")],
            id="a tag within a thought is a part of it",
        ),
        pytest.param(
            "<think>a</think</think>b",
            [("reasoning", "a</think"), ("text", "b")],
            id="a tag begun and begun again",
        ),
        pytest.param(
            "<think>a < b </thin</think>c",
            [("reasoning", "a < b </thin"), ("text", "c")],
            id="less-than is no tag",
        ),
        pytest.param("<thinking>a", [("text", "<thinking>a")], id="a longer word is no tag"),
        pytest.param("<Think>a", [("text", "<Think>a")], id="capitals are no tag"),
        pytest.param("<thin", [("text", "<thin")], id="a tag begun at the end is text"),
        pytest.param(
            "<think>a</thi", [("reasoning", "a</thi")], id="a closing tag begun at the end is not"
        ),
        pytest.param("  ", [("text", "  ")], id="only white space"),
        pytest.param(
            " " * 64 + "<think>why</think>", [("reasoning", "why")], id="as much space as may be"
        ),
        pytest.param(
            " " * 65 + "<think>why", [("text", " " * 65 + "<think>why")], id="more space is text"
        ),
        pytest.param(
            " " * 65 + "</think>", [("text", " " * 65 + "</think>")], id="before a closing tag too"
        ),
    ],
)
def test_only_a_tag_at_the_head_of_the_content_opens_a_thought(
    content: str, expected: list[Piece]
) -> None:
    assert _read(content) == expected
    assert _read(*bytewise(content)) == expected


@given(cut(contents()))
@example(["<think>a<", "/thin", "k>b"])
@example([" <th", "ink", ">", "</", "think>"])
def test_where_the_content_is_cut_does_not_matter(deltas: list[str]) -> None:
    content = "".join(deltas)

    assert _read(*deltas) == _read(content)
    assert _read(*bytewise(content)) == _read(content)


@given(contents())
def test_nothing_is_lost_but_the_tags_and_the_space_before_them(content: str) -> None:
    pieces = _read(content)
    head = content.lstrip()
    if head.startswith("<think>"):
        expected = head.removeprefix("<think>").replace("</think>", "", 1)
    else:
        expected = head.removeprefix("</think>") if head.startswith("</think>") else content

    assert "".join(text for _, text in pieces) == expected


@given(st.sampled_from(["<think>", "<think>a ", "<think>a</b"]), contents())
def test_a_thought_holds_back_no_more_than_could_be_its_closing_tag(
    before: str, content: str
) -> None:
    splitter = Splitter()
    for delta in bytewise(before + content):
        splitter.feed(delta)
    held = "".join(text for _, text in splitter.end())

    assert held == "" or "</think>".startswith(held)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("a", True, id="text"),
        pytest.param("<a", True, id="another tag"),
        pytest.param("</think>", True, id="a closing tag"),
        pytest.param("<think>a</think>", True, id="a thought that ended"),
        pytest.param("<think>a", False, id="a thought"),
        pytest.param("<thi", False, id="a tag begun"),
        pytest.param(" ", False, id="white space"),
        pytest.param(" " * 65, True, id="more white space than may stand before a tag"),
    ],
)
def test_it_is_done_as_soon_as_all_that_follows_is_text(content: str, *, expected: bool) -> None:
    splitter = Splitter()
    splitter.feed(content)

    assert splitter.done is expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("<thi", [("text", "<thi")], id="what may be a tag is none"),
        pytest.param("\n", [("text", "\n")], id="nor what may stand before one"),
        pytest.param("<think>a</th", [], id="what may close a thought is waited for"),
    ],
)
def test_something_else_in_between_settles_what_was_held_back(
    content: str, expected: list[Piece]
) -> None:
    splitter = Splitter()
    splitter.feed(content)

    assert splitter.settle() == expected
    assert splitter.done is bool(expected)
    assert bool(splitter.held) is not bool(expected)


def test_what_comes_after_the_end_is_text() -> None:
    splitter = Splitter()
    splitter.feed("<think>a")
    splitter.end()

    assert splitter.feed("</think>b") == [("text", "</think>b")]


@given(cut(contents()))
def test_the_public_parser_gives_the_same_pieces(deltas: list[str]) -> None:
    parser = ThinkTagParser()
    pieces = [piece for delta in deltas for piece in parser.feed(delta)]

    assert _joined(pieces + parser.flush()) == _read(*deltas)


@pytest.mark.parametrize(
    ("before", "unit"),
    [
        pytest.param("<think>", "aaaaaaa<", id="a thought"),
        pytest.param("", " ", id="white space at the head"),
        pytest.param("a", "<think>", id="text"),
    ],
)
def test_twice_the_deltas_are_twice_the_work(before: str, unit: str) -> None:
    once, twice = (_work(before, unit, count) for count in (500, 1000))

    assert twice <= 2.1 * once


class _Weighed(str):
    """A text that counts the characters which concatenations copy."""

    __slots__ = ()
    copied = 0

    def __add__(self, other: str) -> _Weighed:
        return self._weigh(str.__add__(self, other))

    def __radd__(self, other: str) -> _Weighed:
        return self._weigh(str.__add__(other, self))

    @staticmethod
    def _weigh(made: str) -> _Weighed:
        _Weighed.copied += len(made)
        return _Weighed(made)


def _work(before: str, unit: str, count: int) -> int:
    splitter = Splitter()
    splitter.feed(before)
    _Weighed.copied = 0
    for _ in range(count):
        splitter.feed(_Weighed(unit))
    return _Weighed.copied


def test_what_was_held_back_is_text_before_a_marked_thought() -> None:
    splitter = Splitter()

    assert splitter.feed("<thi") == []
    assert splitter.mark("<thought>why") == [("text", "<thi"), ("reasoning", "why")]


def test_a_marked_thought_may_begin_inside_one_that_tags_opened() -> None:
    splitter = Splitter()
    splitter.feed("<think>a</")

    assert splitter.mark("b</think>so") == [
        ("reasoning", "</"),
        ("reasoning", "b"),
        ("text", "so"),
    ]


def test_the_closing_tag_of_a_marked_thought_may_be_cut() -> None:
    splitter = Splitter()
    splitter.mark("<thought>why")

    assert splitter.feed("</thou") == []
    assert splitter.feed("ght>so") == [("text", "so")]


@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        pytest.param(
            ["<reasoning>w</reasoning>", "<reasoning>hy</reasoning>", "s", "o"],
            [("reasoning", "why"), ("text", "so")],
            id="a thought in pieces",
        ),
        pytest.param(["<reasoning></reasoning>", "so"], [("text", "so")], id="an empty piece"),
        pytest.param(
            ["<reasoning>", "why", "</reasoning>"],
            [("text", "<reasoning>why</reasoning>")],
            id="the same tags, as a model writes them",
        ),
        pytest.param(
            ["<reasoning>why</reasoning>so"],
            [("text", "<reasoning>why</reasoning>so")],
            id="more behind it in one piece",
        ),
        pytest.param(
            ["so", "<reasoning>why</reasoning>"],
            [("text", "so<reasoning>why</reasoning>")],
            id="the same tags in the answer",
        ),
        pytest.param(
            ["<think>", "<reasoning>why</reasoning>", "</think>so"],
            [("reasoning", "<reasoning>why</reasoning>"), ("text", "so")],
            id="the same tags within a thought",
        ),
    ],
)
def test_pieces_of_a_thought_may_come_in_tags_of_their_own(
    deltas: list[str], expected: list[Piece]
) -> None:
    splitter = Splitter(wrapped=True)
    pieces = [piece for delta in deltas for piece in splitter.feed(delta)]

    assert _joined(pieces + splitter.end()) == expected


@pytest.mark.parametrize(
    ("deltas", "thought"),
    [
        pytest.param([("<think>why", "why"), ("</think>so", "")], "", id="in the same pieces"),
        pytest.param([("<think>a", "a"), (" <", " <"), (" b</think>so", " b")], "", id="behind"),
        pytest.param([("<think>why", "how"), ("</think>so", "")], "why", id="another thought"),
        pytest.param([("<think>\n", " "), ("why</think>so", " ")], "why", id="white space"),
        pytest.param([("<think>a <", "a <"), ("b</think>so", "b")], "", id="what may be a tag"),
        pytest.param(
            [("<think>", ""), ("<", "<"), ("b", "b"), ("</think>so", "")], "", id="nothing but that"
        ),
        pytest.param([("<think>a", "a"), (" <", " <"), ("</think>so", "")], "", id="that, last"),
        pytest.param([("<think>a", "a"), (" b", ""), ("</think>so", "")], " b", id="a part of it"),
    ],
)
def test_a_thought_that_is_told_beside_the_content_is_none_of_its_pieces(
    deltas: list[tuple[str, str]], thought: str
) -> None:
    splitter = Splitter()
    pieces = [piece for delta, told in deltas for piece in splitter.feed(delta, told)]

    assert "".join(text for kind, text in pieces if kind == "reasoning") == thought
    assert pieces[-1] == ("text", "so")


def test_of_a_thought_that_is_told_beside_the_content_nothing_is_left_at_the_end() -> None:
    splitter = Splitter()

    assert splitter.feed("<think>why <", "why <") == []
    assert splitter.end() == []
