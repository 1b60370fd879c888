"""When to send a request again, and after how long: arithmetic, no clock and no loop.

Which failures are worth it is on the errors themselves; here is how often and how soon.
"""

from __future__ import annotations

import random
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["Budget", "RetryPolicy", "asked_wait", "said_wait", "should_retry"]

#: The longest backoff, in seconds: google-api-core's.
_LONGEST_BACKOFF: Final = 60.0
#: How far a backoff is spread, so that clients that failed together do not return together.
_SPREAD: Final = (0.75, 1.25)
_dice: Final = random.SystemRandom()
#: A wait told in words counts from so many seconds on: the backoffs soon reach shorter ones.
_LONG: Final = 10.0
#: A span of time as services write it, ``7m14.4s`` or ``60 seconds``, and where they do.
_SPAN: Final = re.compile(
    r"(\d{1,9}(?:\.\d+)?) ?(ms|milli|[smhd])"
    r"(?:s?ec(?:ond)?s?|in(?:ute)?s?|(?:ou)?rs?|ays?)?(?![a-z])"
)
_COME_BACK: Final = re.compile(
    rf"(?:try again|retry(?: your request)?|wait)(?: in| after| for)? ((?:{_SPAN.pattern}\s?)+)"
)
_SECONDS: Final = {"ms": 0.001, "milli": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


class RetryPolicy(msgspec.Struct, frozen=True, gc=False):
    """How often a request is sent, and how long to wait in between."""

    #: How many times a request is sent in all; 0 counts as 1.
    attempts: int
    #: The first backoff, in seconds; each further one is twice as long, up to a minute.
    base: float
    #: The longest wait a service may ask for, in seconds; beyond it the failure is raised.
    longest_asked: float

    def wait(self, attempt: int, asked: float | None) -> float | None:
        """Seconds to wait after this attempt, counted from 1; None to give up.

        ``asked`` is what the service asked for, which it knows better than any backoff.
        """
        if attempt >= self.attempts:
            return None
        if asked is not None:
            return asked if asked <= self.longest_asked else None
        doubled = 2.0 ** min(attempt - 1, 1000)  # a higher power overflows
        return min(self.base * doubled, _LONGEST_BACKOFF) * _dice.uniform(*_SPREAD)


class Budget:
    """What may be spent on sending again, so that an outage is not met with ten times the load.

    Each repetition costs one token and each success earns one (botocore's retry quota, Finagle's
    retry budget).
    """

    __slots__ = ("size", "tokens")

    def __init__(self, size: int = 200) -> None:
        """Begin with all of it; with a size of 0 nothing is repeated."""
        self.size = size
        self.tokens = size

    def spend(self) -> bool:
        """Take a token; whether there was one."""
        if self.tokens <= 0:
            return False
        self.tokens -= 1
        return True

    def earn(self) -> None:
        """Put a token back."""
        self.tokens = min(self.size, self.tokens + 1)


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the response asks to wait, or None where it asks for nothing usable.

    ``retry-after-ms`` is OpenAI's; ``Retry-After`` is RFC 9110 section 10.2.3: a count of seconds
    (services write fractions too) or an HTTP date. Zero, a negative count, a date gone by and
    anything unreadable ask for nothing.
    """
    milliseconds = _positive(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _positive(value)
    if seconds is not None:
        return seconds
    try:
        when = parsedate_to_datetime(value)
        wait = (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds()
    except (ValueError, OverflowError):
        return None
    return wait if wait > 0 else None


def said_wait(said: str) -> float | None:
    """Seconds that a service says in words to wait, or None where the backoffs will do.

    Gemini says it nowhere else: ``Please retry in 58.8s.``
    """
    found = _COME_BACK.search(said.lower())
    spans = _SPAN.findall(found[1]) if found else []
    wait: float = sum(float(count) * _SECONDS[unit] for count, unit in spans)
    return wait if wait >= _LONG else None


def should_retry(headers: Mapping[str, str]) -> bool | None:
    """What the service itself says in ``x-should-retry``, or None."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def _positive(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if number > 0 else None  # NaN is not
