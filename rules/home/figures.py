"""The events of the last 24 hours of many environments, from the counts per minute, in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Sum

from properties.models import Environment
from rules.delivery.counted_outcomes import kind_of
from rules.event_log.counted_events import Kinds
from rules.models import MinuteCount

HOURS = 24
WIDTH, HEIGHT = 64.0, 16.0


@dataclass(slots=True)
class PropertyFigures:
    """Events of one environment in the present hour and the 23 before.

    Args:
        hours: Events of each hour, the oldest first.
    """

    kinds: Kinds = field(default_factory=Kinds)
    hours: list[int] = field(default_factory=lambda: [0] * HOURS)

    @property
    def received(self) -> int:
        return self.kinds.total()

    @property
    def delivered_share(self) -> str:
        """The share of those that ended which arrived, such as ``99.2 %``; empty if none ended."""
        share = self.kinds.share_arrived
        if share is None:
            return ""
        # Rounding must not hide what is missing.
        return f"{100 if share == 1 else min(100 * share, 99.9):.3g} %"

    @property
    def line(self) -> str:
        """The points of a small line, 64 wide and 16 high."""
        return _points(self.hours)

    @property
    def words(self) -> str:
        """The line for people who cannot see it."""
        return f"First hour {self.hours[0]:,}, last {self.hours[-1]:,}, highest {max(self.hours):,}"


def _points(hours: Sequence[int]) -> str:
    step, highest = WIDTH / (len(hours) - 1), max(hours) or 1
    return " ".join(
        f"{step * n:.1f},{HEIGHT - 1 - (HEIGHT - 2) * count / highest:.1f}" for n, count in enumerate(hours)
    )


def figures_of(environments: Sequence[Environment], now: datetime) -> dict[int, PropertyFigures]:
    """Return the figures of environments, by id."""
    found: dict[int, PropertyFigures] = defaultdict(PropertyFigures)
    first = int(now.timestamp()) // 3_600 - HOURS + 1
    rows = MinuteCount.objects.filter(
        property_id__in=[it.prop_id for it in environments],
        environment_id__in=[it.pk for it in environments],
        is_event=True,
        minute__gte=first * 60,
    )
    by_hour = rows.order_by().values_list("environment_id", "outcome", F("minute") / 60)
    for environment_id, outcome, hour, count in by_hour.annotate(total=Sum("count")):
        if (kind := kind_of(outcome)) is not None and 0 <= hour - first < HOURS:
            found[environment_id].kinds[kind] += count
            found[environment_id].hours[hour - first] += count
    return found
