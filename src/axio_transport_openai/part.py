"""Parts of a message's content: text, images, sound and video."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

import msgspec
from axio.blocks import AudioBlock, ImageBlock, TextBlock, VideoBlock

from .errors import NotSent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from axio.blocks import ContentBlock

    from .dialect import Dialect

__all__ = ["content"]

#: What the wire calls a format where that is not what its media type says.
_FORMATS: Final = {"mpeg": "mp3", "mpga": "mp3", "x-aac": "aac", "pcm": "pcm16"}


def content(blocks: Sequence[ContentBlock], dialect: Dialect) -> str | list[object]:
    """What these blocks say, as one text where they are nothing but text.

    Raises:
        NotSent: One of them is of a kind that cannot be sent here.
    """
    texts = [block.text for block in blocks if isinstance(block, TextBlock)]
    if len(texts) == len(blocks):
        return "\n\n".join(texts)
    return [_part(block, dialect) for block in blocks]


def _part(block: ContentBlock, dialect: Dialect) -> dict[str, object]:
    match block:
        case TextBlock(text=text):
            return {"type": "text", "text": text}
        case ImageBlock(media_type=kind, data=data):
            return _linked("image_url", kind, data)
        case VideoBlock(media_type=kind, data=data):
            return _linked("video_url", kind, data)
        case AudioBlock(media_type=kind, data=data) if dialect.audio == "audio_url":
            return _linked("audio_url", kind, data)
        case AudioBlock(media_type=kind, data=data):
            head = f"data:{kind};base64," if dialect.audio == "data_url" else ""
            form = kind.partition("/")[2]
            sound = {"data": _quoted(head, data), "format": _FORMATS.get(form, form)}
            return {"type": "input_audio", "input_audio": sound}
        case _:
            raise NotSent(f"a message holds a {type(block).__name__} where nothing can carry it")


def _linked(part: str, kind: str, data: bytes) -> dict[str, object]:
    return {"type": part, part: {"url": _quoted(f"data:{kind};base64,", data)}}


def _quoted(head: str, data: bytes) -> msgspec.Raw:
    """A JSON string that ends in base64, which needs no escape and so no look at it."""
    return msgspec.Raw(b'"%b%b"' % (head.encode(), base64.b64encode(data)))
