"""What kind of failure an answer with an error is: pure, from its status, headers and body.

Bodies are in many shapes: `{"error": {"message", "type", "code"}}` (OpenAI, LM Studio),
`{"error": "text"}` (Ollama), `{"code", "error"}` (xAI), `{"type": "error", "error": {…}}`
(Anthropic), and a JSON array of such objects (Gemini's OpenAI layer). What they say is looked at
for known words and never shown: it may repeat the question, or a key.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import cast

from appliance.engine.providers.model import Fault, ProviderFaultError

_OVERLOADED = frozenset({429, 503, 529})
_FOR_A_PERSON = frozenset({401, 402, 403, 404})
_ABOUT_THE_QUESTION = frozenset({400, 413, 422})
_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size)|context_length_exceeded|prompt is too long|too many tokens"
    r"|maximum context|input is too long|exceeds? the (maximum|available) (number|context)"
)
_BAD_KEY = re.compile(r"api[ _-]?key|x-api-key|authentication|unauthenticated|credit balance")
_NO_MONEY = re.compile(r"insufficient_quota|exceeded your current quota.{0,40}billing|credit")
_REFUSED = re.compile(r"content_filter|content_policy|content management policy|\bsafety\b")
_DELAY = re.compile(r'"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"')
_LONGEST_WAIT_S = 86_400.0


def fault_of(
    status: int, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> ProviderFaultError:
    """Return what an answer with this status means.

    Args:
        status: Of HTTP.
        headers: With names in lower case.
        body: The beginning of it, whatever it is.
        now: For dates in `Retry-After`.
    """
    text = body.decode("utf-8", errors="replace")
    words = " ".join(_words_of(_json_of(text))).lower()
    fault = _fault_of(status, words)
    return ProviderFaultError(
        fault,
        f"it answered with status {status}",
        retry_after_s=_retry_after_s(headers, text, now) if fault is Fault.OVERLOAD else None,
    )


def fault_of_error(error: object) -> ProviderFaultError:
    """Return what an error inside a stream means, whose status was already 200."""
    words = " ".join(_words_of({"error": error})).lower()
    status = _status_said(error)
    if status is not None:
        return ProviderFaultError(_fault_of(status, words), "it broke off with an error")
    if _TOO_LONG.search(words):
        return ProviderFaultError(Fault.TOO_LONG, "the question is too long for it")
    if re.search(r"overloaded|rate.?limit|busy|resource_exhausted", words):
        return ProviderFaultError(Fault.OVERLOAD, "it is overloaded")
    if _REFUSED.search(words):
        return ProviderFaultError(Fault.REFUSAL, "it refused to answer")
    return ProviderFaultError(Fault.TRANSIENT, "it broke off with an error")


def _fault_of(status: int, words: str) -> Fault:
    if status == 429 and _NO_MONEY.search(words):  # noqa: PLR2004 -- as RFC 6585 numbers it
        return Fault.CONFIG
    if status in _OVERLOADED:
        return Fault.OVERLOAD
    if status in _FOR_A_PERSON or 300 <= status < 400:  # noqa: PLR2004 -- a moved address
        return Fault.CONFIG
    if status in _ABOUT_THE_QUESTION:
        return _about_the_question(words)
    return Fault.TRANSIENT


def _about_the_question(words: str) -> Fault:
    if _TOO_LONG.search(words):
        return Fault.TOO_LONG
    if _REFUSED.search(words):
        return Fault.REFUSAL
    # Gemini and xAI answer 400 to a wrong key, Anthropic to an empty account.
    return Fault.CONFIG if _BAD_KEY.search(words) else Fault.REQUEST


def _json_of(text: str) -> object:
    try:
        return cast("object", json.loads(text))
    except (ValueError, RecursionError):
        return None


def _words_of(value: object) -> Iterator[str]:
    """Yield what an error says in the members that makers use for it."""
    if isinstance(value, list):
        for one in cast("list[object]", value)[:4]:
            yield from _words_of(one)
        return
    if not isinstance(value, dict):
        return
    told = cast("dict[str, object]", value)
    for name in ("message", "type", "code", "status", "reason"):
        if isinstance(said := told.get(name), str):
            yield said[:2000]
    error = told.get("error")
    if isinstance(error, str):
        yield error[:2000]
    else:
        yield from _words_of(error)
    yield from _words_of(told.get("details"))


def _status_said(error: object) -> int | None:
    if not isinstance(error, dict):
        return None
    code = cast("dict[str, object]", error).get("code")
    is_status = isinstance(code, int) and not isinstance(code, bool) and 400 <= code < 600  # noqa: PLR2004
    return code if is_status and isinstance(code, int) else None


def _retry_after_s(headers: Mapping[str, str], text: str, now: datetime) -> float | None:
    said = headers.get("retry-after", "").strip()
    if milliseconds := headers.get("retry-after-ms", ""):
        return _seconds(milliseconds, 1000)
    if said:
        return _seconds(said, 1) if said[0].isdigit() else _seconds_until(said, now)
    delay = _DELAY.search(text)
    return _seconds(delay[1], 1) if delay else None


def _seconds(text: str, per_second: int) -> float | None:
    try:
        seconds = float(text) / per_second
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT_S) if math.isfinite(seconds) else None


def _seconds_until(text: str, now: datetime) -> float | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return min(max((at - now).total_seconds(), 0.0), _LONGEST_WAIT_S)
