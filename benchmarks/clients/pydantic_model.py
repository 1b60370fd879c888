"""pydantic-ai, its model's ``request_stream``."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Self

import openai
from pydantic_ai import messages as parts
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.tools import ToolDefinition

from benchmarks.client import KEY, MODEL, SYSTEM, Client, Own, Take, Wire
from benchmarks.clients.sdk import http_client

__all__ = ["PydanticAI"]


class PydanticAI(Client):
    """The chat model, without an agent around it."""

    async def __aenter__(self) -> Self:
        self._client = openai.AsyncOpenAI(
            base_url=self.base_url,
            api_key=KEY,
            max_retries=0,
            timeout=None,
            http_client=http_client(),
        )
        self._model = OpenAIChatModel(MODEL, provider=OpenAIProvider(openai_client=self._client))
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._client.close()

    def message(self, wire: Wire) -> Own:
        match wire:
            case {"role": "tool", "tool_call_id": call, "content": text}:
                return parts.ModelRequest(parts=[parts.ToolReturnPart("show_lines_0", text, call)])
            case {"role": "assistant", "tool_calls": calls}:
                told = [
                    (call["function"]["name"], call["function"]["arguments"], call["id"])
                    for call in calls
                ]
                return parts.ModelResponse(parts=[parts.ToolCallPart(*call) for call in told])
            case {"role": "assistant", "content": text}:
                return parts.ModelResponse(parts=[parts.TextPart(text)])
            case {"content": str(text)}:
                return parts.ModelRequest(parts=[parts.UserPromptPart(text)])
        return parts.ModelRequest(
            parts=[parts.UserPromptPart([_content(part) for part in wire["content"]])]
        )

    def tool(self, wire: Wire) -> Own:
        told = wire["function"]
        return ToolDefinition(
            name=told["name"],
            description=told["description"],
            parameters_json_schema=told["parameters"],
        )

    async def chat(self, messages: Sequence[Own], tools: Sequence[Own], take: Take) -> None:
        system = parts.ModelRequest(parts=[parts.SystemPromptPart(SYSTEM)])
        offered = ModelRequestParameters(function_tools=list(tools))
        async with self._model.request_stream([system, *messages], None, offered) as stream:
            async for event in stream:
                if text := _text(event):
                    take(text)


def _content(part: Wire) -> Own:
    if part["type"] == "text":
        return part["text"]
    data = part["image_url"]["url"].partition(";base64,")[2]
    return parts.BinaryContent(data=base64.b64decode(data), media_type="image/png")


def _text(event: Own) -> Own:
    """The text or the arguments that an event adds."""
    match event:
        case parts.PartDeltaEvent(delta=parts.TextPartDelta(content_delta=text)):
            return text
        case parts.PartDeltaEvent(delta=parts.ToolCallPartDelta(args_delta=text)):
            return text
        case parts.PartStartEvent(part=parts.TextPart(content=text)):
            return text
        case parts.PartStartEvent(part=parts.ToolCallPart(args=text)):
            return text
    return None
