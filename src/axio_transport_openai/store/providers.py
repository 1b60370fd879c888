"""The user's own providers, in one JSON file that is written whole or not at all.

The file holds keys, so it and what stands beside it are for its owner only. It belongs to the
user and to other versions too: an entry that cannot be read stays as it is, a key that nobody here
knows stays in its entry, and a file that is no list of entries is set aside, never overwritten.
Every change reads the file again under a lock, so writers do not lose each other's providers.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .entry import StoreError, decoded, encoded, put
from .file import locked, make_private, replace, set_aside

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from axio_transport_openai.saved import Saved

    from .entry import Item

__all__ = ["Shelf", "Store", "default_path"]

logger = logging.getLogger("axio_transport_openai")

_PLAIN: Final = Path(".local", "share")
_FILE: Final = Path("axio", "openai-custom.json")


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the file holds."""

    providers: list[Saved]
    #: What is wrong with the entries that cannot be read, one sentence each.
    problems: list[str]


def default_path() -> Path:
    """Where the file is: ``axio/openai-custom.json`` in the user's data folder (XDG).

    Other versions keep it in ``~/.local/share`` whatever the data folder is; one that is there, and
    none in the data folder, is the file.

    Raises:
        StoreError: The user has no home, and no data folder is named.
    """
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    if not data.is_absolute():  # the XDG base directory specification has relative paths ignored
        try:
            return Path.home() / _PLAIN / _FILE
        except RuntimeError:
            told = "There is no home to keep providers in: set HOME or XDG_DATA_HOME."
            raise StoreError(told) from None
    with suppress(OSError, RuntimeError):  # a home that cannot be looked into, or none
        plain = Path.home() / _PLAIN / _FILE
        if plain.exists() and not (data / _FILE).exists():
            return plain
    return data / _FILE


class Store:
    """The providers in one file."""

    def __init__(self, path: Path | str | None = None, *, patience: float = 10.0) -> None:
        """Keep them in ``path``; without one, in :func:`default_path`.

        Another program that is writing is waited for, ``patience`` seconds at most.

        Raises:
            StoreError: There is no path, and no default one either.
        """
        self.path = default_path() if path is None else Path(path)
        self._patience = patience
        self._known: set[str] = set()

    def load(self) -> list[Saved]:
        """The providers that can be read; the log tells of the others.

        Raises:
            StoreError: There is a file, and it cannot be opened.
        """
        shelf = self.read()
        for problem in shelf.problems:
            logger.warning("%s", problem)
        return shelf.providers

    def read(self) -> Shelf:
        """The providers that can be read, and what is wrong with the others.

        Raises:
            StoreError: There is a file, and it cannot be opened.
        """
        make_private(self.path)
        items, complaint = self._items()
        providers = [item.saved for item in items if item.saved is not None]
        self._known = {saved.name for saved in providers}
        problems = [f"{self.path}: {item.problem}" for item in items if item.problem]
        if complaint:
            problems = [f"{self.path} {complaint}; it will be set aside, not overwritten"]
        return Shelf(providers, problems)

    def save(self, providers: Iterable[Saved]) -> None:
        """Write these, and remove those that this store has loaded and that are not among them.

        What others have written in the meantime stays.

        Raises:
            StoreError: The file cannot be written, or two of them have one name.
        """
        given = list(providers)
        names = Counter(saved.name for saved in given)
        if twice := [name for name, times in names.items() if times > 1]:
            raise StoreError(f"Two providers have the same name, {twice[0]!r}: rename one.")
        with self._changed() as items:
            gone = self._known - names.keys()
            items[:] = [item for item in items if item.saved is None or item.saved.name not in gone]
            for saved in given:
                put(items, saved.name, saved)
        self._known = set(names)

    def update(self, name: str, saved: Saved) -> None:
        """Write this provider in place of the one called ``name``, or add it.

        Raises:
            StoreError: The file cannot be written, or another entry has the provider's name.
        """
        with self._changed() as items:
            put(items, name, saved)
        self._known = self._known - {name} | {saved.name}

    def delete(self, name: str) -> bool:
        """Remove the provider called ``name``; whether there was one.

        An entry that is passed over because it has the same name stays, and can be used from then.

        Raises:
            StoreError: The file cannot be written.
        """
        with self._changed() as items:
            places = [at for at, item in enumerate(items) if name and item.name == name]
            for at in places[:1]:
                del items[at]
        self._known.discard(name)
        return bool(places)

    @contextmanager
    def _changed(self) -> Generator[list[Item]]:
        """The entries, to be changed in place; they are written unless the change fails."""
        path = Path(os.path.realpath(self.path))
        try:
            with locked(path, self._patience):
                items, complaint = self._items()
                before = tuple(items)
                yield items
                if tuple(items) == before:
                    return
                content = encoded(items)
                if complaint:
                    logger.warning("%s %s; it is kept as %s", path, complaint, set_aside(path))
                replace(path, content)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}") from error

    def _items(self) -> tuple[list[Item], str]:
        """The entries, and what is wrong with the file as a whole."""
        try:
            return decoded(self._content()), ""
        except ValueError as error:
            return [], str(error)

    def _content(self) -> bytes:
        """The bytes of the file; none where there is no file."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise StoreError(f"{self.path} cannot be read: {error.strerror}") from error
