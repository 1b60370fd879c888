from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axio_transport_openai import encoding as module
from axio_transport_openai.encoding import Base64, Piece, encoded, put, unpacked

STEP = 192 * 1024


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, STEP - 1, STEP, STEP + 1, 2 * STEP + 2])
def test_base64_in_pieces_is_base64(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    expected = base64.b64encode(data[:size])
    made = Base64(data[:size])

    assert len(made) == len(expected)
    assert b"".join(made) == expected
    assert b"".join(made) == expected, "and the same again"


@given(st.binary(max_size=200), st.lists(st.booleans(), max_size=60))
def test_two_requests_may_send_it_at_once(data: bytes, turns: list[bool]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_STEP", 9)
        made = Base64(data)
        senders = (iter(made), iter(made))
        sent: tuple[list[bytes], list[bytes]] = ([], [])
        for first in turns:
            sent[first].append(next(senders[first], b""))
        for of, sender in zip(sent, senders, strict=True):
            of.extend(sender)

    assert b"".join(sent[0]) == b"".join(sent[1]) == base64.b64encode(data)


def test_what_is_no_data_is_refused_before_anything_is_sent() -> None:
    text: Any = "text"

    with pytest.raises(TypeError):
        Base64(text)


def test_pieces_come_in_their_order() -> None:
    pieces: list[Piece] = [b"a", Base64(b"bcd"), bytearray(b"e"), memoryview(b"f"), Base64(b"")]

    assert b"".join(unpacked(pieces)) == b"aYmNkef"


@pytest.mark.parametrize("value", ["é", ["\ud83c", {"\ud83c": 1}], {"a": "\ud83c\udf89"}, []])
def test_a_value_takes_the_place_of_what_a_buffer_holds(value: object) -> None:
    buffer = bytearray(b"something longer than the value is")

    put(value, buffer)

    assert buffer == encoded(value)


def test_half_a_character_beside_a_key_that_is_no_text_changes_nothing_else() -> None:
    assert encoded({1: "\ud83c"}) == '{"1":"\ufffd"}'.encode()

    with pytest.raises(TypeError):
        encoded({None: "\ud83c"})
