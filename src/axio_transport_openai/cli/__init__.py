"""The ``axio-openai`` command."""

from .entry import main

__all__ = ["main"]
