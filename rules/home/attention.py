"""What needs a person in any property: open issues, and credentials that end soon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from properties.models import Environment, Property, Secret
from rules.issues.issue_list import issues_of, lost_by
from rules.issues.issue_rows import IssueRow, RowFacts
from rules.issues.lifecycle import OPEN
from rules.issues.trends import DAY, Window, trends_of
from rules.models import Issue

ENDS_WITHIN = timedelta(days=14)
_LOSING = (Issue.Kind.REFUSED, Issue.Kind.NOT_SENT, Issue.Kind.ON_HOLD, Issue.Kind.SILENT)


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that needs a person.

    Args:
        lost: How many events it cost in the last 24 hours, holds back now, or did not let come.
        row: Its issue, or None.
        at: A time that ``note`` is about, or None.
        url: Address of the page about it.
        fix_url: Address of the page that mends it; "" if the person may not, or there is none.
    """

    prop: Property
    place: str
    title: str
    sign: str
    tone: str
    lost: int
    url: str
    act: str
    row: IssueRow | None = None
    fix_url: str = ""
    fix_label: str = ""
    note: str = ""
    at: datetime | None = None


def attention(
    props: Sequence[Property],
    environments: Sequence[Environment],
    rights: Mapping[int, frozenset[str]],
    now: datetime,
) -> list[Attention]:
    """Return everything that needs a person, sorted by the events that it costs.

    The number of queries does not depend on how many properties there are.

    Args:
        environments: One of each property.
        rights: Of the person, by id of the property.
    """
    by_id = {it.pk: it for it in props}
    found = [*_issues(by_id, environments, rights, now), *_ending(by_id, now)]
    return sorted(found, key=lambda it: -it.lost)


def _issues(
    props: Mapping[int, Property],
    environments: Sequence[Environment],
    rights: Mapping[int, frozenset[str]],
    now: datetime,
) -> Iterator[Attention]:
    by_id = {it.pk: it for it in environments}
    issues = issues_of(environments, now, OPEN)
    trends = trends_of([it.pk for it in issues if it.kind not in Issue.STANDING], Window.last(DAY, now))
    facts = RowFacts(list(props.values()), issues)
    for issue in issues:
        environment = by_id[issue.environment_id]
        row = facts.row(issue, environment, trends.get(issue.pk), 0)
        yield _of_row(row, props[issue.property_id], environment, rights[issue.property_id])


def _of_row(row: IssueRow, prop: Property, environment: Environment, rights: frozenset[str]) -> Attention:
    is_losing = row.issue.kind in _LOSING
    page = reverse("rules:issues", args=[prop.uid])
    may_fix = row.fix is not None and (row.fix.right == "view" or row.fix.right in rights)
    return Attention(
        prop=prop,
        place=environment.name,
        title=_with_count(row) if is_losing else row.title,
        sign=row.sign,
        tone=row.tone,
        lost=lost_by(row.issue, row.count) if is_losing else 0,
        url=f"{page}?{urlencode({'env': environment.uid})}#issue-{row.issue.pk}",
        act="Open issue",
        row=row,
        fix_url=row.fix.url if row.fix and may_fix else "",
        fix_label=row.fix.label if row.fix and may_fix else "",
    )


def _with_count(row: IssueRow) -> str:
    """Return the sentence with its number, such as ``143 × Purchase not sent: …``."""
    is_counted = row.issue.kind not in Issue.STANDING and row.count
    return f"{row.count:,} × {row.title}" if is_counted else row.title


def _ending(props: Mapping[int, Property], now: datetime) -> Iterator[Attention]:
    """Yield the secrets that end soon and are not renewed by themselves, or could not be renewed."""
    is_ending = Q(expires_at__lt=now + ENDS_WITHIN, refresh_at__isnull=True)
    could_not = Q(refresh_status=Secret.Status.FAILED)
    rows = Secret.objects.filter(is_ending | could_not, prop__in=props).select_related("environment")
    for secret in rows.defer("value", "credentials"):
        ended = secret.expires_at is not None and secret.expires_at <= now
        verb = "has ended" if ended else "ends soon" if secret.expires_at else "could not be renewed"
        prop = props[secret.prop_id]
        yield Attention(
            prop=prop,
            place=secret.place,
            title=f"Secret “{secret.name}” {verb}",
            sign="key",
            tone="bad" if ended else "warn",
            lost=0,
            url=reverse("properties:secret_edit", args=[prop.uid, secret.uid]),
            act="Open secret",
            note="ended" if ended else "ends",
            at=secret.expires_at,
        )


def open_in(found: Iterable[Attention]) -> dict[int, list[Any]]:
    """Return what needs a person by id of the property."""
    by_property: dict[int, list[Any]] = {}
    for it in found:
        by_property.setdefault(it.prop.pk, []).append(it)
    return by_property
