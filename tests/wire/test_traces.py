"""Recorded exchanges of hosted services: what their bodies hold is what comes out."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from axio.events import Citation
from tests.played import Played, play
from tests.traces import Trace, traces

from axio_transport_openai import errors
from axio_transport_openai.origin import Origin
from axio_transport_openai.refusal import read_body
from axio_transport_openai.verdict import refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ORIGIN: Final = Origin("S", "https://h/v1")

#: Where the manifest's expectation is not ours, and why; by a part of the file's name.
_JUDGED: Final[dict[str, dict[str, Any]]] = {
    # Its usage says num_cached_tokens: 64, which the manifest did not read; more than the prompt
    # cannot come from the cache, so it is the whole prompt.
    "mistral-stream-reasoning-model-1-1-0-131d10b7": {"cached": 10},
    # A role, an empty content and [DONE], without a finish reason: nothing was answered, and a turn
    # that ends quietly with nothing would be taken for an answer.
    "minimax_minimax_m1-object_streaming-0-10f3311c": {
        "error": {"message": "before the answer was finished"}
    },
}


def _expected(trace: Trace) -> dict[str, Any]:
    """What the manifest expects, with the few things in it that we judge otherwise."""
    expected = dict(trace.expected)
    split = expected.get("think_split") or {}
    usage = expected["usage"]
    (judged,) = [found for part, found in _JUDGED.items() if part in trace.entry["file"]] or [{}]
    return {
        "text": split.get("content", expected["content"]),
        # Shown where a service sends no text of it beside the details.
        "thoughts": split.get("reasoning", expected["reasoning"])
        or expected.get("reasoning_details_text", ""),
        "calls": expected["tool_calls"],
        "finish": expected["finish_reason"] or "",
        "error": judged.get("error", expected["error"]),
        "usage": usage and _counts(usage, judged.get("cached", usage["cached"])),
    }


def _counts(usage: dict[str, Any], cached: int | None) -> tuple[int, int, int, int]:
    """Prompt, completion, and of them what was cached and what was reasoning."""
    prompt, completion = usage["prompt"], usage.get("completion_inclusive", usage["completion"])
    return (
        prompt,
        completion,
        min(cached or 0, prompt),
        min(usage["reasoning"] or 0, completion),
    )


def _played(pieces: Iterable[bytes], *, wrapped: bool = False) -> Played:
    """What a turn makes of it; some requests were for more than one candidate."""
    return play(pieces, _ORIGIN, wrapped=wrapped, several=True)


def _counted(played: Played) -> tuple[int, int, int, int] | None:
    usage = played.usage
    if usage is None:
        return None
    return (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_tokens,
        usage.reasoning_tokens,
    )


def _cuts(trace: Trace) -> Iterator[list[bytes]]:
    """The pieces in which it came, where they were recorded, and some drawn by its name."""
    if trace.entry["cuts"]:
        yield _cut(trace.body, trace.entry["cuts"])
    dice = random.Random(trace.entry["file"])
    yield _cut(trace.body, [dice.randint(1, 48) for _ in trace.body])


def _cut(body: bytes, sizes: list[int]) -> list[bytes]:
    pieces: list[bytes] = []
    at = 0
    for size in sizes:
        pieces.append(body[at : at + size])
        at += size
    return [piece for piece in (*pieces, body[at:]) if piece]


@pytest.mark.parametrize("trace", traces("stream"))
def test_a_recorded_stream_says_what_its_chunks_hold(trace: Trace) -> None:
    expected, played = _expected(trace), _played([trace.body])

    assert played.text == expected["text"]
    assert played.thoughts == expected["thoughts"]
    assert [call[1:] for call in played.calls] == [tuple(call[1:]) for call in expected["calls"]]
    for (id, _, _), (sent, _, _) in zip(played.calls, expected["calls"], strict=True):
        assert id == sent or not sent  # an id that was not sent is made up
    assert _counted(played) == expected["usage"]


@pytest.mark.parametrize("trace", traces("stream"))
def test_a_recorded_stream_ends_as_it_ended(trace: Trace) -> None:
    expected, played = _expected(trace), _played([trace.body])

    if expected["error"] is None:
        assert played.end
        silent = "tool_use" if expected["calls"] else "end_turn"
        assert (played.end.raw or played.end.stop_reason.value) == (expected["finish"] or silent)
    else:
        assert played.error
        assert expected["error"]["message"] in str(played.error)


@pytest.mark.parametrize("trace", traces("stream"))
def test_a_recorded_stream_cites_what_it_is_drawn_from(trace: Trace) -> None:
    told = re.findall(rb'"citations": ?(\[[^]]*\])', trace.body)
    played = _played([trace.body])
    cited = [event.url for event in played.events if isinstance(event, Citation)]

    assert not told or cited == json.loads(told[-1])


@pytest.mark.parametrize("trace", traces("stream"))
def test_of_a_recorded_stream_no_piece_is_lost_where_thoughts_are_wrapped(trace: Trace) -> None:
    plain, split = (_played([trace.body], wrapped=wrapped) for wrapped in (False, True))
    thoughts = re.findall("<reasoning>(.*?)</reasoning>", plain.text, re.DOTALL)

    assert split.thoughts == ("".join(thoughts) or plain.thoughts)
    assert split.text == re.sub("<reasoning>.*?</reasoning>", "", plain.text, flags=re.DOTALL)


@pytest.mark.parametrize("trace", traces("stream"))
def test_where_a_recorded_stream_is_cut_does_not_matter(trace: Trace) -> None:
    expected = _played([trace.body]).said

    for pieces in _cuts(trace):
        assert b"".join(pieces) == trace.body
        assert _played(pieces).said == expected


#: The error for each status, where the words say nothing else.
_KINDS: Final = {
    400: errors.BadRequest,
    401: errors.AuthenticationFailed,
    404: errors.NotFound,
    429: errors.RateLimited,
    500: errors.ServerFailed,
}
#: Words by which a conversation is too long, whatever the status.
_TOO_LONG: Final = (
    "maximum context length is",
    "maximum prompt length is",
    "exceeds the available context size",
    "is too large to process",
    "total length of all messages is too long",
)
#: Words by which there is no such model, whatever the status.
_NO_MODEL: Final = (
    "is not a valid model ID",
    "Invalid model: ",
    "Model no-such/embedding-model does not exist",
    "The supported API model names are",
)
#: Words by which a filter took offence.
_OFFENCE: Final = ("The response was filtered",)
#: Words by which asking again may help; all else is the request's fault, or the key's.
_MAY_PASS: Final = ("temporarily rate-limited",)


@pytest.mark.parametrize("trace", traces("error"))
def test_a_recorded_refusal_says_what_its_body_holds(trace: Trace) -> None:
    expected, status = trace.expected, trace.entry["status"]
    refusal = read_body(trace.body)
    error = refused(status, refusal, _ORIGIN)
    words = expected["message"]

    assert refusal.said.startswith(words)
    assert refusal.code in {str(expected["code"] or expected["type"] or ""), str(expected["code"])}
    assert error.status == status
    assert error.said.startswith(_ORIGIN.clean(words))
    assert f"answered {status}" in str(error)


@pytest.mark.parametrize("trace", traces("error"))
def test_a_recorded_refusal_is_the_error_that_its_status_and_words_mean(trace: Trace) -> None:
    words, status = trace.expected["message"], trace.entry["status"]
    error = refused(status, read_body(trace.body), _ORIGIN)
    meant = (
        (errors.ContextOverflow, _TOO_LONG),
        (errors.NotFound, _NO_MODEL),
        (errors.ContentFiltered, _OFFENCE),
    )
    kinds = [kind for kind, said in meant if any(told in words for told in said)]

    assert type(error) is (kinds[0] if kinds else _KINDS.get(status, errors.BadRequest))
    assert error.retryable is any(told in error.said for told in _MAY_PASS)


@pytest.mark.parametrize("trace", traces("error"))
def test_a_recorded_refusal_within_a_200_would_say_the_same(trace: Trace) -> None:
    error = _played([trace.body]).error

    assert isinstance(error, errors.ProviderError)
    assert error.said.startswith(_ORIGIN.clean(trace.expected["message"]))
