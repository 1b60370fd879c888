"""The benchmark's server: what it sends, and when."""

from __future__ import annotations

import base64
import http.client
import json
import re
import select
import socket
import time
from array import array

import pytest
from benchmarks import embedding, wire
from benchmarks.runner import server
from benchmarks.wire import Reply


def _asked(port: int, script: str, body: bytes = b"{}") -> bytes:
    """The body of one answer."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("POST", f"/{script}/v1/chat/completions", body)
    answer = line.getresponse().read()
    line.close()
    return answer


def _open(port: int, script: str) -> socket.socket:
    """A connection on which a request was sent."""
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.sendall(f"POST /{script}/v1 HTTP/1.1\r\nContent-Length: 0\r\n\r\n".encode())
    return line


def _read(line: socket.socket) -> bytes:
    """All of a streamed answer, its head and framing included."""
    data = b""
    while not data.endswith(b"\r\n0\r\n\r\n"):
        data += line.recv(1 << 16)
    line.close()
    return data


def _framed(data: bytes) -> list[bytes]:
    """The HTTP chunks of an answer."""
    _, _, rest = data.partition(b"\r\n\r\n")
    found: list[bytes] = []
    while not rest.startswith(b"0\r\n"):
        size, _, rest = rest.partition(b"\r\n")
        found.append(rest[: int(size, 16)])
        rest = rest[int(size, 16) + 2 :]
    return found


def _deltas(body: bytes) -> list[dict[str, object]]:
    lines = [line.removeprefix(b"data: ") for line in body.split(b"\n\n") if line]
    assert lines[-1] == b"[DONE]"
    return [choice["delta"] for line in lines[:-1] for choice in json.loads(line)["choices"]]


@pytest.mark.parametrize("cut", [0, 7, 1024])
def test_the_text_of_an_answer_is_what_the_server_says_it_is(cut: int) -> None:
    reply = Reply(size=200, cut=cut)
    with server({"text": [reply]}) as port:
        body = _asked(port, "text")

    assert "".join(str(delta.get("content", "")) for delta in _deltas(body)) == wire.expected(reply)
    assert len(body) == wire.body_size(reply)


def test_the_fragments_of_a_call_are_its_arguments() -> None:
    reply = Reply(kind="call", size=1024)
    with server({"call": [reply]}) as port:
        deltas = _deltas(_asked(port, "call"))

    text = ""
    for delta in deltas:
        calls = delta.get("tool_calls")
        assert calls is None or isinstance(calls, list)
        text += "".join(call["function"]["arguments"] for call in calls or [])
    assert text == wire.expected(reply)
    assert len(json.dumps(json.loads(text))) >= reply.size


def test_an_event_is_as_long_as_it_is_said_to_be() -> None:
    reply = Reply(kind="event", size=50_000, cut=1000)
    with server({"event": [reply]}) as port:
        body = _asked(port, "event")

    assert max(len(str(delta.get("content", ""))) for delta in _deltas(body)) == reply.size


def test_each_event_is_a_write_of_its_own_unless_a_size_is_said() -> None:
    with server({"single": [Reply(size=9)], "cut": [Reply(size=9, cut=500)]}) as port:
        single = _framed(_read(_open(port, "single")))
        cut = _framed(_read(_open(port, "cut")))

    assert all(chunk.startswith(b"data: ") and chunk.count(b"data: ") == 1 for chunk in single)
    assert {len(chunk) for chunk in cut[:-1]} == {500}


def test_the_first_request_gets_the_first_reply_and_the_rest_the_last() -> None:
    with server({"both": [Reply(size=1), Reply(size=5)]}) as port:
        counts = [len(_deltas(_asked(port, "both"))) for _ in range(3)]

    assert counts == [3, 7, 7]


def test_a_gate_opens_for_all_when_the_last_has_come() -> None:
    with server({"gate": [Reply(size=3, gate=3)], "other": [Reply()]}) as port:
        first, second = _open(port, "gate"), _open(port, "gate")
        _asked(port, "other")
        early, _, _ = select.select([first, second], [], [], 0)
        third = _open(port, "gate")
        answers = [_read(line) for line in (first, second, third)]

    assert early == []
    assert len(set(answers)) == 1


def test_a_paced_answer_comes_no_sooner_than_its_pace() -> None:
    reply = Reply(kind="clock", size=5, rate=50, lead=0.05)
    began = time.monotonic_ns()
    with server({"paced": [reply]}) as port:
        body = _asked(port, "paced")
    stamps = [int(found) for found in re.findall(rb'"content":"(\d+)"', body)]

    assert len(stamps) == reply.size
    assert stamps == sorted(stamps)
    assert stamps[-1] - began >= (reply.lead + 4 / reply.rate) * 1e9


def test_an_answer_says_how_many_connections_there_were() -> None:
    with server({"count": [Reply(kind="count", late=0.02)]}) as port:
        answers = [_deltas(_asked(port, "count"))[0]["content"] for _ in range(3)]

    assert answers == ["1", "2", "3"]


@pytest.mark.parametrize("encoding", ["float", "base64"])
def test_vectors_are_encoded_as_the_request_asks(encoding: str) -> None:
    with server({"vectors": [Reply(kind="vectors", size=40)]}) as port:
        asked = json.dumps({"encoding_format": encoding}).encode()
        rows = json.loads(_asked(port, "vectors", asked))["data"]
    found = [row["embedding"] for row in rows]
    vectors = [
        array("f", base64.b64decode(row)) if encoding == "base64" else array("f", row)
        for row in found
    ]

    assert vectors == [embedding.vector(nth) for nth in range(40)]


def test_the_server_ends_with_the_one_who_started_it() -> None:
    with server({"text": [Reply()]}) as port:
        _asked(port, "text")

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)
