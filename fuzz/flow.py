"""Random changes to streams: a chunk that flows gives what it gives when it is looked at.

The streams are those of the corpus of wire cases, and of the files in the folders that are named.
Each number makes a row of chunks by chance, the same every time; so many are played, from one on::

    python fuzz/flow.py FIRST COUNT [FOLDER ...]

What it finds becomes a row of a test.
"""

from __future__ import annotations

import copy
import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from axio_transport_openai.errors import APIError
from axio_transport_openai.origin import Origin
from axio_transport_openai.testing.corpus import cases
from axio_transport_openai.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

type Json = dict[str, Json] | list[Json] | str | float | bool | None

_NAMES: Final = {"get_weather": "get_weather", "get_time": "get_time"}
#: What values are changed to, and the keys that they are put under.
_VALUES: Final[tuple[Any, ...]] = (
    *(None, "", "so", "so it is", " ", "<think>", "</think>", "\ud83d", "\ude00", 0, 1, -1, 1.5),
    *(True, False, [], {}, [{}], {"": "so"}, ["so"], [None], {"text": "so"}),
)
_KEYS: Final = (
    *("", "annotations", "arguments", "choices", "citations", "content", "delta", "error"),
    *("extra_content", "finish_reason", "function", "id", "index", "logprobs", "message", "name"),
    *("reasoning", "reasoning_content", "reasoning_details", "refusal", "role", "signature"),
    *("text", "thinking", "thinking_blocks", "tool_calls", "type", "usage", "x_groq"),
)
#: How many chunks are played at most.
_MOST: Final = 30


def _chunks(body: bytes) -> Iterator[dict[str, Json]]:
    """The chunks of a body."""
    for line in body.splitlines():
        try:
            chunk = json.loads(line.removeprefix(b"data:"))
        except ValueError:
            continue
        if isinstance(chunk, dict):
            yield cast("dict[str, Json]", chunk)


def _places(value: Json) -> Iterator[tuple[Any, Any]]:
    """Where values stand in this one: what holds each, and its place there."""
    inner: Iterable[tuple[str | int, Json]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for place, one in inner:
        yield value, place
        yield from _places(one)


def _changed(chunk: dict[str, Json], dice: random.Random) -> dict[str, Json]:
    """The chunk with a few values changed, left out, doubled or added."""
    chunk = copy.deepcopy(chunk)
    for _ in range(dice.choice((1, 1, 2, 3))):
        within, place = dice.choice([*_places(chunk)] or [({"": None}, "")])
        value = copy.deepcopy(dice.choice(_VALUES))
        how = dice.choice(("change", "leave out", "double", "add"))
        if how == "change":
            within[place] = value
        elif how == "leave out":
            del within[place]
        elif isinstance(within, list):
            within.insert(place, copy.deepcopy(within[place]))
        else:
            again = copy.deepcopy(within[place])
            within[dice.choice(_KEYS)] = again if how == "double" else value
    return chunk


def _row(chunks: list[dict[str, Json]], dice: random.Random) -> list[dict[str, Json]]:
    """Some of these chunks, with changed ones among them."""
    start = dice.randrange(len(chunks)) if dice.randrange(2) else 0
    row = chunks[start : start + _MOST]
    one = _changed(dice.choice(row), dice)
    for _ in range(dice.choice((1, 1, 2, 4))):
        other = one if dice.randrange(2) else _changed(dice.choice(row), dice)
        row.insert(dice.randrange(len(row) + 1), other)
    again = dice.randrange(len(row))
    return [*row[:again], *[one] * dice.choice((0, 0, 2, 4)), *row[again:]]


def _played(payloads: Iterable[bytes]) -> list[object]:
    """All that comes of these payloads."""
    turn = Turn(Origin(), _NAMES)
    told: list[object] = []
    for payload in payloads:
        told += [*turn.feed(b"data: %b\n\n" % payload), turn.finished]
        if turn.done:
            break
    told += turn.close()
    try:
        told.append(turn.end(turn.tally.usage))
    except APIError as error:
        told += [type(error), error.usage]  # its words may quote the chunk
    return told


def _looked_at(chunk: dict[str, Json]) -> dict[str, Json]:
    """The same chunk as no flow takes it: an error that is empty says nothing."""
    return {**chunk, "error": chunk.get("error") or {}} if "choices" in chunk else chunk


def main() -> None:
    """Play rows of changed chunks, each both ways."""
    first, count = map(int, sys.argv[1:3])
    files = [file for folder in sys.argv[3:] for file in Path(folder).rglob("*") if file.is_file()]
    bodies = [*(case.body for case in cases()), *(file.read_bytes() for file in files)]
    streams = [chunks for body in bodies if (chunks := [*_chunks(body)])]
    for seed in range(first, first + count):
        dice = random.Random(seed)
        row = _row(dice.choice(streams), dice)
        flowed = _played(json.dumps(chunk).encode() for chunk in row)
        looked = _played(json.dumps(_looked_at(chunk)).encode() for chunk in row)
        if flowed != looked:
            raise AssertionError(f"{seed}: {row}\n{flowed}\n{looked}")
    sys.stdout.write(f"{count} rows of chunks, no difference\n")


if __name__ == "__main__":
    main()
