"""The issues of environments by state, and how many are open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone

from properties.models import Environment, Property
from rules.models import Issue

from .lifecycle import MUTED, OPEN, STATES, judged
from .standing import standing_issues

MOST_SHOWN = 200
# Issues that cost events come first, then those that may, then those that only cost quality.
_RANKS = {
    **dict.fromkeys((Issue.Kind.REFUSED, Issue.Kind.NOT_SENT, Issue.Kind.ON_HOLD, Issue.Kind.SILENT), 0),
    Issue.Kind.FAILED_BUILD: 1,
}
_MUTE = ("mute", "muted_at", "muted_until", "mute_reason", "muted_by")


def open_count(prop: Property, environment: Environment) -> int:
    """Return how many issues of an environment are open, in a few small queries."""
    return open_counts([environment], timezone.now())[environment.pk]


def open_counts(environments: Sequence[Environment], now: datetime) -> Counter[int]:
    """Return how many issues are open, by id of the environment."""
    stored = _of(environments, now, OPEN).order_by().values_list("environment_id")
    counts: Counter[int] = Counter(dict(stored.annotate(number=Count("id"))))
    counts.update(it.environment_id for it in _standing(environments, now) if it.state == OPEN)
    return counts


def state_counts(environment: Environment, now: datetime) -> dict[str, int]:
    """Return how many issues of an environment are in each state."""
    found: Any = judged([environment.prop_id], now).filter(environment_id=environment.pk)
    stored = found.exclude(kind__in=Issue.STANDING).order_by().values_list("state")
    counts = Counter(dict(stored.annotate(number=Count("id"))))
    counts.update(it.state for it in _standing([environment], now))
    return {state: counts[state] for state in STATES}


def issues_of(environments: Sequence[Environment], now: datetime, state: str) -> list[Any]:
    """Return the issues of some environments that are in a state, worst first.

    Each is an ``Issue`` with the attributes of ``lifecycle.judged``. The number of queries does not depend
    on how many environments there are.
    """
    stored = _of(environments, now, state).order_by("-last_seen_at")[:MOST_SHOWN]
    present = [it for it in _standing(environments, now) if it.state == state]
    return sorted([*stored, *present], key=_rank)


def _of(environments: Sequence[Environment], now: datetime, state: str) -> Any:
    found: Any = judged({it.prop_id for it in environments}, now)
    found = found.filter(environment_id__in=[it.pk for it in environments], state=state)
    return found.exclude(kind__in=Issue.STANDING)


def _standing(environments: Sequence[Environment], now: datetime) -> list[Any]:
    """Return the present states, each with the mute that is stored for it."""
    present = standing_issues(environments, now)
    if not present:
        return []
    found: Any = judged({it.property_id for it in present}, now)
    mutes = {it.pk: it for it in found.filter(pk__in=[it.pk for it in present], state=MUTED)}
    return [_with_mute(it, mutes.get(it.pk)) for it in present]


def _with_mute(issue: Any, kept: Any) -> Any:
    issue.state = OPEN if kept is None else MUTED
    issue.mended_at = issue.mended_build_id = None
    for name in _MUTE if kept is not None else ():
        setattr(issue, name, getattr(kept, name))
    return issue


def lost_by(issue: Any, count: int) -> int:
    """Return how many events an issue costs: those that it is about, or that did not come."""
    return issue.missing if issue.kind == Issue.Kind.SILENT else count


def _rank(issue: Any) -> tuple[int, int, float]:
    return _RANKS.get(issue.kind, 2), -lost_by(issue, issue.count), -issue.last_seen_at.timestamp()


def find_issue(prop: Property, issue_id: str, now: datetime) -> Any:
    """Return one issue of a property, stored or a present state; None if there is none."""
    found = judged([prop.pk], now).filter(pk=issue_id).exclude(kind__in=Issue.STANDING).first()
    if found is not None:
        return found
    present: Iterable[Any] = _standing(list(prop.environments.all()), now)
    return next((it for it in present if it.pk == issue_id), None)
