"""Reads Acme's answer: the outcome of each event of a request.

Source: https://docs.acme.example/conversions#answers
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from properties.catalog.outbound import Answer, Outcome, Outcomes
from properties.catalog.retry_after import retry_after

MESSAGE_LENGTH = 500


def read_answer(answer: Answer, sent_count: int) -> Outcomes:
    """Return one outcome for each event, or one for all where Acme has not looked at the events."""
    status, code = answer.status, f"http_{answer.status}"
    if status is None:
        return Outcome("retry", answer.error, "Acme did not answer.", unclear=answer.is_sent)
    if status in (401, 403):
        return Outcome("misconfigured", code, "Acme refuses the access token.", "Store a new token.")
    if status == 429:
        seconds = retry_after(answer)
        return Outcome("retry", code, "Too many.", retry_after_seconds=seconds, pause_destination=True)
    results = _results(answer.body)
    if len(results) == sent_count:
        return [_one(result) for result in results]
    if 400 <= status <= 499:
        return Outcome("rejected", code, answer.body[:MESSAGE_LENGTH])
    return Outcome("retry", code, "Acme's answer cannot be read.", unclear=True)


def _one(result: Mapping[str, Any]) -> Outcome:
    if result.get("status") == "ok":
        return Outcome("delivered")
    message = str(result.get("message", ""))[:MESSAGE_LENGTH]
    return Outcome("rejected", str(result.get("code", "")), message)


def _results(body: str) -> list[Mapping[str, Any]]:
    """The list with one result for each event; empty if the answer has another form."""
    try:
        results = json.loads(body)["results"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    is_list = isinstance(results, list) and all(isinstance(result, Mapping) for result in results)
    return results if is_list else []
