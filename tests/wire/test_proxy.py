"""What becomes of a request whose proxy does not let it through."""

from __future__ import annotations

from http import HTTPStatus

import aiohttp
import pytest
from tests.asking import ask

from axio_transport_openai import OpenAITransport, errors
from axio_transport_openai.testing import Service, closes, hangs_up, refuses, writes

PASSWORD = "pr0xyPassw0rd"


async def failed(proxy: str) -> errors.APIError:
    """How a request over this proxy fails."""
    async with aiohttp.ClientSession(proxy=proxy) as session:
        asked = OpenAITransport(
            base_url="https://api.example.com/v1",
            api_key="k",
            session=session,
            max_retries=3,
            retry_base_delay=0.001,
        )
        with pytest.raises(errors.APIError) as failure:
            await anext(ask(asked))
    return failure.value


def over(service: Service) -> str:
    return service.url.replace("//", f"//user:{PASSWORD}@")


@pytest.mark.parametrize(
    ("status", "attempts"),
    [(403, 1), (407, 1), (429, 3), (502, 3), (503, 3), (504, 3)],
)
async def test_a_proxy_that_does_not_reach_the_service_is_asked_again(
    status: int, attempts: int
) -> None:
    async with Service(forever=closes(refuses(status))) as service:
        failure = await failed(over(service))

    assert isinstance(failure, errors.ConnectionFailed)
    assert str(failure).endswith(f"the proxy answered {status} {HTTPStatus(status).phrase}.")
    assert [request.method for request in service.requests] == ["CONNECT"] * attempts


async def test_a_proxy_may_refuse_without_a_word() -> None:
    refusal = writes(b"HTTP/1.1 407 \r\nContent-Length: 0\r\n\r\n")
    async with Service(closes(refusal)) as service:
        failure = await failed(over(service))

    assert str(failure).endswith("the proxy answered 407.")


async def test_a_proxy_that_hangs_up_is_not_said_to_have_had_a_part_of_the_request() -> None:
    async with Service(forever=hangs_up()) as service:
        failure = await failed(over(service))

    assert str(failure).endswith(
        "could not be reached: Server disconnected."
        " Check the base URL, that the service runs there, and any proxy in between."
    )
    assert [request.method for request in service.requests] == ["CONNECT"] * 3


async def test_a_failure_shows_no_password_of_a_proxy() -> None:
    refusal, no_http = refuses(407), closes(writes(b"SSH-2.0-OpenSSH\r\n"))
    async with Service(refusal, forever=no_http) as service:
        failures = [await failed(over(service)) for _ in range(2)]
    failures.append(await failed(f"http://user:{PASSWORD}@127.0.0.1:99999"))

    assert isinstance(failures[-1], errors.NotSent)
    assert [str(failure) for failure in failures if PASSWORD in str(failure)] == []
