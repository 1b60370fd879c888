"""Parts of a message's content: text, images, sound and video.

Base64 is the largest part of a request and needs no escape. So a mark stands for it where JSON is
written, and it takes its place in the bytes afterwards: nothing reads it, nothing copies it twice.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Final

import msgspec
from axio.blocks import AudioBlock, ImageBlock, TextBlock, VideoBlock

from .dialect import essence, sound_format
from .encoding import Base64, Piece, encoded, fleeting
from .prose import unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from axio.blocks import ContentBlock

    from .dialect import Dialect

__all__ = ["content", "placed"]

#: A byte that JSON never holds: it writes this character as an escape.
_MARK: Final = b"\x00"
#: What stands before samples in a WAV file: one channel of 16 bits, as often a second as the media
#: type says, or else 24,000 times, which is what services speak in.
_WAV: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
_RATE: Final = 24_000
_RATED: Final = re.compile(r"\brate=(\d{4,6})\b")
_WIDTH: Final = 2


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
        return fleeting("\n\n".join(texts))
    return [_part(block, dialect, media) for block in blocks]


def placed(written: bytes, media: Sequence[Base64]) -> list[Piece]:
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
            return {"type": "text", "text": fleeting(text)}
        case ImageBlock(media_type=kind):
            name = "image_url"
        case VideoBlock(media_type=kind):
            name = "video_url"
        case AudioBlock():
            return _sound(block, dialect, media)
        case _:
            raise unknown(block)
    media.append(Base64(block.data))
    return {"type": name, name: {"url": _marked(f"data:{essence(kind)};base64,")}}


def _sound(block: AudioBlock, dialect: Dialect, media: list[Base64]) -> dict[str, object]:
    """Sound as the dialect takes it; samples alone are a file of them."""
    kind, data = essence(block.media_type), block.data
    if kind == "audio/pcm":
        rated = _RATED.search(block.media_type)
        kind, data = "audio/wav", _wav(data, int(rated[1]) if rated else _RATE)
    media.append(Base64(data))
    head = f"data:{kind};base64,"
    if dialect.audio == "audio_url":
        return {"type": "audio_url", "audio_url": {"url": _marked(head)}}
    mark = _marked(head if dialect.audio == "data_url" else "")
    sound = {"data": mark, "format": sound_format(kind)}
    return {"type": "input_audio", "input_audio": sound}


def _wav(samples: bytes, rate: int) -> bytes:
    size = len(samples)
    form = (16, 1, 1, rate, rate * _WIDTH, _WIDTH, 8 * _WIDTH)
    return _WAV.pack(b"RIFF", size + 36, b"WAVE", b"fmt ", *form, b"data", size) + samples


def _marked(head: str) -> msgspec.Raw:
    """A JSON string that ends in a mark."""
    return msgspec.Raw(b'%b%b"' % (encoded(head)[:-1], _MARK))
