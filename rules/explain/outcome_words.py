"""The words, signs and colours of outcomes: what pages, commands and documents show.

``outcome_meanings`` explains them. Machine outputs keep the names of the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from properties.catalog.shown_times import in_text, until
from rules.delivery.outcome_kinds import OutcomeKind

Tone = Literal["ok", "warn", "bad", "info", "none"]
# Stands for ``at`` in a reason.
AT = "{at}"


@dataclass(frozen=True, slots=True)
class ShownOutcome:
    """An outcome as people read it: ``Retrying in 8 s, try 2 of 9``.

    Args:
        word: One of the eight words, or *Sending*.
        sign: Name of its icon.
        tone: Colour of the sign.
        reason: What follows the word, in grey; ``{at}`` stands for ``at``.
        at: A time in the reason.
        at_style: ``in`` for a time soon, ``text`` for a day.
        more: How many other deliveries the event has.
        kind: Its ``OutcomeKind``; "" for the outcome of a dry run.
    """

    word: str
    sign: str
    tone: Tone
    reason: str = ""
    at: datetime | None = None
    at_style: str = "text"
    more: int = 0
    kind: str = ""

    @property
    def label(self) -> str:
        """The whole outcome as text."""
        others = f"+{self.more}" if self.more else ""
        return " ".join(part for part in (self.word, self.said, others) if part)

    @property
    def said(self) -> str:
        """The reason as text."""
        if self.at is None:
            return self.reason
        return self.reason.replace(AT, until(self.at) if self.at_style == "in" else in_text(self.at))

    def because(self, reason: str, at: datetime | None = None, at_style: str = "text") -> ShownOutcome:
        """Return the same outcome with a reason."""
        return replace(self, reason=reason, at=at, at_style=at_style)


DELIVERED = ShownOutcome("Delivered", "ok", "ok", kind=OutcomeKind.DELIVERED)
WITHOUT = ShownOutcome("Delivered without", "without", "warn", kind=OutcomeKind.WITHOUT)
REFUSED = ShownOutcome("Refused", "refused", "bad", kind=OutcomeKind.REFUSED)
NOT_SENT = ShownOutcome("Not sent", "notsent", "bad", kind=OutcomeKind.NOT_SENT)
RETRYING = ShownOutcome("Retrying", "retry", "info", kind=OutcomeKind.RETRYING)
ON_HOLD = ShownOutcome("On hold", "hold", "warn", kind=OutcomeKind.ON_HOLD)
NO_MATCH = ShownOutcome("No match", "nomatch", "none", kind=OutcomeKind.NO_MATCH)
DUPLICATE = ShownOutcome("Duplicate", "dup", "none", kind=OutcomeKind.DUPLICATE)
SENDING = ShownOutcome("Sending", "retry", "info", kind=OutcomeKind.SENDING)

WORDS: dict[OutcomeKind, ShownOutcome] = {
    OutcomeKind.DELIVERED: DELIVERED,
    OutcomeKind.WITHOUT: WITHOUT,
    OutcomeKind.REFUSED: REFUSED,
    OutcomeKind.NOT_SENT: NOT_SENT,
    OutcomeKind.RETRYING: RETRYING,
    OutcomeKind.ON_HOLD: ON_HOLD,
    OutcomeKind.NO_MATCH: NO_MATCH,
    OutcomeKind.DUPLICATE: DUPLICATE,
    OutcomeKind.SENDING: SENDING,
}
TOO_OLD = "too old"
MAY_HAVE_ARRIVED = "again, it may have arrived"
PROPERTY_DELETED = "property deleted"
AWAITS_ANSWER = "waiting for the answer"

# Stored states of events, which the database filters and counts by itself.
GROUPS = {
    "received": SENDING,
    "open": replace(RETRYING, word="Retrying or on hold"),
    "delivered": DELIVERED,
    "no_match": NO_MATCH,
    "dead": replace(NOT_SENT, word="Refused or not sent"),
    "expired": NOT_SENT.because(TOO_OLD),
    "erased": NOT_SENT.because(PROPERTY_DELETED),
}
LEDGER = {
    **{state: it.label for state, it in GROUPS.items()},
    "accepted": "Accepted",
    "open": "In progress",
}
DELIVERIES = {
    "pending": "Sending or retrying",
    "delivered": DELIVERED.label,
    "parked": ON_HOLD.label,
    "dead": GROUPS["dead"].label,
    "expired": GROUPS["expired"].label,
    "erased": GROUPS["erased"].label,
}
# The outcome of one attempt.
ATTEMPTS = {
    "delivered": DELIVERED,
    "accepted": SENDING.because(AWAITS_ANSWER),
    "rejected": REFUSED,
    "misconfigured": ON_HOLD,
    "retry": RETRYING,
    "unknown": SENDING.because("ended before the answer"),
}


def some_of(labels: Sequence[str]) -> str:
    """Return the first label and the number of the others: ``Phone and 2 more``."""
    first, *others = labels
    return f"{first} and {len(others)} more" if others else first


def unknown_outcome(state: str) -> ShownOutcome:
    """Return the outcome for a state that a newer version wrote: its name."""
    return ShownOutcome(state.replace("_", " ").capitalize() or "Unknown", "nomatch", "none")


def attempt_outcome(kind: str) -> ShownOutcome:
    """Return the outcome of one attempt."""
    return ATTEMPTS.get(kind) or unknown_outcome(kind)


_WOULD = {
    OutcomeKind.DELIVERED: "Would be delivered",
    OutcomeKind.WITHOUT: "Would be delivered without",
    OutcomeKind.NOT_SENT: "Would not be sent",
    OutcomeKind.ON_HOLD: "Would be on hold",
    OutcomeKind.NO_MATCH: "Would match no rule",
}


def would_be(kind: OutcomeKind, reason: str = "") -> ShownOutcome:
    """Return the outcome of a dry run."""
    return replace(WORDS[kind], word=_WOULD[kind], reason=reason, kind="")
