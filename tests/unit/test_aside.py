from __future__ import annotations

import json

import pytest

from axio_transport_openai.aside import is_error, refusal_in


@pytest.mark.parametrize(
    "found",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"type": "ping"}, id="a ping"),
        pytest.param({"usage": {"total_tokens": 5}}, id="counts"),
        pytest.param({"code": 0, "message": "Success"}, id="success in a number"),
        pytest.param({"code": "200", "message": "OK"}, id="success in a text"),
        pytest.param({"code": "Success", "message": "done"}, id="success in a word"),
        pytest.param({"code": 0, "msg": "fine"}, id="success, shortened"),
        pytest.param({"code": "000000", "msg": "fine"}, id="success in many zeros"),
        pytest.param({"code": 20000, "msg": "ok"}, id="a code of their own, and fine words"),
        pytest.param({"code": 20000, "message": "OK!"}, id="the same, at length"),
        pytest.param({"code": 100, "msg": "processing"}, id="what is yet to come"),
        pytest.param({"success": True, "message": "here you are"}, id="success, in truth"),
        pytest.param({"message": "done", "status": "ok"}, id="fine words without a code"),
        pytest.param({"code": ["x"], "detail": None}, id="a list for a code"),
        pytest.param({"msg": "still here"}, id="words without a code"),
        pytest.param({"error_code": 0, "error_msg": ""}, id="no error code"),
        pytest.param({"base_resp": {"status_code": 0, "status_msg": ""}}, id="no base error"),
        pytest.param({"base_resp": None, "errors": [], "success": True}, id="no errors"),
        pytest.param([], id="a list"),
    ],
)
def test_what_tells_of_no_failure_is_none(found: object) -> None:
    assert refusal_in(json.dumps(found).encode()) is None


@pytest.mark.parametrize(
    ("found", "code"),
    [
        pytest.param({"message": "no"}, "", id="a message"),
        pytest.param({"message": "no", "code": None}, "", id="a message and no code"),
        pytest.param({"message": "no", "code": "bad"}, "bad", id="a message and a code"),
        pytest.param({"detail": "no"}, "", id="a detail"),
        pytest.param({"code": 500, "msg": "no"}, "500", id="a code and a message, shortened"),
        pytest.param({"code": 20000, "msg": "no"}, "20000", id="a code of their own"),
        pytest.param({"error_code": 336003, "error_msg": "no"}, "336003", id="an error code"),
        pytest.param({"errors": [{"message": "no"}], "success": False}, "", id="errors"),
        pytest.param({"success": False, "message": "no"}, "", id="no success"),
        pytest.param({"success": False, "code": 0, "msg": "no"}, "", id="no success, in truth"),
        pytest.param(
            {"base_resp": {"status_code": 1008, "status_msg": "no"}}, "1008", id="a base error"
        ),
    ],
)
def test_a_failure_is_told_in_the_service_s_words(found: object, code: str) -> None:
    refusal = refusal_in(json.dumps(found).encode())

    assert refusal
    assert (refusal.said, refusal.code) == ("no", code)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param({"code": 500, "msg": "ok"}, id="a status"),
        pytest.param({"code": "-1", "message": "success"}, id="a negative code"),
        pytest.param({"object": "error", "message": "done"}, id="an object that is one"),
    ],
)
@pytest.mark.parametrize("sure", [False, True])
def test_some_failures_are_beyond_doubt(found: object, *, sure: bool) -> None:
    assert refusal_in(json.dumps(found).encode(), sure=sure)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param({"message": "bye"}, id="a message"),
        pytest.param({"detail": "bye"}, id="a detail"),
        pytest.param({"success": False}, id="no success"),
        pytest.param({"choices": [], "errors": [{"message": "a tool was slow"}]}, id="errors"),
        pytest.param({"code": 20000, "msg": "bye"}, id="a code of their own"),
    ],
)
def test_what_may_be_a_failure_is_none_for_sure(found: object) -> None:
    payload = json.dumps(found).encode()

    assert refusal_in(payload)
    assert refusal_in(payload, sure=True) is None


def test_what_nests_too_deeply_to_be_read_tells_of_nothing() -> None:
    assert refusal_in(b'{"message":' + b"[" * 99_999) is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, False),
        ("", False),
        ({}, False),
        ({"message": "", "type": "", "param": "", "code": None}, False),
        ({"message": "no"}, True),
        ({"message": "", "code": 7}, True),
        ("no", True),
        (True, True),
        (["no"], True),
    ],
)
def test_an_error_of_nothing_but_empty_fields_is_none(error: object, *, expected: bool) -> None:
    assert is_error(error) is expected
