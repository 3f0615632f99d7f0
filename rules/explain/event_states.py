"""States of events and deliveries: name, meaning and the reader's next step.

The page *What the states mean* and docs/states.md show this table. Pages use only these names; machine
outputs keep the names of the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rules.delivery.outcomes import DUPLICATE as DUPLICATE_CODE
from rules.delivery.outcomes import MAY_HAVE_ARRIVED
from rules.delivery.refused_fields import left_out
from rules.models import Delivery

from .badges import Badge, badge
from .refusals import OWN_CODES


@dataclass(frozen=True, slots=True)
class EventState:
    """One state in the words of the pages.

    Args:
        means: What happened.
        then: What happens next by itself.
        action: What the reader can do.
    """

    badge: Badge
    means: str
    then: str
    action: str


RECEIVED = EventState(
    Badge("Received", "badge-info"),
    "The event is stored. Its rules have not run yet.",
    "A worker runs them within seconds.",
    "Nothing. If it stays like this, check that a worker runs.",
)
SENDING = EventState(
    Badge("Sending", "badge-info"),
    "The rules ran, and a request is about to leave.",
    "The event has an outcome within seconds.",
    "Nothing.",
)
DELIVERED = EventState(
    Badge("Delivered", "badge-ok"),
    "The vendor accepted everything that the rules sent.",
    "Nothing more.",
    "Nothing. Warnings on the page of the event say what could be better.",
)
DELIVERED_WITHOUT = EventState(
    Badge("Delivered without …", "badge-ok"),
    "The vendor refused an optional field and accepted the event without it.",
    "Nothing more.",
    "Open the event: it names the field and its data element. Correct them for later events.",
)
REFUSED = EventState(
    Badge("Refused", "badge-bad"),
    "The vendor refused the event.",
    "It is not sent again by itself.",
    "Open the event: it shows the vendor's words, the field and the advice. Correct it, publish, and retry.",
)
NOT_SENT = EventState(
    Badge("Not sent", "badge-bad"),
    "Our checks found that the vendor would refuse the event, or a rule failed. No vendor received it.",
    "It is not sent by itself.",
    "Open the event: it names the check or the rule. Correct it, publish, and retry.",
)
RETRYING = EventState(
    Badge("Retrying", "badge-warn"),
    "The vendor did not answer, or asked us to come back later.",
    "We send it again, with growing pauses, until the vendor would refuse it as too old.",
    "Nothing. “Retry now” on the page of the event sends it at once.",
)
AWAITED = EventState(
    Badge("Waiting for the answer", "badge-info"),
    "The vendor has accepted the event and is processing it. Its answer is not known yet.",
    "We ask until the vendor answers or the event expires. The event itself is never sent again.",
    "Nothing. “Ask now” on the page of the event asks at once.",
)
ON_HOLD = EventState(
    Badge("On hold", "badge-warn"),
    "The destination is closed: it pauses, or a token, a permission or a setting is wrong.",
    "Everything is kept. One event asks again every 15 minutes; when it is accepted, the others follow.",
    "Action required, unless the destination only pauses: the overview names the cause. Correct it and save.",
)
NO_MATCH = EventState(
    Badge("No match", "badge-muted"),
    "The conditions of no rule were met, no rule had anything to send, or no build was live.",
    "Nothing more.",
    "Nothing, if you expected it. Otherwise open the event: it shows the condition that was not met.",
)
DUPLICATE = EventState(
    Badge("Duplicate", "badge-muted"),
    "The destination had received the same event within 48 hours, and the extension holds duplicates back.",
    "It is not sent.",
    "Nothing. If both events are real, give each its own event ID.",
)
EXPIRED = EventState(
    Badge("Expired", "badge-bad"),
    "The event became too old for the vendor before it could be delivered.",
    "It is not sent.",
    "Open the event: it shows the last answer. Remove that cause for later events.",
)
UNCLEAR = EventState(
    Badge("Outcome unknown", "badge-bad"),
    "The request left, or the vendor accepted it, but no answer arrived. A second copy could count twice.",
    "It is not sent again by itself.",
    "Look for the event at the vendor. If it is not there, retry.",
)
ERASED = EventState(
    Badge("Erased", "badge-muted"),
    "Its property was deleted while the event waited.",
    "Nothing more.",
    "Nothing.",
)
STATES = (
    *(RECEIVED, SENDING, DELIVERED, DELIVERED_WITHOUT, REFUSED, NOT_SENT, RETRYING, AWAITED),
    *(ON_HOLD, NO_MATCH, DUPLICATE, EXPIRED, UNCLEAR, ERASED),
)
# An event shows the worst state of its deliveries; a waiting delivery comes first.
_WORST_FIRST = (ON_HOLD, RETRYING, AWAITED, SENDING, REFUSED, UNCLEAR, NOT_SENT, EXPIRED, DUPLICATE)
# States that the database can filter and count by itself, for choice lists and sums over many events.
GROUPS = {
    "received": RECEIVED.badge,
    "open": Badge("Retrying or on hold", "badge-warn"),
    "delivered": DELIVERED.badge,
    "no_match": NO_MATCH.badge,
    "dead": Badge("Refused or not sent", "badge-bad"),
    "expired": EXPIRED.badge,
    "erased": ERASED.badge,
}
LEDGER = {
    **{state: it.label for state, it in GROUPS.items()},
    "accepted": "Accepted",
    "open": "In progress",
}
DELIVERIES = {
    "pending": "Sending or retrying",
    "delivered": DELIVERED.badge.label,
    "parked": ON_HOLD.badge.label,
    "dead": GROUPS["dead"].label,
    "expired": EXPIRED.badge.label,
    "erased": ERASED.badge.label,
}
_ALONE = {
    "received": RECEIVED,
    "open": SENDING,
    "no_match": NO_MATCH,
    "dead": NOT_SENT,
    "expired": EXPIRED,
    "erased": ERASED,
}
# The outcome of one attempt, or of a test event.
ATTEMPTS = {
    "delivered": DELIVERED.badge,
    "accepted": Badge("Answer comes later", "badge-info"),
    "rejected": REFUSED.badge,
    "misconfigured": Badge("Action required", "badge-warn"),
    "retry": Badge("Not delivered", "badge-warn"),
    "unknown": Badge("Outcome unknown", "badge-warn"),
}


class Fate(NamedTuple):
    """Facts about a delivery that decide its state.

    Args:
        attempts: Number of times it was sent.
        lost: Labels of the fields that were removed.
        is_accepted: Whether the vendor accepted it and has not answered yet.
    """

    state: str
    code: str
    attempts: int
    lost: Sequence[str] = ()
    is_accepted: bool = False

    @classmethod
    def of(cls, delivery: Delivery) -> Fate:
        lost = left_out(delivery.warnings)
        return cls(delivery.state, delivery.code, delivery.attempts, lost, bool(delivery.receipt))


def delivery_badge(fate: Fate) -> Badge:
    """Return the badge of a delivery."""
    state = _state_of(fate)
    if state is None:
        return badge({}, fate.state)
    return _without(fate.lost) if state is DELIVERED_WITHOUT else state.badge


def event_badge(state: str, reason: str, fates: Iterable[Fate] = ()) -> Badge:
    """Return the badge of an event.

    Args:
        state: As stored.
        reason: As stored.
        fates: Facts about its deliveries, without those of earlier runs.
    """
    fates = list(fates)
    if state == "delivered":
        return _without([label for fate in fates for label in fate.lost])
    if reason == DUPLICATE_CODE:
        return DUPLICATE.badge
    if state in ("open", "dead") and (worst := _worst(fates, is_open=state == "open")):
        return worst.badge
    return _ALONE[state].badge if state in _ALONE else badge({}, state)


def _worst(fates: Iterable[Fate], *, is_open: bool) -> EventState | None:
    waiting = (ON_HOLD, RETRYING, AWAITED, SENDING)
    found = {id(it): it for fate in fates if (it := _state_of(fate))}
    wanted = (it for it in _WORST_FIRST if (it in waiting) == is_open)
    return next((it for it in wanted if id(it) in found), None)


def _state_of(fate: Fate) -> EventState | None:
    """Return the state; None if a newer version wrote it."""
    if fate.state == Delivery.State.DELIVERED:
        return DELIVERED_WITHOUT if fate.lost else DELIVERED
    if fate.state == Delivery.State.DEAD:
        return _ended(fate)
    if fate.state == Delivery.State.PENDING and fate.is_accepted:
        return AWAITED
    if fate.state == Delivery.State.PENDING:
        return RETRYING if fate.attempts else ON_HOLD if fate.code else SENDING
    return {"parked": ON_HOLD, "expired": EXPIRED, "erased": ERASED}.get(fate.state)


def _ended(fate: Fate) -> EventState:
    if fate.code == DUPLICATE_CODE:
        return DUPLICATE
    if fate.code in MAY_HAVE_ARRIVED:
        return UNCLEAR
    return REFUSED if fate.attempts and fate.code not in OWN_CODES else NOT_SENT


def _without(lost: Sequence[str]) -> Badge:
    """Return “Delivered without Phone”; several fields are counted, because the reason names them."""
    labels = list(dict.fromkeys(lost))
    if not labels:
        return DELIVERED.badge
    lost_text = labels[0] if len(labels) == 1 else f"{len(labels)} fields"
    return replace(DELIVERED.badge, label=f"Delivered without {lost_text}")
