"""The conversations and the tools that are sent."""

from __future__ import annotations

import base64
import json
import random

from .client import Wire

__all__ = ["conversation", "remarks", "tools", "turn"]

_LISTING = """    def balance(self, account: str) -> Decimal:
        # "Cleared" entries only: a pending one may yet be taken back.
        entries = (e for e in self.entries if e.account == account and e.cleared)
        return sum((entry.amount for entry in entries), Decimal("0.00"))

"""


def turn(nth: int) -> list[Wire]:
    """What one step of an agent adds: a call, and what the tool said."""
    name, about = (
        f"call_{nth:08d}",
        {"file": f"books/account_{nth}.py", "from": nth, "to": nth + 80},
    )
    function = {"name": "show_lines_0", "arguments": json.dumps(about)}
    calls = [{"id": name, "type": "function", "function": function}]
    return [
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": name, "content": _LISTING * 3},
    ]


def conversation(messages: int, image: int = 0) -> list[Wire]:
    """An agent at work on a task, with an image of so many bytes at its beginning."""
    asked: list[Wire] = [{"type": "text", "text": "Why is the balance off by a cent?"}]
    if image:
        data = base64.b64encode(random.Random(image).randbytes(image)).decode()
        asked.append({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}})
    made: list[Wire] = [{"role": "user", "content": asked}]
    for nth in range((messages - 1) // 2):
        made += turn(nth)
    return made


def remarks(messages: int) -> list[Wire]:
    """A conversation of plain text, to and fro, that ends with the user."""
    said = "A pending entry was counted twice, once when it came and once when it cleared. "
    return [
        {"role": "user" if (messages - nth) % 2 else "assistant", "content": f"{nth}: {said * 3}"}
        for nth in range(messages)
    ]


def tools(count: int) -> list[Wire]:
    """As many tools as an agent with several servers of tools has."""
    lines = {"type": "integer", "minimum": 0, "description": "A line, counted from one."}
    schema = {
        "type": "object",
        "properties": {
            "file": {"type": "string", "description": "A path below the root of the project."},
            "from": lines,
            "to": lines,
            "marks": {"type": "array", "items": {"type": "string", "enum": ["todo", "note"]}},
        },
        "required": ["file", "from", "to"],
    }
    about = "Shows lines of a file. Prefer a few hundred at once to many small looks."
    return [
        {
            "type": "function",
            "function": {"name": f"show_lines_{nth}", "description": about, "parameters": schema},
        }
        for nth in range(count)
    ]
