from __future__ import annotations

import base64
import dataclasses

import pytest
from axio.events import AudioOutput, Citation, ImageOutput, ProviderEvent, StreamEvent

from axio_transport_openai.chunk import Delta
from axio_transport_openai.media import Sound, events, part_events

_PNG = b"\x89PNG...."


def _url(data: bytes = _PNG, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        pytest.param(
            {"type": "image_url", "image_url": {"url": _url()}},
            ImageOutput(0, _PNG, "image/png"),
            id="a picture",
        ),
        pytest.param(
            {"image_url": _url()}, ImageOutput(0, _PNG, "image/png"), id="written shorter"
        ),
        pytest.param(
            {"image_url": {"url": _url(kind="image/jpeg")}},
            ImageOutput(0, _PNG, "image/jpeg"),
            id="of another kind",
        ),
        pytest.param(
            {"image_url": {"url": _url(b"abcd").rstrip("=")}},
            ImageOutput(0, b"abcd", "image/png"),
            id="without its padding",
        ),
        pytest.param(
            {"image_url": {"url": "data:image/png;base64,-_-_"}},
            ImageOutput(0, b"\xfb\xff\xbf", "image/png"),
            id="in the other alphabet",
        ),
    ],
)
def test_a_picture_in_the_answer_is_given_as_one(
    part: dict[str, object], expected: ImageOutput
) -> None:
    assert list(part_events(part)) == [expected]
    assert list(events(Delta(images=[part]))) == [expected]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        pytest.param(
            {"type": "image_url", "image_url": {"url": "https://h/x"}}, "image_url", id="a link"
        ),
        pytest.param(
            {"type": "image_url", "image_url": {"url": _url(kind="image/svg+xml")}},
            "image_url",
            id="a kind that axio has not",
        ),
        pytest.param(
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,!"}},
            "image_url",
            id="no base64",
        ),
        pytest.param(
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,é"}},
            "image_url",
            id="no ASCII",
        ),
        pytest.param(
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}},
            "image_url",
            id="an empty picture",
        ),
        pytest.param({"type": "image_url", "image_url": None}, "image_url", id="null"),
        pytest.param({"type": "file", "file_id": "f"}, "file", id="another part"),
        pytest.param({"x": 1}, "part", id="a part of no type"),
    ],
)
def test_what_is_no_picture_is_passed_on_as_it_came(part: dict[str, object], kind: str) -> None:
    assert list(part_events(part)) == [ProviderEvent("openai", kind, part, 0)]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        pytest.param(
            {
                "type": "url_citation",
                "url_citation": {
                    "url": "https://h",
                    "title": "t",
                    "content": "c",
                    "start_index": 3,
                    "end_index": 9,
                },
            },
            Citation(0, "c", "t", "https://h", None, 3, 9, "char"),
            id="OpenAI nests it",
        ),
        pytest.param(
            {"type": "url_citation", "url": "https://h", "title": "t"},
            Citation(0, "", "t", "https://h", None, None, None, "unknown"),
            id="others do not",
        ),
        pytest.param(
            {"type": "file_citation", "file_citation": {"file_id": "f", "start_index": 0}},
            Citation(0, "", None, None, "f", 0, None, "char"),
            id="of a file",
        ),
        pytest.param(
            {"url": 5, "title": None, "start_index": "3"},
            Citation(0, "", None, None, None, None, None, "unknown"),
            id="with wild types",
        ),
        pytest.param(
            {"title": "a\ud83d", "content": "\ude00b"},
            Citation(0, "\ufffdb", "a\ufffd", None, None, None, None, "unknown"),
            id="with texts that were cut within a character",
        ),
    ],
)
def test_an_annotation_is_a_citation(annotation: dict[str, object], expected: Citation) -> None:
    (citation,) = events(Delta(annotations=[annotation]))

    assert citation == dataclasses.replace(expected, raw=annotation)


def test_what_is_neither_annotation_nor_picture_is_passed_over() -> None:
    assert list(events(Delta(annotations=[None, "x"], images=["x", 5]))) == []
    assert list(events(Delta(content="x"))) == []


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_sound_is_given_whole_at_the_end() -> None:
    sound = Sound()

    assert sound.add({"data": _encoded(b"ab")}) == []
    assert sound.add({"data": _encoded(b"cdef")}) == []
    assert sound.end() == [AudioOutput(0, b"abcdef", "audio/pcm")]


def _told(**audio: object) -> ProviderEvent:
    return ProviderEvent("openai", "audio", audio, 0)


@pytest.mark.parametrize(
    ("audio", "expected"),
    [
        pytest.param({"id": "a", "transcript": "hi"}, [_told(id="a", transcript="hi")], id="words"),
        pytest.param(
            {"data": _encoded(b"ab"), "transcript": "hi"},
            [_told(transcript="hi")],
            id="beside sound",
        ),
        pytest.param({"data": "!", "id": "a"}, [_told(data="!", id="a")], id="no base64"),
        pytest.param({}, [], id="nothing"),
        pytest.param(None, [], id="null"),
        pytest.param("x", [], id="text"),
    ],
)
def test_what_is_said_of_the_sound_is_passed_on(audio: object, expected: list[StreamEvent]) -> None:
    assert Sound().add(audio) == expected


def test_without_sound_there_is_none() -> None:
    sound = Sound()
    sound.add({"data": ""})

    assert sound.end() == []
