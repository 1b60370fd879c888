"""One field of a form as data, and what may be written in it."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from axio.models import Capability
from textual.content import Content
from textual.markup import MarkupError

from axio_transport_openai.errors import NotSent
from axio_transport_openai.known import dialect_for
from axio_transport_openai.lenient import LARGEST
from axio_transport_openai.options import effort_from
from axio_transport_openai.origin import Origin
from axio_transport_openai.setting import READERS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Field",
    "abilities",
    "address",
    "amount",
    "key",
    "model_id",
    "name",
    "number",
    "price",
    "thinking",
    "tokens",
    "words",
]

_LONG: Final = 100


def _anything(label: str, text: str) -> str:
    del label, text
    return ""


@dataclass(frozen=True, slots=True)
class Field:
    """What a form asks for."""

    #: The setting's own name.
    name: str
    label: str
    #: Shown while nothing is written.
    hint: str = ""
    #: What is wrong with a text, from the label and the text; empty where nothing is.
    wrong: Callable[[str, str], str] = _anything
    required: bool = False
    #: Whether it is masked.
    secret: bool = False
    #: What a text in which nothing is wrong is kept as.
    meant: Callable[[str], str] = str

    def problem(self, text: str) -> str:
        """What is wrong with this text, as a sentence; empty where nothing is."""
        if not text:
            return f"{self.label} is missing." if self.required else ""
        return self.wrong(self.label, text)


def name(label: str, text: str) -> str:
    """What is wrong with a provider's name: apps write it before a colon and a model."""
    if ":" in text:
        return f"{label} cannot hold a colon."
    if not text.isprintable():
        return f"{label} cannot hold a control character."
    return model_id(label, text)


def model_id(label: str, text: str) -> str:
    """What is wrong with a model's id: axio-tui writes it, and a provider's name, as markup."""
    try:
        Content.from_markup(f"[b]{text} [/]")
    except MarkupError:
        return f"{label} cannot hold what reads as markup and is none: {reprlib.repr(text)}."
    return ""


def address(label: str, text: str) -> str:
    """What is wrong with a base URL."""
    del label
    wrong = Origin(base_url=text).url_problem()
    return f"It {wrong}." if wrong else ""


def key(label: str, text: str) -> str:
    """What is wrong with an API key."""
    del label
    try:
        Origin("this service", secret=text).headers({})
    except NotSent as error:
        return str(error)
    return ""


def number(setting: str) -> Callable[[str, str], str]:
    """What is wrong with a number that is to be this setting."""

    def wrong(label: str, text: str) -> str:
        try:
            READERS[setting](label, text)
        except ValueError as error:
            return f"{error}."
        return ""

    return wrong


def amount(label: str, text: str) -> str:
    """What is wrong with a number of tokens."""
    if 1 <= tokens(text) <= LARGEST:
        return ""
    return f"{label} must be a whole number above zero, not {reprlib.repr(text)}."


def tokens(text: str) -> int:
    """The number of tokens that is written, with commas or without; 0 where it is none."""
    digits = text.replace("_", "").replace(",", "")
    # Python refuses to read a number of thousands of digits, as somebody may paste one.
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) < _LONG else 0


def price(label: str, text: str) -> str:
    """What is wrong with dollars per million tokens."""
    try:
        good = 0 <= float(text) < LARGEST
    except ValueError:
        good = False
    return "" if good else f"{label} must be a number, at least 0, not {reprlib.repr(text)}."


def abilities(label: str, text: str) -> str:
    """What is wrong with a list of capabilities."""
    del label
    known = [str(word) for word in Capability]
    unknown = [word for word in words(text) if word not in known]
    return f"{', '.join(map(repr, unknown))} is none of: {', '.join(known)}." if unknown else ""


def words(text: str) -> list[str]:
    """The words of a list with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def thinking(base_url: Callable[[], str]) -> Field:
    """How hard the model is to think, in any of the words that its service understands.

    That is the service at ``base_url``, which is looked up whenever a text is checked.
    """

    def wrong(label: str, text: str) -> str:
        del label
        try:
            effort_from(text, dialect_for(base_url()))
        except ValueError as error:
            return str(error)
        return ""

    def meant(text: str) -> str:
        return effort_from(text, dialect_for(base_url())) or ""

    return Field("reasoning_effort", "Thinking", "default", wrong, meant=meant)
