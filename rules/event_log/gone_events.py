"""Events that are no longer kept: what their id still says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from rules.delivery.retention import EVENT_DAYS, ISSUE_DAYS
from rules.models import InboundEvent

# No event is older: ids of other kinds are smaller.
FIRST_AT = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class GoneEvent:
    """An event that retention has removed.

    Args:
        received_at: From its id.
    """

    id: int
    received_at: datetime
    event_days: int = EVENT_DAYS
    issue_days: int = ISSUE_DAYS


def gone_event(event_id: int) -> GoneEvent | None:
    """Return what is known of an event without a row; None if an event with this id would still be kept."""
    try:
        received_at = datetime.fromtimestamp((event_id >> InboundEvent.BITS_BELOW_TIME) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    is_old = FIRST_AT < received_at < timezone.now() - timedelta(days=EVENT_DAYS)
    return GoneEvent(event_id, received_at) if is_old else None
