"""What the event log shows of one event, from the event and its deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

from properties.catalog.outbound import ServerEventFacts
from rules.models import Delivery, InboundEvent, LogGroup

from ..outcome_kinds import OutcomeKind, delivery_kind, own_kind, worst
from .groups import GroupKey


class Sent(NamedTuple):
    """One delivery of an event, and what is known of it beside its row.

    Args:
        facts: None if its payload is not at hand.
        ms: How long its last request took; None if none was made.
    """

    delivery: Delivery
    facts: ServerEventFacts | None = None
    ms: int | None = None
    is_test: bool = False
    test_code: str = ""


@dataclass(slots=True)
class LogLine:
    """The row of one event.

    Args:
        further: Groups of the deliveries that the row does not show.
        has_facts: Whether ``value`` and ``currency`` are known; if not, those of an earlier row stay.
        ids, emails: The texts by which it is found.
    """

    event_id: int
    group: GroupKey
    value: float | None = None
    currency: str = ""
    server_event_id: str = ""
    ms: int | None = None
    further: Sequence[GroupKey] = ()
    has_facts: bool = True
    ids: Sequence[str] = ()
    emails: Sequence[str] = ()


def line_of(event: InboundEvent, state: str, reason: str, sent: Sequence[Sent], sender_id: str) -> LogLine:
    """Return the row of an event: its worst delivery, and the groups of the others.

    Args:
        state, reason: Of the event, as they are written.
        sent: Its deliveries without those of earlier runs.
        sender_id: The id that its sender gave it, or "".
    """
    kinds = [delivery_kind(it.delivery) for it in sent]
    outcome = _outcome(state, reason, kinds)
    if not sent:
        group = GroupKey(event.property_id, event.environment_id, outcome, outcome, event.name, code=reason)
        return LogLine(event.id, group, ids=(sender_id,))
    if len(sent) == 1:
        return _single(event, outcome, kinds[0], sent[0], sender_id)
    order = sorted(range(len(sent)), key=lambda place: _badness(kinds[place]))
    line = _single(event, outcome, kinds[order[0]], sent[order[0]], sender_id)
    line.further = [_group(event, outcome, kinds[it], sent[it], is_further=True) for it in order[1:]]
    _add_facts(line, [facts for it in order[1:] if (facts := sent[it].facts)])
    return line


def _outcome(state: str, reason: str, kinds: Sequence[OutcomeKind | None]) -> str:
    """Return the outcome of an event as ``event_kind`` does, from the kinds of its deliveries."""
    known = [kind for kind in kinds if kind]
    if len(known) == 1 and state == InboundEvent.State.DELIVERED and not reason:
        return _NAMES[known[0]]
    own = own_kind(state, reason, known)
    return _NAMES[worst([own, *known] if own else known) or OutcomeKind.NOT_SENT]


def _single(
    event: InboundEvent, outcome: str, kind: OutcomeKind | None, sent: Sent, sender_id: str
) -> LogLine:
    group = _group(event, outcome, kind, sent, is_further=False)
    line = LogLine(event.id, group, server_event_id=sent.delivery.server_event_id, ms=sent.ms)
    line.ids, facts = (sender_id,), sent.facts
    if facts is None:
        line.has_facts = False
        return line
    line.value, line.currency, line.emails = _value(facts.value), facts.currency[:8], facts.emails
    if facts.order_id:
        line.ids = (sender_id, facts.order_id)
    return line


def _add_facts(line: LogLine, others: Sequence[ServerEventFacts]) -> None:
    """Add what the payloads of the other deliveries say."""
    if others and not line.has_facts:
        line.value, line.currency, line.has_facts = _value(others[0].value), others[0].currency[:8], True
    line.ids = (*line.ids, *(it.order_id for it in others))
    line.emails = (*line.emails, *(hashed for it in others for hashed in it.emails))


# Made once: each look at the name of an enum costs as much as the rest of a row.
_NAMES = {kind: kind.value for kind in OutcomeKind}
_ORDER = {kind: place for place, kind in enumerate(OutcomeKind)}


def worst_first(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Return deliveries in the order in which an event shows them."""
    return sorted(deliveries, key=lambda it: _badness(delivery_kind(it)))


def _badness(kind: OutcomeKind | None) -> int:
    return _ORDER[kind] if kind else len(_ORDER)


def _group(
    event: InboundEvent, outcome: str, kind: OutcomeKind | None, sent: Sent, *, is_further: bool
) -> GroupKey:
    delivery = sent.delivery
    is_good = kind is OutcomeKind.DELIVERED
    return GroupKey(
        event.property_id,
        event.environment_id,
        outcome,
        _NAMES[kind] if kind else "",
        event.name,
        delivery.name,
        delivery.rule_uid,
        delivery.rule_name,
        delivery.component_uid,
        delivery.delegate,
        delivery.destination,
        "" if is_good else delivery.code,
        "" if is_good else delivery.blamed_field,
        sent.is_test,
        is_further,
        sent.test_code[: LogGroup.TEST_CODE_LENGTH],
    )


def _value(value: float | None) -> float | None:
    return float(value) if value is not None and isfinite(value) else None
