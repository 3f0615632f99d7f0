"""Environments that fell silent: no events for longer than twice the usual gap.

The counts per minute say what is usual; of days before yesterday they know only hours.

Source: docs/states.md, "Issues".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from django.db.models import Min, OuterRef, Subquery, Sum

from properties.catalog.shown_times import lasting
from properties.models import Environment
from rules.models import InboundEvent, MinuteCount

KNOWN_MINUTES = 28 * 1_440
LEAST_SILENCE = timedelta(hours=1)
# Before a whole day and this many hours with events, nothing is usual.
LEAST_KNOWN_MINUTES = 1_440
LEAST_HOURS = 20
# When this much is known, the longest gap is left out: it may have been a failure itself.
KNOWN_WELL_MINUTES = 14 * 1_440


@dataclass(frozen=True, slots=True)
class Silence:
    """An unusual silence.

    Args:
        last_at: When the last event came.
        usual_gap: The longest time without events that is usual.
        usual_an_hour: How many events an hour are usual.
    """

    last_at: datetime
    usual_gap: timedelta
    usual_an_hour: float

    def missing(self, now: datetime) -> int:
        """Return how many events would have come since."""
        return round((now - self.last_at) / timedelta(hours=1) * self.usual_an_hour)

    def in_words(self, now: datetime) -> str:
        """Return it as a sentence without a full stop: ``No events for 2 h, usually 380 an hour``."""
        usual = f"{self.usual_an_hour:,.0f} an hour"
        if self.usual_an_hour < 1:
            usual = f"never for more than {lasting(self.usual_gap.total_seconds())}"
        return f"No events for {lasting((now - self.last_at).total_seconds())}, usually {usual}"


def last_events(environments: Iterable[Environment]) -> dict[int, datetime]:
    """Return when the last event came, by id of the environment; those without events are absent. One query.

    A worker counts an event some time after it came, and counts outlive events: the later of both is right.
    """
    events = InboundEvent.objects.filter(environment_id=OuterRef("pk")).order_by("-id")
    counts = MinuteCount.objects.filter(
        property_id=OuterRef("prop_id"), environment_id=OuterRef("pk"), is_event=True, count__gt=0
    ).order_by("-minute")
    found = Environment.objects.filter(pk__in=[it.pk for it in environments]).values_list(
        "pk", Subquery(events.values("id")[:1]), Subquery(counts.values("minute")[:1])
    )
    return {pk: max(moments) for pk, *place in found if (moments := list(_moments(*place)))}


def _moments(event_id: int | None, minute: int | None) -> Iterator[datetime]:
    if event_id is not None:
        yield datetime.fromtimestamp((event_id >> InboundEvent.BITS_BELOW_TIME) / 1000, UTC)
    if minute is not None:
        yield datetime.fromtimestamp(minute * 60, UTC)


def silences(environments: Sequence[Environment], now: datetime) -> dict[int, Silence]:
    """Return the unusual silences, by id of the environment. Two queries, one if none is silent."""
    last = last_events(environments)
    silent = [it for it in environments if it.pk in last and now - last[it.pk] > LEAST_SILENCE]
    if not silent:
        return {}
    found: dict[int, Silence] = {}
    for pk, counted in _counted(silent, now).items():
        usual = _usual(counted, last[pk])
        if usual is not None and now - last[pk] > max(2 * usual.usual_gap, LEAST_SILENCE):
            found[pk] = usual
    return found


# Minute, number of events, and whether they came at some time of the hour that begins with it.
_Counted = list[tuple[int, int, bool]]


def _counted(environments: Sequence[Environment], now: datetime) -> Mapping[int, _Counted]:
    """Return the minutes with events of the last four weeks, in order, by environment."""
    rows = MinuteCount.objects.filter(
        property_id__in={it.prop_id for it in environments},
        environment_id__in=[it.pk for it in environments],
        is_event=True,
        minute__gte=int(now.timestamp()) // 60 - KNOWN_MINUTES,
    )
    sums = rows.order_by("environment_id", "minute").values_list("environment_id", "minute")
    found: dict[int, _Counted] = defaultdict(list)
    for pk, minute, total, least in sums.annotate(total=Sum("count"), least=Min("node")):
        if total > 0:
            found[pk].append((minute, total, least == MinuteCount.HOUR))
    return found


def _usual(counted: _Counted, last_at: datetime) -> Silence | None:
    """Return what is usual; None if too little is known."""
    known = counted[-1][0] - counted[0][0] if counted else 0
    if known < LEAST_KNOWN_MINUTES or len({minute // 60 for minute, _, _ in counted}) < LEAST_HOURS:
        return None
    # In a counted hour the last event may have come at its end.
    gaps = sorted(
        max(after - minute - (59 if is_hour else 0), 1)
        for (minute, _, is_hour), (after, _, _) in pairwise(counted)
    )
    usual = gaps[-2 if known >= KNOWN_WELL_MINUTES else -1]
    total = sum(number for _, number, _ in counted)
    return Silence(last_at, timedelta(minutes=usual), total / (known / 60))
