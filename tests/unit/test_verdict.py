from __future__ import annotations

import json

import pytest
from axio.types import Usage
from hypothesis import given
from hypothesis import strategies as st

from axio_transport_openai import errors
from axio_transport_openai.origin import Origin
from axio_transport_openai.refusal import Refusal, read, read_body
from axio_transport_openai.verdict import in_stream, is_about_form, refused

_ORIGIN = Origin("S", "https://h/v1", "sk-0123456789")


def _body(found: object) -> bytes:
    return json.dumps(found).encode()


def _refused(
    status: int,
    found: object = None,
    *,
    request_id: str = "",
    retry_after: float | None = None,
    should_retry: bool | None = None,
) -> errors.StatusError:
    return refused(
        status,
        read_body(b"" if found is None else _body(found)),
        _ORIGIN,
        request_id=request_id,
        retry_after=retry_after,
        should_retry=should_retry,
    )


def _reported(found: object) -> errors.ProviderError:
    return in_stream(read(found), _ORIGIN, None)


_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just("\ud83d")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["error", "detail", "message", "code", "type", "status", "metadata", "raw", "msg"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


@given(_json, st.sampled_from([400, 404, 429, 500, 999]))
def test_no_body_is_too_odd_to_be_refused_with(found: object, status: int) -> None:
    error = _refused(status, found)

    assert error.status == status
    assert isinstance(_reported(found), errors.ProviderError)


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, errors.BadRequest, False),
        (401, errors.AuthenticationFailed, False),
        (402, errors.QuotaExhausted, False),
        (403, errors.PermissionRefused, False),
        (404, errors.NotFound, False),
        (405, errors.BadRequest, False),
        (408, errors.BadRequest, True),
        (409, errors.BadRequest, True),
        (410, errors.NotFound, False),
        (413, errors.BadRequest, False),
        (422, errors.BadRequest, False),
        (425, errors.BadRequest, True),
        (429, errors.RateLimited, True),
        (498, errors.BadRequest, True),
        (500, errors.ServerFailed, True),
        (501, errors.ServerFailed, False),
        (502, errors.ServerFailed, True),
        (503, errors.ServerFailed, True),
        (504, errors.ServerFailed, True),
        (529, errors.ServerFailed, True),
        (599, errors.ServerFailed, True),
    ],
)
def test_the_status_says_whose_fault_it_is_and_whether_it_may_pass(
    status: int, kind: type[errors.StatusError], *, retryable: bool
) -> None:
    error = _refused(status, {"error": {"message": "no"}})

    assert type(error) is kind
    assert (error.status, error.said, error.retryable) == (status, "no", retryable)


def test_a_redirect_says_what_is_wrong_whatever_its_body_says() -> None:
    error = _refused(301, {"error": {"message": "no"}})

    assert type(error) is errors.BadRequest
    assert str(error) == (
        "S (https://h/v1) answered 301 Moved Permanently:"
        " a redirect, which is not followed; check the base URL"
    )
    assert error.said == ""
    assert not error.retryable


def test_the_message_says_who_what_and_what_to_do() -> None:
    error = _refused(401, {"error": {"message": "Invalid API Key"}})

    assert str(error) == (
        "S (https://h/v1) answered 401 Unauthorized: Invalid API Key. Check the API key."
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("no", "no. Check", id="no stop"),
        pytest.param("no.", "no. Check", id="a stop"),
        pytest.param("why?", "why? Check", id="a question"),
        pytest.param("不行。", "不行。 Check", id="a Chinese stop"),
        pytest.param("", "nothing further. Check", id="nothing"),
    ],
)
def test_what_a_service_said_ends_before_the_advice(said: str, expected: str) -> None:
    assert expected in str(refused(401, Refusal(said=said), _ORIGIN))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(400, "S (https://h/v1) answered 400 Bad Request: nothing further", id="400"),
        pytest.param(529, "S (https://h/v1) answered 529: nothing further", id="no phrase"),
    ],
)
def test_a_refusal_without_a_body_says_so(status: int, expected: str) -> None:
    error = _refused(status)

    assert str(error) == expected
    assert error.said == ""


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "Check the API key."),
        (402, "Check the account's plan and balance."),
        (403, "Check what this key may use."),
        (404, "Check the model's name and the base URL."),
    ],
)
def test_there_is_advice_where_we_know_any(status: int, advice: str) -> None:
    assert str(_refused(status, {"error": "no"})).endswith(f": no. {advice}")


@pytest.mark.parametrize(
    ("origin", "advice"),
    [
        pytest.param(
            Origin("S", "https://h/v1"), "The transport has no API key: set one.", id="none"
        ),
        pytest.param(Origin("S", "https://h/v1", private=("abcdefgh",)), "Check", id="a header"),
        pytest.param(Origin("S", "https://h/v1?api-key=abcdefgh"), "Check", id="a query"),
    ],
)
@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_was_not_sent_is_not_to_be_checked(
    status: int, origin: Origin, advice: str
) -> None:
    assert f"no. {advice}" in str(refused(status, Refusal(said="no"), origin))


@pytest.mark.parametrize("base_url", ["http://localhost:11434", "http://localhost:11434/"])
def test_nothing_is_found_where_a_base_url_ends_too_early(base_url: str) -> None:
    error = refused(404, Refusal(said="404 page not found"), Origin("S", base_url))

    assert str(error).endswith("the base URL. Most base URLs end in /v1.")


@pytest.mark.parametrize(
    "said",
    [
        "No endpoints found that support tool use.",
        "No endpoints found matching your data policy.",
        "No allowed providers are available for the selected model.",
    ],
)
def test_a_model_that_nobody_has_as_it_is_asked_for_is_not_misspelt(said: str) -> None:
    error = _refused(404, {"error": {"message": said, "code": 404}})

    assert isinstance(error, errors.NotFound)
    assert str(error).endswith(f": {said} Use another model, or see to the account's settings.")


def test_what_the_response_told_is_on_the_error() -> None:
    error = _refused(
        429, {"error": {"message": "no", "code": "c"}}, request_id="r\n1", retry_after=2.5
    )

    assert (error.code, error.request_id, error.retry_after) == ("c", "r 1", 2.5)


def test_a_wait_that_the_words_tell_holds_where_no_header_does() -> None:
    said = {"error": {"message": "Please retry in 36.5s.", "code": 429}}

    assert _refused(429, said).retry_after == 36.5
    assert _refused(429, said, retry_after=2.0).retry_after == 2.0
    assert _reported(said).retry_after == 36.5


@pytest.mark.parametrize("should", [True, False])
def test_the_service_s_own_word_on_retrying_wins(*, should: bool) -> None:
    assert _refused(400, should_retry=should).retryable is should
    assert _refused(503, should_retry=should).retryable is should


@pytest.mark.parametrize(
    ("status", "code"),
    [
        pytest.param(307, "c", id="a redirect, which is not followed"),
        pytest.param(429, "insufficient_quota", id="an account without money"),
        pytest.param(402, "c", id="... by its status"),
    ],
)
def test_what_no_repetition_changes_is_not_repeated_whatever_the_service_says(
    status: int, code: str
) -> None:
    found = {"error": {"message": "no", "code": code}}

    assert not _refused(status, found, should_retry=True).retryable


@pytest.mark.parametrize(
    "page",
    [
        pytest.param("<html>Your browser does not support JavaScript.</html>", id="HTML"),
        pytest.param("<!DOCTYPE html>\n<html>Error code: 400c1", id="with its type"),
        pytest.param(" <?xml version='1.0'?><html>not supported by", id="XHTML"),
        pytest.param("<html>No such model. Context window: 8192", id="in words of a service"),
    ],
)
def test_what_a_proxy_s_page_says_is_not_about_the_request(page: str) -> None:
    assert refused(502, read_body(page.encode()), _ORIGIN).retryable


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(
            b"<!DOCTYPE html><html lang='en'><head><title>Just a moment...</title><style>x{}",
            "a web page, 'Just a moment...'.",
            id="Cloudflare",
        ),
        pytest.param(
            b"<html>\r\n<head><TITLE id='t'>\r\nR&amp;D: no entry </TITLE></head>",
            "a web page, 'R&D: no entry'.",
            id="a firewall",
        ),
        pytest.param(b"<html><body>no</body></html>", "a web page.", id="without a title"),
        pytest.param(b"<html><title></title></html>", "a web page, ''.", id="an empty title"),
        pytest.param(
            b'{"html-message":"<html>\\r\\n<head><title>502 Bad Gateway</title></head></html>"}',
            "a web page, '502 Bad Gateway'.",
            id="Portkey, in JSON",
        ),
    ],
)
def test_of_a_page_the_message_tells_the_title_and_where_to_look(body: bytes, told: str) -> None:
    error = refused(403, read_body(body), _ORIGIN)

    assert str(error) == (
        f"S (https://h/v1) answered 403 Forbidden: {told} See to the base URL, and to any proxy in"
        " between."
    )


def test_what_a_service_says_between_angles_is() -> None:
    said = "<400> InternalError.Algo.InvalidParameter: this model does not support tools"

    assert not _refused(500, {"error": {"message": said}}).retryable


@pytest.mark.parametrize(
    ("status", "error"),
    [
        pytest.param(429, {"code": "insufficient_quota"}, id="OpenAI, by code"),
        pytest.param(429, {"type": "insufficient_quota"}, id="by type"),
        pytest.param(
            429,
            {"code": "insufficient_quota", "message": "You have no requests per day."},
            id="beside a rate",
        ),
        pytest.param(400, {"code": "billing_hard_limit_reached"}, id="a limit of one's own"),
        pytest.param(403, {"type": "Insufficient_Balance"}, id="however it is spelt"),
        pytest.param(402, {}, id="by status"),
        # songquanpeng/one-api#1270
        pytest.param(403, {"code": "insufficient_user_quota"}, id="one-api"),
        # alibaba/spring-ai-alibaba#1146
        pytest.param(400, {"code": "Arrearage"}, id="DashScope"),
        pytest.param(429, {"type": "budget_exceeded"}, id="LiteLLM"),
        pytest.param(  # the router's, where every deployment is over its own
            429,
            {
                "message": "No deployments available - crossed budget: Exceeded budget for"
                " deployment model_name: prx, litellm_params.model: openai/fake, model_id: b456e7:"
                " 18.0 >= 1d\n",
                "type": "internal_server_error",
                "code": "429",
            },
            id="LiteLLM: a deployment",
        ),
        # BerriAI/litellm#14144
        pytest.param(
            400,
            {"message": "OpenAIException - Budget has been exceeded! Current cost: 14, Max budget"},
            id="LiteLLM behind another",
        ),
        # zai-org/GLM-5#148, continuedev/continue#11823
        pytest.param(
            429,
            {"code": "1113", "message": "Insufficient balance or no resource package."},
            id="Z.AI",
        ),
        pytest.param(
            429, {"code": "1113", "message": "余额不足或无可用资源包,请充值。"}, id="Zhipu"
        ),
        # continuedev/continue#10373
        pytest.param(
            429,
            {"message": "Your team t has either used all available credits or reached its limit"},
            id="xAI",
        ),
        pytest.param(
            403,
            {"message": "Your newly created teams doesn't have any credits yet."},
            id="xAI, at the beginning",
        ),
        pytest.param(
            400,
            {"message": "Your credit balance is too low to access the Anthropic API."},
            id="Anthropic",
        ),
        pytest.param(
            412,
            {"message": "Account a is suspended, possibly due to the monthly spending limit"},
            id="Fireworks",
        ),
        pytest.param(500, {"message": "upstream: 用户额度不足"}, id="a failure of its own"),
        # langgenius/dify#5850
        pytest.param(429, {"code": "1113", "message": "您的账户已欠费"}, id="Zhipu, in debt"),
        pytest.param(
            429,
            {"code": "1308", "message": "Usage limit reached for 5 hour. Your limit will reset at"},
            id="Z.AI, of a plan",
        ),
        # continuedev/continue#11444, NousResearch/hermes-agent#68832
        pytest.param(
            429,
            {"message": "you (u) have reached your session usage limit, upgrade for higher limits"},
            id="Ollama's cloud",
        ),
        # NanmiCoder/cc-haha#1208
        pytest.param(
            403,
            {"message": "You've reached your usage limit for this billing cycle."},
            id="Kimi, of a plan",
        ),
        # 666ghj/BettaFish#609
        pytest.param(
            403,
            {
                "code": "AllocationQuota.FreeTierOnly",
                "message": "The free tier of the model has been exhausted.",
            },
            id="DashScope, free of charge",
        ),
        pytest.param(
            429,
            {
                "code": "SetLimitExceeded",
                "message": "Your account [1] has reached the set inference limit for the [m] model",
            },
            id="Volcengine, a limit of one's own",
        ),
        pytest.param(
            403,
            {
                "code": "AccountOverdueError",
                "message": "The request failed because your account has an overdue balance.",
            },
            id="Volcengine, in debt",
        ),
        pytest.param(
            403, {"message": "Sorry, your account balance is insufficient"}, id="SiliconFlow"
        ),
        # https://help.aliyun.com/zh/model-studio/error-code
        pytest.param(403, {"code": "AllocationQuota.FreeTierOnly"}, id="DashScope, a code"),
        # RooCodeInc/Roo-Code#515, MCPJam/inspector#1287
        pytest.param(
            403,
            {
                "code": 403,
                "message": "Key limit exceeded (total limit). Manage it using"
                " https://openrouter.ai/settings/keys",
            },
            id="OpenRouter, of a key",
        ),
        pytest.param(
            403,
            {
                "type": "new_api_error",
                "message": "token quota is not enough, token remain quota: \uff040.019310, need"
                " quota: \uff040.769410 (request id: 20260324113418110801328YYlLV6rb)",
            },
            id="new-api, of a key",
        ),
        pytest.param(
            401,
            {"type": "new_api_error", "message": "该令牌额度已用尽"},
            id="new-api, of a key that had some",
        ),
        # anthropics/claude-code#2127
        pytest.param(
            400,
            {
                "type": "invalid_request_error",
                "message": "You have reached your specified API usage limits. You will regain"
                " access on 2025-07-01 at 00:00 UTC.",
            },
            id="Anthropic, a limit of one's own",
        ),
        # anthropics/claude-code#29584, #64982
        pytest.param(
            429,
            {
                "type": "rate_limit_error",
                "message": "Extra usage is required for long context requests.",
            },
            id="Anthropic, of a plan",
        ),
        pytest.param(
            429,
            {
                "type": "rate_limit_error",
                "message": "Usage credits are required for long context requests.",
            },
            id="Anthropic, of a plan, in other words",
        ),
        pytest.param(
            429,
            {
                "code": "1310",
                "message": "Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-07-10"
                " 04:32:47",
            },
            id="Z.AI, of a week",
        ),
        pytest.param(
            403,
            {
                "type": "customer_verification_required",
                "message": "AI Gateway requires a valid credit card on file to service requests.",
            },
            id="Vercel",
        ),
        pytest.param(
            401,
            {
                "type": "CreditsError",
                "message": "No payment method. Add a payment method here:"
                " https://opencode.ai/workspace/w/billing",
            },
            id="OpenCode",
        ),
    ],
)
def test_an_account_without_money_is_told_apart(status: int, error: dict[str, object]) -> None:
    found = _refused(status, {"error": {"message": "no", **error}})

    assert isinstance(found, errors.QuotaExhausted)
    assert not found.retryable


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(  # ogkalu2/comic-translate#403
            "You exceeded your current quota, please check your plan and billing details. * Quota"
            " exceeded for metric: generate_content_free_tier_requests, limit: 20. Please retry in"
            " 58.8s.",
            id="Gemini, for a minute",
        ),
        pytest.param(
            "Rate limit reached on tokens per day (TPD): Limit 100000, Used 99000, Requested 2000."
            " Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/billing",
            id="Groq, for a day",
        ),
        pytest.param("You exceeded your usage limit per minute.", id="by the minute"),
        pytest.param("Usage limit reached for 1 minute. It will reset at 10:00.", id="a minute's"),
        pytest.param("API usage limit reached. Please retry after 12 seconds.", id="for seconds"),
        pytest.param("You have reached your usage limit for this minute.", id="for this minute"),
        pytest.param("Usage limit reached: 5 concurrent requests.", id="at once"),
        pytest.param("Key limit exceeded: 20 requests per minute.", id="a key's, by the minute"),
        pytest.param(
            "You exceeded your API usage limits per minute.", id="the API's, by the minute"
        ),
        pytest.param("Rate limit exhausted.", id="exhausted, and a rate"),
        pytest.param(
            "The free tier of the model is limited to 5 requests. Please retry in 12s.",
            id="free of charge, and too often",
        ),
    ],
)
def test_a_rate_is_no_account_without_money(said: str) -> None:
    found = _refused(429, {"error": {"message": said, "status": "RESOURCE_EXHAUSTED"}})

    assert type(found) is errors.RateLimited
    assert found.retryable


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(  # Gitlawb/openclaude#936
            "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model"
            " requests per day",
            id="OpenRouter",
        ),
        pytest.param(
            "you have used up your daily free allocation of 10,000 neurons", id="Cloudflare"
        ),
        pytest.param(
            "You are using a Trial key, which is limited to 1000 API calls / month. You can"
            " continue to use the Trial key for free or upgrade to a Production key with higher"
            " rate limits",
            id="Cohere, each month",
        ),
    ],
)
def test_what_is_given_away_each_day_is_not_waited_for(said: str) -> None:
    found = _refused(429, {"error": {"message": said, "code": 429}})

    assert type(found) is errors.RateLimited
    assert not found.retryable
    assert not _reported({"error": {"message": said, "code": 429}}).retryable


@pytest.mark.parametrize(
    ("status", "error"),
    [
        # compl-ai/compl-ai#20
        pytest.param(400, {"code": "content_filter", "param": "prompt"}, id="Azure"),
        # BeehiveInnovations/pal-mcp-server#178
        pytest.param(
            400,
            {"message": "Invalid prompt: your prompt was flagged as potentially violating our"},
            id="OpenAI",
        ),
        # 666ghj/BettaFish#108, #228
        pytest.param(400, {"message": "Content Exists Risk"}, id="DeepSeek"),
        pytest.param(
            400,
            {"message": "The request was rejected because it was considered high risk"},
            id="Moonshot",
        ),
        pytest.param(400, {"code": "data_inspection_failed"}, id="DashScope"),
        pytest.param(400, {"code": "1301", "message": "可能包含不安全或敏感内容"}, id="Zhipu"),
        pytest.param(
            403,
            {"message": "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO"},
            id="xAI",
        ),
        pytest.param(403, {"message": "Your input was flagged for violence"}, id="OpenRouter"),
        pytest.param(500, {"type": "content_filter"}, id="a failure of its own"),
        # theopenco/llmgateway#1153
        pytest.param(
            400,
            {
                "code": "1301",
                "message": "System detected potentially unsafe or sensitive content in input or"
                " generation.",
            },
            id="Z.AI",
        ),
        # openai/openai-cookbook#1224
        pytest.param(
            400,
            {
                "code": "sensitive_words_detected",
                "message": "input contains sensitive words: [test]",
            },
            id="new-api",
        ),
        # esengine/DeepSeek-Reasonix#6824
        pytest.param(422, {"message": "input new_sensitive (1026)"}, id="MiniMax"),
        # https://www.volcengine.com/docs/82379/1299023
        pytest.param(400, {"code": "InputTextSensitiveContentDetected.Violence"}, id="Ark, a code"),
        pytest.param(
            400, {"message": "the input text may contain sensitive information"}, id="Ark, in words"
        ),
        pytest.param(
            400,
            {
                "code": "SensitiveContentDetected",
                "message": "The request failed because the input text may contain sensitive"
                " information.",
            },
            id="Volcengine",
        ),
        # anthropics/claude-code#50008
        pytest.param(
            400,
            {
                "type": "invalid_request_error",
                "message": "Output blocked by content filtering policy",
            },
            id="Anthropic, behind a gateway",
        ),
        pytest.param(
            446,
            {
                "type": "hooks_failed",
                "message": "The guardrail checks defined in the config failed. You can find more"
                " information in the `hook_results` object.",
            },
            id="Portkey",
        ),
        pytest.param(
            400,
            {
                "message": {
                    "error": "Violated guardrail policy",
                    "aporia_ai_response": {"action": "block", "revised_prompt": None},
                },
                "type": "None",
                "code": "400",
            },
            id="LiteLLM",
        ),
        pytest.param(
            424,
            {"code": 2016, "message": "Prompt blocked due to security configurations"},
            id="Cloudflare's gateway",
        ),
        pytest.param(
            400,
            {
                "code": "invalid_prompt",
                "message": "Invalid prompt: we've limited access to this content for safety"
                " reasons. This type of information may be used to benefit or to harm people.",
            },
            id="OpenAI, for safety",
        ),
        pytest.param(
            400,
            {
                "message": "This request has been blocked by our content filters. Our filters"
                " automatically flag this prompt because it may conflict our AUP or AWS Responsible"
                " AI Policy. Please adjust your text prompt to submit a new request."
            },
            id="Bedrock",
        ),
        pytest.param(
            451,
            {
                "type": "censorship_blocked",
                "message": "The content you provided or machine outputted is blocked.",
            },
            id="StepFun",
        ),
        pytest.param(
            400,
            {"message": "litellm.ContentPolicyViolationError: AnthropicException - no"},
            id="LiteLLM, by its class",
        ),
    ],
)
def test_what_a_filter_took_offence_at_is_told_apart(status: int, error: dict[str, object]) -> None:
    found = _refused(status, {"error": {"message": "no", **error}})

    assert type(found) is errors.ContentFiltered
    assert not found.retryable
    assert not is_about_form(read({"error": {"message": "no", **error}}))
    assert str(found).endswith("Put it in other words, or see to the settings of the filter.")


def test_what_a_filter_says_without_a_word_of_error_is_told_apart() -> None:
    # Databricks
    found = {
        "usage": {"prompt_tokens": 1},
        "input_guardrail": [{"flagged": True}],
        "finishReason": "input_guardrail_triggered",
    }

    assert type(_refused(400, found)) is errors.ContentFiltered


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(
            {
                "message": "1 validation error for list[function-wrap[f()]]\n  Input should be"
                " 'user' [type=literal_error, input_value={'role': 'system', 'content': 'Mind our"
                " spending limit: insufficient balance'}, input_type=dict]"
            },
            id="what pydantic was given",
        ),
        pytest.param(
            {
                "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra"
                " inputs are not permitted', 'input': [{'role': 'user'}, {'content': 'all available"
                " credits'}]}]"
            },
            id="what pydantic was given, several",
        ),
        pytest.param(  # run-llama/llama-hub#905
            {
                "message": "'Tells whether the\n    user's usage limit reached zero: insufficient"
                " balance' is too long - 'tools.0.function.description'"
            },
            id="what jsonschema was given",
        ),
        pytest.param(
            {
                "message": "Provider returned error",
                "metadata": {"raw": '{"msg":"a","input":"data_inspection_failed"}'},
            },
            id="the same behind another service",
        ),
        pytest.param(
            {"code": "tool_use_failed", "failed_generation": '{"why": "insufficient balance"}'},
            id="what the model wrote",
        ),
        pytest.param(
            {
                "message": "Failed to parse input at pos 33: <tool_call>Model Not Exist,"
                " wait 2 hours"
            },
            id="what llama.cpp cannot read",
        ),
        pytest.param(  # ollama/ollama#17638
            {"message": 'error parsing tool call: raw=\'{"why": "insufficient balance"}]\', err=x'},
            id="what Ollama cannot read",
        ),
    ],
)
def test_what_a_service_repeats_is_not_what_it_says(error: dict[str, object]) -> None:
    found = _refused(400, {"error": {"message": "no", **error}})

    assert type(found) is errors.BadRequest
    assert found.retry_after is None


def test_a_name_that_is_read_by_its_case_offends_no_filter() -> None:
    found = {"error": {"message": "参数 temperature 无效,参数名大小写敏感"}}

    assert type(_refused(400, found)) is errors.BadRequest


def test_a_service_that_keeps_its_details_to_itself_took_no_offence() -> None:
    said = "Internal error; the details are withheld, for they may contain sensitive information."
    found = _refused(500, {"error": {"message": said}})

    assert type(found) is errors.ServerFailed
    assert found.retryable


@pytest.mark.parametrize(
    "name",
    [
        *("content_filter_check", "safety_check", "insufficient_balance_alert"),
        *("sensitive_content", "sensitive_words", "sensitive_information"),
    ],
)
def test_a_tool_s_name_is_no_account_without_money_and_no_filter(name: str) -> None:
    found = {"error": {"message": f"Invalid schema for function '{name}': missing items."}}

    assert type(_refused(400, found)) is errors.BadRequest


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        pytest.param(  # continuedev/continue#10778
            400,
            {"message": "Incorrect API key provided: na***ys."},
            errors.AuthenticationFailed,
            id="xAI: a key",
        ),
        pytest.param(
            400,
            {"message": "API key not valid. Please pass a valid API key."},
            errors.AuthenticationFailed,
            id="Gemini: a key",
        ),
        pytest.param(  # ConardLi/easy-dataset#9
            400,
            {"message": "Model Not Exist", "type": "invalid_request_error"},
            errors.NotFound,
            id="DeepSeek: a model",
        ),
        pytest.param(
            400, {"message": "no/such is not a valid model ID"}, errors.NotFound, id="OpenRouter"
        ),
        pytest.param(400, {"code": "model_not_supported"}, errors.NotFound, id="Hugging Face"),
        pytest.param(  # tashfeenahmed/freellmapi#18
            400,
            {"message": "Unknown model: gpt-4.1", "code": "unknown_model"},
            errors.NotFound,
            id="GitHub: a model",
        ),
        pytest.param(  # hex/llm-perplexity#19
            400,
            {
                "message": "Invalid model 'sonar-pro-online'. Permitted models can be found in the"
                " documentation at https://docs.perplexity.ai/guides/model-cards.",
                "type": "invalid_model",
                "code": 400,
            },
            errors.NotFound,
            id="Perplexity: a model",
        ),
        pytest.param(  # lobehub/lobehub#8314
            400,
            {"message": "Model not found; expected format: {publisher}/{model_name}."},
            errors.NotFound,
            id="GitHub: a model in another form",
        ),
        pytest.param(
            400,
            {"message": "The model `m` has been decommissioned and is no longer supported."},
            errors.NotFound,
            id="Groq: a model of old",
        ),
        pytest.param(  # farion1231/cc-switch#312
            503,
            {"code": "model_not_found", "message": "分组 default 下模型 m 无可用渠道"},
            errors.NotFound,
            id="new-api: a model",
        ),
        pytest.param(
            403, {"code": "model_not_found"}, errors.PermissionRefused, id="a model of others"
        ),
        # tmc/langchaingo#1233
        pytest.param(
            400,
            {"type": "invalid_model", "code": "1500", "message": "Invalid model: m"},
            errors.NotFound,
            id="Mistral: a model",
        ),
        pytest.param(
            400,
            {"message": "Invalid model 'm'. Permitted models can be found in the documentation"},
            errors.NotFound,
            id="Perplexity: a model",
        ),
        pytest.param(
            400,
            {"message": "The supported API model names are a or b, but you passed m."},
            errors.NotFound,
            id="DeepSeek: a model that never was",
        ),
        # JailbrokenAI/wallbreaker#20, duolahypercho/codex-router#244
        pytest.param(
            400,
            {"code": "1211", "message": "Unknown Model, please check the model code."},
            errors.NotFound,
            id="Z.AI: a model",
        ),
        pytest.param(
            400,
            {"code": "1214", "message": "modelCode: does not exist"},
            errors.NotFound,
            id="Z.AI: the code of a model",
        ),
        pytest.param(
            400, {"code": "1211", "message": "模型不存在"}, errors.NotFound, id="Zhipu: a model"
        ),
        pytest.param(  # ErlichLiu/DeepClaude#111
            400,
            {"code": 20012, "message": "Model does not exist. Please check it carefully."},
            errors.NotFound,
            id="SiliconFlow: a model",
        ),
        pytest.param(
            400,
            {"code": "unknown_model", "message": "Unknown model: m"},
            errors.NotFound,
            id="GitHub",
        ),
        pytest.param(400, {"code": "model_not_available"}, errors.NotFound, id="Together"),
        pytest.param(
            400,
            {"message": "The provided model identifier is invalid."},
            errors.NotFound,
            id="Bedrock: a model",
        ),
        pytest.param(
            400,
            {"message": "AiError: No such model @cf/m or task"},
            errors.NotFound,
            id="Cloudflare: a model",
        ),
        pytest.param(  # capocasa/3code#2
            410,
            {"message": "The model 'm' has reached its end of life and is no longer available."},
            errors.NotFound,
            id="NVIDIA: a model of old",
        ),
        # NVIDIA/NemoClaw#2093, AstrBotDevs/AstrBot#1693
        pytest.param(
            400,
            {"message": "Missing or invalid Authorization header.", "status": "INVALID_ARGUMENT"},
            errors.AuthenticationFailed,
            id="Gemini: no key",
        ),
        pytest.param(
            400,
            {"message": "Missing Authorization header."},
            errors.AuthenticationFailed,
            id="Gemini: no key at all",
        ),
        pytest.param(
            400,
            {"message": "Only vicuna-7b allowed now, your model no-such-model", "code": 40301},
            errors.NotFound,
            id="FastChat: a model",
        ),
        pytest.param(  # any key but the master key, where there is no database of others
            400,
            {"message": "No connected db.", "type": "no_db_connection", "code": "400"},
            errors.AuthenticationFailed,
            id="LiteLLM: a key",
        ),
        pytest.param(
            400,
            {"code": "InvalidApiKey", "message": "Invalid API-key provided."},
            errors.AuthenticationFailed,
            id="DashScope: a key",
        ),
        pytest.param(  # caozhiyuan/copilot-api#102
            400,
            {
                "code": "unsupported_api_for_model",
                "message": "model gpt-5.3-codex is not accessible via the /chat/completions"
                " endpoint",
            },
            errors.NotFound,
            id="Copilot: a model that is elsewhere",
        ),
        pytest.param(
            400,
            {"message": "bad request: Authorization header is badly formatted"},
            errors.AuthenticationFailed,
            id="GitHub: a key that is none",
        ),
        pytest.param(
            400,
            {"error_code": 110, "message": "Access token invalid or no longer valid"},
            errors.AuthenticationFailed,
            id="Baidu: a key of old",
        ),
        pytest.param(
            400,
            {"message": "invalid params, unknown model 'no-such-model' (2013)"},
            errors.NotFound,
            id="MiniMax: a model",
        ),
        pytest.param(
            400,
            {
                "message": "Invocation of model ID m with on-demand throughput isn\u2019t"
                " supported. Retry your request with the ID or ARN of an inference profile that"
                " contains this model."
            },
            errors.NotFound,
            id="Bedrock: a model by another name",
        ),
        pytest.param(
            400,
            {
                "code": "OperationNotSupported",
                "message": "The chatCompletion operation does not work with the specified model, m."
                " Please choose different model and try again.",
            },
            errors.NotFound,
            id="Azure: a model that is elsewhere",
        ),
    ],
)
def test_a_status_that_says_too_little_is_read_with_the_words(
    status: int, error: dict[str, object], kind: type[errors.StatusError]
) -> None:
    found = _refused(status, {"error": {"message": "no", **error}})

    assert type(found) is kind
    assert not found.retryable


@pytest.mark.parametrize(
    ("status", "said", "limit", "asked"),
    [
        pytest.param(
            400,
            "This model's maximum context length is 8192 tokens. However, you requested 9014 tokens"
            " (9010 in the messages, 4 in the completion).",
            *(8192, 9014),
            id="OpenAI",
        ),
        pytest.param(
            400,
            "This endpoint's maximum context length is 200000 tokens. However, you requested about"
            " 2500021 tokens (2500021 of text input).",
            *(200_000, 2_500_021),
            id="OpenRouter",
        ),
        pytest.param(
            400,
            "This model's maximum context length is 4096 tokens. However, your prompt contains at"
            " least 4097 input tokens, which exceeds this limit even without any output tokens.",
            *(4096, 4097),
            id="vLLM",
        ),
        pytest.param(
            400,
            "request (9010 tokens) exceeds the available context size (4096 tokens), try increasing"
            " it",
            *(4096, 9010),
            id="llama.cpp",
        ),
        pytest.param(
            500,
            "input (9001 tokens) is too large to process. increase the physical batch size"
            " (current batch size: 512)",
            *(512, 9001),
            id="llama.cpp, to embed",
        ),
        pytest.param(
            400,
            "This model's maximum prompt length is 131072 but the request contains 625078 tokens.",
            *(131_072, 625_078),
            id="xAI",
        ),
        pytest.param(
            400,
            "prompt is too long: 205000 tokens > 200000 maximum",
            *(200_000, 205_000),
            id="Anthropic",
        ),
        pytest.param(  # continuedev/continue#6080
            400,
            "input length and `max_tokens` exceed context limit: 199759 + 8192 > 200000, decrease"
            " input length or `max_tokens` and try again",
            *(200_000, 199_759),
            id="Anthropic, with the answer",
        ),
        pytest.param(  # google-gemini/gemini-cli#4231
            400,
            "The input token count (3475108) exceeds the maximum number of tokens allowed"
            " (1048576).",
            *(1_048_576, 3_475_108),
            id="Gemini",
        ),
        pytest.param(  # MoonshotAI/kimi-cli#2011
            400,
            "Invalid request: Your request exceeded model token limit: 262144 (requested: 269030)",
            *(262_144, 269_030),
            id="Moonshot",
        ),
        pytest.param(  # QwenLM/qwen-code#98
            400,
            "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1,"
            " 204800]",
            *(204_800, None),
            id="DashScope",
        ),
        pytest.param(  # jjleng/copilot-more#35
            400,
            "prompt token count of 93854 exceeds the limit of 90000",
            *(90_000, 93_854),
            id="Copilot",
        ),
        pytest.param(  # langchain-ai/deepagents#468
            500,
            "[address=0.0.0.0:43769, pid=1065] The decoder prompt (length 66501) is longer than the"
            " maximum model length of 65536. Make sure that `max_model_len` is no smaller than the"
            " number of text tokens.",
            *(65_536, 66_501),
            id="vLLM in Xinference",
        ),
        pytest.param(  # eslint/tsc-meetings#593
            413,
            "tokens_limit_reached: Request body too large for gpt-4o model. Max size: 8000 tokens.",
            *(8000, None),
            id="GitHub Models",
        ),
        pytest.param(
            400,
            "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768"
            " maximum context length",
            *(32_768, 40_000),
            id="Mistral",
        ),
        pytest.param(
            400,
            "Requested token count exceeds the model's maximum context length of 4096 tokens. You"
            " requested a total of 9000 tokens: 1000 tokens from the input messages and 8000 tokens"
            " for the completion.",
            *(4096, 9000),
            id="SGLang",
        ),
        pytest.param(
            422,
            "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given:"
            " 5000 `inputs` tokens and 100 `max_new_tokens`",
            *(4096, 5000),
            id="TGI",
        ),
        pytest.param(
            422,
            "Input validation error: `inputs` must have less than 4095 tokens. Given: 5000",
            *(4095, 5000),
            id="TGI, without an answer",
        ),
        pytest.param(
            400,
            "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received"
            " 5000. Try using a shorter prompt, or enabling prompt truncating.",
            *(4081, 5000),
            id="Cohere",
        ),
        pytest.param(
            400,
            "Invalid input argument for Model 'm': the number of input tokens 5000 cannot exceed"
            " the total tokens limit 4096 for this model",
            *(4096, 5000),
            id="watsonx",
        ),
        pytest.param(
            400,
            "Please reduce the length of the messages or completion. Current length is 10000 while"
            " limit is 8192: context_length_exceeded",
            *(8192, 10_000),
            id="Cerebras",
        ),
        pytest.param(
            400,
            "prompt is too long: 1,205,000 tokens > 1,000,000 maximum",
            *(1_000_000, 1_205_000),
            id="figures with commas",
        ),
        pytest.param(
            400,
            "This model's maximum context length is 40960 tokens. However, you requested 4096"
            " output tokens and your prompt contains at least 36865 input tokens, for a total of at"
            " least 40961 tokens.",
            *(40_960, 36_865),
            id="vLLM, with the answer",
        ),
        pytest.param(
            400,
            "You passed 5000 input tokens and requested 32000 output tokens. However, the model's"
            " context length is only 32768 tokens, resulting in a maximum input length of 768"
            " tokens.",
            *(32_768, 5000),
            id="vLLM, with what may be the input",
        ),
        pytest.param(  # agentscope-ai/AgentTeams#346
            400,
            "You passed 74655 input characters and requested 32000 output tokens. However, the"
            " model's context length is only 32000 tokens, resulting in a maximum input length of 0"
            " tokens (at most 0 characters).",
            *(32_000, None),
            id="vLLM, in characters",
        ),
        pytest.param(  # langchain-ai/langchain#25671
            400,
            "Requested input length 99009 exceeds maximum input length 8192",
            *(8192, 99_009),
            id="DeepInfra",
        ),
        pytest.param(  # langgenius/dify#32221
            400,
            "Input length 203743 exceeds the maximum length 202752",
            *(202_752, 203_743),
            id="Volcano Engine",
        ),
        pytest.param(
            400,
            "The number of tokens to keep from the initial prompt is greater than the context"
            " length (n_keep: 5000>= n_ctx: 4096).",
            *(4096, 5000),
            id="LM Studio",
        ),
        pytest.param(
            400, "Invalid 'input': the maximum context length is 8192", 8192, None, id="its input"
        ),
        pytest.param(
            400, "Input is too long for requested model.", None, None, id="Bedrock, without figures"
        ),
        pytest.param(400, "Prompt exceeds max length", None, None, id="Z.AI, without figures"),
        pytest.param(  # anomalyco/opencode#27629
            400,
            "tokens in request more than max tokens allowed",
            *(None, None),
            id="Z.AI, in other words",
        ),
        pytest.param(  # cline/cline#294
            400,
            "Requested generation length 1 is not possible! The provided prompt is 4309 tokens"
            " long, so generating 1 tokens requires a sequence length of 4310, but the maximum"
            " supported sequence length is just 4096!",
            *(4096, 4309),
            id="SambaNova",
        ),
        pytest.param(400, "Prompt 超长", None, None, id="Zhipu, without figures"),
        pytest.param(400, "Prompt tokens too long", None, None, id="Baidu, without figures"),
        pytest.param(400, "输入的上下文长度超出限制", None, None, id="a gateway in Chinese"),
        pytest.param(413, "Too many tokens", None, None, id="without figures"),
        # langgenius/dify#19394
        pytest.param(
            400,
            "length of prompt_tokens (57535) must be less than max_seq_len (32768)",
            *(32_768, 57_535),
            id="SiliconFlow",
        ),
        # langgenius/dify#32221
        pytest.param(
            400,
            "Input length 203743 exceeds the maximum length 202752. Request id: 021",
            *(202_752, 203_743),
            id="Volcengine",
        ),
        pytest.param(
            400,
            "Total tokens of image and text exceed max message tokens.",
            None,
            None,
            id="Volcengine, with pictures",
        ),
        pytest.param(
            400,
            "Requested input length 132490 exceeds maximum input length 32767",
            *(32_767, 132_490),
            id="Hugging Face's router",
        ),
        pytest.param(
            400,
            "Total message token length exceed model limit (10000000 tokens).",
            *(10_000_000, None),
            id="DashScope, a long one",
        ),
        pytest.param(
            400,
            "litellm.ContextWindowExceededError: litellm.BadRequestError: no",
            None,
            None,
            id="LiteLLM",
        ),
        pytest.param(
            400,
            "Please reduce the length of the messages or completion.",
            None,
            None,
            id="Groq, without figures",
        ),
        pytest.param(
            400,
            "invalid params, context window exceeds limit (2013)",
            None,
            None,
            id="MiniMax, with the number of the error",
        ),
        pytest.param(
            400,
            "This model's maximum context length is 4096 tokens. However, your request has 5000"
            " input tokens. Please reduce the length of the input messages.",
            *(4096, 5000),
            id="vLLM, without the answer",
        ),
        pytest.param(  # anomalyco/opencode#11141
            400,
            "Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)",
            *(7424, 15_028),
            id="LM Studio, in other words",
        ),
        pytest.param(
            400,
            "Prompt sequence length is greater than 4096, perhaps consider using"
            " `truncate_sequence`?",
            *(4096, None),
            id="mistral.rs",
        ),
        pytest.param(
            400, "the max input characters is 20000", None, None, id="Baidu, in characters"
        ),
    ],
)
def test_a_conversation_too_long_is_told_apart_with_its_figures(
    status: int, said: str, limit: int | None, asked: int | None
) -> None:
    error = _refused(status, {"error": {"message": said}})

    assert isinstance(error, errors.ContextOverflow)
    assert (error.limit, error.asked) == (limit, asked)
    assert not error.retryable
    assert str(error).endswith("Shorten the conversation, or use a model with a larger window.")


@pytest.mark.parametrize(
    "error",
    [
        pytest.param({"code": "context_length_exceeded"}, id="OpenAI"),
        pytest.param({"type": "exceed_context_size_error"}, id="llama.cpp"),
        pytest.param({"type": "too_many_prompt_tokens"}, id="by type"),
        pytest.param({"code": "tokens_too_long"}, id="Baidu"),
        pytest.param({"code": "characters_too_long"}, id="Baidu, in characters"),
    ],
)
def test_a_conversation_too_long_is_known_by_its_name_too(error: dict[str, object]) -> None:
    found = _refused(400, {"error": {"message": "no", **error}})

    assert isinstance(found, errors.ContextOverflow)
    assert (found.limit, found.asked) == (None, None)


def test_a_window_that_a_rate_limit_speaks_of_is_no_overflow() -> None:
    error = _refused(429, {"error": {"message": "too many tokens in this time window"}})

    assert type(error) is errors.RateLimited


@pytest.mark.parametrize(
    "said",
    [
        "Function description is too long. Please reduce the length of the description.",
        "Stop sequence is too long, reduce the length of the stop sequence.",
        "Out of memory: max_seq_len of this worker is too high.",
    ],
)
def test_something_else_that_is_too_long_is_no_conversation(said: str) -> None:
    assert type(_refused(400, {"error": {"message": said}})) is errors.BadRequest
    assert _refused(500, {"error": {"message": said}}).retryable


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(
            {
                "type": "rate_limit_error",
                "message": "Number of input tokens has exceeded your per-minute rate limit.",
            },
            id="Anthropic",
        ),
        pytest.param(
            {"code": 503, "message": "Too many tokens, please wait before trying again."},
            id="Bedrock",
        ),
        pytest.param(
            {"code": 503, "message": "Throttling: prompt tokens per minute exceeded"}, id="by name"
        ),
    ],
)
def test_too_much_for_the_moment_is_no_conversation_too_long(error: dict[str, object]) -> None:
    assert _reported({"error": error}).retryable
    assert type(_refused(503, {"error": error})) is errors.ServerFailed


@pytest.mark.parametrize(
    ("said", "retryable"),
    [
        pytest.param("TPM: Limit 400000, Requested 2500013. Reduce it.", False, id="never"),
        pytest.param(  # danielmiessler/Fabric#364
            "on tokens per minute (TPM): Limit 7000, Used 0, Requested ~12903. Please try again in"
            " 50.597142857s.",
            False,
            id="never, whatever was used",
        ),
        pytest.param("TPM: Limit 400000, Used 390000, Requested 20000.", True, id="not yet"),
        pytest.param("TPM: Limit: 400000, Requested: 4000.", True, id="under the limit"),
        pytest.param("TPM: Limit 400000, Requested 400000.", True, id="exactly the limit"),
        pytest.param("TPM: Limit 400000, Requested 400001.", False, id="just over the limit"),
        pytest.param(f"Limit {'9' * 5000}, Requested {'9' * 5000}", True, id="endless figures"),
    ],
)
def test_waiting_does_not_help_a_request_over_the_limit_itself(
    said: str, *, retryable: bool
) -> None:
    assert _refused(429, {"error": {"message": said}}).retryable is retryable


@pytest.mark.parametrize(
    "error",
    [
        pytest.param({"message": "image input is not supported - hint: mmproj"}, id="llama.cpp"),
        pytest.param({"message": "x is not a multimodal model"}, id="vLLM"),
        pytest.param({"message": "OpenAIException - Error code: 400 - no"}, id="LiteLLM"),
        pytest.param({"message": "litellm.BadRequestError: no"}, id="LiteLLM, by its class"),
        pytest.param({"message": "no", "type": "invalid_request_error"}, id="by type"),
        pytest.param({"message": "must be created with embedding=True"}, id="llama-cpp-python"),
        # containers/ramalama#988, ggml-org/llama.cpp#10920
        pytest.param({"message": "tools param requires --jinja flag"}, id="llama.cpp, a flag"),
        pytest.param({"message": "Unsupported param: tools"}, id="llama.cpp, of old"),
        # home-assistant/core#139085
        pytest.param(
            {"message": "model requires more system memory (7.3 GiB) than is available (6.0 GiB)"},
            id="Ollama",
        ),
        pytest.param(
            {"message": "1 validation error:\n  {'type': 'float_parsing', 'loc': ('body',)}"},
            id="llama-cpp-python, validation",
        ),
    ],
)
def test_a_server_that_calls_the_request_s_fault_its_own_is_not_asked_again(
    error: dict[str, object],
) -> None:
    found = _refused(500, {"error": error})

    assert type(found) is errors.ServerFailed
    assert not found.retryable


@pytest.mark.parametrize("status", [408, 409, 425, 429, 498])
def test_a_gateway_s_500_that_tells_of_what_may_pass_is_asked_again(status: int) -> None:
    said = f"Error code: {status} - Rate limit reached for fake. Please try again in 2s."  # optillm

    assert _refused(500, {"error": said}).retryable


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        pytest.param({"code": 502}, True, id="a status that may pass"),
        pytest.param({"code": "429"}, True, id="a status as text"),
        pytest.param({"code": 400}, False, id="a status that will not"),
        pytest.param({"code": 501}, False, id="nor that one"),
        pytest.param({"http_status_code": 503}, True, id="a status by another name"),
        pytest.param({"type": "server_error"}, True, id="a type that may pass"),
        pytest.param({"code": "Rate_Limit_Exceeded"}, True, id="however it is spelt"),
        pytest.param({"type": "overloaded_error"}, True, id="overloaded"),
        pytest.param({"type": "invalid_request_error"}, False, id="the request's fault"),
        pytest.param({"code": "tool_use_failed"}, False, id="the model's fault"),
        pytest.param({"code": 429, "type": "insufficient_quota"}, False, id="no money"),
        pytest.param(
            {"code": 500, "message": "image input is not supported"}, False, id="permanent"
        ),
        pytest.param({}, False, id="nothing is known"),
    ],
)
def test_an_error_in_a_200_says_whether_it_may_pass(
    error: dict[str, object], *, retryable: bool
) -> None:
    assert _reported({"error": {"message": "no", **error}}).retryable is retryable


@pytest.mark.parametrize(
    ("said", "status", "retryable"),
    [
        pytest.param(
            """{'message': "Error code: 429 - {'error': 'Slow'}", 'type': 'RateLimitError'}""",
            *(429, True),
            id="openai-python, by way of lm-proxy",
        ),
        pytest.param("Error code: 400 - {'error': {'message': 'no'}}", 400, False, id="a refusal"),
        pytest.param('Upstream http://h/v1 returned 503: {"error":{}}', 503, True, id="petsitter"),
        pytest.param("429 You exceeded your rate.", 429, True, id="openai-node"),
        pytest.param("502 Server Error: Bad Gateway for url: http://h", 502, True, id="requests"),
        pytest.param("Server error '500 Internal' for url 'http://h'", 500, True, id="httpx"),
        pytest.param("Client error '429 Too Many' for url 'http://h'", 429, True, id="httpx, 429"),
        pytest.param("503, message='Busy', url='http://h/v1'", 503, True, id="aiohttp"),
        pytest.param("Request failed with status code 502", 502, True, id="axios"),
        pytest.param("up API error: 500", 500, True, id="router-maestro"),
        pytest.param("the model returned 500 tokens", None, False, id="a count"),
        pytest.param("500 tokens are too many", None, False, id="a count first"),
        pytest.param("returned 4290", None, False, id="a longer number"),
        pytest.param("(the model wrote: it returned 500)", None, False, id="the model's words"),
        pytest.param("no", None, False, id="no number"),
    ],
)
def test_a_status_that_only_the_words_of_a_200_tell_is_known(
    said: str, status: int | None, *, retryable: bool
) -> None:
    error = _reported({"error": {"message": said, "type": "dict"}})

    assert (error.status, error.retryable) == (status, retryable)


def test_a_status_that_is_told_as_such_wins_over_the_words() -> None:
    assert _reported({"error": {"message": "Error code: 429 - no", "code": 400}}).status == 400


def test_an_error_in_a_200_carries_what_is_known() -> None:
    found = read({"error": {"message": "no", "code": 502, "type": "t"}})
    error = in_stream(found, _ORIGIN, Usage(3, 2))

    assert (error.said, error.code, error.status, error.usage) == ("no", "502", 502, Usage(3, 2))
    assert str(error) == "S (https://h/v1) reported an error instead of the answer: no"


def test_an_error_in_a_200_advises_as_a_status_would() -> None:
    told = str(_reported({"error": {"message": "no", "code": "context_length_exceeded"}}))

    assert told.endswith("Shorten the conversation, or use a model with a larger window.")


@pytest.mark.parametrize("words", ["bad key sk-0123456789!", "a\x1b[31m\r\nb", "x" * 100_000])
def test_words_are_shown_without_the_key_without_control_and_bounded(words: str) -> None:
    found = {"error": {"message": words, "code": words}}

    for error in (_refused(400, found, request_id=words), _reported(found)):
        shown = f"{error}{error.said}{error.code}{error.request_id}"
        assert "0123456789" not in shown
        assert shown.isprintable()
        assert len(str(error)) < 2000
        assert len(error.code) < 120


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        pytest.param(
            "failedTypeError: failed\n    at node:internal/x:1:2\n    at async C (/a.js:3:4)",
            "failedTypeError: failed",
            id="claude-code-router",
        ),
        pytest.param(
            "no\n\tat a.B.c(B.java:1)\n\tat d.E(E.java:2)\nas ever", "no as ever", id="Java"
        ),
        pytest.param("no\nat all", "no at all", id="a line that begins so"),
        pytest.param("no JSON\n  at line 3", "no JSON   at line 3", id="a place in what was sent"),
    ],
)
def test_words_are_shown_without_the_places_in_a_program_that_they_came_from(
    said: str, shown: str
) -> None:
    assert _refused(500, {"error": {"message": said}}).said == shown


def test_a_title_of_blanks_is_read_at_once() -> None:
    # Each blank may be the title's, or stand before it or behind it.
    page = f"<html><title>{' ' * 1470}x"

    for _ in range(200):
        assert "a web page." in str(refused(502, read_body(page.encode()), _ORIGIN))


def test_of_a_failure_s_name_no_more_is_searched_than_a_name_has() -> None:
    name = f"{'x' * 1000} insufficient_quota"

    assert type(_refused(400, {"error": {"message": "no", "code": name}})) is errors.BadRequest
