"""The server: one thread that writes bytes made beforehand, on a loopback port of its own.

Told as JSON, under each name, which replies to give: ``/NAME/...`` is answered with the first, then
the second, and from then on with the last. It ends when its standard input does, so when whoever
started it is gone, or when its time is up.
"""

from __future__ import annotations

import heapq
import itertools
import json
import os
import re
import selectors
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from . import embedding, wire
from .wire import Reply, Write

#: Seconds after which it ends whatever happens.
LIFETIME: Final = 180.0
#: Seconds a gate waits for one more request; then who waits is dropped, and so fails.
PATIENCE: Final = 15.0
#: Writes between two looks at the sockets.
_BURST: Final = 64
#: The selector sleeps in whole milliseconds; a shorter wait is slept apart.
_FINE: Final = 0.002

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_READ: Final = selectors.EVENT_READ


@dataclass(eq=False, slots=True)
class _Line:
    """One connection: what came of a request, and what is left to write of its answer."""

    socket: socket.socket
    inbox: bytearray = field(default_factory=bytearray)
    head: int = 0  # where the head of the request ends, and the whole
    end: int = 0
    outbox: list[Write] = field(default_factory=list[Write])
    at: int = 0
    rest: bytes | memoryview = b""  # of a write that was taken in part
    #: Seconds between writes, after the first and before the last; when the next is due.
    period: float = 0.0
    lead: float = 0.0
    late: float = 0.0
    due: float = 0.0


class Server:
    """Answers on ``port`` until it is told to end."""

    def __init__(self, scripts: dict[str, list[Reply]]) -> None:
        self._scripts = scripts
        self._made = {
            reply: wire.writes(reply)
            for replies in scripts.values()
            for reply in replies
            if reply.kind not in {"count", "vectors"}
        }
        self._asked = dict.fromkeys(scripts, 0)
        self._accepted = 0
        self._waiting: dict[str, list[_Line]] = {}
        self._patient_until = 0.0
        self._ready: deque[_Line] = deque()
        self._timed: list[tuple[float, int, _Line]] = []
        self._serial = itertools.count()
        self._inbox = bytearray(1 << 20)
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=8192)
        self._listener.settimeout(0)
        self._selector.register(self._listener, _READ)
        self.port: int = self._listener.getsockname()[1]

    def serve(self, watched: int) -> None:
        """Serve until the descriptor ``watched`` ends, or for a lifetime."""
        self._selector.register(watched, _READ)
        end = time.monotonic() + LIFETIME
        while (now := time.monotonic()) < end:
            for key, mask in self._selector.select(self._pause(now)):
                if key.fileobj == watched:
                    return
                if key.data is None:
                    self._accept()
                else:
                    self._tend(key.data, mask)
            self._write_due()
            self._write_ready()
            self._lose_patience()

    def _pause(self, now: float) -> float:
        """How long to look at the sockets for."""
        if self._ready or not self._timed:
            return 0 if self._ready else 1
        left = self._timed[0][0] - now
        if left > _FINE:
            return min(left - _FINE / 2, 1)
        if left > 0:
            time.sleep(left / 2)
        return 0

    def _accept(self) -> None:
        while True:
            try:
                made, _ = self._listener.accept()
            except BlockingIOError:
                return
            self._accepted += 1
            made.settimeout(0)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(made, _READ, _Line(made))

    def _drop(self, line: _Line) -> None:
        if line.socket.fileno() >= 0:
            self._selector.unregister(line.socket)
            line.socket.close()

    def _tend(self, line: _Line, mask: int) -> None:
        if mask & selectors.EVENT_WRITE:
            self._selector.modify(line.socket, _READ, line)
            self._ready.append(line)
        if mask & _READ:
            self._read(line)

    def _read(self, line: _Line) -> None:
        try:
            count = line.socket.recv_into(self._inbox)
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if not count:
            self._drop(line)
            return
        line.inbox += memoryview(self._inbox)[:count]
        if not line.head and (found := line.inbox.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(line.inbox, 0, found)
            line.head = found + 4
            line.end = line.head + (int(length[1]) if length else 0)
        if line.head and len(line.inbox) >= line.end:
            self._answer(line)

    def _answer(self, line: _Line) -> None:
        name = line.inbox.split(b" ", 2)[1].split(b"/", 2)[1].decode()
        packed = line.inbox.find(b'"base64"', line.head) >= 0
        del line.inbox[: line.end]
        line.head = line.end = 0
        if not (replies := self._scripts.get(name)):
            self._drop(line)
            return
        reply = replies[min(self._asked[name], len(replies) - 1)]
        self._asked[name] += 1
        line.outbox, line.at = self._writes(reply, packed=packed), 0
        line.period = 1 / reply.rate if reply.rate else 0.0
        line.lead, line.late = reply.lead, reply.late
        waiting = self._waiting.setdefault(name, [])
        waiting.append(line)
        self._patient_until = time.monotonic() + PATIENCE
        if len(waiting) >= reply.gate:
            self._start(self._waiting.pop(name))

    def _writes(self, reply: Reply, *, packed: bool) -> list[Write]:
        if reply.kind == "count":
            return wire.count_writes(self._accepted, reply.late)
        if reply.kind == "vectors":
            return embedding.writes(reply.size, packed=packed)
        return self._made[reply]

    def _lose_patience(self) -> None:
        if self._waiting and time.monotonic() > self._patient_until:
            for line in itertools.chain.from_iterable(self._waiting.values()):
                self._drop(line)
            self._waiting.clear()

    def _start(self, lines: list[_Line]) -> None:
        """Begin all these answers; paced ones are spread over one period."""
        now = time.monotonic()
        for nth, line in enumerate(lines):
            line.due = now + line.period * nth / len(lines)
            self._schedule(line)

    def _schedule(self, line: _Line) -> None:
        """Have the next write made when it is due."""
        if line.lead and line.at == 1:
            line.due += line.lead
        elif line.late and line.at == len(line.outbox) - 1:
            line.due = time.monotonic() + line.late
        elif not line.period:
            self._ready.append(line)
            return
        heapq.heappush(self._timed, (line.due, next(self._serial), line))

    def _write_ready(self) -> None:
        for _ in range(_BURST):
            if not self._ready:
                return
            self._write(self._ready.popleft())

    def _write_due(self) -> None:
        now = time.monotonic()
        for _ in range(_BURST):
            if not self._timed or self._timed[0][0] > now:
                return
            self._write(heapq.heappop(self._timed)[2])

    def _write(self, line: _Line) -> None:
        """Make the next write, or what is left of one, and see to the one after it."""
        data = line.rest or line.outbox[line.at]
        if not isinstance(data, bytes | memoryview):
            data = data()
        try:
            sent = line.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._drop(line)
            return
        if sent < len(data):
            line.rest = memoryview(data)[sent:]
            self._selector.modify(line.socket, _READ | selectors.EVENT_WRITE, line)
            return
        line.rest = b""
        line.at += 1
        if line.at < len(line.outbox):
            line.due += line.period
            self._schedule(line)


def main() -> None:
    """Serve what the first argument says, on the core that the second names."""
    told, core = json.loads(sys.argv[1]), int(sys.argv[2])
    if core >= 0:
        os.sched_setaffinity(0, {core})
    scripts = {name: [Reply(**reply) for reply in replies] for name, replies in told.items()}
    server = Server(scripts)
    print(server.port, flush=True)
    server.serve(sys.stdin.fileno())


if __name__ == "__main__":
    main()
