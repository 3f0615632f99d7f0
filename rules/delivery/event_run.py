"""Runs one stored event through the build it was accepted with, and collects what to send."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from properties.catalog import registry
from properties.catalog.descriptor import ActionType
from properties.catalog.outbound import BatchItem, OutboundRequest, ServerEventFacts
from properties.catalog.secret_markers import MARK, RunMarkers, dry_run_marker, old_markers
from rules.engine import Outbound, Refusal, RunResult, run_build
from rules.models import Delivery, InboundEvent
from rules.sandbox import shared_sandbox

from .code_credentials import CodeCredentials
from .compiled_builds import RunnableBuild
from .deduplication import dedup_key
from .in_flight import InFlight, Receipt, Ticket, to_json
from .page_marks import page_marks_of
from .refused_fields import left_out

logger = logging.getLogger(__name__)
TEST_SECONDS = 600
# Source: docs/reference/failures.md, "Retry schedule".
WAIT_SECONDS = 7 * 86_400
# Key in the envelope of a waiting delivery: its secret markers.
MARKERS = "$markers"


def run_event(
    event: InboundEvent,
    build: RunnableBuild | None,
    now: datetime,
    credentials: CodeCredentials | None = None,
    arrived: frozenset[tuple[str, str]] = frozenset(),
    test_code: str | None = None,
) -> Ticket:
    """Run a claimed event.

    Args:
        build: The build that was active when the event was accepted; None if that row is gone.
        now: Time for new rows.
        credentials: For its custom code.
        arrived: (component, destination) pairs that an earlier run of the event delivered; they are not sent
            again.
        test_code: What a person has set for its environment; see :class:`EventContext`.

    Returns:
        The event with everything to send. Never raises because of an event or a package.
    """
    ticket = Ticket(event, stage=build.stage if build else "", arrived=arrived)
    if event.build_id is None:
        ticket.reason, ticket.sender_id = "no_build", sender_id_of(_body_of(event))
    elif build is None or build.compiled is None:
        ticket.state, ticket.reason = InboundEvent.State.DEAD, "build_broken"
    else:
        _run(ticket, build, now, credentials, test_code)
    return ticket


def _run(
    ticket: Ticket,
    build: RunnableBuild,
    now: datetime,
    credentials: CodeCredentials | None,
    test_code: str | None,
) -> None:
    try:
        call = ticket.event.call()
        ticket.sender_id = sender_id_of(call["event"])
        ticket.page = page_marks_of(call, ticket.event.page_copies)
        ticket.result = _result(ticket.event, call, build, credentials, test_code)
        _take(ticket, ticket.result, now)
    except Exception as error:
        # A bug of ours or of a package: only this event fails.
        logger.exception("Event %s ended with %s", ticket.event.id, type(error).__name__)
        ticket.flights, ticket.refused, ticket.refused_facts = [], [], []
        ticket.state, ticket.reason = InboundEvent.State.DEAD, "internal_error"


def _body_of(event: InboundEvent) -> Any:
    """Return the parsed body; None if retention has removed it."""
    try:
        return json.loads(event.body)
    except ValueError:
        return None


def sender_id_of(body: Any) -> str:
    """Return the id that the sender gave the event, or the edge in its place; "" if there is none."""
    xdm = body.get("xdm") if isinstance(body, dict) else None
    return str(xdm.get("_id") or "") if isinstance(xdm, dict) else ""


def _result(
    event: InboundEvent,
    call: Mapping[str, Any],
    build: RunnableBuild,
    credentials: CodeCredentials | None,
    test_code: str | None,
) -> RunResult:
    assert build.compiled is not None  # noqa: S101 - the caller has checked
    return run_build(build.compiled, call, **live_arguments(event, credentials), test_code=test_code)


def live_arguments(
    event: InboundEvent, credentials: CodeCredentials | None, known: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the arguments of a run that really sends: its code may get the values of credentials.

    Args:
        known: The secret markers of the run that this one continues.
    """
    markers = RunMarkers(known)
    given = credentials.of(markers.names) if credentials else None
    scripts = replace(shared_sandbox(), credentials=given)
    return {**run_arguments(event), "secret_marker": markers, "scripts": scripts}


def run_arguments(event: InboundEvent) -> dict[str, Any]:
    """Return the arguments for a dry run of a stored event, apart from the event itself.

    The arguments are the same each time. Custom code gets secret markers, so nobody can read credentials from
    such a run. The code is never skipped and its failures do not count, because they would belong to another
    run.
    """
    return {
        "inbound_event_id": str(event.id),
        "received_at": event.received_at.timestamp(),
        "installation": settings.INSTALLATION,
        "secret_marker": dry_run_marker,
        "scripts": shared_sandbox().sandbox,
    }


def _take(ticket: Ticket, result: RunResult, now: datetime) -> None:
    refused_rules = {refusal.rule_id for refusal in result.refusals}
    if any(rule.status == "failed" and rule.id not in refused_rules for rule in result.rules):
        ticket.state, ticket.reason = InboundEvent.State.DEAD, "rule_failed"
    elif not result.items and not result.refusals:
        ticket.reason = _why_nothing(result)
    flights = [flight_of(ticket.event, it, now, result.secrets, ticket) for it in result.items]
    ticket.flights = [it for it in flights if not _has_arrived(it, ticket)] if ticket.arrived else flights
    ticket.refused = [refused_delivery(ticket.event, refusal, now) for refusal in result.refusals]
    ticket.refused_facts = [unsent_facts(refusal) for refusal in result.refusals]


def _has_arrived(flight: InFlight, ticket: Ticket) -> bool:
    return (flight.delivery.component_uid, flight.delivery.destination) in ticket.arrived


def _why_nothing(result: RunResult) -> str:
    if not result.rules:
        return "no_rules"
    is_met = any(rule.status == "success" for rule in result.rules)
    return "nothing_to_send" if is_met else "conditions_not_met"


def flight_of(
    event: InboundEvent,
    outbound: Outbound,
    now: datetime,
    markers: Mapping[str, str],
    ticket: Ticket | None = None,
) -> InFlight:
    """Return the delivery that an action made, with its row, which is not written yet.

    Args:
        markers: Name of the credential by its secret marker in the run.
    """
    delivery = _delivery(event, outbound, now)
    item = outbound.item if isinstance(outbound.item, BatchItem) else _alone(outbound.item, delivery)
    delivery.destination = item.destination[:255]
    delivery.name = item.name[:255]
    delivery.server_event_id = item.server_event_id[:255]
    delivery.batch_key = batch_key(outbound.delegate, item.envelope, markers)
    delivery.warnings = [asdict(warning) for warning in item.warnings]
    delivery.dedup_key = dedup_key(event.property_id, outbound.delegate, item.destination, item.dedup_key)
    delivery.holds_duplicates = item.on_duplicate == "hold"
    delivery.expires_at = _expires_at(item, event)
    action = action_type(outbound.delegate)
    delivery.attempts = vanished = event.claims - 1 if ticket and event.claims else 0
    return InFlight(
        delivery,
        action,
        item.envelope,
        item.payload,
        ticket,
        state=outbound.state,
        vanished=vanished,
        markers=markers,
        is_test=item.is_test,
        test_code=item.test_code,
    )


def _alone(request: OutboundRequest, delivery: Delivery) -> BatchItem:
    """Wrap a request that shares nothing: its envelope names the event and the action, so it is unique."""
    host = urlsplit(request.url).hostname or ""
    return BatchItem(
        destination=host,
        name=f"{request.method} {host}",
        envelope={"event": delivery.event_id, "component": delivery.component_uid},
        payload=asdict(request),
    )


def _delivery(event: InboundEvent, source: Outbound | Refusal, now: datetime) -> Delivery:
    return Delivery(
        event_id=event.id,
        property_id=event.property_id,
        environment_id=event.environment_id,
        rule_uid=source.rule_id,
        rule_name=source.rule_name,
        component_uid=source.component_id,
        delegate=source.delegate,
        created_at=now,
    )


def refused_delivery(event: InboundEvent, refusal: Refusal, now: datetime) -> Delivery:
    """Return the row, not written yet, of a delivery that the package refused before anything was sent."""
    delivery = _delivery(event, refusal, now)
    delivery.state, delivery.done_at = Delivery.State.DEAD, now
    delivery.code, delivery.message = refusal.code[:60], refusal.message
    delivery.blamed_field = refusal.field[:255]
    delivery.warnings = [asdict(warning) for warning in refusal.warnings]
    if refusal.unsent is not None:
        delivery.name = refusal.unsent.name[:255]
        delivery.server_event_id = refusal.unsent.server_event_id[:255]
    return delivery


def unsent_facts(refusal: Refusal) -> ServerEventFacts | None:
    """Return what the log shows of a delivery that was refused before it was sent."""
    return facts_of(action_type(refusal.delegate), refusal.unsent.payload) if refusal.unsent else None


def facts_of(action: ActionType | None, payload: Mapping[str, Any]) -> ServerEventFacts | None:
    """Return what a package says about a payload for the log; None if it says nothing. Never raises."""
    if action is None or action.facts is None or not payload:
        return None
    try:
        return action.facts(payload)
    except Exception as error:
        # A bug of a package: only the log lacks something.
        logger.exception("The facts of a payload ended with %s", type(error).__name__)
        return None


def _expires_at(item: BatchItem, event: InboundEvent) -> datetime:
    """Return when to stop sending. Our own limit applies too, so no personal data is kept for ever."""
    received_at = event.received_at.timestamp()
    limit = item.expires_at if item.expires_at is not None else received_at + WAIT_SECONDS
    return datetime.fromtimestamp(min(limit, received_at + TEST_SECONDS) if item.is_test else limit, UTC)


def batch_key(delegate: str, envelope: Mapping[str, Any], markers: Mapping[str, str]) -> str:
    """Return a hash of everything that events must share to share a request; secrets count by name."""
    canonical = json.dumps([delegate, envelope], sort_keys=True, separators=(",", ":"))
    for marker, name in markers.items():
        # JSON text cannot contain NUL, so no envelope can contain this.
        canonical = canonical.replace(marker, f"\0{name}\0")
    return hashlib.sha256(canonical.encode()).hexdigest()


def action_type(delegate: str) -> ActionType | None:
    """Return the action type of a delegate id, or None if its package is gone."""
    package_name, _, name = delegate.partition("::actions::")
    package = registry.packages().get(package_name)
    return next((a for a in package.actions if a.name == name), None) if package else None


def waiting_flight(delivery: Delivery) -> InFlight:
    """Return a waiting delivery, ready to be sent again: the same bytes, to the current address."""
    envelope, markers = read_envelope(delivery)
    payload = json.loads(delivery.payload or "{}")
    state = json.loads(delivery.rule_state) if delivery.rule_state else None
    if state is not None and "markers" not in state:
        state["markers"] = old_markers(delivery.rule_state, delivery.property_id)
    # Repeating a question about a receipt changes nothing.
    vanished = 0 if delivery.receipt else max(delivery.claims - 1, 0)
    delivery.attempts += vanished
    action, lost_a_field = action_type(delivery.delegate), bool(left_out(delivery.warnings))
    is_wait = state is not None and "again" in state
    if action is not None and action.readdress is not None and not is_wait:
        envelope = dict(action.readdress(envelope, settings.INSTALLATION))
        delivery.batch_key = batch_key(delivery.delegate, envelope, markers)
    return InFlight(
        delivery,
        action,
        envelope,
        payload,
        state=state,
        lost_a_field=lost_a_field,
        vanished=vanished,
        markers=markers,
        receipt=Receipt(**delivery.receipt) if delivery.receipt else None,
    )


def read_envelope(delivery: Delivery) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the envelope of a waiting delivery, and the secret markers in it and in its payload."""
    envelope: dict[str, Any] = json.loads(delivery.envelope or "{}")
    markers = envelope.pop(MARKERS, None)
    if markers is None and MARK in delivery.envelope + delivery.payload:
        # The delivery dates from a release before markers were random; none waits longer than
        # WAIT_SECONDS.
        markers = old_markers(delivery.envelope + delivery.payload, delivery.property_id)
    return envelope, markers or {}


def keep_to_resend(flight: InFlight) -> None:
    """Store in the row everything that is needed to send it again."""
    envelope, payload = to_json(flight.envelope), to_json(flight.payload)
    if MARK in envelope or MARK in payload:
        used = {it: name for it, name in flight.markers.items() if it in envelope or it in payload}
        envelope = to_json({**flight.envelope, MARKERS: used})
    flight.delivery.envelope, flight.delivery.payload = envelope, payload
    flight.delivery.rule_state = to_json(flight.state) if flight.state is not None else ""
    flight.delivery.receipt = flight.receipt._asdict() if flight.receipt else None
