"""One tool call of an answer: its id, its name and its arguments, as far as they came."""

from __future__ import annotations

import hashlib

from .document import Document
from .wire import Malformed, plain, written

__all__ = ["Call", "Ids", "Nameless", "joined", "made_id", "same"]


class Nameless(ValueError):
    """A call has arguments and no name."""


class Call:
    """One tool call, as far as it came."""

    __slots__ = (
        "_first",
        "announced",
        "arguments",
        "id",
        "late",
        "name",
        "number",
        "original",
        "sent_id",
        "signature",
    )

    def __init__(self, number: int, name: str = "", original: Call | None = None) -> None:
        """Begin the call that is the answer's ``number``-th, counted from 0."""
        self.number = number
        self.id = ""
        #: The id as the service sends it, which another call may have too.
        self.sent_id = ""
        self.name = name
        #: What the service wants back with the call, such as Google's proof that it is the
        #: model's own: its ``extra_content`` as JSON.
        self.signature = ""
        #: The same, where it came after the call was announced.
        self.late = ""
        self.arguments = Document()
        self.announced = False
        #: The call whose arguments this may be, sent again, until it is known to be another.
        self.original = original
        # No call refers to itself, so that none waits for the collector.
        self._first = original.first if original else None

    @property
    def first(self) -> Call:
        """The first of the calls that came under one id, and so were one to the service."""
        return self._first or self


class Ids:
    """The ids that the calls of one answer have, each another."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        """Begin with none."""
        self._made: dict[str, int] = {}  # of each that is taken, how many were made of it

    def unique(self, id: str) -> str:
        """An id for a call: this one, or one made of it where it is another's.

        The service never sends an id that was made, so no fragment is looked up by one.
        """
        made = id
        while made in self._made:
            self._made[id] += 1
            made = f"{id}_{self._made[id]}"
        self._made[made] = 1
        return made


def joined(name: str, piece: str) -> str:
    """A name and a further piece of it; some services send the name so far each time."""
    return piece if piece.startswith(name) else name + piece


def made_id(*of: str) -> str:
    """An id for a call that was given none: the same for the same bytes, however they are cut."""
    digest = hashlib.blake2b("\0".join(of).encode("utf-8", "replace"), digest_size=12)
    return f"call_{digest.hexdigest()}"


def same(one: str, other: str) -> bool:
    """Whether two texts are the same arguments."""
    if one.strip() == other.strip():
        return True
    try:
        return _canonical(one) == _canonical(other)
    except Malformed:
        return False


def _canonical(text: str) -> str:
    return written(plain(text.encode("utf-8", "replace")), ordered=True)
