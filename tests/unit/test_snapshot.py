from __future__ import annotations

import copy

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from axio_transport_openai.chunk import Delta, Fragment
from axio_transport_openai.snapshot import Snapshots


def added(*deltas: Delta) -> list[Delta]:
    """What these deltas add, where that is anything."""
    snapshots = Snapshots()
    found = [
        one
        for delta in deltas
        for one in (snapshots.deltas(delta) if snapshots.concern(delta) else [delta])
    ]
    return [one for one in [*found, *snapshots.end()] if one.says()]


def joined(*contents: str) -> str:
    found = added(*(Delta(content=one) for one in contents))
    return "".join(str(delta.content) for delta in found)


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        pytest.param(["Hel", "Hello", "Hello!"], "Hello!", id="each goes on"),
        pytest.param(["Hel", "Hello", "Hello!", "Hello!"], "Hello!", id="the last again"),
        pytest.param(["Hel", "Hello", "Hello!", "Hel", "Hello!!"], "Hello!!", id="one before"),
        pytest.param(["\n", "\nHi", "\nHi you"], "\nHi you", id="a line end before it"),
        pytest.param(["Hel", "Hello", "Hello!", "Bye", "Bye!"], "Hello!ByeBye!", id="no more"),
        pytest.param(["Hel", "Hello", "Hello!", "Bye", "Hel"], "Hello!ByeHel", id="from then on"),
        pytest.param(["Oh, ", "Oh, yes", "Oh, yes."], "Oh, yes.", id="marks and spaces in it"),
    ],
)
def test_of_a_snapshot_only_what_is_new_counts(contents: list[str], expected: str) -> None:
    assert joined(*contents) == expected


@pytest.mark.parametrize(
    "contents",
    [
        pytest.param(["a", "and"], id="a word that begins as the answer"),
        pytest.param(["a", "and", "the"], id="and another"),
        pytest.param(["ha", "ha", "ha"], id="the same again"),
        pytest.param(["=", "==", "====", "===="], id="a line"),
        pytest.param(["Hi", " there", "Hi there", "Hi there you"], id="later"),
        pytest.param(["Hi", " you", "Hi there", "Hi there, ", "Hi there, you"], id="later, thrice"),
        pytest.param(["a", "and", "the", "ands"], id="and later one that goes on from it"),
        pytest.param(["a", "and", "and"], id="twice"),
        pytest.param(["- ", "- - ", "- - - "], id="a line with spaces in it"),
        pytest.param(["|", "|-", "|-|-"], id="a line of several marks"),
        pytest.param(["1", "111", "11111"], id="two digits more each time"),
        pytest.param(["ha", "hahah", "hahahah"], id="laughter that stops halfway"),
        pytest.param(["1", "11", "111", "1111", "11"], id="one digit"),
        pytest.param(["\n1", "\n11", "\n111", "\n1111"], id="one digit more in each line"),
        pytest.param(["ha", "haha", "hahahaha", "haha", "ha"], id="laughter in growing pieces"),
    ],
)
def test_a_text_that_begins_as_the_answer_began_is_no_snapshot(contents: list[str]) -> None:
    assert joined(*contents) == "".join(contents)


def test_what_is_held_back_is_given_before_anything_else() -> None:
    thoughts = [Delta(reasoning="a"), Delta(reasoning="ab")]

    assert added(*thoughts, Delta(content="c")) == [
        Delta(reasoning="a"),
        Delta(reasoning="ab"),
        Delta(content="c"),
    ]


def test_a_call_comes_behind_what_was_held_back() -> None:
    call = Delta(tool_calls=[Fragment(0, "x")])

    assert added(Delta(content="a"), Delta(content="ab"), call) == [
        Delta(content="a"),
        Delta(content="ab"),
        call,
    ]


@pytest.mark.parametrize(
    "deltas",
    [
        pytest.param(
            [
                Delta(content="a"),
                Delta(content="ab"),
                Delta(content=[{"type": "text", "text": "c"}]),
            ],
            id="content in parts",
        ),
        pytest.param(
            [Delta(content="a"), Delta(content="ab"), Delta(reasoning="c", content="d")],
            id="a thought and content in one",
        ),
        pytest.param(
            [Delta(content="a"), Delta(content="ab", tool_calls=[Fragment(0, "x")])],
            id="a call in the same delta",
        ),
        pytest.param(
            [
                *(Delta(content="a"), Delta(content="ab"), Delta(tool_calls=[Fragment(0, "x")])),
                *(Delta(content="abc"), Delta(content="abcd")),
            ],
            id="a call between",
        ),
        pytest.param(
            [Delta(reasoning=one, reasoning_details=[{"text": one}]) for one in ("a", "ab", "c")],
            id="details beside thoughts",
        ),
        pytest.param(
            [Delta(reasoning_details=[{"text": one}]) for one in ("a", "ab")]
            + [Delta(reasoning_details=[{"data": "Zm9v"}]), Delta(content="c")],
            id="details of several kinds",
        ),
        pytest.param(
            [Delta(reasoning_details=[{"text": one}, {"text": one}]) for one in ("a", "aa", "aaa")],
            id="several details at once",
        ),
        pytest.param(
            [Delta(content=one, extra_content={"google": {"thought": True}}) for one in ("a", "ab")]
            + [Delta(content="c")],
            id="thoughts that are marked",
        ),
    ],
)
def test_what_is_no_snapshot_stays_as_it_came(deltas: list[Delta]) -> None:
    assert added(*copy.deepcopy(deltas)) == deltas


def test_the_same_thought_under_two_names_comes_once() -> None:
    texts = ("a", "ab", "abc", "abc")
    found = added(*(Delta(reasoning=one, reasoning_content=one) for one in texts))

    assert [one.reasoning_content for one in found] == ["a", "b", "c"]
    assert [one.reasoning for one in found] == ["a", None, None]


def test_thoughts_beside_snapshots_of_content_stay_as_they_came() -> None:
    pairs = [("a", "so"), ("ab", " it"), ("abc", " is")]
    found = added(*(Delta(content=content, reasoning=thought) for content, thought in pairs))

    assert [(one.content, one.reasoning) for one in found] == [
        ("a", "so"),
        ("b", " it"),
        ("c", " is"),
    ]


@pytest.mark.parametrize(("third", "new"), [("abc", ["b", "c"]), ("d", ["ab", "d"])])
def test_once_it_is_told_what_comes_nothing_waits(third: str, new: list[str]) -> None:
    snapshots = Snapshots()
    given: list[list[object]] = []
    for content in ("a", "ab", third):
        delta = Delta(content=content)
        told = snapshots.deltas(delta) if snapshots.concern(delta) else [delta]
        given.append([one.content for one in told])

    assert given == [["a"], [], new]
    assert not snapshots.waits


@pytest.mark.parametrize("named", [True, False], ids=["beside its text", "alone"])
def test_of_a_thought_in_details_only_what_is_new_counts(*, named: bool) -> None:
    thoughts = [
        Delta(reasoning=one if named else None, reasoning_details=[{"index": 0, "text": one}])
        for one in ("a", "ab", "abc", "abc")
    ]

    found = added(*thoughts)
    assert [one.reasoning for one in found] == (["a", "b", "c"] if named else [None] * 3)
    details = [detail for one in found for detail in one.reasoning_details or ()]
    assert details == [{"index": 0, "text": one} for one in "abc"]


def test_a_chunk_that_says_nothing_tells_nothing() -> None:
    contents = [Delta(content="a"), Delta(content="ab"), Delta(), Delta(content="abc")]

    assert added(*contents) == [Delta(content="a"), Delta(content="b"), Delta(content="c")]


@given(st.lists(st.text("ab", min_size=1, max_size=3), min_size=3, max_size=8))
def test_snapshots_of_any_text_are_that_text(pieces: list[str]) -> None:
    texts = ["".join(pieces[: at + 1]) for at in range(len(pieces))]
    assume(not (texts[0] * len(texts[1])).startswith(texts[1]))  # which deltas may be, too

    assert joined(*texts) == texts[-1]
