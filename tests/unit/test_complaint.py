from __future__ import annotations

import pytest

from axio_transport_openai.complaint import Complaint


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("'max_tokens' is not supported", True, id="as it is sent"),
        pytest.param("maxTokens: unknown field", True, id="in camel case"),
        pytest.param("no more max tokens, please", True, id="in words"),
        pytest.param("max_tokens_to_sample is unknown", False, id="a longer name"),
        pytest.param("prompt_max_tokens is unknown", False, id="the end of another"),
    ],
)
def test_a_parameter_is_named_in_each_of_the_ways_that_services_write_it(
    said: str, *, expected: bool
) -> None:
    complaint = Complaint.of(said, b"{}")

    assert complaint.names("max_tokens") is expected
    assert complaint.names("max_tokens", in_words=False) is (expected and "max tokens" not in said)


def test_a_value_is_found_however_it_was_written() -> None:
    complaint = Complaint.of("Unsupported value: 'High'.", b'{"effort":"High","tier":"low"}')

    assert complaint.valued(["effort", "tier"]) == ["effort"]
