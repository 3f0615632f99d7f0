"""The filtered events as a file: CSV for spreadsheets, JSON for programs. Customer data is masked."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from io import StringIO
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, StreamingHttpResponse

from properties.audit.log import formula_safe
from properties.models import Environment, Property
from rules.engine import mask_lookalikes

from .filters import EventLogFilter
from .found_events import in_parts
from .log_scope import LogScope, scope_of
from .rows import EventLogRow, events_of, rows_of

MOST_ROWS = 50_000
FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
COLUMNS = (
    "id", "received_at", "environment", "event_type", "event_name", "server_event_id", "value", "currency",
    "rule", "destination", "result", "reason", "ms",
)  # fmt: skip


def download(
    request: HttpRequest,
    prop: Property,
    asked: EventLogFilter,
    environment: Environment | None,
    form: str,
    *,
    only: Sequence[int] | None = None,
    sees_bodies: bool = False,
) -> StreamingHttpResponse:
    """Answer with the newest ``MOST_ROWS`` events of a filter as a file, sent while it is read.

    Args:
        form: A key of ``FORMATS``.
        only: The events that a person chose; None for all that fit.
    """
    scope = scope_of(prop, asked, environment, sees_bodies=sees_bodies)
    if only is not None:
        scope = replace(scope, only=sorted(only, reverse=True))
    parts = as_csv(lines(scope)) if form == "csv" else as_json(lines(scope))
    answer = StreamingHttpResponse(_for_server(request, parts), content_type=FORMATS[form])
    answer["Content-Disposition"] = f'attachment; filename="events.{form}"'
    return answer


def lines(scope: LogScope) -> Iterator[list[dict[str, Any]]]:
    """Yield the events of a scope, newest first, some at a time, as ``COLUMNS`` → value."""
    for ids in in_parts(scope, MOST_ROWS):
        yield [_line(row) for row in rows_of(scope.prop, events_of(scope, ids))]


def _line(row: EventLogRow) -> dict[str, Any]:
    texts = {
        "event_type": row.event.name,
        "event_name": row.name,
        "server_event_id": row.server_event_id,
        "rule": ", ".join(row.rule_names),
        "destination": ", ".join(row.targets),
        "reason": row.outcome.said,
    }
    facts = {
        "id": str(row.event.pk),
        "received_at": row.event.received_at.isoformat(),
        "environment": row.environment,
        "result": row.outcome.word,
        "value": row.value,
        "currency": row.currency,
        "ms": row.ms,
    }
    found = facts | {name: str(mask_lookalikes(text)) for name, text in texts.items()}
    return {name: found[name] for name in COLUMNS}


def as_csv(parts: Iterator[list[dict[str, Any]]]) -> Iterator[str]:
    """Yield a CSV file with a head line."""
    yield _csv_of([COLUMNS])
    for part in parts:
        yield _csv_of([[_cell(value) for value in line.values()] for line in part])


def _csv_of(table: Any) -> str:
    text = StringIO()
    csv.writer(text).writerows(table)
    return text.getvalue()


def _cell(value: Any) -> Any:
    return formula_safe(value) if isinstance(value, str) else value


def as_json(parts: Iterator[list[dict[str, Any]]]) -> Iterator[str]:
    """Yield a JSON list of objects."""
    begin = "["
    for part in parts:
        for line in part:
            yield f"{begin}{json.dumps(line, ensure_ascii=False)}"
            begin = ",\n"
    yield "]" if begin != "[" else "[]"


def _for_server(request: HttpRequest, parts: Iterator[str]) -> Iterator[str] | AsyncIterator[str]:
    """Return the parts as the server of this request takes them without waiting for the last one."""
    return _later(parts) if hasattr(request, "scope") else parts


async def _later(parts: Iterator[str]) -> AsyncIterator[str]:
    following = sync_to_async(lambda: next(parts, None))
    while (part := await following()) is not None:
        yield part
