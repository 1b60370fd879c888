"""Any service's token counts as axio's, and what the tokens cost.

axio's rule: the counts of input and output tokens are inclusive. Tokens read from a cache or
written to it are slices of the input, reasoning tokens a slice of the output. Services count some
of these beside the two instead; where their ``total_tokens`` settles what is inside what, it does.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final

from axio.types import Usage

from .lenient import LARGEST, is_object, number

if TYPE_CHECKING:
    from axio.models import ModelSpec

__all__ = ["PricedUsage", "priced", "read_timings", "read_usage"]

#: xAI counts money in ticks: https://docs.x.ai/docs/guides/usage, 10 billion to the dollar.
_TICKS: Final = 10_000_000_000

_INPUT: Final = ("prompt_tokens", "input_tokens")
_OUTPUT: Final = ("completion_tokens", "output_tokens")
_INPUT_DETAILS: Final = ("prompt_tokens_details", "prompt_token_details", "input_tokens_details")
_OUTPUT_DETAILS: Final = ("completion_tokens_details", "output_tokens_details")
#: What services call tokens read from a cache, in the order in which they are believed; DeepSeek's,
#: Mistral's, Moonshot's and Anthropic's gateways' names are among them.
_READ: Final = (
    "cached_tokens",
    "num_cached_tokens",
    "prompt_cache_hit_tokens",
    "cache_read_input_tokens",
)
_WRITTEN: Final = ("cache_write_tokens", "cache_creation_input_tokens", "cache_creation_tokens")
_REASONING: Final = ("reasoning_tokens",)
#: What Snowflake calls the tokens that a filter has read beside the model, and counts in the total.
_GUARD: Final = ("guardrails_tokens",)
_MEDIA: Final = ("audio_tokens", "image_tokens", "video_tokens")


@dataclass(frozen=True, slots=True, eq=False)
class PricedUsage(Usage):
    """A usage whose cost is known; sums keep the cost of what was priced.

    It equals a plain :class:`~axio.types.Usage` of the same counts.
    """

    #: What the request cost, in dollars.
    cost: float = field(default=0.0, kw_only=True)

    def __add__(self, other: Usage) -> PricedUsage:
        """Both usages' counts and costs."""
        more = other.cost if isinstance(other, PricedUsage) else 0.0
        return _with_cost(Usage.__add__(self, other), self.cost + more)

    #: ``sum()`` and axio's agent begin with a plain usage on the left.
    __radd__ = __add__

    def __eq__(self, other: object) -> bool:
        """Whether the counts are the same; a cost is an estimate beside them."""
        return isinstance(other, Usage) and _counts(self) == _counts(other)

    def __hash__(self) -> int:
        """The counts' hash, a plain usage's too."""
        return hash(tuple(_counts(self).values()))


def priced(usage: Usage, reported: object, model: ModelSpec) -> Usage:
    """The usage with its cost: as the service reported it, else by the model's prices.

    Without either it is given back as it is. Prices are dollars per million tokens.
    """
    cost = _reported_cost(reported) if is_object(reported) else None
    if cost is None and (model.input_cost or model.output_cost):
        spent = usage.input_tokens * model.input_cost + usage.output_tokens * model.output_cost
        cost = spent / 1_000_000
    return usage if cost is None else _with_cost(usage, cost)


def read_usage(reported: object) -> Usage | None:
    """The counts of a ``usage`` object, or None where it has none."""
    if not is_object(reported):
        return None
    total = max(0, _count(reported.get("total_tokens")) - _slice([reported], _GUARD))
    if (both := _both(reported, total)) is None:
        return None
    input, output = both
    of_input = _places(reported, _INPUT_DETAILS)
    read, written = _slice(of_input, _READ), _slice(of_input, _WRITTEN)
    reasoning = _slice(_places(reported, _OUTPUT_DETAILS), _REASONING)
    # Slices that are counted beside the two are added, so that the two are inclusive. With a total,
    # they are the slices that make up the rest of it; without, those too large to be inside.
    cached = (read + written, read, written)
    if total:
        left = total - input - output
        input += next((found for found in cached if left in {found, found + reasoning}), 0)
    elif read + written > input:
        input += read + written
    left = total - input - output
    # Perplexity counts the thoughts of its research beside all else, the total too.
    beside = not total or reasoning == _count(reported.get("reasoning_tokens"))
    if left == reasoning or (beside and reasoning > output):
        output += reasoning
    elif left > 0 and not reasoning:  # nothing says what these are
        if _is_prompt(reported, input, left):
            input += left
        else:  # Gemini counts thoughts in the total only
            output += left
            reasoning = 0 if _is_media(reported, _OUTPUT_DETAILS, left) else left
    read = min(read, input)
    return Usage.reported(
        input,
        output,
        cache_read_tokens=read,
        cache_write_tokens=min(written, input - read),
        reasoning_tokens=min(reasoning, output),
    )


def _both(reported: dict[str, object], total: int) -> tuple[int, int] | None:
    """The tokens of the prompt and of the answer; one that is missing is the rest of the total."""
    input = _first(reported, _INPUT)
    output = _first(reported, _OUTPUT)
    if input is None and output is None:
        return None
    rest = max(0, total - (input or 0) - (output or 0))
    return rest if input is None else input, rest if output is None else output


def _is_prompt(reported: dict[str, object], input: int, left: int) -> bool:
    """Whether the tokens that only the total counts are the prompt's; no prompt is empty."""
    return (
        not input
        or _count(reported.get("prompt_audio_seconds")) > 0  # Mistral counts sound in seconds
        or _is_media(reported, _INPUT_DETAILS, left)
    )


def _is_media(reported: dict[str, object], details: tuple[str, ...], left: int) -> bool:
    """Whether the tokens that only the total counts are those of sound and pictures."""
    places = _places(reported, details)
    return left in {
        sum(_slice(places, (name,)) for name in names) for names in (_MEDIA, *zip(_MEDIA))
    }


def read_timings(timings: object) -> Usage | None:
    """The counts of llama.cpp's ``timings``, which it sends where no usage was asked for."""
    if not is_object(timings) or "predicted_n" not in timings:
        return None
    cached = _count(timings.get("cache_n"))
    fresh = _count(timings.get("prompt_n"))
    return Usage.reported(
        cached + fresh, _count(timings.get("predicted_n")), cache_read_tokens=cached
    )


def _with_cost(usage: Usage, cost: float) -> PricedUsage:
    return PricedUsage(**_counts(usage), cost=cost)


def _counts(usage: Usage) -> dict[str, int]:
    """All that axio counts, by its name."""
    return {count.name: getattr(usage, count.name) for count in fields(Usage)}


def _reported_cost(reported: dict[str, object]) -> float | None:
    """Dollars, from OpenRouter's and Perplexity's ``cost``, DeepInfra's estimate, xAI's ticks."""
    cost = reported.get("cost")
    if cost is None:
        cost = reported.get("estimated_cost")
    if is_object(cost):
        cost = cost.get("total_cost")
    if (dollars := _number(cost)) is not None:
        return dollars + _upstream_cost(reported)
    ticks = _number(reported.get("cost_in_usd_ticks"))
    return ticks / _TICKS if ticks is not None else None


def _upstream_cost(reported: dict[str, object]) -> float:
    """What the provider behind OpenRouter takes from the user's own account there, if it does.

    Other requests have this figure too, but there it is a part of the ``cost``.
    """
    details = reported.get("cost_details")
    if reported.get("is_byok") is not True or not is_object(details):
        return 0
    return _number(details.get("upstream_inference_cost")) or 0


def _first(reported: dict[str, object], names: tuple[str, ...]) -> int | None:
    """The first count of these that is not zero, else a zero, else None."""
    found = [_count(reported[name]) for name in names if reported.get(name) is not None]
    return next(filter(None, found), found[0] if found else None)


def _places(reported: dict[str, object], details: tuple[str, ...]) -> list[dict[str, object]]:
    """Where a slice may stand: in the details, and beside them."""
    places = [place for name in details if is_object(place := reported.get(name))]
    places.append(reported)
    return places


def _slice(places: list[dict[str, object]], names: tuple[str, ...]) -> int:
    """The first positive count under one of these names."""
    for place in places:
        for name in names:
            if name in place and (count := _count(place[name])):
                return count
    return 0


def _count(found: object) -> int:
    if type(found) is not int:
        found = int(_number(found) or 0)
    return found if 0 <= found <= LARGEST else min(max(0, found), LARGEST)


def _number(found: object) -> float | None:
    """A finite number that is not negative."""
    read = number(found)
    return read if read is not None and read >= 0 else None
