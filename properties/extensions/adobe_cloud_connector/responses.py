"""The outcome of an answer to a fetch call, and the result for later actions.

Source: docs/reference/adobe.md, "Cloud Connector": the text of each answer under its key in ``responses``.
Adobe ignores the status. Here a refusal is an outcome of its own; otherwise a request that the server refused
would look delivered.
"""

from __future__ import annotations

from typing import Any

from properties.catalog.descriptor import Settings
from properties.catalog.javascript import to_text
from properties.catalog.outbound import Answer, Outcome
from properties.catalog.retry_after import retry_after

LONGEST_WORDS = 300
# Request Timeout, Too Early, Too Many Requests.
RETRIED = frozenset({408, 425, 429})


def read_answer(answer: Answer, sent_count: int) -> Outcome:
    """Return the outcome: delivered for 2xx, retry for failures of network or server, else refused."""
    status = answer.status
    if status is None:
        return _unanswered(answer.error)
    if 200 <= status < 300:
        return Outcome("delivered", code=str(status))
    if status in RETRIED or status >= 500:
        words = _words(answer) or f"The server answered {status}."
        return Outcome(
            "retry",
            str(status),
            words,
            retry_after_seconds=retry_after(answer),
            pause_destination=status == 429,
        )
    if status == 401:
        advice = "Correct the credential that this action sends. Waiting requests are then sent."
        words = _words(answer) or "The server does not accept the credential."
        return Outcome("misconfigured", "401", words, advice)
    return Outcome(
        "rejected", str(status), _words(answer) or f"The server answered {status}.", _advice(status)
    )


def result(answer: Answer, settings: Settings, earlier: Any) -> dict[str, Any]:
    """Return ``{"responses": {key: text}}``: the answers of earlier calls, and this one if it is saved."""
    kept = earlier.get("responses") if isinstance(earlier, dict) else None
    responses = dict(kept) if isinstance(kept, dict) else {}
    key = settings.get("responseKey")
    if key is not None and key != "":
        responses[to_text(key)] = answer.body
    return {"responses": responses}


def _unanswered(error: str) -> Outcome:
    if error == "not_public":
        advice = "Use an address on the public internet. Private addresses are never called from here."
        return Outcome("rejected", error, "The host has an address that is not public.", advice)
    if error == "unsendable":
        advice = "Check the address and the headers that the data elements return."
        return Outcome("rejected", error, "The address or a header cannot be sent.", advice)
    return Outcome("retry", error, _UNANSWERED.get(error, "The server could not be reached."))


_UNANSWERED = {
    "timeout": "The server did not answer in time.",
    "tls": "No secure connection: one side does not accept the certificate of the other.",
}


def _advice(status: int) -> str:
    if 300 <= status < 400:
        return "The server redirects to another address, and redirects are not followed. Correct the URL."
    if status in (404, 405, 410):
        return "Check the method and the URL of the action."
    return "Check the request of the action. Sending it again unchanged will not help."


def _words(answer: Answer) -> str:
    """Return the beginning of the server's message, in one line."""
    return " ".join(answer.body.split())[:LONGEST_WORDS]
