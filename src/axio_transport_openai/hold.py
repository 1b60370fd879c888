"""How much of an answer is held until its end, and how much may be.

Text is given as it comes. Calls are held too, for what was written of one may be written again, and
sound and structured reasoning are whole only at the end. A service that never ends them would
otherwise be held until memory runs out.
"""

from __future__ import annotations

from typing import Final

from .lenient import is_list, is_object

__all__ = ["CALL", "MAX_HELD", "PIECE", "TOO_MUCH", "size"]

#: The most that is held of one answer, in bytes: a call of a million tokens, or half an hour of
#: sound, and more than one event may hold.
MAX_HELD: Final = 128 * 1024 * 1024
#: What is wrong with more.
TOO_MUCH: Final = f"the calls, sound and reasoning of one answer take more than {MAX_HELD} bytes"
#: What a text, a place in a list and a field of an object take beside their letters, in bytes, and
#: what a call takes beside its texts.
PIECE: Final = 64
CALL: Final = 512


def size(*found: object) -> int:
    """About how many bytes are held with a piece of an answer that is made of these values."""
    held, waiting = PIECE, [*found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            held += len(one)
        elif is_object(one):
            held += PIECE * len(one)
            waiting += [*one, *one.values()]
        elif is_list(one):
            held += PIECE * len(one)
            waiting += one
    return held
