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

from axio.events import ProviderOutput

from .lenient import is_object, objects, words
from .surrogate import whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .chunk import Delta

__all__ = [
    "BLOCKS",
    "DETAILS",
    "TAGS",
    "THINKING",
    "UNKNOWN",
    "Kept",
    "content_parts",
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

#: Fields that a service needs back as they are, the last that came: Copilot's, Google's.
_WHOLE: Final = ("reasoning_opaque", "extra_content")
#: The key by which Google marks content as a thought, within an object named for the service.
_MARK: Final = "thought"
#: The texts of a detail or a block, which come in pieces.
_TEXTS: Final = ("text", "summary", "data", "thinking")


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
    return "".join(_detail_text(detail) for detail in details or ()), DETAILS


def marked(extra: object) -> bool:
    """Whether this ``extra_content`` marks the content beside it as a thought."""
    said = extra.values() if is_object(extra) else ()
    return any(is_object(one) and one.get(_MARK) is True for one in said)


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


class Kept:
    """The structured reasoning of one answer, put together to be sent back unaltered."""

    def __init__(self) -> None:
        """Begin with none."""
        self._details: list[_Item] = []
        self._blocks: list[_Item] = []
        self._whole: dict[str, object] = {}

    def add(self, delta: Delta) -> None:
        """Take what this delta carries of it."""
        for detail in objects(delta.reasoning_details):
            self._add_detail(detail)
        for block in objects(delta.thinking_blocks):
            self._add_block(block)
        for name in _WHOLE:
            if (found := _unmarked(getattr(delta, name))) is not None:
                self._whole[name] = found

    def outputs(self, provider: str) -> list[ProviderOutput]:
        """One item for each field that has to be sent back."""
        found: dict[str, object] = {
            DETAILS: [item.whole() for item in self._details],
            BLOCKS: [item.whole() for item in self._blocks],
        }
        return [
            ProviderOutput(provider, name, {name: value}, 0)
            for name, value in (found | self._whole).items()
            if value
        ]

    def _add_block(self, block: dict[str, object]) -> None:
        """Join a piece of a thought to the last one, which its signature ends."""
        last = self._blocks[-1].found if self._blocks else {}
        kinds = (last.get("type"), block.get("type"))
        if kinds != ("thinking", "thinking") or last.get("signature"):
            self._blocks.append(_Item())
        self._blocks[-1].add(block)

    def _add_detail(self, detail: dict[str, object]) -> None:
        """Join a fragment to the last one, where it has the same place, type and id."""
        detail = {key: value for key, value in detail.items() if key != "signature" or value}
        last = self._details[-1].found if self._details else None
        if last is None or any(_differ(last, detail, key) for key in ("index", "type", "id")):
            self._details.append(_Item())
        self._details[-1].add(detail)


class _Item:
    """An object whose texts come in pieces, which are joined once."""

    __slots__ = ("_texts", "found")

    def __init__(self) -> None:
        #: What came of it; of a text, the first piece.
        self.found: dict[str, object] = {}
        self._texts: dict[str, list[str]] = {}

    def add(self, fragment: dict[str, object]) -> None:
        """Take a further fragment."""
        for key, value in fragment.items():
            if key in _TEXTS and isinstance(value, str):
                self._texts.setdefault(key, []).append(value)
                self.found.setdefault(key, value)
            elif value is not None or key not in self.found:
                self.found[key] = value

    def whole(self) -> dict[str, object]:
        """All of it."""
        return self.found | {key: whole("".join(texts)) for key, texts in self._texts.items()}


def _unmarked(extra: object) -> object:
    """What a service needs back of this ``extra_content``: all but the mark of a thought."""
    if not (is_object(extra) and marked(extra)):
        return extra
    left = {
        key: {name: value for name, value in one.items() if name != _MARK}
        if is_object(one)
        else one
        for key, one in extra.items()
    }
    return {key: one for key, one in left.items() if one} or None


def _differ(last: dict[str, object], detail: dict[str, object], key: str) -> bool:
    one, other = last.get(key), detail.get(key)
    return one != other and (key != "id" or (one is not None and other is not None))


def _detail_text(detail: object) -> str:
    if not is_object(detail):
        return ""
    text = detail.get("text") or detail.get("summary")
    return text if isinstance(text, str) else ""
