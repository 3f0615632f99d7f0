"""``manage.py replay``: run events again and send them under the same event id."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Q

from properties.management.json_commands import JsonCommand
from properties.models import Property
from properties.models.identifiers import row_id
from properties.saving import record
from rules.delivery.clock import database_now
from rules.delivery.replay.choice import REFUSALS, ReplayChoice, choose, failed_ids, may_have_arrived
from rules.delivery.replay.jobs import start
from rules.explain.refusals import CauseKey
from rules.models import Delivery, InboundEvent, Replay

MAY_COUNT_TWICE = "{} of them may have arrived already. The vendor would count them twice."


class Command(JsonCommand):
    """Counts the events that can be sent again, and queues them for a worker or ``deliver``."""

    help = "Run failed events again and send those that have not arrived, under the same event id and name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--property", required=True, help="id or name of the property")
        parser.add_argument(
            "--event",
            action="append",
            default=[],
            help="id of an event, ours or the one that the vendor received; can be repeated",
        )
        parser.add_argument("--cause", default="", help="only events that failed with this code or reason")
        parser.add_argument(
            "--since", default="", help="only events received since this time (ISO 8601, UTC)"
        )
        parser.add_argument(
            "--build",
            choices=Replay.Build.values,
            default=Replay.Build.CURRENT.value,
            help="the build that was live when each event arrived, or the one that is live now (default)",
        )
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")

    def speaks_json(self, options: dict[str, Any]) -> bool:
        return bool(options.get("json"))

    def handle(self, *args: Any, **options: Any) -> None:
        prop = _property(options["property"])
        options["since"] = _moment(options["since"]) if options["since"] else None
        ids, unknown = _ids(prop, options)
        named = bool(options["event"])
        found = choose(prop, ids, options["build"], database_now(), delivered_too=named)
        if unknown:
            found.refused["not_found"] += unknown
        if uncertain := may_have_arrived([it.event_id for it in found.eligible]):
            self.stderr.write(MAY_COUNT_TWICE.format(uncertain))
        queued = 0 if options["dry_run"] or not found.eligible else _queue(prop, found, options)
        sums = {"eligible": len(found.eligible), "refused": dict(sorted(found.refused.items()))}
        sums["queued"] = queued
        self.stdout.write(json.dumps(sums) if options["json"] else _as_text(sums))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is not a time. Write 2026-11-30 or 2026-11-30T12:00:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _property(wanted: str) -> Property:
    prop = Property.objects.filter(uid=wanted).first() or Property.objects.filter(name=wanted).first()
    if prop is None:
        raise CommandError(f"There is no property with the id or name “{wanted}”.")
    return prop


def _ids(prop: Property, options: dict[str, Any]) -> tuple[list[int], int]:
    """Return the ids of the chosen events, and how many of the named events do not exist."""
    named, cause, since = options["event"], options["cause"], options["since"]
    if not named:
        return _failed(prop, cause, since), 0
    found = {text: _named(prop, text) for text in named}
    ids = {event_id for each in found.values() for event_id in each}
    if cause or since:
        ids &= set(_failed(prop, cause, since))
    return sorted(ids), sum(not each for each in found.values())


def _failed(prop: Property, cause: str, since: datetime | None) -> list[int]:
    first = InboundEvent.first_id_at(since) if since else 0
    key = CauseKey.read(cause)
    if key is not None:
        return failed_ids(prop, since=first, cause=Q(**key._asdict()))
    return failed_ids(prop, since=first, code=cause)


def _named(prop: Property, text: str) -> list[int]:
    number = row_id(text)
    if number and InboundEvent.objects.filter(property_id=prop.pk, pk=number).exists():
        return [number]
    sent = Delivery.objects.filter(property_id=prop.pk, server_event_id=text[:255])
    return list(sent.values_list("event_id", flat=True).distinct())


def _queue(prop: Property, found: ReplayChoice, options: dict[str, Any]) -> int:
    what = _description(options)
    replay = start(
        prop,
        found.eligible,
        build=options["build"],
        what=what,
        started_by="manage.py replay",
        key=uuid.uuid4().hex,
    )
    record(prop, "events.replayed", replay, "replay", events=replay.total, build=options["build"])
    return replay.total


def _description(options: dict[str, Any]) -> str:
    names: Sequence[str] = options["event"]
    parts = [f"{len(names)} named event{'' if len(names) == 1 else 's'}" if names else "failed events"]
    parts += [f"with the cause {options['cause']}"] if options["cause"] else []
    parts += [f"since {options['since']:%Y-%m-%d %H:%M} UTC"] if options["since"] else []
    return " ".join(parts)


def _as_text(sums: dict[str, Any]) -> str:
    refused = [f"  {number:,} {REFUSALS.get(reason, reason)}" for reason, number in sums["refused"].items()]
    lines = [f"{sums['eligible']:,} can be sent again.", *(["Not sent again:", *refused] if refused else [])]
    return "\n".join([*lines, f"{sums['queued']:,} wait for their turn."])
