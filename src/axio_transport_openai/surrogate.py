"""Halves of surrogate pairs, which some services cut in two, joined again.

A character beyond the first 65,536 is two escapes in JSON, each for one half. A service that cuts
its text between them sends each in a chunk of its own. A half that finds no other becomes U+FFFD:
it is no character, and the request that sends it back is refused.
"""

from __future__ import annotations

__all__ = ["Joiner", "whole"]

#: One of the texts: by its name, or of a call's arguments by the index they come under, if any.
type Channel = str | int | None


class Joiner:
    """Text in whole characters, for each of several texts that come in pieces."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        """Begin with nothing held."""
        self._held: dict[Channel, str] = {}

    def feed(self, channel: Channel, text: str) -> str:
        """The whole characters of this piece; a first half at its end waits for the next."""
        text = self._held.pop(channel, "") + text
        if "\ud800" <= text[-1:] <= "\udbff":
            self._held[channel] = text[-1]
            text = text[:-1]
        return whole(text)

    def calls(self) -> list[int | None]:
        """The indices of the calls in whose arguments a half waits."""
        return [channel for channel in self._held if not isinstance(channel, str)]

    def end(self, channel: Channel) -> str:
        """What is left at the end of this text."""
        return whole(self._held.pop(channel, ""))


def whole(text: str) -> str:
    """The text with its pairs joined and its lone halves replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
