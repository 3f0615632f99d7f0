"""Reads Meta's answer to a request and returns the outcome for its events.

Source: Meta, Using the API; Handling Errors (Graph API); Rate Limiting (Marketing API).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from properties.catalog.outbound import Answer, Outcome, OutcomeKind
from properties.catalog.retry_after import retry_after

from .graph_errors import Action, GraphError, by_status, find_error

MESSAGE_LENGTH = 1000
REFERENCE_LENGTH = 100
# Longest wait that a header can request: a wrong clock or unit must not stop a pixel for days.
LONGEST_WAIT_SECONDS = 24 * 3600
NEARLY_USED_UP_PERCENT = 95
BREATHER_SECONDS = 60.0

_KINDS: Mapping[Action, OutcomeKind] = {
    "retry": "retry",
    "throttle": "retry",
    "reauth": "misconfigured",
    "park": "misconfigured",
    "fix": "rejected",
}
_NO_ANSWER = {
    "timeout": "Meta did not answer in time.",
    "connection": "No connection to Meta.",
    "tls": "No secure connection to Meta.",
    "too_large": "Meta's answer was larger than 64 KiB.",
}
_NOTHING_TO_DO = "Nothing to do: the event is sent again."
# Meta's messages may repeat a bad token, a bad parameter or an address.
_SECRETS = re.compile(
    r"EAA[A-Za-z0-9]+|[A-Za-z0-9_|-]{40,}|(?<=access_token=)[^\s&]+"
    r"|(?<![^\s@\"'<>])[^\s@\"'<>]++@[^\s@\"'<>]+"
)


def read_answer(answer: Answer, count: int) -> Outcome:
    """Return the outcome of an answer from the events edge.

    Args:
        answer: The answer from the transport.
        count: The number of events in the request.

    Returns:
        ``delivered`` only if Meta confirms the number of events that were sent.

    Source: Meta, Using the API (response); Handling Errors (Graph API).
    """
    if answer.status is None or answer.error:
        code = answer.error or "no_answer"
        message = _NO_ANSWER.get(code, "Meta's answer could not be read.")
        return Outcome("retry", code=code, message=message, advice=_NOTHING_TO_DO, unclear=answer.is_sent)
    body = _parse(answer.body)
    if body is None:
        return _unreadable(answer, answer.status)
    if isinstance(body.get("error"), Mapping):
        return _failed(answer, answer.status, body["error"])
    if 200 <= answer.status <= 299:
        return _slowed(_received(body, count), answer)
    error = {"message": f"HTTP status {answer.status} without an error object."}
    return replace(_failed(answer, answer.status, error), unclear=answer.status >= 500)


def _parse(text: str) -> dict[str, Any] | None:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _unreadable(answer: Answer, status: int) -> Outcome:
    """Return the outcome of HTML or a cut body: unknown for the events, but its status may ask to pause."""
    throttled = status == 429
    return Outcome(
        "retry",
        code=f"http_{status}",
        message=f"Meta's answer (HTTP {status}) was not JSON.",
        advice=_NOTHING_TO_DO,
        retry_after_seconds=_wait(answer, None),
        unclear=not 400 <= status <= 499,
        pause_destination=throttled,
    )


def _received(body: Mapping[str, Any], count: int) -> Outcome:
    reference = _reference(body)
    received = body.get("events_received")
    if received == count and not isinstance(received, bool):
        return Outcome("delivered", message=_tidy(_joined(body.get("messages"))), reference=reference)
    return Outcome(
        "retry",
        code="events_received",
        message=f"Meta confirmed {_tidy(str(received))[:20]} of {count} events.",
        advice=_NOTHING_TO_DO,
        reference=reference,
        unclear=True,
    )


def _slowed(outcome: Outcome, answer: Answer) -> Outcome:
    """Return the outcome of an accepted request, with a pause if Meta's limit is nearly used up.

    Source: Meta, Rate Limiting (Marketing API): slow down when a percentage nears 100.
    """
    if max(_percentages(answer), default=0) < NEARLY_USED_UP_PERCENT:
        return outcome
    seconds = _wait(answer, BREATHER_SECONDS)
    return replace(outcome, pause_destination=True, retry_after_seconds=seconds)


def _failed(answer: Answer, status: int, error: Mapping[str, Any]) -> Outcome:
    code, subcode = _whole(error.get("code")), _whole(error.get("error_subcode"))
    known = find_error(code, subcode) or by_status(status)
    passing = error.get("is_transient") is True and known.action != "throttle"
    rule = GraphError("retry", _NOTHING_TO_DO) if passing else known
    index, blamed = _blamed(error)
    return Outcome(
        _KINDS[rule.action],
        code=_code_text(code, subcode, status),
        message=_tidy(_message(error)),
        advice=rule.advice,
        reference=_reference(error),
        retry_after_seconds=_wait(answer, rule.wait_seconds) if _KINDS[rule.action] == "retry" else None,
        pause_destination=rule.action == "throttle",
        blamed_index=index,
        blamed_field=blamed,
    )


def _code_text(code: int | None, subcode: int | None, status: int) -> str:
    if code is None:
        return f"http_{status}"
    return f"{code}/{subcode}" if subcode else str(code)


def _whole(value: Any) -> int | None:
    try:
        return None if value is None or isinstance(value, bool) else int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _message(error: Mapping[str, Any]) -> str:
    texts = [error.get(key) for key in ("error_user_title", "error_user_msg")]
    return _joined(texts, ": ") or _joined([error.get("message")]) or "Meta gave no reason."


def _joined(texts: Any, separator: str = " ") -> str:
    found = [text for text in texts if isinstance(text, str) and text] if isinstance(texts, list) else []
    return separator.join(found)


def _tidy(text: str) -> str:
    """Shorten a message; remove line breaks and anything that may be a credential or personal."""
    return _SECRETS.sub("•••", " ".join(text[: 4 * MESSAGE_LENGTH].split()))[:MESSAGE_LENGTH]


def _reference(body: Mapping[str, Any]) -> str:
    trace = body.get("fbtrace_id")
    return trace[:REFERENCE_LENGTH] if isinstance(trace, str) else ""


def _blamed(error: Mapping[str, Any]) -> tuple[int | None, str]:
    """Return position and dotted key of the parameter that Meta names, in a list or in a message."""
    for path in (*_blame_specs(error), *_paths_in_texts(error)):
        if len(path) >= 2 and path[0] == "data":
            return _whole(path[1]), ".".join(str(part)[:100] for part in path[2:10])
    return None, ""


def _blame_specs(error: Mapping[str, Any]) -> Iterator[list[Any]]:
    data = error.get("error_data")
    if isinstance(data, str):
        data = _parse(data)
    specs = data.get("blame_field_specs") if isinstance(data, Mapping) else None
    yield from (spec for spec in (specs if isinstance(specs, list) else []) if isinstance(spec, list))


# "$['data'][0]['custom_data']['contents']", "data[0][user_data][em]"; messages for people use curly quotes.
_QUOTE = "[\"'‘’‚‛“”„]?"
_PATH = re.compile(
    rf"(?<![A-Za-z0-9_])\$?\[?{_QUOTE}data{_QUOTE}\]?\[{_QUOTE}[0-9]{{1,4}}{_QUOTE}\]"
    rf"(?:\[{_QUOTE}[A-Za-z0-9_]{{1,60}}{_QUOTE}\]|\.[A-Za-z0-9_]{{1,60}}){{0,8}}"
)
_UNEXPECTED = re.compile(r"\bkey [\"'‘“]([A-Za-z0-9_]{1,60})[\"'’”]", re.IGNORECASE)
_LONGEST_TEXT = 4000


def _paths_in_texts(error: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Yield the paths in Meta's messages; translated messages keep them.

    Source: observed, facebookincubator/ConversionsAPI-Tag-for-GoogleTagManager issue 20 ("must be an array");
    Stape community, topic 1753 ('Unexpected key "index" on param …').
    """
    for name in ("error_user_msg", "message", "error_user_title"):
        text = error.get(name)
        if not isinstance(text, str) or not (found := _PATH.search(text[:_LONGEST_TEXT])):
            continue
        path = re.findall(r"[A-Za-z0-9_]+", found[0])
        unexpected = _UNEXPECTED.search(text[: found.start()])
        yield [*path, unexpected[1]] if unexpected else path


# Usage of Meta's limits, and waits

_PERCENTAGES = ("call_count", "total_cputime", "total_time", "acc_id_util_pct")


def _percentages(answer: Answer) -> Iterator[float]:
    usages = [_parse(answer.headers.get(name, "")) or {} for name in ("x-app-usage", "x-ad-account-usage")]
    for usage in (*usages, *_business_usages(answer)):
        yield from (usage[name] for name in _PERCENTAGES if isinstance(usage.get(name), int | float))


def _business_usages(answer: Answer) -> Iterator[Mapping[str, Any]]:
    usage = _parse(answer.headers.get("x-business-use-case-usage", ""))
    for entries in (usage or {}).values():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping):
                yield entry


def _wait(answer: Answer, least: float | None) -> float | None:
    waits = [*filter(None, (retry_after(answer), least)), *_usage_waits(answer)]
    return min(max(waits), LONGEST_WAIT_SECONDS) if waits else None


def _usage_waits(answer: Answer) -> Iterator[float]:
    """Yield ``estimated_time_to_regain_access``, which Meta counts in minutes, in seconds.

    Source: Meta, Rate Limiting (Marketing API), X-Business-Use-Case-Usage.
    """
    for usage in _business_usages(answer):
        minutes = usage.get("estimated_time_to_regain_access")
        if isinstance(minutes, int | float) and minutes > 0:
            yield minutes * 60.0
