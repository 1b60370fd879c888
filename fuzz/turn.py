"""Coverage-guided fuzzing of the incoming side: bytes to events.

Whatever the bytes and wherever they are cut: no exception but ours, one end or one error, the same
events for the same bytes, and no more memory than the bytes ask for::

    pip install atheris
    python fuzz/turn.py -max_total_time=1200 -max_len=4096 corpus/

What it finds becomes a row of a test.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

with atheris.instrument_imports(include=["axio_transport_openai"]):
    from axio_transport_openai.errors import APIError
    from axio_transport_openai.origin import Origin
    from axio_transport_openai.testing.corpus import cases
    from axio_transport_openai.turn import Turn

from axio.events import IterationEnd, ReasoningDelta, TextDelta, ToolInputDelta

if TYPE_CHECKING:
    from collections.abc import Iterable

    from axio.events import StreamEvent

#: How much larger than the body its events may be, and what they may have besides, in characters.
_GROWTH = 8
_ROOM = 4096


def _played(pieces: Iterable[bytes]) -> tuple[list[StreamEvent], str]:
    """The events of a body, and how it ended."""
    turn = Turn(Origin())
    events: list[StreamEvent] = []
    for piece in pieces:
        events += turn.feed(piece)
        if turn.done:
            break
    events += turn.close()
    try:
        events.append(turn.end(turn.tally.usage))
    except APIError as error:
        return events, str(error)
    return events, ""


def _joined(events: list[StreamEvent]) -> list[object]:
    """The events with adjacent deltas of one kind made one."""
    joined: list[object] = []
    for event in events:
        kind, text = type(event), ""
        if isinstance(event, TextDelta | ReasoningDelta):
            text = event.delta
        elif isinstance(event, ToolInputDelta):
            kind, text = (kind, event.tool_use_id), event.partial_json  # type: ignore[assignment]
        else:
            joined.append(event)
            continue
        last = joined[-1] if joined else None
        if isinstance(last, tuple) and last[0] == kind:
            joined[-1] = (kind, last[1] + text)
        else:
            joined.append((kind, text))
    return joined


def check(data: bytes) -> None:
    """Hold one input to the rules; its first byte says how it is cut."""
    step, body = (data[0] % 48) + 1 if data else 1, data[1:]
    whole, told = _played([body])
    cut, also_told = _played(body[at : at + step] for at in range(0, len(body), step))
    ends = [event for event in whole if isinstance(event, IterationEnd)]
    if len(ends) != (0 if told else 1) or (ends and whole[-1] is not ends[0]):
        raise AssertionError(f"{len(ends)} ends")
    if _joined(whole) != _joined(cut) or bool(told) != bool(also_told):
        message = f"it matters that it is cut every {step} bytes: {whole} {cut} {told} {also_told}"
        raise AssertionError(message)
    if sum(len(repr(event)) for event in whole) > _GROWTH * len(body) + _ROOM * (len(whole) + 1):
        raise AssertionError("the events are much larger than the body")


def _seed(folder: Path) -> None:
    """Write the corpus of wire cases as seeds."""
    folder.mkdir(exist_ok=True)
    for number, case in enumerate(cases()):
        if len(case.body) < _ROOM:
            (folder / f"case{number}").write_bytes(b"\x07" + case.body)


def main() -> None:
    """Fuzz, from the corpus of wire cases on."""
    folders = [word for word in sys.argv[1:] if not word.startswith("-")]
    if folders:
        _seed(Path(folders[0]))
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
