"""What to change in messages that a service refuses.

One function for each thing that can be wrong: the edit that a complaint asks for, or None.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .dialect import SKIP_SIGNATURE, Edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .complaint import Complaint
    from .dialect import Dialect, Plain
    from .tooling import Rule

__all__ = ["GENERAL", "PARTICULAR"]

#: What messages may carry beside role, content and calls.
_FIELDS: Final = (
    "reasoning_content",
    "reasoning_details",
    "reasoning_text",
    "reasoning",
    "thinking_blocks",
    "extra_content",
)
#: The parts that carry media, what services call them, and what leaves them out.
_MEDIA: Final[Sequence[tuple[str, str, dict[str, Plain]]]] = (
    ("image_url", r"image|vision|multimodal|mmproj|图片|多模态", {"images": False}),
    ("input_audio", r"audio|multimodal", {"audio": ""}),
    ("audio_url", r"audio|multimodal", {"audio": ""}),
    ("video_url", r"video|multimodal", {"video": ""}),
)
#: What services say of content that is not text.
_NOT_TEXT: Final = (
    r"unknown variant|expected (?:a )?(?:string|text)|must be (?:a )?string(?! or)"
    r"|input should be text|valid string|content blocks are|at most 0|content type(?!: <nil>)"
    r"|no endpoints found|support|list\[|sequence|cannot unmarshal array|have a type field"
    r"|content\.type|array not in string|single text element|concatenate str \(not list\)"
    r"|\blist object\b|expected str instance|text is not set|content part|not a vision|不支持"
    r"|at most \d+ (?:image|audio|video)|(?:input|modality) is not enabled|not a multimodal"
    r"|urls are only|part type|item type in content|not a vlm|type string but got array"
    r"|add-on is not loaded"
)
#: What they say of it where they name neither the part nor the kind.
_UNNAMED: Final = (
    r"content|messages?\W*\d(?!\W*role)|text element|concatenate|list object|str instance"
    r"|text is not set"
)
#: What they say of a picture that is at fault itself: the model takes others.
_THIS_ONE: Final = (
    r"invalid_image|image_parse|unsupported image(?! ?(?:input|content|url))\b"
    r"|following (?:image )?(?:formats|types)|image (?:format|type)s?\b.{0,40}not supported"
    r"|a valid image|supported image (?:format|type)s|mime type"
)
#: What they say of more pictures than one request may have: the model sees fewer.
_TOO_MANY: Final = r"too many images|(?:at most|up to|maximum of) [1-9]"
_FORMATS: Final = re.compile(r"\b(?:wav|mp3|flac|ogg|opus|aac|m4a|mp4|webm)\b")
#: What they say of reasoning that they want back.
_MISSED: Final = (
    r"(reasoning_content|reasoning)\b.{0,60}(?:must be (?:passed back|provided)|is missing"
    r"|is required|not be empty)"
    r"|(?:missing|must include)(?: field)? (reasoning_content|reasoning(?= field))\b"
)
#: What they say of reasoning that they cannot check, or do not read at all, or not there.
_WRONG: Final = r"(?:invalid|not valid|could not be|corrupt)"
_UNWANTED: Final = (
    rf"(?:signature|encrypted content).{{0,80}}{_WRONG}|{_WRONG}.{{0,20}}signature"
    r"|signature: field required|reasoning input is not|thinking block must contain"
    r"|both content and thinking|cannot contain thinking"
)
#: What they say of roles that are not in turn, and of an answer that comes last.
_IN_TURN: Final = r"(?:must|should) (?:be )?alternat|requests alternate|interleave the user|交替"
_LAST_WORD: Final = r"prefill|last (?:message|role)|ends? with a user|提问结束"

#: What services say of a system message that they take nowhere, and of one in the wrong place.
_NO_SYSTEM: Final = (
    r"(?:system|developer) (?:role|messages?|prompts?|instructions?)\W+(?:is |are )?not"
    r"|role\W+does not support system|(?:does not|doesn.?t) support (?:the )?system"
    r"|role: (?:input should be )?user(?: or|,) (?:assistant|model)|role must be user or assistant"
)
_SYSTEM: Final = (
    r"system message must|system.{0,30}(?:at the (?:beginning|start)|first)|role\W{1,3}system"
    r"|only (?:user(?:,| and) assistant.{0,10} roles|one system)|initial message.{0,20} system role"
)


def _roles(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """A role that the service or its template does not know, or not in this place."""
    if dialect.system_role == "developer" and complaint.says(r"\brole|developer|角色"):
        return Edit({"system_role": "system"}, "sent the system prompt as system")
    # As the user's it must come first: elsewhere two of the user's messages would be in a row.
    told: dict[str, Plain] = {"system_role": "user", "system_anywhere": False}
    placed = complaint.refuses and complaint.says(_SYSTEM)
    if complaint.says(_NO_SYSTEM) or (placed and not dialect.system_anywhere):
        return Edit(told, "sent the system prompt as the user's")
    if placed:
        return Edit({"system_anywhere": False}, "moved system messages")
    return None


def _order(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """Messages in an order that the service does not take."""
    alternate = complaint.says(_IN_TURN)
    begins = alternate and complaint.begins_with("assistant")
    after = r"role user.{0,20}after.{0,20}tool|user after tool"
    if complaint.says(after) or (alternate and not begins):
        return Edit({"user_after_tool": False}, "put an answer between results and the user")
    first = (
        r"(?:first message|begin|start).{0,40}user|immediately after a user|no user query found"
        r"|not contain elements with the role of user"
    )
    if complaint.says(first) or begins:
        return Edit({"user_first": True}, "let the user begin")
    if complaint.says(r"(?:single|one) tool.?calls? at (?:once|a time)"):
        return Edit({"calls_together": False}, "put each call in a message of its own")
    if dialect.prefill and complaint.says(_LAST_WORD):
        return Edit({"prefill": False}, "let the user have the last word")
    missed = (
        r"tools?=? ?param\w* |tools must be|requires? (?:the )?tools|toolconfig|must define tools"
    )
    if "tools" not in complaint.sent and complaint.says(missed):
        return Edit({"tools_required": True}, "offered a tool beside the calls")
    return None


def _reasoning(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """Reasoning in the history that is missed, cannot be checked, or is not wanted."""
    if complaint.says(r"missing a thought_?signature"):
        return Edit({"unsigned_call": SKIP_SIGNATURE}, "signed the calls that have no signature")
    if found := re.search(_MISSED, complaint.said):
        field = found[1] or found[2]
        dropped: list[Plain] = [name for name in dialect.message_dropped if name != field]
        changes: dict[str, Plain] = {"replay_field": field, "replay_required": True}
        changes |= {"replay": "always", "message_dropped": dropped}
        return Edit(changes, f"sent {field} with every answer")
    if complaint.says(_UNWANTED):
        return Edit({"replay": "never"}, "sent no reasoning back")
    return None


def _fields(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """What a message carries that the service does not know."""
    carried = [name for name in _FIELDS if complaint.carries(name)]
    # In words a service speaks of what it misses: Claude, of the thinking blocks of another turn.
    names = [name for name in carried if complaint.names(name, in_words=False)]
    if not names or not complaint.refuses or complaint.says(_MISSED):
        return None
    dropped: list[Plain] = [*sorted({*dialect.message_dropped, *names})]
    changes: dict[str, Plain] = {"message_dropped": dropped}
    if dialect.replay_field in names:
        changes |= {"replay_field": "", "replay_required": False}
    return Edit(changes, f"left {', '.join(names)} out of messages")


def _content(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """A content that says nothing, in a form that the service does not take."""
    missing = (
        r"content.{0,60}(?:null|none|required|missing|(?<!non-)empty|: <nil>)"
        r"|(?:null|missing field) content|\bnone is not of type string|\b(?:nonetype|nullvalue)\b"
        r"|content\b.{0,20}(?:must|should|to) be a (?:valid )?string"
    )
    if dialect.empty_content != "empty" and complaint.says(missing):
        return Edit({"empty_content": "empty"}, "sent an empty content instead of none")
    if dialect.empty_content == "empty" and complaint.says(r"content.{0,40}(?:empty|blank)"):
        return Edit({"empty_content": "null"}, "sent null instead of an empty content")
    return None


def _sounds(complaint: Complaint, _: Dialect) -> Edit | None:
    """A format of sound that is not among those the service says it takes."""
    if not (
        complaint.carries("input_audio")
        and complaint.says(r"input_audio\S{0,99}format|audio format")
    ):
        return None
    offer = re.split(r"supported (?:values|formats)|one of|must be", complaint.all_said)
    formats: list[Plain] = [*dict.fromkeys(_FORMATS.findall(offer[-1]))] if offer[1:] else []
    why = "described sound in other formats in words"
    return Edit({"audio_formats": formats}, why) if formats else None


def _media(complaint: Complaint, dialect: Dialect) -> Edit | None:
    """Images, sound or video for a model that takes none, or not there."""
    if (
        not complaint.says(_NOT_TEXT)
        or complaint.says(rf"{_THIS_ONE}|{_IN_TURN}")
        or complaint.points_at_empty_message()
    ):
        return None
    sent = [entry for entry in _MEDIA if complaint.carries(entry[0])]
    if dialect.images_in_results and complaint.carries("image_url") and complaint.says("tool"):
        return Edit({"images_in_results": False}, "moved images out of results")
    meant = [entry for entry in sent if complaint.names(entry[0])]
    meant = meant or [entry for entry in sent if complaint.says(entry[1])]
    if not meant and complaint.says(_UNNAMED):
        meant = [entry for entry in sent if not complaint.mentions(entry[0])]
    changes = {key: value for _, _, change in meant for key, value in change.items()}
    kinds = [part.removesuffix("_url").removeprefix("input_") for part, _, _ in meant]
    lasting: dict[str, Plain] | None = {} if complaint.says(_TOO_MANY) else None
    return Edit(changes, f"described {', '.join(kinds)} in words", lasting) if changes else None


#: Those for what a service names, and those read from few of its words, which come last.
PARTICULAR: Final[Sequence[Rule]] = (_reasoning, _fields)
GENERAL: Final[Sequence[Rule]] = (_sounds, _media, _content, _order, _roles)
