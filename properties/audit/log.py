"""Reading audit entries: filters, pages and files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone

from properties.models import AuditEvent, Property

ROWS = 50
ROWS_AT_ONCE = 1_000
LARGEST_ID = 2**63 - 1
NAMES = ("person", "kind", "action", "resource", "since", "until")
# Spreadsheets read a cell with such a start as a formula, some also with the full-width forms.
# Source: OWASP, "CSV Injection".
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
COLUMNS = ("id", "time", "person", "action", "property_id", "property", "resource_id", "resource", "details")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """The filters of a page.

    Args:
        person: Part of the name of the actor.
        kind: Kind of resource: the first part of the action.
        action: ``<kind>.<verb>``.
        resource: Part of the name, or the id, of the resource. The log of all properties also searches the
            property.
        since: First day, in the reader's zone.
        until: Last day, in the reader's zone.
        before: Only entries with a smaller id.
    """

    person: str = ""
    kind: str = ""
    action: str = ""
    resource: str = ""
    since: str = ""
    until: str = ""
    before: int | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> AuditFilter:
        """Read the filters from the address of a page. Invalid values are ignored."""
        values = {name: query.get(name, "").strip().replace("\0", "")[:255] for name in NAMES}
        for name in ("since", "until"):
            values[name] = values[name] if _day(values[name]) else ""
        return cls(**values, before=_number(query.get("before", "")))

    @property
    def is_active(self) -> bool:
        return any(getattr(self, name) for name in NAMES)

    def facts(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in NAMES if getattr(self, name)}

    def query(self, **more: object) -> str:
        """Return the query string of these filters, without the position in the list."""
        return urlencode({**self.facts(), **more})


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return min(int(text), LARGEST_ID) if is_number else None


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=timezone.get_current_timezone())
    except ValueError:
        return None


def entries(prop: Property | None, asked: AuditFilter) -> QuerySet[AuditEvent]:
    """Return the entries that match, newest first, of one property or of all."""
    found = AuditEvent.objects.order_by("-id")
    if prop is not None:
        found = found.filter(prop=prop)
    if asked.person:
        found = found.filter(actor_name__icontains=asked.person)
    if asked.kind:
        found = found.filter(type_of__startswith=f"{asked.kind}.")
    if asked.action:
        found = found.filter(type_of=asked.action)
    if asked.resource:
        named = Q(display_name__icontains=asked.resource) | Q(entity_uid=asked.resource)
        where = Q(property_name__icontains=asked.resource) | Q(property_uid=asked.resource)
        found = found.filter(named if prop is not None else named | where)
    if since := _day(asked.since):
        found = found.filter(created_at__gte=since)
    if until := _day(asked.until):
        found = found.filter(created_at__lt=until + timedelta(days=1))
    return found


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry as the page shows it. ``changes`` are path, value before and value after."""

    entry: AuditEvent
    changes: list[tuple[str, str, str]]
    facts: list[tuple[str, str]]

    @property
    def stage(self) -> str:
        """The environment that it concerns, if it concerns one."""
        return str(self.entry.entity.get("stage", "")).capitalize()


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of rows. ``older`` is the id of the last row if there are older entries."""

    rows: list[AuditRow]
    older: int | None


def page_of(found: QuerySet[AuditEvent], before: int | None) -> AuditPage:
    if before is not None:
        found = found.filter(id__lt=before)
    rows = list(found[: ROWS + 1])
    shown = rows[:ROWS]
    return AuditPage([row_of(entry) for entry in shown], shown[-1].pk if len(rows) > ROWS else None)


def row_of(entry: AuditEvent) -> AuditRow:
    facts = dict(entry.entity)
    before, after = _taken(facts, "before"), _taken(facts, "after")
    paths = list(dict.fromkeys([*before, *after]))
    changes = [(path, _text(before, path), _text(after, path)) for path in paths]
    shown = [(name.replace("_", " ").capitalize(), _text(facts, name)) for name in facts]
    return AuditRow(entry, changes, shown)


def _taken(facts: dict[str, Any], name: str) -> dict[str, Any]:
    value = facts.get(name)
    return facts.pop(name) if isinstance(value, dict) else {}


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name, "")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


# Files


def _all(found: QuerySet[AuditEvent]) -> Iterator[dict[str, Any]]:
    """Yield every entry, some at a time: neither a cursor nor memory use grows with the log."""
    before = LARGEST_ID
    while rows := list(found.filter(id__lt=before)[:ROWS_AT_ONCE]):
        yield from map(_plain, rows)
        before = rows[-1].pk


def _plain(entry: AuditEvent) -> dict[str, Any]:
    when = entry.created_at.isoformat()
    values = (entry.pk, when, entry.actor_name, entry.type_of, entry.property_uid, entry.property_name)
    return dict(zip(COLUMNS, (*values, entry.entity_uid, entry.display_name, entry.entity), strict=True))


class _Echo:
    """A file object that returns the text that is written to it."""

    def write(self, text: str) -> str:
        return text


def write_csv(found: QuerySet[AuditEvent]) -> Iterator[str]:
    """Yield a CSV file. Every cell is quoted, and none can be read as a formula."""
    writer: Any = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield writer.writerow(COLUMNS)
    for row in _all(found):
        row["details"] = json.dumps(row["details"], ensure_ascii=False)
        yield writer.writerow([formula_safe(str(value)) for value in row.values()])


def formula_safe(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA_STARTS) else cell


def write_json(found: QuerySet[AuditEvent]) -> Iterator[str]:
    """Yield one JSON array."""
    start = "[\n"
    for row in _all(found):
        yield start + json.dumps(row, ensure_ascii=False)
        start = ",\n"
    yield "[]\n" if start == "[\n" else "\n]\n"


@dataclass(frozen=True, slots=True)
class Format:
    ending: str
    content_type: str
    write: Callable[[QuerySet[AuditEvent]], Iterator[str]]


FORMATS = {
    "csv": Format("csv", "text/csv; charset=utf-8", write_csv),
    "json": Format("json", "application/json", write_json),
}
