"""The columns of lists."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from axio_transport_openai.tui.column import fitted


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
