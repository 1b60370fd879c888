"""A subcommand's coroutine, run so that its failure is a sentence."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import click
from axio.exceptions import StreamError

if TYPE_CHECKING:
    from collections.abc import Coroutine

__all__ = ["run"]


def run(work: Coroutine[object, object, None]) -> None:
    """Run it to its end.

    Raises:
        ClickException: It failed in a way that somebody can do something about.
    """
    # What axio and the transport log is in the sentence already.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        asyncio.run(work)
    except StreamError as error:
        raise click.ClickException(" ".join(str(error).split())) from error
