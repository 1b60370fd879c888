"""The command against a scripted service, and what it says where there is nothing to talk to."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.command import ran, started

from axio_transport_openai.cli import main
from axio_transport_openai.cli.service import service as asked_service
from axio_transport_openai.testing import (
    DONE,
    Service,
    call,
    chunk,
    closes,
    error,
    event,
    finish,
    lists,
    opening,
    reasoning,
    refuses,
    repeats,
    says,
    stalls,
    streams,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from axio_transport_openai.testing import Reply

FULL = Path("/dev/full")


def sentence(errors: str) -> str:
    """The one line that was said, without its beginning."""
    [line] = errors.splitlines()
    assert line.startswith("Error: ")
    return line.removeprefix("Error: ")


async def test_the_answer_is_the_output_and_what_it_took_is_beside_it() -> None:
    async with Service(lists("a-model"), says("Hel", "lo", tokens=(10, 5))) as service:
        status, output, errors = await ran("ask", "Say", "hello", OPENAI_BASE_URL=service.base_url)

    assert (status, output) == (0, "Hello\n")
    assert errors.startswith("10 tokens in, 5 out, ")
    asked = service.requests[1].json
    assert asked["model"] == "a-model"
    assert asked["messages"][-1]["content"].endswith("Say hello")


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        pytest.param("Wie heißt du?\nUnd ich?\n".encode(), "Wie heißt du?\nUnd ich?", id="lines"),
        pytest.param(b"a\xffb", "a\ufffdb", id="what is no UTF-8"),
    ],
)
async def test_a_question_may_come_on_standard_input(given: bytes, asked: str) -> None:
    async with Service(says("Hi")) as service:
        options = ("--model", "m", "--base-url", service.base_url)
        process = await started("ask", *options, "-", stdin=asyncio.subprocess.PIPE)
        output, _ = await process.communicate(given)

    assert (process.returncode, output) == (0, b"Hi\n")
    [request] = service.requests
    assert request.json["messages"][-1]["content"].endswith(asked)


async def test_what_is_named_is_not_looked_up() -> None:
    options = ("--model", "mine", "--system", "Be brief.", "--api-key", "secret")
    async with Service(says("Hi")) as service:
        status, _, _ = await ran("ask", *options, "--base-url", service.base_url, "Hello")

    assert status == 0
    [request] = service.requests
    assert request.headers["authorization"] == "Bearer secret"
    assert request.json["model"] == "mine"
    assert request.json["messages"][0]["content"] == "Be brief."


@pytest.mark.parametrize(
    "address",
    [
        *("api.openai.com/v1", "api.openai.com/v1/", "api.openai.com/v1/chat/completions"),
        "us.api.openai.com/v1",
    ],
)
async def test_openai_is_known_by_its_address_and_asked_for_no_list(address: str) -> None:
    async with asked_service(None, f"https://{address}", "k") as transport:
        assert transport.model.id == "gpt-4.1-mini"


async def test_thoughts_are_no_part_of_the_output() -> None:
    async with Service(says("Two.", thoughts=["One and one."])) as service:
        _, output, errors = await ran(
            "ask", "--model", "m", "1 + 1?", OPENAI_BASE_URL=service.base_url
        )

    assert output == "Two.\n"
    assert errors.startswith("One and one.\n")


async def test_thoughts_without_an_answer_leave_no_output_and_end_their_line() -> None:
    async with Service(says(thoughts=["Well"], reason="length")) as service:
        status, output, errors = await ran(
            "ask", "--model", "m", "Hi", OPENAI_BASE_URL=service.base_url
        )

    assert (status, output) == (0, "")
    assert errors.startswith("Well\nThe answer is cut: ")


@pytest.mark.parametrize("pieces", [["\x1b[1mBold"], ["\x1b[", "1mBold"]], ids=["whole", "cut"])
async def test_nothing_is_taken_out_of_an_answer(pieces: list[str]) -> None:
    async with Service(says(*pieces)) as service:
        environment = {"OPENAI_BASE_URL": service.base_url, "NO_COLOR": "1"}
        _, output, _ = await ran("ask", "--model", "m", "Hi", **environment)

    assert output == "\x1b[1mBold\n"


async def test_a_refusal_is_one_sentence() -> None:
    async with Service(refuses(401, "No such key.")) as service:
        status, output, errors = await ran("ask", "Hi", OPENAI_BASE_URL=service.base_url)

    assert (status, output) == (1, "")
    assert sentence(errors).startswith(f"The service ({service.base_url}) answered 401")
    assert "No such key." in errors


async def test_a_refusal_in_the_midst_of_an_answer_is_one_sentence() -> None:
    broken = streams(opening(), text("Hel"), event(error("Out of memory.")))
    async with Service(broken) as service:
        status, output, errors = await ran(
            "ask", "--model", "m", "Hi", OPENAI_BASE_URL=service.base_url
        )

    assert (status, output) == (1, "Hel\n")
    assert "Out of memory." in sentence(errors)


async def test_what_went_wrong_among_thoughts_has_a_line_of_its_own() -> None:
    broken = streams(opening(), reasoning("Well"), event(error("Out of memory.")))
    async with Service(broken) as service:
        _, output, errors = await ran("ask", "--model", "m", "Hi", OPENAI_BASE_URL=service.base_url)

    assert output == ""
    assert errors.startswith("Well\nError: ")


async def test_a_model_that_only_calls_tools_is_one_sentence() -> None:
    called = call(id="c1", name="look_up", arguments="{}")
    calls = streams(opening(), called, finish("tool_calls"), DONE)
    async with Service(forever=calls) as service:
        status, _, errors = await ran("ask", "--model", "m", "Hi", OPENAI_BASE_URL=service.base_url)

    assert status == 1
    assert "calls 'look_up' again and again" in sentence(errors)


async def test_a_failure_behind_a_call_is_told_as_what_it_is() -> None:
    called = call(id="c1", name="look_up", arguments="{}")
    calls = streams(opening(), called, finish("tool_calls"), DONE)
    async with Service(calls, refuses(401, "No such key.")) as service:
        status, _, errors = await ran("ask", "--model", "m", "Hi", OPENAI_BASE_URL=service.base_url)

    assert status == 1
    assert "No such key." in sentence(errors)


async def test_tokens_that_were_not_counted_are_not_told() -> None:
    async with Service(says("Hel", "lo", tokens=None)) as service:
        _, _, errors = await ran("ask", "--model", "m", "Hi", OPENAI_BASE_URL=service.base_url)

    assert errors.endswith(" s to the first\n")
    assert "tokens" not in errors


async def test_a_model_that_declines_is_heard_and_the_status_says_so() -> None:
    declines = streams(opening(), event(chunk({"refusal": "I cannot help."})), finish(), DONE)
    async with Service(declines) as service:
        status, output, errors = await ran(
            "ask", "--model", "m", "Hi", OPENAI_BASE_URL=service.base_url
        )

    assert (status, output) == (1, "I cannot help.\n")
    assert errors.splitlines()[0].startswith("The answer was refused")


@pytest.mark.parametrize(
    ("reason", "status", "told"),
    [
        pytest.param("stop", 0, "", id="whole"),
        pytest.param("length", 0, "as many tokens as it may have", id="too long"),
        pytest.param("content_filter", 1, "was refused (content_filter).", id="filtered"),
        pytest.param("model_length", 0, "is cut", id="a full window"),
        pytest.param("of_tomorrow", 0, "is not whole (of_tomorrow).", id="an unknown reason"),
    ],
)
async def test_an_answer_that_is_not_whole_is_told_beside_it(
    reason: str, status: int, told: str
) -> None:
    async with Service(streams(opening(), text("Well"), finish(reason), DONE)) as service:
        found, output, errors = await ran(
            "ask", "--model", "m", "Hi", OPENAI_BASE_URL=service.base_url
        )

    assert (found, output) == (status, "Well\n")
    assert told in errors.splitlines()[0]
    assert ("answer" in errors) is bool(told)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii", "utf-8"])
async def test_letters_that_the_output_lacks_are_replaced(encoding: str) -> None:
    async with Service(says("caf\u00e9 \u4e2d", " end")) as service:
        environment = {"OPENAI_BASE_URL": service.base_url, "PYTHONIOENCODING": encoding}
        process = await started("ask", "--model", "m", "Hi", environment=environment)
        output, errors = await process.communicate()

    assert process.returncode == 0
    assert output.endswith(b" end\n")
    assert b"Traceback" not in errors


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(lists(), id="that lists none"),
        pytest.param(refuses(404, "Not here."), id="that has no list"),
    ],
)
async def test_a_service_without_a_model_for_chat_is_one_sentence(reply: Reply) -> None:
    async with Service(reply) as service:
        address = f"{service.base_url}?key=sk-abcdefgh"
        status, _, errors = await ran("ask", "Hi", OPENAI_BASE_URL=address)

    assert status == 1
    assert "name one with --model" in sentence(errors)
    assert service.base_url in errors
    assert "sk-abcdefgh" not in errors


@pytest.mark.parametrize("status", [400, 404])
async def test_a_model_that_nobody_named_and_that_cannot_chat_is_named(status: int) -> None:
    refusal = refuses(status, '"nomic-embed-text:latest" does not support chat')
    async with Service(lists("nomic-embed-text:latest", "llama3.2"), refusal) as service:
        _, _, errors = await ran("ask", "Hi", OPENAI_BASE_URL=service.base_url)

    assert "does not support chat" in sentence(errors)
    assert "'nomic-embed-text:latest' is the first listed; choose one with --model." in errors


async def test_a_model_that_was_named_is_not_called_the_first_of_a_list() -> None:
    async with Service(refuses(400, "no such model")) as service:
        _, _, errors = await ran("ask", "--model", "m", "Hi", OPENAI_BASE_URL=service.base_url)

    assert "no such model" in sentence(errors)
    assert "--model" not in errors


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/v1", "localhost:1234", "ftp://x/v1"])
async def test_an_address_where_nobody_answers_is_one_sentence(address: str) -> None:
    status, output, errors = await ran("ask", "Hi", OPENAI_BASE_URL=address)

    assert (status, output) == (1, "")
    assert address in sentence(errors)


@pytest.mark.parametrize(
    ("host", "named"),
    [
        pytest.param("api.example.invalid", "{url}", id="an address"),
        pytest.param("api.example.invalid", "127.0.0.1:{port}", id="a host and a port"),
        pytest.param("127.example.invalid", "{url}", id="for a name that begins as this machine's"),
    ],
)
async def test_a_service_is_asked_over_the_proxy_of_the_environment(host: str, named: str) -> None:
    async with Service(says("Hello")) as service:
        over = named.format(url=service.url, port=service.url.rpartition(":")[2])
        environment = {"OPENAI_BASE_URL": f"http://{host}/v1", "http_proxy": over}
        status, output, _ = await ran("ask", "--model", "m", "Hi", no_proxy="", **environment)

    assert (status, output) == (0, "Hello\n")
    assert service.requests[0].headers["host"] == host


async def test_a_proxy_that_has_no_address_is_to_be_checked() -> None:
    environment = {"http_proxy": "user:secret@a:b:c", "no_proxy": ""}
    address = "http://api.example.invalid/v1"
    _, _, errors = await ran("ask", "--model", "m", "Hi", OPENAI_BASE_URL=address, **environment)

    assert "http://***@a:b:c is no address." in sentence(errors)
    assert errors.endswith("any proxy in between.\n")


async def test_a_secure_service_is_asked_over_its_proxy() -> None:
    async with Service(closes(refuses(403))) as service:
        environment = {"OPENAI_API_KEY": "k", "https_proxy": service.url, "no_proxy": ""}
        _, _, errors = await ran("ask", "Hi", **environment)

    assert "the proxy answered 403" in sentence(errors)
    assert service.requests[0].method == "CONNECT"


@pytest.mark.parametrize(
    ("address", "apart", "kind"),
    [
        pytest.param("http://127.0.0.1:9/v1", "", "http", id="on this machine"),
        pytest.param("http://0.0.0.0:9/v1", "", "http", id="where this machine listens"),
        pytest.param(
            "http://a.example.invalid/v1", "example.invalid", "http", id="said to need none"
        ),
        pytest.param(
            "http://a.example.invalid/v1", "", "socks5", id="of a kind that is not spoken"
        ),
    ],
)
async def test_a_service_is_asked_without_a_proxy_that_does_not_do(
    address: str, apart: str, kind: str
) -> None:
    async with Service() as service:
        over = service.url.replace("http", kind)
        environment = {"http_proxy": over, "no_proxy": apart, "OPENAI_BASE_URL": address}
        status, _, _ = await ran("ask", "--model", "m", "Hi", **environment)

    assert status == 1
    assert service.requests == []


async def test_ctrl_c_ends_an_answer_quietly() -> None:
    async with Service(stalls(opening(), text("Hel"))) as service:
        process = await started("ask", "--model", "m", "--base-url", service.base_url, "Hi")
        assert process.stdout
        assert await process.stdout.readexactly(3) == b"Hel"
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()

    assert process.returncode == 130
    assert errors.strip() == b""


async def test_ctrl_c_while_the_command_is_loaded_ends_it_quietly(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import signal\nsignal.raise_signal(signal.SIGINT)\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    status, output, errors = await ran("ask", "Hi", PYTHONPATH=path)

    assert (status, output, errors) == (130, "", "")


async def test_what_cannot_be_said_as_an_error_is_not_said_as_an_answer() -> None:
    asked = 'exec "$0" -m axio_transport_openai ask 2>&-'
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", asked, sys.executable, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()

    assert (process.returncode, output) == (2, b"")


async def test_output_that_nobody_reads_ends_the_command_quietly() -> None:
    reader, writer = os.pipe()
    async with Service(repeats(text("word "), first=[opening()], every=0.001)) as service:
        asked = ("ask", "--model", "m", "--base-url", service.base_url, "Hi")
        process = await started(*asked, stdout=writer)
        os.close(writer)
        await asyncio.to_thread(os.read, reader, 1)
        os.close(reader)  # as `head` does
        _, errors = await process.communicate()

    assert process.returncode
    assert errors == b""


@pytest.fixture
def full() -> Iterator[int]:
    """A device that takes nothing."""
    if not FULL.exists():
        pytest.skip("only Linux has a device that is always full")
    with FULL.open("wb") as opened:
        yield opened.fileno()


@pytest.mark.parametrize(
    "arguments", [["ask", "--model", "m", "Hi"], ["--help"]], ids=["an answer", "help"]
)
async def test_output_that_cannot_be_written_is_one_sentence(
    full: int, arguments: list[str]
) -> None:
    async with Service(forever=says("Hello")) as service:
        environment = {"OPENAI_BASE_URL": service.base_url}
        process = await started(*arguments, stdout=full, environment=environment)
        _, errors = await process.communicate()

    assert process.returncode == 1
    assert "No space left" in sentence(errors.decode())


@pytest.mark.parametrize(
    "environment", [{"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}], ids=["dumb", "no colour"]
)
async def test_a_terminal_is_sent_no_styles_where_none_are_wanted(
    environment: dict[str, str],
) -> None:
    holder, end = os.openpty()
    async with Service(says("Two.", thoughts=["One and one."])) as service:
        asked = ("ask", "--model", "m", "--base-url", service.base_url, "1 + 1?")
        process = await started(*asked, stderr=end, environment=environment)
        os.close(end)
        await process.communicate()
    told = os.read(holder, 65_536)
    os.close(holder)

    assert told.startswith(b"One and one.")
    assert b"\x1b" not in told


async def test_a_blank_key_and_a_blank_address_are_none() -> None:
    status, _, errors = await ran(
        "ask", "--model", "/no/such.gguf", "Hi", OPENAI_BASE_URL=" ", OPENAI_API_KEY="\n"
    )

    assert status == 1
    assert "/no/such.gguf" in sentence(errors)


@pytest.mark.parametrize("model", ["gpt-4o", "/no/such.gguf"])
async def test_where_no_service_is_named_the_way_to_name_one_is_told(model: str) -> None:
    status, _, errors = await ran("ask", "--model", model, "Hi")

    assert status == 1
    assert sentence(errors).startswith(f"There is no model file at {model}.")
    assert sentence(errors).endswith("Or name a service with --base-url or --api-key.")


@pytest.mark.parametrize("command", [["--help"], ["ask", "--help"], ["serve", "--help"]])
async def test_every_command_and_option_is_explained_in_whole_words(command: list[str]) -> None:
    _, output, _ = await ran(*command)
    told = re.findall(r"^  (?:-\S+|ask|serve)\b(.*(?:\n {10,}.*)*)", output, re.MULTILINE)
    said = [
        re.sub(r"\[[^\]]*\]|[A-Z]{4,}( RANGE)?|, --help|-\w+", "", line).strip() for line in told
    ]

    assert len(told) >= 2
    assert [line for line in said if not line.endswith(".") or line.endswith("..")] == []


async def test_a_number_that_is_too_large_is_one_sentence() -> None:
    status, _, errors = await ran("serve", "--context-window", str(2**31))

    assert status == 1
    assert errors == (
        "Error: threads, and context_window times slots, must be at most 2147483647.\n"
    )


async def test_a_blank_model_is_none() -> None:
    async with Service(lists("a-model"), says("Hello")) as service:
        asked = ("ask", "--model", " ", "Hi")
        status, _, _ = await ran(*asked, OPENAI_BASE_URL=service.base_url)

    assert status == 0
    assert service.requests[1].json["model"] == "a-model"


@pytest.mark.parametrize(
    ("question", "told"),
    [
        pytest.param([], "PROMPT", id="none"),
        pytest.param([""], "empty", id="an empty one"),
        pytest.param([" ", "\n"], "empty", id="a blank one"),
        pytest.param(["-"], "empty", id="nothing on standard input"),
    ],
)
async def test_a_question_is_needed(question: list[str], told: str) -> None:
    status, _, errors = await ran("ask", "--model", "/no/such.gguf", *question)

    assert status == 2
    assert told in errors


def test_without_click_the_command_that_brings_it_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "click", None)

    with pytest.raises(SystemExit) as raised:
        main()

    assert "pip install 'axio-transport-openai[cli]'" in str(raised.value)
