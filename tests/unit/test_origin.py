from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axio_transport_openai.errors import NotSent
from axio_transport_openai.origin import Origin

_KEY = "sk-proj-A1b2+C3d4/E5f6=="


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        pytest.param("https://api.h.com/v1", "api.h.com", id="host"),
        pytest.param("http://127.0.0.1:8080/v1", "127.0.0.1:8080", id="host and port"),
        pytest.param("https://API.H.com", "api.h.com", id="no path, in capitals"),
        pytest.param("http://[::1]:80/v1", "[::1]:80", id="IPv6"),
        pytest.param("https://me:pw@h/v1", "h", id="credentials"),
        pytest.param("https://h?key=secret", "h", id="a query without a path"),
        pytest.param("https://h/v1?to=a/b@c", "h", id="a query behind a path"),
        pytest.param("", "", id="none"),
    ],
)
def test_the_authority_is_the_host_and_port_alone(base_url: str, expected: str) -> None:
    assert Origin(base_url=base_url).authority == expected


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        pytest.param("https://h/v1", "S (https://h/v1)", id="address"),
        pytest.param("https://h/v1?key=abc", "S (https://h/v1)", id="without its query"),
        pytest.param("https://me:pw@h/v1", "S (https://***@h/v1)", id="without credentials"),
        pytest.param("https://h:80/a@b/v1", "S (https://h:80/a@b/v1)", id="an @ in the path"),
        pytest.param("https://h?to=a@b", "S (https://h)", id="an @ in the query"),
        pytest.param("https://[::1]:80/a@b", "S (https://[::1]:80/a@b)", id="IPv6 and an @"),
        pytest.param("https://me:pw1@h/a@b", "S (https://***@b)", id="credentials and an @"),
        pytest.param("https://AbC+d/E1@h/v1", "S (https://***@h/v1)", id="what is no host"),
        pytest.param("https://me:1234567/x@h/v1", "S (https://***@h/v1)", id="what is no port"),
        pytest.param("https://abc/de@h/v1", "S (https://***@h/v1)", id="what may be no host"),
        pytest.param("http://LocalHost/a@b", "S (http://LocalHost/a@b)", id="this host"),
        pytest.param("http://box:80/a@b", "S (http://box:80/a@b)", id="a host by its port"),
        pytest.param("http://[::1]/a@b", "S (http://[::1]/a@b)", id="a host by its address"),
        pytest.param(f"https://h/{_KEY}/v1", "S (https://h/***/v1)", id="without the key"),
        pytest.param("", "S", id="no address"),
    ],
)
def test_a_service_is_shown_without_what_is_secret(base_url: str, expected: str) -> None:
    assert Origin("S", base_url, _KEY).shown == expected


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        pytest.param("https://h/v1", "https://h/v1/models", id="plain"),
        pytest.param("https://h/v1/", "https://h/v1/models", id="a slash at the end"),
        pytest.param("https://h", "https://h/models", id="no path"),
        pytest.param(" https://h/v1\n", "https://h/v1/models", id="white space around it"),
        pytest.param("HTTPS://h/v1", "https://h/v1/models", id="capitals"),
        pytest.param("https://h/v1/chat/completions", "https://h/v1/models", id="an endpoint"),
        pytest.param("https://h/v1/chat/completions/", "https://h/v1/models", id="and a slash"),
        pytest.param("https://h/v1?v=1", "https://h/v1/models?v=1", id="its query is kept"),
        pytest.param("https://h/v1#part", "https://h/v1/models", id="a fragment is not"),
        pytest.param("http://[::1]:8080", "http://[::1]:8080/models", id="IPv6"),
    ],
)
def test_an_endpoint_lies_under_the_base_url(base_url: str, expected: str) -> None:
    origin = Origin(base_url=base_url)

    assert origin.url("models") == origin.url("/models") == expected


def test_half_a_character_in_a_query_is_replaced() -> None:
    assert Origin("S", "https://h/v1").url("models", {"a": "\ud83c"}).endswith("?a=%3F")


def test_a_query_is_added_to_the_one_of_the_base_url() -> None:
    origin = Origin(base_url="https://h/v1?v=1")

    assert origin.url("models", {"a b": "c&d"}) == "https://h/v1/models?v=1&a+b=c%26d"


@pytest.mark.parametrize(
    ("base_url", "why"),
    [
        pytest.param("", "must begin with http", id="empty"),
        pytest.param("h/v1", "must begin with http", id="no scheme"),
        pytest.param("localhost:8080/v1", "must begin with http", id="a port and no scheme"),
        pytest.param("ftp://h/v1", "must begin with http", id="another scheme"),
        pytest.param("https://", "names no host", id="no host"),
        pytest.param("https://:80/v1", "names no host", id="only a port"),
        pytest.param("https://h:0/v1", "names no host", id="port 0"),
        pytest.param("https://h h/v1", "holds a space", id="a space"),
        pytest.param("https://h/v 1", "holds a space", id="a space in the path"),
        pytest.param("https://h/v\n1", "or a control character", id="a line end"),
        pytest.param("https://h/v1\x00", "or a control character", id="a control character"),
        pytest.param("https://h\ud800/v1", "or a control character", id="half a character"),
        pytest.param("https://h:99999/v1", "wrong host or port", id="a port too high"),
        pytest.param("https://h:eighty/v1", "wrong host or port", id="a port in words"),
        pytest.param("https://[::1/v1", "wrong host or port", id="half a bracket"),
        pytest.param("https://me@h/v1", "use the API key", id="a user"),
        pytest.param("https://:pw@h/v1", "use the API key", id="a password"),
    ],
)
def test_a_base_url_that_cannot_be_asked_is_refused(base_url: str, why: str) -> None:
    with pytest.raises(NotSent, match=f"^S cannot be asked: the base URL .*{why}"):
        Origin("S", base_url).url("models")


@pytest.mark.parametrize(
    "base_url",
    [
        pytest.param("https://me:hunter22@h/v1", id="a password"),
        pytest.param("https://me:hunter22/x@h/v1", id="a password with a slash"),
        pytest.param("https://me:hunter22?x@h/v1", id="a password with a question mark"),
        pytest.param("htps://h/v1?key=hunter22", id="a key in the query"),
        pytest.param("htps://h/v1/hunter22", id="the key in the path"),
    ],
)
def test_a_refused_base_url_is_shown_without_its_secrets(base_url: str) -> None:
    with pytest.raises(NotSent) as caught:
        Origin("S", base_url, "hunter22").url("models")
    told = str(caught.value)
    with pytest.raises(NotSent) as caught:
        Origin("S", base_url).url("models")

    assert "hunter22" not in told
    assert "hunter22" not in str(caught.value) or base_url.endswith("/hunter22")


def test_a_request_carries_the_key_and_says_what_it_is() -> None:
    assert Origin(secret=_KEY).headers({}) == {
        "Content-Type": "application/json",
        "User-Agent": "axio-transport-openai/1.0",
        "Authorization": f"Bearer {_KEY}",
    }


def test_an_empty_key_sends_no_header() -> None:
    assert "Authorization" not in Origin().headers({})


def test_extra_headers_win_however_they_are_spelt() -> None:
    made = Origin(secret=_KEY).headers({"authorization": "Basic x", "USER-AGENT": "me", "X-A": ""})

    assert made == {
        "Content-Type": "application/json",
        "authorization": "Basic x",
        "USER-AGENT": "me",
        "X-A": "",
    }


@pytest.mark.parametrize("key", ["sk-абв", "sk-a\nb", "sk-a\x7fb", "sk-\u202eab", "sk-a\tb"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(NotSent, match="API key for S contains characters") as caught:
        Origin("S", secret=key).headers({})

    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("", "x", id="no name"),
        pytest.param("a b", "x", id="a space in the name"),
        pytest.param("a:", "x", id="a colon in the name"),
        pytest.param("Authorization: Bearer hidden", "", id="the value in the name"),
        pytest.param("a\r\nb", "x", id="a line end in the name"),
        pytest.param("ä", "x", id="an umlaut in the name"),
        pytest.param("a", "hidden\r\nb: c", id="a line end in the value"),
        pytest.param("a", "hidden\x00", id="a zero in the value"),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused(name: str, value: str) -> None:
    with pytest.raises(NotSent, match="characters that no header may have") as caught:
        Origin().headers({name: value})

    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param(Origin("S\x1b[2J", "h/v1"), id="an address that is none"),
        pytest.param(Origin("S\x1b[2J", "https://h/v1", "kéy"), id="a key that is none"),
    ],
)
def test_a_services_name_shapes_no_terminal(origin: Origin) -> None:
    assert "S [2J" in origin.fault({})
    assert "S [2J" in origin.shown


def test_the_key_is_not_in_the_representation() -> None:
    assert _KEY not in repr(Origin("S", "https://h", _KEY))


@pytest.mark.parametrize(
    "base_url",
    [
        pytest.param("https://h/v1?key=hunter22", id="in the query"),
        pytest.param("https://h/v1?a=b&key=hunter%322#part", id="in the query, in other letters"),
        pytest.param("https://h/v1?hunter22", id="alone in the query"),
        pytest.param("https://me:hunter22@h/v1", id="as the password"),
    ],
)
def test_what_an_address_holds_is_neither_represented_nor_repeated(base_url: str) -> None:
    origin = Origin("S", base_url)

    assert "hunter22" not in repr(origin)
    assert origin.clean("no such key: hunter22") == "no such key: ***"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(_KEY, id="as it is"),
        pytest.param(_KEY.upper(), id="in capitals"),
        pytest.param(_KEY.removeprefix("sk-proj-"), id="without its prefix"),
        pytest.param(quote(_KEY), id="in a path"),
        pytest.param(quote_plus(_KEY), id="in a query"),
        pytest.param(quote(_KEY).lower(), id="in a query, small"),
        pytest.param(base64.b64encode(_KEY.encode()).decode(), id="in base64"),
        pytest.param(_KEY.rstrip("="), id="without its padding"),
        pytest.param(_KEY.replace("/", r"\/"), id="in PHP's JSON"),
        pytest.param(_KEY.replace("+", r"\u002B"), id="in .NET's JSON"),
    ],
)
def test_the_key_is_replaced_in_every_form_that_servers_write(written: str) -> None:
    assert Origin(secret=_KEY).clean(f"bad key '{written}', sorry").startswith("bad key '***")


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(html.escape("sk-a\"b&c<d'e"), id="in HTML"),
        pytest.param(json.dumps("sk-a\"b&c<d'e")[1:-1], id="amid a text in JSON"),
        pytest.param(r"sk-a\u0022b\u0026c\u003cd\u0027e", id="in JSON fit for HTML"),
    ],
)
def test_a_key_of_odd_characters_is_replaced_where_they_are_escaped(written: str) -> None:
    assert Origin(secret="sk-a\"b&c<d'e").clean(f"bad key <{written}>") == "bad key <***>"


def test_what_is_left_of_a_key_is_nothing_at_all() -> None:
    cleaned = Origin(secret=_KEY).clean(f"{_KEY}{_KEY}, {_KEY}")

    assert cleaned == "******, ***"


def test_a_placeholder_is_a_word_and_no_secret() -> None:
    assert Origin(secret="ollama").clean("ollama is busy") == "ollama is busy"
    assert Origin(secret="").clean("nothing to hide") == "nothing to hide"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a\x1b[31mb", "a [31mb", id="escapes"),
        pytest.param("a\r\n\tb", "a b", id="line ends, run together"),
        pytest.param("a\x00\x9bb", "a b", id="the other control characters"),
        pytest.param("a\ud83cb", "a b", id="half a character, which no terminal takes"),
        pytest.param("a\u202eb\u2066c\u2028d", "a b c d", id="marks that reorder, line ends"),
        pytest.param("a\ud83db\udf0d", "a b", id="halves of characters, which nothing can print"),
        pytest.param("  a  ", "a", id="white space around it"),
        pytest.param("é😀", "é😀", id="other letters stay"),
    ],
)
def test_what_could_shape_a_terminal_or_a_log_is_stripped(text: str, expected: str) -> None:
    assert Origin().clean(text) == expected


@given(st.text(max_size=400), st.integers(1, 50))
def test_no_text_is_longer_than_was_asked(text: str, limit: int) -> None:
    cleaned = Origin().clean(text, limit)

    assert len(cleaned) <= limit + len("...")
    assert all(letter.isprintable() or not letter.isascii() for letter in cleaned)


def test_a_text_that_was_cut_says_so() -> None:
    assert Origin().clean("abcdef", 5) == "abcde..."
    assert Origin().clean("abcde", 5) == "abcde"


@given(
    key=st.text("ab1", min_size=20, max_size=40).map("sk-".__add__),
    before=st.lists(st.sampled_from(["KEY", "\x00" * 50, "x" * 7]), max_size=60),
    limit=st.integers(100, 300),
)
def test_no_part_of_a_key_shows_where_the_text_is_cut(
    key: str, before: list[str], limit: int
) -> None:
    text = "".join(before).replace("KEY", key) + key
    cleaned = Origin(secret=key).clean(text, limit)

    assert key[:8] not in cleaned


@pytest.mark.parametrize(
    "written", [_KEY, quote_plus(_KEY), base64.b64encode(_KEY.encode()).decode()]
)
def test_no_part_of_a_key_shows_where_an_endless_text_is_cut(written: str) -> None:
    origin = Origin(secret=_KEY)

    for shown in range(1, len(written)):
        assert origin.clean("\0" * (65_536 - shown) + written) == ""


@given(st.text(min_size=7, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_no_key_survives_whatever_stands_around_it(key: str, before: str, after: str) -> None:
    cleaned = Origin(secret=key).clean(before + key + after)

    assert key not in cleaned or key in "***" or key.isspace()


def test_a_key_in_json_is_replaced_too() -> None:
    assert _KEY not in Origin(secret=_KEY).clean(json.dumps({"key": _KEY}))
