"""What the model said, as it is sent back to it: its words, and its reasoning in the form it came.

The incoming side labels a :class:`~axio.blocks.ReasoningBlock` with the service it came from
(``provider``) and the form it came in (``id``): the name of a field, ``<think>`` for tags in the
content, ``thinking`` for a part of the content. What has more than text to it came as a
:class:`~axio.blocks.ProviderBlock`, whose data are fields of the message, kept unread.

Neither goes to a service it did not come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from axio.blocks import ProviderBlock, ReasoningBlock, TextBlock

from .encoding import fleeting
from .lenient import is_list
from .reasoning import BLOCKS, DETAILS, TAGS, THINKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from axio.blocks import ContentBlock

    from .dialect import Dialect

__all__ = ["said"]

#: Fields that hold all of the reasoning, so that nothing else needs to carry it.
_WHOLE: Final = frozenset({DETAILS, BLOCKS})
#: What the field holds where a message has none and the service wants one: DeepSeek refuses an
#: empty text.
_NO_THOUGHT: Final = " "
#: What ends reasoning that came in tags.
_END: Final = "</think>"


def said(
    blocks: Sequence[ContentBlock], dialect: Dialect, provider: str, *, calls: bool
) -> tuple[str | list[object], dict[str, object]]:
    """The content of an assistant message, and the fields beside it that it came with."""
    if dialect.replay == "never" or (dialect.replay == "calls" and not calls):
        return "".join(block.text for block in blocks if isinstance(block, TextBlock)), {}
    fields = _fields(blocks, dialect, provider)
    whole = not (dialect.replay_required or _WHOLE.isdisjoint(fields))
    pieces: list[object] = []
    thoughts: dict[str, list[str]] = {}
    for block in blocks:
        if isinstance(block, TextBlock):
            pieces.append(block.text)
        elif isinstance(block, ReasoningBlock) and not whole:
            _think(block, dialect, provider, pieces, thoughts)
    for form, texts in thoughts.items():
        fields[form] = "".join([str(fields.get(form, "")), *texts])
    if dialect.replay_required:
        fields.setdefault(dialect.replay_field, _NO_THOUGHT)
    return _content(pieces), fields


def _fields(blocks: Sequence[ContentBlock], dialect: Dialect, provider: str) -> dict[str, object]:
    """What this service wants back unread."""
    fields: dict[str, object] = {}
    for block in blocks:
        if isinstance(block, ProviderBlock) and provider and block.provider == provider:
            for name, value in block.data.items():
                had = fields.get(name)
                # Two answers that the repair made one have each their own list.
                fields[name] = [*had, *value] if is_list(had) and is_list(value) else value
    return {name: fields[name] for name in fields if name not in dialect.message_dropped}


def _think(
    block: ReasoningBlock,
    dialect: Dialect,
    provider: str,
    pieces: list[object],
    thoughts: dict[str, list[str]],
) -> None:
    """Put a thought where it belongs: among the pieces of the content, or of a field."""
    form = dialect.replay_field or block.id
    known = block.provider or (provider if dialect.replay_required else "")
    if not block.text or not form or not provider or known != provider:
        return
    if form == TAGS:
        pieces.append(f"{TAGS}{block.text}{_END}")
    elif form == THINKING:
        pieces.append(
            {"type": "thinking", "thinking": [{"type": "text", "text": fleeting(block.text)}]}
        )
    elif form not in dialect.message_dropped and form not in _WHOLE:
        thoughts.setdefault(form, []).append(block.text)


def _content(pieces: Sequence[object]) -> str | list[object]:
    """The pieces as one text, or as parts where some of them are."""
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if len(texts) == len(pieces):
        return fleeting("".join(texts))
    return [
        {"type": "text", "text": fleeting(piece)} if isinstance(piece, str) else piece
        for piece in pieces
        if piece
    ]
