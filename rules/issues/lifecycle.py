"""Whether an issue is open, fixed or muted. It follows from times, so nothing has to change a row later.

An issue is fixed one hour after a newer build went live, if it has not happened in that build, and after
seven days without. It is open again as soon as it happens again in a build that is live.

Source: docs/states.md, "Issues".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When

from rules.models import Activation, Issue

OPEN, FIXED, MUTED = "open", "fixed", "muted"
STATES = (OPEN, FIXED, MUTED)
WATCHED = timedelta(hours=1)
QUIET = timedelta(days=7)


def judged(property_ids: Iterable[int], now: datetime) -> QuerySet[Any, Any]:
    """Return the issues of some properties with their present state.

    Each has ``state``; ``mended_at`` and ``mended_build_id`` of the first build that went live after the
    issue was last seen in a live build, or None; and ``changed_at``, when the newest build went live.
    """
    live = Activation.objects.filter(environment_id=OuterRef("environment_id"))
    newer = live.filter(activated_at__gt=OuterRef("last_live_at")).order_by("id")
    found: QuerySet[Any, Any] = Issue.objects.filter(property_id__in=property_ids).annotate(
        mended_at=Subquery(newer.values("activated_at")[:1]),
        mended_build_id=Subquery(newer.values("build_id")[:1]),
        changed_at=Subquery(live.order_by("-id").values("activated_at")[:1]),
    )
    return found.annotate(state=_state(now))  # type: ignore[no-any-return]


def _state(now: datetime) -> Case:
    is_fixed = Q(mended_at__lte=now - WATCHED) | Q(last_seen_at__lt=now - QUIET)
    is_standing = Q(kind__in=Issue.STANDING)
    return Case(
        When(is_muted(now), then=Value(MUTED)),
        When(is_fixed | is_standing, then=Value(FIXED)),
        default=Value(OPEN),
        output_field=CharField(),
    )


def is_muted(now: datetime) -> Q:
    """Return the condition for a mute that has not ended; ``changed_at`` must be annotated."""
    for_a_time = Q(mute__in=(Issue.Mute.DAY, Issue.Mute.WEEK), muted_until__gt=now)
    has_changed = Q(changed_at__isnull=False, changed_at__gt=F("muted_at"))
    return for_a_time | (Q(mute=Issue.Mute.CHANGE) & ~has_changed)
