"""The outcome of an event, and of a delivery, with its reason: one function for each, for every page.

Source: docs/states.md, "Reasons".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from properties.catalog.registry import find_package
from rules.delivery.outcome_kinds import OutcomeKind, delivery_kind, event_kind
from rules.delivery.outcomes import FIRST_UNDER_WAY_CODE
from rules.delivery.outcomes import MAY_HAVE_ARRIVED as MAY_HAVE_ARRIVED_CODES
from rules.delivery.refused_fields import lost_fields
from rules.delivery.schedule import attempts_until
from rules.engine import mask_lookalikes
from rules.models import Delivery

from .outcome_words import (
    AT,
    AWAITS_ANSWER,
    MAY_HAVE_ARRIVED,
    PROPERTY_DELETED,
    TOO_OLD,
    WORDS,
    ShownOutcome,
    some_of,
    unknown_outcome,
)
from .refusals import refusal_of

# Reason of an event that has no delivery to explain it → a few words.
_OWN_REASONS = {
    "no_build": "no build was live",
    "no_rules": "the build has no rules",
    "conditions_not_met": "",
    "duplicate": "",
    "nothing_to_send": "nothing to send",
    "rule_failed": "a rule failed",
    "build_broken": "the build cannot run",
    "internal_error": "an error of this server",
    "worker_crash": "the worker stopped",
    "expired": TOO_OLD,
    "property_deleted": PROPERTY_DELETED,
    "erased": PROPERTY_DELETED,
}


def delivery_outcome(delivery: Delivery) -> ShownOutcome:
    """Return the outcome of a delivery."""
    kind = delivery_kind(delivery)
    if kind is None:
        return unknown_outcome(delivery.state)
    return _REASONS[kind](delivery) if kind in _REASONS else WORDS[kind]


def event_outcome(state: str, reason: str, deliveries: Sequence[Delivery] = ()) -> ShownOutcome:
    """Return the outcome of an event: the worst of its deliveries, and how many others there are.

    Args:
        state: As stored.
        reason: As stored.
        deliveries: Without those of earlier runs.
    """
    kind = event_kind(state, reason, deliveries)
    if kind is None:
        return unknown_outcome(state)
    deciding = next((it for it in deliveries if delivery_kind(it) == kind), None)
    shown = delivery_outcome(deciding) if deciding else WORDS[kind].because(_own_reason(reason))
    others = len(deliveries) - bool(deciding)
    return replace(shown, more=others) if others else shown


def _own_reason(reason: str) -> str:
    return _OWN_REASONS.get(reason, reason.replace("_", " "))


def _without(delivery: Delivery) -> ShownOutcome:
    return WORDS[OutcomeKind.WITHOUT].because(some_of(lost_fields(delivery.warnings)))


def _refused(delivery: Delivery) -> ShownOutcome:
    refusal = refusal_of(delivery, {})
    said = (refusal.label or refusal.cause) if refusal else delivery.message
    return WORDS[OutcomeKind.REFUSED].because(_as_reason(said))


def _not_sent(delivery: Delivery) -> ShownOutcome:
    return WORDS[OutcomeKind.NOT_SENT].because(_why_not_sent(delivery))


def _why_not_sent(delivery: Delivery) -> str:
    if delivery.state == Delivery.State.EXPIRED:
        package = find_package(delivery.delegate)
        return f"{TOO_OLD} for {package.display_name}" if package else TOO_OLD
    if delivery.state == Delivery.State.ERASED:
        return PROPERTY_DELETED
    if delivery.code in MAY_HAVE_ARRIVED_CODES:
        return MAY_HAVE_ARRIVED
    refusal = refusal_of(delivery, {}) if delivery.blamed_field else None
    label = refusal.label if refusal else ""
    return label or _as_reason(str(mask_lookalikes(delivery.message)) or delivery.code.replace("_", " "))


def _retrying(delivery: Delivery) -> ShownOutcome:
    shown = WORDS[OutcomeKind.RETRYING]
    if delivery.next_at is None:
        return shown
    tries = f", try {delivery.attempts + 1}" if delivery.attempts else ""
    if tries and delivery.expires_at:
        tries += f" of {attempts_until(delivery.attempts, delivery.next_at, delivery.expires_at)}"
    return shown.because(f"{AT}{tries}", delivery.next_at, "in")


def _on_hold(delivery: Delivery) -> ShownOutcome:
    shown = WORDS[OutcomeKind.ON_HOLD]
    return shown.because(f"until {AT}", delivery.expires_at) if delivery.expires_at else shown


def _sending(delivery: Delivery) -> ShownOutcome:
    return WORDS[OutcomeKind.SENDING].because(AWAITS_ANSWER if delivery.receipt else "")


def _duplicate(delivery: Delivery) -> ShownOutcome:
    shown = WORDS[OutcomeKind.DUPLICATE]
    if delivery.code == FIRST_UNDER_WAY_CODE:
        return shown.because("of an event that is being sent")
    first = str(mask_lookalikes(delivery.server_event_id))
    return shown.because(f"of {first}") if first else shown


def _as_reason(sentence: str) -> str:
    """Return a sentence without its end, to stand behind a word."""
    return sentence.strip().removesuffix(".")


_REASONS = {
    OutcomeKind.WITHOUT: _without,
    OutcomeKind.REFUSED: _refused,
    OutcomeKind.NOT_SENT: _not_sent,
    OutcomeKind.RETRYING: _retrying,
    OutcomeKind.ON_HOLD: _on_hold,
    OutcomeKind.SENDING: _sending,
    OutcomeKind.DUPLICATE: _duplicate,
}
