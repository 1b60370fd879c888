"""Refusals read as edits: in the words in which services were seen to refuse."""

from __future__ import annotations

import json
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from axio.blocks import (
    AudioBlock,
    ContentBlock,
    ImageBlock,
    ProviderBlock,
    ReasoningBlock,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
    VideoBlock,
)
from axio.messages import Message
from axio.tool import Tool

from axio_transport_openai.dialect import COMPATIBLE, OPENAI, SKIP_SIGNATURE, Dialect, Edit
from axio_transport_openai.heal import edit_for
from axio_transport_openai.known import KNOWN
from axio_transport_openai.refusal import read_body
from axio_transport_openai.request import Memory, Options, chat_request

if TYPE_CHECKING:
    from tests.rules import Json


async def read(path: str) -> str:
    """Read a file."""
    return path


TOOL: Tool[Any] = Tool("read", read)
GEMINI = KNOWN["generativelanguage.googleapis.com"]
REASONED = ReasoningBlock("Hm.", id="reasoning_content", provider="p")
CALL = ToolUseBlock("call_0", "read", {"path": "x"})
IMAGE = ImageBlock("image/png", b"png")
VIDEO = VideoBlock("video/mp4", b"mp4")
AUDIO = AudioBlock("audio/wav", b"wav")


def sent(dialect: Dialect, *blocks: ContentBlock, **options: Json) -> bytes:
    """A request of everything: reasoning, a call, a result, what is given, and these options."""
    messages = [
        Message("user", [TextBlock("Hello.")]),
        Message("assistant", [REASONED, TextBlock("See."), CALL]),
        Message("user", [ToolResultBlock("call_0", "text"), *blocks]),
    ]
    asked = Options(provider="p", **options)
    return chat_request(
        "m", messages, [TOOL], "Be brief.", dialect=dialect, options=asked, memory=Memory()
    ).body


def error(message: str, **fields: Json) -> bytes:
    """A refusal in OpenAI's shape."""
    return json.dumps({"error": {"message": message, **fields}}).encode()


def detail(place: list[Json], said: str = "Extra inputs are not permitted") -> bytes:
    """A refusal in FastAPI's shape."""
    return json.dumps(
        {"detail": [{"type": "extra_forbidden", "loc": place, "msg": said, "input": 1}]}
    ).encode()


def google(message: str) -> bytes:
    """A refusal in Google's shape."""
    found = {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}
    return json.dumps([{"error": found}]).encode()


def edit(
    answer: bytes, dialect: Dialect, *blocks: ContentBlock, status: int = 400, **options: Json
) -> Edit | None:
    return edit_for(status, read_body(answer), dialect, sent(dialect, *blocks, **options))


TOO_LONG = {"max_output_tokens": 100_000}


@pytest.mark.parametrize(
    ("answer", "dialect", "expected"),
    [
        pytest.param(
            error(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
                " 'max_completion_tokens' instead.",
                type="invalid_request_error",
                param="max_tokens",
                code="unsupported_parameter",
            ),
            COMPATIBLE,
            {"limit_field": "max_completion_tokens"},
            id="OpenAI: another name",
        ),
        pytest.param(
            json.dumps(
                {
                    "object": "error",
                    "message": "[{'type': 'extra_forbidden', 'loc': ('body',"
                    " 'max_completion_tokens'), 'msg': 'Extra inputs are not permitted',"
                    " 'input': 800}]",
                    "type": "BadRequestError",
                    "code": 400,
                }
            ).encode(),
            OPENAI,
            {"limit_field": "max_tokens"},
            id="vLLM: the old name only",
        ),
        pytest.param(
            detail(["body", "max_completion_tokens"]),
            OPENAI,
            {"limit_field": "max_tokens"},
            id="Mistral: the old name only",
        ),
        pytest.param(
            error("body.max_completion_tokens: property is unsupported", code="wrong_api_format"),
            OPENAI,
            {"limit_field": "max_tokens"},
            id="a property that is unsupported",
        ),
        pytest.param(
            error(
                "max_tokens is too large: 100000. This model supports at most 16384 completion"
                " tokens, whereas you provided 100000."
            ),
            COMPATIBLE,
            {"limit_cap": 16384},
            id="OpenAI: at most",
        ),
        pytest.param(
            error("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"),
            COMPATIBLE,
            {"limit_cap": 8192},
            id="DeepSeek: a range",
        ),
        pytest.param(
            error(
                "<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]"
            ),
            COMPATIBLE,
            {"limit_cap": 8192},
            id="DashScope: a range",
        ),
        pytest.param(
            error(
                "The parameter `max_completion_tokens` specified in the request are not valid:"
                " integer above maximum value, expected a value <= 12288, but got 100000 instead."
            ),
            OPENAI,
            {"limit_cap": 12288},
            id="Doubao: a bound",
        ),
        pytest.param(
            error(
                "`max_tokens` must be less than or equal to `8192`, the maximum value for"
                " `max_tokens` is less than the `context_window` for this model"
            ),
            COMPATIBLE,
            {"limit_cap": 8192},
            id="Groq: less than or equal",
        ),
        pytest.param(
            error(
                "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens"
                " for claude"
            ),
            COMPATIBLE,
            {"limit_cap": 64000},
            id="Anthropic: greater than",
        ),
        pytest.param(
            json.dumps(
                {
                    "error": {
                        "message": "Param Incorrect",
                        "param": "max_tokens is too large: 1048576. This model supports at most"
                        " 65536 completion tokens, whereas you provided 1048576.",
                        "code": "400",
                    }
                }
            ).encode(),
            COMPATIBLE,
            {"limit_cap": 65536},
            id="a gateway: in the wrong place",
        ),
        pytest.param(
            error("max_tokens must be between 1 and 4096"),
            COMPATIBLE,
            {"limit_cap": 4096},
            id="between",
        ),
        pytest.param(
            error("max_tokens should be smaller than 4096"),
            COMPATIBLE,
            {"limit_cap": 4095},
            id="smaller than",
        ),
        pytest.param(
            error("The maximum number of output tokens for this model is 4096."),
            COMPATIBLE,
            {"limit_cap": 4096},
            id="the maximum is",
        ),
        pytest.param(
            error("The requested output tokens exceed what m allows: 100000 is above 4096"),
            COMPATIBLE,
            {"limit_cap": 4096},
            id="above",
        ),
        pytest.param(
            error("max_tokens is limited to 1,024 for this model"),
            COMPATIBLE,
            {"limit_cap": 1024},
            id="a number with a comma",
        ),
        pytest.param(
            error("max_tokens must be at most 32"),
            COMPATIBLE,
            {"limit_cap": 32},
            id="the least that is a limit",
        ),
        pytest.param(
            error("max_tokens must be at most 31"),
            COMPATIBLE,
            {"limit_field": "max_completion_tokens"},
            id="less than any limit",
        ),
        pytest.param(
            error(
                "'max_tokens' or 'max_completion_tokens' is too large: 100000. This model's maximum"
                " context length is 4096 tokens and your request has 96 input tokens"
                " (100000 > 4096 - 96)."
            ),
            COMPATIBLE,
            {"limit_cap": 2000},
            id="vLLM: what is left of the window",
        ),
        pytest.param(
            error(
                "This model's maximum context length is 8192 tokens. However, you requested 101000"
                " tokens (1000 in the messages, 100000 in the completion). Please reduce the length"
            ),
            COMPATIBLE,
            {"limit_cap": 3596},
            id="OpenAI: what is left of the window",
        ),
        pytest.param(  # jabrena/spring-boot-user-beans#136
            error(
                "This model's maximum context length is 8192 tokens, however you requested 101000"
                " tokens (1000 in your prompt; 100000 for the completion). Please reduce your"
                " prompt; or completion length."
            ),
            COMPATIBLE,
            {"limit_cap": 3596},
            id="OpenAI: what is left of the window by the prompt",
        ),
        pytest.param(
            error(
                "This endpoint's maximum context length is 200000 tokens. However, you requested"
                " about 250000 tokens (150000 of text input, 100000 in the output)."
            ),
            COMPATIBLE,
            {"limit_cap": 25000},
            id="OpenRouter: what is left of the window",
        ),
        pytest.param(
            error("The context window is 4096, and a prompt of 96 tokens leaves too little."),
            COMPATIBLE,
            {"limit_cap": 2000},
            id="what is left of the window, in other words",
        ),
        pytest.param(
            error(
                "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given:"
                " 5001 `inputs` tokens and 100000 `max_new_tokens`"
            ),
            COMPATIBLE,
            {"limit_cap": 1596},
            id="Together: what is left of the window",
        ),
        pytest.param(
            error(
                "You passed 1000 input tokens and requested 100000 output tokens. However, the"
                " model's context length is only 100768 tokens, resulting in a maximum input length"
                " of 768 tokens. Please reduce the length of the input prompt."
                " (parameter=input_tokens, value=1000)"
            ),
            COMPATIBLE,
            {"limit_cap": 49884},
            id="vLLM: what is left of the window, not of the input",
        ),
        pytest.param(  # agentscope-ai/AgentTeams#346
            error(
                "You passed 60000 input characters and requested 100000 output tokens. However, the"
                " model's context length is only 100000 tokens, resulting in a maximum input length"
                " of 0 tokens (at most 0 characters). Please reduce the length of the input prompt."
                " (parameter=input_text, value=60000)"
            ),
            COMPATIBLE,
            {"limit_cap": 40000},
            id="vLLM: what is left of the window, in characters",
        ),
        pytest.param(  # continuedev/continue#8454
            error(
                "input length and `max_tokens` exceed context limit: 143653 + 100000 > 200000,"
                " decrease input length or `max_tokens` and try again"
            ),
            COMPATIBLE,
            {"limit_cap": 28173},
            id="Anthropic: what is left of the window",
        ),
        pytest.param(
            error(
                "Requested token count exceeds the model's maximum context length of 8192 tokens."
                " You requested a total of 101000 tokens: 1000 tokens from the input messages and"
                " 100000 tokens for the completion."
            ),
            COMPATIBLE,
            {"limit_cap": 3596},
            id="SGLang: what is left of the window",
        ),
        pytest.param(
            error(
                "The maximum tokens you requested exceeds the model limit of 4096. Try again with a"
                " maximum tokens value that is lower than 4096."
            ),
            COMPATIBLE,
            {"limit_cap": 4096},
            id="Bedrock: the maximum tokens",
        ),
        pytest.param(
            error(
                "too many tokens: max tokens must be less than or equal to 4096, the maximum output"
                " length for this model - received 100000."
            ),
            COMPATIBLE,
            {"limit_cap": 4096},
            id="Cohere: max tokens",
        ),
        pytest.param(
            error(
                "Unable to submit request because it has a maxOutputTokens value of 100000 but the"
                " supported range is from 1 (inclusive) to 65537 (exclusive)."
            ),
            COMPATIBLE,
            {"limit_cap": 65536},
            id="Gemini: the first number that is too high",
        ),
    ],
)
def test_a_limit_is_renamed_or_lowered(
    answer: bytes, dialect: Dialect, expected: dict[str, Any]
) -> None:
    found = edit(answer, dialect, **TOO_LONG)

    assert found is not None
    assert found.changes == expected


@pytest.mark.parametrize(
    ("asked", "lasting"),
    [
        pytest.param(4096, {}, id="a limit that another conversation leaves room for"),
        pytest.param(4097, {"limit_cap": 4096}, id="one for which few would"),
    ],
)
def test_what_is_left_of_a_window_holds_for_no_other_conversation(
    asked: int, lasting: dict[str, Any]
) -> None:
    said = (
        "This model's maximum context length is 8192 tokens. However, you requested"
        f" {5000 + asked} tokens (5000 in the messages, {asked} in the completion)."
    )
    found = edit(error(said), COMPATIBLE, max_output_tokens=asked)

    assert found is not None
    assert found.changes == {"limit_cap": 1596}
    assert found.learn(COMPATIBLE) == COMPATIBLE.with_changes(lasting)


EFFORT = {"reasoning_effort": "high"}
FORCED = {"extra_params": {"tool_choice": "required"}}
JSON = {"extra_params": {"response_format": {"type": "json_object"}}}


@pytest.mark.parametrize(
    ("answer", "dialect", "options", "expected"),
    [
        pytest.param(
            b"Error: 400 Extra inputs are not permitted, field: 'stream_options'",
            COMPATIBLE,
            {},
            {"stream_options": False},
            id="Fireworks: stream_options",
        ),
        pytest.param(
            detail(["body", "stream_options"]),
            COMPATIBLE,
            {},
            {"stream_options": False},
            id="Mistral: stream_options",
        ),
        pytest.param(
            error("Validation error at #/stream_options/include_usage: Extra inputs not permitted"),
            COMPATIBLE,
            {},
            {"stream_options": False},
            id="Azure: include_usage",
        ),
        pytest.param(
            error(
                'Invalid JSON payload received. Unknown name "stream_options": Cannot find field.'
            ),
            COMPATIBLE,
            {},
            {"stream_options": False},
            id="Gemini: stream_options",
        ),
        pytest.param(
            error("Malformed input request: #: extraneous key [stream_options] is not permitted"),
            COMPATIBLE,
            {},
            {"stream_options": False},
            id="Bedrock: stream_options",
        ),
        pytest.param(
            error(
                "Unsupported value: 'temperature' does not support 0.2 with this model. Only the"
                " default (1) value is supported.",
                param="temperature",
                code="unsupported_value",
            ),
            COMPATIBLE,
            {"temperature": 0.2, "extra_params": {"top_p": 0.9, "seed": 1}},
            {"dropped": ["temperature", "top_p"]},
            id="OpenAI: all of the sampling",
        ),
        pytest.param(
            error("invalid temperature: only 1 is allowed for this model"),
            COMPATIBLE,
            {"temperature": 0.2},
            {"dropped": ["temperature"]},
            id="Moonshot: temperature",
        ),
        pytest.param(  # MartialBE/one-hub#529
            error(
                "`temperature` may only be set to 1 when thinking is enabled. Please consult our"
                " documentation at https://docs.anthropic.com/en/docs/build-with-claude"
                "/extended-thinking#important-considerations-when-using-extended-thinking"
            ),
            Dialect(effort="thinking"),
            {"temperature": 0.2, "reasoning_effort": "high"},
            {"dropped": ["temperature"]},
            id="Anthropic: temperature, not the thinking",
        ),
        pytest.param(
            error("`temperature` and `top_p` cannot both be specified for this model."),
            COMPATIBLE,
            {"temperature": 0.2, "extra_params": {"top_p": 0.9}},
            {"dropped": ["top_p"]},
            id="Anthropic: not both",
        ),
        pytest.param(
            json.dumps(
                {
                    "code": "Client specified an invalid argument",
                    "error": "Argument not supported on this model: presencePenalty",
                }
            ).encode(),
            COMPATIBLE,
            {"extra_params": {"presence_penalty": 1, "frequency_penalty": 1, "seed": 1}},
            {"dropped": ["frequency_penalty", "presence_penalty"]},
            id="xAI: both penalties",
        ),
        pytest.param(
            error("Model grok-4 does not support parameter reasoningEffort."),
            COMPATIBLE,
            EFFORT,
            {"effort": "", "dropped": ["reasoning_effort"]},
            id="xAI: effort",
        ),
        pytest.param(
            error('"gemma3:4b" does not support thinking'),
            COMPATIBLE,
            EFFORT,
            {"effort": "", "dropped": ["reasoning_effort"]},
            id="Ollama: thinking",
        ),
        pytest.param(
            error('invalid reasoning value: \'high\' (must be "low" or "none")'),
            COMPATIBLE,
            EFFORT,
            {"efforts": ["low", "none"]},
            id="Ollama: an effort it knows",
        ),
        pytest.param(
            error("Thinking level MINIMAL is not supported for this model."),
            COMPATIBLE,
            EFFORT,
            {"effort": "", "dropped": ["reasoning_effort"]},
            id="Gemini: a level of thinking",
        ),
        pytest.param(
            error("Budget 0 is invalid. This model only works in thinking mode."),
            COMPATIBLE,
            EFFORT,
            {"effort": "", "dropped": ["reasoning_effort"]},
            id="Gemini: a model that always thinks",
        ),
        pytest.param(
            error("Reasoning effort is not supported with this model."),
            COMPATIBLE,
            EFFORT,
            {"effort": "", "dropped": ["reasoning_effort"]},
            id="a parameter in words",
        ),
        pytest.param(  # Alishahryar1/free-claude-code#89
            error("chat_template is not supported for Mistral tokenizers."),
            KNOWN["integrate.api.nvidia.com"],
            EFFORT,
            {"effort": "", "dropped": ["chat_template_kwargs"]},
            id="vLLM: no template that could be told to think",
        ),
        pytest.param(  # CherryHQ/cherry-studio#7263
            error(
                "<400> InternalError.Algo.InvalidParameter: The thinking_budget parameter must be a"
                " positive integer and not greater than 38912"
            ),
            Dialect(effort="enable_thinking"),
            {"reasoning_effort": "77824"},
            {"dropped": ["thinking_budget"]},
            id="DashScope: more to think with than there is, not the thinking",
        ),
        pytest.param(
            error("The value of the enable_thinking parameter is restricted to True."),
            Dialect(effort="enable_thinking"),
            EFFORT,
            {"effort": "", "dropped": ["enable_thinking"]},
            id="DashScope: a model that always thinks",
        ),
        pytest.param(
            error("`temperature` may only be set to 1 when thinking is enabled."),
            Dialect(effort="thinking"),
            EFFORT | {"temperature": 0.2},
            {"dropped": ["temperature"]},
            id="Anthropic: the temperature, not the thinking",
        ),
        pytest.param(
            error("Tool choice is not supported for this model."),
            COMPATIBLE,
            FORCED,
            {"forced_tools": False},
            id="Azure: tool choice",
        ),
        pytest.param(  # langchain-ai/langchain#31512
            json.dumps(
                {
                    "error": {
                        "code": "Invalid input",
                        "status": 422,
                        "message": "invalid input error",
                        "details": [
                            {
                                "type": "string_type",
                                "loc": ["body", "tool_choice"],
                                "msg": "Input should be a valid string",
                                "input": {"type": "function", "function": {"name": "read"}},
                            }
                        ],
                    }
                }
            ).encode(),
            COMPATIBLE,
            FORCED,
            {"forced_tools": False},
            id="Azure AI: tool choice, in the details",
        ),
        pytest.param(
            error("json mode cannot be combined with tool/function calling"),
            COMPATIBLE,
            JSON,
            {"dropped": ["response_format"]},
            id="Groq: JSON beside tools",
        ),
        pytest.param(
            error("Function calling with a response mime type: 'application/json' is unsupported"),
            COMPATIBLE,
            JSON,
            {"dropped": ["response_format"]},
            id="Gemini: JSON beside tools",
        ),
        pytest.param(
            error("This response_format type is unavailable now"),
            COMPATIBLE,
            JSON,
            {"dropped": ["response_format"]},
            id="DeepSeek: a form that is unavailable",
        ),
        pytest.param(  # lmstudio-ai/lmstudio-bug-tracker#169
            b"""{"error": "'response_format.type' must be 'json_schema' or 'text'"}""",
            COMPATIBLE,
            JSON,
            {"dropped": ["response_format"]},
            id="LM Studio: a form that it does not know",
        ),
        pytest.param(
            error("Unrecognized request argument supplied: reasoning_effort"),
            COMPATIBLE,
            EFFORT,
            {"effort": "", "dropped": ["reasoning_effort"]},
            id="OpenAI: effort",
        ),
        pytest.param(
            error(
                "litellm.UnsupportedParamsError: openai does not support parameters:"
                " ['reasoning_effort'], for model=m. To drop these, set `litellm.drop_params=True`"
                " or for proxy: temperature"
            ),
            COMPATIBLE,
            EFFORT | {"temperature": 1},
            {"effort": "", "dropped": ["reasoning_effort"]},
            id="LiteLLM: effort",
        ),
        pytest.param(  # Vivswan/litellm-vscode-chat#18
            error(
                "litellm.UnsupportedParamsError: gpt-5 models (including gpt-5-codex) don't support"
                " temperature=0.7. Only temperature=1 is supported. For gpt-5.1, temperature is"
                " supported when reasoning_effort='none' (or not specified, as it defaults to"
                " 'none'). To drop unsupported params set litellm.drop_params = True."
            ),
            COMPATIBLE,
            EFFORT | {"temperature": 0.7},
            {"dropped": ["temperature"]},
            id="LiteLLM: not the effort with which it would have been taken",
        ),
        pytest.param(
            error("property 'reasoning' is unsupported"),
            Dialect(effort="reasoning"),
            EFFORT,
            {"effort": "", "dropped": ["reasoning"]},
            id="Groq: reasoning",
        ),
        pytest.param(
            error(
                "Failed to deserialize the JSON body into the target type: thinking: unknown field"
                " `thinking`, expected one of `messages`, `model`, `temperature`, `stream_options`,"
                " `tools`, `tool_choice` at line 1 column 212"
            ),
            Dialect(effort="thinking"),
            EFFORT | {"temperature": 1},
            {"effort": "", "dropped": ["thinking"]},
            id="serde: one field, though it names many",
        ),
        pytest.param(
            error(
                "Unsupported value: 'reasoning_effort' does not support 'high' with this model."
                " Supported values are: 'low' and 'medium'.",
                param="reasoning_effort",
            ),
            COMPATIBLE,
            EFFORT,
            {"efforts": ["low", "medium"]},
            id="OpenAI: an effort it knows",
        ),
        pytest.param(
            error("`reasoning_effort` must be one of `none` or `default`"),
            COMPATIBLE,
            EFFORT,
            {"efforts": ["none", "default"]},
            id="Groq: an effort it knows",
        ),
        pytest.param(  # nguyenphutrong/quotio#287
            error('level "high" not supported, valid levels: low, medium, xhigh'),
            COMPATIBLE,
            EFFORT,
            {"efforts": ["low", "medium", "xhigh"]},
            id="CLIProxyAPI: an effort it knows, of a parameter that it does not name",
        ),
        pytest.param(
            error(
                "Unsupported value: 'high' is not supported with the 'gpt-5' model. Supported"
                " values are: 'low' and 'medium'."
            ),
            COMPATIBLE,
            EFFORT,
            {"efforts": ["low", "medium"]},
            id="Copilot: an effort it knows, of a parameter that it does not name",
        ),
        pytest.param(
            error(
                "Unsupported value: 'low' is not supported with the 'gpt-4.1-mini' model. Supported"
                " values are: 'medium'."
            ),
            COMPATIBLE,
            EFFORT | {"extra_params": {"verbosity": "low"}},
            {"dropped": ["verbosity"]},
            id="OpenAI: a value of a parameter that it does not name, and no effort",
        ),
        pytest.param(
            error("Invalid value: 'low'. Supported values are: 'medium'."),
            COMPATIBLE,
            {"extra_params": {"verbosity": "low"}},
            {"dropped": ["verbosity"]},
            id="OpenAI: a value of a parameter that it does not name, without any effort",
        ),
        pytest.param(
            error(
                "Unsupported value: 'high' is not supported with the 'gpt-5' model. Supported"
                " values are: 'medium'."
            ),
            COMPATIBLE,
            EFFORT | {"extra_params": {"verbosity": "high"}},
            {"efforts": ["medium"]},
            id="OpenAI: a value that may be the effort's or another's",
        ),
        pytest.param(
            detail(["body", "reasoning_effort"], "Input should be 'low', 'medium' or 'max'"),
            COMPATIBLE,
            EFFORT,
            {"efforts": ["low", "medium", "max"]},
            id="pydantic: an effort it knows",
        ),
        pytest.param(
            error(
                "Function tools with reasoning_effort are not supported for gpt-5.4 in"
                " /v1/chat/completions. Please use /v1/responses instead."
            ),
            COMPATIBLE,
            EFFORT,
            {"efforts": ["none"]},
            id="OpenAI: no effort beside tools",
        ),
        pytest.param(
            error("Thinking mode does not support this tool_choice"),
            COMPATIBLE,
            FORCED,
            {"forced_tools": False},
            id="DeepSeek: tool_choice",
        ),
        pytest.param(
            error(
                "<400> InternalError.Algo.InvalidParameter: The tool_choice parameter does not"
                " support being set to required or object in thinking mode"
            ),
            COMPATIBLE,
            FORCED,
            {"forced_tools": False},
            id="DashScope: tool_choice",
        ),
        pytest.param(
            error("No endpoints found that support the provided 'tool_choice' value."),
            Dialect(forced_tools=False),
            FORCED,
            {"dropped": ["tool_choice"]},
            id="OpenRouter: not even auto",
        ),
        pytest.param(
            json.dumps(
                [
                    {
                        "error": {
                            "code": 400,
                            "message": 'Invalid JSON payload received. Unknown name "top_k": Cannot'
                            ' find field.\nInvalid JSON payload received. Unknown name "seed":'
                            " Cannot find field.",
                        }
                    }
                ]
            ).encode(),
            COMPATIBLE,
            {"extra_params": {"top_k": 4, "seed": 1, "user": "u"}},
            {"dropped": ["seed", "top_k"]},
            id="Gemini: all it names at once",
        ),
        pytest.param(
            error("'n' : number must be at most 1"),
            COMPATIBLE,
            {"extra_params": {"n": 2}},
            {"dropped": ["n"]},
            id="Groq: no more answers than one",
        ),
        pytest.param(
            error("property 'store' is unsupported, did you mean 'stop'?"),
            COMPATIBLE,
            {"extra_params": {"store": True, "stop": ["x"]}},
            {"dropped": ["store"]},
            id="Groq: not what it suggests",
        ),
        pytest.param(  # GoogleCloudPlatform/vertex-ai-samples#3515
            google(
                "Unable to submit request because the model does not support the stopSequences"
                " parameter. Remove it and try again. Learn more:"
                " https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/overview"
            ),
            COMPATIBLE,
            {"extra_params": {"stop": ["x"], "seed": 1}},
            {"dropped": ["stop"]},
            id="Vertex: by its own name",
        ),
        pytest.param(  # SillyTavern/SillyTavern#3015
            google("Penalty is not enabled for models/gemini-1.5-pro"),
            COMPATIBLE,
            {"extra_params": {"presence_penalty": 1, "frequency_penalty": 1, "seed": 1}},
            {"dropped": ["frequency_penalty", "presence_penalty"]},
            id="Gemini: either penalty",
        ),
        pytest.param(  # googleapis/python-genai#1723
            google("Multiple candidates is not enabled for this model"),
            COMPATIBLE,
            {"extra_params": {"n": 2, "seed": 1}},
            {"dropped": ["n"]},
            id="Gemini: several answers",
        ),
        pytest.param(  # googleapis/python-aiplatform#3743
            google("Only one candidate can be specified"),
            COMPATIBLE,
            {"extra_params": {"n": 2, "seed": 1}},
            {"dropped": ["n"]},
            id="Gemini: one answer",
        ),
        pytest.param(  # google-gemini/deprecated-generative-ai-js#241
            google("Function calling mode `ANY` is not enabled for api version v1beta"),
            COMPATIBLE,
            FORCED,
            {"forced_tools": False},
            id="Gemini: tool_choice",
        ),
        pytest.param(
            google(
                "Invalid value at 'generation_config.response_schema'"
                ' (type.googleapis.com/google.ai.generativelanguage.v1beta.Schema), "object"'
            ),
            COMPATIBLE,
            JSON,
            {"dropped": ["response_format"]},
            id="Gemini: a schema that is not a tool's",
        ),
        pytest.param(
            error("[] is not valid under any of the given schemas - 'stop'"),
            COMPATIBLE,
            {"extra_params": {"stop": []}},
            {"dropped": ["stop"]},
            id="OpenAI of old: a value, not a tool's schema",
        ),
        pytest.param(  # sigoden/aichat#543, of another key
            error(
                'Malformed input request: #: subject must not be valid against schema {"required":'
                '["messages"]}#: extraneous key [seed] is not permitted, please reformat your input'
                " and try again."
            ),
            COMPATIBLE,
            {"extra_params": {"seed": 1}},
            {"dropped": ["seed"]},
            id="Bedrock: a key, not a tool's schema",
        ),
    ],
)
def test_a_parameter_is_left_out_or_changed(
    answer: bytes, dialect: Dialect, options: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = edit(answer, dialect, **options)

    assert found is not None
    assert found.changes == expected


@pytest.mark.parametrize(
    ("answer", "dialect", "blocks", "expected"),
    [
        pytest.param(
            error(
                "'messages.2' : for 'role:assistant' the following must be satisfied"
                "[('messages.2' : property 'reasoning_content' is unsupported)]"
            ),
            COMPATIBLE,
            [],
            {"message_dropped": ["reasoning_content"]},
            id="Groq: reasoning_content",
        ),
        pytest.param(
            json.dumps(
                {
                    "message": "messages.2.assistant.reasoning_content: property"
                    " 'messages.2.assistant.reasoning_content' is unsupported",
                    "type": "invalid_request_error",
                    "param": "validation_error",
                    "code": "wrong_api_format",
                }
            ).encode(),
            COMPATIBLE,
            [],
            {"message_dropped": ["reasoning_content"]},
            id="Cerebras: reasoning_content",
        ),
        pytest.param(
            detail(["body", "messages", 2, "assistant", "reasoning_content"]),
            COMPATIBLE,
            [],
            {"message_dropped": ["reasoning_content"]},
            id="Mistral: reasoning_content",
        ),
        pytest.param(
            error(
                "The `reasoning_content` is an intermediate result for display purposes only."
                " Please remove the reasoning_content from your message to reduce network traffic."
            ),
            COMPATIBLE,
            [],
            {"message_dropped": ["reasoning_content"]},
            id="DeepSeek R1: reasoning_content",
        ),
        pytest.param(
            error("The `reasoning_content` in the thinking mode must be passed back to the API."),
            Dialect(replay="never"),
            [],
            {
                "replay": "always",
                "replay_field": "reasoning_content",
                "replay_required": True,
                "message_dropped": [],
            },
            id="DeepSeek V4: reasoning_content is missing",
        ),
        pytest.param(
            error(
                "thinking is enabled but reasoning_content is missing in assistant tool call"
                " message at index 2"
            ),
            Dialect(message_dropped=("reasoning_content",)),
            [],
            {
                "replay": "always",
                "replay_field": "reasoning_content",
                "replay_required": True,
                "message_dropped": [],
            },
            id="Moonshot: reasoning_content is missing",
        ),
        pytest.param(  # deepseek-ai/DeepSeek-V3#1053, decolua/9router#355
            error(
                "Missing `reasoning_content` field in the assistant message at message index 2. For"
                " more information, please refer to"
                " https://api-docs.deepseek.com/guides/thinking_mode#tool-calls"
            ),
            COMPATIBLE,
            [],
            {
                "replay": "always",
                "replay_field": "reasoning_content",
                "replay_required": True,
                "message_dropped": [],
            },
            id="DeepSeek V3.2: reasoning_content is missing",
        ),
        pytest.param(
            b'[{"error":{"code":400,"message":"Function call is missing a thought_signature in'
            b' functionCall parts. This is required for tools to work correctly","status":'
            b'"INVALID_ARGUMENT"}}]',
            COMPATIBLE,
            [],
            {"unsigned_call": SKIP_SIGNATURE},
            id="Gemini: a signature is missing",
        ),
        pytest.param(
            error("messages.1.content.0: Invalid `signature` in `thinking` block"),
            COMPATIBLE,
            [],
            {"replay": "never"},
            id="Anthropic: a signature is wrong",
        ),
        pytest.param(
            error("The encrypted content gAAA could not be verified."),
            COMPATIBLE,
            [],
            {"replay": "never"},
            id="OpenAI: a signature is wrong",
        ),
        pytest.param(  # suitenumerique/conversations#402
            error("Reasoning input is not enabled for this model", code="3051"),
            COMPATIBLE,
            [],
            {"replay": "never"},
            id="Mistral: another model than the one that reasoned",
        ),
        pytest.param(  # anomalyco/opencode#11571
            error("messages.1.content.0.thinking: each thinking block must contain thinking"),
            COMPATIBLE,
            [],
            {"replay": "never"},
            id="Anthropic: an empty thought",
        ),
        pytest.param(
            error("Tool call id was call_0 but must be a-z, A-Z, 0-9, with a length of 9."),
            COMPATIBLE,
            [],
            {"id_pattern": "[a-zA-Z0-9]{9}", "id_length": 9},
            id="Mistral: an id",
        ),
        pytest.param(
            error(
                "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with"
                " maximum length 4, but got a string with length 6 instead."
            ),
            COMPATIBLE,
            [],
            {"id_length": 4},
            id="OpenAI: an id that is too long",
        ),
        pytest.param(
            error(
                "messages.1.content.1.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
            ),
            COMPATIBLE,
            [],
            {"id_pattern": "[a-zA-Z0-9_-]+"},
            id="Anthropic: an id",
        ),
        pytest.param(  # vercel/ai#13326, BerriAI/litellm#34239
            error(
                "1 validation error detected: Value at 'messages.4.member.content.2.member.toolUse"
                ".toolUseId' failed to satisfy constraint: Member must satisfy regular expression"
                " pattern: [a-zA-Z0-9_-]+"
            ),
            COMPATIBLE,
            [],
            {"id_pattern": "[a-zA-Z0-9_-]+"},
            id="Bedrock: an id",
        ),
        pytest.param(  # ollama/ollama#14214, vectorize-io/hindsight#187
            error(
                "* GenerateContentRequest.contents[2].parts[0].function_response.name: Name cannot"
                " be empty."
            ),
            COMPATIBLE,
            [],
            {"result_names": True},
            id="Gemini: a result without a name",
        ),
        pytest.param(  # su-kaka/gcli2api#200
            error(
                "Tool message must have a 'name' field. The 'name' field is required to match the"
                " tool call with its response in Gemini API. tool_call_id=call_0"
            ),
            COMPATIBLE,
            [],
            {"result_names": True},
            id="a gateway to Gemini: a result without a name",
        ),
        pytest.param(
            error(
                "Invalid request: function name is invalid, must start with a letter and can"
                " contain letters, numbers, underscores, and dashes"
            ),
            COMPATIBLE,
            [],
            {"name_pattern": "[a-zA-Z][a-zA-Z0-9_-]{0,63}"},
            id="Moonshot: a name",
        ),
        pytest.param(
            error(
                "Invalid 'tools[43].function.name': string too long. Expected a string with maximum"
                " length 32, but got a string with length 71 instead."
            ),
            COMPATIBLE,
            [],
            {"name_pattern": "[a-zA-Z][a-zA-Z0-9_-]{0,31}"},
            id="a name that is too long",
        ),
        pytest.param(  # OpenHands/OpenHands#4838
            error(
                "Invalid 'tools[2].function.description': string too long. Expected a string with"
                " maximum length 512, but got a string with length 4394 instead.",
                param="tools[2].function.description",
                code="string_above_max_length",
            ),
            COMPATIBLE,
            [],
            {"description_length": 512},
            id="OpenAI: a description that is too long",
        ),
        pytest.param(  # run-llama/llama-hub#905
            error("'Use this tool to load data.' is too long - 'tools.0.function.description'"),
            COMPATIBLE,
            [],
            {"description_length": 1024},
            id="OpenAI of old: a description that is too long",
        ),
        pytest.param(
            error(
                "'Asks: unknown model: none\n of maximum length 5' is too long"
                " - 'tools.0.function.description'"
            ),
            COMPATIBLE,
            [],
            {"description_length": 1024},
            id="OpenAI of old: a description that is too long, whatever it says",
        ),
        pytest.param(
            error(
                "Failed to deserialize the JSON body into the target type: messages[3]: unknown"
                " variant `image_url`, expected `text` at line 1 column 391"
            ),
            KNOWN["api.deepseek.com"],
            [IMAGE],
            {"images": False},
            id="DeepSeek: an image, for another model than its Flash",
        ),
        pytest.param(
            error("No endpoints found that support image input", code=404),
            COMPATIBLE,
            [IMAGE],
            {"images": False},
            id="OpenRouter: an image",
        ),
        pytest.param(
            error("this model does not support image input (ref: b8bd630e)"),
            COMPATIBLE,
            [IMAGE, AUDIO],
            {"images": False},
            id="Ollama: an image, not the sound",
        ),
        pytest.param(
            error("m is not a multimodal model"),
            COMPATIBLE,
            [IMAGE, AUDIO],
            {"images": False, "audio": ""},
            id="vLLM: an image and sound",
        ),
        pytest.param(
            error(
                "Invalid 'messages[3]'. Content blocks are expected to be either text or image_url"
                " type.",
                param="messages[3]",
            ),
            COMPATIBLE,
            [AUDIO],
            {"audio": ""},
            id="OpenAI: sound",
        ),
        pytest.param(
            error(
                "Invalid value: 'flac'. Supported values are: 'wav' and 'mp3'.",
                param="messages[3].content[1].input_audio.format",
                code="invalid_value",
            ),
            COMPATIBLE,
            [AudioBlock("audio/flac", b"flac")],
            {"audio_formats": ["wav", "mp3"]},
            id="OpenAI: a format of sound",
        ),
        pytest.param(
            error("Invalid 'messages[3]'. Content blocks are expected to be text or image_url."),
            COMPATIBLE,
            [IMAGE, AUDIO],
            {"audio": ""},
            id="OpenAI: sound, though it names images",
        ),
        pytest.param(
            error(
                "Failed to deserialize the JSON body into the target type: messages[3].content:"
                " invalid type: sequence, expected a string at line 5 column 19"
            ),
            COMPATIBLE,
            [IMAGE, AUDIO],
            {"images": False, "audio": ""},
            id="serde: nothing but text",
        ),
        pytest.param(
            error(
                "json: cannot unmarshal array into Go struct field"
                " ChatCompletionRequest.messages.content of type string"
            ),
            COMPATIBLE,
            [IMAGE],
            {"images": False},
            id="a service in Go: nothing but text",
        ),
        pytest.param(
            error(
                "Invalid 'content': 'content' objects must have a 'type' field that is either"
                " 'text' or 'image_url'."
            ),
            COMPATIBLE,
            [IMAGE, AUDIO],
            {"audio": ""},
            id="LM Studio: sound, though it names images",
        ),
        pytest.param(  # BigPizzaV3/CodexPlusPlus#1760
            error("messages.content.type 参数非法\uff0c取值范围 ['text']", code="1210"),
            COMPATIBLE,
            [IMAGE],
            {"images": False},
            id="GLM: nothing but text",
        ),
        pytest.param(  # anomalyco/opencode#30381
            json.dumps(
                {
                    "errors": {
                        "message": "AiError: Bad input: Error: oneOf at '/' not met, 0 matches:"
                        " required properties at '/' are 'prompt', Type mismatch of"
                        " '/messages/3/content', 'array' not in 'string'",
                        "code": 5006,
                    },
                    "success": False,
                    "result": {},
                    "messages": [],
                }
            ).encode(),
            COMPATIBLE,
            [IMAGE],
            {"images": False},
            id="Workers AI: nothing but text",
        ),
        pytest.param(  # nocmt/LLMSearchPlus#2
            error("The model expects a single `text` element per message."),
            COMPATIBLE,
            [IMAGE],
            {"images": False},
            id="xAI: nothing but text",
        ),
        pytest.param(  # vllm-project/vllm#16245
            error('can only concatenate str (not "list") to str'),
            COMPATIBLE,
            [IMAGE],
            {"images": False},
            id="a template: nothing but text",
        ),
        pytest.param(  # langchain-ai/langgraph#1122
            error('can only concatenate str (not "NoneType") to str'),
            COMPATIBLE,
            [IMAGE],
            {"empty_content": "empty"},
            id="a template: no content",
        ),
        pytest.param(  # livekit/agents#2403
            error("'NoneType' object is not iterable", param="messages", code="wrong_api_format"),
            COMPATIBLE,
            [IMAGE],
            {"empty_content": "empty"},
            id="Cerebras: no content",
        ),
        pytest.param(  # lmstudio-ai/lmstudio-bug-tracker#261
            error("Invalid 'content': 'content' field must be a string or an array of objects."),
            COMPATIBLE,
            [IMAGE],
            {"empty_content": "empty"},
            id="LM Studio: no content, not the image",
        ),
        pytest.param(  # TQZHR/grok2api#41
            error("body.messages.content.str - Input should be a valid string"),
            COMPATIBLE,
            [],
            {"empty_content": "empty"},
            id="pydantic: no content",
        ),
        pytest.param(
            error(
                'Invalid JSON payload received. Unknown name "const" at \'tools[0].'
                "function_declarations[5].parameters.properties[8].value.any_of[0]': Cannot find"
                " field."
            ),
            COMPATIBLE,
            [],
            {"schema_inlined": True, "schema_simple": True, "schema_words": False},
            id="Gemini: a schema",
        ),
        pytest.param(
            error(
                "* GenerateContentRequest.tools[0].function_declarations[0].parameters.properties"
                "[x].enum: only allowed for STRING type"
            ),
            COMPATIBLE,
            [],
            {"schema_simple": True, "schema_words": True},
            id="Gemini: values of a type that is no string",
        ),
        pytest.param(
            error(
                "Invalid value at 'tools[0].function_declarations[0].parameters.properties[0]"
                ".value.enum[0]' (TYPE_STRING), 1"
            ),
            COMPATIBLE,
            [],
            {"schema_simple": True, "schema_words": True},
            id="Gemini: values that are no words",
        ),
        pytest.param(
            error(
                "Invalid schema for function 'read': schema must have type 'object' and not have"
                " 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.",
                param="tools[0].function.parameters",
                code="invalid_function_parameters",
            ),
            COMPATIBLE,
            [],
            {"schema_flat": True},
            id="OpenAI: a choice at the root of a schema",
        ),
        pytest.param(
            error("Failed to parse tools: Unrecognized schema: true"),
            COMPATIBLE,
            [],
            {"schema_booleans": False},
            id="llama.cpp: a schema that is a boolean",
        ),
        pytest.param(
            error(
                "tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf"
                " at the top level"
            ),
            COMPATIBLE,
            [],
            {"schema_flat": True},
            id="Anthropic: a choice at the root of a schema",
        ),
        pytest.param(
            error(
                "Invalid request: tools.function.parameters is not a valid moonshot flavored json"
                " schema, details: <At path 'properties.skill': when using anyOf, type should be"
                " defined in anyOf items instead of the parent schema>"
            ),
            COMPATIBLE,
            [],
            {"schema_inlined": True, "schema_simple": True, "schema_words": False},
            id="Moonshot: a schema",
        ),
        pytest.param(  # MoonshotAI/kimi-cli#178
            error("invalid request: missing 'type' or 'anyOf' key in parameter type"),
            COMPATIBLE,
            [],
            {"schema_inlined": True, "schema_simple": True, "schema_words": False},
            id="Moonshot: a parameter without a type",
        ),
        pytest.param(
            error(
                "Invalid schema for function 'read': In context=(), 'additionalProperties' is"
                " required to be supplied and to be false.",
                param="tools[0].function.parameters",
                code="invalid_function_parameters",
            ),
            Dialect(strict=True),
            [],
            {"strict": False},
            id="OpenAI: a strict schema",
        ),
        pytest.param(
            error("Invalid value for 'content': expected a string, got null.", param="messages"),
            COMPATIBLE,
            [],
            {"empty_content": "empty"},
            id="OpenAI: no content",
        ),
        pytest.param(
            error("message content cannot be empty"),
            Dialect(empty_content="empty"),
            [],
            {"empty_content": "null"},
            id="an empty content",
        ),
        pytest.param(
            error("Unexpected role 'user' after role 'tool'", code=3230),
            COMPATIBLE,
            [],
            {"user_after_tool": False},
            id="Mistral: the user after a result",
        ),
        pytest.param(
            error("Conversation roles must alternate user/assistant/user/assistant/..."),
            COMPATIBLE,
            [],
            {"user_after_tool": False},
            id="a template: the user after a result",
        ),
        pytest.param(  # perplexityai/api-discussion#265
            error(
                "After the (optional) system message(s), user and assistant roles should be"
                " alternating."
            ),
            COMPATIBLE,
            [],
            {"user_after_tool": False},
            id="Perplexity: the user after a result",
        ),
        pytest.param(
            error(
                "Please ensure that function call turn comes immediately after a user turn or after"
                " a function response turn."
            ),
            COMPATIBLE,
            [],
            {"user_first": True},
            id="Gemini: the user must begin",
        ),
        pytest.param(
            error(
                "After the (optional) system message(s), user or tool message(s) should alternate"
                " with assistant message(s)."
            ),
            COMPATIBLE,
            [],
            {"user_after_tool": False},
            id="Perplexity: the user after a result",
        ),
        pytest.param(
            error("Cannot use prefill with thinking: the last message must be the user's"),
            Dialect(prefill=True),
            [],
            {"prefill": False},
            id="llama.cpp: the last word",
        ),
        pytest.param(
            error(
                "messages[0].role: unknown variant `developer`, expected one of `system`, `user`,"
                " `assistant`, `tool` at line 1 column 60"
            ),
            Dialect(system_role="developer"),
            [],
            {"system_role": "system"},
            id="DeepSeek: developer",
        ),
        pytest.param(
            error("Incorrect role information", code="1214"),
            Dialect(system_role="developer"),
            [],
            {"system_role": "system"},
            id="GLM: developer",
        ),
        pytest.param(
            error("chat template rejected the request: Unexpected message role."),
            Dialect(system_role="developer"),
            [],
            {"system_role": "system"},
            id="a template: developer",
        ),
        pytest.param(
            error("This model only supports single tool-calls at once!"),
            COMPATIBLE,
            [],
            {"calls_together": False},
            id="a template: several calls",
        ),
        pytest.param(
            error("System role not supported"),
            COMPATIBLE,
            [],
            {"system_role": "user"},
            id="a template: system",
        ),
        pytest.param(  # google/adk-python#3900
            error("Developer instruction is not enabled for models/gemma-3-12b-it"),
            COMPATIBLE,
            [],
            {"system_role": "user"},
            id="Gemma: system",
        ),
        pytest.param(
            error(
                "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
                param="messages[0].role",
            ),
            COMPATIBLE,
            [IMAGE],
            {"system_role": "user"},
            id="OpenAI, o1-mini: system, not the image",
        ),
        pytest.param(
            error(
                "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
                param="messages[0].role",
                code="unsupported_value",
            ),
            OPENAI,
            [],
            {"system_role": "user", "system_anywhere": False},
            id="OpenAI: system",
        ),
        pytest.param(
            error("System message must be at the beginning."),
            Dialect(system_anywhere=True),
            [],
            {"system_anywhere": False},
            id="a template: system in the middle",
        ),
        pytest.param(  # langchain-ai/langchainjs#6724
            error(
                "A conversation must alternate between user and assistant roles. Make sure the"
                " conversation alternates between user and assistant roles and try again."
            ),
            COMPATIBLE,
            [],
            {"user_after_tool": False},
            id="Bedrock: the user after a result",
        ),
        pytest.param(
            google("Please ensure that multiturn requests alternate between user and model."),
            COMPATIBLE,
            [],
            {"user_after_tool": False},
            id="Gemini: the user after a result",
        ),
        pytest.param(  # deepseek-ai/DeepSeek-R1#21
            error(
                "deepseek-reasoner does not support successive user or assistant messages"
                " (messages[1] and messages[2] in your input). You should interleave the"
                " user/assistant messages in the message sequence."
            ),
            COMPATIBLE,
            [IMAGE],
            {"user_after_tool": False},
            id="DeepSeek R1: the user after a result, not the image",
        ),
        pytest.param(  # langfuse/langfuse#10513
            error(
                "<400> InternalError.Algo.InvalidParameter: The input messages do not contain"
                " elements with the role of user"
            ),
            COMPATIBLE,
            [],
            {"user_first": True},
            id="DashScope: nothing of the user's",
        ),
        pytest.param(  # songquanpeng/one-api#836
            error(
                "Please ensure that multiturn requests ends with a user role or a function"
                " response. (request id: 20231218115733848767070nWkJNglT)"
            ),
            Dialect(prefill=True),
            [],
            {"prefill": False},
            id="Gemini: the last word",
        ),
        pytest.param(  # songquanpeng/one-api#1385
            error("Please use a valid role: user, model."),
            COMPATIBLE,
            [],
            {"system_role": "user"},
            id="Gemini of old: system",
        ),
        pytest.param(
            error("Role must be user or assistant and Content length must be greater than 0"),
            COMPATIBLE,
            [],
            {"system_role": "user"},
            id="DashScope: system",
        ),
        pytest.param(
            error("messages.0.role: Input should be 'user' or 'assistant'"),
            COMPATIBLE,
            [],
            {"system_role": "user"},
            id="Anthropic: system",
        ),
        pytest.param(  # nowledge-co/community#237
            error(
                "8 validation errors for FunctionDeclaration\n"
                "parameters.properties.query.examples\n  Extra inputs are not permitted"
                " [type=extra_forbidden, input_value=['python async programmin...hine learning"
                " concepts'], input_type=list]"
            ),
            COMPATIBLE,
            [],
            {"schema_simple": True},
            id="Google's client in a gateway: a schema",
        ),
        pytest.param(  # run-llama/llama_index#17239
            json.dumps(
                {
                    "error_code": "BAD_REQUEST",
                    "message": "Unable to parse json body for request, field 'messages.content'"
                    " expects input with json type 'string' but got 'array'",
                }
            ).encode(),
            COMPATIBLE,
            [IMAGE],
            {"images": False},
            id="Databricks: nothing but text",
        ),
        pytest.param(  # can1357/oh-my-pi#1859
            error(
                "<400> InternalError.Algo.InvalidParameter: The provided messages input is invalid."
                " The error info is [Unexpected item type in content.]"
            ),
            COMPATIBLE,
            [IMAGE],
            {"images": False},
            id="DashScope: nothing but text",
        ),
        pytest.param(
            error("None is not of type 'string' - 'messages.1.content'"),
            COMPATIBLE,
            [IMAGE],
            {"empty_content": "empty"},
            id="OpenAI of old: no content",
        ),
        pytest.param(
            error(
                "messages.1.content.0: When thinking is disabled, an `assistant` message in the"
                " final position cannot contain `thinking`. To use thinking blocks, enable"
                " `thinking` in your request."
            ),
            COMPATIBLE,
            [],
            {"replay": "never"},
            id="Anthropic: thoughts where it does not think",
        ),
        pytest.param(
            error(
                "The text field in the ContentBlock object at messages.0.content.0 is blank. Add"
                " text to the text field, and try again."
            ),
            Dialect(empty_content="empty"),
            [],
            {"empty_content": "null"},
            id="Bedrock: an empty content",
        ),
    ],
)
def test_messages_and_tools_are_written_otherwise(
    answer: bytes, dialect: Dialect, blocks: list[ContentBlock], expected: dict[str, Any]
) -> None:
    found = edit(answer, dialect, *blocks)

    assert found is not None
    assert {key: found.changes[key] for key in found.changes if key in expected} == expected


@pytest.mark.parametrize(
    "said",
    [
        # chencyan364 at codexu/note-gen#918
        "invalid params, chat content has invalid message role: system (2013)",
        "Unsupported role: system",
        "unknown role 'system'",
        "Only user, assistant and tool roles are supported, got system.",
        "Only user and assistant roles are supported, but the first message is the system's",
        "Only the initial message can have the `system` role.",
        "System message can only appear at the start of the conversation",
        # zhayujie/CowAgent#2190
        "Only one system-role message can exist, and it can only be in the first message!",
    ],
)
def test_a_system_message_is_moved_and_then_is_the_users(said: str) -> None:
    moved = edit(error(said), OPENAI)
    found = edit(error(said), moved.apply(OPENAI)) if moved else None

    assert moved is not None
    assert moved.changes == {"system_anywhere": False}
    assert found is not None
    assert found.changes == {"system_role": "user", "system_anywhere": False}


@pytest.mark.parametrize("blocks", [[], [IMAGE]], ids=["words", "an image"])
@pytest.mark.parametrize(
    "said",
    [
        # OpenAI
        (
            "Invalid type for 'messages[2].content': expected one of a string or array of objects,"
            " but got null instead."
        ),
        # ggml-org/llama.cpp#13471
        "Expected 'content' to be a string or an array",
        # Bedrock, by Portkey-AI/gateway#995
        (
            "bedrock error: The content field in the Message object at messages.1 is empty. Add a"
            " ContentBlock object to the content field and try again."
        ),
        # Templates, in Python and in JavaScript
        "unsupported operand type(s) for +: 'NoneType' and 'str'",
        "argument of type 'NoneType' is not iterable",
        # Ollama, by QwenLM/qwen-code#3350
        "invalid message content type: <nil>",
        'Error rendering prompt: Cannot apply filter "trim" to type: NullValue',
    ],
)
def test_no_content_is_an_empty_one_where_it_is_refused(
    said: str, blocks: list[ContentBlock]
) -> None:
    found = edit(error(said), COMPATIBLE, *blocks)

    assert found is not None
    assert found.changes == {"empty_content": "empty"}


@pytest.mark.parametrize(
    "said",
    [
        "reasoning_content must be provided for assistant messages with tool calls",
        "messages[1].reasoning_content cannot be empty",
        "assistant messages must include reasoning_content",
        "messages[1]: missing field `reasoning_content`",
    ],
)
def test_reasoning_that_is_wanted_back_is_not_left_out(said: str) -> None:
    found = edit(error(said), COMPATIBLE)

    assert found is not None
    assert found.changes["replay_required"]


def test_reasoning_that_is_missed_in_a_mode_leaves_the_mode_as_it_is() -> None:
    said = "The reasoning_content in the thinking mode must be passed back to the API."
    found = edit(error(said), Dialect(effort="thinking"), reasoning_effort="high")

    assert found is not None
    assert found.changes["replay_required"]


def test_reasoning_that_is_missed_though_it_is_sent_is_not_left_out() -> None:
    said = "The reasoning_content in the thinking mode must be passed back to the API."
    sends_it = Dialect(replay_field="reasoning_content", replay_required=True)

    assert edit(error(said), sends_it) is None


@pytest.mark.parametrize(
    "said",
    ["reasoning_content must not be included in messages", "reasoning_content cannot be sent"],
)
def test_reasoning_that_is_not_wanted_back_is_left_out(said: str) -> None:
    found = edit(error(said), COMPATIBLE)

    assert found is not None
    assert found.changes == {"message_dropped": ["reasoning_content"]}


def test_reasoning_that_wants_a_signature_is_not_sent_back() -> None:
    # Claude, by justlovemaki/AIClient2API#437
    found = edit(error("messages.1.content.0.thinking.signature: Field required"), COMPATIBLE)

    assert found is not None
    assert found.changes == {"replay": "never"}


def test_reasoning_that_cannot_stand_beside_content_is_not_sent_back() -> None:
    # gpt-oss in llama.cpp, by ggml-org/llama.cpp#17040
    said = (
        "Cannot pass both content and thinking in an assistant message with tool calls! Put the"
        " analysis message in one or the other, but not both. at row 290, column 178"
    )
    found = edit(error(said, code=500, type="server_error"), COMPATIBLE, status=500)

    assert found is not None
    assert found.changes == {"replay": "never"}


@pytest.mark.parametrize(
    "said",
    [
        "seed 参数非法。请检查文档。",  # GLM, code 1214
        "当前模型不支持 seed 参数",
        "未知参数\uff1aseed",
        "'seed' is not recognized",
        "seed: not accepted",
        "`seed` was not expected",
        "seed can't be set",
        "extra fields: seed",
        "extra inputs: seed",
        "seed is not permitted",
        "Additional properties: seed",
        "got an unexpected keyword argument 'seed'",
        "extraneous key [seed]",
        "illegal parameter seed",
        "seed is deprecated",
        "seed is incompatible with this model",
        "seed is not available",
        "seed is not enabled",
        "seed is not a valid parameter",
        "seed is not implemented",
        "seed is incorrect",
        "no such parameter: seed",
        "remove seed",
        "for seed a 0 is mandatory",
        "参数 seed 无效",
    ],
)
def test_a_parameter_is_refused_in_these_words_too(said: str) -> None:
    found = edit(error(said), COMPATIBLE, extra_params={"seed": 1})

    assert found is not None
    assert found.changes == {"dropped": ["seed"]}


@pytest.mark.parametrize("end", ["\n", "\\n", "\\\\n", "\\r\\n"], ids=repr)
def test_an_end_of_a_line_in_layers_of_json_is_no_parameter(end: str) -> None:
    # Gemini's words, as a gateway in Python tells what its client raised
    said = (
        "Error code: 400 - [{'error': {'code': 400, 'message': 'Invalid JSON payload received."
        f' Unknown name "seed": Cannot find field.{end}Invalid JSON payload received. Unknown name'
        f' "top_k": Cannot find field.{end}\'}}}}]'
    )
    found = edit(error(said), COMPATIBLE, extra_params={"n": 1, "seed": 1, "top_k": 4})

    assert found is not None
    assert found.changes == {"dropped": ["seed", "top_k"]}


@pytest.mark.parametrize(
    "said",
    [
        "Unsupported user agent",
        "This user account is not allowed to do that",
        "The user input is invalid",
        "The user prompt has unsupported characters",
    ],
)
def test_a_user_who_is_a_person_is_no_parameter(said: str) -> None:
    assert edit(error(said), COMPATIBLE, extra_params={"user": "u"}) is None


@pytest.mark.parametrize(
    "said",
    [
        "unknown field, expected one of `seed`\ntemperature is not supported",
        "temperature is not supported. Please use seed instead.",
        "temperature is not supported. To drop these, set seed",
        "temperature is not supported. Supported parameters: seed",
        "temperature is not supported. Valid parameters: seed",
        # Jackson, in services in Java
        (
            'Unrecognized field "temperature" (class c.Chat), not marked as ignorable (3 known'
            ' properties: "model", "messages", "seed"])'
        ),
        "temperature is not supported when seed is enabled",
        "temperature is not supported when thinking is on",
        "temperature is not supported if thinking is on",
        "temperature is not supported while thinking mode is on",
        "temperature is not supported with thinking is on",
    ],
)
def test_what_would_have_done_is_not_refused(said: str) -> None:
    options: dict[str, Any] = EFFORT | {"temperature": 0.5, "extra_params": {"seed": 1}}
    found = edit(error(said), Dialect(effort="thinking"), **options)

    assert found is not None
    assert found.changes == {"dropped": ["temperature"]}


@pytest.mark.parametrize(
    "said",
    [
        "`temperature` and `top_p` cannot both be specified for this model.",
        "temperature与top_p不能同时设置\uff0c请检查文档。",  # GLM, code 1215
        "temperature and top_p cannot be set simultaneously",
        "Only one of temperature and top_p may be given",
    ],
)
def test_of_two_that_may_not_stand_together_one_is_left_out(said: str) -> None:
    found = edit(error(said), COMPATIBLE, temperature=0.5, extra_params={"top_p": 0.9})

    assert found is not None
    assert found.changes == {"dropped": ["top_p"]}


@pytest.mark.parametrize(
    "said",
    [
        "max_tokens 参数非法\uff0c取值范围 (0,8192]",
        "invalid params, max_tokens must be in (0, 8192]",
        "max_tokens must be less than or equal 8192",
        "max_tokens must be from 1 to 8192",
        "max_tokens: 100000 is over the limit 8192",
        "max_tokens must be \u2264 8192",
    ],
)
def test_a_limit_is_lowered_to_a_bound_in_these_words_too(said: str) -> None:
    found = edit(error(said), COMPATIBLE, **TOO_LONG)

    assert found is not None
    assert found.changes == {"limit_cap": 8192}


def test_a_value_out_of_a_range_is_the_users_to_mend_in_chinese_too() -> None:
    said = error("temperature 参数非法\uff0c取值范围 (0,1)")

    assert edit(said, COMPATIBLE, temperature=100) is None


@pytest.mark.parametrize(
    "said",
    [
        "The provided model is not a vision model. Please provide a vision model.",
        "Unknown content part type: image_url",
        "当前模型不支持图片输入",
        "Param Incorrect: text is not set",  # Xiaomi's MiMo, by Gitlawb/openclaude#1663
        "'list' object has no attribute 'strip'",
        "sequence item 0: expected str instance, dict found",
        "Image input modality is not enabled for models/gemma-3-1b-it",  # Google's
        "messages 1: expected a string",
        "messages 1: expected text",
        "content must be a string",
        "content: Input should be text",
        "content: give a valid string",
        "Unknown content type: image_url",
        "No endpoints found for this image",
        "content: got list[dict]",
        "Load an mmproj for that: not supported",
        "The model is not a VLM (Vision Language Model). Please use text-only prompts.",
        "Unknown part type: image_url",  # vLLM
        "Image input is not enabled for this model",  # Mistral's
        "Vision add-on is not loaded, but images were provided for processing",  # LM Studio
        "该模型不支持多模态输入",
    ],
)
def test_an_image_is_described_where_it_is_refused_in_these_words_too(said: str) -> None:
    found = edit(error(said), COMPATIBLE, IMAGE)

    assert found is not None
    assert found.changes == {"images": False}
    assert found.lasting is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("messages.2.tool_call_id: String should have at most 40 characters", {"id_length": 40}),
        ("Invalid tool_call_id format", {"id_pattern": "[a-zA-Z0-9_-]+"}),
        (
            "Function name read.file is not valid",
            {"name_pattern": "[a-zA-Z][a-zA-Z0-9_-]{0,63}"},
        ),
        (
            "tools[0].function.name must match ^[a-zA-Z_]+$",
            {"name_pattern": "[a-zA-Z][a-zA-Z0-9_-]{0,63}"},
        ),
        ("tools: Tool names must be unique.", None),
    ],
)
def test_names_and_ids_are_refused_in_these_words_too(said: str, expected: Json) -> None:
    found = edit(error(said), COMPATIBLE)

    assert (found and found.changes) == expected


def test_a_system_message_that_is_only_repeated_is_not_complained_of() -> None:
    said = error("The engine died at {'messages': [{'role': 'system', 'content': 'Be brief.'}]}")

    assert edit(said, COMPATIBLE) is None


@pytest.mark.parametrize("dialect", [COMPATIBLE, OPENAI])
def test_a_system_message_that_no_model_takes_is_the_users_at_once(dialect: Dialect) -> None:
    # Bedrock, of models by Mistral and Amazon
    said = error("This model doesn't support system messages. Try again without a system message")
    found = edit(said, dialect)

    assert found is not None
    assert found.changes == {"system_role": "user", "system_anywhere": False}


@pytest.mark.parametrize(
    ("status", "answer", "options"),
    [
        pytest.param(401, error("Invalid API key"), {}, id="not a refusal of the request"),
        pytest.param(429, error("Rate limit: too many max_tokens"), TOO_LONG, id="a rate"),
        pytest.param(404, error("The model `m` does not exist"), {}, id="no such model"),
        pytest.param(
            400,
            error(
                "This model's maximum context length is 4096 tokens. However, your prompt contains"
                " at least 4097 input tokens."
            ),
            TOO_LONG,
            id="a conversation that is too long",
        ),
        pytest.param(
            400,
            error("request (9010 tokens) exceeds the available context size (4096 tokens)"),
            {},
            id="a conversation that is too long, in other words",
        ),
        pytest.param(400, error("m does not support tools"), {}, id="tools are not left out"),
        pytest.param(
            400,
            error("The response was filtered due to the prompt triggering content management"),
            {},
            id="a filter",
        ),
        pytest.param(500, b"Internal Server Error", {}, id="the service's own failure"),
        pytest.param(500, b"", {}, id="the service's own failure, in silence"),
        pytest.param(400, error("Unknown parameter: 'seed'"), {}, id="what was not sent"),
        pytest.param(
            404,
            error("'qwen3-thinking' is not a valid model"),
            EFFORT,
            id="a model named after what it does",
        ),
        pytest.param(
            500,
            error("unexpected token in the reasoning parser"),
            EFFORT,
            id="an answer that the service cannot read",
        ),
        pytest.param(
            400, error("The engine counted max_tokens and died"), TOO_LONG, id="no refusal"
        ),
        pytest.param(
            400,
            error("max_tokens is too large: this model gives at most 200000 completion tokens"),
            TOO_LONG,
            id="a bound that is not passed",
        ),
        pytest.param(
            400,
            error(
                "This model's maximum context length is 4096 tokens and your request has 4095"
                " input tokens."
            ),
            TOO_LONG,
            id="a window with no room",
        ),
        pytest.param(
            400,
            error(
                "You passed 900 input characters and requested 100000 output tokens. However, the"
                " model's context length is only 100768 tokens, resulting in a maximum input length"
                " of 768 tokens (at most 800 characters). Please reduce the length of the input"
                " prompt. (parameter=input_text, value=900)"
            ),
            TOO_LONG,
            id="what may be the input is no limit of the answer",
        ),
        pytest.param(
            422,
            error(
                "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given:"
                " 5000 `inputs` tokens and 100000 `max_new_tokens`"
            ),
            TOO_LONG,
            id="a window with less than none",
        ),
        pytest.param(
            400,
            error("Validation: Temperature must be between 0 and 2, got 100"),
            {"temperature": 100},
            id="a value that nobody takes",
        ),
        pytest.param(  # chatboxai/chatbox#2483
            400,
            error("Invalid top_p value, the valid range of top_p is (0, 1.0]"),
            {"extra_params": {"top_p": 2}},
            id="a value that DeepSeek does not take",
        ),
        pytest.param(  # mnfst/modelparams.dev#232
            400,
            error("<400> InternalError.Algo.InvalidParameter: Temperature should be in [0.0, 2.0)"),
            {"temperature": 2},
            id="a value that DashScope does not take",
        ),
        pytest.param(  # ai-forever/gigachain#237
            422,
            error("Invalid params: temperature must be in range (0, +inf)"),
            {"temperature": 0},
            id="a value that GigaChat does not take",
        ),
        pytest.param(
            400,
            error("tokens in request more than max tokens allowed", code="1210"),
            TOO_LONG,
            id="a window that Z.AI speaks of as if it were the limit",
        ),
        pytest.param(
            400,
            error("temperature must be non-negative, got -0.1."),
            {"temperature": -0.1},
            id="a value that vLLM does not take",
        ),
        pytest.param(
            400,
            error("top_k must be 0 (disable), or at least 1, got -7."),
            {"extra_params": {"top_k": -7}},
            id="a number that vLLM does not take",
        ),
        pytest.param(
            400,
            error(
                "Invalid 'user': string too long. Expected a string with maximum length 64, but got"
                " a string with length 65 instead."
            ),
            {"extra_params": {"user": "u" * 65}},
            id="a text that is too long",
        ),
        pytest.param(
            400,
            error(
                "You uploaded an unsupported image. Please make sure your image has of one the"
                " following formats: ['png', 'jpeg', 'gif', 'webp'].",
                code="invalid_image_format",
            ),
            {},
            id="a picture that is none",
        ),
        pytest.param(  # acoyfellow/my-ax#89
            400,
            error(
                "The image data you provided does not represent a valid image. Please check your"
                " input and try again with one of the supported image formats: ['image/jpeg',"
                " 'image/png', 'image/gif', 'image/webp']."
            ),
            {},
            id="a picture that is none, in other words",
        ),
        pytest.param(
            400,
            error(
                "Tool call validation failed: parameters for tool read did not match schema",
                code="tool_use_failed",
            ),
            {},
            id="a call that the model got wrong",
        ),
        pytest.param(
            400,
            error(
                "Invalid schema for response_format 'x': 'y' is not valid", param="response_format"
            ),
            {},
            id="a schema that is not a tool's",
        ),
        pytest.param(  # pydantic/pydantic-ai#1233: of the same requests one in three
            400,
            error(
                "Failed to call a function. Please adjust your prompt. See 'failed_generation' for"
                " more details.",
                type="invalid_request_error",
                code="tool_use_failed",
                failed_generation='{"name": "f", "arguments": {"seed": "must be valid"}}',
            ),
            {"extra_params": {"seed": 1}},
            id="what the model wrote names a parameter",
        ),
        pytest.param(
            500,
            error('Failed to parse input at pos 33: <tool_call>{"seed": "must"}', code=500),
            {"extra_params": {"seed": 1}},
            id="what the model wrote, to llama.cpp",
        ),
        pytest.param(
            500,
            error(
                "error parsing tool call: raw='{\"seed\": \"must\"}]', err=invalid character ']'"
            ),
            {"extra_params": {"seed": 1}},
            id="what the model wrote, to Ollama",
        ),
        pytest.param(  # BeehiveInnovations/pal-mcp-server#178
            400,
            error(
                "Invalid prompt: your prompt was flagged as potentially violating our usage policy."
                " Please try again with a different prompt:"
                " https://platform.openai.com/docs/guides/reasoning#advice-on-prompting",
                code="invalid_prompt",
            ),
            {"extra_params": {"reasoning": {"effort": "low"}}},
            id="an address names a parameter",
        ),
        pytest.param(  # vllm-project/vllm#12234
            400,
            error(
                "[{'type': 'dict_type', 'loc': ('body', 'messages', 0), 'msg': 'Input should be a"
                " valid dictionary', 'input': [{'role': 'user', 'content': 'Which seed? No'}],"
                " 'ctx': {}}]"
            ),
            {"extra_params": {"seed": 1}},
            id="what the user wrote names a parameter",
        ),
        pytest.param(
            400,
            error(
                "[{'type': 'dict_type', 'loc': ('body', 'messages'), 'msg': 'Input should be a"
                " valid dictionary', 'input': [{'role': 'user', 'content': 'Hi'},"
                " {'role': 'user', 'content': 'Which seed? No'}], 'ctx': {}}]"
            ),
            {"extra_params": {"seed": 1}},
            id="what the user wrote, in several messages",
        ),
        pytest.param(
            400,
            error(
                "1 validation error for list[function-wrap[f()]] Input should be a valid string"
                " [type=string_type, input_value={'seed': 'not stop'}, input_type=dict]"
            ),
            {"extra_params": {"seed": 1}},
            id="what the user wrote, in another form",
        ),
        pytest.param(
            404,
            b"<!DOCTYPE html><html><title>Not found</title><script>if (user) {}</script>It must be"
            b" elsewhere, or in another store; the seed cannot grow.</html>",
            {"extra_params": {"user": "u", "seed": 1, "store": False}},
            id="a page of a proxy's",
        ),
        pytest.param(
            400,
            error(
                "Could not finish the message because max_tokens or model output limit was reached."
                " Please try again with higher max_tokens.",
                type="invalid_request_error",
            ),
            TOO_LONG,
            id="a limit that is too low",
        ),
        pytest.param(
            400,
            error("top_k must be less than or equal to 100"),
            {"max_output_tokens": 1000, "extra_params": {"top_k": 500}},
            id="a limit of something else",
        ),
        pytest.param(
            400,
            error(
                "Invalid 'max_tokens': integer below minimum value. Expected a value >= 16, but got"
                " 5 instead.",
                code="integer_below_min_value",
            ),
            {"max_output_tokens": 5},
            id="a limit that is lower than any",
        ),
        pytest.param(
            400,
            error(
                "The model `llama-3.2-90b-vision-preview` has been decommissioned and is no longer"
                " supported.",
                code="model_decommissioned",
            ),
            {},
            id="a model of old that could see",
        ),
        pytest.param(
            400,
            error("This model is missing reasoning capabilities in this region."),
            {},
            id="a model that cannot think",
        ),
        pytest.param(400, error("Missing reasoning.effort."), {}, id="an amount of thinking"),
        pytest.param(
            400,
            error("Something went wrong; top_k is a significant parameter of it."),
            {"extra_params": {"top_k": 5}},
            id="a word that ends as one of refusal begins",
        ),
        pytest.param(
            400,
            error("See the documentation of top_k.", status="INVALID_ARGUMENT"),
            {"extra_params": {"top_k": 5}},
            id="a name of Google's for whatever is wrong",
        ),
        pytest.param(
            400,
            error("Thinking took too long."),
            {"reasoning_effort": "high"},
            id="no refusal to think",
        ),
        pytest.param(
            400,
            error("See the documentation of JSON mode."),
            {"extra_params": {"response_format": {"type": "json_object"}}},
            id="a form that is named, and not refused",
        ),
        pytest.param(400, error("JSON mode is invalid."), {}, id="a form that was not asked for"),
        pytest.param(  # langgenius/dify#25946
            400,
            google("User location is not supported for the API use."),
            {"extra_params": {"user": "u"}},
            id="a user who is somewhere",
        ),
        pytest.param(  # pydantic/pydantic-ai#3733
            400,
            json.dumps(
                {
                    "object": "error",
                    "message": "Unexpected tool call id pR1CHbWdz in tool results",
                    "type": "invalid_request_message_order",
                    "param": None,
                    "code": "3230",
                }
            ).encode(),
            {},
            id="an id that is well formed",
        ),
        pytest.param(
            400,
            error(
                "Invalid 'stop': array too long. Expected an array with maximum length 4, but got"
                " an array with length 5 instead.",
                param="stop",
                code="array_above_max_length",
            ),
            {"extra_params": {"stop": list("abcde")}},
            id="a list that is too long",
        ),
        pytest.param(
            422,
            error("Input validation error: `stop` supports up to 4 stop sequences. Given: 5"),
            {"extra_params": {"stop": list("abcde")}},
            id="a list that is too long for TGI",
        ),
        pytest.param(
            400,
            error("min_p must be in the range [0, 1]"),
            {"extra_params": {"min_p": 2}},
            id="a value out of the range",
        ),
        pytest.param(
            422,
            error("Input validation error: `temperature` must be strictly positive"),
            {"temperature": 0},
            id="a value that TGI does not take",
        ),
        pytest.param(
            400,
            google(
                "Unable to submit request because it has an topK value of 100 but the supported"
                " range is from 1 (inclusive) to 41 (exclusive). Update the value and try again."
            ),
            {"extra_params": {"top_k": 100}},
            id="a value that Vertex does not take",
        ),
        pytest.param(
            400,
            google("Unsupported MIME type: image/svg+xml"),
            {},
            id="a picture of a kind that Gemini does not take",
        ),
        pytest.param(  # anthropics/claude-code#59812
            400,
            error("messages: text content blocks must be non-empty"),
            {},
            id="an empty content, which none is not",
        ),
    ],
)
def test_what_no_edit_can_mend_is_left_alone(
    status: int, answer: bytes, options: dict[str, Any]
) -> None:
    assert edit(answer, COMPATIBLE, IMAGE, status=status, **options) is None


@pytest.mark.parametrize("number", ["0", "4294967296", "9" * 30])
@pytest.mark.parametrize(
    "words",
    [
        "Invalid 'tools[0].function.name': string too long. Expected at most {} characters.",
        "Invalid 'tools[0].function.name': expected a string with maximum length {}.",
        "Tool call id was call_0 but must be a-z, A-Z, 0-9, with a length of {}.",
        "Invalid 'messages[1].tool_calls[0].id': expected a string with maximum length {}.",
        "Invalid 'tools[0].function.description': expected a string with maximum length {}.",
        "max_tokens must be at most {}.",
    ],
)
def test_a_number_that_nothing_can_have_makes_no_dialect_that_none_can_be(
    words: str, number: str
) -> None:
    found = edit(error(words.format(number)), COMPATIBLE, **TOO_LONG)

    assert found is None or found.apply(COMPATIBLE) != COMPATIBLE


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Unexpected role 'user' after role 'tool'", {"user_after_tool": False}),
        ("Conversation roles must alternate user/assistant/...", {"user_after_tool": False}),
        # iamsrikanthnani/pluely#71
        (
            (
                "After the (optional) system message(s), user or tool message(s) should alternate"
                " with assistant message(s)."
            ),
            {"user_after_tool": False},
        ),
        ('messages: first message must use the "user" role', {"user_first": True}),
        # deepseek-ai/DeepSeek-R1#21
        (
            (
                "deepseek-reasoner does not support successive user or assistant messages"
                " (messages[1] and messages[2] in your input). You should interleave the"
                " user/assistant messages in the message sequence."
            ),
            {"user_after_tool": False},
        ),
        # Hunyuan, by FoundationAgents/OpenManus#894
        (
            (
                "messages 中 user\uff08tool\uff09 和 assistant 角色需交替出现 (一问一答)\uff0c"
                "以 user 提问开始\uff0c user\uff08tool\uff09提问结束, tool 可以连续出现多次"
            ),
            {"user_after_tool": False},
        ),
        # langgenius/dify#33152
        ("No user query found in messages.", {"user_first": True}),
        ("The function call must come immediately after a user turn", {"user_first": True}),
    ],
)
def test_a_role_is_no_parameter(said: str, expected: dict[str, Any]) -> None:
    found = edit(error(said), COMPATIBLE, extra_params={"user": "tenant"})

    assert found is not None
    assert found.changes == expected


def test_a_last_word_that_is_to_be_the_users_is_no_parameter() -> None:
    # Hunyuan, by langgenius/dify-official-plugins#1302
    said = error(
        "Messages 以 user\uff08tool\uff09提问结束, tool 可以连续出现多次", code="InvalidParameter"
    )
    found = edit(said, Dialect(prefill=True), extra_params={"user": "tenant"})

    assert found is not None
    assert found.changes == {"prefill": False}


@pytest.mark.parametrize(
    ("tools", "expected"),
    [pytest.param([], {"tools_required": True}, id="none"), pytest.param([TOOL], None, id="one")],
)
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            "litellm.UnsupportedParamsError: Anthropic expects the `tools=` param to be passed in"
            " when messages contain tool calls",
            id="LiteLLM",
        ),
        pytest.param(
            "Requests which have `tool_use` or `tool_result` blocks in their messages must define"
            " tools.",
            id="Anthropic",
        ),
        # containers/ramalama#988: of the tools that are there
        pytest.param("tools param requires --jinja flag", id="llama.cpp"),
    ],
)
def test_a_tool_is_offered_beside_calls_where_there_is_none(
    said: str, tools: list[Tool[Any]], expected: Json
) -> None:
    history = [
        Message("user", [TextBlock("Hello.")]),
        Message("assistant", [CALL]),
        Message("user", [ToolResultBlock("call_0", "text")]),
    ]
    body = chat_request(
        "m", history, tools, "", dialect=COMPATIBLE, options=Options(), memory=Memory()
    ).body
    found = edit_for(400, read_body(error(said)), COMPATIBLE, body)

    assert (found and found.changes) == expected


def test_a_conversation_that_begins_with_an_answer_gets_a_word_before_it() -> None:
    history = [Message("assistant", [TextBlock("Welcome.")]), Message("user", [TextBlock("Hi.")])]
    body = chat_request(
        "m", history, [], "Be brief.", dialect=COMPATIBLE, options=Options(), memory=Memory()
    ).body
    said = error("Conversation roles must alternate user/assistant/user/assistant/...")
    found = edit_for(400, read_body(said), COMPATIBLE, body)

    assert found is not None
    assert found.changes == {"user_first": True}


def test_roles_are_complained_of_where_nobody_has_spoken_yet() -> None:
    body = chat_request(
        "m", [], [], "Be brief.", dialect=COMPATIBLE, options=Options(), memory=Memory()
    ).body
    said = error("Conversation roles must alternate user/assistant/user/assistant/...")
    found = edit_for(400, read_body(said), COMPATIBLE, body)

    assert found is not None
    assert found.changes == {"user_after_tool": False}


@pytest.mark.parametrize("status", [400, 404, 405, 406, 413, 415, 416, 422, 500, 501])
def test_these_statuses_may_say_that_the_request_is_at_fault(status: int) -> None:
    assert edit(b"Unknown parameter: 'seed'", COMPATIBLE, status=status, extra_params={"seed": 1})


@pytest.mark.parametrize("status", [200, 401, 402, 403, 408, 409, 429, 502, 503, 504])
def test_these_statuses_do_not(status: int) -> None:
    refused = b"Unknown parameter: 'seed'"

    assert edit(refused, COMPATIBLE, status=status, extra_params={"seed": 1}) is None


@pytest.mark.parametrize(
    ("family", "words"),
    [
        pytest.param(
            ["frequency_penalty", "presence_penalty", "repetition_penalty"],
            "{} is not supported",
            id="penalties",
        ),
        pytest.param(
            ["logit_bias", "logprobs", "top_logprobs"], "{} is not supported", id="chances"
        ),
        pytest.param(
            [
                "frequency_penalty",
                "logit_bias",
                "logprobs",
                "min_p",
                "presence_penalty",
                "repetition_penalty",
                "temperature",
                "top_k",
                "top_logprobs",
                "top_p",
            ],
            "{} is not supported with this model",
            id="sampling",
        ),
    ],
)
def test_of_a_family_all_are_left_out_with_one(family: list[str], words: str) -> None:
    params = dict.fromkeys(family, 1) | {"seed": 1}
    for name in family:
        found = edit(error(words.format(name)), COMPATIBLE, extra_params=params)

        assert found is not None
        assert found.changes == {"dropped": family}


@pytest.mark.parametrize(
    "field",
    [
        "reasoning",
        "reasoning_content",
        "reasoning_details",
        "reasoning_text",
        "thinking_blocks",
        "extra_content",
    ],
)
def test_whatever_a_message_carries_can_be_left_out(field: str) -> None:
    item = ProviderBlock("p", field, {field: [1]})
    messages = [Message("assistant", [TextBlock("Yes."), item]), Message("user", [item])]
    body = chat_request(
        "m", messages, [], "", dialect=COMPATIBLE, options=Options(provider="p"), memory=Memory()
    ).body
    found = edit_for(400, read_body(error(f"property '{field}' is unsupported")), COMPATIBLE, body)

    assert found is not None
    assert found.changes == {"message_dropped": [field]}


def test_a_field_that_was_believed_to_be_required_can_be_left_out() -> None:
    believed = Dialect(replay_field="reasoning_content", replay_required=True)
    refused = sent(believed)
    said = error("property 'reasoning_content' is unsupported")
    found = edit_for(400, read_body(said), believed, refused)

    assert b"reasoning_content" in refused
    assert found is not None
    assert b"reasoning_content" not in sent(found.apply(believed))


@pytest.mark.parametrize(
    ("dialect", "block", "said", "expected"),
    [
        pytest.param(COMPATIBLE, IMAGE, "no vision support", {"images": False}, id="an image"),
        pytest.param(COMPATIBLE, AUDIO, "no audio support", {"audio": ""}, id="sound"),
        pytest.param(
            COMPATIBLE,
            AUDIO,
            "Audio input modality is not enabled for models/gemma-3-27b-it",
            {"audio": ""},
            id="sound, of which Google speaks as of a modality",
        ),
        pytest.param(
            Dialect(images_in_results=True),
            AUDIO,
            "no audio support in a tool's result or elsewhere",
            {"audio": ""},
            id="sound, where an image might stand in a result",
        ),
        pytest.param(
            Dialect(audio="audio_url"), AUDIO, "no audio support", {"audio": ""}, id="sound by URL"
        ),
        pytest.param(
            Dialect(audio="audio_url"),
            AUDIO,
            "unknown variant audio_url",
            {"audio": ""},
            id="sound by URL, by its part",
        ),
        pytest.param(
            Dialect(video="video_url"), VIDEO, "no video support", {"video": ""}, id="a video"
        ),
        pytest.param(
            Dialect(video="video_url"),
            VIDEO,
            "unknown variant video_url",
            {"video": ""},
            id="a video, by its part",
        ),
        pytest.param(
            Dialect(images_in_results=True),
            ToolResultBlock("call_1", [IMAGE]),
            "images are not supported in tool messages",
            {"images_in_results": False},
            id="an image in a result",
        ),
        pytest.param(
            Dialect(images_in_results=True),
            ToolResultBlock("call_1", [IMAGE]),
            "Image URLs are only allowed for messages with role 'user', but this message with role"
            " 'tool' contains an image URL.",
            {"images_in_results": False},
            id="an image in a result, in OpenAI's words",
        ),
    ],
)
def test_whatever_a_model_cannot_take_is_described(
    dialect: Dialect, block: ContentBlock, said: str, expected: dict[str, Any]
) -> None:
    messages = [
        Message("user", [TextBlock("Hello.")]),
        Message("assistant", [ToolUseBlock("call_1", "read", {})]),
        Message("user", [block]),
    ]
    body = chat_request(
        "m", messages, [], "", dialect=dialect, options=Options(), memory=Memory()
    ).body
    found = edit_for(400, read_body(error(said)), dialect, body)

    assert found is not None
    assert found.changes == expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        pytest.param(1, {"empty_content": "empty"}, id="a message without content"),
        pytest.param(0, {"images": False}, id="a message of text before it"),
        pytest.param(2, {"images": False}, id="a message with an image"),
        pytest.param(9, {"images": False}, id="no message"),
    ],
)
@pytest.mark.parametrize(
    "form", ["body.messages.{}.content", "('body', 'messages', {}, 'content')"]
)
def test_what_a_message_is_refused_for_is_what_it_holds(
    form: str, place: int, expected: dict[str, Any]
) -> None:
    # mistralai/mistral-common#324
    history = [
        Message("user", [TextBlock("Hello.")]),
        Message("assistant", [CALL]),
        Message("user", [ToolResultBlock("call_0", [IMAGE])]),
    ]
    dialect = Dialect(images_in_results=True)
    body = chat_request(
        "m", history, [], "", dialect=dialect, options=Options(), memory=Memory()
    ).body
    said = error(f"{form.format(place)}: Input should be a valid string; should be a valid list[x]")
    found = edit_for(400, read_body(said), COMPATIBLE, body)

    assert found is not None
    assert found.changes == expected


@pytest.mark.parametrize(
    "said",
    [
        # microsoft/vscode#306919
        "Too many images in request: 11 images provided, but the model supports a maximum of 10.",
        "Too many images provided. This model supports up to 5 images",
        # vLLM, whose limit is one
        "At most 1 image(s) may be provided in one request.",
    ],
)
def test_a_model_that_was_shown_too_many_images_is_shown_those_of_other_conversations(
    said: str,
) -> None:
    found = edit(error(said), COMPATIBLE, IMAGE, IMAGE)

    assert found is not None
    assert found.changes == {"images": False}
    assert found.learn(COMPATIBLE) == COMPATIBLE


def learnt(dialect: Dialect, parameter: Json, said: str) -> tuple[Dialect, Json]:
    """The dialect that a refusal of a tool with this parameter teaches, and what it then tells."""
    schema = {"type": "object", "properties": {"a": parameter}}
    tool: Tool[Any] = Tool("f", read, schema=MappingProxyType(schema))
    hello = [Message("user", [TextBlock("Hello.")])]

    def body(dialect: Dialect) -> bytes:
        asked = chat_request(
            "m", hello, [tool], "", dialect=dialect, options=Options(), memory=Memory()
        )
        return asked.body

    found = edit_for(400, read_body(error(said)), dialect, body(dialect))
    assert found is not None
    (told,) = json.loads(body(found.apply(dialect)))["tools"]
    return found.apply(dialect), told["function"]["parameters"]["properties"]["a"]


#: Where Gemini finds a keyword that it does not know.
PLACE = "at 'tools[0].function_declarations[0].parameters.properties[0].value'"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found"
            " `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a"
            " thinking block. We recommend you include thinking blocks from previous turns.",
            id="missed",
        ),
        pytest.param(
            "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be"
            " modified.",
            id="changed",
        ),
        pytest.param(
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our"
            " documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
            "#max-tokens-and-context-window-size",
            id="without room",
        ),
    ],
)
def test_a_conversation_without_its_thoughts_goes_on_without_thinking_and_others_with_it(
    said: str,
) -> None:
    messages = [{"role": "assistant", "content": "a", "thinking_blocks": []}]
    body = {"model": "m", "messages": messages, "reasoning_effort": "high", "max_tokens": 2000}
    found = edit_for(400, read_body(error(said)), COMPATIBLE, json.dumps(body).encode())

    assert found is not None
    assert found.apply(COMPATIBLE) == COMPATIBLE.with_changes(
        {"effort": "", "dropped": ["reasoning_effort"]}
    )
    assert found.learn(COMPATIBLE) == COMPATIBLE


def test_whatever_keyword_a_schema_has_is_left_out_where_it_is_unknown() -> None:
    said = f'Invalid JSON payload received. Unknown name "multipleOf" {PLACE}: Cannot find field.'
    dialect, told = learnt(GEMINI, {"type": "integer", "multipleOf": 2}, said)

    assert "multipleOf" in dialect.schema_dropped
    assert told == {"type": "integer"}


@pytest.mark.parametrize(
    ("keyword", "parameter", "expected"),
    [
        ("const", {"const": "a"}, {"type": "string", "enum": ["a"]}),
        (
            "type",
            # Beneath another, for axio 0.11 makes no tool where a parameter's own is a list.
            {"type": "array", "items": {"type": ["integer", "null"]}},
            {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
        ),
        (
            "oneOf",
            {"oneOf": [{"type": "integer"}, {"type": "boolean"}]},
            {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
        ),
        ("allOf", {"allOf": [{"type": "integer"}]}, {"type": "integer"}),
        (
            "prefixItems",
            {"type": "array", "prefixItems": [{"type": "integer"}]},
            {"type": "array", "items": {"type": "integer"}},
        ),
    ],
)
def test_a_keyword_that_has_a_simpler_form_is_not_left_out_where_it_is_unknown(
    keyword: str, parameter: Json, expected: Json
) -> None:
    said = f'Invalid JSON payload received. Unknown name "{keyword}" {PLACE}: Cannot find field.'
    dialect, told = learnt(COMPATIBLE, parameter, said)

    assert keyword not in dialect.schema_dropped
    assert told == expected


@pytest.mark.parametrize(
    "said",
    [
        # QwenLM/qwen-code#10530, firecrawl/firecrawl#4512
        "Failed to initialize samplers: failed to parse grammar",
        "Failed to compile json grammar",
        "regex parse error: look-around, including look-ahead and look-behind, is not supported",
    ],
)
def test_what_makes_a_grammar_too_large_is_left_out_where_none_can_be_made(said: str) -> None:
    parameter = {"type": "array", "items": {"type": "string", "pattern": "^\\d$", "maxLength": 9}}
    dialect, told = learnt(COMPATIBLE, parameter | {"maxItems": 5000}, said)

    assert dialect.schema_simple
    assert told == {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "Unable to generate parser for this template: Unknown operator between Arrays",
            {"schema_inlined": True, "schema_simple": True},
        ),
        (
            'Error rendering prompt with jinja template: "Cannot apply filter upper to ArrayValue"',
            {"schema_inlined": True, "schema_simple": True},
        ),
        # What the template itself says comes first.
        (
            "Unable to generate parser for this template: Conversation roles must alternate",
            {"user_after_tool": False},
        ),
    ],
)
def test_a_template_that_fails_is_given_simpler_schemas(said: str, expected: Json) -> None:
    found = edit(error(said), COMPATIBLE)

    assert found is not None
    assert found.changes == expected


def test_a_template_that_fails_without_tools_is_given_nothing_else() -> None:
    body = chat_request(
        "m", [], [], "Be brief.", dialect=COMPATIBLE, options=Options(), memory=Memory()
    ).body

    assert edit_for(400, read_body(error("the template failed")), COMPATIBLE, body) is None


def test_values_are_written_in_words_where_even_simple_schemas_are_refused() -> None:
    said = error("tools.0.function.parameters.properties.a.enum.0: Input should be a valid string")
    first = edit(said, COMPATIBLE)
    second = edit(said, first.apply(COMPATIBLE)) if first else None

    assert first is not None
    assert not first.changes["schema_words"]
    assert second is not None
    assert second.changes["schema_words"]


def test_a_grammar_of_the_user_s_own_is_no_schema() -> None:
    said = error("failed to parse grammar")

    assert edit(said, COMPATIBLE, extra_params={"grammar": "root ::="}) is None


@pytest.mark.parametrize(
    "keyword",
    [
        "default",
        "format",
        "pattern",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
    ],
)
def test_a_keyword_that_a_schema_may_not_have_is_left_out(keyword: str) -> None:
    said = f"Unsupported JSON schema fields: {{'{keyword}'}} in tools[0].function.parameters"
    found = edit(error(said), COMPATIBLE)

    assert found is not None
    assert keyword in found.apply(COMPATIBLE).schema_dropped


def test_a_tool_s_schema_is_not_taken_for_that_of_an_answer_that_was_not_asked_for() -> None:
    # musistudio/claude-code-router#708
    said = error("Unsupported JSON schema fields: {'minItems', 'items'}", param="response_format")
    found = edit(said, COMPATIBLE)

    assert found is not None
    assert "minItems" in found.apply(COMPATIBLE).schema_dropped


def test_a_form_of_the_answer_that_was_asked_for_is_not_taken_for_a_tool_s_schema() -> None:
    said = error("Unsupported JSON schema fields: {'minItems', 'items'}", param="response_format")
    found = edit(said, COMPATIBLE, extra_params=JSON["extra_params"])

    assert found is not None
    assert found.changes == {"dropped": ["response_format"]}


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(  # tidyverse/ellmer#548
            "tools.0.custom.strict: Extra inputs are not permitted", id="Databricks"
        ),
        pytest.param(  # tidyverse/ellmer#1108
            "Compiled grammar size (486.7MB) exceeds maximum allowed size (300MB)",
            id="Databricks, too many",
        ),
        pytest.param(  # experientiallabs/experiential#804
            "tools.0.custom: For 'array' type, property 'maxItems' is not supported",
            id="Anthropic",
        ),
        pytest.param("'tools.0.function.strict' : property 'strict' is unsupported", id="Groq"),
    ],
)
def test_tools_that_may_not_be_strict_are_not(said: str) -> None:
    found = edit(error(said), Dialect(strict=True))

    assert found is not None
    assert found.changes == {"strict": False}
    assert edit(error(said), COMPATIBLE) is None


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ("reasoning_effort", "reasoning_effort"),
        ("reasoning", "reasoning"),
        ("thinking", "thinking"),
        ("enable_thinking", "enable_thinking"),
        ("enable_thinking", "thinking_budget"),
        ("chat_template_kwargs", "chat_template_kwargs"),
    ],
)
def test_whatever_asks_for_an_effort_can_be_left_out(form: Json, field: str) -> None:
    dialect = Dialect(effort=form)
    found = edit(error(f"Unknown parameter: {field}"), dialect, reasoning_effort="512")

    assert found is not None
    assert field not in json.loads(sent(found.apply(dialect), reasoning_effort="512"))


def test_an_effort_that_is_refused_without_another_is_left_out() -> None:
    said = error("Unsupported parameter: reasoning_effort")
    found = edit(said, Dialect(efforts=("low", "medium")), reasoning_effort="high")

    assert found is not None
    assert found.changes == {"effort": "", "dropped": ["reasoning_effort"]}


def test_an_image_that_is_refused_says_nothing_of_the_form_of_the_answer() -> None:
    options: dict[str, Any] = JSON
    found = edit(error("This model does not support images."), COMPATIBLE, IMAGE, **options)

    assert found is not None
    assert found.changes == {"images": False}


@pytest.mark.parametrize(
    ("media", "said", "expected"),
    [
        (AUDIO, "At most 1 audio may be given", {"audio": ""}),
        (VIDEO, "At most 1 video may be given", {"video": ""}),
    ],
)
def test_more_sound_or_video_than_one_request_may_have_is_described(
    media: ContentBlock, said: str, expected: dict[str, Any]
) -> None:
    found = edit(error(said), Dialect(video="video_url"), media)

    assert found is not None
    assert found.changes == expected
    assert found.lasting == {}


@pytest.mark.parametrize(
    "said",
    [
        "Invalid reasoning_effort, give one of low, medium",
        "Invalid reasoning_effort: its values are low, medium",
        "Invalid reasoning_effort: its values include low, medium",
        "Invalid reasoning_effort: the value is low or medium",
        "Invalid reasoning_effort: expected low or medium",
        "Invalid reasoning_effort. Supported values: ['low', 'medium']",
        "Invalid reasoning_effort. Valid values: low, medium",
        "reasoning_effort should be low or medium",
    ],
)
def test_an_effort_is_one_that_the_service_names_unless_that_was_asked_for(said: str) -> None:
    found = edit(error(said), COMPATIBLE, reasoning_effort="high")
    asked = edit(error(said), Dialect(efforts=("low", "medium")), reasoning_effort="high")

    assert found is not None
    assert found.changes == {"efforts": ["low", "medium"]}
    assert asked is not None
    assert asked.changes == {"effort": "", "dropped": ["reasoning_effort"]}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{}",
        error("Invalid request"),
        b"Bad Request",
        error("Bad request", type="bad_request_error", code="invalid_request"),
        error("", code="invalid_request_body"),  # can1357/oh-my-pi#336
        # Kilo-Org/kilocode#13069, justrach/codegraff#812
        error("Invalid API parameter, please check the documentation.", code="1210"),
        error("API 调用参数有误\uff0c请检查文档。", code="1210"),
        # can1357/oh-my-pi#955, eastreams/loong#382
        error("invalid params, invalid chat setting (2013)", type="bad_request_error"),
        # steven-jianhao-li/zotero-AI-Butler#62
        error("The parameter is invalid. Please check again.", code=20015),
        # dzhng/deep-research#83
        error("invalid input error", code="Invalid input", status=422),
        # router-maestro, of whatever the provider that it calls up-1 refuses
        error("up-1 API error: 400", type="invalid_request_error", code="invalid_request"),
    ],
)
def test_silence_is_answered_with_less_and_less(answer: bytes) -> None:
    dialect = Dialect(system_role="developer", limit_field="max_completion_tokens")
    options: Json = {"temperature": 0.5, "reasoning_effort": "high", "max_output_tokens": 9}
    first = edit(answer, dialect, **options)
    assert first is not None
    assert first.changes == {"replay": "never", "system_role": "system"}

    second = edit(answer, first.apply(dialect), **options)
    assert second is not None
    assert json.loads(sent(second.apply(first.apply(dialect)), **options)).keys() == {
        "model",
        "stream",
        "max_tokens",
        "tools",
        "messages",
    }

    assert edit(answer, second.apply(first.apply(dialect)), **options) is None


@pytest.mark.parametrize(
    ("status", "expected"), [(400, True), (422, True), (404, False), (413, False), (500, False)]
)
def test_a_refusal_without_words_is_an_edit_where_the_status_blames_the_request(
    status: int, expected: Json
) -> None:
    assert (edit(b"", COMPATIBLE, status=status) is not None) is expected


def test_silence_about_a_plain_request_is_the_last_word() -> None:
    dialect = Dialect(replay="never")

    assert edit(b"", dialect, max_output_tokens=9) is None


def test_what_was_tried_is_not_tried_again() -> None:
    old = edit(error("Unknown parameter: max_tokens"), COMPATIBLE, **TOO_LONG)
    assert old is not None
    renamed = old.apply(COMPATIBLE)
    refusal = read_body(error("Unknown parameter: max_completion_tokens"))
    last = edit_for(400, refusal, renamed, sent(renamed, **TOO_LONG), [COMPATIBLE])

    assert last is not None
    assert last.changes == {"dropped": ["max_completion_tokens"]}


def test_an_edit_says_what_it_comes_to() -> None:
    found = edit(error("Unknown parameter: 'seed'"), COMPATIBLE, extra_params={"seed": 1})

    assert found is not None
    assert found.why == "left out seed"


def test_a_server_that_calls_a_refusal_its_own_failure_is_understood() -> None:
    said = "image input is not supported - hint: if this is unexpected, you may need to provide"

    assert edit(error(said), COMPATIBLE, IMAGE, status=500) == Edit(
        {"images": False}, "described image in words"
    )


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


#: Parameters that one service or another refuses, and what a user may have asked for.
REFUSED = (
    "stream_options",
    "temperature",
    "presence_penalty",
    "top_k",
    "seed",
    "parallel_tool_calls",
    "reasoning_effort",
    "max_tokens",
    "max_completion_tokens",
)
ASKED: Json = {
    "temperature": 0.5,
    "max_output_tokens": 9,
    "reasoning_effort": "high",
    "extra_params": {
        "presence_penalty": 1,
        "frequency_penalty": 1,
        "top_k": 4,
        "seed": 1,
        "parallel_tool_calls": False,
    },
}


@pytest.mark.parametrize(
    "phrase",
    [
        pytest.param("Unsupported parameter: '{}' is not supported with this model.", id="OpenAI"),
        pytest.param("Unrecognized request argument supplied: {}", id="OpenAI of old"),
        pytest.param("Unknown parameter: '{}'.", id="OpenAI, unknown"),
        pytest.param("property '{}' is unsupported", id="Groq"),
        pytest.param("body.{0}: property 'body.{0}' is unsupported", id="Cerebras"),
        pytest.param("Extra inputs are not permitted, field: '{}'", id="Fireworks"),
        pytest.param("[{{'type': 'extra_forbidden', 'loc': ('body', '{}')}}]", id="vLLM"),
        pytest.param('Invalid JSON payload received. Unknown name "{}": Cannot find', id="Gemini"),
        pytest.param("unknown field `{}`, expected one of `seed`, `top_k`, `n`", id="serde"),
        pytest.param("does not support parameters: ['{}'], for model=m", id="LiteLLM"),
        pytest.param("#: extraneous key [{}] is not permitted", id="Bedrock"),
        pytest.param("Validation error at #/{}: not allowed", id="Azure"),
        pytest.param("Model m does not support parameter CAMEL.", id="xAI"),
        pytest.param("Argument not supported on this model: CAMEL", id="xAI of old"),
    ],
)
def test_one_refusal_after_another_ends_in_a_request_that_is_taken(phrase: str) -> None:
    dialect = COMPATIBLE
    tried: list[Dialect] = []
    while refused := [name for name in REFUSED if name in json.loads(sent(dialect, **ASKED))]:
        said = phrase.replace("CAMEL", camel(refused[0])).format(refused[0])
        found = edit_for(400, read_body(error(said)), dialect, sent(dialect, **ASKED), tried)
        assert found is not None
        tried.append(dialect)
        dialect = found.apply(dialect)

    assert len(tried) <= len(REFUSED)
    assert json.loads(sent(dialect, **ASKED)).keys() <= {
        "model",
        "stream",
        "tools",
        "messages",
        "frequency_penalty",
    }


@pytest.mark.parametrize("end", ["", "!x"], ids=["ends", "goes on"])
@pytest.mark.parametrize(
    "word", ["badrequesterror ", "error ", "max_tokens ", "system ", "signature "]
)
def test_a_word_means_the_same_a_hundred_times_over(word: str, end: str) -> None:
    once, often = (
        edit(error(word * times + end), COMPATIBLE, IMAGE, **TOO_LONG) for times in (1, 100)
    )

    assert once == often
    assert (once is None) is (bool(end) or "error" not in word)


@pytest.mark.parametrize("words", ["9", "max__", "tools", "\\", "model "])
def test_a_refusal_of_any_length_is_read_at_once(words: str) -> None:
    said = error(f"No: {words * 65_536}"[:65_536])
    since = time.process_time()

    assert edit(said, COMPATIBLE, AUDIO, **TOO_LONG) is None
    assert time.process_time() - since < 1


def test_a_limit_has_no_endless_digits() -> None:
    found = edit(error(f"max_tokens must be at most {'9' * 5000}"), COMPATIBLE, **TOO_LONG)

    assert found is not None
    assert "limit_cap" not in found.changes
