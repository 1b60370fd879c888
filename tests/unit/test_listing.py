from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from axio.models import Capability, ModelRegistry, ModelSpec
from hypothesis import given
from hypothesis import strategies as st
from tests.traces import Trace, recordings, traces

from axio_transport_openai.catalogue import resolved
from axio_transport_openai.errors import Interrupted, ProtocolError, ProviderError
from axio_transport_openai.listing import Listing
from axio_transport_openai.origin import Origin

if TYPE_CHECKING:
    from pathlib import Path

_ORIGIN = Origin("S", "https://h/v1")
_OPENROUTER = {
    "id": "maker/model",
    "context_length": 1_000_000,
    "architecture": {
        "modality": "text+image+file->text",
        "input_modalities": ["image", "text", "file"],
        "output_modalities": ["text"],
    },
    "pricing": {"prompt": "0.0000004", "completion": "0.0000016", "web_search": "0.01"},
    "top_provider": {"context_length": 200_000, "max_completion_tokens": 64_000},
    "supported_parameters": ["reasoning", "response_format", "structured_outputs", "tools"],
}
_NEBIUS = {
    "id": "maker/Model",
    "context_length": 131_072,
    "max_output_tokens": 16_384,
    "architecture": {"modality": "text+image->text"},
    "pricing": {"prompt": "0.00000013", "completion": "0.0000004"},
    "supported_features": ["tools", "json_mode"],
}


def _read(*entries: object) -> ModelSpec:
    """The first of the models in a list."""
    body = json.dumps({"object": "list", "data": entries}).encode()
    return Listing().read(body, _ORIGIN).models.first()


def _spoken(**said: object) -> set[str]:
    """What a model can do that says this of itself."""
    return {str(capability) for capability in _read({"id": "m", **said}).capabilities}


def test_an_entry_of_openrouter_is_read_whole() -> None:
    assert _read(_OPENROUTER) == ModelSpec(
        id="maker/model",
        capabilities=frozenset(
            {
                Capability.text,
                Capability.vision,
                Capability.reasoning,
                Capability.tool_use,
                Capability.json_mode,
                Capability.structured_outputs,
            }
        ),
        max_output_tokens=64_000,
        context_window=1_000_000,
        input_cost=0.4,
        output_cost=1.6,
    )


def test_an_entry_of_nebius_is_read_whole() -> None:
    assert _read(_NEBIUS) == ModelSpec(
        id="maker/Model",
        capabilities=frozenset(
            {Capability.text, Capability.vision, Capability.tool_use, Capability.json_mode}
        ),
        max_output_tokens=16_384,
        context_window=131_072,
        input_cost=0.13,
        output_cost=0.4,
    )


def test_a_model_that_says_nothing_of_itself_is_taken_for_one_that_chats_with_tools() -> None:
    assert _read({"id": "m"}) == ModelSpec(
        "m", frozenset({Capability.text, Capability.tool_use}), 8192, 128_000
    )


@pytest.mark.parametrize(
    ("said", "window"),
    [
        pytest.param({"max_model_len": 4096}, 4096, id="vLLM"),
        pytest.param({"meta": {"n_ctx": 2048, "n_ctx_train": 8192}}, 2048, id="llama.cpp"),
        pytest.param({"meta": {"n_ctx_train": 8192}}, 8192, id="llama.cpp as trained"),
        pytest.param({"max_context_length": 131_072}, 131_072, id="Mistral"),
        pytest.param({"context_window": 32_768}, 32_768, id="Groq"),
        pytest.param({"top_provider": {"context_length": 1000}}, 1000, id="by its provider"),
        pytest.param({"providers": [{"context_length": 2000}]}, 2000, id="Hugging Face"),
        pytest.param({"providers": []}, 128_000, id="no provider"),
        pytest.param({"context_length": "4096"}, 4096, id="in a string"),
        pytest.param({"context_length": 4096.5}, 4096, id="with a fraction"),
        pytest.param({"context_length": None, "max_model_len": 512}, 512, id="null, then given"),
        pytest.param({"context_length": 1}, 1, id="the least"),
        pytest.param({"context_length": 10**12}, 10**12, id="the most"),
        pytest.param({"context_length": 0}, 128_000, id="zero"),
        pytest.param({"context_length": 0.9}, 128_000, id="less than one"),
        pytest.param({"context_length": -1}, 128_000, id="negative"),
        pytest.param({"context_length": "lots"}, 128_000, id="a word"),
        pytest.param({"context_length": True}, 128_000, id="a truth"),
        pytest.param({"context_length": 10**400}, 128_000, id="beyond all numbers"),
        pytest.param({"meta": []}, 128_000, id="in no object"),
        pytest.param({"metadata": {"context_length": 100}}, 100, id="DeepInfra"),
        pytest.param({"token_limits": {"context_window": 100}}, 100, id="Ark"),
        pytest.param({"token_limits": {}}, 128_000, id="Ark, which does not say"),
        pytest.param({"context_size": 160_000}, 160_000, id="Novita"),
        pytest.param({"parameters": {"max_seq_len": 4096}}, 4096, id="tabbyAPI"),
        pytest.param(
            {"max_context_length": 131_072, "loaded_context_length": 4096},
            4096,
            id="LM Studio as loaded",
        ),
        pytest.param(
            {"capabilities": {"limits": {"max_context_window_tokens": 264_000}}},
            264_000,
            id="Copilot",
        ),
    ],
)
def test_the_window_is_found_where_the_service_keeps_it(said: dict[str, Any], window: int) -> None:
    assert _read({"id": "m", **said}).context_window == window


@pytest.mark.parametrize(
    ("said", "output"),
    [
        pytest.param({"max_output_tokens": 100}, 100, id="Nebius"),
        pytest.param({"max_completion_tokens": 100}, 100, id="Groq"),
        pytest.param({"model_spec": {"maxCompletionTokens": 100}}, 100, id="Venice"),
        pytest.param({"max_output_length": 100}, 100, id="Chutes"),
        pytest.param({"max_tokens": 100}, 100, id="Vercel"),
        pytest.param({"metadata": {"max_tokens": 100}}, 100, id="DeepInfra"),
        pytest.param({"token_limits": {"max_output_token_length": 100}}, 100, id="Ark"),
        pytest.param({"capabilities": {"limits": {"max_output_tokens": 100}}}, 100, id="Copilot"),
        pytest.param({"top_provider": {"max_completion_tokens": None}}, 8192, id="null"),
        pytest.param({"max_model_len": 2048}, 2048, id="never more than the window"),
    ],
)
def test_the_longest_output_is_found_where_the_service_keeps_it(
    said: dict[str, Any], output: int
) -> None:
    assert _read({"id": "m", **said}).max_output_tokens == output


@pytest.mark.parametrize(
    ("pricing", "expected"),
    [
        pytest.param({"prompt": "0.000003", "completion": "0.000015"}, (3.0, 15.0), id="a token"),
        pytest.param({"prompt": 3e-6, "completion": 1.5e-5}, (3.0, 15.0), id="a token, in numbers"),
        pytest.param({"input": 0.3, "output": 1.2}, (0.3, 1.2), id="a million tokens"),
        pytest.param(
            {"input": {"usd": 0.3}, "output": {"usd": "1.2"}}, (0.3, 1.2), id="in dollars"
        ),
        pytest.param({"prompt": 0.25, "completion": 1}, (0.25, 1.0), id="Chutes: a million tokens"),
        pytest.param(
            {"input": "0.000003", "output": "0.000015"}, (3.0, 15.0), id="Vercel: a token"
        ),
        pytest.param(
            {"prompt": 0.0005, "completion": 0.0009, "unit": "per_million_tokens"},
            (0.0005, 0.0009),
            id="NanoGPT: as it says",
        ),
        pytest.param({"prompt": "0.00015", "completion": "0.0006"}, (150.0, 600.0), id="dear"),
        pytest.param({"prompt": 0.005, "completion": 0}, (0.005, 0.0), id="cheap"),
        pytest.param({"prompt": "0.00000001"}, (0.01, 0.0), id="cheap, a token"),
        pytest.param({"prompt": "0.001"}, (0.001, 0.0), id="the cheapest, a million tokens"),
        pytest.param({"prompt": "0.00099"}, (990.0, 0.0), id="the dearest, a token"),
        pytest.param({"prompt": 3e-6, "unit": None}, (3.0, 0.0), id="without a unit"),
        pytest.param({"prompt": 0, "input": 3, "output": 2}, (0.0, 2.0), id="the first that is"),
        pytest.param({"prompt": 0.0001, "completion": 0.01}, (0.0001, 0.01), id="the dearer tells"),
        pytest.param({"prompt": "0", "completion": "0"}, (0.0, 0.0), id="free"),
        pytest.param({"prompt": "-1", "completion": "-1"}, (0.0, 0.0), id="negative"),
        pytest.param({"prompt": "nan", "completion": "inf"}, (0.0, 0.0), id="no number"),
        pytest.param({"prompt": math.nan, "completion": -math.inf}, (0.0, 0.0), id="NaN itself"),
        pytest.param({"prompt": "1e999999", "completion": "1e-999999"}, (0.0, 0.0), id="absurd"),
        pytest.param({"prompt": "free"}, (0.0, 0.0), id="a word"),
        pytest.param({"prompt": None}, (0.0, 0.0), id="null"),
        pytest.param({"prompt": [1]}, (0.0, 0.0), id="a list"),
        pytest.param({"prompt": "0.000001"}, (1.0, 0.0), id="only one of them"),
        pytest.param(None, (0.0, 0.0), id="none"),
        pytest.param("free", (0.0, 0.0), id="no object"),
    ],
)
def test_prices_are_dollars_for_a_million_tokens(
    pricing: object, expected: tuple[float, float]
) -> None:
    model = _read({"id": "m", "pricing": pricing})

    assert (model.input_cost, model.output_cost) == expected


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"input_price": 2.5e-06, "output_price": 1e-05}, id="Requesty"),
        pytest.param(
            {"metadata": {"pricing": {"input_tokens": 2.5, "output_tokens": 10}}}, id="DeepInfra"
        ),
        pytest.param(
            {"model_spec": {"pricing": {"input": {"usd": 2.5}, "output": {"usd": 10}}}}, id="Venice"
        ),
        pytest.param({"providers": [{"pricing": {"input": 2.5, "output": 10}}]}, id="Hugging Face"),
    ],
)
def test_prices_are_found_where_the_service_keeps_them(said: dict[str, Any]) -> None:
    model = _read({"id": "m", **said})

    assert (model.input_cost, model.output_cost) == (2.5, 10.0)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param({"supported_parameters": []}, {"text"}, id="OpenRouter: nothing"),
        pytest.param({"supported_parameters": None}, {"text", "tool_use"}, id="OpenRouter: null"),
        pytest.param(
            {"supported_features": ["tools", "structured_outputs", 5]},
            {"text", "tool_use", "structured_outputs"},
            id="Nebius",
        ),
        pytest.param(
            {"capabilities": {"function_calling": True, "vision": True, "audio": False}},
            {"text", "tool_use", "vision"},
            id="Mistral",
        ),
        pytest.param(
            {"capabilities": {"fine_tune": False, "inference": True, "chat_completion": True}},
            {"text", "tool_use"},
            id="Azure, which says nothing of tools",
        ),
        pytest.param(
            {"capabilities": {"inference": True, "chat_completion": False, "embeddings": True}},
            {"text", "embedding"},
            id="Azure: an embedding model",
        ),
        pytest.param(
            {"model_spec": {"capabilities": {"supportsFunctionCalling": True}}},
            {"text", "tool_use"},
            id="Venice",
        ),
        pytest.param(
            {"providers": [{"supports_tools": False}, {"supports_tools": True}]},
            {"text", "tool_use"},
            id="Hugging Face: any of its providers",
        ),
        pytest.param(
            {"capabilities": ["completion", "tools", "thinking"]},
            {"text", "tool_use", "reasoning"},
            id="Ollama",
        ),
        pytest.param(
            {"tags": ["tool-use", "vision", "implicit-caching"]},
            {"text", "tool_use", "vision"},
            id="Vercel",
        ),
        pytest.param(
            {"metadata": {"tags": ["prompt_cache", "vision"]}},
            {"text", "tool_use", "vision"},
            id="DeepInfra, which has no tag for tools",
        ),
        pytest.param(
            {"supports_vision": True, "supports_reasoning": False},
            {"text", "tool_use", "vision"},
            id="Requesty",
        ),
        pytest.param(
            {"supports_reasoning": True, "supports_image_in": True, "supports_video_in": True},
            {"text", "tool_use", "reasoning", "vision", "video"},
            id="Moonshot",
        ),
        pytest.param(
            {"supports_chat": True, "supports_tools": True, "supports_image_input": True},
            {"text", "tool_use", "vision"},
            id="Fireworks",
        ),
        pytest.param({"supports_tools": False}, {"text"}, id="Fireworks: without tools"),
        pytest.param(
            {"supports_tools": None}, {"text", "tool_use"}, id="Fireworks: tools are not known of"
        ),
        pytest.param(
            {"capabilities": {"type": "chat", "supports": {"tool_calls": True, "vision": True}}},
            {"text", "tool_use", "vision"},
            id="Copilot",
        ),
        pytest.param(
            {"capabilities": ["completion"], "tags": ["vision"]},
            {"text", "vision"},
            id="Abilities, and tags beside them",
        ),
        pytest.param(  # can1357/oh-my-pi#4201
            {
                "features": {"tools": {"function_calling": True}},
                "modalities": {"input_modalities": ["text", "image"]},
            },
            {"text", "vision", "tool_use"},
            id="Ark",
        ),
        pytest.param(
            {"features": {"structured_outputs": {"json_object": False}}}, {"text"}, id="Ark: none"
        ),
        pytest.param(
            {"features": {}, "modalities": {}}, {"text", "tool_use"}, id="Ark, which does not say"
        ),
        pytest.param(
            {"capabilities": {"supports": {"tool_calls": True, "vision": True}, "family": "f"}},
            {"text", "vision", "tool_use"},
            id="Copilot",
        ),
        pytest.param({"architecture": None}, {"text", "tool_use"}, id="no architecture"),
        pytest.param({"architecture": {"modality": 5}}, {"text", "tool_use"}, id="a wild modality"),
        pytest.param(
            {"architecture": {"modality": "text+image+audio+video->text"}},
            {"text", "vision", "audio", "video", "tool_use"},
            id="the modalities in one word",
        ),
        pytest.param(
            {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
            {"text", "vision", "tool_use"},
            id="the modalities beside the id",
        ),
        pytest.param(
            {"modalities": {"input": []}, "input_modalities": ["text", "image"]},
            {"text", "vision", "tool_use"},
            id="the modalities beside some of another shape",
        ),
        pytest.param(
            {"architecture": {"modality": "text->embedding"}},
            {"text", "embedding"},
            id="an embedding model by its modality",
        ),
        pytest.param({"type": "embedding"}, {"text", "embedding"}, id="... by its type"),
        pytest.param(
            {"type": "vlm"}, {"text", "vision", "tool_use"}, id="LM Studio: one that sees"
        ),
        pytest.param({"type": ["embedding"]}, {"text", "tool_use"}, id="a wild type"),
        pytest.param({"type": "chat"}, {"text", "tool_use"}, id="Together: one that chats"),
        pytest.param({"type": "rerank"}, set(), id="Together: one that chats not"),
        pytest.param(
            {"type": "image"}, {"text", "image_generation"}, id="Together: one that paints"
        ),
        pytest.param(
            {"architecture": {"output_modalities": ["image"]}},
            {"text", "image_generation"},
            id="one of which nothing is said but that it paints",
        ),
        pytest.param(
            {"architecture": {"modality": "text+image->image"}},
            {"text", "vision", "image_generation"},
            id="a painter",
        ),
    ],
)
def test_what_a_model_can_do_is_what_it_says_in_any_of_the_ways(
    said: dict[str, Any], expected: set[str]
) -> None:
    assert _spoken(**said) == expected


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(None, id="null"),
        pytest.param("x", id="a string"),
        pytest.param([], id="a list"),
        pytest.param({}, id="without an id"),
        pytest.param({"id": 5}, id="a number for an id"),
        pytest.param({"id": " "}, id="a blank id"),
    ],
)
def test_an_entry_that_is_no_model_is_skipped_and_counted(odd: object) -> None:
    read = Listing().read(json.dumps({"data": [odd, _NEBIUS]}).encode(), _ORIGIN)

    assert read.models.ids() == ["maker/Model"]
    assert read.skipped == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("tool_choice tool_use tool_calls tool-calling function_calling", "tool_use"),
        ("reasoning include_reasoning thinking supportsReasoning", "reasoning"),
        ("structured_outputs structured_output response_schema", "structured_outputs"),
        ("response_format json_mode", "json_mode"),
        ("vision image_in image_input", "vision"),
        ("audio audio_input", "audio"),
        ("video_in video_input", "video"),
        ("embedding embeddings", "embedding"),
    ],
)
def test_each_word_for_an_ability_is_known(words: str, expected: str) -> None:
    for word in words.split():
        for said in (
            {"features": [word]},
            {"model_spec": {"capabilities": {word: True}}},
            {"providers": [{word: True}]},
        ):
            assert _read({"id": "m", **said}).capabilities == {"text", expected}


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ("audio speech tts transcribe transcription asr moderation rerank reranking", set()),
        ("embedding embeddings", {"text", "embedding"}),
        ("image", {"text", "image_generation"}),
        ("video", {"text", "video_generation"}),
    ],
)
def test_a_model_of_another_kind_does_not_chat(kinds: str, expected: set[str]) -> None:
    for kind in kinds.split():
        assert _read({"id": "m", "type": kind}).capabilities == expected


def test_models_keep_the_order_of_the_service() -> None:
    names = ["b", "a", "c/d:e", "a"]
    read = Listing().read(json.dumps({"data": [{"id": name} for name in names]}).encode(), _ORIGIN)

    assert read.models.ids() == ["b", "a", "c/d:e"]


@pytest.mark.parametrize(
    ("said", "partial"),
    [({"has_more": True}, True), ({"has_more": False}, False), ({"has_more": None}, False)],
)
def test_a_list_may_be_said_to_be_a_part(said: dict[str, object], *, partial: bool) -> None:
    body = json.dumps({"data": [{"id": "m"}], **said}).encode()

    assert Listing().read(body, _ORIGIN).partial is partial


def test_a_bare_list_is_a_list() -> None:
    assert Listing().read(b'[{"id": "m"}]', _ORIGIN).models.ids() == ["m"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"object": "list", "data": []}', id="an empty list"),
        pytest.param(b'{"object": "list", "data": null}', id="Ollama, before its first model"),
    ],
)
def test_a_service_without_models_has_none(body: bytes) -> None:
    assert len(Listing().read(body, _ORIGIN).models) == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"", "not JSON: nothing", id="nothing"),
        pytest.param(b"<html>Login</html>", "not JSON: '<html>Login", id="HTML"),
        pytest.param(b"\xff\xfe", "not JSON", id="no UTF-8"),
        pytest.param(b"[ERROR] no", r"not JSON: '\[ERROR\] no'", id="words in brackets"),
        pytest.param(b"5", "without a list: '5'", id="a number"),
        pytest.param(b'{"data": null}', "without a list", id="data: null"),
        pytest.param(b'{"data": {"id": "m"}}', "without a list", id="data: an object"),
        pytest.param(b'{"models": []}', "without a list", id="another key"),
        pytest.param(b'{"object": "list"}', "without a list", id="what is called one"),
        pytest.param(b'{"object": "list", "data": 5}', "without a list", id="data: a number"),
        pytest.param(b'{"data": [1, 2]}', "a list of 2, but none", id="a list of something else"),
    ],
)
def test_what_is_no_list_of_models_is_a_protocol_error(body: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words) as caught:
        Listing().read(body, _ORIGIN)
    assert caught.value.status == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b'{"data": [{"id": "m"}', 'not JSON: {"data": ', id="after a model"),
        pytest.param(b"[" * 100_000, "nested too deeply", id="in an abyss"),
    ],
)
def test_a_list_that_breaks_off_may_be_asked_for_again(body: bytes, words: str) -> None:
    with pytest.raises(Interrupted, match=f"stopped in the middle .*{words}") as caught:
        Listing().read(body, _ORIGIN)
    assert caught.value.retryable
    assert caught.value.status == 200


_BEGINNING = r"was asked for its models and sent .*: '<p>x{117}\.\.\.'; check the base URL\.$"


def test_of_a_body_that_is_no_list_only_the_beginning_is_shown() -> None:
    with pytest.raises(ProtocolError, match=_BEGINNING):
        Listing().read(b"<p>" + b"x" * 100_000, _ORIGIN)


def test_an_error_beside_no_list_is_no_service_without_models() -> None:
    body = b'{"object": "list", "data": null, "error": {"message": "gave up"}}'

    with pytest.raises(ProviderError, match="gave up"):
        Listing().read(body, _ORIGIN)


def test_an_error_in_place_of_the_models_says_what_the_service_said() -> None:
    with pytest.raises(ProviderError, match="no such project") as caught:
        Listing().read(b'{"error": {"message": "no such project", "code": "p404"}}', _ORIGIN)

    assert (caught.value.said, caught.value.code) == ("no such project", "p404")


def test_what_a_framework_says_in_place_of_the_models_is_an_error_too() -> None:
    with pytest.raises(ProviderError, match="no such tenant"):
        Listing().read(b'{"detail": "no such tenant"}', _ORIGIN)


def test_a_service_that_repeats_the_key_does_not_put_it_into_the_message() -> None:
    secret = "sk-test-0123456789abcdef"
    origin = Origin("Some service", "https://example.com/v1", secret)

    with pytest.raises(ProtocolError) as caught:
        Listing().read(f"<b>{secret}</b>".encode(), origin)

    assert secret not in str(caught.value)
    assert "Some service (https://example.com/v1)" in str(caught.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        *("id", "pricing", "prompt", "input", "usd", "architecture", "modality"),
                        *("context_length", "meta", "n_ctx", "top_provider", "providers", "type"),
                        *("capabilities", "supported_parameters", "input_modalities", "tools"),
                        *("metadata", "tags", "unit", "input_price", "output_price", "completion"),
                    ]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=30,
    )
)
def test_no_entry_makes_a_model_with_nonsensical_figures(entry: object) -> None:
    body = json.dumps({"data": [entry, {"id": "good"}]}).encode()
    for model in Listing().read(body, _ORIGIN).models:
        assert model.context_window >= 1
        assert model.max_output_tokens >= 1
        assert 0 <= model.input_cost < math.inf
        assert 0 <= model.output_cost < math.inf


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("maker/model", "maker/model", id="a listed one"),
        pytest.param("maker/model:nitro", "maker/model:nitro", id="a variant of it"),
        pytest.param("maker/model:free", "maker/model:free", id="a variant with its own entry"),
        pytest.param("maker/model:free:online", "maker/model:free:online", id="a variant of that"),
        pytest.param("maker/other", None, id="another"),
        pytest.param("maker/other:nitro", None, id="a variant of another"),
        pytest.param("", None, id="none"),
    ],
)
def test_a_variant_is_resolved_by_the_model_it_is_one_of(name: str, expected: str | None) -> None:
    models = ModelRegistry(
        [
            ModelSpec("maker/model", frozenset({Capability.vision}), 10, 20, 3.0, 4.0),
            ModelSpec("maker/model:free", frozenset({Capability.vision}), 10, 20, 0.0, 0.0),
        ]
    )
    found = resolved(models, name)

    assert (found.id if found else None) == expected
    if found is not None:
        free = ":free" in name
        assert found.capabilities == {Capability.vision}
        assert (found.max_output_tokens, found.context_window) == (10, 20)
        assert (found.input_cost, found.output_cost) == ((0.0, 0.0) if free else (3.0, 4.0))


@pytest.mark.parametrize("trace", traces("models"))
def test_a_recorded_list_is_read_as_expected(trace: Trace) -> None:
    read = Listing().read(trace.body, _ORIGIN)
    expected = trace.expected

    assert read.skipped == 0
    assert read.models.ids() == list(dict.fromkeys(expected["ids"]))
    for name, window in expected["context_lengths"].items():
        assert read.models[name].context_window == window
    for name, output in expected["max_output"].items():
        assert read.models[name].max_output_tokens == output
    for name, prices in expected["pricing"].items():
        if prices["prompt"] is not None:
            assert read.models[name].input_cost == _dollars(prices["prompt"])
            assert read.models[name].output_cost == _dollars(prices["completion"])


def _dollars(price: str) -> float:
    """The price of a million tokens, where a negative price is none."""
    return max(0.0, round(float(price) * 1e6, 6))


@pytest.mark.parametrize("path", recordings("*/models.response.raw"))
def test_a_local_servers_list_names_its_models_and_their_window(path: Path) -> None:
    body = path.read_bytes()
    if body == b"Internal Server Error":
        with pytest.raises(ProtocolError, match=r"not JSON: 'Internal Server Error'"):
            Listing().read(body, _ORIGIN)
        return
    models = Listing().read(body, _ORIGIN).models
    servers = {"xllamacpp": 4096, "xllamacpp-emb": 2048, "vllm": 4096, "vllm-emb": 4096}

    assert models.first().id == "smollm2"
    if path.parent.name in servers:
        assert models.first().context_window == servers[path.parent.name]


def test_abilities_in_lists_of_lists_are_passed_over_however_deep_those_are() -> None:
    deep = "[" * 950 + '"vision"' + "]" * 950
    body = f'{{"data":[{{"id":"m","features":{deep},"supported_features":["tools"]}}]}}'

    assert Listing().read(body.encode(), Origin()).models["m"].capabilities == {
        Capability.text,
        Capability.tool_use,
    }
