"""What each state is called, and how its badge looks. Text always says what the colour says."""

from __future__ import annotations

from dataclasses import dataclass

from rules.delivery.outcomes import MAY_HAVE_ARRIVED


@dataclass(frozen=True, slots=True)
class Badge:
    """A word and its class in the style sheet."""

    label: str
    css: str


EVENT = {
    "received": Badge("Received", "badge-info"),
    "open": Badge("Waiting", "badge-warn"),
    "delivered": Badge("Delivered", "badge-ok"),
    "no_match": Badge("No match", "badge-muted"),
    "dead": Badge("Failed", "badge-bad"),
    "expired": Badge("Expired", "badge-bad"),
    "erased": Badge("Erased", "badge-muted"),
}
DELIVERY = {
    "pending": Badge("Waiting", "badge-warn"),
    "delivered": Badge("Delivered", "badge-ok"),
    "parked": Badge("Parked", "badge-warn"),
    "dead": Badge("Refused", "badge-bad"),
    "expired": Badge("Expired", "badge-bad"),
    "erased": Badge("Erased", "badge-muted"),
}
OUTCOME = {
    "delivered": Badge("Accepted", "badge-ok"),
    "accepted": Badge("Answer comes later", "badge-info"),
    "rejected": Badge("Refused", "badge-bad"),
    "misconfigured": Badge("Needs a person", "badge-warn"),
    "retry": Badge("Retry later", "badge-warn"),
    "unknown": Badge("Outcome unknown", "badge-warn"),
}
RULE = {
    "success": Badge("Ran", "badge-ok"),
    "condition_not_met": Badge("Conditions not met", "badge-muted"),
    "failed": Badge("Failed", "badge-bad"),
}
CONDITION = {
    True: Badge("Met", "badge-ok"),
    False: Badge("Not met", "badge-muted"),
    None: Badge("Failed", "badge-bad"),
}
ACTION_RAN = Badge("Ran", "badge-ok")
ACTION_FAILED = Badge("Failed", "badge-bad")
NOT_REACHED = Badge("Not reached", "badge-muted")
WAITING = Badge("Waiting", "badge-warn")


DUPLICATE = Badge("Duplicate", "badge-muted")
AWAITED = Badge("Waiting for the answer", "badge-info")
OUTCOME_UNKNOWN = Badge("Outcome unknown", "badge-bad")


def event_badge(state: str, reason: str) -> Badge:
    """The badge of an event. One that was held back as a duplicate has failed at nothing."""
    return DUPLICATE if reason == "duplicate" else badge(EVENT, state)


def delivery_badge(state: str, code: str, *, is_accepted: bool = False) -> Badge:
    """The badge of a delivery. A duplicate was not refused, and neither was one that may have arrived.

    Args:
        is_accepted: Whether the vendor has accepted it and is asked for its answer.
    """
    if code == "duplicate":
        return DUPLICATE
    if state == "dead" and code in MAY_HAVE_ARRIVED:
        return OUTCOME_UNKNOWN
    return AWAITED if is_accepted and state == "pending" else badge(DELIVERY, state)


def badge(table: dict[str, Badge], key: str) -> Badge:
    """The badge of a state; one that a newer version wrote is shown by its name."""
    return table.get(key) or Badge(key.replace("_", " ").capitalize() or "Unknown", "badge-muted")
