"""Bodies that fuzzing found (fuzz/turn.py): each once mattered where it was cut."""

from __future__ import annotations

import pytest
from tests.played import play

from axio_transport_openai.testing import cut, event, finish


def _ended(pieces: list[bytes]) -> tuple[str, str]:
    """How a body ends: the stop reason, or the error's class."""
    played = play(pieces)
    reason = str(played.end.stop_reason) if played.end else ""
    return reason, type(played.error).__name__ if played.error else ""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            b"data\t: " + b"x" * 40 + b"\n\n" + finish() + b"Adata: [DONE]\n\n",
            ("end_turn", ""),
            id="lines that are no events around one that is",
        ),
        pytest.param(
            event({"choices": [{"delta": {"content": "lo"}}]}) + b"data: [DONE]oices\n\n",
            ("end_turn", ""),
            id="an end mark with something behind it",
        ),
    ],
)
def test_what_was_found_ends_the_same_however_it_is_cut(
    body: bytes, expected: tuple[str, str]
) -> None:
    assert _ended([body]) == expected
    for step in range(1, len(body)):
        assert _ended([body[at : at + step] for at in range(0, len(body), step)]) == expected
    assert _ended(cut(body)) == expected
