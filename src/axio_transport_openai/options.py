"""What the user asks of a request, and the parameters that say so in a dialect."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from .dialect import LIMIT_FIELDS
from .errors import NotSent
from .lenient import is_object, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .dialect import Dialect

__all__ = ["EFFORTS", "Options", "described", "effort_from", "efforts", "parameters"]

#: The efforts that services know, from the least to the most.
EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
#: How much each word asks for, compared with the others.
_RANKS: Final = {word: rank for rank, word in enumerate(EFFORTS)} | {"default": 3, "on": 3}
#: The words for them where a service can only be told whether to think.
_SWITCH: Final = ("none", "on")
#: The values of ``tool_choice`` that force no call.
_UNFORCED: Final = (None, "auto", "none")
#: The words for not thinking at all.
_OFF: Final = frozenset({"none", "off", "disabled", "false", "0"})
#: Forms that take a budget of tokens to think with.
_COUNTED: Final = frozenset({"reasoning", "thinking", "enable_thinking"})
#: Forms that say whether to think beside how hard.
_SWITCHED: Final = frozenset({"thinking", "enable_thinking", "chat_template_kwargs"})
_TEMPLATE: Final = "chat_template_kwargs"
#: Parameters that mean something only beside tools.
_WITH_TOOLS: Final = frozenset({"tool_choice", "parallel_tool_calls"})
#: What is not the user's to set: it is how the answer is read.
_OURS: Final = frozenset({"messages", "model", "stream"})


class Options(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the user asks of a request. What is None is not sent."""

    #: What stored blocks call the service: their reasoning goes back to no other.
    provider: str = ""
    temperature: float | None = None
    max_output_tokens: int | None = None
    #: One of the dialect's efforts, or a number of tokens.
    reasoning_effort: str | None = None
    #: Further parameters, merged last; None takes one away, and tools are merged by name.
    extra_params: Mapping[str, object] = msgspec.field(default_factory=lambda: MappingProxyType({}))

    @property
    def candidates(self) -> int | float:
        """How many answers are asked for, of which the first is the one that counts."""
        return number(self.extra_params.get("n")) or 1


def parameters(options: Options, dialect: Dialect, *, tools: bool) -> dict[str, object]:
    """The parameters of a request, beside its model, its tools and its messages.

    Raises:
        NotSent: The extra parameters hold one that is not the user's to set.
    """
    extra = {key: value for key, value in options.extra_params.items() if key != "tools"}
    if ours := _OURS & extra.keys():
        raise NotSent(f"extra_params cannot set {', '.join(sorted(ours))}: the transport does")
    made: dict[str, object] = {"stream": True}
    if dialect.stream_options:
        made["stream_options"] = {"include_usage": True}
    made["temperature"] = options.temperature
    made |= _limit(options, dialect, extra)
    made |= _effort(options, dialect, extra)
    template, further = made.get(_TEMPLATE), extra.get(_TEMPLATE)
    made |= extra
    if is_object(template) and is_object(further):  # a template has many settings
        made[_TEMPLATE] = template | further
    if not dialect.forced_tools and made.get("tool_choice") not in _UNFORCED:
        made["tool_choice"] = "auto"
    left_out = {*dialect.dropped, *(() if tools else _WITH_TOOLS)}
    return {key: value for key, value in made.items() if value is not None and key not in left_out}


def efforts(dialect: Dialect) -> Sequence[str]:
    """The words for how hard the model should think, from the least to the most."""
    if dialect.efforts:
        switched = dialect.effort in _SWITCHED and "none" not in dialect.efforts
        return ("none", *dialect.efforts) if switched else dialect.efforts
    if dialect.effort in {"reasoning_effort", "reasoning"}:
        return EFFORTS[:-1]
    return _SWITCH if dialect.effort else ()


def effort_from(words: str, dialect: Dialect) -> str | None:
    """The effort that a user's words name, or None for the service's own.

    Raises:
        ValueError: They name none that this dialect can ask for.
    """
    word = words.strip().lower()
    if word in {"", "default", "auto"}:
        return None
    known = efforts(dialect)
    if word in known:
        return word
    if word in _OFF and "none" in known:
        return "none"
    if word.isdecimal() and dialect.effort in _COUNTED:
        return word
    if not known:
        raise ValueError(_choice(dialect))
    raise ValueError(f"Unknown effort {words!r}. {_choice(dialect)}")


def described(effort: str | None, dialect: Dialect) -> str:
    """The chosen effort and the choice there is, for people."""
    choice = _choice(dialect)
    return f"Reasoning effort: {effort or 'default'}. {choice}" if efforts(dialect) else choice


def _choice(dialect: Dialect) -> str:
    if not efforts(dialect):
        return "This service cannot be told how hard to think."
    counted = " or a number of tokens" if dialect.effort in _COUNTED else ""
    return f"Choose {', '.join(('default', *efforts(dialect)))}{counted}."


def _limit(options: Options, dialect: Dialect, extra: dict[str, object]) -> Mapping[str, object]:
    """How long the answer may be, under the name and within the bounds the dialect knows."""
    given = [extra.pop(name) for name in LIMIT_FIELDS if name in extra]
    # One taken away by one of its names may be there by the other.
    said = [one for one in given if one is not None] or [None]
    limit = said[-1] if given else options.max_output_tokens
    if limit is None and not given:
        limit = dialect.limit_default
    if isinstance(limit, int) and dialect.limit_cap is not None:
        limit = min(limit, dialect.limit_cap)
    return {dialect.limit_field: limit}


def _effort(options: Options, dialect: Dialect, extra: dict[str, object]) -> Mapping[str, object]:
    """How hard to think, in the form the dialect knows."""
    given = extra.pop("reasoning_effort", options.reasoning_effort)
    if not isinstance(given, str | int):
        return {"reasoning_effort": given}  # in a form of the user's own, or none
    effort = "none" if str(given).lower() in _OFF else str(given)
    thinks, tokens = effort != "none", int(effort) if effort.isdecimal() else None
    word = given if isinstance(given, int) and tokens else _nearest(effort, dialect.efforts)
    switch: dict[str, object] = {"type": "enabled" if thinks else "disabled"}
    by_form: dict[str, dict[str, object]] = {
        "reasoning_effort": {"reasoning_effort": word},
        "reasoning": {"reasoning": {"max_tokens": tokens} if tokens else {"effort": word}},
        "thinking": {"thinking": switch | ({"budget_tokens": tokens} if tokens else {})},
        "enable_thinking": {"enable_thinking": thinks, "thinking_budget": tokens},
        _TEMPLATE: {_TEMPLATE: {"enable_thinking": thinks}},
    }
    made = by_form.get(dialect.effort, {})
    if dialect.effort == "thinking" and thinks and not tokens and dialect.efforts:
        made["reasoning_effort"] = word
    return made


def _nearest(effort: str, known: Sequence[str]) -> str:
    """The effort of those known that is nearest to this one, and of two the greater."""
    ranked = [word for word in known if word in _RANKS]
    if not ranked or effort in known or effort not in _RANKS:
        return effort
    return min(ranked, key=lambda word: (abs(_RANKS[word] - _RANKS[effort]), -_RANKS[word]))
