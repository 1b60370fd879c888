"""What a service's words and names for a failure mean: the error, and the figures in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from . import errors

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["kind_meant", "overflow_meant"]

#: What services say, in names and in words, of an account without money, ...
_MONEY: Final = re.compile(
    r"\binsufficient_(?:user_)?quota\b|billing_hard_limit_reached|billing_not_active"
    r"|account_deactivated|insufficient[_ ]balance\b|exceeded_current_quota_error|\barrearage\b"
    r"|credit balance is too low|all available credits|out of credits|spending limit"
    r"|doesn.t have any credits|budget_exceeded|budget has been exceeded|exceeded budget for"
    r"|余额不足|额度不足|欠费"
    r"|balance is insufficient|overdue balance|free tier of the model has been exhausted"
    r"|freetieronly|\bsetlimitexceeded\b|quota is not enough|额度已用尽|no payment method"
    r"|valid credit card on file",
    re.IGNORECASE,
)
#: ... of a plan whose share is used up, unless it is that of a moment, ...
_PLAN: Final = re.compile(
    r"usage limit reached|(?:reached|exceeded) your (?:\w{1,9} ){0,2}usage limit(?!s? per)"
    r"|\bkey limit exceeded|weekly\S{0,9} limit exhausted"
    r"|(?:extra usage is|usage credits are) required",
    re.IGNORECASE,
)
_MOMENT: Final = re.compile(
    r"\b(?:per|this|one|1)[- ](?:second|minute)\b|concurren|please wait"
    r"|\b(?:retry|again|wait)\b.{0,10} \d{1,4} ?s(?:ec|\b)",
    re.IGNORECASE,
)
#: ... of content that a filter refused, ...
_OFFENCE: Final = re.compile(
    r"\bcontent_filter(?:ed)?\b|content_?policy_?violation|data_?inspection_?failed"
    r"|content exists risk|content management policy|inappropriate content|considered high risk"
    r"|\bsafety_check_type|(?:prompt|input|request|content) (?:was|has been) flagged"
    r"|violat\w{1,5} (?:\w{1,20} )?usage (?:guidelines|polic)|(?<!大小写)敏感|\bnew_sensitive\b"
    r"|unsafe or sensitive content|sensitivecontentdetected"
    r"|\b(?:input|output|prompt)\b.{0,20}\bcontains? sensitive (?:content|words?|information)"
    r"|\bsensitive_words_detected\b|content filtering policy|violated guardrail"
    r"|guardrail checks\b.{0,30}\bfailed|prompt blocked due to security|guardrail_triggered"
    r"|blocked by our content filters|access to this content for safety|\bcensorship_blocked\b",
    re.IGNORECASE,
)
#: ... of an invalid key (without a database LiteLLM knows no key but its own), ...
_KEY: Final = re.compile(
    r"(?:incorrect|invalid) api[-_ ]key|api[-_ ]key (?:is )?(?:not valid|invalid|expired)"
    r"|(?:missing|invalid) authorization header|\bno_db_connection\b|access token invalid"
    r"|authorization header is badly formatted",
    re.IGNORECASE,
)
#: ... of an unknown model, ...
_MODEL: Final = re.compile(
    r"\bmodel_(?:not_(?:found|supported|available)|decommissioned)\b|model not (?:exist|found)"
    r"|\b(?:invalid|unknown)_model\b|invalid model(?: name\b|:| ')|no such model"
    r"|unknown model(?:[:,]| ['\"])"
    r"|is not a valid model|model identifier is invalid|supported api model names are|模型不存在"
    r"|\bmodel(?:code:)?(?: \S+)? does not exist|\ballowed now, your model\b"
    r"|\bunsupported_api_for_model\b|does not work with the specified model"
    r"|\bmodel\b.{0,99}\bwith on-demand throughput isn.t supported"
    r"|\bmodel \S+ (?:not found|has been decommissioned|has reached its end of life)",
    re.IGNORECASE,
)
#: ... and of a conversation that does not fit the window.
_OVERFLOW: Final = re.compile(
    r"context_length_exceeded|exceed_context_size|model_context_window_exceeded"
    r"|max_prompt_tokens_exceeded|tokens_limit_reached|too_many_prompt_tokens"
    r"|context (?:size|length|window|limit)|maximum (?:context|prompt length|model length)"
    r"|total length of all messages is too long|too many (?:input )?tokens"
    r"|(?:prompt|input)(?: tokens)?(?: is)? too long|is too large to process"
    r"|prompt\b.{0,30}\bexceed|超长|上下文长度"
    r"|input tokens?\b.{0,30}\bexceed|exceeded model token limit|range of input length"
    r"|`inputs`.{0,30} must (?:be|have)|contextwindowexceeded|\b(?:than|to|exceed) max_seq_len\b"
    r"|\b(?:prompt|input|(?:message|input) token) length\b.{0,40}\bexceed"
    r"|reduce the length of the (?:input|prompt|messages|conversation)\b"
    r"|total tokens of image and text exceed|tokens in request more than max"
    r"|maximum supported sequence length|truncate prompt with n_keep"
    r"|prompt sequence length is greater"
    r"|(?:tokens|characters)_too_long|max input characters",
    re.IGNORECASE,
)
#: How large the window is, as they say where it is too small; 2013 is MiniMax's error.
_LIMIT: Final = re.compile(
    r"(?:tokens|\d) > (?P<over>\d{3,15})|(?P<before>\d{3,15}) maximum"
    r"|(?:maximum (?:context|prompt) length (?:is|of)|context (?:size|length|window)(?: of| is)?"
    r"|limit(?: of| is)?(?!: \d+ \+)|n_ctx\b|maximum(?: of| is)?|batch size:|max size:"
    r"|sequence length is greater than"
    r"|supported sequence length|should be \[\d+,|must be <=|less than|cannot exceed)\D{0,30}?"
    r"(?P<after>(?!2013\))\d{3,15})(?!\d| ?>)",
    re.IGNORECASE,
)
#: How large the conversation is, as they say then.
_ASKED: Final = re.compile(
    r"(?:requested(?: about| a total of)?|contains (?:at least )?|resulted in|request(?: has)?"
    r"|input(?: tokens| length)?|prompt is(?: too long:)?|token count(?: of)?|\(length|received"
    r"|given:|current length is|context limit:|n_keep\b|prompt_tokens|passed)"
    r"\W{0,3}(\d{3,15})(?!\d| output| input char)",
    re.IGNORECASE,
)
#: What they say of more than they take at the moment, which no shorter conversation changes.
_RATE: Final = re.compile(
    r"\bper[- ](?:second|minute|hour|day)\b|\brate[ _]limit|throttl|please wait", re.IGNORECASE
)
#: The errors that words stand for, whatever the status; the first that is said is meant.
_SAID: Final[Sequence[tuple[re.Pattern[str], type[errors.StatusError]]]] = (
    (_MONEY, errors.QuotaExhausted),
    (_OFFENCE, errors.ContentFiltered),
    (_KEY, errors.AuthenticationFailed),
    (_MODEL, errors.NotFound),
    (_OVERFLOW, errors.ContextOverflow),
)


def kind_meant(named: str) -> type[errors.StatusError] | None:
    """The error that these names and words of a service stand for; None where they do not say."""
    if _PLAN.search(named) and not _MOMENT.search(named):
        return errors.QuotaExhausted
    kind = next((kind for pattern, kind in _SAID if pattern.search(named)), None)
    return None if kind is errors.ContextOverflow and _RATE.search(named) else kind


def overflow_meant(said: str) -> tuple[int | None, int | None]:
    """The tokens that fit the window and those that were sent, as far as these words name them."""
    limit, asked = _LIMIT.search(said), _ASKED.search(said)
    return (
        int(limit["over"] or limit["before"] or limit["after"]) if limit else None,
        int(asked[1]) if asked else None,
    )
