"""Texts of any number as vectors: a few requests at once, each repeated alone where it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from . import errors, vector

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from typing_extensions import TypeIs

    from .origin import Origin
    from .vector import Embedded

__all__ = ["checked", "embedded"]

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


def checked(texts: object) -> Sequence[str]:
    """Texts that can be embedded.

    Raises:
        ValueError: They are no list of strings.
    """
    if not _is_list(texts):
        message = f"texts must be a list of strings, not {type(texts).__name__}"
        raise ValueError(message)
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            message = f"texts must be a list of strings; texts[{place}] is {type(text).__name__}"
            raise ValueError(message)  # noqa: TRY004  # a wrong argument
    return [text for text in texts if isinstance(text, str)]


def _is_list(value: object) -> TypeIs[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
