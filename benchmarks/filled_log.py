"""Fills an installation with events as workers leave them: millions in minutes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

DAYS = 7
MADE_HERE, ROWS_AT_ONCE = 50_000, 10_000
BODY = '{"xdm":{"_id":"…"},"data":{"filler":"' + "x" * 550 + '"}}'
SHARE_OF_OTHER_ENVIRONMENT = 0.02
RARE_NAME, RARE_VALUE, RARE_EMAIL = "StartTrial", 9_999.0, "ab" * 32
# What is rare occurs about so often in all, however many events there are: each size shows a full page of it.
RARE_EVENTS = 100
# The outcome of an event, its code and its share.
OUTCOMES = (
    ("delivered", "", 0.82),
    ("no_match", "", 0.05),
    ("without", "", 0.03),
    ("not_sent", "value_without_currency", 0.05),
    ("refused", "100/2804003", 0.05),
)
RARE_OUTCOME = ("on_hold", "190")
STATES = {"no_match": "no_match", "not_sent": "dead", "refused": "dead", "on_hold": "open"}
NAMES = ("PageView", "ViewContent", "AddToCart", "Search", "InitiateCheckout", "Purchase", "Lead")


class FilledEvent(NamedTuple):
    """One event of the filled log, with its outcome."""

    id: int
    environment_id: int
    received_at: datetime
    name: str
    outcome: str
    code: str
    value: float | None
    email: str


def fill(prop: Any, build_id: int, number: int) -> int:
    """Write events of the last ``DAYS`` days, with their deliveries, rows of the log and terms.

    A part is made here, and the database repeats it with later times until there are ``number`` events.

    Returns:
        The id of an event whose id at its sender is ``visit-`` and this id.
    """
    from django.db import transaction

    base = min(number, MADE_HERE)
    times = -(-number // base)
    span = timedelta(days=DAYS) / times
    events = list(_events(prop, base, span, base // -(-RARE_EVENTS // times)))
    for start in range(0, base, ROWS_AT_ONCE):
        with transaction.atomic():
            _write(prop, build_id, events[start : start + ROWS_AT_ONCE])
    for turn in range(1, times):
        with transaction.atomic():
            _repeat(events[0].id, events[-1].id, turn * _id_span(span), _hash_of_rare(prop))
    _analyze()
    return events[base // 2].id


def retry(prop: Any, middle: int) -> None:
    """Write a retry of ``RARE_EVENTS`` events from the middle of the log."""
    from rules.models import InboundEvent, Replay, ReplayedEvent

    now = datetime.now(UTC)
    events = InboundEvent.objects.filter(pk__gte=middle).order_by("pk")[:RARE_EVENTS]
    known = {"property_id": prop.pk, "build": "current", "state": "done", "started_by": "olivia"}
    made = Replay.objects.create(
        key="benchmark", what="events", total=RARE_EVENTS, next_at=now, created_at=now, done_at=now, **known
    )
    ReplayedEvent.objects.bulk_create(
        ReplayedEvent(
            replay_id=made.pk, event_id=it.pk, build_id=it.build_id, state="released", released_at=now
        )
        for it in events
    )


def _id_span(span: timedelta) -> int:
    from rules.models import InboundEvent

    return int(span.total_seconds() * 1000) << InboundEvent.BITS_BELOW_TIME


def _hash_of_rare(prop: Any) -> int:
    from rules.delivery.log.terms import EMAIL, term

    return term(prop.pk, EMAIL, RARE_EMAIL)


def _repeat(first: int, last: int, shift: int, kept: int) -> None:
    """Write the events from ``first`` to ``last`` again with later ids, in the database itself.

    Args:
        kept: The hash of the address that several events share; other terms get hashes of their own.
    """
    from django.db import connection

    from rules.models import Delivery, EventCopy, InboundEvent, LoggedEvent, SearchTerm

    day = "((event_id + {shift}) >> 21) / 86400000"
    # Any other number of 64 bits; half of it is added, so that no sum is too large.
    hashed = f"CASE WHEN hash = {kept} THEN hash ELSE hash / 2 + ({{shift}} % 1000003) * 7919 END"
    later: dict[Any, dict[str, str]] = {
        InboundEvent: {"id": "id + {shift}"},
        Delivery: {"server_event_id": "'order-' || (event_id + {shift})"},
        LoggedEvent: {},
        SearchTerm: {"day": day, "hash": hashed},
        EventCopy: {"id_hash": "id_hash + {shift}", "plain_hash": "plain_hash + {shift}"},
    }
    for model, changed in later.items():
        names = [it.column for it in model._meta.concrete_fields if it.column and not _is_numbered(it)]
        given = {"event_id": "event_id + {shift}", **changed}
        chosen = ", ".join(given.get(name, name).format(shift=shift) for name in names)
        key, table = "id" if model is InboundEvent else "event_id", model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}) SELECT {chosen} FROM {table}"  # noqa: S608
                f" WHERE {key} BETWEEN {first} AND {last}"
            )


def _events(prop: Any, number: int, span: timedelta, rare_each: int) -> Iterator[FilledEvent]:
    from rules.models import InboundEvent

    chance = random.Random(7)
    production = prop.environments.get(stage="production").pk
    other = prop.environments.get(stage="development").pk
    start, step = datetime.now(UTC) - timedelta(days=DAYS), span / number
    kinds, weights = [it[:2] for it in OUTCOMES], [it[2] for it in OUTCOMES]
    for position in range(number):
        at, is_rare = start + position * step, position % rare_each == rare_each // 2
        outcome, code = chance.choices(kinds, weights)[0]
        if position % rare_each == rare_each // 3:
            outcome, code = RARE_OUTCOME
        elif is_rare:
            outcome, code = "delivered", ""
        yield FilledEvent(
            InboundEvent.first_id_at(at) + position % 2_000_000,
            other if chance.random() < SHARE_OF_OTHER_ENVIRONMENT and not is_rare else production,
            at,
            RARE_NAME if is_rare else chance.choice(NAMES),
            outcome,
            code,
            RARE_VALUE if is_rare else round(chance.expovariate(0.02), 2),
            RARE_EMAIL if is_rare else f"{chance.getrandbits(256):064x}",
        )


def _write(prop: Any, build_id: int, events: Sequence[FilledEvent]) -> None:
    from rules.delivery.log.groups import groups
    from rules.models import Delivery, EventCopy, InboundEvent, LoggedEvent, SearchTerm

    keys = {it.id: _group(prop, it) for it in events}
    ids = groups.ids(set(keys.values()), datetime.now(UTC))
    sent = [it for it in events if it.outcome != "no_match"]
    _insert(InboundEvent, [_event(prop, build_id, it) for it in events])
    _insert(Delivery, [_delivery(prop, it) for it in sent])
    rows = [_row(it, ids[keys[it.id]]) for it in events]
    _insert(LoggedEvent, rows)
    _insert(SearchTerm, [term for it in events for term in _terms(prop, it)])
    _insert(EventCopy, [copy for it in sent for copy in _copies(it)])


def _copies(it: FilledEvent) -> Iterator[dict[str, Any]]:
    """Yield the copies of an event; those of every twentieth have IDs in different letter case."""
    from rules.models import EventCopy

    side = EventCopy.Side
    where = {"destination": _route(it)["destination"], "name": it.name, "plain_hash": it.id}
    known = {"event_id": it.id, "environment_id": it.environment_id, **where}
    differs = it.id % 20 == 0
    yield {**known, "side": side.PAGE if differs else side.BOTH, "id_hash": it.id, "form": 0}
    if differs:
        yield {**known, "side": side.SCRIPT, "id_hash": it.id + 1, "form": EventCopy.FORM_CASE}


def _group(prop: Any, it: FilledEvent) -> Any:
    from rules.delivery.log.groups import GroupKey

    own = GroupKey(prop.pk, it.environment_id, it.outcome, it.outcome, event_type=f"shop.{it.name.lower()}")
    if it.outcome == "no_match":
        return own
    return own._replace(name=it.name, code=it.code, **_route(it))


def _route(it: FilledEvent) -> dict[str, str]:
    rule = f"RL{NAMES.index(it.name) if it.name in NAMES else 99:02}"
    return {
        "rule_uid": rule,
        "rule_name": f"Rule of {it.name}",
        "component_uid": f"RC{rule}",
        "delegate": "meta-conversions-api::actions::send-conversions-api-event",
        "destination": "1234567890123456",
    }


def _event(prop: Any, build_id: int, it: FilledEvent) -> dict[str, Any]:
    return {
        "id": it.id,
        "property_id": prop.pk,
        "environment_id": it.environment_id,
        "datastream_id": 1,
        "build_id": build_id,
        "name": f"shop.{it.name.lower()}",
        "received_at": it.received_at,
        "body": BODY,
        "request": "{}",
        "state": STATES.get(it.outcome, "delivered"),
        "reason": it.code if it.outcome in ("not_sent", "refused") else "",
        "done_at": it.received_at,
    }


def _delivery(prop: Any, it: FilledEvent) -> dict[str, Any]:
    return {
        "event_id": it.id,
        "property_id": prop.pk,
        "environment_id": it.environment_id,
        "name": it.name,
        "server_event_id": f"order-{it.id}",
        "batch_key": "b",
        "warnings": "[]",
        "state": {"dead": "dead", "open": "parked"}.get(STATES.get(it.outcome, ""), "delivered"),
        "code": it.code,
        "message": "Purchase needs a currency." if it.code else "",
        "attempts": 1,
        "created_at": it.received_at,
        **_route(it),
    }


def _row(it: FilledEvent, group_id: int) -> dict[str, Any]:
    has_value = it.outcome != "no_match"
    return {
        "event_id": it.id,
        "environment_id": it.environment_id,
        "group_id": group_id,
        "value": it.value if has_value else None,
        "currency": "EUR" if has_value else "",
        "ms": 384,
    }


def _terms(prop: Any, it: FilledEvent) -> Iterator[dict[str, int]]:
    from rules.delivery.log.terms import day_of, terms_of

    for found in terms_of(prop.pk, [f"visit-{it.id}"], [it.email]):
        yield {"day": day_of(it.id), "hash": found, "event_id": it.id}


# Into the database


def _insert(model: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; columns that they lack get the default of the model."""
    from django.db import connection

    if rows:
        write = _copy if connection.vendor == "postgresql" else _execute_many
        names, fixed = list(rows[0]), _defaults(model, rows[0])
        end = tuple(fixed.values())
        write(model._meta.db_table, [*names, *fixed], (tuple(row.values()) + end for row in rows))


def _defaults(model: Any, row: dict[str, Any]) -> dict[str, Any]:
    fields = [it for it in model._meta.concrete_fields if it.column and it.column not in row]
    return {it.column: it.get_default() for it in fields if not it.null and not _is_numbered(it)}


def _is_numbered(field: Any) -> bool:
    return bool(field.db_returning) and field.primary_key


def _copy(table: str, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    from django.db import connection

    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _execute_many(table: str, columns: list[str], rows: Iterable[tuple[Any, ...]]) -> None:
    from django.db import connection

    as_stored: Callable[[Any], Any] = connection.ops.adapt_datetimefield_value
    stored = (tuple(as_stored(it) if isinstance(it, datetime) else it for it in row) for row in rows)
    places = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", list(stored))  # noqa: S608


def _analyze() -> None:
    """Let PostgreSQL know what it has, as its own schedule does; SQLite is left as an installation has it."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
