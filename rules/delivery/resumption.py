"""Rules that waited: for an answer, a credential, or until a component can run; what is left is run then."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rules.engine import RunResult
from rules.models import Activation, InboundEvent

from .builds import RunnableBuild, runnable_builds
from .code_credentials import CodeCredentials, credentials_for, place_of
from .event_run import live_arguments, parcel_of, refused_delivery
from .in_flight import Parcel, Rest
from .outcomes import put_off, wait_for_turn

logger = logging.getLogger(__name__)


def resume(parcel: Parcel, now: datetime) -> Rest | None:
    """What the rest of the rule gives, now that the request of ``parcel`` was answered.

    What is to be sent waits for its turn in rows of its own, written together with the outcome of the
    request: that is not repeated when the process ends in between.

    Returns:
        None when the event is no longer there, or no longer open.

    Raises:
        django.db.Error: The database is away; call it again.
    """
    event = parcel.ticket.event if parcel.ticket else _open_event(parcel.delivery.event_id)
    if event is None or event.build_id is None:
        return None
    build = _build(parcel, event)
    credentials = credentials_for([(event, build)]).get(place_of(event))
    rest = _run(parcel, event, build, now, credentials)
    _put_off_again(parcel, rest, now)
    for follower in rest.parcels:
        _wait(follower, now)
    return rest


def _build(parcel: Parcel, event: InboundEvent) -> RunnableBuild | None:
    """The build that the event was accepted with; what a person had to mend may be in the live one only."""
    live = _live_build(event) if _needs_person(parcel) else None
    if live is not None and _place_in(live, parcel) is not None:
        return live
    return runnable_builds([event.build_id or 0]).get(event.build_id or 0)


def _needs_person(parcel: Parcel) -> bool:
    return parcel.put_off_for is not None and parcel.put_off_for.kind == "misconfigured"


def _live_build(event: InboundEvent) -> RunnableBuild | None:
    found = Activation.objects.filter(environment_id=event.environment_id).values_list("build_id", flat=True)
    build_id = found.first()
    return runnable_builds([build_id]).get(build_id) if build_id else None


def _place_in(build: RunnableBuild, parcel: Parcel) -> Mapping[str, Any] | None:
    """Where the rule goes on in this build; None when it has not that rule, or not that action."""
    state = parcel.state
    if build.compiled is None or state is None:
        return None
    rule = next((it for it in build.compiled.rules if it.id == state["rule"]), None)
    if rule is None or state["action"] is None:
        return state if rule is not None else None
    places = [place for place, it in enumerate(rule.actions) if it.id == parcel.delivery.component_uid]
    return {**state, "action": places[0]} if places else None


def _put_off_again(parcel: Parcel, rest: Rest, now: datetime) -> None:
    """A component that cannot run yet waits on in the same row, for longer each time."""
    uid = parcel.delivery.component_uid
    again = [it for it in rest.parcels if it.put_off_for and it.delivery.component_uid == uid]
    if parcel.put_off_for is None or not again:
        return
    rest.parcels.remove(again[0])
    parcel.state = again[0].state
    parcel.outcome = parcel.put_off_for if _needs_person(parcel) else parcel.outcome
    put_off(parcel, now)


def _wait(follower: Parcel, now: datetime) -> None:
    if follower.put_off_for is None:
        wait_for_turn(follower, now)
        return
    follower.outcome = follower.put_off_for if _needs_person(follower) else None
    put_off(follower, now)


def _open_event(event_id: int) -> InboundEvent | None:
    return InboundEvent.objects.filter(id=event_id, state=InboundEvent.State.OPEN).first()


def _run(
    parcel: Parcel,
    event: InboundEvent,
    build: RunnableBuild | None,
    now: datetime,
    credentials: CodeCredentials | None,
) -> Rest:
    try:
        return _rest(event, _result(parcel, event, build, credentials), now)
    except Exception as error:
        # A bug of ours or of a package, or a build that is gone: it costs this rule, never another one.
        logger.exception("Event %s could not go on: %s", event.id, type(error).__name__)
        return Rest(reason="internal_error")


def _rest(event: InboundEvent, result: RunResult, now: datetime) -> Rest:
    refused_rules = {refusal.rule_id for refusal in result.refusals}
    has_failed = any(rule.status == "failed" and rule.id not in refused_rules for rule in result.rules)
    return Rest(
        parcels=[parcel_of(event, outbound, now, result.secrets) for outbound in result.items],
        refused=[refused_delivery(event, refusal, now) for refusal in result.refusals],
        reason="rule_failed" if has_failed else "",
        result=result,
    )


def _result(
    parcel: Parcel, event: InboundEvent, build: RunnableBuild | None, credentials: CodeCredentials | None
) -> RunResult:
    if build is None or build.compiled is None or parcel.state is None:
        raise LookupError("There is nothing to go on with.")
    given = live_arguments(event, credentials, parcel.state.get("markers"))
    state = _place_in(build, parcel) if _needs_person(parcel) else parcel.state
    return build.compiled.resume(state or parcel.state, parcel.answer, event.call(), **given)
