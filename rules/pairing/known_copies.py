"""The copies of a time range, as they were written down with the outcomes of their events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from properties.models import Environment
from rules.models import EventCopy, InboundEvent

SCRIPT, PAGE, SERVER, BOTH = (int(it) for it in EventCopy.Side)
# A partner may be this much older than the range: longer than any vendor waits, so that late ones are found.
LOOK_BACK = timedelta(hours=72)
MOST = 15_000
_FIELDS = (
    *("event_id", "side", "destination", "name", "id_hash", "plain_hash", "form"),
    *("order_hash", "browser_hash", "person_hash"),
)


@dataclass(slots=True, eq=False)
class Copy:
    """One copy; its fields are those of ``EventCopy``.

    Args:
        is_matched: A copy of the other side was found, right or nearly right.
        is_paired: One was found that the vendor recognises by name and id.
    """

    event_id: int
    side: int
    destination: str
    name: str
    id_hash: int | None = None
    plain_hash: int | None = None
    form: int = 0
    order_hash: int | None = None
    browser_hash: int | None = None
    person_hash: int | None = None
    is_matched: bool = False
    is_paired: bool = False

    @property
    def at(self) -> int:
        """Return when it reached us, in milliseconds since 1970."""
        return self.event_id >> InboundEvent.BITS_BELOW_TIME


def copies_of(environment: Environment, since: datetime) -> tuple[Sequence[Copy], bool]:
    """Return the newest copies of a range and the time before it, oldest first. One query.

    Returns:
        The copies, and whether there are more than ``MOST``: older ones are then left out.
    """
    first = InboundEvent.first_id_at(since - LOOK_BACK)
    found = EventCopy.objects.filter(environment_id=environment.pk, event_id__gte=first)
    rows = list(found.order_by("-event_id").values_list(*_FIELDS)[: MOST + 1])
    return [copy for row in reversed(rows[:MOST]) for copy in _expanded(*row)], len(rows) > MOST


def _expanded(event_id: int, side: int, *more: Any) -> Iterator[Copy]:
    """Yield the copies of one row."""
    if side == BOTH:
        yield Copy(event_id, SCRIPT, *more)
        side = PAGE
    yield Copy(event_id, side, *more)
