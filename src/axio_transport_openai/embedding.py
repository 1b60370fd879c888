"""Any number of texts as vectors: a few requests at once, each repeated alone where it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from . import errors, vector
from .batch import batches, fewer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from typing_extensions import TypeIs

    from .origin import Origin
    from .vector import Embedded

__all__ = ["Batches", "checked"]

#: How many requests are under way at once.
_AT_ONCE: Final = 8


class Batches:
    """Texts that are asked about in batches: smaller ones where a service takes no larger ones."""

    def __init__(self, ask: Callable[[list[str]], Awaitable[Embedded]], most: int) -> None:
        """Begin with batches of so many texts; ``ask`` sends one."""
        #: How many texts the service takes at once, as far as is known.
        self.most = most
        self._ask = ask
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def embedded(
        self, texts: Sequence[str], origin: Origin
    ) -> tuple[list[list[float]], list[Embedded]]:
        """The vectors of these texts in their order, and what each request brought.

        The first batch that fails for good ends the others.

        Raises:
            APIError: A batch failed, or the batches do not fit together.
        """
        parts = await self._all(texts)
        return vector.joined(parts, origin), parts

    async def _all(self, texts: Sequence[str]) -> list[Embedded]:
        made = batches(texts, self.most)
        tasks = [asyncio.create_task(self._one(batch)) for batch in made]
        try:
            # Where somebody cancels as a task fails, gather would raise the failure in its place.
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            return [part for task in tasks if task.done() for part in task.result()]
        finally:
            await _ended(tasks)
            del tasks  # a task that failed holds its failure, which holds this frame

    async def _one(self, batch: list[str]) -> list[Embedded]:
        async with self._places:
            if len(batch) <= self.most:
                try:
                    return [await self._ask(batch)]
                except errors.BadRequest as refused:
                    if not (most := fewer(refused, len(batch))):
                        raise
                    self.most = min(self.most, most)
        return await self._all(batch)


async def _ended(tasks: Sequence[asyncio.Task[object]]) -> None:
    """End those of these tasks that have not ended yet."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)  # no failure is left unheard


def checked(texts: object) -> Sequence[str]:
    """Texts that can be embedded.

    Raises:
        ValueError: They are no list of strings.
    """
    if not _is_list(texts):
        raise ValueError(f"texts must be a list of strings, not {type(texts).__name__}")
    found = [text for text in texts if isinstance(text, str)]
    if len(found) < len(texts):
        place, kind = next(
            (place, type(text)) for place, text in enumerate(texts) if not isinstance(text, str)
        )
        raise ValueError(f"texts must be a list of strings; texts[{place}] is {kind.__name__}")
    return found


def _is_list(value: object) -> TypeIs[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
