"""Reasoning in the forms services send it: what to show of it, and what to send back.

A delta has a field for it: DeepSeek's ``reasoning_content``, OpenRouter's and Groq's ``reasoning``,
GitHub Copilot's ``reasoning_text``. Some services send the same thought in two of them, so one is
read: the first that is not empty. OpenRouter sends ``reasoning_details`` beside or instead, LiteLLM
``thinking_blocks``; Mistral sends thinking parts inside the content, Databricks reasoning parts;
Google marks content as a thought under ``extra_content``.

A service that wants its reasoning back with the next request wants it as it sent it. So where a
text came from, its *form*, is kept as the id of the reasoning block; what is structured is kept
whole, as an item of the turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .lenient import is_object, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .chunk import Delta

__all__ = [
    "BLOCKS",
    "DETAILS",
    "MARK",
    "TAGS",
    "THINKING",
    "UNKNOWN",
    "content_parts",
    "detail_text",
    "marked",
    "thought",
]

#: The forms that are no field of a delta: tags in the content, and Mistral's content parts.
TAGS: Final = "<think>"
THINKING: Final = "thinking"
#: The form of what no service is known to take back.
UNKNOWN: Final = ""
DETAILS: Final = "reasoning_details"
#: Claude's thoughts by way of LiteLLM, each ended by its signature.
BLOCKS: Final = "thinking_blocks"

#: The key by which Google marks content as a thought, within an object named for the service.
MARK: Final = "thought"


def thought(delta: Delta) -> tuple[str, str]:
    """The reasoning that this delta adds, and the form it came in."""
    details = delta.reasoning_details
    if said := delta.reasoning_content:
        return said, "reasoning_content"
    if said := delta.reasoning:
        return said, DETAILS if details else "reasoning"
    if said := delta.reasoning_text:
        return said, "reasoning_text"
    if said := delta.thinking:
        return said, UNKNOWN
    return "".join(detail_text(detail) for detail in details or ()), DETAILS


def marked(extra: object) -> bool:
    """Whether this ``extra_content`` marks the content beside it as a thought."""
    said = extra.values() if is_object(extra) else ()
    return any(is_object(one) and one.get(MARK) is True for one in said)


def content_parts(content: list[object]) -> Iterator[tuple[str, object]]:
    """The parts of a content that is a list, as (kind, text or the part itself).

    The kind is ``"text"``, the form of a thought or the part's own type.
    """
    for part in content:
        if isinstance(part, str):
            yield "text", part
        elif is_object(part):
            kind = part.get("type")
            if kind == "thinking":
                yield THINKING, words(part.get("thinking")) or ""
            elif kind == "reasoning":
                yield UNKNOWN, words(part) or ""
            elif kind == "text" or isinstance(part.get("text"), str):
                yield "text", words(part.get("text")) or ""
            else:
                yield str(kind), part


def detail_text(detail: object) -> str:
    """What a detail shows of a thought; empty where it is sealed."""
    if not is_object(detail):
        return ""
    text = detail.get("text") or detail.get("summary")
    return text if isinstance(text, str) else ""
