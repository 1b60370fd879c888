"""Which service the command talks to."""

from __future__ import annotations

import pytest

from axio_transport_openai import OPENAI_MODELS
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
