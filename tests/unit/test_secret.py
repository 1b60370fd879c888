from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from axio_transport_openai.lenient import named
from axio_transport_openai.secret import Secrets, secrets_in, secrets_sent

_KEY = "sk-proj-A1b2+C3d4/E5f6=="


@given(
    key=st.text("ab", min_size=7, max_size=12),
    other=st.text("ab", min_size=7, max_size=9),
    before=st.text("ab-", max_size=12),
    sizes=st.lists(st.integers(1, 5), min_size=1),
)
@example(key="abaabab", other="abaabaaa", before="", sizes=[1])
def test_where_a_text_is_cut_does_not_matter(
    key: str, other: str, before: str, sizes: list[int]
) -> None:
    secrets = Secrets(key, other)
    text = f"{before}{key}-{other}-"
    shown, held = "", ""
    while text:
        size = sizes[len(text) % len(sizes)]
        held, text = held + text[:size], text[size:]
        settled = secrets.settled(held)
        shown += secrets.masked(held[:settled])
        held = held[settled:]
    shown += secrets.masked(held)

    assert shown == secrets.masked(f"{before}{key}-{other}-")


def test_nothing_is_held_back_that_begins_no_secret() -> None:
    secrets = Secrets(_KEY)

    assert secrets.settled("a word") == len("a word")
    assert secrets.settled("a word sk-PR") == len("a word ")
    assert secrets.settled("a word " + quote_plus(_KEY)[:-1]) == len("a word ")
    assert secrets.settled(f"{_KEY} is none") == len(f"{_KEY} is none")
    assert secrets.settled(f"is {_KEY}") == len(f"is {_KEY}")
    assert Secrets().settled("a word") == len("a word")


def test_a_secret_is_held_back_that_may_be_the_beginning_of_a_longer_one() -> None:
    secrets = Secrets("12345678", "123456789")

    assert secrets.settled("is 12345678") == len("is ")


def test_what_a_cut_left_of_a_secret_is_masked_if_it_is_long_enough_to_be_one() -> None:
    secrets = Secrets("abcdefghij")

    assert secrets.masked("no abcdefg", cut=True) == "no ***"
    assert secrets.masked("no abcdef", cut=True) == "no abcdef"
    assert secrets.masked("no abcdefg") == "no abcdefg"


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        pytest.param("ollama", "ollama", id="a placeholder"),
        pytest.param("ollama", "b2xsYW1h", id="a placeholder in base64"),
        pytest.param("sk-proj-error", "an error", id="what is left without the prefix"),
    ],
)
def test_a_word_is_no_secret(secret: str, text: str) -> None:
    assert Secrets(secret).masked(text) == text


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        pytest.param("12345678", "MTIzNDU2Nzg", id="base64 without its padding"),
        pytest.param("a/b+c'd\"e", "a/b+c'd\"e", id="what every other form escapes"),
        pytest.param("\udc83abcdefg", "\udc83abcdefg", id="half a character"),
    ],
)
def test_a_secret_is_masked_in_this_form_too(secret: str, text: str) -> None:
    assert Secrets(secret).masked(f"no {text}!") == "no ***!"


@pytest.mark.parametrize(
    ("headers", "query", "expected"),
    [
        pytest.param({"api-key": "abcdefgh"}, {}, "abcdefgh", id="a header"),
        pytest.param({"X-Gate": "abcdefg1"}, {}, "abcdefg1", id="a header of any name"),
        pytest.param({"Key-Version": "abcdefg1"}, {}, "abcdefg1", id="what is a key all the same"),
        pytest.param({}, {"key": "abcdefgh"}, "abcdefgh", id="a part of the query"),
        pytest.param({"Authorization": "Basic abcdefgh"}, {}, "abcdefgh", id="credentials"),
        pytest.param({"Helicone-Auth": "Bearer abcdefgh"}, {}, "abcdefgh", id="under another name"),
        pytest.param({"X-Gate": "Token abcdefg1"}, {}, "abcdefg1", id="behind a scheme"),
        pytest.param({"Cookie": "a=b; sid=abcdefg1"}, {}, "abcdefg1", id="a cookie"),
        pytest.param({"Cookie": "sid=abcdefgh==; a=b"}, {}, "abcdefgh", id="a padded cookie"),
        pytest.param(
            {"Authorization": 'Digest username="me", response="abcdefgh"'},
            {},
            "abcdefgh",
            id="a part of credentials",
        ),
        pytest.param(
            {"Authorization": "basic dXNlcjpodW50ZXIy"}, {}, "hunter2", id="a password in base64"
        ),
        pytest.param(
            {"Authorization": "Basic bWU6aHVudGVyMg=="}, {}, "bWU6aHVudGVyMg", id="base64, bare"
        ),
        pytest.param(
            {"Authorization": "Basic bWU6aHVudGVyMg"},
            {},
            "hunter2",
            id="a password without padding",
        ),
    ],
)
def test_what_a_user_sends_beside_the_key_may_be_a_key(
    headers: dict[str, str], query: dict[str, str], expected: str
) -> None:
    assert Secrets(*secrets_sent(headers, query)).masked(f"<{expected}>") == "<***>"


@pytest.mark.parametrize(
    ("headers", "query", "text"),
    [
        pytest.param({"X-Title": "a1-Support"}, {}, "a1-support", id="the app's title"),
        pytest.param({"HTTP-Referer": "https://example.com"}, {}, "https://example.com", id="site"),
        pytest.param({"Accept": "text/event-stream"}, {}, "text/event-stream", id="what is taken"),
        pytest.param({}, {"api-version": "2024-10-21"}, "2024-10-21", id="the API's version"),
        pytest.param(
            {"anthropic-beta": "output-128k-2025-02-19,files-1"},
            {},
            "output-128k-2025-02-19 is unknown",
            id="what is tried out",
        ),
        pytest.param({"X-Region": "eu-west-1"}, {}, "none in eu-west-1", id="where"),
        pytest.param({}, {"deployment": "gpt-4o-1"}, "no gpt-4o-1", id="what is asked"),
        pytest.param({"X-Team": "Support"}, {}, "Unsupported parameter", id="a word"),
        pytest.param({"X-Team": "Customer Support"}, {}, "Unsupported parameter", id="words"),
        pytest.param({"X-Team": "web-support"}, {}, "web-supported", id="words in one"),
        pytest.param({}, {"mode": "parameter"}, "Unsupported parameter", id="a word in the query"),
        pytest.param({"Cookie": "session=abcdefg1"}, {}, "no such session", id="a cookie's name"),
        pytest.param({"Authorization": "Negotiate a"}, {}, "negotiate", id="a scheme"),
        pytest.param({"Authorization": "Basic ?"}, {}, "Basic credentials", id="no base64"),
    ],
)
def test_what_says_only_who_asks_and_for_what_is_no_secret(
    headers: dict[str, str], query: dict[str, str], text: str
) -> None:
    assert Secrets(*secrets_sent(headers, query)).masked(text) == text


def test_a_parameter_is_secret_if_its_name_tells_so_whatever_it_looks_like() -> None:
    sent = {
        "data_sources": [{"authentication": {"type": "api_key1", "key": "abcdefgh"}}],
        "tools": ({"headers": {"Authorization": "Bearer abcdefg1"}},),
        "tokens": ["abcdefg2", 5],
        "service_tier": "priority1",
        "prompt_cache_key": "conversation",
        "names": {1: "the first", None: "nobody's"},
    }

    secrets = Secrets(*secrets_sent({}, {}, named(sent)))

    assert secrets.masked("abcdefgh abcdefg1 abcdefg2") == "*** *** ***"
    open_ones = "api_key1, priority1, conversation"
    assert secrets.masked(open_ones) == open_ones


@pytest.mark.parametrize("password", ["hunter22", "1234567/x", "hunter/22", "12345678"])
def test_a_password_in_an_address_is_a_secret(password: str) -> None:
    assert password in secrets_in(f"http://me:{password}@h/v1")
    assert password in secrets_in(f"http://:{password}@h/v1")
