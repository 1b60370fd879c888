"""What services are known to refuse, as strict validators of a request's body.

Written from the services' published rules and from reports of what they refused. Each rule is a
function of the body that says what is wrong with it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from axio_transport_openai.dialect import COMPATIBLE, Dialect
from axio_transport_openai.known import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

type Json = Any
type Wire = dict[str, Json]

_HALF = re.compile(r"(?<!\\)\\ud[89a-f]")
_KEYS = {
    "system": {"role", "content"},
    "user": {"role", "content"},
    "assistant": {"role", "content", "tool_calls"},
    "tool": {"role", "content", "tool_call_id"},
}

_VALUES: Wire = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """One service's rules."""

    dialect: Dialect
    #: Which parts the content of a user's message may have.
    parts: frozenset[str] = frozenset({"text", "image_url", "input_audio"})
    #: What assistant messages may carry further.
    assistant_keys: frozenset[str] = frozenset()
    #: What assistant messages must carry, with something in it.
    assistant_needs: frozenset[str] = frozenset()
    call_keys: frozenset[str] = frozenset({"id", "type", "function"})
    top_keys: frozenset[str] = frozenset({"model", "stream", "stream_options", "messages", "tools"})
    name: str = r"[a-zA-Z0-9_-]{1,64}"
    call_id: str = r".{1,64}"
    content_needed: bool = False
    system_first: bool = True
    user_first: bool = False
    user_after_tool: bool = True
    signed: bool = False
    schema_refuses: frozenset[str] = frozenset()
    schema_flat: bool = False
    schema_simple: bool = False
    schema_words: bool = False


RULES = {
    "openai": Rules(dialect=KNOWN["api.openai.com"], system_first=False, schema_flat=True),
    "mistral": Rules(
        dialect=KNOWN["api.mistral.ai"],
        parts=frozenset({"text", "image_url"}),
        top_keys=frozenset({"model", "stream", "messages", "tools"}),
        call_id=r"[a-zA-Z0-9]{9}",
        user_after_tool=False,
    ),
    "gemini": Rules(
        dialect=KNOWN["generativelanguage.googleapis.com"],
        call_keys=frozenset({"id", "type", "function", "extra_content"}),
        name=r"[a-zA-Z][a-zA-Z0-9_-]{0,63}",
        user_first=True,
        signed=True,
        schema_refuses=frozenset(
            {"$ref", "$defs", "const", "title", "additionalProperties", "allOf", "oneOf"}
        ),
        schema_flat=True,
        schema_simple=True,
        schema_words=True,
    ),
    "kimi": Rules(
        dialect=KNOWN["api.moonshot.ai"],
        parts=frozenset({"text", "image_url"}),
        assistant_keys=frozenset({"reasoning_content"}),
        assistant_needs=frozenset({"reasoning_content"}),
        name=r"[a-zA-Z][a-zA-Z0-9_-]{0,63}",
        schema_refuses=frozenset({"$ref", "$defs"}),
        schema_simple=True,
    ),
    "deepseek": Rules(
        dialect=KNOWN["api.deepseek.com"],
        parts=frozenset({"text", "image_url"}),
        assistant_keys=frozenset({"reasoning_content"}),
        assistant_needs=frozenset({"reasoning_content"}),
    ),
    "groq": Rules(dialect=KNOWN["api.groq.com"], parts=frozenset({"text", "image_url"})),
    "vllm": Rules(
        dialect=COMPATIBLE,
        content_needed=True,
        schema_refuses=frozenset({"$ref", "$defs", "title"}),
    ),
    "llama.cpp": Rules(
        dialect=Dialect(schema_booleans=False),
        schema_refuses=frozenset({"$ref", "$defs", "title"}),
    ),
}


def faults(body: bytes, rules: Rules) -> list[str]:
    """What this service would refuse the request for."""
    request: Wire = json.loads(body.decode("utf-8"))
    messages: list[Wire] = request["messages"]
    found = [f"unknown {key}" for key in request.keys() - rules.top_keys]
    found += [f"null at {place}" for place in _nulls(request | {"tools": []})]
    found += ["half a character"] if _HALF.search(str(request)) else []
    for message in messages:
        found += _faults_of(message, rules)
    found += _order(messages, rules)
    found += [fault for tool in request.get("tools", ()) for fault in _tool(tool, rules)]
    if "tools" in request and not request["tools"]:
        found.append("tools is empty")
    return found


def _nulls(value: Json, place: str = "") -> Iterator[str]:
    """Where there is a null that is not the content of a message with calls."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if item is None and not (key == "content" and value.get("tool_calls")):
            yield f"{place}.{key}"
        if isinstance(item, dict | list):
            yield from _nulls(item, f"{place}.{key}")


def _faults_of(message: Wire, rules: Rules) -> Iterator[str]:
    role, content = message["role"], message.get("content")
    known = _KEYS[role] | (rules.assistant_keys if role == "assistant" else set())
    yield from (f"unknown {role}.{key}" for key in message.keys() - known)
    if rules.content_needed and "content" not in message:
        yield f"no content in {role}"
    if not _says(content) and not message.get("tool_calls"):
        yield f"nothing in {role}"
    for part in content if isinstance(content, list) else ():
        if part["type"] not in (rules.parts if role == "user" else {"text"}):
            yield f"{part['type']} in {role}"
        if part["type"] == "text" and not part["text"].strip():
            yield f"empty part in {role}"
    if role == "assistant":
        yield from (f"no {key}" for key in rules.assistant_needs if not message.get(key))
    for call in message.get("tool_calls", ()):
        yield from _call(call, rules)


def _says(content: Json) -> bool:
    return bool(content.strip() if isinstance(content, str) else content)


def _call(call: Wire, rules: Rules) -> Iterator[str]:
    yield from (f"unknown {key} in a call" for key in call.keys() - rules.call_keys)
    if not re.fullmatch(rules.call_id, call["id"], re.DOTALL):
        yield f"id {call['id']!r}"
    if not re.fullmatch(rules.name, call["function"]["name"]):
        yield f"name {call['function']['name']!r}"
    if not isinstance(json.loads(call["function"]["arguments"]), dict):
        yield "arguments are no object"
    if rules.signed and "extra_content" not in call:
        yield "unsigned call"


def _order(messages: list[Wire], rules: Rules) -> Iterator[str]:
    roles = [message["role"] for message in messages]
    spoken = [role for role in roles if role != "system"]
    if rules.system_first and "system" in roles[1:]:
        yield "system after the beginning"
    if spoken and spoken[-1] not in {"user", "tool"}:
        yield f"{spoken[-1]} has the last word"
    if rules.user_first and spoken[:1] == ["assistant"]:
        yield "assistant begins"
    for before, after in pairwise(roles):
        if before == after != "tool":
            yield f"{before} after {after}"
        if (before, after) == ("tool", "user") and not rules.user_after_tool:
            yield "user after tool"
    yield from _pairs(messages)


def _pairs(messages: list[Wire]) -> Iterator[str]:
    """Each call is answered once, right after its message, and nothing else is answered."""
    waiting: list[str] = []
    seen: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            if not waiting or message["tool_call_id"] != waiting.pop(0):
                yield f"result of {message['tool_call_id']!r} out of place"
            continue
        if waiting:
            yield f"no result of {waiting}"
        waiting = [call["id"] for call in message.get("tool_calls", ())]
        if seen.intersection(waiting) or len(set(waiting)) < len(waiting):
            yield f"ids used again: {waiting}"
        seen.update(waiting)
    if waiting:
        yield f"no result of {waiting}"


def _tool(tool: Wire, rules: Rules) -> Iterator[str]:
    function = tool["function"]
    if not re.fullmatch(rules.name, function["name"]):
        yield f"tool name {function['name']!r}"
    schema = function["parameters"]
    if schema.get("type") != "object" or "properties" not in schema:
        yield "parameters are no object"
    if rules.schema_flat and not schema.keys().isdisjoint(
        {"anyOf", "oneOf", "allOf", "enum", "not"}
    ):
        yield f"more than an object at the root of {schema}"
    yield from _schema(schema, rules)


def _schema(schema: Json, rules: Rules) -> Iterator[str]:
    """What is wrong with a schema or those beneath it."""
    objects_only = rules.schema_simple or not rules.dialect.schema_booleans
    if isinstance(schema, bool) and objects_only:
        yield "a boolean for a schema"
    if not isinstance(schema, dict):
        return
    yield from (f"{key} in a schema" for key in rules.schema_refuses & schema.keys())
    if schema.get("type") == "array" and schema.keys().isdisjoint({"items", "prefixItems"}):
        yield "array without items"
    if rules.schema_simple:
        yield from _simple(schema)
    if rules.schema_words and not all(isinstance(one, str) for one in schema.get("enum", ())):
        yield f"values that are no words in {schema}"
    beneath = [schema.get("items"), *schema.get("properties", {}).values()]
    beneath += [one for key in ("anyOf", "oneOf", "allOf") for one in schema.get(key, ())]
    for one in beneath:
        yield from _schema(one, rules)


def _simple(schema: Wire) -> Iterator[str]:
    """What is wrong with a schema where only simple forms are understood."""
    if not isinstance(schema.get("type"), str) and "anyOf" not in schema:
        yield f"no single type in {schema}"
    if "type" in schema and "anyOf" in schema:
        yield f"a type beside a choice in {schema}"
    if not schema.get("anyOf", True):
        yield f"a choice of nothing in {schema}"
    if not schema.get("properties", {}).keys() >= {*schema.get("required", ())}:
        yield f"something required that is not defined in {schema}"
    kinds = _VALUES.get(schema.get("type", ""), (object,))
    if not all(isinstance(one, kinds) for one in schema.get("enum", ())):
        yield f"values of another type in {schema}"
