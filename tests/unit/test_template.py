"""The chat templates of the local server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from axio_transport_openai.local import LocalServerError
from axio_transport_openai.local.template import TEMPLATES, template_text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_of_the_package_begins_and_ends_as_the_others_do(name: str) -> None:
    text = template_text(name)

    assert text.startswith("{#- The system message")
    assert "{%- for message in thread -%}" in text


def test_the_templates_of_the_package_differ() -> None:
    assert len({template_text(name) for name in TEMPLATES}) == len(TEMPLATES)


def test_a_text_is_a_template_itself() -> None:
    assert template_text("{{ messages[0].content }}") == "{{ messages[0].content }}"


def test_what_is_no_character_in_a_text_is_replaced() -> None:
    assert template_text("{# \udcff #}") == "{# \ufffd #}"


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "own.jinja"
    file.write_text("{# ünïcode #}", "utf-8")

    assert template_text(file) == "{# ünïcode #}"
    assert template_text(str(file)) == "{# ünïcode #}"


def test_a_name_that_is_none_is_told_beside_those_that_are() -> None:
    with pytest.raises(LocalServerError, match=r"'tool': tools, parallel, think, or a file"):
        template_text("tool")


def test_a_name_that_no_file_can_have_is_told() -> None:
    with pytest.raises(LocalServerError, match="no chat template '~nobody-here/x'"):
        template_text("~nobody-here/x")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"\x80\x00{")

    with pytest.raises(LocalServerError, match=r"model\.bin is no chat template"):
        template_text(file)
