"""Rules that waited for an answer: the actions after it, run once it is there."""

from __future__ import annotations

import logging
from datetime import datetime

from rules.engine import RunResult
from rules.models import InboundEvent

from .builds import RunnableBuild, runnable_builds
from .code_credentials import CodeCredentials, credentials_for, place_of
from .parcels import Parcel, Rest
from .running import live_arguments, parcel_of, refused_delivery
from .settling import wait_for_turn

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
    build = runnable_builds([event.build_id]).get(event.build_id)
    credentials = credentials_for([(event, build)]).get(place_of(event))
    rest = _run(parcel, event, build, now, credentials)
    for follower in rest.parcels:
        wait_for_turn(follower, now)
    return rest


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
    return build.compiled.resume(parcel.state, parcel.answer, event.call(), **given)
