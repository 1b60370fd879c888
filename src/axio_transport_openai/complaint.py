"""What a service says against a request, beside the request that it refused.

Services say the same thing in dozens of ways and in layers of quoted JSON, so their words are
compared without case and without quotes. Not all words are their own: they repeat parts of the
request, an address or what a model wrote, and whatever is named in there says nothing of the fault.
"""

from __future__ import annotations

import math
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Complaint", "own"]

#: Words of refusal.
_REFUSES: Final = re.compile(
    r"support|unrecogni[sz]ed|unknown|extra (?:inputs|fields)|permitted|allowed|unexpected"
    r"|extraneous|invalid|illegal|can ?not|\bcan.?t\b|must|should|deprecated|incompatible"
    r"|not (?:a )?(?:valid|recogni[sz]ed|accepted|expected|enabled)|不支持|不能|非法|无效|未知"
    r"|not available|additional propert|forbidden|remove|incorrect|only|no such|not implemented"
    r"|mandatory|restricted|unavailable"
)
#: A quote, in however many layers of JSON.
_QUOTE: Final = r"""[\\"']{1,9}"""
#: The next key of one of pydantic's errors, or the next error.
_NEXT: Final = (
    rf", ?{_QUOTE}(?:ctx|url){_QUOTE}:"
    rf"|\}}, ?\{{{_QUOTE}type{_QUOTE}: ?{_QUOTE}\w{{1,99}}{_QUOTE}, ?{_QUOTE}loc\b"
)
#: Addresses, what jsonschema and pydantic repeat of what they were given, and what the model wrote.
_REPEATED: Final = re.compile(
    rf"\A{_QUOTE}.*{_QUOTE} (?=is (?:too long|not of type|not valid under)"
    rf"|does not match {_QUOTE})|https?://\S+"
    rf"|, ?{_QUOTE}input{_QUOTE}: ?.*?(?={_NEXT}|\Z)|input_value=.*?(?=, input_type|\Z)"
    rf"|(?:\(the model wrote|failed_generation{_QUOTE}|failed to parse input at pos \d+"
    r"|error parsing tool call): ?.*",
    re.IGNORECASE | re.DOTALL,
)
#: Names that every refusal has, whatever is wrong.
_NO_NEWS: Final = re.compile(r"invalid_request_\w+|invalid_argument")
#: What a service adds as help: what it would have taken, and under what condition it does not.
_HELP: Final = re.compile(
    r"expected (?:one of|to be) .*?(?=,? but got|\n|\Z)|did you mean .*"
    r"|(?:please )?use \S+ instead.*|to drop these.*"
    r"|(?:supported|valid) parameters.*|\d known properties: .*?(?=\)|\Z)"
    r"|(?:when|if|while|with) thinking (?:mode )?is \w+"
    r"|(?<!works )in (?:the )?thinking mode"
    r"|when \S+ is enabled|supported when \S+=\S+|that is either .*"
)
#: What OpenAI says of a value, behind gateways without the parameter.
_VALUE: Final = re.compile(r"(?:unsupported|invalid) value: (\w+)(?:\.| is not supported)")
#: What services behind gateways call a parameter themselves: Google and AWS.
_ALSO: Final[Mapping[str, Sequence[str]]] = {
    "frequency_penalty": ("penalty",),
    "n": ("candidate", "candidates", "candidate_count"),
    "presence_penalty": ("penalty",),
    "response_format": ("response_schema", "response_mime_type"),
    "stop": ("stop_sequences",),
    "tool_choice": ("function_calling_mode",),
}
#: Quotes and ends of lines, in however many layers of JSON: without its backslash, an end of a line
#: is the name of a parameter.
_QUOTES: Final = re.compile(r"[\\\"'`]+")
_ENDS: Final = re.compile(r"(?<!\\)\\++(?:r\\++)?n")
#: The digits of a number beyond the fifteenth: Python refuses to read a number of thousands, and
#: a search begins anew at each of them.
_ENDLESS: Final = re.compile(r"(?<=\d{15})\d+")
#: A comma within a number, as in 1,024.
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}\b)")
#: In JSON as we write it: a key of an object, and the role of the first message that is no system
#: prompt.
_KEY: Final = re.compile(rb'"([\w$]+)":')
_FIRST: Final = re.compile(rb'"role":"(?!system|developer)(\w+)"')
#: Words that say nothing of what is wrong.
_EMPTY: Final = re.compile(
    r"(?:[\W\d_]|bad[ _]?request|invalid[ _]request|provider returned error|param incorrect"
    r"|unprocessable (?:entity|content)|error|code|message"
    r"|invalid (?:input|params|chat setting|api parameter)|please check the documentation"
    r"|the parameter is invalid|please check again|api 调用参数有误|请检查文档"
    r"|upstream request failed|(?:\S{1,60} )?api error|null|type|status|param|body)*+"
)


def own(words: str) -> str:
    """The service's own words: without what they repeat of others', and commas in numbers."""
    return _THOUSANDS.sub("", _REPEATED.sub(" ", words))


class Complaint(msgspec.Struct, frozen=True, dict=True):
    """A refusal beside what was refused."""

    #: Everything that the service said, in lower case and without quotes.
    all_said: str
    #: The parameters that were sent, each as its JSON.
    sent: Mapping[str, bytes]

    @classmethod
    def of(cls, words: str, body: bytes) -> Self:
        """The complaint about this body in these words, a service's own."""
        sent = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        words = _QUOTES.sub("", _ENDS.sub("\n", _ENDLESS.sub("", words)))
        all_said = _NO_NEWS.sub(" ", words.lower())
        return cls(all_said, {key: bytes(value) for key, value in sent.items()})

    @cached_property
    def said(self) -> str:
        """What it said of this request: all but the help, which names what would have done."""
        return _HELP.sub("", self.all_said)

    @cached_property
    def empty(self) -> bool:
        """Whether nothing was said of what is wrong."""
        return _EMPTY.fullmatch(self.all_said) is not None

    @cached_property
    def refuses(self) -> bool:
        """Whether these are words of refusal."""
        return _REFUSES.search(self.said) is not None

    def says(self, pattern: str) -> bool:
        """Whether the service said this."""
        return re.search(pattern, self.said) is not None

    def names(self, name: str, *, in_words: bool = True) -> bool:
        """Whether the service named this: ``in_snake_case``, ``inCamelCase`` or in words."""
        names = (name.lower(), *_ALSO.get(name, ()))
        forms = {
            known.replace("_", between) for known in names for between in ("_", "", " " * in_words)
        }
        return any(self.says(rf"(?<![a-z_]){form}(?![a-z_])") for form in forms)

    def refused(self, parameters: Iterable[str]) -> list[str]:
        """Those of these parameters that were sent and are refused."""
        if not self.refuses:
            return []
        return [name for name in parameters if name in self.sent and self.names(name)]

    def valued(self, parameters: Iterable[str]) -> list[str]:
        """Those of these parameters that were sent with the value that is called wrong."""
        wrong = _VALUE.search(self.said)
        value = f'"{wrong[1]}"'.encode() if wrong else None
        return [name for name in parameters if value and value in self.sent[name].lower()]

    def carries(self, name: str) -> bool:
        """Whether a message that was sent has this field, as has a part of this type."""
        return b'"%b":' % name.encode() in self.sent.get("messages", b"")

    def points_at_empty_message(self) -> bool:
        """Whether the message that the service named, by its place, is one without content."""
        place = re.search(r"messages\W{1,4}(\d{1,9})", self.all_said)
        if place is None:
            return False
        sent = self.sent.get("messages", b"[]")
        messages = msgspec.json.decode(sent, type=list[dict[str, msgspec.Raw]])
        named = messages[int(place[1]) : int(place[1]) + 1]
        return any(bytes(message.get("content", b"null")) == b"null" for message in named)

    def keys_of(self, parameter: str) -> Iterable[str]:
        """The keys of the objects in a parameter that was sent."""
        keys = _KEY.findall(self.sent.get(parameter, b""))
        return dict.fromkeys(key.decode() for key in keys)

    def begins_with(self, role: str) -> bool:
        """Whether the first message of the conversation that was sent has this role."""
        first = _FIRST.search(self.sent.get("messages", b""))
        return first is not None and first[1] == role.encode()

    def mentions(self, name: str) -> bool:
        """Whether the service named this at all, be it for what it would have taken."""
        return name in self.all_said

    def number(self, patterns: Sequence[str], below: float = math.inf) -> int | None:
        """The first number less than ``below`` that the service said in one of these patterns."""
        found = (match for pattern in patterns for match in re.finditer(pattern, self.all_said))
        return next((int(match[1]) for match in found if int(match[1]) < below), None)
