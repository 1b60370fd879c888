from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from tests.strategies import bodies, bytewise, cut

from axio_transport_openai import sse
from axio_transport_openai.sse import DONE, MAX_EVENT, Decoder, ErrorEvent, EventTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_A, _B = b'{"a":1}', b'{"b":2}'


def _read(*pieces: bytes) -> list[bytes]:
    """The payloads of a body that comes in these pieces, as far as its end mark."""
    decoder = Decoder()
    payloads: list[bytes] = []
    for piece in pieces:
        payloads += decoder.feed(piece)
        if DONE in payloads:
            return payloads[: payloads.index(DONE) + 1]
    return payloads + decoder.end()


def _ways(body: bytes) -> list[list[bytes]]:
    """The body whole, a byte at a time, in two, and whole behind what every body may begin with.

    What is cut in two has whole events in either half, which are read in another way than others.
    """
    halves = [[body[:at], body[at:]] for at in range(1, len(body))]
    begun = [] if body.startswith(b"\xef") else [[b":\n\n", body]]
    return [[body], bytewise(body), *halves, *begun]


def _feed(decoder: Decoder, piece: bytes, times: int) -> None:
    for _ in range(times):
        decoder.feed(piece)


def _kinds(payloads: Iterable[bytes]) -> list[tuple[bytes, bool]]:
    return [(bytes(payload), isinstance(payload, ErrorEvent)) for payload in payloads]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b'data: {"a":1}\n\n', [_A], id="an event"),
        pytest.param(b'data: {"a":1}\n\ndata: {"b":2}\n\n', [_A, _B], id="two events"),
        pytest.param(b'data:{"a":1}\n\n', [_A], id="no space after the colon"),
        pytest.param(b"data:  x\n\n", [b" x"], id="only one space is dropped"),
        pytest.param(b"   data: x\n\n", [b"x"], id="white space before the name"),
        pytest.param(b"data: x: y\n\n", [b"x: y"], id="only the first colon is one"),
        pytest.param(b"data: x\r\n\r\n", [b"x"], id="CR LF"),
        pytest.param(b"data: x\r\r", [b"x"], id="CR"),
        pytest.param(b"data: x\r\n\n\r", [b"x"], id="all line ends mixed"),
        pytest.param(b"\xef\xbb\xbfdata: x\n\n", [b"x"], id="a BOM"),
        pytest.param(b"\xef\xbb\xbf\xef\xbb\xbfdata: x\n\ndata: y\n\n", [b"y"], id="no second BOM"),
        pytest.param(
            b"data: x\n\n\xef\xbb\xbfdata: y\n\ndata: z\n\n", [b"x", b"z"], id="no BOM later"
        ),
        pytest.param(b": comment\n\ndata: x\n\n", [b"x"], id="a comment"),
        pytest.param(b":\ndata: x\n:data: y\n\n", [b"x"], id="comments around data"),
        pytest.param(b"data: x\ndata: y\n\n", [b"x\ny"], id="data in two lines"),
        pytest.param(
            b'data: {\ndata: "a": [\ndata: {},\ndata: {}]}\n\n',
            [b'{\n"a": [\n{},\n{}]}'],
            id="JSON in many lines",
        ),
        pytest.param(
            b'data: {"a":\ndata: {"b":2}\ndata: }\n\n',
            [b'{"a":\n{"b":2}\n}'],
            id="a line that ends an object and not the event",
        ),
        pytest.param(
            b'data: {"a":1} \ndata: {"b":2}\n\n', [_A + b" ", _B], id="a space behind an event"
        ),
        pytest.param(b"data: x\ndata\ndata: y\n\n", [b"x\n\ny"], id="data without a colon"),
        pytest.param(b"data\n\ndata:\n\ndata: \n\n", [b""] * 3, id="empty data"),
        pytest.param(b"data:   \n\n", [b"  "], id="data of spaces"),
        pytest.param(b"event: ping\n\ndata: x\n\n", [b"x"], id="an event without data"),
        pytest.param(b"event: x\ndata: y\n\n", [b"y"], id="an event with a name"),
        pytest.param(b"id: 1\nretry: 5\nid\ndata: x\n\n", [b"x"], id="id and retry"),
        pytest.param(b"unknown: 1\ndata: x\n\n", [b"x"], id="an unknown field"),
        pytest.param(b"Data: 1\ndata : 2\ndata: x\n\n", [b"x"], id="names are exact"),
        pytest.param(b"\n\n\n\ndata: x\n\n\n\n\n", [b"x"], id="blank lines"),
        pytest.param(
            "data: a\u2028b\u0085c\x0b\x0c\n\n".encode(),
            ["a\u2028b\u0085c\x0b\x0c".encode()],
            id="no other line ends",
        ),
        pytest.param(
            b'data:{"a":1}\ndata:{"b":2}\n', [_A, _B], id="one newline between the events"
        ),
        pytest.param(b'data: {"a":1}\ndata: [DONE]\n', [_A, DONE], id="and before the end mark"),
        pytest.param(
            b'data: {"a":\ndata: {"b":2}}\n\n', [b'{"a":\n{"b":2}}'], id="an object in an object"
        ),
        pytest.param(b"data: x", [b"x"], id="the last event without a newline"),
        pytest.param(b"data: x\n", [b"x"], id="the last event without a blank line"),
        pytest.param(b"data: x\r", [b"x"], id="the last event with half a CR LF"),
        pytest.param(b"data: [DONE]", [DONE], id="the end mark without a newline"),
        pytest.param(b"data: [DONE]  \n\n", [DONE], id="the end mark with spaces"),
        pytest.param(b"data:[DONE]\n\n", [DONE], id="the end mark without a space"),
        pytest.param(b"data: [DONE]\n\ndata: x\n\n", [DONE], id="nothing counts after it"),
        pytest.param(b"data: [DONE]x\n\n", [DONE], id="nor behind it"),
        pytest.param(b"data: x\n\ndata: y\ndata: z\n\n", [b"x", b"y\nz"], id="an event of each"),
        pytest.param(b"data: x\n\n\ndata: y\n\n", [b"x", b"y"], id="a blank line too many"),
        pytest.param(b"data: x\nid: 1\n\ndata: y\n\n", [b"x", b"y"], id="an id after data"),
    ],
)
def test_payloads_are_what_the_standard_says_and_services_mean(
    body: bytes, expected: list[bytes]
) -> None:
    for pieces in _ways(body):
        assert _stripped(_read(*pieces)) == expected
    if not body.startswith(b"\xef"):
        assert _stripped(_read(b"data: {}\n\n", body)) == [b"{}", *expected]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"event: error\ndata: x\n\n", [(b"x", True)], id="named before its data"),
        pytest.param(b"data: x\nevent: error\n\n", [(b"x", True)], id="named after its data"),
        pytest.param(b"event:error \ndata: x\n\n", [(b"x", True)], id="with a space"),
        pytest.param(
            b"event: error\ndata: x\n\ndata: y\n\n", [(b"x", True), (b"y", False)], id="one event"
        ),
        pytest.param(b"event: error\n\ndata: x\n\n", [(b"x", False)], id="not the one after it"),
        pytest.param(
            b"event: error\nevent: ping\ndata: x\n\n", [(b"x", False)], id="the last name counts"
        ),
        pytest.param(
            b'data: {"a":1}\nevent: error\ndata: {"b":2}\n\n',
            [(_A, False), (_B, True)],
            id="one newline between the events: the name is the next one's",
        ),
        pytest.param(
            b'event: error\ndata: {"a":1}\ndata: {"b":2}\n\n',
            [(_A, True), (_B, False)],
            id="one newline between the events: the name is the first one's",
        ),
        pytest.param(b'error: {"a":1}\n\n', [(_A, True)], id="a field called error"),
        pytest.param(
            b'data: {"b":2}\nerror: {"a":1}\n\n',
            [(_B, False), (_A, True)],
            id="a field called error, after data",
        ),
        pytest.param(
            b'error: {"a":1}\n\ndata: [DONE]\n\n',
            [(_A, True), (DONE, False)],
            id="a field called error, and an end mark",
        ),
    ],
)
def test_an_event_that_is_called_an_error_says_so(
    body: bytes, expected: list[tuple[bytes, bool]]
) -> None:
    for pieces in (*_ways(body), [b"data: {}\n\n", body]):
        assert [one for one in _kinds(_read(*pieces)) if one[0] != b"{}"] == expected


@given(cut(bodies()))
@example([b"data: x\r", b"\ndata: y\r", b"\n\r\n"])
@example([b"\xef", b"\xbb\xbfdata: x\n", b"\n"])
@example([b"data: {}\n\n\xef\xbb\xbfdata: {}\n\n"])
@example([b'data: {"a":1}\nda', b'ta: {"b":2}\n\n'])
@example([b"data: [DONE", b"]"])
def test_where_it_is_cut_does_not_matter(pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    expected = _kinds(_stripped(_read(body)))

    for way in (pieces, *_ways(body)):
        assert _kinds(_stripped(_read(*way))) == expected


def _stripped(payloads: list[bytes]) -> list[bytes]:
    """The same with a bare end mark: what stands around it is kept by some cuts, and never read."""
    for place, payload in enumerate(payloads):
        if payload.strip().startswith(DONE):
            return [*payloads[:place], DONE]
    return payloads


@given(bodies())
def test_a_payload_is_given_as_soon_as_its_event_has_ended(body: bytes) -> None:
    decoder = Decoder()
    given_so_far = decoder.feed(body)
    ended = decoder.feed(b"\n\n")

    assert decoder.feed(b"\n") == []
    assert decoder.end() == []
    assert DONE in given_so_far or given_so_far + ended == _read(body)


def test_an_end_mark_without_a_newline_ends_the_stream_at_once() -> None:
    assert Decoder().feed(b"data: [DONE]") == [DONE]


@pytest.mark.parametrize("end", [b"\n", b""])
def test_an_end_mark_ends_an_event_that_was_cut_off_before_it(end: bytes) -> None:
    assert Decoder().feed(b'data: {"a\ndata: [DONE]' + end) == [b'{"a', DONE]


@pytest.mark.parametrize(
    ("body", "before"),
    [
        pytest.param(b'{"a":1}\n\ndata: [DONE]\n\n', b'{"a":1}', id="JSON and a mark"),
        pytest.param(b'{"a":1}data: [DONE]', b'{"a":1}', id="a mark on its line"),
        pytest.param(b'\r\n{\r\n"a":1\r\n}data:[DONE]\r\n', b'{\n"a":1\n}', id="or on its last"),
        pytest.param(b'data: x\n\n{"a":1}\n\ndata: [DONE]\n\n', b'{"a":1}', id="behind an event"),
        pytest.param(b'data: x\n{"a":1}\ndata: [DONE]\n\n', b'{"a":1}', id="amid one"),
        pytest.param(b' {"a":1}\n\ndata: [DONE]\n\n', b'{"a":1}', id="JSON behind a space"),
        pytest.param(b"<html>data: [DONE]\n", b"", id="HTML"),
        pytest.param(b"Bad gateway\n\ndata: [DONE]\n\n", b"", id="words"),
        pytest.param(b'{"a":1}\ndata: x\n\ndata: [DONE]\n\n', b"", id="JSON before an event"),
        pytest.param(b'{"a":"data: [DONE]"}\n', b"", id="a mark within it"),
    ],
)
def test_json_right_before_an_end_mark_is_an_event(body: bytes, before: bytes) -> None:
    for pieces in _ways(body):
        found = [one for one in _read(*pieces) if one not in {b"x", DONE}]
        assert found == ([before] if before else [])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b'{"a":1}', b'{"a":1}', id="JSON"),
        pytest.param(b'{\r\n "a":\r\n\r\n1}', b'{\n "a":\n1}', id="JSON in lines"),
        pytest.param(b'\xef\xbb\xbf[{"a":1}]\n', b'[{"a":1}]', id="a list, after a BOM"),
        pytest.param(b"<html>\n<p>data: x\n", b"<html>\n<p>data: x", id="HTML"),
        pytest.param(b"<script>\n data: x\n", b"<script>\n data: x", id="HTML with data in it"),
        pytest.param(b"Bad gateway", b"Bad gateway", id="words"),
        pytest.param(b"", b"", id="nothing"),
        pytest.param(b"\n \n", b" ", id="blank lines"),
        pytest.param(b"words\ndata: x\n\n", b"", id="words before an event are not the body"),
        pytest.param(b'data: x\n\nwords\n{"a":1}', b'{"a":1}', id="but JSON after one is kept"),
        pytest.param(b'data: x\n\n{\n"a":1}\n', b'{\n"a":1}', id="in lines too"),
        pytest.param(b'{"a":1}\ndata: x\n{"b":1}', b'{"b":1}', id="what is behind the last"),
        pytest.param(b"{\n\ndata: x\n\ndata: x\n\n", b"", id="and nothing else"),
        pytest.param(b": comment\n\nwords", b"words", id="words after a comment"),
        pytest.param(b"event: x\nretry: 9\nid: 1\n{}", b"{}", id="JSON after any other field"),
        pytest.param(
            b"x\n\xef\xbb\xbfdata: [DONE] y",
            b"x\n\xef\xbb\xbfdata: [DONE] y",
            id="words behind a byte order mark that does not begin it",
        ),
    ],
)
def test_a_body_that_is_no_event_stream_is_kept(body: bytes, expected: bytes) -> None:
    for pieces in _ways(body):
        decoder = Decoder()
        for piece in pieces:
            decoder.feed(piece)
        decoder.end()
        assert decoder.stray == expected


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([b"data: xyz"], 9, id="a line that has not ended"),
        pytest.param([b"data: ", b"xyz", b" "], 10, id="a line in pieces"),
        pytest.param([b"data: x\n", b"data: yz\n"], 43, id="the lines of an event, and their room"),
        pytest.param([b"data: xyz\ndata"], 7, id="a line behind one"),
        pytest.param([b"data: x\n\n"], 0, id="an event that has ended"),
        pytest.param([b'{"a":1}\n', b"x\n"], 10, id="a body without events"),
        pytest.param([b'{"a":1}\nx'], 9, id="a body without events, amid a line"),
        pytest.param([b":", b" alive"], 0, id="a comment"),
        pytest.param([b" ", b" "], 0, id="white space"),
        pytest.param([b" ", b"x"], 2, id="white space before something"),
        pytest.param([b"data: x\n:", b" alive"], 1, id="a comment amid an event"),
    ],
)
def test_what_keeps_a_connection_open_is_not_held(pieces: list[bytes], expected: int) -> None:
    decoder = Decoder()
    for piece in pieces:
        decoder.feed(piece)

    assert decoder.held == expected


def test_of_a_body_that_is_neither_only_the_beginning_is_kept() -> None:
    decoder = Decoder()
    for _ in range(1000):
        decoder.feed(b"<p>" + b"x" * 100 + b"\n")

    assert 4096 <= len(decoder.stray) < 5000


def test_of_json_behind_events_only_so_much_is_kept() -> None:
    decoder = Decoder()
    decoder.feed(b"data: x\n\n[\n")
    for _ in range(1000):
        decoder.feed(b'"' + b"x" * 100 + b'",\n')

    assert 65_536 <= len(decoder.stray) < 66_000


def test_json_is_kept_whole_however_long_it_is() -> None:
    decoder = Decoder()
    decoder.feed(b" [\n")
    for _ in range(1000):
        decoder.feed(b'"' + b"x" * 100 + b'",\n')

    assert len(decoder.stray) > 100_000


_MIB = b"x" * 2**20


@pytest.mark.parametrize(
    ("begin", "piece", "end"),
    [
        pytest.param(b"data: ", _MIB, b"\n\n", id="one line"),
        pytest.param(b"data:", _MIB, b"\n", id="one line without a space, one newline"),
        pytest.param(b"", b"data: " + _MIB + b"\n", b"\n", id="many lines"),
    ],
)
def test_an_event_just_below_the_limit_is_read_and_one_above_it_refused(
    begin: bytes, piece: bytes, end: bytes
) -> None:
    decoder = Decoder()
    decoder.feed(begin)
    _feed(decoder, piece, MAX_EVENT // 2**20 - 1)
    payloads = decoder.feed(end) + decoder.end()

    assert sum(payload.count(b"x") for payload in payloads) == MAX_EVENT - 2**20

    decoder = Decoder()
    decoder.feed(begin)
    with pytest.raises(EventTooLarge, match=re.escape(f"larger than {MAX_EVENT} bytes")):
        _feed(decoder, piece, MAX_EVENT // 2**20 + 1)


@pytest.mark.parametrize(
    ("begin", "last"),
    [
        pytest.param(b"data: ", _MIB[6:], id="one line"),
        pytest.param(b"data:" + _MIB + b"\n", b"", id="two lines, the second begun"),
    ],
)
def test_an_event_of_exactly_the_limit_is_read_and_one_byte_more_refused(
    begin: bytes, last: bytes
) -> None:
    decoder = Decoder()
    decoder.feed(begin)
    _feed(decoder, _MIB, MAX_EVENT // 2**20 - 1)
    decoder.feed(last)
    with pytest.raises(EventTooLarge):
        decoder.feed(b"x")


def test_what_was_read_does_not_count_against_the_next_event() -> None:
    decoder = Decoder()
    for _ in range(MAX_EVENT // 2**20 + 1):
        decoder.feed(b"data:" + _MIB)
        decoder.feed(b"\r\n")
        assert len(decoder.feed(b"\n")) == 1


@pytest.mark.parametrize("begin", [b": ", b"event: ", b"unknown"])
def test_a_line_without_end_is_refused_whatever_it_is(begin: bytes) -> None:
    decoder = Decoder()
    decoder.feed(begin)
    with pytest.raises(EventTooLarge):
        _feed(decoder, _MIB, MAX_EVENT // 2**20 + 1)


@pytest.mark.parametrize(
    ("begin", "piece", "end"),
    [
        pytest.param(b"data: ", b"x" * 8, b"\n\n", id="a long line"),
        pytest.param(b"data: [", b"]" * 8, b"\n\n", id="a long line of brackets"),
        pytest.param(b"", b"data: xxxxxxxx\n", b"\n", id="many data lines"),
        pytest.param(b"", b": x\n", b"\n", id="many comments"),
        pytest.param(b"", b"event: x\n", b"\n", id="many names"),
        pytest.param(b"", b"data: x\n\n", b"", id="many events"),
        pytest.param(b"", b"data: {}\n", b"", id="many events, one newline each"),
        pytest.param(b"", b"<p>\n", b"", id="no event at all"),
        pytest.param(b"{", b'"x":[],\n', b"", id="a JSON body"),
        pytest.param(b"{", b'"x":[]', b"", id="a JSON body in one line"),
    ],
)
def test_twice_the_pieces_are_twice_the_work(
    measured: Callable[[], int], begin: bytes, piece: bytes, end: bytes
) -> None:
    works = []
    for count in (500, 1000):
        before = measured()
        _read(begin, *[piece] * count, end)
        works.append(measured() - before)

    assert works[1] <= 2.1 * works[0] + 20


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many sizes the decoder has looked at so far."""
    count = 0

    def counting_len(sized: bytes) -> int:
        nonlocal count
        count += 1
        return len(sized)

    monkeypatch.setattr(sse, "len", counting_len, raising=False)
    return lambda: count


def test_an_event_of_endless_empty_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MAX_EVENT", 64 * 1024)

    with pytest.raises(EventTooLarge):
        _feed(Decoder(), b"data:\n", 10_000)
