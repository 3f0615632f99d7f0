"""Resumes rules that waited for an answer, for a credential, or until a component could run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rules.engine import RunResult, resume_rule
from rules.models import Activation, InboundEvent

from .code_credentials import CodeCredentials, credentials_for, place_of
from .codes_of_events import codes_of
from .compiled_builds import RunnableBuild, runnable_builds
from .event_run import flight_of, live_arguments, refused_delivery, unsent_facts
from .in_flight import InFlight, Rest
from .outcomes import put_off, wait_for_turn

logger = logging.getLogger(__name__)


def resume(flight: InFlight, now: datetime) -> Rest | None:
    """Run the rest of a rule after the request of ``flight`` was answered.

    New deliveries get rows of their own, written together with the outcome of the request. If the process
    dies in between, the request is not repeated.

    Returns:
        None if the event no longer exists, or is no longer open.

    Raises:
        django.db.Error: The database is unavailable. Call it again.
    """
    event = flight.ticket.event if flight.ticket else _open_event(flight.delivery.event_id)
    if event is None or event.build_id is None:
        return None
    build = _build(flight, event)
    credentials = credentials_for([(event, build)]).get(place_of(event))
    code = codes_of([event]).get(event.id)
    rest = _run(flight, event, build, now, credentials, code)
    _put_off_again(flight, rest, now)
    for follower in rest.flights:
        _wait(follower, now)
    return rest


def _build(flight: InFlight, event: InboundEvent) -> RunnableBuild | None:
    """Return the build that accepted the event, or the live one if a person had to correct something."""
    live = _live_build(event) if _needs_person(flight) else None
    if live is not None and _place_in(live, flight) is not None:
        return live
    return runnable_builds([event.build_id or 0]).get(event.build_id or 0)


def _needs_person(flight: InFlight) -> bool:
    return flight.put_off_for is not None and flight.put_off_for.kind == "misconfigured"


def _live_build(event: InboundEvent) -> RunnableBuild | None:
    found = Activation.objects.filter(environment_id=event.environment_id).values_list("build_id", flat=True)
    build_id = found.first()
    return runnable_builds([build_id]).get(build_id) if build_id else None


def _place_in(build: RunnableBuild, flight: InFlight) -> Mapping[str, Any] | None:
    """Return where the rule continues in this build; None if the build lacks the rule or the action."""
    state = flight.state
    if build.compiled is None or state is None:
        return None
    rule = next((it for it in build.compiled.rules if it.id == state["rule"]), None)
    if rule is None or state["action"] is None:
        return state if rule is not None else None
    places = [place for place, it in enumerate(rule.actions) if it.id == flight.delivery.component_uid]
    return {**state, "action": places[0]} if places else None


def _put_off_again(flight: InFlight, rest: Rest, now: datetime) -> None:
    """Keep a component that cannot run yet waiting in the same row, longer each time."""
    uid = flight.delivery.component_uid
    again = [it for it in rest.flights if it.put_off_for and it.delivery.component_uid == uid]
    if flight.put_off_for is None or not again:
        return
    rest.flights.remove(again[0])
    flight.state = again[0].state
    flight.outcome = flight.put_off_for if _needs_person(flight) else flight.outcome
    put_off(flight, now)


def _wait(follower: InFlight, now: datetime) -> None:
    if follower.put_off_for is None:
        wait_for_turn(follower, now)
        return
    follower.outcome = follower.put_off_for if _needs_person(follower) else None
    put_off(follower, now)


def _open_event(event_id: int) -> InboundEvent | None:
    return InboundEvent.objects.filter(id=event_id, state=InboundEvent.State.OPEN).first()


def _run(
    flight: InFlight,
    event: InboundEvent,
    build: RunnableBuild | None,
    now: datetime,
    credentials: CodeCredentials | None,
    test_code: str | None,
) -> Rest:
    try:
        return _rest(event, _result(flight, event, build, credentials, test_code), now)
    except Exception as error:
        # A bug of ours or of a package, or a build that is gone: only this rule fails.
        logger.exception("Event %s could not continue: %s", event.id, type(error).__name__)
        return Rest(reason="internal_error")


def _rest(event: InboundEvent, result: RunResult, now: datetime) -> Rest:
    refused_rules = {refusal.rule_id for refusal in result.refusals}
    has_failed = any(rule.status == "failed" and rule.id not in refused_rules for rule in result.rules)
    return Rest(
        flights=[flight_of(event, outbound, now, result.secrets) for outbound in result.items],
        refused=[refused_delivery(event, refusal, now) for refusal in result.refusals],
        refused_facts=[unsent_facts(refusal) for refusal in result.refusals],
        reason="rule_failed" if has_failed else "",
        result=result,
    )


def _result(
    flight: InFlight,
    event: InboundEvent,
    build: RunnableBuild | None,
    credentials: CodeCredentials | None,
    test_code: str | None,
) -> RunResult:
    if build is None or build.compiled is None or flight.state is None:
        raise LookupError("There is no build or state to continue with.")
    given = live_arguments(event, credentials, flight.state.get("markers"))
    state = _place_in(build, flight) if _needs_person(flight) else flight.state
    return resume_rule(
        build.compiled, state or flight.state, flight.answer, event.call(), **given, test_code=test_code
    )
