"""Muting issues, and ending a mute. Both are in the audit log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from properties.models import Property
from properties.saving import record
from rules.models import Issue

LASTS = {Issue.Mute.DAY: timedelta(days=1), Issue.Mute.WEEK: timedelta(days=7)}
NOT_MUTED: dict[str, Any] = {
    "mute": "", "muted_at": None, "muted_until": None, "mute_reason": "", "muted_by": "",
}  # fmt: skip


@transaction.atomic
def mute(prop: Property, issue: Issue, how: str, reason: str, actor: Any, now: datetime) -> None:
    """Mute an issue; one that is not stored because it is a present state is stored with the mute.

    Args:
        how: One of ``Issue.Mute``. *Until it changes* ends when another build goes live.
        reason: Why, for colleagues; may be empty.
    """
    lasts = LASTS.get(Issue.Mute(how))
    issue.mute, issue.muted_at, issue.muted_until = how, now, now + lasts if lasts else None
    issue.mute_reason, issue.muted_by = reason.strip()[:255], str(actor)[:255]
    kept = {name: getattr(issue, name) for name in NOT_MUTED}
    if not Issue.objects.filter(pk=issue.pk).update(**kept):
        issue.save(force_insert=True)
    record(prop, "issue.muted", issue, actor, lasts=issue.get_mute_display(), reason=issue.mute_reason)


@transaction.atomic
def unmute(prop: Property, issue: Issue, actor: Any) -> None:
    """End a mute. A row that only held the mute is removed."""
    found = Issue.objects.filter(pk=issue.pk).exclude(mute="")
    if not found.exists():
        return
    if issue.kind in Issue.STANDING:
        found.delete()
    else:
        found.update(**NOT_MUTED)
    record(prop, "issue.unmuted", issue, actor)
