"""Services whose differences are known before they refuse anything, by their hosts.

Data and nothing else: what is not here is learnt from the service's refusals.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from .dialect import COMPATIBLE, OPENAI, SIMPLE_SCHEMA, SKIP_SIGNATURE, Dialect

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KNOWN", "dialect_for"]

#: A name that begins with a letter.
_LETTER_FIRST: Final = "[a-zA-Z][a-zA-Z0-9_-]{0,63}"
_KIMI: Final = Dialect(
    effort="thinking",
    name_pattern=_LETTER_FIRST,
    schema_simple=True,
    replay_field="reasoning_content",
    replay_required=True,
    audio="",
)
_GLM: Final = Dialect(effort="thinking", audio="")

#: The dialects by host, in which a star stands for anything.
KNOWN: Final[Mapping[str, Dialect]] = {
    "api.openai.com": OPENAI,
    "*.api.openai.com": OPENAI,  # of a region, such as us.api.openai.com, to keep the data there
    "*.openai.azure.com": OPENAI,
    "api.deepseek.com": Dialect(
        effort="thinking",
        efforts=("low", "high", "max"),
        replay_field="reasoning_content",
        replay_required=True,
        audio="",
    ),
    "api.mistral.ai": Dialect(
        stream_options=False,
        user_after_tool=False,
        id_length=9,
        id_pattern="[a-zA-Z0-9]{9}",
        audio="",
    ),
    "generativelanguage.googleapis.com": Dialect(
        user_first=True,
        efforts=("none", "minimal", "low", "medium", "high"),
        name_pattern=_LETTER_FIRST,
        unsigned_call=SKIP_SIGNATURE,
        schema_simple=True,
        schema_words=True,
        schema_dropped=SIMPLE_SCHEMA,
    ),
    "api.groq.com": Dialect(
        limit_field="max_completion_tokens", message_dropped=("reasoning_content",), audio=""
    ),
    "api.cerebras.ai": Dialect(
        limit_field="max_completion_tokens", message_dropped=("reasoning_content",), audio=""
    ),
    "api.moonshot.ai": _KIMI,
    "api.moonshot.cn": _KIMI,
    "api.z.ai": _GLM,
    "open.bigmodel.cn": _GLM,
    "*.aliyuncs.com": Dialect(effort="enable_thinking", audio="data_url", video="video_url"),
    # A model that is shown its thoughts in the content goes on to write the tag by itself.
    "bedrock-runtime*.amazonaws.com": Dialect(thoughts_wrapped=True, replay="never"),
    "openrouter.ai": Dialect(effort="reasoning"),
    "integrate.api.nvidia.com": Dialect(limit_default=4096, effort="chat_template_kwargs"),
}


@lru_cache(maxsize=64)
def dialect_for(base_url: str) -> Dialect:
    """What the service at this address is known to take."""
    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:  # no request is sent to such an address
        return COMPATIBLE
    return next((KNOWN[name] for name in KNOWN if fnmatchcase(host, name)), COMPATIBLE)
