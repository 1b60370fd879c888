from __future__ import annotations

import json

import pytest

from axio_transport_openai.refusal import Refusal, read, read_body


def _body(found: object) -> bytes:
    return json.dumps(found).encode()


@pytest.mark.parametrize(
    ("found", "said", "code", "status"),
    [
        pytest.param(
            {"error": {"message": "no", "type": "t", "param": "p", "code": "c"}},
            *("no", "c", None),
            id="OpenAI",
        ),
        pytest.param(
            {"error": {"message": "no", "type": "t", "code": None}}, "no", "t", None, id="no code"
        ),
        pytest.param({"error": {"message": "no", "code": 429}}, "no", "429", 429, id="OpenRouter"),
        pytest.param(  # BerriAI/litellm#11844
            {
                "error": {
                    "code": "Invalid input",
                    "status": 422,
                    "message": "invalid input error",
                    "details": [{"type": "t", "loc": ["body", "seed"], "msg": "no", "input": "y"}],
                }
            },
            *("invalid input error (body.seed: no)", "Invalid input", 422),
            id="Azure AI",
        ),
        pytest.param(
            {"error": {"code": 400, "message": "no", "details": [{"@type": "t", "fields": []}]}},
            *("no", "400", 400),
            id="Google, whose details are no words",
        ),
        pytest.param(
            {"error": {"code": "unknown_model", "message": "no", "details": "no"}},
            *("no", "unknown_model", None),
            id="GitHub, which says it twice",
        ),
        pytest.param({"error": {"message": "no", "code": "429"}}, "no", "429", 429, id="as text"),
        pytest.param(
            {"error": {"message": "no", "code": 1500}}, "no", "1500", None, id="no status"
        ),
        pytest.param({"error": {"message": "no", "code": 200}}, "no", "200", None, id="no failure"),
        pytest.param({"error": "no"}, "no", "", None, id="a text"),
        pytest.param({"code": "c", "error": "no"}, "no", "c", None, id="xAI"),
        pytest.param(
            {"statusCode": 400, "error": "Bad Request", "message": "no seed"},
            *("Bad Request: no seed", "", None),
            id="Fastify",
        ),
        pytest.param(
            {"message": ["no seed", "no user"], "error": "Bad Request"},
            *("Bad Request: no seed; no user", "", None),
            id="NestJS",
        ),
        pytest.param({"error": "no", "message": "no"}, "no", "", None, id="the same twice"),
        pytest.param(
            {"object": "error", "message": "no", "type": "t", "code": 400},
            *("no", "400", 400),
            id="vLLM, SGLang",
        ),
        pytest.param(
            {"error": "no", "error_type": "overloaded"}, "no", "overloaded", None, id="TGI"
        ),
        pytest.param({"detail": "no"}, "no", "", None, id="FastAPI"),
        pytest.param(
            {
                "object": "error",
                "message": {"detail": [{"loc": ["body", "seed"], "msg": "no", "input": "yes"}]},
                "type": "t",
                "code": None,
            },
            *("body.seed: no", "t", None),
            id="Mistral, FastAPI within",
        ),
        pytest.param(
            {"error": {"errors": ["bad", {"message": "odd"}], "code": "c"}},
            *("bad; odd", "c", None),
            id="a list within",
        ),
        pytest.param(
            {"error": {"errors": ["odd"], "message": "no"}}, "no", "", None, id="words before it"
        ),
        pytest.param(
            {"errors": [{"code": "c", "message": "no"}], "trace": "t", "status_code": 503},
            *("no", "c", 503),
            id="watsonx",
        ),
        pytest.param(
            {"errors": [{"message": "no", "code": 5007}, "odd"], "success": False},
            *("no; odd", "5007", None),
            id="Cloudflare",
        ),
        pytest.param(
            {"tpe": "t", "errors": [{"description": "no", "key": "t"}], "extras": None},
            *("no", "", None),
            id="Writer",
        ),
        pytest.param(
            {"detail": [{"type": "missing", "loc": ["body"], "msg": "no"}]},
            *("body: no", "", None),
            id="the type of a value that is no name of the failure",
        ),
        pytest.param({"detail": {"message": "no"}}, "no", "", None, id="FastAPI, an object"),
        pytest.param(
            {"detail": {"error": {"message": "no", "code": "c"}}},
            *("no", "c", None),
            id="lm-proxy, an error in FastAPI's detail",
        ),
        pytest.param(
            {"error": {"code": 502, "detail": {"error": {"message": "no"}}}, "type": "t"},
            *("no", "502", 502),
            id="words within, and a code around them",
        ),
        pytest.param(
            {"error": {"message": "no", "error": {"message": "odd"}}},
            *("no", "", None),
            id="words around others",
        ),
        pytest.param(
            {"detail": [{"loc": ["body", 0, "model"], "msg": "missing"}, {"msg": "bad"}, "odd"]},
            *("body.0.model: missing; bad; odd", "", None),
            id="FastAPI, validation",
        ),
        pytest.param(
            [{"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}],
            *("no", "400", 400),
            id="Gemini",
        ),
        pytest.param(["no"], "no", "", None, id="a list of words"),
        pytest.param("no", "no", "", None, id="words in quotes"),
        pytest.param({"message": "no"}, "no", "", None, id="only a message"),
        pytest.param({"Message": "no"}, "no", "", None, id="AWS"),
        pytest.param({"error": {"msg": "no"}}, "no", "", None, id="msg"),
        pytest.param({"error": {"detail": "no"}}, "no", "", None, id="detail in the error"),
        pytest.param({"error": {"error": "no"}}, "no", "", None, id="an error in the error"),
        pytest.param({"error": {}, "message": "no"}, "no", "", None, id="an empty error"),
        pytest.param({"error": True, "message": "no"}, "no", "", None, id="a truth"),
        pytest.param(
            {"error": {"code": 502}, "message": "no"}, "no", "502", 502, id="words beside it"
        ),
        pytest.param(
            {"error": {"message": "no"}, "status_code": 503}, "no", "", 503, id="status beside it"
        ),
        pytest.param(
            {"type": "error", "error": {"type": "t", "message": "no", "http_code": "529"}},
            *("no", "t", 529),
            id="MiniMax",
        ),
        pytest.param(
            {"error": {"message": "no", "metadata": {"raw": "upstream said"}}},
            *("no (upstream said)", "", None),
            id="OpenRouter's upstream",
        ),
        pytest.param(
            {"error": {"message": "no", "metadata": {"raw": {"error": {"message": "since"}}}}},
            *("no (since)", "", None),
            id="OpenRouter's upstream, as an object",
        ),
        pytest.param(
            {"error": {"error": {"message": "no", "code": "c"}}}, "no", "c", None, id="one within"
        ),
        pytest.param(
            {"detail": {"error": {"message": "no"}}, "code": "c"}, "no", "c", None, id="one deeper"
        ),
        pytest.param(
            {"error": "invalid_client", "error_description": "AADSTS7000215: no"},
            *("invalid_client: AADSTS7000215: no", "", None),
            id="OAuth",
        ),
        pytest.param(
            {"error": {"message": "no", "metadata": {"raw": {"a": 1}}}},
            "no",
            "",
            None,
            id="an object",
        ),
        pytest.param(
            {"error": {"message": "no", "failed_generation": "<f>"}},
            *("no (the model wrote: <f>)", "", None),
            id="Groq's failed generation",
        ),
        pytest.param({"error": {"message": "no", "code": "²"}}, "no", "²", None, id="no digit"),
        pytest.param(
            {"error": {"message": "no", "code": "9" * 5000}}, "no", "9" * 5000, None, id="endless"
        ),
        pytest.param({"html-message": "no"}, "no", "", None, id="Portkey, of a page"),
        pytest.param({"error": {"reason": "no"}}, "no", "", None, id="the only text there is"),
        pytest.param(None, "null", "", None, id="null"),
        pytest.param(5, "5", "", None, id="a number"),
        pytest.param({}, "{}", "", None, id="nothing"),
        pytest.param({"error": {"a": 1}}, '{"error": {"a": 1}}', "", None, id="no words at all"),
    ],
)
def test_a_service_s_words_are_found_in_every_shape(
    found: object, said: str, code: str, status: int | None
) -> None:
    refusal = read_body(_body(found))

    assert (refusal.said, refusal.code, refusal.status) == (said, code, status)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b"", "", id="nothing"),
        pytest.param(b" \n", "", id="white space"),
        pytest.param(b"Bad gateway\n", "Bad gateway", id="words"),
        pytest.param(b"<html>no</html>", "<html>no</html>", id="HTML"),
        pytest.param(b'{"error": {"mess', '{"error": {"mess', id="half an object"),
        pytest.param(b"\xffno", "\ufffdno", id="no UTF-8"),
        pytest.param(b"[" * 99_999, "[" * 99_999, id="brackets without end"),
        pytest.param(b'\n {"error": "no"}', "no", id="white space before JSON"),
    ],
)
def test_a_body_that_is_no_json_is_its_own_words(body: bytes, said: str) -> None:
    assert read_body(body).said == said


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        pytest.param(
            b'data: {"error": {"message": "no", "code": "429"}}\n\ndata: [DONE]\n\n',
            Refusal("no", "429", frozenset({"429"}), 429),
            id="LiteLLM",
        ),
        pytest.param(
            b':HTTP_STATUS/400\nevent:error\ndata:{"code":"c","message":"no"}',
            Refusal("no", "c", frozenset({"c"})),
            id="one that is named, and not closed",
        ),
        pytest.param(b"data: no\n\n", Refusal("data: no"), id="words"),
        pytest.param(b'data: {"error": {"mess', Refusal('{"error": {"mess'), id="half an object"),
        pytest.param(b'No:\ndata: {"a": 1}', Refusal('No:\ndata: {"a": 1}'), id="no event"),
    ],
)
def test_a_refusal_may_be_an_event(body: bytes, refusal: Refusal) -> None:
    assert read_body(body) == refusal


def test_an_error_without_a_message_keeps_all_else_that_it_says() -> None:
    error = {"code": "c", "type": "T", "status": 422, "param": "temperature"}
    body = _body({"error": error})

    assert read_body(body) == Refusal(
        body.decode(), "c", frozenset({"c", "t", "422"}), 422, "temperature"
    )


def test_the_parameter_that_is_to_blame_is_named() -> None:
    assert read({"error": {"message": "no", "param": "temperature"}}).param == "temperature"
    assert read({"error": {"message": "no", "param": None}}).param == ""


def test_a_byte_order_mark_before_a_refusal_is_no_part_of_it() -> None:
    body = b'\xef\xbb\xbf{"error":{"message":"no","code":"c"}}'

    assert read_body(body) == Refusal("no", "c", frozenset({"c"}))


def test_a_refusal_of_nothing_is_empty() -> None:
    assert Refusal() == Refusal("", "", frozenset(), None, "")
