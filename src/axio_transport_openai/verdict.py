"""A service's refusal as one of our errors: its kind, its message, whether asking again helps.

The same words mean the same whether they came with a status or inside a 200, so both are judged
here. What the words mean is in :mod:`.meaning`.
"""

from __future__ import annotations

import re
from html import unescape
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from . import errors
from .complaint import own
from .meaning import kind_meant, overflow_meant
from .refusal import Refusal
from .retry import said_wait

if TYPE_CHECKING:
    from axio.types import Usage

    from .origin import Origin

__all__ = ["in_stream", "is_about_form", "refused"]

#: The errors that statuses stand for; any other 5xx is a ServerFailed, all else a BadRequest.
_KINDS: Final[dict[int, type[errors.StatusError]]] = {
    401: errors.AuthenticationFailed,
    402: errors.QuotaExhausted,
    403: errors.PermissionRefused,
    404: errors.NotFound,
    410: errors.NotFound,
    429: errors.RateLimited,
}
#: How many characters of a service's words are searched: one event may hold megabytes.
_READ: Final = 64 * 1024
#: How many characters of each name: no service's is longer.
_NAME: Final = 1000
#: How many characters of an address are shown.
_ADDRESS: Final = 200
#: The beginning of a web page, a proxy's say: its words are not about the request.
_PAGE: Final = re.compile(r"\s*<(?:!doctype|\?xml|html|head)\b", re.IGNORECASE)
#: What Groq, llama.cpp and Ollama say where the model wrote a call or JSON that they cannot read.
_WRITTEN: Final = re.compile(
    "tool_use_failed|json_validate_failed|failed_generation|failed to parse input at pos"
    "|error parsing tool call",
    re.IGNORECASE,
)
#: Statuses that may pass by themselves, beside every 5xx: openai-python's and botocore's list, and
#: Groq's for want of capacity.
_TRANSIENT: Final = frozenset({408, 409, 425, 429, 498})
#: Those of redirects, which lead to the same place every time.
_REDIRECTS: Final = range(300, 400)
#: Codes and types by which services call a transient failure inside a 200.
_TRANSIENT_CODES: Final = frozenset(
    {
        "rate_limit_exceeded",
        "rate_limit_error",
        "overloaded",
        "overloaded_error",
        "server_error",
        "internal_server_error",
        "internal_error",
        "service_unavailable",
        "timeout",
        "engine_overloaded_error",
    }
)
#: The errors that no repetition changes, whatever the status they came with.
_FINAL: Final = (
    errors.AuthenticationFailed,
    errors.ContentFiltered,
    errors.ContextOverflow,
    errors.NotFound,
    errors.QuotaExhausted,
)
#: What services say of a request that cannot be served though they call the failure their own
#: (llama.cpp, LiteLLM in front of it): no repetition changes that either.
_PERMANENT: Final = re.compile(
    r"input is not supported|not a multimodal model"
    r"|does not support|not supported by|unsupported (?:content|param)"
    r"|must be created with embedding|requires (?:--\S+ flag|more system memory)"
    r"|validation error|_parsing\b|literal_error"
    r"|invalid_request_error|not_supported_error|badrequesterror"
    rf"|error code: (?!{'|'.join(map(str, sorted(_TRANSIENT)))})4\d\d",
    re.IGNORECASE,
)
#: Where a gateway's words tell the status that its own client was answered with: those of the
#: clients of OpenAI, of HTTP libraries, and of gateways.
_ANSWERED: Final = re.compile(
    r"(?:\A|\berror code: |\bapi error: |\breturned |\bstatus(?: code)?:? |\bhttp "
    r"|\b(?:client|server) error ')([45]\d\d)\b(?! tokens)",
    re.IGNORECASE,
)
#: A request that is over a limit per minute by itself: to wait does not help it.
_TOO_LARGE_AT_ONCE: Final = re.compile(
    r"Limit:? (\d{1,15}), (?:Used:? \d{1,15}, )?Requested:? ~?(\d{1,15})"
)
#: An allowance that is used up for the day or the month: OpenRouter's, Cloudflare's, Cohere's.
_DAILY: Final = re.compile("free-models-per-day|daily free allocation|API calls / month")
#: What a person can do about it.
_ADVICE: Final[dict[type[errors.APIError], str]] = {
    errors.AuthenticationFailed: "Check the API key.",
    errors.PermissionRefused: "Check what this key may use.",
    errors.NotFound: "Check the model's name and the base URL.",
    errors.QuotaExhausted: "Check the account's plan and balance.",
    errors.ContentFiltered: "Put it in other words, or see to the settings of the filter.",
    errors.ContextOverflow: "Shorten the conversation, or use a model with a larger window.",
}
#: Failures that say that the key will not do.
_KEYED: Final = frozenset({errors.AuthenticationFailed, errors.PermissionRefused})
#: What OpenRouter says where none of a model's providers does all that is asked.
_NOWHERE: Final = re.compile(
    "no (?:endpoints found (?:that|matching)|allowed providers)", re.IGNORECASE
)
#: A frame of the trace that programs in JavaScript, Java and C# put behind their words.
_FRAME: Final = re.compile(r"\n[ \t]{1,8}at [^\n]*(?::\d+|\))(?=\n|\Z)")
#: The title of a page.
_TITLE: Final = re.compile(r"<title[^>]*>([^<]*)</title", re.IGNORECASE)


def refused(
    status: int,
    refusal: Refusal,
    origin: Origin,
    *,
    request_id: str = "",
    retry_after: float | None = None,
    should_retry: bool | None = None,
    location: str = "",
) -> errors.StatusError:
    """The error for a response with a status that is not an answer's."""
    if status in _REDIRECTS:
        there = origin.clean(location.partition("?")[0], _ADDRESS)
        target = f" to {there}" if there else ""
        told = f"a redirect{target}, which is not followed; check the base URL"
        refusal = Refusal(happened=told)
    kind = _kind(status, refusal)
    retryable = _retryable(status, kind, refusal) if should_retry is None else should_retry
    final = kind is errors.QuotaExhausted or status in _REDIRECTS
    phrase = HTTPStatus(status).phrase if status in HTTPStatus else ""
    error = _error(
        kind,
        f"answered {status} {phrase}".rstrip(),
        refusal,
        origin,
        advice=_advice(kind, refusal, origin, origin.path_hint),
        status=status,
        retryable=retryable and not final,
    )
    error.request_id = origin.clean(request_id, 200)
    error.retry_after = retry_after or said_wait(_named(refusal))
    if isinstance(error, errors.ContextOverflow):
        error.limit, error.asked = overflow_meant(own(error.said))
    return error


def in_stream(refusal: Refusal, origin: Origin, usage: Usage | None) -> errors.ProviderError:
    """The error for a refusal that a 200 carried."""
    answered = _ANSWERED.search(own(refusal.said[:_READ]))
    status = refusal.status or (int(answered[1]) if answered else None)
    kind = _kind(status or 0, refusal)
    transient = status or refusal.names & _TRANSIENT_CODES
    error = _error(
        errors.ProviderError,
        "reported an error instead of the answer",
        refusal,
        origin,
        advice=_advice(kind, refusal, origin),
        status=status,
        retryable=bool(transient) and _retryable(status or 500, kind, refusal),
    )
    error.retry_after = said_wait(_named(refusal))
    error.usage = usage
    return error


def is_about_form(refusal: Refusal) -> bool:
    """Whether this may be about the form of the request, so that another form may help.

    It is not where it speaks of the account, the key, the model or a filter. Nor is it where the
    model itself wrote what is wrong: the next time, it writes something else.
    """
    # Also what the service repeats of others' words, which _named leaves out.
    named = " ".join((refusal.said, *refusal.names))
    if _PAGE.match(named) or _WRITTEN.search(named):
        return False
    return _said_kind(refusal) in {None, errors.ContextOverflow}


def _error[Kind: errors.APIError](
    kind: type[Kind],
    did: str,
    refusal: Refusal,
    origin: Origin,
    *,
    advice: str,
    status: int | None,
    retryable: bool,
) -> Kind:
    """The error that says what the service did and said, as far as it may be shown."""
    said = origin.clean(_FRAME.sub("", refusal.said))
    shown = said or origin.clean(refusal.happened) or "nothing further"
    stop = "." if advice and not shown.endswith((".", "!", "?", "。")) else ""
    return kind(
        f"{origin.shown} {did}: {_page(said) or f'{shown}{stop} {advice}'.rstrip()}",
        said=said,
        status=status,
        code=origin.clean(refusal.code, 100),
        names=frozenset(origin.clean(name, 100) for name in refusal.names),
        param=origin.clean(refusal.param, 200),
        retryable=retryable,
    )


def _advice(
    kind: type[errors.StatusError], refusal: Refusal, origin: Origin, lack: str = ""
) -> str:
    """What to do about it, with what the base URL may lack where nothing was found there."""
    if kind in _KEYED and origin.keyless:
        return "The transport has no API key: set one."
    if kind is not errors.NotFound:
        return _ADVICE.get(kind, "")
    if _NOWHERE.search(refusal.said):
        return "Use another model, or see to the account's settings."
    return _ADVICE[kind] + lack


def _page(said: str) -> str:
    """What a message tells of a web page: its title, not all of its text; empty if it is none."""
    if not _PAGE.match(said):
        return ""
    title = _TITLE.search(said)
    page = f"a web page, {unescape(title[1].strip())!r}." if title else "a web page."
    return f"{page} See to the base URL, and to any proxy in between."


def _kind(status: int, refusal: Refusal) -> type[errors.StatusError]:
    """The class of the error: by the words for two kinds, else by the status, else by the words."""
    said = _said_kind(refusal)
    sure = {errors.QuotaExhausted, errors.ContentFiltered}
    if said and (said in sure or status not in _KINDS):
        return said
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return errors.ServerFailed
    return _KINDS.get(status, errors.BadRequest)


def _said_kind(refusal: Refusal) -> type[errors.StatusError] | None:
    """The error that the names and words alone stand for; None where they do not say."""
    named = _named(refusal)
    return None if _PAGE.match(named) else kind_meant(named)


def _named(refusal: Refusal) -> str:
    """The service's own words and names for the failure, to be searched."""
    return " ".join((own(refusal.said[:_READ]), *(name[:_NAME] for name in refusal.names)))


def _retryable(status: int, kind: type[errors.StatusError], refusal: Refusal) -> bool:
    """Whether the same request may succeed later."""
    if issubclass(kind, _FINAL) or _DAILY.search(refusal.said):
        return False
    at_once = _TOO_LARGE_AT_ONCE.search(refusal.said)
    if at_once and int(at_once[2]) > int(at_once[1]):
        return False
    if status in _TRANSIENT:
        return True
    named = _named(refusal)
    failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED
    return failed and (not _PERMANENT.search(named) or _PAGE.match(named) is not None)
