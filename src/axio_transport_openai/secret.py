"""Secrets, found and masked in texts however services and URLs write them."""

from __future__ import annotations

import base64
import html
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, quote_plus

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Secrets", "Unshown", "secrets_in", "secrets_sent", "without_credentials"]

#: The ``//user:password@`` of an address. It reaches to the last ``@``, for a password may hold a
#: slash; but where a host comes before the first slash, an ``@`` behind that is part of the path.
#: A name is taken for a host if it has a dot or a port, or is ``localhost``.
_CREDENTIALS: Final = re.compile(
    r"//(?![\w-]+[?#]|"
    r"(?:[\w-]*\.[\w.-]*|(?i:localhost)|[\w-]+(?=:)|\[[^]/]*\])(?::\d{1,5})?[/?#]).*@"
)
#: A shorter key is a placeholder such as ``ollama``; to mask it would garble messages.
_SHORTEST: Final = 7
_MASK: Final = "***"
#: Headers and parameters that hold no secret: by their names in lower case, ...
_OPEN: Final = frozenset(
    {
        *("accept", "accept-encoding", "accept-language", "content-type", "user-agent"),
        *("http-referer", "referer", "x-title"),
        *("openai-organization", "openai-project", "prompt_cache_key"),
    }
)
#: ... by the end of their names, ...
_OPEN_KIND: Final = re.compile("(?:.*[-_])?(?:beta|deployment|features?|model|region|version)")
#: ... or by a value of plain words, which error messages are made of too. But what has a name with
#: one of the words below is secret, whatever its value looks like.
_WORDS: Final = re.compile(r"[^\W\d_]{1,12}(?:[ -][^\W\d_]{1,12})*")
_TELLING: Final = re.compile("auth|cookie|cred|key|pass|secret|session|sig|token", re.IGNORECASE)
#: What separates the parts of a header's value.
_BETWEEN: Final = re.compile(r"[\s;,]+")


class Unshown(msgspec.Struct, gc=False):
    """A record that may hold a key: its repr shows nothing of what is in it."""

    def __repr__(self) -> str:
        """What kind of record it is."""
        return f"{type(self).__name__}(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Nothing of what it holds."""
        return []


class Secrets:
    """Finds secrets in texts: whole, without a key's prefix, or encoded."""

    __slots__ = ("_forms", "_pattern")

    def __init__(self, *values: str) -> None:
        """Look for these values, but for those too short to be secret."""
        found = {form for value in values if len(value) >= _SHORTEST for form in _forms(value)}
        self._forms = {form.lower() for form in found if len(form) >= _SHORTEST}
        kept = sorted(self._forms, key=len, reverse=True)
        every = "|".join(map(re.escape, kept))
        self._pattern = re.compile(every, re.IGNORECASE) if kept else None

    def masked(self, text: str, *, cut: bool = False) -> str:
        """The text with its secrets masked; where it was ``cut`` off, also one begun at its end."""
        if self._pattern is None:
            return text
        found = self._pattern.sub(_MASK, text)
        tail = self._tail(found) if cut else len(found)
        return found if len(found) - tail < _SHORTEST else found[:tail] + _MASK

    def settled(self, text: str) -> int:
        """How many characters can be shown now: a secret begun after them may yet be completed."""
        tail = self._tail(text)
        found = self._pattern.finditer(text) if self._pattern else ()
        return next((hit.start() for hit in found if hit.start() < tail < hit.end()), tail)

    def _tail(self, text: str) -> int:
        """Where a secret may have begun at the end of the text; the text's length if nowhere."""
        longest = max(map(len, self._forms), default=0)
        starts = range(max(0, len(text) - longest), len(text))
        return next((start for start in starts if self._begins(text[start:].lower())), len(text))

    def _begins(self, tail: str) -> bool:
        return any(form.startswith(tail) and form != tail for form in self._forms)


def secrets_sent(
    headers: Mapping[str, str],
    query: Mapping[str, str],
    parameters: Iterable[tuple[str, str]] = (),
) -> tuple[str, ...]:
    """The values in a user's own headers, query and request parameters that may be secret.

    Of the ``parameters``, each a name and a text, those are that are called a key or the like.
    """
    called = (each for each in parameters if _TELLING.search(each[0]))
    sent = (*headers.items(), *query.items(), *called)
    parts = (
        part
        for name, value in sent
        if not _is_open(name.lower())
        for part in _parts(value)
        if _TELLING.search(name) or not _WORDS.fullmatch(part)
    )
    return tuple(dict.fromkeys(parts))


def _is_open(name: str) -> bool:
    return name in _OPEN or bool(_OPEN_KIND.fullmatch(name) and not _TELLING.search(name))


def _parts(value: str) -> Iterator[str]:
    """A header's value, and each part of it that may be a secret by itself."""
    yield value
    scheme, _, given = value.partition(" ")  # RFC 9110 section 11.4: a scheme, then credentials
    if scheme.lower() == "basic":
        yield _password(given)
    for part in _BETWEEN.split(given if scheme.isalpha() else value):
        yield part
        yield part.partition("=")[2].strip('"')


def _password(credentials: str) -> str:
    """The password in these credentials (RFC 7617); empty where there is none."""
    padded = credentials + "=" * (-len(credentials) % 4)
    try:
        return base64.b64decode(padded).decode("utf-8", "replace").partition(":")[2]
    except ValueError:
        return ""


def without_credentials(text: str) -> str:
    """A text with the user name and the password of each address in it masked."""
    return _CREDENTIALS.sub(f"//{_MASK}@", text)


def secrets_in(address: str) -> Iterator[str]:
    """The password and the values of the query in this address."""
    if found := _CREDENTIALS.search(address):
        yield found.group()[2:-1].partition(":")[2]
    query = address.partition("?")[2].partition("#")[0]
    for name, value in parse_qsl(query, keep_blank_values=True):
        yield from secrets_sent({}, {name: value}) if value else (name,)


def _forms(secret: str) -> set[str]:
    """The ways in which a text may hold this secret."""
    forms = {secret, secret.rstrip("="), re.sub(r"^sk-(?:[a-z]+\d*-)*", "", secret)}
    return forms | {write(form) for form in forms for write in _WRITERS}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "replace")).decode().rstrip("=")


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _slashed(text: str) -> str:
    """The text as PHP writes it in JSON."""
    return text.replace("/", r"\/")


def _harmless(text: str) -> str:
    """The text as .NET writes it in JSON, so that it may stand in HTML."""
    return re.sub(r"[+&<>'\"`]", lambda found: f"\\u{ord(found[0]):04x}", text)


#: Half a character, which an environment variable of other bytes holds, is replaced as in base64.
_WRITERS: Final = (
    partial(quote, errors="replace"),
    partial(quote_plus, errors="replace"),
    *(_base64, html.escape, _json, _slashed, _harmless),
)
