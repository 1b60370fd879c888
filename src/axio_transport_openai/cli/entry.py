"""Where the command begins, and how it ends: with an answer, or with one readable sentence."""

from __future__ import annotations

import importlib
import importlib.util
import io
import os
import sys
from typing import Final, NoReturn

__all__ = ["main"]

_NO_CLICK: Final = (
    "The axio-openai command needs click: `pip install 'axio-transport-openai[cli]'`."
)
#: What a shell reports of a program that Ctrl-C ended: 128 and the signal's number.
_INTERRUPTED: Final = 130


def main() -> NoReturn:
    """Run the command."""
    if importlib.util.find_spec("click") is None:
        sys.exit(_NO_CLICK)
    if sys.stderr is None:  # closed from the beginning: errors would go among the answers
        sys.stderr = io.StringIO()
    try:
        _run()
    except KeyboardInterrupt:  # while the command is loaded, say, which takes a moment
        sys.exit(_INTERRUPTED)


def _run() -> NoReturn:
    click = importlib.import_module("click")
    root = importlib.import_module(".root", __package__)
    reconfigure: object = getattr(sys.stdout, "reconfigure", None)
    if callable(reconfigure):
        reconfigure(errors="replace")  # an answer may have letters that the output lacks
    try:
        sys.exit(root.command(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(_INTERRUPTED)
    except OSError as error:
        _forget_output()
        sys.exit(f"Error: The command could not go on: {error.strerror or error}.")


def _forget_output() -> None:
    """Send elsewhere what could not be written, so that it is not tried once more at the exit."""
    if sys.stdout is None:  # closed from the beginning
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
