"""Who answers, as messages and logs may show it: a service's name and address, never its key."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import quote, quote_plus, urlsplit

__all__ = ["Origin"]

#: The most of a service's own words that a message repeats, in characters.
_QUOTED: Final = 1500
#: A shorter key is a placeholder such as ``ollama``, and a word that messages may need.
_SHORTEST_SECRET: Final = 7
#: Control characters, and the marks that reorder text: none may shape a terminal or a log line.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class Origin:
    """The other end of a request, and what must not be shown of how we talk to it."""

    #: The service's display name.
    name: str = "the service"
    base_url: str = ""
    secret: str = field(default="", repr=False)

    @cached_property
    def authority(self) -> str:
        """The host, with its port where one was given: what stored blocks call the service."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @cached_property
    def shown(self) -> str:
        """The service as a message names it: its name, and its address without query."""
        address = self.clean(self.base_url.partition("?")[0])
        return f"{self.clean(self.name)} ({address})" if address else self.clean(self.name)

    def clean(self, text: str, limit: int = _QUOTED) -> str:
        """The text without the key and without control characters, cut to ``limit`` characters."""
        text = text[: limit * 4]
        if self._secrets:
            text = self._secrets.sub("***", text)
        text = _CONTROL.sub(" ", text).strip()
        return text if len(text) <= limit else f"{text[:limit]}..."

    @cached_property
    def _secrets(self) -> re.Pattern[str] | None:
        """The key as servers and URLs may write it: whole, without its prefix, encoded."""
        if len(self.secret) < _SHORTEST_SECRET:
            return None
        forms = {self.secret, re.sub(r"^sk-(?:[a-z]+\d*-)*", "", self.secret)}
        forms |= {write(form) for form in set(forms) for write in (quote, quote_plus, _base64)}
        kept = sorted((form for form in forms if len(form) >= _SHORTEST_SECRET), key=len)
        return re.compile("|".join(re.escape(form) for form in reversed(kept)), re.IGNORECASE)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "replace")).decode().rstrip("=")
