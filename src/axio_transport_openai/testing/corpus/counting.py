"""Token counts, and where services put them."""

from __future__ import annotations

from typing import Final

from axio.types import Usage

from axio_transport_openai.testing.body import DONE, chunk, event, finish, text, usage

from .case import Case, Outcome

__all__ = ["CASES"]

_SAID: Final = text("Hello") + finish()


def _counted(*usages: object, **keys: object) -> bytes:
    """An answer that ends in chunks with these ``usage`` objects."""
    counts = (event({**chunk(), **keys, "choices": [], "usage": counted}) for counted in usages)
    return _SAID + b"".join(counts) + DONE


def _case(name: str, shows: int, body: bytes, expected: Usage) -> Case:
    return Case(name, shows, body, Outcome("Hello", usage=expected))


def _usage(prompt: int, completion: int, total: int, **more: object) -> dict[str, object]:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": total,
        **more,
    }


_READ: Final = Usage.reported(10, 5, cache_read_tokens=4)

CASES: Final = (
    _case("counts at the end", 69, _counted(_usage(10, 5, 15)), Usage(10, 5)),
    Case(
        "counts in each chunk, growing",
        69,
        b"".join(
            event(chunk({"content": part}, usage=_usage(10, count, 10 + count)))
            for count, part in enumerate(("Hel", "lo"), 1)
        )
        + event(chunk(finish="stop", usage=_usage(10, 5, 15)))
        + DONE,
        Outcome("Hello", usage=Usage(10, 5)),
    ),
    _case(
        "counts in each chunk and at the end",
        69,
        event(chunk({"content": "Hello"}, usage=_usage(10, 1, 11))) + finish() + usage() + DONE,
        Usage(10, 5),
    ),
    _case(
        "OpenAI's slices",
        69,
        _counted(
            _usage(
                10,
                5,
                15,
                prompt_tokens_details={"cached_tokens": 4, "audio_tokens": 0},
                completion_tokens_details={"reasoning_tokens": 3},
            )
        ),
        Usage.reported(10, 5, cache_read_tokens=4, reasoning_tokens=3),
    ),
    _case(
        "slices that are null",
        69,
        _counted(_usage(10, 5, 15, prompt_tokens_details=None, completion_tokens_details=None)),
        Usage(10, 5),
    ),
    _case(
        "counts inside the choice",
        70,
        text("Hello")
        + event(
            {
                **chunk(),
                "choices": [
                    {
                        "index": 0,
                        "delta": {},
                        "finish_reason": "stop",
                        "usage": _usage(10, 5, 15, cached_tokens=4),
                    }
                ],
            }
        )
        + DONE,
        _READ,
    ),
    _case(
        "cached tokens beside the counts", 70, _counted(_usage(10, 5, 15, cached_tokens=4)), _READ
    ),
    _case(
        "counts under x_groq",
        71,
        text("Hello") + event(chunk(finish="stop", x_groq={"usage": _usage(10, 5, 15)})) + DONE,
        Usage(10, 5),
    ),
    _case(
        "x_groq without counts",
        71,
        event(chunk({"role": "assistant"}, x_groq={"id": "req_1"})) + _SAID + usage() + DONE,
        Usage(10, 5),
    ),
    Case(
        "an error under x_groq",
        71,
        text("Hel") + event(chunk(x_groq={"error": "Failed to call a function."})) + DONE,
        Outcome("Hel", stop="", error="ProviderError", words="Failed to call a function."),
    ),
    _case(
        "cache hits and misses",
        72,
        _counted(_usage(10, 5, 15, prompt_cache_hit_tokens=4, prompt_cache_miss_tokens=6)),
        _READ,
    ),
    _case("num_cached_tokens", 73, _counted(_usage(10, 5, 15, num_cached_tokens=4)), _READ),
    _case(
        "prompt_token_details",
        73,
        _counted(_usage(10, 5, 15, prompt_token_details={"cached_tokens": 4})),
        _READ,
    ),
    _case(
        "tokens written to the cache",
        73,
        _counted(
            _usage(
                10,
                5,
                15,
                prompt_tokens_details={"cached_tokens": 4, "cache_creation_input_tokens": 3},
            )
        ),
        Usage.reported(10, 5, cache_read_tokens=4, cache_write_tokens=3),
    ),
    _case(
        "reasoning outside the completion",
        74,
        _counted(_usage(10, 5, 22, completion_tokens_details={"reasoning_tokens": 7})),
        Usage.reported(10, 12, reasoning_tokens=7),
    ),
    _case(
        "reasoning inside the completion",
        74,
        _counted(_usage(10, 9, 19, completion_tokens_details={"reasoning_tokens": 7})),
        Usage.reported(10, 9, reasoning_tokens=7),
    ),
    _case(
        "more cached than the prompt has, beside it",
        74,
        _counted(_usage(10, 5, 27, prompt_tokens_details={"cached_tokens": 12})),
        Usage.reported(22, 5, cache_read_tokens=12),
    ),
    _case(
        "more cached than the prompt has",
        74,
        _counted(_usage(10, 5, 15, prompt_tokens_details={"cached_tokens": 12})),
        Usage.reported(10, 5, cache_read_tokens=10),
    ),
    _case(
        "more reasoning than completion",
        75,
        _counted(_usage(10, 5, 15, completion_tokens_details={"reasoning_tokens": 9})),
        Usage.reported(10, 5, reasoning_tokens=5),
    ),
    _case(
        "timings for counts",
        76,
        text("Hello")
        + event(chunk(finish="stop", timings={"prompt_n": 6, "predicted_n": 5, "cache_n": 4}))
        + DONE,
        _READ,
    ),
    _case(
        "timings in each chunk, growing",
        76,
        b"".join(
            event(chunk({"content": part}, timings={"prompt_n": 6, "predicted_n": n, "cache_n": 4}))
            for n, part in ((1, "Hel"), (5, "lo"))
        )
        + event(chunk(finish="stop"))
        + DONE,
        _READ,
    ),
    _case(
        "timings in each chunk, and counts",
        76,
        event(chunk({"content": "Hello"}, timings={"prompt_n": 6, "predicted_n": 1}))
        + event({**chunk(finish="stop"), "usage": _usage(10, 5, 15)})
        + event(chunk(timings={"prompt_n": 6, "predicted_n": 5}))
        + DONE,
        Usage(10, 5),
    ),
    _case(
        "timings beside counts",
        76,
        _counted(_usage(10, 5, 15), timings={"prompt_n": 6, "predicted_n": 5}),
        Usage(10, 5),
    ),
    _case(
        "counts and their cost",
        77,
        _counted(_usage(10, 5, 15, cost=0.01, cost_details={"upstream_inference_cost": None})),
        Usage(10, 5),
    ),
    _case(
        "counts and their cost in ticks",
        77,
        _counted(_usage(10, 5, 15, cost_in_usd_ticks=123456)),
        Usage(10, 5),
    ),
    _case(
        "null in each chunk",
        78,
        event(chunk({"content": "Hello"}, usage=None))
        + event(chunk(finish="stop", usage=None))
        + usage()
        + DONE,
        Usage(10, 5),
    ),
    _case("null and nothing else", 78, _counted(None), Usage(0, 0)),
    _case(
        "zeros before the counts", 78, _counted(_usage(0, 0, 0), _usage(10, 5, 15)), Usage(10, 5)
    ),
    _case("zeros after the counts", 78, _counted(_usage(10, 5, 15), _usage(0, 0, 0)), Usage(10, 5)),
    _case(
        "counts in strings and with fractions",
        78,
        _counted({"prompt_tokens": "10", "completion_tokens": 5.0, "total_tokens": "15"}),
        Usage(10, 5),
    ),
    _case("counts that are negative", 78, _counted(_usage(-1, 5, 4)), Usage(0, 5)),
    _case("counts that are a list", 78, _counted([1, 2], _usage(10, 5, 15)), Usage(10, 5)),
    Case(
        "counts before a break",
        78,
        text("Hel") + event({**chunk(), "choices": [], "usage": _usage(10, 1, 11)}),
        Outcome("Hel", stop="", usage=Usage(10, 1), error="Interrupted"),
    ),
)
