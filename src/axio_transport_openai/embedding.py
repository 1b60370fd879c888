"""Texts of any number as vectors: a few requests at once, each repeated alone where it fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from . import errors, vector

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from .origin import Origin
    from .vector import Embedded

__all__ = ["embedded"]

#: How many requests are under way at once.
_AT_ONCE: Final = 8


async def embedded(
    texts: Sequence[str], ask: Callable[[list[str]], Awaitable[Embedded]], origin: Origin
) -> tuple[list[list[float]], list[Embedded]]:
    """The vectors of these texts in their order, and what each request brought.

    ``ask`` sends one batch. The first batch that fails for good ends the others.

    Raises:
        APIError: A batch failed, or the batches do not fit together.
    """
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(batch: list[str]) -> Embedded:
        async with places:
            return await ask(batch)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(b)) for b in vector.batches(texts, vector.Limits())]
    except* errors.APIError as failures:
        failure = failures.exceptions[0]
    else:
        parts = [task.result() for task in tasks]
        return vector.joined(parts, origin), parts
    raise failure from None
