"""What to change in tools, and in the calls of them, that a service refuses.

One function for each thing that can be wrong: the edit that a complaint asks for, or None.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .dialect import SIMPLE_SCHEMA, Edit
from .simple import SIMPLIFIED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .complaint import Complaint
    from .dialect import Dialect, Plain

__all__ = ["TOOLS", "Rule"]

_LENGTHS: Final = ("minLength", "maxLength", "minItems", "maxItems")
_KEYWORDS: Final = (*SIMPLE_SCHEMA, *_LENGTHS, "default", "format", "pattern", "uniqueItems")
#: How they say how long something may be, in characters; and what no name, and no id, is as long
#: as: a number beyond it means something else.
_LONGEST: Final = r"(?:maximum length(?: of)?|at most) (\d+)"
_NO_LENGTH: Final = 65
#: What services say of a tool's schema; what is valid under none, or against one, is the request.
_SCHEMA: Final = (
    r"(?<!given )(?<!against )schema|function_?declaration|function_parameters"
    r"|tools\S{0,99}parameters|function\.parameters"
    r"|key in parameter type"
)
#: What they say where they cannot make a grammar of one, whose patterns and lengths are too much.
_GRAMMAR: Final = r"(?:parse|parsing|compile) .{0,10}grammar|grammar error|\bregex"
#: What they say of strict mode, and of what it asks for.
_STRICT: Final = r"\bstrict\b|tools\.\d+\.custom\b|compiled grammar"
#: What they say of a tool's description, and how long it may be where they do not: for OpenAI.
_TOO_LONG: Final = r"function\.description.{0,60}too long|too long.{0,20}function\.description"
_DESCRIBED: Final = 1024
#: What they say of a schema that is more than an object with properties.
_ROOT: Final = r"top.level|at the root|must (?:have|be) .{0,40}type:? ?object"
#: What they say of one that is a boolean: llama.cpp knows none.
_BOOLEAN: Final = r"schema: (?:true|false)\b|boolean schema|schema.{0,40}\bbool(?:ean)?\b"
#: What Gemini says of values that are no words.
_WORDS: Final = r"only allowed for string type|enum\[\d+\] \(type_string\)"


def _ids(complaint: Complaint, _: Dialect) -> Edit | None:
    """An id of a call that the service does not take."""
    if not complaint.says(r"tool_calls?\b|tool_?use|tool call id|call_id"):
        return None
    if length := complaint.number((r"a-z, a-z, 0-9, with a length of (\d+)",), _NO_LENGTH):
        pattern = f"[a-zA-Z0-9]{{{length}}}"
        return Edit({"id_pattern": pattern, "id_length": length}, "gave the calls other ids")
    if longest := complaint.number((rf"(?:\b|_)id\b.{{0,60}}{_LONGEST}",)):
        return Edit({"id_length": longest}, "gave the calls shorter ids")
    if complaint.says(
        r"(?:\b|tooluse)id\b.{0,60}(?:pattern|invalid|must)|invalid.{0,40}(?:\b|_)id\b"
    ):
        return Edit({"id_pattern": "[a-zA-Z0-9_-]+"}, "gave the calls plainer ids")
    return None


def _names(complaint: Complaint, _: Dialect) -> Edit | None:
    """A tool's name that the service does not take."""
    if not complaint.says(r"function\.?_?name|function name|tools\S{0,99}name"):
        return None
    longest = complaint.number((_LONGEST,), _NO_LENGTH) or _NO_LENGTH - 1
    if complaint.says(r"pattern|match|(?:start|begin) with|too long|maximum length|at most|valid"):
        pattern = f"[a-zA-Z][a-zA-Z0-9_-]{{0,{longest - 1}}}"
        return Edit({"name_pattern": pattern}, "gave tools plainer names")
    return None


def _results(complaint: Complaint, _: Dialect) -> Edit | None:
    """A result that does not say which tool it is of: Gemini wants to know."""
    if complaint.says(r"function_?response\.name\b|tool messages?\b.{0,20}\bname field"):
        return Edit({"result_names": True}, "named the tool of each result")
    return None


def _descriptions(complaint: Complaint, _: Dialect) -> Edit | None:
    """What is said of a tool, which is longer than the service takes."""
    if not complaint.says(_TOO_LONG):
        return None
    longest = complaint.number((_LONGEST,)) or _DESCRIBED
    changes: dict[str, Plain] = {"description_length": longest}
    return Edit(changes, f"cut what is said of tools to {longest} characters")


def _schemas(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """A tool's schema that the service does not take."""
    strictly = dialect.strict and complaint.refuses and complaint.says(_STRICT)
    unwritten = complaint.says(_GRAMMAR) and "grammar" not in complaint.sent
    if "tools" not in complaint.sent or not (strictly or unwritten or complaint.says(_SCHEMA)):
        return None
    # Cerebras names the form of the answer as the parameter, be it of a tool.
    if complaint.says("schema for response_format") or complaint.refused(["response_format"]):
        return None
    if not dialect.schema_flat and complaint.says(_ROOT):
        return Edit({"schema_flat": True}, "wrote the properties of all branches in one schema")
    if dialect.schema_booleans and complaint.says(_BOOLEAN):
        return Edit({"schema_booleans": False}, "wrote schemas that are booleans as objects")
    if dialect.strict:
        return Edit({"strict": False}, "asked for no strict tools")
    named = [word for word in _KEYWORDS if complaint.names(word)]
    named += ["pattern", *_LENGTHS] if unwritten else []
    # Gemini names each keyword that it does not know, be it one that is only to be written simpler.
    unknown = re.findall(r"unknown name ([\w$]+)", complaint.said)
    keys = [key for key in complaint.keys_of("tools") if key not in SIMPLIFIED]
    named += [key for key in keys if key.lower() in unknown]
    dropped: list[Plain] = [*dict.fromkeys((*dialect.schema_dropped, *SIMPLE_SCHEMA, *named))]
    words = dialect.schema_words or dialect.schema_simple or complaint.says(_WORDS)
    changes: dict[str, Plain] = {"schema_inlined": True, "schema_simple": True}
    changes |= {"schema_words": words, "schema_dropped": dropped}
    return Edit(changes, "wrote simpler schemas")


#: The edit that a complaint about a request in this dialect asks for, or None.
type Rule = Callable[[Complaint, Dialect], Edit | None]

#: From the most particular to the most general.
TOOLS: Final[Sequence[Rule]] = (_ids, _names, _results, _descriptions, _schemas)
