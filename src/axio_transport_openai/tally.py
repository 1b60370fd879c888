"""What the reports of one answer come to: how many tokens were used, by the last that tells.

Some services report in every chunk, and only the last of those reports matters. So one is kept as
it came, and read where somebody asks, or where the next one leaves something of it to count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from axio.types import Usage

from .lenient import is_object
from .usage import read_timings, read_usage

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Tally"]


class Tally(msgspec.Struct, gc=False):
    """The tokens of one answer, as far as they were reported."""

    #: The ``usage`` object of the last report that counts, as the service sent it.
    reported: object = None
    _usage: Usage | None = None  # by the reports that were read
    _unread: object = None  # a report that was not read yet, and replaces all before it
    _timings: object = None  # those of llama.cpp that were not read yet

    @property
    def usage(self) -> Usage | None:
        """The tokens reported so far, or None."""
        if self._timings is not None:
            self._usage, self._timings = read_timings(self._timings), None
        if self._unread is not None:
            self._usage, self._unread = read_usage(self._unread), None
        return self._usage

    def count(self, reported: object) -> None:
        """Take a report of tokens: the last one counts, unless it is an empty one."""
        if is_object(reported) and _is_full(reported):
            self.reported = self._unread = reported
        elif usage := read_usage(reported):
            before = self.usage
            if before is None or usage.total_tokens:
                self._usage, self.reported = _later(before, usage), reported

    def time(self, timings: object) -> None:
        """Take llama.cpp's ``timings``, which count where it was asked for no usage."""
        if self.reported is None and is_object(timings) and "predicted_n" in timings:
            self._timings = timings


def _is_full(reported: Mapping[str, object]) -> bool:
    """Whether this counts what came and what went, so that nothing of earlier reports counts."""
    input, output = reported.get("prompt_tokens"), reported.get("completion_tokens")
    return type(input) is int and type(output) is int and input > 0 and output > 0


def _later(before: Usage | None, after: Usage) -> Usage:
    """The counts once a further report came: its own, and the earlier ones where it has none."""
    if before is None:
        return after
    of_input = after if after.input_tokens else before
    of_output = after if after.output_tokens else before
    return Usage(
        of_input.input_tokens,
        of_output.output_tokens,
        cache_read_tokens=of_input.cache_read_tokens,
        cache_write_tokens=of_input.cache_write_tokens,
        reasoning_tokens=of_output.reasoning_tokens,
    )
