"""How often rules sent something lately, and for which events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from properties.models import Property
from rules.event_log.filters import EventLogFilter
from rules.event_log.found_events import newest
from rules.event_log.log_scope import scope_of
from rules.event_log.rule_counts import events_by_rule
from rules.models import Delivery, Rule

DAY = timedelta(hours=24)
MOST_SHOWN = 50


def recent_runs(prop: Property, rules: Iterable[Rule]) -> dict[str, int]:
    """Return for how many events of the last 24 hours each of some rules sent something, by uid.

    More than ``rule_counts.MOST_OF_RULE`` events are not counted to the end.
    """
    return events_by_rule(prop, timezone.now() - DAY, [rule.uid for rule in rules])


def runs_of(rule: Rule) -> QuerySet[Delivery]:
    """Return what a rule sent, or tried to send, for its newest events of the last 24 hours, newest first."""
    scope = scope_of(rule.prop, EventLogFilter(rule=rule.uid, range="24h"))
    ids = newest(scope, MOST_SHOWN).ids
    found = Delivery.objects.filter(event_id__in=ids, rule_uid=rule.uid, replayed_at__isnull=True)
    return found.defer("payload", "envelope", "rule_state").order_by("-event_id", "id")
