"""How one service's chat completions differ from the others': values, never branches on a name.

A dialect is plain data. It makes the round trip through JSON (:meth:`Dialect.to_dict`), and what a
service turns out to refuse is learnt as another dialect (see :mod:`.heal`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "COMPATIBLE",
    "LIMIT_FIELDS",
    "OPENAI",
    "SIMPLE_SCHEMA",
    "SKIP_SIGNATURE",
    "Dialect",
    "Edit",
    "essence",
    "sound_format",
]

#: What a setting of a dialect may be, as JSON.
type Plain = str | int | float | bool | list[Plain] | dict[str, Plain] | None


#: The names of the parameter that limits the length of an answer, the older one first.
LIMIT_FIELDS: Final = ("max_tokens", "max_completion_tokens")


#: The least that these settings may be.
_LEAST: Final = {
    "limit_cap": 1,
    "limit_default": 1,
    "description_length": 0,
    "id_length": 1,
    "embedding_batch": 1,
}


class Dialect(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What one service takes. The defaults are what nearly every compatible server understands.

    Raises:
        ValueError: A pattern is no regular expression, or a number is too small.
    """

    #: The field that limits the length of an answer.
    limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    #: The most tokens an answer may ask for; more is lowered to it. None where no limit is known.
    limit_cap: int | None = None
    #: The limit sent where the user set none, for services whose own is too small to be useful.
    limit_default: int | None = None
    #: Whether ``stream_options`` is understood, without which many services report no usage.
    stream_options: bool = True
    #: Request parameters that are never sent, of those beside the model and the messages.
    dropped: tuple[str, ...] = ()

    #: The role that carries the system prompt.
    system_role: Literal["system", "developer", "user"] = "system"
    #: Whether a system message may stand anywhere, not only at the beginning; none of the user's
    #: role may, for nobody speaks twice in a row.
    system_anywhere: bool = False
    #: Whether the conversation must begin with the user.
    user_first: bool = False
    #: Whether an assistant message may come last, to be continued by the model.
    prefill: bool = False
    #: Whether a user message may follow a tool result without an assistant message between them.
    user_after_tool: bool = True
    #: The ``content`` of an assistant message that holds nothing but calls.
    empty_content: Literal["null", "empty", "absent"] = "null"

    #: The parameter that says how hard the model should think; empty where nothing can.
    effort: Literal[
        "", "reasoning_effort", "reasoning", "thinking", "enable_thinking", "chat_template_kwargs"
    ] = "reasoning_effort"
    #: The efforts the service knows, from the least to the most; empty where that is not known.
    efforts: tuple[str, ...] = ()

    #: Whether pieces of a thought come in the content, in ``<reasoning>`` tags of their own.
    thoughts_wrapped: bool = False
    #: Which assistant messages are sent with their reasoning.
    replay: Literal["always", "calls", "never"] = "always"
    #: The field that carries reasoning sent back; empty for the one it came in.
    replay_field: str = ""
    #: Whether a message with calls must carry the field even where it had no reasoning.
    replay_required: bool = False
    #: Fields of messages that are never sent.
    message_dropped: tuple[str, ...] = ()
    #: The ``extra_content`` of a call that came without one, as JSON; empty to send none.
    unsigned_call: str = ""

    #: The regular expression that the name of a tool must match.
    name_pattern: str = "[a-zA-Z0-9_-]{1,64}"
    #: The most characters a tool's description may have; 0 for any number.
    description_length: int = 0
    #: The most characters the id of a call may have.
    id_length: int = 64
    #: The regular expression that the id of a call must match; empty for none.
    id_pattern: str = ""
    #: Whether one message of the assistant's may hold several calls.
    calls_together: bool = True
    #: Whether a tool message repeats the name of its tool.
    result_names: bool = False
    #: Whether ``tool_choice`` may force a call.
    forced_tools: bool = True
    #: Whether a conversation with calls needs tools even where none are offered.
    tools_required: bool = False

    #: JSON Schema keywords that are left out.
    schema_dropped: tuple[str, ...] = ("$schema", "$id", "$comment", "title")
    #: Whether ``$ref`` is replaced by what it refers to.
    schema_inlined: bool = True
    #: Whether the root of a schema must be an object with properties, with no ``anyOf`` or such.
    schema_flat: bool = False
    #: Whether ``true`` and ``false`` are understood as schemas: one takes anything, one nothing.
    schema_booleans: bool = True
    #: Whether only simple schemas are understood: of one type, which is named, and with no constant
    #: or tuple.
    schema_simple: bool = False
    #: Whether an ``enum`` in a simple schema may hold strings alone.
    schema_words: bool = False
    #: Whether tools ask to be called in strict mode, and have a schema for it.
    strict: bool = False

    #: Whether the model is shown images.
    images: bool = True
    #: Whether an image may stand in a tool result.
    images_in_results: bool = False
    #: The part that carries sound: base64 with the format beside it, or the same with a data URL
    #: for the base64, or a URL as for images; empty where the model cannot hear.
    audio: Literal["", "input_audio", "data_url", "audio_url"] = "input_audio"
    #: The formats of sound that are taken, as the wire calls them; empty where any may be.
    audio_formats: tuple[str, ...] = ()
    #: The part that carries video; empty where the model cannot watch.
    video: Literal["", "video_url"] = ""

    #: Whether embeddings can be had as base64.
    base64_embeddings: bool = True
    #: How many texts are embedded by one request at most: OpenAI's number.
    embedding_batch: int = 2048

    def __post_init__(self) -> None:
        """Check what types do not tell."""
        for pattern in (self.name_pattern, self.id_pattern):
            try:
                re.compile(pattern)
            except (re.error, OverflowError, RecursionError) as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
        for name, least in _LEAST.items():
            found = getattr(self, name)
            if found is not None and found < least:
                raise ValueError(f"{name} must be at least {least}, not {found}")

    @property
    def system_within(self) -> bool:
        """Whether a system message may stand within the conversation."""
        return self.system_anywhere and self.system_role != "user"

    def takes(self, media_type: str, *, in_result: bool = False) -> bool:
        """Whether the model can see or hear something of this type, or in a tool result."""
        match essence(media_type).partition("/")[0]:
            case "image":
                return self.images and (self.images_in_results or not in_result)
            case "audio":
                known = not self.audio_formats or sound_format(media_type) in self.audio_formats
                return bool(self.audio) and known and not in_result
            case "video":
                return bool(self.video) and not in_result
            case _:
                return False

    def to_dict(self) -> dict[str, Plain]:
        """What differs from the defaults, as plain JSON."""
        plain: dict[str, Plain] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Dialect:
        """The dialect that :meth:`to_dict` wrote.

        Raises:
            ValueError: A setting has a value that no dialect can have.
        """
        try:
            return msgspec.convert(data, cls)
        except msgspec.ValidationError as error:
            raise ValueError(f"not a dialect: {error}") from None

    def with_changes(self, changes: Mapping[str, Plain]) -> Dialect:
        """The dialect with some settings replaced.

        Raises:
            ValueError: A setting has a value that no dialect can have.
        """
        return self.from_dict({**self.to_dict(), **changes})


@dataclass(frozen=True)
class Edit:
    """Settings of a dialect to replace."""

    changes: Mapping[str, Plain]
    #: What it does, in few words: for a log line, and for the error if it did not help.
    why: str
    #: The changes that hold for other conversations too; None where all of them do.
    lasting: Mapping[str, Plain] | None = None

    def apply(self, dialect: Dialect) -> Dialect:
        """The dialect with the settings replaced."""
        return dialect.with_changes(self.changes)

    def learn(self, dialect: Dialect) -> Dialect:
        """The dialect with those settings replaced that hold for other conversations too."""
        return dialect.with_changes(self.changes if self.lasting is None else self.lasting)


#: JSON Schema keywords to leave out for services that know little more than OpenAPI 3.0 has.
SIMPLE_SCHEMA: Final = (
    "$schema",
    "$id",
    "$comment",
    "title",
    "additionalProperties",
    "patternProperties",
    "unevaluatedProperties",
    "propertyNames",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "examples",
)

#: The ``extra_content`` of a call made by another model, for one that wants its calls signed
#: (Google's guide to thought signatures).
SKIP_SIGNATURE: Final = '{"google":{"thought_signature":"skip_thought_signature_validator"}}'

#: What OpenAI itself takes.
OPENAI: Final = Dialect(
    limit_field="max_completion_tokens",
    system_anywhere=True,
    schema_inlined=False,
    schema_flat=True,
    schema_dropped=(),
    audio_formats=("wav", "mp3"),
)

#: The wire's names of the formats of sound whose media type says another. Bare samples are sent as
#: a WAV file, for services take none without a header.
_SOUNDS: Final = {"mpeg": "mp3", "mpga": "mp3", "pcm": "wav", "wave": "wav", "vnd.wave": "wav"}


def essence(media_type: str) -> str:
    """The type without its parameters, in lower case (RFC 9110 section 8.3.1)."""
    return media_type.partition(";")[0].strip().lower()


def sound_format(media_type: str) -> str:
    """What the wire calls the format of sound of this type."""
    form = essence(media_type).partition("/")[2].removeprefix("x-")
    return _SOUNDS.get(form, form)


#: What a server that calls itself compatible takes, as far as nothing else is known.
COMPATIBLE: Final = Dialect()
