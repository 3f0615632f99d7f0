"""Writes the log's rows of events that ended before the log had any, in parts, newest first.

Such events are shown from the start. Filters, counts and the search find them once they have their rows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef

from rules.models import Delivery, InboundEvent, LogFilling, LoggedEvent

from ..clock import database_now
from ..event_run import action_type, facts_of, sender_id_of
from .lines import LogLine, Sent
from .log_writing import current_deliveries, lines_of, write

ROWS_AT_ONCE = 250
MOST_PARTS = 4
# With more fresh events than this, old ones wait.
MOST_FRESH = 500


def fill_log() -> int:
    """Write the next rows, while few fresh events wait; return how many. In the end it costs one query."""
    written = 0
    for _ in range(MOST_PARTS):
        if not LogFilling.objects.filter(before__gt=0).exists() or _is_busy():
            break
        written += fill_part()
    return written


def _is_busy() -> bool:
    fresh = InboundEvent.objects.filter(state=InboundEvent.State.RECEIVED)
    return fresh.values("id")[:MOST_FRESH].count() >= MOST_FRESH


@transaction.atomic
def fill_part() -> int:
    """Write the rows of the next events; return how many."""
    marker = LogFilling.objects.select_for_update().filter(before__gt=0).first()
    if marker is None:
        return 0
    older = InboundEvent.objects.filter(pk__lt=marker.before).order_by("-id")
    ids = list(older.values_list("id", flat=True)[:ROWS_AT_ONCE])
    events = _without_row(ids)
    write(_lines(events), database_now(), replace=False)
    LogFilling.objects.filter(pk=marker.pk).update(before=ids[-1] if ids else 0)
    return len(events)


def _without_row(ids: Sequence[int]) -> list[InboundEvent]:
    """Return those events that have run and have no row."""
    run = InboundEvent.objects.filter(pk__in=ids).exclude(state=InboundEvent.State.RECEIVED)
    has_row = Exists(LoggedEvent.objects.filter(pk=OuterRef("pk")))
    return list(run.exclude(has_row).defer("request", "trace"))


def _lines(events: Sequence[InboundEvent]) -> list[LogLine]:
    deliveries = current_deliveries([it.pk for it in events]).defer("envelope", "rule_state")
    known = {it.pk: Sent(it, facts_of(action_type(it.delegate), _payload(it))) for it in deliveries}
    return lines_of(events, known.values(), {it.pk: sender_id_of(_parsed(it.body)) for it in events})


def _payload(delivery: Delivery) -> dict[str, object]:
    found = _parsed(delivery.payload)
    return found if isinstance(found, dict) else {}


def _parsed(text: str) -> object:
    """Return parsed JSON; None if retention or a lost key has removed it."""
    try:
        return json.loads(text)
    except ValueError:
        return None
