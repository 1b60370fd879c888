"""Structured reasoning, put together from its pieces to be sent back unaltered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from axio.events import ProviderOutput, ReasoningDelta

from . import hold
from .flow import more_blocks, more_details
from .lenient import is_object, objects
from .reasoning import BLOCKS, DETAILS, MARK, detail_text, marked
from .surrogate import whole

if TYPE_CHECKING:
    from .chunk import Delta
    from .flow import Count

__all__ = ["Kept"]

#: Fields that a service needs back as they are, the last that came: Copilot's, Google's.
_WHOLE: Final = ("reasoning_opaque", "extra_content")
#: The texts of a detail or a block, which come in pieces.
_TEXTS: Final = ("text", "summary", "data", "thinking")


class Kept:
    """The structured reasoning of one answer, put together to be sent back unaltered."""

    def __init__(self) -> None:
        """Begin with none."""
        #: How much is held of it, in bytes.
        self.held = 0
        self._details: list[_Item] = []
        self._blocks: list[_Item] = []
        self._whole: dict[str, object] = {}
        # Where the last delta had one detail or block with one text: what that went to, the name of
        # the text, and all else in it.
        self._last = self._details
        self._text = ""
        self._rest: dict[str, object] | None = None

    def add(self, delta: Delta) -> None:
        """Take what this delta carries of it."""
        self.held += hold.size(delta.reasoning_details, delta.thinking_blocks)
        details = objects(delta.reasoning_details)
        for detail in details:
            self._add_detail(detail)
        blocks = objects(delta.thinking_blocks)
        for block in blocks:
            self._add_block(block)
        self._last = self._details if details else self._blocks
        self._expect(details or blocks)
        for name in _WHOLE:
            if (found := _unmarked(getattr(delta, name))) is not None:
                self._whole[name] = found

    def go_on(self, form: str, payload: bytes, count: Count) -> ReasoningDelta | None:
        """Take a chunk that brings more of a thought in this form, and of what was kept of it last.

        None of any other. With the form given it is a :data:`~.flow.Flow`.
        """
        detailed = self._last is self._details
        more = (more_details if detailed else more_blocks)(payload, count)
        if more is None or more[0] != form or self.held > hold.MAX_HELD:
            return None
        _, said, piece = more
        if detailed and not said:
            said = detail_text(piece)
        text = piece.pop(self._text, None)
        if not (said and isinstance(text, str)) or piece != self._rest:
            return None
        self._last[-1].go_on(self._text, text)
        self.held += hold.PIECE + len(text)
        return ReasoningDelta(0, said)

    def outputs(self, provider: str) -> list[ProviderOutput]:
        """One item for each field that has to be sent back."""
        found: dict[str, object] = {
            DETAILS: [item.whole() for item in self._details],
            BLOCKS: [item.whole() for item in self._blocks],
        }
        return [
            ProviderOutput(provider, name, {name: value}, 0)
            for name, value in (found | self._whole).items()
            if value
        ]

    def _expect(self, pieces: list[dict[str, object]]) -> None:
        """Expect more of this detail or block, if it is alone, has one text and goes on."""
        piece = pieces[0] if len(pieces) == 1 else {}
        texts = [key for key in _TEXTS if isinstance(piece.get(key), str)]
        goes_on = self._last is self._details or _is_open(piece)
        self._text = texts[0] if len(texts) == 1 and goes_on else ""
        rest = {key: value for key, value in piece.items() if key != self._text}
        self._rest = rest if self._text else None

    def _add_block(self, block: dict[str, object]) -> None:
        """Join a piece of a thought to the last one, which its signature ends."""
        last = self._blocks[-1].found if self._blocks else {}
        if not (_is_open(last) and block.get("type") == "thinking"):
            self._blocks.append(_Item())
        self._blocks[-1].add(block)

    def _add_detail(self, detail: dict[str, object]) -> None:
        """Join a fragment to the last one, where it has the same place, type and id."""
        detail = {key: value for key, value in detail.items() if key != "signature" or value}
        last = self._details[-1].found if self._details else None
        if last is None or any(_differ(last, detail, key) for key in ("index", "type", "id")):
            self._details.append(_Item())
        self._details[-1].add(detail)


class _Item:
    """An object whose texts come in pieces, which are joined once."""

    __slots__ = ("_texts", "found")

    def __init__(self) -> None:
        #: What came of it; of a text, the first piece.
        self.found: dict[str, object] = {}
        self._texts: dict[str, list[str]] = {}

    def add(self, fragment: dict[str, object]) -> None:
        """Take a further fragment."""
        for key, value in fragment.items():
            if key in _TEXTS and isinstance(value, str):
                self._texts.setdefault(key, []).append(value)
                self.found.setdefault(key, value)
            elif value is not None or key not in self.found:
                self.found[key] = value

    def go_on(self, key: str, text: str) -> None:
        """Take more of one text, and nothing else."""
        self._texts[key].append(text)

    def whole(self) -> dict[str, object]:
        """All of it."""
        return self.found | {key: whole("".join(texts)) for key, texts in self._texts.items()}


def _is_open(block: dict[str, object]) -> bool:
    """Whether a block goes on with the next one of its kind."""
    return block.get("type") == "thinking" and not block.get("signature")


def _unmarked(extra: object) -> object:
    """What a service needs back of this ``extra_content``: all but the mark of a thought."""
    if not (is_object(extra) and marked(extra)):
        return extra
    left = {
        key: {name: value for name, value in one.items() if name != MARK} if is_object(one) else one
        for key, one in extra.items()
    }
    return {key: one for key, one in left.items() if one} or None


def _differ(last: dict[str, object], detail: dict[str, object], key: str) -> bool:
    one, other = last.get(key), detail.get(key)
    return one != other and (key != "id" or (one is not None and other is not None))
