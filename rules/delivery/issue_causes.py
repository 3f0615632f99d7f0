"""Says what an outcome is an issue for: the cause that identifies it, and what else its row shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from rules.engine import RunResult, mask_lookalikes
from rules.models import Delivery, InboundEvent, Issue

from .in_flight import InFlight, Ticket
from .outcome_kinds import OutcomeKind, delivery_kind
from .outcomes import CRASHED, DUPLICATE
from .refused_fields import is_incomplete

Kind = Issue.Kind
RULE_FAILED = "rule_failed"
# Reasons of an event that failed as a whole, without a delivery that says why.
WHOLE = frozenset({"build_broken", "internal_error", CRASHED})
LONGEST_MESSAGE = 1_000
A_VALUE_OF = "a value of "


class IssueCause(NamedTuple):
    """What identifies an issue. It is the same in every build."""

    property_id: int
    environment_id: int
    kind: str
    delegate: str
    destination: str
    code: str
    component_uid: str
    field: str

    @property
    def id(self) -> str:
        return Issue.id_of(*self)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One bad outcome of one event.

    Args:
        name: The event's name at the vendor; empty if it is not known.
        label: Label of the field, as on the form; empty if it is not known.
    """

    cause: IssueCause
    event_id: int
    rule_uid: str = ""
    rule_name: str = ""
    name: str = ""
    label: str = ""
    message: str = ""
    advice: str = ""

    @property
    def texts(self) -> dict[str, str]:
        found: dict[str, Any] = asdict(self)
        return {name: found[name] for name in ("rule_uid", "rule_name", "name", "label", "message", "advice")}


def of_outcomes(tickets: Iterable[Ticket], waited: Iterable[InFlight]) -> Iterator[Occurrence]:
    """Yield what the outcomes of claimed events and of waiting deliveries are issues for.

    Args:
        tickets: Events whose flights are all settled.
        waited: Settled deliveries that were claimed without their event.
    """
    tickets, waited = list(tickets), list(waited)
    yield from of_deliveries(delivery for ticket in tickets for delivery in ticket.deliveries)
    yield from of_deliveries(flight.delivery for flight in waited if not flight.is_over)
    yield from of_deliveries(it for flight in waited if flight.rest for it in flight.rest.deliveries)
    yield from _of_tickets(tickets)
    yield from _of_rests(waited)


def of_deliveries(deliveries: Iterable[Delivery]) -> Iterator[Occurrence]:
    """Yield what these settled deliveries are issues for; most are for none."""
    for delivery in deliveries:
        if delivery.state == Delivery.State.DELIVERED:
            yield from _without(delivery)
        elif delivery.state in (Delivery.State.DEAD, Delivery.State.EXPIRED) and delivery.code != DUPLICATE:
            message = str(mask_lookalikes(delivery.message))[:LONGEST_MESSAGE]
            yield _of(delivery, _kind(delivery), delivery.code, delivery.blamed_field, message=message)


def _without(delivery: Delivery) -> Iterator[Occurrence]:
    """Yield one for each field: a list may have lost several members."""
    found = {(_of_list(it["path"]), it["code"]): it for it in delivery.warnings if is_incomplete(it)}
    for (path, code), note in found.items():
        message = str(mask_lookalikes(note["message"]))[:LONGEST_MESSAGE]
        label = f"{A_VALUE_OF}{note['label']}" if note.get("is_cut") else note["label"]
        texts = {"message": message, "label": label[:255]}
        yield _of(delivery, Kind.WITHOUT, code, path[:255], **texts)


def _of_list(path: str) -> str:
    """Return the setting that holds a list, for the path of one of its members."""
    return str(path).partition("[")[0]


def _kind(delivery: Delivery) -> str:
    return Kind.REFUSED if delivery_kind(delivery) == OutcomeKind.REFUSED else Kind.NOT_SENT


def _of(delivery: Delivery, kind: str, code: str, field: str, **texts: str) -> Occurrence:
    cause = IssueCause(
        delivery.property_id,
        delivery.environment_id,
        str(kind),
        delivery.delegate,
        delivery.destination,
        code,
        delivery.component_uid,
        field,
    )
    given = {"name": delivery.name, "advice": delivery.advice, **texts}
    return Occurrence(cause, delivery.event_id, delivery.rule_uid, delivery.rule_name, **given)


def _of_tickets(tickets: Iterable[Ticket]) -> Iterator[Occurrence]:
    """Yield what claimed events are issues for apart from their deliveries."""
    for ticket in tickets:
        event = ticket.event
        if ticket.reason == RULE_FAILED and ticket.result is not None:
            refused = {delivery.rule_uid for delivery in ticket.refused}
            yield from _failed_rules(event, ticket.result, refused)
        elif ticket.reason in WHOLE:
            yield of_event(event, ticket.reason)


def _of_rests(waited: Iterable[InFlight]) -> Iterator[Occurrence]:
    """Yield what the rests of rules that waited are issues for apart from their deliveries."""
    for flight in waited:
        rest, delivery = flight.rest, flight.delivery
        if rest is None or not rest.reason:
            continue
        ids = {"property_id": delivery.property_id, "environment_id": delivery.environment_id}
        event = InboundEvent(id=delivery.event_id, **ids)
        if rest.reason == RULE_FAILED and rest.result is not None:
            yield from _failed_rules(event, rest.result, {it.rule_uid for it in rest.refused})
        else:
            yield of_event(event, rest.reason)


def of_event(event: InboundEvent, reason: str) -> Occurrence:
    """Return what an event is an issue for if it failed as a whole."""
    cause = IssueCause(event.property_id, event.environment_id, str(Kind.NOT_SENT), "", "", reason, "", "")
    return Occurrence(cause, event.pk, name=event.name)


def _failed_rules(event: InboundEvent, result: RunResult, refused: set[str]) -> Iterator[Occurrence]:
    for run in result.rules:
        if run.status != "failed" or run.id in refused:
            continue
        blamed = next((it for it in (*run.conditions, *run.actions) if it.error), None)
        cause = IssueCause(
            event.property_id,
            event.environment_id,
            str(Kind.NOT_SENT),
            blamed.delegate if blamed else "",
            "",
            RULE_FAILED,
            blamed.id if blamed else "",
            "",
        )
        message = str(mask_lookalikes(blamed.error if blamed else run.error))[:LONGEST_MESSAGE]
        yield Occurrence(cause, event.pk, run.id, run.name[:255], event.name, message=message)
