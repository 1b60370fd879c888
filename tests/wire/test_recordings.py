"""Recorded exchanges with servers that people run themselves: each ends as its server meant.

What a body means is read here a second way, with nothing but the JSON in its lines.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from http import HTTPStatus
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from axio.types import StopReason
from tests.played import play
from tests.strategies import bytewise
from tests.traces import recordings

from axio_transport_openai import errors
from axio_transport_openai.origin import Origin
from axio_transport_openai.refusal import read_body
from axio_transport_openai.verdict import refused

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

_CHAT: Final = "/v1/chat/completions"
#: A body below this is cut into single bytes too.
_SHORT: Final = 8000
_ORIGIN: Final = Origin("S", "https://h/v1")


@dataclass(frozen=True)
class Recording:
    """One exchange over the chat completions of a server."""

    status: int
    content_type: str
    body: bytes
    #: The pieces in which HTTP carried it, where that was recorded.
    pieces: list[bytes]


def _recording(headers: Path) -> Recording | None:
    """The recording whose headers these are, if it is of a chat and had a response."""
    name = headers.name.removesuffix(".headers.txt")
    request, raw, wire = (
        headers.with_name(f"{name}.{end}")
        for end in ("request.json", "response.raw", "response.wire")
    )
    text = headers.read_text("latin-1")
    status = re.match(r"HTTP/1.[01] (\d+)", text)
    kind = re.search(r"(?im)^content-type: *([^;\s]*)", text)
    path = json.loads(request.read_text())["path"] if request.exists() else _CHAT
    if status is None or path != _CHAT:
        return None
    pieces = _pieces(wire.read_bytes()) if wire.exists() else []
    body = raw.read_bytes() if raw.exists() else b"".join(pieces)
    return Recording(int(status[1]), kind[1] if kind else "", body, pieces)


def _chats(*, answered: bool, named: str = "*") -> list[ParameterSet]:
    """The recordings of chats that were, or were not, answered; one that is skipped for none."""
    found = []
    for parameter in recordings(f"*/{named}.headers.txt"):
        path = parameter.values[0]
        if not isinstance(path, Path):
            return [parameter]
        recording = _recording(path)
        if recording and (recording.status == HTTPStatus.OK) is answered:
            found.append(pytest.param(recording, id=parameter.id))
    return found


def _pieces(wire: bytes) -> list[bytes]:
    """The chunks of a body in HTTP's chunked coding, as far as they came."""
    pieces: list[bytes] = []
    while wire:
        size, _, rest = wire.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            break
        pieces.append(rest[:length])
        wire = rest[length + 2 :]
    return pieces


def _meant(recording: Recording) -> dict[str, Any]:
    """What the JSON of a body says: its text, its calls, its end, what it cost."""
    if recording.content_type == "application/json":
        found = [json.loads(recording.body)]
    else:
        lines = recording.body.decode().splitlines()
        data = [line.removeprefix("data:") for line in lines if line.startswith("data:")]
        found = [json.loads(payload) for payload in data if payload.strip() != "[DONE]"]
        failed = [line.removeprefix("error:") for line in lines if line.startswith("error:")]
        found += [{"error": json.loads(payload)} for payload in failed]
    meant: dict[str, Any] = {"text": "", "thoughts": "", "calls": {}, "finish": ""}
    meant |= {"usage": None, "error": ""}
    for failure in (chunk["error"] for chunk in found if chunk.get("error")):
        meant["error"] = failure["message"] if isinstance(failure, dict) else failure
    for chunk in found:
        for choice in chunk.get("choices") or ():
            if not choice.get("index"):
                _take(choice, meant)
        usage, timings = chunk.get("usage"), chunk.get("timings")
        if usage:
            meant["usage"] = (usage["prompt_tokens"], usage["completion_tokens"])
        elif timings and not meant["usage"]:
            prompt = timings["prompt_n"] + timings.get("cache_n", 0)
            meant["usage"] = (prompt, timings["predicted_n"])
    return meant


def _take(choice: dict[str, Any], meant: dict[str, Any]) -> None:
    delta = choice.get("delta") or choice.get("message") or {}
    meant["text"] += delta.get("content") or ""
    meant["thoughts"] += delta.get("reasoning_content") or delta.get("reasoning") or ""
    for at, call in enumerate(delta.get("tool_calls") or ()):
        name, arguments = meant["calls"].setdefault(call.get("index", at), ("", ""))
        function = call.get("function") or {}
        meant["calls"][call.get("index", at)] = (
            name or function.get("name") or "",
            arguments + (function.get("arguments") or ""),
        )
    meant["finish"] = meant["finish"] or choice.get("finish_reason") or ""


@pytest.mark.parametrize("recording", _chats(answered=True))
def test_an_answer_says_what_its_chunks_hold(recording: Recording) -> None:
    meant, played = _meant(recording), play([recording.body], _ORIGIN, several=True)
    usage = played.usage

    assert played.text == meant["text"]
    assert played.thoughts == meant["thoughts"]
    assert [call[1:] for call in played.calls] == list(meant["calls"].values())
    assert (usage and (usage.input_tokens, usage.output_tokens)) == meant["usage"]


@pytest.mark.parametrize("recording", _chats(answered=True))
def test_an_answer_ends_as_its_server_meant(recording: Recording) -> None:
    meant, played = _meant(recording), play([recording.body], _ORIGIN, several=True)

    if meant["error"]:
        assert type(played.error) is errors.ProviderError
        assert meant["error"] in played.error.said
    elif meant["finish"]:
        assert played.end
        assert (played.end.raw or played.end.stop_reason.value) == meant["finish"]
        assert (played.end.stop_reason is StopReason.tool_use) is bool(meant["calls"])
    else:
        # llama-cpp-python closes the body it has begun when it fails before the first chunk.
        expected = errors.Interrupted if recording.body else errors.ProtocolError
        assert type(played.error) is expected


@pytest.mark.parametrize("recording", _chats(answered=True, named="midkill"))
def test_a_server_that_was_killed_amid_its_answer_is_worth_asking_again(
    recording: Recording,
) -> None:
    played = play([recording.body], _ORIGIN, several=True)

    assert played.events
    assert played.error
    assert played.error.retryable


@pytest.mark.parametrize("recording", _chats(answered=True))
def test_where_an_answer_is_cut_does_not_matter(recording: Recording) -> None:
    body = recording.body
    expected = play([body], _ORIGIN).said
    dice = random.Random(body)
    places = sorted(dice.sample(range(len(body)), min(len(body), 300)))
    drawn = [body[start:end] for start, end in pairwise((0, *places, len(body)))]
    single = bytewise(body) if len(body) < _SHORT else drawn

    assert b"".join(recording.pieces) in {b"", body}
    for pieces in (recording.pieces or [body], single, drawn):
        assert play(pieces, _ORIGIN).said == expected


#: The error for each status, where the words say nothing else.
_KINDS: Final = {
    400: errors.BadRequest,
    401: errors.AuthenticationFailed,
    404: errors.NotFound,
    405: errors.BadRequest,
    422: errors.BadRequest,
    500: errors.ServerFailed,
    501: errors.ServerFailed,
}


@pytest.mark.parametrize("recording", _chats(answered=False))
def test_a_refusal_is_the_error_that_its_server_meant(recording: Recording) -> None:
    error = refused(recording.status, read_body(recording.body), _ORIGIN)
    too_long = b"context" in recording.body and b"tokens" in recording.body
    expected = errors.ContextOverflow if too_long else _KINDS[recording.status]
    if b"Invalid model name" in recording.body:  # LiteLLM, with 400
        expected = errors.NotFound
    elif b"no_db_connection" in recording.body:  # LiteLLM too, of a key
        expected = errors.AuthenticationFailed

    assert type(error) is expected
    assert error.said
    assert error.said in str(error)
