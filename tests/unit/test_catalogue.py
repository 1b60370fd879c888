from __future__ import annotations

from axio.models import Capability

from axio_transport_openai.catalogue import (
    NEBIUS_DEFAULT,
    OPENAI_DEFAULT,
    OPENAI_MODELS,
    OPENROUTER_DEFAULT,
    openai_models,
)

#: The specification's table, in its own words.
_TABLE = """
gpt-5.4 1,050,000 128,000 text, vision, tool use $10 / $40
gpt-5.4-mini 400,000 128,000 text, vision, tool use $1.50 / $6
gpt-5.4-nano 400,000 128,000 text, tool use $0.30 / $1.20
gpt-5.1 400,000 128,000 text, vision, tool use $5 / $20
gpt-5 400,000 128,000 text, vision, tool use $5 / $20
gpt-5-mini 400,000 128,000 text, vision, tool use $1.25 / $5
gpt-5-nano 400,000 128,000 text, tool use $0.25 / $1
o4-mini 200,000 100,000 text, reasoning, tool use $1.10 / $4.40
o3 200,000 100,000 text, reasoning, tool use $10 / $40
o3-mini 200,000 100,000 text, reasoning, tool use $1.10 / $4.40
gpt-4.1 1,047,576 32,768 text, vision, tool use $2 / $8
gpt-4.1-mini 1,047,576 32,768 text, vision, tool use $0.40 / $1.60
gpt-4.1-nano 1,047,576 32,768 text, tool use $0.10 / $0.40
gpt-4o 128,000 16,384 text, vision, tool use $2.50 / $10
gpt-4o-mini 128,000 16,384 text, vision, tool use $0.15 / $0.60
"""


def test_openais_models_are_the_specifications_in_its_order() -> None:
    rows = []
    for model in OPENAI_MODELS:
        words = [word.replace("_", " ") for word in Capability if word in model.capabilities]
        prices = [f"${_price(cost)}" for cost in (model.input_cost, model.output_cost)]
        rows.append(
            f"{model.id} {model.context_window:,} {model.max_output_tokens:,} "
            f"{', '.join(words)} {' / '.join(prices)}"
        )

    assert rows == _TABLE.strip().splitlines()


def _price(cost: float) -> str:
    return f"{cost:.0f}" if cost == int(cost) else f"{cost:.2f}"


def test_a_registry_of_ones_own_is_a_fresh_one() -> None:
    mine = openai_models()
    mine.clear()

    assert openai_models() == OPENAI_MODELS
    assert len(OPENAI_MODELS) == 15


def test_the_default_models_can_call_tools_before_any_catalogue_is_fetched() -> None:
    defaults = (OPENAI_DEFAULT, NEBIUS_DEFAULT, OPENROUTER_DEFAULT)

    assert [model.id for model in defaults] == [
        "gpt-4.1-mini",
        "deepseek-ai/DeepSeek-V3-0324",
        "google/gemini-2.5-pro-preview",
    ]
    for model in defaults:
        assert {Capability.text, Capability.tool_use} <= model.capabilities
