"""Chat templates: how a conversation is put before a model, in Jinja.

Three are in the package, for a model too small to make tool calls from a description alone. They
share their beginning and end and differ in the worked examples between:

- ``tools``: two calls of each tool, one at a time; without tools, plain chat
- ``parallel``: all tools called at once
- ``think``: a thought before each answer
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from axio_transport_openai.surrogate import whole

from .error import LocalServerError
from .file import read_file

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["TEMPLATES", "template_text"]

#: The names of the templates in the package.
TEMPLATES: Final = ("tools", "parallel", "think")
_FOLDER: Final = Path(__file__).with_name("templates")


def template_text(template: str | PathLike[str]) -> str:
    """The text of a template given by a name of :data:`TEMPLATES`, a path, or as the text itself.

    Raises:
        LocalServerError: There is no such name and no such file, or the file is no text.
    """
    if template in TEMPLATES:
        parts = ("system", template, "messages")
        return "".join((_FOLDER / f"{part}.jinja").read_text("utf-8") for part in parts)
    if isinstance(template, str) and "{" in template:
        return whole(template)
    known = ", ".join(TEMPLATES)
    missing = f"There is no chat template {str(template)!r}: {known}, or a file."
    path, content = read_file(template, missing)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise LocalServerError(f"{path} is no chat template: it is no text in UTF-8.") from None
