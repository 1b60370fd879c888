"""Reasoning between ``<think>`` and ``</think>`` at the head of content, apart from the answer.

Local models and some services put their reasoning into the content, between two tags. Only a tag
at the head of the content opens reasoning: white space may stand before it, nothing else. A
closing tag at the head ends a thought that the prompt itself opened. The same letters later, in
an answer about such tags, are text.

Two services differ. Google says beside the content that it is a thought (:meth:`Splitter.mark`);
around it may be the tags it was asked to write, others or none. Amazon Bedrock puts each piece of
a thought into tags of its own (:attr:`Splitter.wrapped`).
"""

from __future__ import annotations

import re
from typing import Final, Literal

import msgspec

__all__ = ["Piece", "Splitter", "ThinkTagParser"]

type Piece = tuple[Literal["text", "reasoning"], str]

_OPEN: Final = "<think>"
_CLOSE: Final = "</think>"
#: The tags that may open a thought which Google marks as one.
_MARKED: Final = re.compile(r"\s*<(think|thought)>")
#: A piece of a thought in tags of its own, as Bedrock sends it.
_WRAPPED: Final = re.compile("<reasoning>(.*)</reasoning>", re.DOTALL)
#: The most white space that may stand before a tag, in characters.
_MOST_BLANK: Final = 64


class Splitter(msgspec.Struct, gc=False):
    """Pieces of text and reasoning out of content that comes in deltas, cut anywhere.

    Nothing is held back longer than it could still be the beginning of a tag.
    """

    #: Whether pieces of a thought come in tags of their own.
    wrapped: bool = False
    #: What is held back as a possible tag.
    held: str = ""
    _inside: bool = False
    _close: str = _CLOSE
    #: Whether the thought comes beside the content too, in a field of its own.
    _twice: bool = False
    #: Whether all that follows is text, so that deltas need not be fed any more.
    done: bool = False

    @property
    def begun(self) -> bool:
        """Whether any content came."""
        return bool(self.held) or self._inside or self.done

    @property
    def thinks(self) -> bool:
        """Whether a thought is under way."""
        return self._inside

    def feed(self, delta: str, beside: str = "") -> list[Piece]:
        """The pieces that this delta completed, but no thought that also came ``beside`` it."""
        before = self.held if self._inside else ""
        pieces = self._split(delta)
        return self._once(pieces, before, beside) if beside or self._twice else pieces

    def _once(self, pieces: list[Piece], before: str, beside: str) -> list[Piece]:
        """The pieces without what came beside this delta, or the one whose end was held before."""
        thought = "".join(text for kind, text in pieces if kind == "reasoning")
        added = (thought + self.held if self._inside else thought)[len(before) :]
        told = len(before) if self._twice else 0
        if beside and self._repeats(added, beside):
            told = len(thought)
        text = "".join(text for kind, text in pieces if kind == "text")
        return _pieces(reasoning=thought[told:], text=text)

    def _split(self, delta: str) -> list[Piece]:
        if self.wrapped and not self.begun and (piece := _WRAPPED.fullmatch(delta)):
            return _pieces(reasoning=piece[1])
        content, self.held = self.held + delta, ""
        if self.done:
            return _pieces(text=content)
        return self._reasoning(content) if self._inside else self._head(content)

    def _repeats(self, thought: str, beside: str) -> bool:
        """Whether a thought in tags is the one beside the content, sent twice.

        Once one was, all that follow are, however they are cut.
        """
        same = thought.strip() == beside.strip()
        self._twice = self._twice or (same and bool(thought.strip()))
        return same or self._twice

    def mark(self, delta: str) -> list[Piece]:
        """The pieces of a delta that is marked as a thought: what follows a closing tag is text."""
        before = self.end()
        if tag := _MARKED.match(delta):
            self._close = f"</{tag[1]}>"
        thought, closed, text = delta[tag.end() if tag else 0 :].partition(self._close)
        self.done, self._inside = bool(closed), False
        return [*before, *_pieces(reasoning=thought, text=text)]

    def settle(self) -> list[Piece]:
        """What was held back before any tag, now that something else came: it is text.

        Inside a thought it may still be the beginning of the closing tag, and stays.
        """
        return [] if self._inside else self.end()

    def end(self) -> list[Piece]:
        """What was held back as a possible tag, which it is not."""
        held, self.held, self.done = self.held, "", True
        if self._inside:
            return [] if self._twice else _pieces(reasoning=held)
        return _pieces(text=held)

    def _head(self, content: str) -> list[Piece]:
        start = content.lstrip()
        if len(content) - len(start) > _MOST_BLANK:
            self.done = True
            return _pieces(text=content)
        if start.startswith(_OPEN):
            self._inside = True
            return self._reasoning(start.removeprefix(_OPEN))
        if start.startswith(self._close):
            self.done = True
            return _pieces(text=start.removeprefix(self._close))
        if _OPEN.startswith(start) or self._close.startswith(start):
            self.held = content
            return []
        self.done = True
        return _pieces(text=content)

    def _reasoning(self, content: str) -> list[Piece]:
        thought, tag, text = content.partition(_CLOSE)
        if tag:
            self.done, self._inside = True, False
            return _pieces(reasoning=thought, text=text)
        kept = _tag_begun(content)
        self.held = content[len(content) - kept :]
        return _pieces(reasoning=content[: len(content) - kept])


class ThinkTagParser:
    """Splits content that comes in deltas into (kind, text) pairs; for use without a transport.

    The kind is ``"reasoning"`` within ``<think>...</think>`` at the head of the content, otherwise
    ``"text"``. After the last delta, ``flush`` gives what was held back.
    """

    def __init__(self) -> None:
        """Begin before the first delta."""
        self._splitter = Splitter()

    def feed(self, text: str) -> list[Piece]:
        """The pieces that this text completed."""
        return self._splitter.feed(text)

    def flush(self) -> list[Piece]:
        """What is left at the end of the content."""
        return self._splitter.end()


def _pieces(*, reasoning: str = "", text: str = "") -> list[Piece]:
    pieces: list[Piece] = []
    if reasoning:
        pieces.append(("reasoning", reasoning))
    if text:
        pieces.append(("text", text))
    return pieces


def _tag_begun(content: str) -> int:
    """How many characters at the end of this content could be the beginning of a closing tag."""
    at = content.rfind("<", -len(_CLOSE) + 1)
    return len(content) - at if at >= 0 and _CLOSE.startswith(content[at:]) else 0
