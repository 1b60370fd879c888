"""The columns of lists."""

from __future__ import annotations

import pytest
from axio.models import Capability, ModelSpec
from rich.cells import cell_len

from axio_transport_openai.tui.column import fitted, row, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "        ", id="nothing"),
        pytest.param("short", "short   ", id="a short one"),
        pytest.param("just-fit", "just-fit", id="one that fits"),
        pytest.param("org/model-2", "…model-2", id="the end of a long one"),
        pytest.param("家のモ", "家のモ  ", id="wide letters"),
        pytest.param("家のモデル", "… モデル", id="a wide letter that would be cut in two"),
    ],
)
def test_a_text_is_as_wide_as_its_column(text: str, expected: str) -> None:
    assert fitted(text, 8) == expected
    assert cell_len(fitted(text, 8)) == 8


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (999, "999"),
        (1_000, "1k"),
        (131_072, "131k"),
        (999_999, "999k"),
        (1_000_000, "1M"),
        (1_047_576, "1.05M"),
    ],
)
def test_a_number_of_tokens_takes_few_digits(count: int, expected: str) -> None:
    assert tokens(count) == expected


@pytest.mark.parametrize(
    ("able", "prices", "expected"),
    [
        pytest.param({Capability.text}, (0, 0), "  128k", id="free"),
        pytest.param({Capability.text}, (0.5, 0), "  128k  $0.5/0", id="input costs"),
        pytest.param({Capability.text}, (0, 2.5), "  128k  $0/2.5", id="output costs"),
        pytest.param(
            {Capability.vision, Capability.tool_use},
            (1, 2),
            "  128k  $1/2       tools sees",
            id="what it can do, in one order",
        ),
    ],
)
def test_a_line_tells_what_a_model_is_chosen_by(
    able: set[Capability], prices: tuple[float, float], expected: str
) -> None:
    model = ModelSpec("m", frozenset(able), 4_096, 128_000, *prices)

    assert row(model) == f"{'m':<34}{expected}"
