"""A service's refusal, read as an edit to the dialect it was addressed in.

Pure: whoever sends the request again decides how often, and remembers the dialect for the service
and its model. A parameter counts as refused when it was sent, and is named, in words of refusal.
A wrong guess costs one request.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .complaint import Complaint, own
from .dialect import LIMIT_FIELDS, Dialect, Edit
from .options import EFFORTS
from .remedy import GENERAL, PARTICULAR
from .tooling import TOOLS, Rule
from .verdict import is_about_form

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from .dialect import Plain
    from .refusal import Refusal

__all__ = ["edit_for"]

#: Statuses that say the request is at fault; 500 and 501 are what some servers say instead.
_STATUSES: Final = frozenset({400, 404, 405, 406, 413, 415, 416, 422, 500, 501})
#: Those of them that a service may mean even where it says nothing.
_SILENT_STATUSES: Final = frozenset({400, 422})
_EFFORT: Final = (
    *("reasoning_effort", "reasoning", "thinking"),
    *("enable_thinking", "thinking_budget", "chat_template_kwargs"),
)
_EFFORT_WORDS: Final = re.compile(rf"\b(?:{'|'.join(EFFORTS)}|default)\b")
#: What they say of a chat template that fails.
_TEMPLATE_FAILS: Final = (
    r"(?:fail|error|unable)[^.]{0,60}\btemplate|\btemplate\b[^.]{0,60}(?:fail|error)"
)
#: What services call reasoning, but for names of models and parsers; else the efforts they know.
_THINKS: Final = (
    r"(?<![\w-])(?:think(?:ing)?|reasoning)(?![\w-]| parser)"
    rf"|(?:values are|levels): {_EFFORT_WORDS.pattern}"
)
#: What Claude says of a conversation without the thoughts that it wants while it thinks, and of
#: too few tokens to think with.
_UNTHOUGHT: Final = (
    r"must start with a thinking block|thinking blocks\b.{0,60}cannot be modified"
    r"|must be greater than thinking"
)
#: What they call the forms of an answer by, where they do not name the parameter.
_FORMS: Final = {
    "response_format": r"\bjson mode\b|response mime type",
    "encoding_format": r"\bbase64\b",
}
_PENALTIES: Final = frozenset({"presence_penalty", "frequency_penalty", "repetition_penalty"})
_CHANCES: Final = frozenset({"logprobs", "top_logprobs", "logit_bias"})
_SAMPLING: Final = frozenset({"temperature", "top_p", "top_k", "min_p"}) | _PENALTIES | _CHANCES
#: What a service says of a value that nobody could take: the user should hear of it.
_WRONG_VALUE: Final = (
    r"between -?\d|(?<!\.)type must be|valid (?:number|integer|boolean|list)"
    r"|(?:string|array) too long|supports up to (?!1\b)\d|strictly positive"
    r"|(?:out of|in(?: the)?|valid) range|range (?:of|is)|(?:must|should) be in [(\[]"
    r"|(?:greater|less|more|smaller|larger) than|at least \d|non-negative|[<>]= ?-?\d"
    r"|取值范围"
)
#: What it says of two parameters of which only one may be set.
_TOGETHER: Final = r"\bboth\b|only one|simultaneous|同时"
#: What a service says of the user as a person, and one who speaks: a parameter has that name.
_ROLE: Final = (
    r"\broles?\b|user (?:turn|message|or tool|or assistant|location|agent|account|input|prompt)"
    r"|user\W(?:tool|提问)"
)
#: Without these there is no request, or not what was asked for, or other rules know better.
_KEPT: Final = frozenset(
    {"model", "messages", "input", "dimensions", "stream", "tools", *LIMIT_FIELDS}
)

#: A smaller number in a refusal is no limit of tokens, but a part of some name.
_LEAST: Final = 32
#: How services say how long an answer may be at most.
_AT_MOST: Final = (
    r"(?:at most|up to|less than or equal(?: to)?|limited to|<=|\u2264|no more than) (\d+)",
    r"[\[(]\d+, ?(\d+)[\])]",
    r"\d+ > (\d+)",
    r"(?:between|from) \d+ (?:and|to) (\d+)",
    r"max(?:imum)?\D{0,60}?(?:is|of|:|to|limit) ?(\d+)",
    r"(?:exceeds?|greater than|larger than|above|over)\b\D{0,40}(\d+)",
)
#: The same, by the first number that is too high.
_BELOW: Final = (
    r"(?:must be|should be) (?:less|smaller|lower) than (\d+)",
    r"to (\d+) \(exclusive\)",
)
#: What they say of a limit that is too low, or of the prompt: another name for it changes nothing.
_TOO_LOW: Final = r"must be (?:greater|higher|larger|at least)|below (?:the )?minimum|in request"
#: What they call it beside the parameter.
_TOKENS: Final = r"max\w{0,20}tokens|(?:completion|output|max|maximum) tokens"
_WINDOW: Final = (
    r"max_new_tokens must be <= (\d+)",
    r"context limit: \d+ \+ \d+ > (\d+)",
    r"context (?:window|size|length)\D{0,20}(\d+)",
)
_PROMPT: Final = (
    r"(?:has|contains(?: at least)?|passed) (\d+) input tokens",
    r"\((\d+) in (?:the|your) (?:messages|prompt)",
    r"\((\d+) of text input",
    r"given: (\d+) inputs? tokens",
    r"context limit: (\d+) \+",
    r"(\d+) tokens from the input",
    r"prompt\D{0,20}(\d+) tokens",
)
#: The same in characters, and of how many of them a token is, to be on the safe side.
_CHARACTERS: Final = (r"(\d+) input characters",)
_IN_A_TOKEN: Final = 3


def edit_for(
    status: int, refusal: Refusal, dialect: Dialect, body: bytes, tried: Collection[Dialect] = ()
) -> Edit | None:
    """The edit that a refusal asks for, or None if none is to be read from it.

    ``body`` is what was refused, ``tried`` the dialects it was sent in before.
    """
    if status not in _STATUSES or not is_about_form(refusal):
        return None
    words = " ".join((own(refusal.said), refusal.param, *sorted(refusal.names)))
    complaint = Complaint.of(words, body)
    for rule in _SILENT if complaint.empty and status in _SILENT_STATUSES else _RULES:
        edit = rule(complaint, dialect)
        if edit and edit.apply(dialect) not in (dialect, *tried):
            return edit
    return None


def _limit(complaint: Complaint, _: Dialect) -> Edit | None:
    """A limit that is too high, or goes by another name."""
    name = next((name for name in LIMIT_FIELDS if name in complaint.sent), None)
    if not name or not complaint.sent[name].isdigit():
        return None
    asked = int(complaint.sent[name])
    window, characters = complaint.number(_WINDOW), complaint.number(_CHARACTERS) or 0
    prompt = complaint.number(_PROMPT) or characters // _IN_A_TOKEN
    if window and prompt and asked > (left := window - prompt):
        return _fitted(left, window, asked) if left > 1 else None
    if not complaint.says(_TOKENS) or complaint.says("input length"):
        return None  # how long the input may be is no limit of the answer
    first = complaint.number(_BELOW, below=asked + 1)
    most = first - 1 if first else complaint.number(_AT_MOST, below=asked)
    if most and most >= _LEAST:
        return _capped(most)
    other = LIMIT_FIELDS[1 - LIMIT_FIELDS.index(name)]
    if not complaint.refused([name]) or complaint.says(_TOO_LOW):
        return None
    return Edit({"limit_field": other}, f"sent {other} instead of {name}")


def _fitted(left: int, window: int, asked: int) -> Edit:
    """The limit that half of what is left of a window allows: the next turn is longer.

    How much is left depends on the conversation; what is learnt leaves any of them half a window.
    """
    lasting: dict[str, Plain] = {"limit_cap": window // 2} if asked > window // 2 else {}
    return replace(_capped(left // 2), lasting=lasting)


def _capped(most: int) -> Edit:
    return Edit({"limit_cap": most}, f"asked for no more than {most} tokens")


def _unlimited(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """A limit that goes by no name the service knows."""
    names = complaint.refused(LIMIT_FIELDS)
    return _dropped(dialect, names) if names and not complaint.says(_TOO_LOW) else None


def _stream_options(complaint: Complaint, _: Dialect) -> Edit | None:
    if "stream_options" in complaint.sent and complaint.says(r"stream_?options|include_usage"):
        return Edit({"stream_options": False}, "left out stream_options")
    return None


def _tool_choice(complaint: Complaint, dialect: Dialect) -> Edit | None:
    if "tool_choice" not in complaint.sent or not complaint.names("tool_choice"):
        return None
    if dialect.forced_tools and complaint.sent["tool_choice"] != b'"auto"':
        return Edit({"forced_tools": False}, "let the model choose whether to call a tool")
    return _dropped(dialect, ["tool_choice"])


def _effort(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """A way of asking for reasoning, or an amount of it, that the service does not know."""
    if complaint.says(r"function tools with reasoning_effort"):
        return Edit({"efforts": ["none"]}, "asked for no reasoning beside tools")
    sent = [name for name in _EFFORT if name in complaint.sent]
    if sent and complaint.says(_UNTHOUGHT):
        return replace(_eased(complaint, dialect, sent), lasting={})
    names = complaint.refused(_EFFORT)
    if "chat_template_kwargs" in sent and complaint.says("chat_template is not supported"):
        names = ["chat_template_kwargs"]  # Mistral's tokenizers have none to give them to
    return _eased(complaint, dialect, names) if names else None


def _thinking(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """The same, where the service names no parameter, but a value or what it can or cannot do."""
    names = [name for name in _EFFORT if name in complaint.sent]
    if not complaint.refuses or not complaint.says(_THINKS):
        return None
    meant = complaint.valued(sorted(complaint.sent.keys() - _KEPT))
    if meant and set(names).isdisjoint(meant):
        return _dropped(dialect, meant)
    return _eased(complaint, dialect, names) if names else None


def _eased(complaint: Complaint, dialect: Dialect, names: Sequence[str]) -> Edit:
    """The edit that asks for an effort that the service names, or else leaves these out."""
    if [*names] == ["thinking_budget"]:  # it thinks also where nothing says how long
        return _dropped(dialect, names)
    offer = re.split(
        r"one of|values? (?:are|is|include)|\b(?:supported|valid) values:|levels:|should be|must be"
        r"|expected",
        complaint.all_said,
    )
    known = list(dict.fromkeys(_EFFORT_WORDS.findall(offer[-1]))) if offer[1:] else []
    if known and dialect.efforts != tuple(known):
        return Edit({"efforts": [*known]}, f"asked for a known effort ({', '.join(known)})")
    return Edit(
        {"effort": "", "dropped": _left_out(dialect, names)}, f"left out {', '.join(names)}"
    )


def _form(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """A form of the answer that goes by another name."""
    names = [name for name in _FORMS if name in complaint.sent and complaint.says(_FORMS[name])]
    return _dropped(dialect, names) if names and complaint.refuses else None


def _parameters(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """Parameters that the service does not know, and with them all of their family."""
    kept = _KEPT | {"user"} if complaint.says(_ROLE) else _KEPT
    names = complaint.refused(sorted(complaint.sent.keys() - kept))
    if not names or complaint.says(_WRONG_VALUE):
        return None
    if "top_p" in names and complaint.says(_TOGETHER):
        return _dropped(dialect, ["top_p"])
    families = [_PENALTIES, _CHANCES]
    if complaint.says(r"this model|only the default|only 1 is allowed|reasoning model"):
        families.append(_SAMPLING)
    meant = set(names).union(*(family for family in families if not family.isdisjoint(names)))
    return _dropped(dialect, sorted(meant & complaint.sent.keys()))


def _template(complaint: Complaint, _: Dialect) -> Edit | None:
    """A template that fails, and names nothing of the request: most do at a tool's schema."""
    if "tools" in complaint.sent and complaint.says(_TEMPLATE_FAILS):
        return Edit({"schema_inlined": True, "schema_simple": True}, "wrote simpler schemas")
    return None


def _plainer(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """Where nothing is said: first, without what services are known to refuse in silence."""
    changes: dict[str, Plain] = {}
    if any(map(complaint.carries, ("reasoning_content", "reasoning", "reasoning_details"))):
        changes["replay"] = "never"
    if dialect.system_role == "developer":
        changes["system_role"] = "system"
    return Edit(changes, "sent no reasoning back, and no developer role") if changes else None


def _plainest(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """Where nothing is said: then, without everything that can be left out."""
    extra = sorted(complaint.sent.keys() - _KEPT - {"stream_options"})
    if not extra:
        return None
    changes: dict[str, Plain] = {"stream_options": False, "dropped": _left_out(dialect, extra)}
    limits = [name for name in LIMIT_FIELDS if name in complaint.sent]
    if limits:
        changes["limit_field"] = "max_tokens"
    return Edit(changes, f"left out {', '.join(['stream_options', *extra])}")


def _dropped(dialect: Dialect, names: Sequence[str]) -> Edit:
    return Edit({"dropped": _left_out(dialect, names)}, f"left out {', '.join(names)}")


def _left_out(dialect: Dialect, names: Sequence[str]) -> list[Plain]:
    """The parameters that the dialect leaves out, and these."""
    return [*sorted({*dialect.dropped, *names})]


_SILENT: Final[Sequence[Rule]] = (_plainer, _plainest)
#: From the most particular to the most general.
_RULES: Final[Sequence[Rule]] = (
    *(_limit, _unlimited, _stream_options, _tool_choice, _effort),
    *(*PARTICULAR, *TOOLS),
    *(_parameters, _form),
    *(*GENERAL, _thinking, _template),
)
