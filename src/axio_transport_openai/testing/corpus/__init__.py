"""The corpus of wire cases: what services were seen to send, and what a client must make of it.

For any client of chat completions::

    @pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
    async def test_a_case(case: Case) -> None:
        async with Service(case.reply) as service:
            ...  # ask, collect the events, catch the error
        assert case.differences(observed(events, error)) == []
"""

from __future__ import annotations

from .case import Case, Outcome, observed
from .listed import cases
from .peculiarity import PECULIARITIES

__all__ = ["PECULIARITIES", "Case", "Outcome", "cases", "observed"]
