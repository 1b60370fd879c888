"""Parts of a message's content: text, images, sound and video.

Base64 is the largest part of a request and needs no escape. So a mark stands for it where JSON is
written, and it takes its place in the bytes afterwards: nothing reads it, nothing copies it twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from axio.blocks import AudioBlock, ImageBlock, TextBlock, VideoBlock

from .encoding import Base64, Piece
from .errors import NotSent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from axio.blocks import ContentBlock

    from .dialect import Dialect

__all__ = ["content", "placed"]

#: A byte that JSON never holds: it writes this character as an escape.
_MARK: Final = b"\x00"
#: What the wire calls a format where that is not what its media type says.
_FORMATS: Final = {"mpeg": "mp3", "mpga": "mp3", "x-aac": "aac", "pcm": "pcm16"}


def content(
    blocks: Sequence[ContentBlock], dialect: Dialect, media: list[Base64]
) -> str | list[object]:
    """What these blocks say, as one text where they are nothing but text.

    The base64 of each mark in the content is added to ``media``.

    Raises:
        NotSent: One of them is of a kind that cannot be sent here.
    """
    texts = [block.text for block in blocks if isinstance(block, TextBlock)]
    if len(texts) == len(blocks):
        return "\n\n".join(texts)
    return [_part(block, dialect, media) for block in blocks]


def placed(written: bytearray, media: Sequence[Base64]) -> list[Piece]:
    """JSON in pieces, with the base64 in the place of its marks; nothing is copied."""
    view, pieces, start = memoryview(written), list[Piece](), 0
    for found in media:
        end = written.index(_MARK, start)
        pieces += [view[start:end], found]
        start = end + 1
    return [*pieces, view[start:]]


def _part(block: ContentBlock, dialect: Dialect, media: list[Base64]) -> dict[str, object]:
    match block:
        case TextBlock(text=text):
            return {"type": "text", "text": text}
        case ImageBlock(media_type=kind):
            name = "image_url"
        case VideoBlock(media_type=kind):
            name = "video_url"
        case AudioBlock(media_type=kind):
            name = "audio_url" if dialect.audio == "audio_url" else "input_audio"
        case _:
            raise NotSent(f"a message holds a {type(block).__name__} where nothing can carry it")
    media.append(Base64(block.data))
    if name != "input_audio":
        return {"type": name, name: {"url": _marked(f"data:{kind};base64,")}}
    form = kind.partition("/")[2]
    head = f"data:{kind};base64," if dialect.audio == "data_url" else ""
    return {"type": name, name: {"data": _marked(head), "format": _FORMATS.get(form, form)}}


def _marked(head: str) -> msgspec.Raw:
    """A JSON string that ends in a mark."""
    return msgspec.Raw(b'"%b%b"' % (head.encode(), _MARK))
