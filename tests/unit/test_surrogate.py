from __future__ import annotations

import pytest
from hypothesis import example, given
from tests.strategies import bytewise, cut, halves

from axio_transport_openai.surrogate import Joiner, whole


def _joined(*pieces: str) -> str:
    joiner = Joiner()
    text = "".join(joiner.feed("text", piece) for piece in pieces)
    return text + joiner.end("text")


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        pytest.param(["\ud83c", "\udf0d"], "🌍", id="a pair cut in two"),
        pytest.param(["a\ud83c", "\udf0db"], "a🌍b", id="with text around it"),
        pytest.param(["\ud83c", "", "\udf0d"], "🌍", id="nothing between the halves"),
        pytest.param(["\ud83c\udf0d"], "🌍", id="two halves in one piece"),
        pytest.param(["\ud83c", "a"], "\ufffda", id="a first half alone"),
        pytest.param(["\udf0d"], "\ufffd", id="a second half alone"),
        pytest.param(["\ud83c"], "\ufffd", id="a first half at the end"),
        pytest.param(["\ud83c", "\ud83c", "\udf0d"], "\ufffd🌍", id="a first half twice"),
        pytest.param(["é🌍", "b"], "é🌍b", id="whole characters pass"),
        pytest.param(["\ud800", "\udc00"], "\U00010000", id="the first character in halves"),
        pytest.param(["\udbff", "\udfff"], "\U0010ffff", id="the last character in halves"),
        pytest.param(["\ud7ff", "\ue000"], "\ud7ff\ue000", id="what lies around the halves"),
        pytest.param([""], "", id="nothing"),
    ],
)
def test_halves_are_joined_and_lone_ones_replaced(pieces: list[str], expected: str) -> None:
    assert _joined(*pieces) == expected


@given(cut(halves()))
@example(["a\ud83d", "\ude00"])
def test_where_the_text_is_cut_does_not_matter(pieces: list[str]) -> None:
    text = "".join(pieces)

    assert _joined(*pieces) == whole(text)
    assert _joined(*bytewise(text)) == whole(text)


@given(cut(halves()))
def test_whatever_comes_out_can_be_encoded(pieces: list[str]) -> None:
    joiner = Joiner()

    for piece in pieces:
        joiner.feed("text", piece).encode()
    joiner.end("text").encode()


def test_only_a_first_half_is_held_back() -> None:
    joiner = Joiner()

    assert joiner.feed("text", "abc\ud83d") == "abc"
    assert joiner.feed("text", "\ude00d") == "😀d"
    assert joiner.end("text") == ""


def test_the_halves_of_different_texts_do_not_mix() -> None:
    joiner = Joiner()
    joiner.feed("text", "\ud83d")
    joiner.feed("reasoning", "\ud83c")

    assert joiner.feed("reasoning", "\udf0d") == "🌍"
    assert joiner.feed("text", "\ude00") == "😀"


def test_a_text_that_has_ended_holds_no_half_any_more() -> None:
    joiner = Joiner()
    joiner.feed("text", "\ud83d")
    joiner.end("text")

    assert joiner.end("text") == ""
    assert joiner.feed("text", "\ude00") == "\ufffd"


def test_a_joiner_says_which_calls_wait_for_a_half() -> None:
    joiner = Joiner()
    joiner.feed(0, "\ud83d")
    joiner.feed(1, "a")
    joiner.feed(None, "\ud83d")
    joiner.feed("text", "\ud83d")

    assert joiner.calls() == [0, None]
