"""What the screens need beside this package; importing this checks that it is there."""

from __future__ import annotations

import importlib

__all__: list[str] = []

try:
    importlib.import_module("textual")
except ImportError:
    raise ImportError(
        'The settings screens need Textual: pip install "axio-transport-openai[tui]".'
    ) from None
