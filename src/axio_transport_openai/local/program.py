"""The process that holds the model: llama.cpp's server, as long as its parent lives.

A program of its own, run by path: it imports xllamacpp and the standard library only. What it is to
serve comes as one line of JSON on standard input, so that the key stands in no process list. It
answers with two lines on standard output, its address and, once the model is loaded, ``ready``.
The end of standard input ends it.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import select
import signal
import socket
import sys
from typing import Any, Final, TextIO

__all__ = ["main"]

#: Seconds between two looks at who the parent is.
_LOOK: Final = 1.0


def main() -> None:
    """Serve the model described on standard input until that is closed."""
    parent = os.getppid()
    settings = json.loads(sys.stdin.buffer.readline() or "null")
    _leave_with_input()
    report = _private_output()
    with _reserved_port() as reserved:
        port = reserved.getsockname()[1]
        print(f"http://127.0.0.1:{port}", file=report, flush=True)
        try:
            server = _server(settings, port)
        except RuntimeError as error:
            sys.stderr.write(f"{error}\n")
            sys.stderr.flush()
            os._exit(1)  # what half a server leaves behind does not survive an orderly exit
    print("ready", file=report, flush=True)
    while server and os.getppid() == parent and not select.select([0], [], [], _LOOK)[0]:
        pass
    os._exit(0)


def _leave_with_input() -> None:
    """Have the kernel end this process when standard input is closed, whatever it is doing.

    Loading a model keeps the interpreter's lock until it is done, so no thread could.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([0], [], [], 0)[0]:  # closed before the kernel was asked to tell
        os._exit(0)


def _private_output() -> TextIO:
    """What was standard output; what llama.cpp prints there goes to standard error instead."""
    report = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return report


def _reserved_port() -> socket.socket:
    """A socket on a free loopback port that nobody else is given while this one is open."""
    reserved = socket.socket()
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reserved.bind(("127.0.0.1", 0))
    return reserved


def _server(settings: dict[str, Any], port: int) -> object:
    """The running server, its model loaded."""
    # A thread that waits by spinning takes the core that another thread needs to get on.
    os.environ.update(OMP_WAIT_POLICY="PASSIVE", GOMP_SPINCOUNT="0")
    llama = importlib.import_module("xllamacpp")
    params = llama.CommonParams()
    params.model.path = settings["path"]
    params.model_alias = {settings["id"]}
    params.hostnames, params.port, params.reuse_port = ["127.0.0.1"], port, True
    params.api_keys = [settings["key"]]
    params.use_jinja = True
    params.chat_template = settings["template"]
    params.embedding = True
    params.pooling_type = llama.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    params.n_parallel, params.n_ctx = settings["slots"], settings["slots"] * settings["window"]
    params.n_predict = settings["longest"]
    for pool in (params.cpuparams, params.cpuparams_batch):
        pool.n_threads, pool.poll = settings["threads"], 0
    for name, value in settings["sampling"].items():
        setattr(params.sampling, name, value)
    params.ui, params.offline, params.verbosity = False, True, 1
    return llama.Server(params)


if __name__ == "__main__":
    main()
