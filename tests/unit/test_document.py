from __future__ import annotations

import json
from itertools import accumulate, chain
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tests.strategies import arguments, bytewise, cut, cuts

from axio_transport_openai import document
from axio_transport_openai.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable


def _read(*texts: str) -> tuple[str, str]:
    """What the texts give away, and what of them lies behind the object's end."""
    read = Document()
    given_away = surplus = ""
    for piece in chain.from_iterable(document.pieces(read.added(text)) for text in texts):
        if surplus or not read.add(piece):
            surplus += piece if surplus else piece.lstrip()
        else:
            given_away += read.take()
    return given_away + read.take(all_came=True), surplus


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        pytest.param([], ("", ""), id="nothing"),
        pytest.param(['{"a":1}'], ('{"a":1}', ""), id="an object"),
        pytest.param(['{"a"', ":1}"], ('{"a":1}', ""), id="an object in pieces"),
        pytest.param(["{}"], ("{}", ""), id="an empty object"),
        pytest.param(["{", "}"], ("{}", ""), id="an empty object in pieces"),
        pytest.param(["{ }"], ("{ }", ""), id="an empty object with space in it"),
        pytest.param(["null"], ("", ""), id="null is nothing"),
        pytest.param([" nu", "ll\n"], ("", ""), id="null in pieces, with space around it"),
        pytest.param(["nul"], ("nul", ""), id="what only begins as null is kept"),
        pytest.param(["{}", '{"a":1}'], ('{"a":1}', ""), id="an empty object before the real one"),
        pytest.param(['{}{"a":1}'], ('{"a":1}', ""), id="in one piece"),
        pytest.param(["{", "}{", '"a":1}'], ('{"a":1}', ""), id="cut anywhere"),
        pytest.param(["{ }\n", ' {"a":1}'], ('{"a":1}', ""), id="with space around it"),
        pytest.param(["{}", "{}"], ("{}", ""), id="an empty object twice"),
        pytest.param(["null", '{"a":1}'], ('{"a":1}', ""), id="null before the real one"),
        pytest.param(['null{"a":1}'], ('{"a":1}', ""), id="null in one piece with it"),
        pytest.param(["nu", 'll {"a":1}'], ('{"a":1}', ""), id="null cut anywhere"),
        pytest.param(["[]"], ("", ""), id="an empty list is nothing, too"),
        pytest.param(["[", ' ]{"a":', "1}"], ('{"a":1}', ""), id="before the real one, cut there"),
        pytest.param(['[{"a"', ":1}]"], ('[{"a":1}]', ""), id="a list that holds some is kept"),
        pytest.param(["[", "]]"], ("[]]", ""), id="as is what only begins as an empty one"),
        pytest.param(
            ['{"a":1}', '{"b":2}'], ('{"a":1}', '{"b":2}'), id="a second object is not ours"
        ),
        pytest.param(['{"a":1}{"b"', ":2}"], ('{"a":1}', '{"b":2}'), id="in one piece with ours"),
        pytest.param(['{"a":1}', "{"], ('{"a":1}', "{"), id="as soon as it begins"),
        pytest.param(
            ['{"a":1}\n', ' {"b":2}'], ('{"a":1}\n', '{"b":2}'), id="white space between them"
        ),
        pytest.param(['{"a":"}{"}'], ('{"a":"}{"}', ""), id="a string that looks like two"),
        pytest.param(['{"a":"}', '{"}'], ('{"a":"}{"}', ""), id="the same, cut there"),
        pytest.param(['{"a":{}', "}{"], ('{"a":{}}', "{"), id="an object in the object"),
        pytest.param(
            ['{"a":"\\', '"}{"}', "{"], ('{"a":"\\"}{"}', "{"), id="an escaped quote, cut there"
        ),
        pytest.param(['{"a":"\\\\"}{'], ('{"a":"\\\\"}', "{"), id="an escaped backslash"),
        pytest.param(['{"a":"\\\\', '"}{'], ('{"a":"\\\\"}', "{"), id="the same, cut there"),
        pytest.param(
            ['{"a":"\\', "\\", '"}', "{"], ('{"a":"\\\\"}', "{"), id="the same, cut within"
        ),
        pytest.param(['{"a":[{},{}]}', "{"], ('{"a":[{},{}]}', "{"), id="a list of objects"),
        pytest.param(['{"t":"\\\\frac{a}', '{b}"}'], ('{"t":"\\\\frac{a}{b}"}', ""), id="TeX"),
        pytest.param(['{"a":1', "{"], ('{"a":1{', ""), id="nothing ends before its end"),
        pytest.param(["plain words"], ("plain words", ""), id="no JSON"),
        pytest.param([" \n", ' {"a":1}'], (' \n {"a":1}', ""), id="white space before it is kept"),
    ],
)
def test_one_object_is_read_however_it_is_announced(
    pieces: list[str], expected: tuple[str, str]
) -> None:
    given_away, surplus = _read(*pieces)
    assert (given_away, surplus) == expected

    given_away, surplus = _read(*bytewise("".join(pieces)))
    assert (given_away.strip(), surplus) == (expected[0].strip(), expected[1])


@given(cut(arguments()))
@example(['{"a":"}', '{"}'])
def test_where_one_object_is_cut_does_not_matter(pieces: list[str]) -> None:
    expected = ("".join(pieces), "")

    assert _read(*pieces) == expected
    assert _read(*bytewise(expected[0])) == expected


@given(cut(arguments()))
@example(['{"a', '":', '{"a":1', "}}"])
def test_what_comes_again_each_time_is_read_once(pieces: list[str]) -> None:
    assume(not pieces[0].rstrip().endswith((":", ",", "[")))
    so_far = [*accumulate(pieces)]

    assert _read(*so_far) == (so_far[-1], "")
    assert _read(*(text for text in so_far[:-1] for _ in range(2)), so_far[-1]) == (so_far[-1], "")


def test_what_an_object_holds_may_begin_as_it_does() -> None:
    assert _read('{"a":', '{"a":1}', "}") == ('{"a":{"a":1}}', "")
    assert _read('{"a":[', '{"a":[1', "]}]}") == ('{"a":[{"a":[1]}]}', "")
    assert _read('{"a": ', '{"a": 1}', "}") == ('{"a": {"a": 1}}', "")
    assert _read(" ", ' {"a":', ' {"a":1}', "}") == ('  {"a": {"a":1}}', "")


@given(st.data(), arguments(), st.sampled_from(["", " ", "\n"]), arguments())
def test_where_two_objects_are_cut_does_not_matter(
    data: st.DataObject, first: str, between: str, second: str
) -> None:
    text = first + between + second
    if first == "{}":
        first, second = second, ""

    for pieces in (data.draw(cuts(text)), bytewise(text)):
        given_away, surplus = _read(*pieces)
        assert (given_away.strip(), surplus) == (first, second)


@given(cut(arguments()), st.sampled_from(["{}", "null", "{ }", " null\n", "[]"]), st.data())
def test_a_placeholder_before_the_object_is_no_part_of_it(
    pieces: list[str], placeholder: str, data: st.DataObject
) -> None:
    expected = "".join(pieces)

    for announced in ([placeholder], bytewise(placeholder), data.draw(cuts(placeholder))):
        given_away, surplus = _read(*announced, *pieces)
        assert (json.loads(given_away), surplus) == (json.loads(expected), "")


@given(cut(arguments()))
def test_it_is_whole_when_its_end_has_come_and_not_before(pieces: list[str]) -> None:
    read = Document()
    whole = []
    for piece in pieces:
        read.add(piece)
        whole.append(read.whole)

    assert whole == [False] * (len(pieces) - 1) + [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{", "", id="may be an empty object"),
        pytest.param("{}", "", id="may stand where the real one will"),
        pytest.param("nul", "", id="may be null"),
        pytest.param(" ", "", id="may stand before null"),
        pytest.param('{"', '{"', id="is no empty object"),
        pytest.param("[", "", id="may be an empty list"),
        pytest.param("[1", "[1", id="is no object"),
        pytest.param("{" + " " * 62, "", id="may still be one"),
        pytest.param("{" + " " * 63, "{" + " " * 63, id="is too long to be one"),
    ],
)
def test_only_what_may_mean_nothing_is_held_back(text: str, expected: str) -> None:
    read = Document()
    read.add(text)

    assert read.take() == expected
    assert read.take() == ""


def test_all_that_came_is_kept_beside_what_was_given() -> None:
    read = Document()

    assert (read.text, read.begun, read.whole) == ("", False, False)

    read.add("{")

    assert (read.text, read.begun, read.whole) == ("{", True, False)

    read.take()
    read.add('"a":1}')

    assert (read.text, read.begun, read.whole) == ('{"a":1}', True, True)


@pytest.mark.parametrize(
    ("begin", "piece", "end"),
    [
        pytest.param('{"a":"', "xxxxxxxx", '"}', id="a long string"),
        pytest.param('{"a":"', "}{}{}{}{", '"}', id="a string of braces"),
        pytest.param('{"a":[', "{},", "0]}", id="many objects in it"),
        pytest.param('{"a":[', "{}\n", "0]}", id="an object in each piece"),
        pytest.param("{", " ", "}", id="white space"),
        pytest.param('{"a":"', '\\"', '"}', id="escapes"),
    ],
)
def test_twice_the_pieces_are_twice_the_work(
    measured: Callable[[], int], begin: str, piece: str, end: str
) -> None:
    works = []
    for count in (500, 1000):
        before = measured()
        read = Document()
        for part in (begin, *[piece] * count, end):
            for taken in document.pieces(read.added(part)):
                read.add(taken)
            read.take()
            assert read.whole is (part is end)
        works.append(measured() - before)
        assert read.text == begin + piece * count + end

    assert works[1] <= 2.1 * works[0] + 100
