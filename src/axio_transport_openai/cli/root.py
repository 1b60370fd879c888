"""The command's subcommands."""

from __future__ import annotations

import os

import click

from .ask import ask
from .serve import serve

__all__ = ["command"]


@click.group(name="axio-openai", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="axio-transport-openai")
@click.pass_context
def command(context: click.Context) -> None:
    """Talk to any service that speaks OpenAI's chat completions, or to a model on this machine."""
    # Of a terminal click asks no more than whether it is one. NO_COLOR: https://no-color.org
    if os.environ.get("TERM") == "dumb" or os.environ.get("NO_COLOR"):
        context.color = False


command.add_command(ask)
command.add_command(serve)
