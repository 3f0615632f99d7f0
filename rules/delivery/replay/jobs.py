"""Replays events. An event keeps its ID, so that a vendor detects a repeat.

A replay is a job in the database. Every few seconds, if few fresh events wait, a worker takes the next part
of it. In one transaction, the worker sets the events back to *received*, keeps their earlier outcomes, and
updates the ledger. After that they are events like any other, except that fresh events are sent first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q

from properties.models import Property
from rules.models import Delivery, InboundEvent, Replay, ReplayedEvent

from ..clock import database_now
from ..doorbell import ring
from ..event_run import action_type
from ..ledger_counters import count
from ..log.log_writing import forget_rows
from ..minute_counts import COUNTED, MinuteChanges
from .choice import Eligible, Judge, Windows, facts_of

# 100 events a second, shared by all workers.
EVENTS_AT_ONCE = 200
STEP_SECONDS = 2.0
# With more fresh events than this, a replay waits for its next turn.
MOST_FRESH = 500
ROWS_AT_ONCE = 500


@transaction.atomic
def start(
    prop: Property, eligible: Iterable[Eligible], *, build: str, what: str, started_by: str, key: str
) -> Replay:
    """Queue events for a replay. An event that already waits is not queued twice.

    Args:
        build: One of ``Replay.Build``.
        what: Which events, for people: the end of "Replay of …".
        key: Identifies the submitted form: the same key returns the same replay.
    """
    now = database_now()
    given = {"build": build, "what": what[:255], "started_by": started_by[:255], "property_id": prop.pk}
    replay, is_new = Replay.objects.get_or_create(
        key=f"{prop.pk}:{key}"[:40], defaults={**given, "next_at": now, "created_at": now}
    )
    if is_new:
        rows = [
            ReplayedEvent(replay_id=replay.pk, event_id=it.event_id, build_id=it.build_id) for it in eligible
        ]
        ReplayedEvent.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
        replay.total = ReplayedEvent.objects.filter(replay_id=replay.pk).count()
        if not replay.total:
            replay.state, replay.done_at = Replay.State.DONE, now
        replay.save(update_fields=["total", "state", "done_at"])
        transaction.on_commit(ring)
    return replay


@transaction.atomic
def cancel(replay: Replay) -> int:
    """Stop a replay; return how many of its events had not run yet."""
    running = Replay.objects.filter(pk=replay.pk, state=Replay.State.RUNNING)
    if not running.update(state=Replay.State.CANCELLED, done_at=database_now()):
        return 0
    cancelled: int = _waiting(replay).update(state=ReplayedEvent.State.CANCELLED)
    return cancelled


def is_running() -> bool:
    """Return whether a replay is running."""
    return Replay.objects.filter(state=Replay.State.RUNNING).exists()


def progress(replay: Replay) -> dict[str, int]:
    """Return how many of its events are in each state.

    ``waiting``, ``refused`` and ``cancelled`` are states within the replay; replayed events count by their
    present state.
    """
    rows = ReplayedEvent.objects.filter(replay_id=replay.pk)
    counted = dict(rows.values_list("state").annotate(number=Count("id")).order_by())
    released = rows.filter(state=ReplayedEvent.State.RELEASED).values("event_id")
    states = InboundEvent.objects.filter(pk__in=released).values_list("state").annotate(number=Count("id"))
    counted.pop(ReplayedEvent.State.RELEASED, None)
    return {**counted, **dict(states.order_by())}


def release(now: datetime) -> int:
    """Receive the next part of a replay again. Call it inside a transaction.

    Returns:
        How many events are received again.
    """
    replay = Replay.objects.filter(state=Replay.State.RUNNING, next_at__lte=now).order_by("next_at").first()
    if replay is None or _is_busy() or not _take(replay, now):
        return 0
    rows = list(_waiting(replay).order_by("id")[:EVENTS_AT_ONCE])
    number = _release(rows, now)
    if len(rows) < EVENTS_AT_ONCE:
        Replay.objects.filter(pk=replay.pk).update(state=Replay.State.DONE, done_at=now)
    return number


def _is_busy() -> bool:
    fresh = InboundEvent.objects.filter(state=InboundEvent.State.RECEIVED)
    return fresh.values("id")[:MOST_FRESH].count() >= MOST_FRESH


def _take(replay: Replay, now: datetime) -> bool:
    """Take this turn of the replay; return False if another worker has it."""
    free = Replay.objects.filter(pk=replay.pk, state=Replay.State.RUNNING, next_at=replay.next_at)
    return bool(free.update(next_at=now + timedelta(seconds=STEP_SECONDS)))


def _waiting(replay: Replay) -> Any:
    return ReplayedEvent.objects.filter(replay_id=replay.pk, state=ReplayedEvent.State.WAITING)


def _release(rows: Sequence[ReplayedEvent], now: datetime) -> int:
    ids = sorted(row.event_id for row in rows)
    list(InboundEvent.objects.filter(pk__in=ids).select_for_update().order_by("id").values_list("id"))
    events = {it.pk: it for it in facts_of(ids)}
    judge = Judge(ids, now, Windows())
    for row in rows:
        event = events.get(row.event_id)
        row.reason = judge.refusal(event, row.build_id)
        row.state = ReplayedEvent.State.REFUSED if row.reason else ReplayedEvent.State.RELEASED
        if event is not None and not row.reason:
            _remember(row, event, now)
    ReplayedEvent.objects.bulk_update(rows, REMEMBERED, batch_size=100)
    released = {row.event_id: events[row.event_id] for row in rows if not row.reason}
    minutes = MinuteChanges()
    for event in released.values():
        minutes.event(event, event.counted_as, None)
    _set_aside(list(released.values()), now, minutes)
    forget_rows(released)
    _receive_again([row for row in rows if not row.reason])
    count({state: -number for state, number in Counter(it.state for it in released.values()).items()}, now)
    minutes.write()
    return len(released)


REMEMBERED = (
    "state", "reason", "released_at", "earlier_state", "earlier_reason", "earlier_build_id",
    "earlier_done_at", "earlier_trace",
)  # fmt: skip


def _remember(row: ReplayedEvent, event: InboundEvent, now: datetime) -> None:
    row.released_at, row.earlier_trace = now, event.trace
    row.earlier_state, row.earlier_reason = event.state, event.reason
    row.earlier_build_id, row.earlier_done_at = event.build_id, event.done_at


def _receive_again(rows: Sequence[ReplayedEvent]) -> None:
    by_build: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        by_build[row.build_id].append(row.event_id)
    for build_id, ids in by_build.items():
        InboundEvent.objects.filter(pk__in=ids).update(
            state=InboundEvent.State.RECEIVED,
            reason="",
            trace="",
            build_id=build_id,
            claims=0,
            lease_token="",
            lease_until=None,
            done_at=None,
            counted_as=None,
            replays=F("replays") + 1,
        )


def _set_aside(events: Sequence[InboundEvent], now: datetime, minutes: MinuteChanges) -> None:
    """Move earlier outcomes to the history, except deliveries that arrived and need not be sent again."""
    reasons = {it.pk: (it.state, it.reason) for it in events}
    rows = Delivery.objects.filter(event_id__in=reasons, replayed_at__isnull=True)
    ended = list(rows.only(*COUNTED, "rule_uid", "state"))
    unfinished = {(it.event_id, it.rule_uid) for it in ended if it.state != Delivery.State.DELIVERED}
    past = [
        it
        for it in ended
        if not _is_kept(it, reasons[it.event_id], is_whole=(it.event_id, it.rule_uid) not in unfinished)
    ]
    for delivery in past:
        minutes.delivery(delivery, delivery.counted_as, None)
    for start_at in range(0, len(past), ROWS_AT_ONCE):
        ids = [it.pk for it in past[start_at : start_at + ROWS_AT_ONCE]]
        Delivery.objects.filter(pk__in=ids).update(replayed_at=now, counted_as=None)


def _is_kept(delivery: Delivery, ended: tuple[str, str], *, is_whole: bool) -> bool:
    """Return whether a delivery of a failed event arrived and no action needs its answer again.

    Args:
        ended: State and reason of the event.
        is_whole: Whether everything of its rule arrived.
    """
    if delivery.state != Delivery.State.DELIVERED or ended[0] == InboundEvent.State.DELIVERED:
        return False
    action = action_type(delivery.delegate)
    is_awaited = action is None or action.batch_request is None
    return not is_awaited or (is_whole and ended[1] != "rule_failed")


Arrived = dict[int, frozenset[tuple[str, str]]]


def arrived_before(events: Iterable[InboundEvent]) -> Arrived:
    """Return the (component, destination) pairs that an earlier run delivered, by id of the event."""
    ids = [event.pk for event in events if event.replays]
    if not ids:
        return {}
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    is_there = Q(state=Delivery.State.DELIVERED, replayed_at__isnull=True)
    rows = Delivery.objects.filter(is_there, event_id__in=ids)
    for event_id, component, destination in rows.values_list("event_id", "component_uid", "destination"):
        found[event_id].add((component, destination))
    return {event_id: frozenset(pairs) for event_id, pairs in found.items()}
