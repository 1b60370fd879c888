"""Why an answer ended, in services' words and in axio's."""

from __future__ import annotations

from typing import Final

from axio.types import StopReason, stop_reason_from

__all__ = ["FAILURES", "REFUSALS", "reason"]

#: What services say of why they stopped. Their own words stay on ``IterationEnd.raw``.
_STOP: Final[dict[str, StopReason]] = {
    "stop": StopReason.end_turn,
    "eos": StopReason.end_turn,
    "end_turn": StopReason.end_turn,
    "stop_sequence": StopReason.end_turn,
    "tool_calls": StopReason.tool_use,
    "tool_use": StopReason.tool_use,
    "function_call": StopReason.tool_use,
    "length": StopReason.max_tokens,
    "max_tokens": StopReason.max_tokens,
    "model_length": StopReason.max_tokens,
    "content_filter": StopReason.refusal,
    "sensitive": StopReason.refusal,
    "safety": StopReason.refusal,
    "refusal": StopReason.refusal,
    "model_context_window_exceeded": StopReason.context_window_exceeded,
    "abort": StopReason.cancelled,
    "cancelled": StopReason.cancelled,
}

#: Words for a refusal by the service: nothing of it is the model's own.
REFUSALS: Final = frozenset(word for word, why in _STOP.items() if why is StopReason.refusal)
#: Words for a failure: the answer ended, and not because it was finished.
FAILURES: Final = frozenset({"error", "network_error", "insufficient_system_resource"})


def reason(word: str, *, calls: bool, refused: bool) -> StopReason:
    """Why the answer ended; ``calls`` and ``refused`` tell what it holds.

    Services say ``stop`` of an answer that calls tools, or ``tool_calls`` of one that calls none,
    so what the answer holds decides between those two.
    """
    why = stop_reason_from(word or "stop", _STOP, provider="OpenAI-compatible")
    if why not in {StopReason.end_turn, StopReason.tool_use}:
        return why
    if calls:
        return StopReason.tool_use
    return StopReason.refusal if refused else StopReason.end_turn
