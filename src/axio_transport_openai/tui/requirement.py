"""What the screens need beside this package; importing this checks that it is there."""

from __future__ import annotations

import importlib.util

__all__: list[str] = []

if importlib.util.find_spec("textual") is None:
    raise ImportError(
        'The settings screens need Textual: pip install "axio-transport-openai[tui]".'
    )
