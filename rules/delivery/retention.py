"""Removes rows that have been kept long enough. The ledger counts the removed events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from properties.connecting.connect_attempts import forget_attempts
from properties.models import Property
from properties.resources.drafts import forget_drafts
from rules.match_quality.daily import forget_readings
from rules.models import (
    Delivery,
    DeliveryAttempt,
    InboundEvent,
    InboundRequest,
    Issue,
    ProcessedId,
    QuickStartRun,
    Replay,
    ReplayedEvent,
    SentEvent,
    ValidationSession,
)

from .clock import database_now
from .customer_sightings import forget_sightings
from .deduplication import WINDOW_HOURS
from .event_run import WAIT_SECONDS
from .issue_counts import forget_issues, remove_issues
from .ledger_counters import count
from .log.copy_rows import forget_copies
from .log.groups import forget_groups
from .log.log_writing import forget_rows, forget_terms
from .minute_folding import fold_minutes, forget_counts

EVENT_DAYS = 7
PROCESSED_HOURS = 48
ISSUE_DAYS = 90
TREND_DAYS = 31
VALIDATION_DAYS = 30
ROWS_AT_ONCE = 1_000
NOT_RUN = (ReplayedEvent.State.REFUSED, ReplayedEvent.State.CANCELLED)


def forget() -> int:
    """Remove events that ended a week ago or whose property is gone, event ids seen two days ago, and issues.

    Returns:
        How many events were removed. Transactions are short, so ingest continues meanwhile.
    """
    now = database_now()
    removed = 0
    for events in (_old_events(now), *map(_events_of, _gone_properties())):
        while number := _forget_events(events, now):
            removed += number
    while _forget_identities(now) + _forget_sent(now) + _forget_requests(now) + _forget_replays(now):
        pass
    _forget_issues(now)
    while forget_terms(now) + forget_copies(now):
        pass
    forget_groups(now)
    ValidationSession.objects.filter(until__lt=now - timedelta(days=VALIDATION_DAYS)).delete()
    forget_readings(now)
    forget_drafts()
    forget_attempts()
    QuickStartRun.forget_credentials()
    fold_minutes(now)
    forget_counts(now)
    forget_sightings(now)
    return removed


def _old_events(now: datetime) -> QuerySet[InboundEvent]:
    limit = now - timedelta(days=EVENT_DAYS)
    # Ids ascend with time, so newer rows need not be read.
    old = InboundEvent.objects.filter(id__lt=InboundEvent.first_id_at(limit))
    return old.filter(state__in=InboundEvent.FINAL, done_at__lt=limit)


def _events_of(property_id: int) -> QuerySet[InboundEvent]:
    return InboundEvent.objects.filter(property_id=property_id, state__in=InboundEvent.FINAL)


def _gone_properties() -> list[int]:
    met = list(_properties_met())
    existing = set(Property.objects.filter(id__in=met).values_list("id", flat=True))
    return [property_id for property_id in met if property_id not in existing]


def _properties_met() -> Iterator[int]:
    """Yield the properties that have events, each by one index lookup."""
    ids = InboundEvent.objects.order_by("property_id").values_list("property_id", flat=True)
    last = ids.first()
    while last is not None:
        yield last
        last = ids.filter(property_id__gt=last).first()


@transaction.atomic
def _forget_issues(now: datetime) -> None:
    """Remove issues that nobody has seen for long, or whose property is gone."""
    met = set(Issue.objects.order_by().values_list("property_id", flat=True).distinct())
    existing = Property.objects.filter(id__in=met).values_list("id", flat=True)
    gone = Issue.objects.filter(property_id__in=met - set(existing))
    remove_issues(gone.values_list("id", flat=True))
    forget_issues(now - timedelta(days=ISSUE_DAYS), now - timedelta(days=TREND_DAYS))


@transaction.atomic
def _forget_events(events: QuerySet[InboundEvent], now: datetime) -> int:
    """Remove some of these events, with their deliveries."""
    found = dict(events.select_for_update().order_by("id").values_list("id", "state")[:ROWS_AT_ONCE])
    deliveries = Delivery.objects.filter(event_id__in=found)
    DeliveryAttempt.objects.filter(delivery_id__in=list(deliveries.values_list("id", flat=True))).delete()
    deliveries.delete()
    ReplayedEvent.objects.filter(event_id__in=found).delete()
    forget_rows(found)
    InboundEvent.objects.filter(id__in=found).delete()
    count({f"forgotten:{state}": number for state, number in Counter(found.values()).items()}, now)
    return len(found)


@transaction.atomic
def _forget_requests(now: datetime) -> int:
    """Remove requests whose events are all gone: each request has the id of its last event."""
    oldest = InboundEvent.objects.order_by("id").values_list("id", flat=True).first()
    limit = InboundEvent.first_id_at(now - timedelta(days=EVENT_DAYS))
    old = InboundRequest.objects.filter(id__lt=min(limit, oldest or limit))
    ids = list(old.values_list("id", flat=True)[:ROWS_AT_ONCE])
    return InboundRequest.objects.filter(id__in=ids).delete()[0]


@transaction.atomic
def _forget_identities(now: datetime) -> int:
    old = ProcessedId.objects.filter(seen_at__lt=now - timedelta(hours=PROCESSED_HOURS))
    ids = list(old.values_list("id", flat=True)[:ROWS_AT_ONCE])
    return ProcessedId.objects.filter(id__in=ids).delete()[0]


@transaction.atomic
def _forget_sent(now: datetime) -> int:
    is_note = Q(key__startswith=SentEvent.NOTE)
    marks = ~is_note & Q(seen_at__lt=now - timedelta(hours=WINDOW_HOURS))
    # A note counts as long as its event can wait to be claimed again.
    notes = is_note & Q(seen_at__lt=now - timedelta(seconds=WAIT_SECONDS))
    old = SentEvent.objects.filter(marks | notes)
    ids = list(old.values_list("id", flat=True)[:ROWS_AT_ONCE])
    return SentEvent.objects.filter(id__in=ids).delete()[0]


@transaction.atomic
def _forget_replays(now: datetime) -> int:
    """Remove jobs that ended long ago; their data about an event is removed with the event."""
    old = Replay.objects.filter(done_at__lt=now - timedelta(days=2 * EVENT_DAYS))
    ids = list(old.values_list("id", flat=True)[:ROWS_AT_ONCE])
    ReplayedEvent.objects.filter(replay_id__in=ids, state__in=NOT_RUN).delete()
    return Replay.objects.filter(id__in=ids).delete()[0]
