"""What an answer carries beside text, reasoning and calls: citations, pictures, sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

import msgspec
from axio.blocks import ImageMediaType
from axio.events import AudioOutput, Citation, ImageOutput, ProviderEvent

from .lenient import base64_data, is_list, is_object, objects
from .surrogate import whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from axio.events import StreamEvent

    from .chunk import Choice, Delta

__all__ = ["Sound", "candidate", "events", "logprobs", "part_events", "sources"]

#: The name of the protocol in axio's events.
_PROVIDER: Final = "openai"

_IMAGES: Final[dict[str, ImageMediaType]] = {
    kind: kind for kind in get_args(ImageMediaType.__value__)
}


class Sound:
    """Spoken output, which comes in pieces and is given whole.

    Streamed audio is 16-bit PCM at 24 kHz (OpenAI's audio guide).
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._pieces: list[bytes] = []

    def add(self, audio: object) -> list[StreamEvent]:
        """Take a piece; what else the service says of it, such as a transcript, is passed on."""
        if not is_object(audio):
            return []
        if (piece := base64_data(audio.get("data"))) is not None:
            self._pieces.append(piece)
        rest = {key: value for key, value in audio.items() if key != "data" or piece is None}
        return [ProviderEvent(_PROVIDER, "audio", rest, 0)] if rest else []

    def end(self) -> list[StreamEvent]:
        """The sound, if there was any."""
        data = b"".join(self._pieces)
        return [AudioOutput(0, data, "audio/pcm")] if data else []


def events(delta: Delta) -> Iterator[StreamEvent]:
    """The citations and pictures that this delta adds."""
    for annotation in objects(delta.annotations):
        yield _citation(annotation)
    for image in objects(delta.images):
        yield from part_events(image)


def candidate(choice: Choice) -> ProviderEvent:
    """Another candidate's part of a chunk: it is no part of the answer."""
    data: dict[str, object] = msgspec.to_builtins(choice)
    return ProviderEvent(_PROVIDER, "choice", data, choice.index)


def logprobs(found: object) -> Iterator[ProviderEvent]:
    """How probable the tokens were, as the service wrote it, if it is more than empty fields."""
    if any(found.values()) if is_object(found) else found is not None:
        yield ProviderEvent(_PROVIDER, "logprobs", {"logprobs": found}, 0)


def part_events(part: dict[str, object]) -> Iterator[StreamEvent]:
    """The event of a part of the content that is not text: a picture, or the part as it came."""
    place = part.get("image_url")
    url = place.get("url") if is_object(place) else place
    if isinstance(url, str) and url.startswith("data:"):
        head, _, data = url.removeprefix("data:").partition(",")
        kind = _IMAGES.get(head.partition(";")[0])
        if kind and (found := base64_data(data)):
            yield ImageOutput(0, found, kind)
            return
    yield ProviderEvent(_PROVIDER, str(part.get("type", "part")), part, 0)


def sources(found: object) -> Iterator[Citation]:
    """The citations in a list of what an answer is drawn from: objects, or addresses alone."""
    for source in found if is_list(found) else ():
        if is_object(source) or isinstance(source, str):
            yield _citation(source if is_object(source) else {"url": source})


def _citation(annotation: dict[str, object]) -> Citation:
    """One annotation: OpenAI nests its fields under the type's name, others do not."""
    nested = annotation.get(str(annotation.get("type")))
    found = nested if is_object(nested) else annotation
    text = {key: whole(value) for key, value in found.items() if isinstance(value, str)}
    place = {key: value for key, value in found.items() if isinstance(value, int)}
    start = place.get("start_index")
    return Citation(
        0,
        cited_text=text.get("content", ""),
        title=text.get("title"),
        url=text.get("url"),
        source_id=text.get("file_id"),
        start=start,
        end=place.get("end_index"),
        unit="unknown" if start is None else "char",
        raw=annotation,
    )
