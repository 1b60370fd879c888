from __future__ import annotations

import pytest

from axio_transport_openai.chunk import Delta
from axio_transport_openai.reasoning import DETAILS, THINKING, UNKNOWN, content_parts, thought


def _details(*details: object) -> Delta:
    return Delta(reasoning_details=list(details))


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        pytest.param(Delta(content="x"), "", id="none"),
        pytest.param(Delta(reasoning_content="why"), ("why", "reasoning_content"), id="DeepSeek"),
        pytest.param(Delta(reasoning="why"), ("why", "reasoning"), id="OpenRouter, Groq, Ollama"),
        pytest.param(Delta(reasoning_text="why"), ("why", "reasoning_text"), id="Copilot"),
        pytest.param(Delta(thinking="why"), ("why", UNKNOWN), id="a form that none takes back"),
        pytest.param(
            Delta(reasoning_content="why", reasoning="why"),
            ("why", "reasoning_content"),
            id="Chutes: both fields are one thought",
        ),
        pytest.param(
            Delta(reasoning_content="", reasoning="why"),
            ("why", "reasoning"),
            id="not the empty one",
        ),
        pytest.param(
            Delta(reasoning_content="", reasoning="", reasoning_text="why"),
            ("why", "reasoning_text"),
            id="nor two empty ones",
        ),
        pytest.param(
            _details({"type": "reasoning.text", "text": "why"}), ("why", DETAILS), id="only details"
        ),
        pytest.param(
            _details({"text": "w"}, {"summary": "h"}, {"data": "sealed"}, {"text": 5}, "x", None),
            ("wh", DETAILS),
            id="what can be read of the details",
        ),
        pytest.param(
            Delta(reasoning="why", reasoning_details=[{"text": "why"}]),
            ("why", DETAILS),
            id="a text beside details goes back in them",
        ),
        pytest.param(
            Delta(reasoning="why", reasoning_details=[]), ("why", "reasoning"), id="empty details"
        ),
    ],
)
def test_a_thought_is_read_once_and_labelled_with_its_form(
    delta: Delta, expected: tuple[str, str] | str
) -> None:
    said, form = thought(delta)

    assert (said, form if said else "") == (expected or ("", ""))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param(["a", "b"], [("text", "a"), ("text", "b")], id="texts"),
        pytest.param([{"type": "text", "text": "a"}], [("text", "a")], id="a text part"),
        pytest.param([{"text": "a"}], [("text", "a")], id="a text part without a type"),
        pytest.param(
            [
                {"type": "thinking", "thinking": [{"type": "text", "text": "w"}, {"text": "hy"}]},
                {"type": "text", "text": "so"},
            ],
            [(THINKING, "why"), ("text", "so")],
            id="Mistral",
        ),
        pytest.param(
            [{"type": "reasoning", "summary": [{"type": "summary_text", "text": "why"}]}, "so"],
            [(UNKNOWN, "why"), ("text", "so")],
            id="Databricks",
        ),
        pytest.param(
            [{"type": "reasoning", "text": "why"}, {"type": "reasoning"}],
            [(UNKNOWN, "why"), (UNKNOWN, "")],
            id="reasoning as text, and none",
        ),
        pytest.param(
            [{"type": "thinking", "thinking": "why"}],
            [(THINKING, "why")],
            id="a thought as text",
        ),
        pytest.param(
            [{"type": "thinking", "thinking": ["w", None, {"text": []}, "hy"]}],
            [(THINKING, "why")],
            id="a thought of odd parts",
        ),
        pytest.param(
            [{"type": "thinking", "thinking": None}, {"type": "thinking"}],
            [(THINKING, ""), (THINKING, "")],
            id="thoughts that are none",
        ),
        pytest.param(
            [{"type": "image_url", "image_url": {}}],
            [("image_url", {"type": "image_url", "image_url": {}})],
            id="a part that is no text",
        ),
        pytest.param(
            [{"type": "text"}, {"type": "text", "text": None}, {"type": "text", "text": 5}],
            [("text", ""), ("text", ""), ("text", "5")],
            id="text parts that hold none, or a number",
        ),
        pytest.param(
            [{"type": "text", "text": {"value": "so"}}, {"type": "text", "text": ["s", "o"]}],
            [("text", "so"), ("text", "so")],
            id="texts in odd forms",
        ),
        pytest.param([{"text": None}], [("None", {"text": None})], id="a part of no type"),
        pytest.param([None, 5, ["a"]], [], id="what is no part"),
    ],
)
def test_a_content_in_parts_is_text_thoughts_and_the_rest(
    content: list[object], expected: list[tuple[str, object]]
) -> None:
    assert list(content_parts(content)) == expected
