"""The command's subcommands."""

from __future__ import annotations

import click

from .ask import ask
from .serve import serve

__all__ = ["command"]


@click.group(name="axio-openai", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="axio-transport-openai")
def command() -> None:
    """Talk to any service that speaks OpenAI's chat completions, or to a model on this machine."""


command.add_command(ask)
command.add_command(serve)
