"""The test codes that people have set for the environments of events; read before rules run."""

from __future__ import annotations

from collections.abc import Iterable

from rules.models import EnvironmentTestCode, InboundEvent


def codes_of(events: Iterable[InboundEvent]) -> dict[int, str]:
    """Return the code by id of the event: "" for none at all. Without an entry, its rules decide.

    Raises:
        django.db.Error: The database is unavailable.
    """
    events = list(events)
    rows = EnvironmentTestCode.objects.filter(environment_id__in={it.environment_id for it in events})
    found = {row.environment_id: row for row in rows} if events else {}
    codes = {
        event.id: found[event.environment_id].at(event.received_at, event.build_id)
        for event in events
        if event.environment_id in found
    }
    return {event_id: code for event_id, code in codes.items() if code is not None}
