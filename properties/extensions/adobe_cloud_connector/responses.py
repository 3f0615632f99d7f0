"""What the answer to a fetch call means, and what it leaves for later actions.

Source: docs/reference/adobe.md, "Cloud Connector": the text of each answer under its key in ``responses``.
Adobe looks at no status. Here an answer that refuses is an outcome of its own, because a request that nobody
took would look delivered otherwise.
"""

from __future__ import annotations

from typing import Any

from properties.catalog.descriptor import Settings
from properties.catalog.javascript import to_text
from properties.catalog.outbound import Answer, Outcome
from properties.catalog.retry_after import retry_after

LONGEST_WORDS = 300
# Too many requests, a timeout on the other side, a request that came too early.
RETRIED = frozenset({408, 425, 429})


def read_answer(answer: Answer, sent_count: int) -> Outcome:
    """2xx is delivered, trouble on the way or on the other side is tried again, anything else is refused."""
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
        advice = "Correct the credential that this action sends; what waits is sent then."
        return Outcome("misconfigured", "401", _words(answer) or "The server asks who is calling.", advice)
    return Outcome(
        "rejected", str(status), _words(answer) or f"The server answered {status}.", _advice(status)
    )


def result(answer: Answer, settings: Settings, earlier: Any) -> dict[str, Any]:
    """``{"responses": {key: text}}``: what earlier calls of the rule left, and this answer if it is kept."""
    kept = earlier.get("responses") if isinstance(earlier, dict) else None
    responses = dict(kept) if isinstance(kept, dict) else {}
    key = settings.get("responseKey")
    if key is not None and key != "":
        responses[to_text(key)] = answer.body
    return {"responses": responses}


def _unanswered(error: str) -> Outcome:
    if error == "not_public":
        advice = "Use an address on the public internet. Private addresses are never called from here."
        return Outcome("rejected", error, "The host stands for an address that is not public.", advice)
    if error == "unsendable":
        advice = "Look at the address and the headers that the data elements gave."
        return Outcome("rejected", error, "The address or a header cannot be sent.", advice)
    return Outcome("retry", error, _UNANSWERED.get(error, "The server could not be reached."))


_UNANSWERED = {
    "timeout": "The server did not answer in time.",
    "tls": "No secure connection: the certificate of one side is not accepted by the other.",
}


def _advice(status: int) -> str:
    if 300 <= status < 400:
        return (
            "The server wants to be called at another address; redirects are not followed. Correct the URL."
        )
    if status in (404, 405, 410):
        return "Look at method and URL of the action."
    return "Look at what the action sends; sending it again unchanged cannot help."


def _words(answer: Answer) -> str:
    """The beginning of what the server said, in one line."""
    return " ".join(answer.body.split())[:LONGEST_WORDS]
