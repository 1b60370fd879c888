"""Which service the command talks to."""

from __future__ import annotations

import pytest

from axio_transport_openai import OPENAI_MODELS
from axio_transport_openai.cli.proxy import proxy
from axio_transport_openai.cli.service import service
from axio_transport_openai.errors import StatusError
from axio_transport_openai.testing import Service, lists, refuses


async def test_a_key_alone_is_for_openai() -> None:
    async with service(model=None, base_url=None, api_key="secret") as transport:
        assert transport.base_url == "https://api.openai.com/v1"
        assert transport.api_key == "secret"
        assert transport.model == OPENAI_MODELS["gpt-4.1-mini"]


async def test_of_another_service_the_first_model_for_chat_is_taken() -> None:
    embedder = {"id": "embedder", "architecture": {"output_modalities": ["embeddings"]}}
    painter, speaker = {"id": "painter", "type": "image"}, {"id": "speaker", "type": "audio"}
    async with (
        Service(lists(embedder, painter, speaker, "chat", "other")) as served,
        service(model=None, base_url=served.base_url, api_key=None) as transport,
    ):
        assert transport.model.id == "chat"
        assert transport.api_key == ""


async def test_a_service_that_will_not_be_asked_is_not_given() -> None:
    async with Service(refuses(403)) as served:
        with pytest.raises(StatusError):
            async with service(model=None, base_url=served.base_url, api_key=None):
                pass


@pytest.mark.parametrize(
    ("base_url", "named", "expected"),
    [
        pytest.param("http://h/v1", "http://p:1", "http://p:1", id="by its address"),
        pytest.param("http://h/v1", " https://p:1\n", "https://p:1", id="over a secure way"),
        pytest.param("http://h/v1", "p:1", "http://p:1", id="by its host and port"),
        pytest.param("http://h/v1", "socks5://p:1", None, id="of a kind that is not spoken"),
        pytest.param("http://h/v1", "", None, id="none"),
        pytest.param("https://h/v1", "http://p:1", None, id="for another scheme"),
        pytest.param("http://near/v1", "http://p:1", None, id="not for this host"),
        pytest.param("http://side:81/v1", "http://p:1", None, id="not for this port"),
        pytest.param("http://side:82/v1", "http://p:1", "http://p:1", id="for another port"),
        pytest.param("http://localhost:1/v1", "http://p:1", None, id="this machine, by name"),
        pytest.param("http://127.0.0.2:1/v1", "http://p:1", None, id="by number"),
        pytest.param("http://0.0.0.0:1/v1", "http://p:1", None, id="where it listens"),
        pytest.param("http://[::1]:1/v1", "http://p:1", None, id="by its newer number"),
        pytest.param("http://[::]:1/v1", "http://p:1", None, id="where it listens, too"),
        pytest.param("http://127.example/v1", "http://p:1", "http://p:1", id="a name like it"),
        pytest.param("http://10.0.0.1/v1", "http://p:1", "http://p:1", id="another machine"),
        pytest.param("http://[::1/v1", "http://p:1", None, id="no address"),
        pytest.param("http:///v1", "http://p:1", "http://p:1", id="no host"),
    ],
)
def test_which_proxy_an_address_is_asked_over(
    monkeypatch: pytest.MonkeyPatch, base_url: str, named: str, expected: str | None
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", named)
    monkeypatch.setenv("no_proxy", "near,side:81")

    assert proxy(base_url) == expected
