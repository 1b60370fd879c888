"""The entries of the providers' file, those that cannot be read among them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from axio.exceptions import AxioError

from axio_transport_openai.lenient import is_list, is_object, objects
from axio_transport_openai.saved import (
    KEYS,
    MODEL_KEYS,
    Saved,
    restored,
    unknown_capabilities,
)
from axio_transport_openai.setting import READERS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Item", "StoreError", "decoded", "encoded", "put"]


class StoreError(AxioError):
    """The providers could not be read or written, or not as was asked."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: as it is written, and as it reads, or why it does not."""

    written: object
    saved: Saved | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        """Its name, also where the rest cannot be read; empty where it has none."""
        name = self.written.get("name") if is_object(self.written) else None
        return name if isinstance(name, str) else ""


def decoded(content: bytes) -> list[Item]:
    """The entries of a file.

    Raises:
        ValueError: It is no list of entries.
    """
    if not content.strip():
        return []
    try:
        found: object = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("is not JSON") from None
    if not is_list(found):
        raise ValueError("does not hold a list")
    items: list[Item] = []
    taken: set[str] = set()
    for place, entry in enumerate(found, 1):
        saved, problems = _read(entry, taken)
        called = f"provider {place}" + (f" ({saved.name!r})" if saved.name else "")
        told = f"{called} is passed over: {'; '.join(problems)}"
        items.append(Item(entry, problem=told) if problems else Item(entry, saved))
        taken.add(items[-1].name)
    return items


def _read(entry: object, taken: set[str]) -> tuple[Saved, tuple[str, ...]]:
    """What an entry says, and what keeps it from being used beside those that are there."""
    saved, problems = restored(entry)
    if not problems and not saved.name:
        problems = ("name is missing",)
    if not problems and saved.name in taken:
        problems = ("name is that of another entry",)
    return saved, problems


def encoded(items: Sequence[Item]) -> bytes:
    """The file that holds these entries.

    Raises:
        StoreError: One of them holds what JSON cannot.
    """
    entries = [item.written for item in items]
    try:
        return f"{json.dumps(entries, indent=2, ensure_ascii=False)}\n".encode()
    except UnicodeEncodeError:  # half a surrogate pair, which only an escape can write
        return f"{json.dumps(entries, indent=2)}\n".encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"A provider cannot be written as JSON: {error}") from None


def put(items: list[Item], name: str, saved: Saved) -> None:
    """Put this provider in the place of the one called ``name``, or at the end.

    Raises:
        StoreError: It cannot be used as it is, or another entry has its name.
    """
    places = [at for at, item in enumerate(items) if item.saved and item.saved.name == name]
    at = places[0] if places else len(items)
    taken = {item.name for item in (*items[:at], *items[at + 1 :])}
    written = _overlaid(saved.to_dict(), items[at].written if places else None)
    made, problems = _read(written, taken)
    if problems:
        raise StoreError(f"The provider {saved.name!r} cannot be saved: {'; '.join(problems)}.")
    items[at : at + 1] = [Item(written, made)]


def _overlaid(new: dict[str, object], old: object) -> dict[str, object]:
    """The new entry, with those keys and capabilities of the old one that nobody here knows."""
    if not is_object(old):
        return new
    before = {_id(model): model for model in objects(old.get("models"))}
    for model in objects(new.get("models")):
        was = before.get(_id(model), {})
        model.update(_unknown(was, MODEL_KEYS | model.keys()))
        words = model.get("capabilities")
        if is_list(words):
            words += [word for word in unknown_capabilities(was) if word not in words]
    return new | _unknown(old, KEYS | READERS.keys() | new.keys())


def _unknown(old: dict[str, object], known: frozenset[str]) -> dict[str, object]:
    return {key: value for key, value in old.items() if key not in known}


def _id(model: dict[str, object]) -> str:
    return str(model.get("id"))
