"""Finish reasons: why an answer ended, in services' words and in axio's."""

from __future__ import annotations

from typing import Final

from axio.types import StopReason, stop_reason_from

__all__ = ["calls", "explained", "failed", "reason", "refused", "sure", "word"]

#: Services' finish reasons, in lower case. Their own words stay on ``IterationEnd.raw``.
_STOP: Final[dict[str, StopReason]] = {
    "stop": StopReason.end_turn,
    "eos": StopReason.end_turn,
    "end": StopReason.end_turn,
    "end_turn": StopReason.end_turn,
    "normal": StopReason.end_turn,
    "stop_sequence": StopReason.end_turn,
    "complete": StopReason.end_turn,
    "completed": StopReason.end_turn,
    "tool_calls": StopReason.tool_use,
    "tool_call": StopReason.tool_use,
    "tool_use": StopReason.tool_use,
    "function_call": StopReason.tool_use,
    "length": StopReason.max_tokens,
    "max_tokens": StopReason.max_tokens,
    "max_output_tokens": StopReason.max_tokens,
    "model_length": StopReason.max_tokens,
    "content_filter": StopReason.refusal,
    "content_filtered": StopReason.refusal,
    "guardrail_intervened": StopReason.refusal,
    "sensitive": StopReason.refusal,
    "safety": StopReason.refusal,
    "recitation": StopReason.refusal,
    "blocklist": StopReason.refusal,
    "prohibited_content": StopReason.refusal,
    "spii": StopReason.refusal,
    "refusal": StopReason.refusal,
    "model_context_window_exceeded": StopReason.context_window_exceeded,
    "abort": StopReason.cancelled,
    "cancelled": StopReason.cancelled,
}

#: The ends of an answer that was finished.
_ORDINARY: Final = frozenset({StopReason.end_turn, StopReason.tool_use})

#: What text-generation-inference says, also of answers that call tools. It leaves open whether an
#: answer in words was finished, so it is not in the table.
_OF_CALLS: Final = "eos_token"
#: Finish reasons that are failures: the answer ended, and not because it was finished.
_FAILURES: Final = frozenset(
    {
        "error",
        "network_error",
        "insufficient_system_resource",
        "malformed_function_call",
        "function_call_filter",
    }
)
#: What stands where there is no finish reason: KoboldCpp sends one of these in every chunk.
_NONE: Final = frozenset({"", "null", "none"})


def word(*found: str | None, ended: bool = False) -> str:
    """The first of these that is a finish reason; empty where none is.

    Once the answer has ``ended``, only a refusal still counts: Azure's asynchronous filter may take
    back what came before.
    """
    for one in found:
        if one and one.lower() not in _NONE and (refused(one) or not ended):
            return one
    return ""


def explained(word: str, native: object) -> str:
    """The finish reason; of a failure, with what the service behind a gateway adds to it."""
    if not isinstance(native, str) or not failed(word):
        return word
    cause = _key(native)
    # The service behind the gateway may have ended as it should: that is no cause.
    more = cause not in {_key(word), *_NONE} and _STOP.get(cause) not in _ORDINARY
    return f"{word}: {native}" if more else word


def sure(word: str) -> bool:
    """Whether this finish reason is believed before anything but thoughts was said.

    Services send the ordinary ones too early: beside the role, on every chunk of reasoning.
    """
    return failed(word) or _STOP.get(_key(word), StopReason.end_turn) not in _ORDINARY


def failed(word: str) -> bool:
    """Whether this finish reason is a failure."""
    return _key(word) in _FAILURES


def refused(word: str) -> bool:
    """Whether this finish reason is a refusal: of the service, not of the model in its words."""
    return _STOP.get(_key(word)) is StopReason.refusal


def calls(word: str) -> bool:
    """Whether the answer calls tools, going by its finish reason."""
    return _STOP.get(_key(word)) is StopReason.tool_use


def reason(word: str, *, calls: bool, refused: bool) -> StopReason:
    """Why the answer ended; ``calls`` and ``refused`` tell what it holds.

    Services say ``stop`` of an answer that calls tools, or ``tool_calls`` of one that calls none,
    so what the answer holds decides between those two.
    """
    why = stop_reason_from(_key(word) or "stop", _STOP, provider="OpenAI-compatible")
    if calls and (why in _ORDINARY or _key(word) == _OF_CALLS):
        return StopReason.tool_use
    if why not in _ORDINARY:
        return why
    return StopReason.refusal if refused else StopReason.end_turn


def _key(word: str) -> str:
    """The finish reason as the tables have it.

    Gemini's are in capitals, or go on after a colon; Vercel's gateway writes ``content-filter``.
    """
    return word.partition(":")[0].strip().lower().replace("-", "_")
