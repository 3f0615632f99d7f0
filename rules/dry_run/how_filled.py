"""How often data elements have a value in the events that a rule runs for."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from properties.models import Property
from properties.resources.unsaved import dry_run_environment
from properties.secrets.belonging import DryRunMarkers
from rules.models import Rule

from .element_facts import read_values, stamp_of
from .recent_events import newest_id, recent_events
from .rule_facts import runs_for
from .saved_elements import saved_elements, saved_rule

FRESH_SECONDS = 15.0
KEPT = 32


@dataclass(frozen=True, slots=True)
class Filled:
    """Counts over events that a rule runs for.

    Args:
        by_name: Name of a data element → in how many events it has a value.
        seen: How many events there were.
    """

    by_name: Mapping[str, int]
    seen: int

    def percent(self, name: str) -> int:
        """Return the share of events with a value; 100 if it is not known."""
        return self.by_name[name] * 100 // self.seen if self.seen and name in self.by_name else 100


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: object
    newest: int
    at: float
    filled: Filled


_kept: OrderedDict[int, _Kept] = OrderedDict()


def how_filled(prop: Property, rule: Rule) -> Filled:
    """Return how often each data element without custom code has a value when this rule runs.

    The counts are kept until something is saved; while events arrive, for a few seconds.
    """
    stamp, newest, now = stamp_of(prop), newest_id(prop), time.monotonic()
    kept = _kept.get(rule.pk)
    if kept and kept.stamp == stamp and (kept.newest == newest or now - kept.at < FRESH_SECONDS):
        return kept.filled
    found = _count(prop, rule)
    _kept[rule.pk] = _Kept(stamp, newest, now, found)
    _kept.move_to_end(rule.pk)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


def _count(prop: Property, rule: Rule) -> Filled:
    elements, conditions = saved_elements(prop), saved_rule(prop, rule)
    if elements.build is None or conditions.build is None or conditions.scripted:
        return Filled({}, 0)
    marker = DryRunMarkers(prop, dry_run_environment(prop))
    names: Collection[str] = [name for name in elements.build.elements if name not in elements.scripted]
    events = [it for it in recent_events(prop) if runs_for(conditions.build, rule, it, marker)]
    filled: Counter[str] = Counter(dict.fromkeys(names, 0))
    for event in events:
        filled.update(read_values(elements.build, names, event, marker))
    return Filled(filled, len(events))
