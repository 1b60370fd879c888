"""What several unit tests are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from axio_transport_openai import document

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many characters of arguments were searched so far."""
    count = 0

    class Counting:
        def __init__(self, pattern: re.Pattern[str]) -> None:
            self.pattern = pattern

        def finditer(self, text: str, start: int = 0) -> Iterator[re.Match[str]]:
            nonlocal count
            count += len(text)
            return self.pattern.finditer(text, start)

    for name in ("_TOKEN", "_BOUNDARY"):
        monkeypatch.setattr(document, name, Counting(getattr(document, name)))
    return lambda: count
