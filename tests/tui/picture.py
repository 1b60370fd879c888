"""Pictures of screens that a person has looked at and accepted, as SVG beside the tests."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

ACCEPTED = Path(__file__).with_name("pictures")


def differs(app: App[Any], name: str) -> str:
    """How the app looks otherwise than in the accepted picture; empty where it does not.

    With ``AXIO_ACCEPT`` set, what it looks like is accepted.
    """
    # Rich names each picture's styles for its content's checksum.
    drawn = re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title="axio"))
    drawn = re.sub(r"127\.0\.0\.1:\d{5}", "127.0.0.1:12345", drawn)  # a free port, ever another
    drawn = "".join(f"{line.rstrip()}\n" for line in drawn.splitlines())
    path = ACCEPTED / f"{name}.svg"
    if os.environ.get("AXIO_ACCEPT"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(drawn, "utf-8")
    if path.exists() and path.read_text("utf-8") == drawn:
        return ""
    found = Path(tempfile.gettempdir()) / path.name
    found.write_text(drawn, "utf-8")
    return f"{found} is not {path}; look at both, then accept it with AXIO_ACCEPT=1"
