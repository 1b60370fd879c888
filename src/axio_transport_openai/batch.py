"""How many texts one embedding request holds: batches, and what a refusal says of their size."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .errors import BadRequest

__all__ = ["batches", "fewer"]

#: How many bytes of text go together: OpenAI takes 300,000 tokens at once, and no token is shorter
#: than a byte.
_SIZE: Final = 300_000
#: The statuses of a batch that is too large, and the one that means nothing else.
_REFUSED: Final = frozenset({400, 413, 422})
_TOO_LARGE: Final = 413
#: What is said of one text that is too long: a smaller batch would not help.
_TOO_LONG: Final = re.compile(
    r"context (?:length|size|window)|inputs?\W* must have less than \d+ tokens"
    r"|input (?:\(\d+ tokens\) )?is too large to process",
    re.IGNORECASE,
)
#: What a refusal of too many texts speaks of, what it says of them, and how many it would take.
_BATCH: Final = re.compile(
    r"batch|array|inputs|items|texts|documents|数组|instance\(s\)", re.IGNORECASE
)
_TOO_MANY: Final = re.compile(
    "too (?:many|large|long)|exceed|split|limit|size|max allowed|supports up to", re.IGNORECASE
)
_AT_MOST: Final = re.compile(
    r"(?:(?:at most|(?:larger|more|greater) than|max(?:imum)?|limit|up to|<=|超过)\D{0,40}"
    r"|(?=\d+ instance))(\d{1,4}|\d,\d{3})(?!\d|,\d)",
    re.IGNORECASE,
)
#: What is said of the tokens of all texts together. The numbers beside it count those.
_TOKENS: Final = re.compile(
    r"tokens(?:[ _](?:per|in|the|your|a|submitted))*[ _](?:request|batch)\b|input token count",
    re.IGNORECASE,
)


def batches(texts: Iterable[str], most: int, size: int = _SIZE) -> Iterator[list[str]]:
    """The texts in order, in batches of ``most`` texts and ``size`` bytes at the most.

    A longer text goes alone.
    """
    batch: list[str] = []
    held = 0
    for text in texts:
        length = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        if batch and (len(batch) == most or held + length > size):
            yield batch
            batch, held = [], 0
        batch.append(text)
        held += length
    if batch:
        yield batch


def fewer(refused: BadRequest, count: int) -> int | None:
    """How many texts to ask about at once, where it is their number that was refused.

    It is the number that the service names, or else half of them; None for another refusal.
    """
    said, too_large = refused.said, refused.status == _TOO_LARGE
    if refused.status not in _REFUSED or _TOO_LONG.search(said):
        return None
    if _TOKENS.search(said):
        return count // 2 or None
    if not (too_large or _BATCH.search(said)):
        return None
    told = [int(most.replace(",", "")) for most in _AT_MOST.findall(said)]
    named = [most for most in told if most != count]
    if not (named or too_large or _TOO_MANY.search(said)):
        return None
    most = named[0] if named else count // 2
    return most if 0 < most < count else None
