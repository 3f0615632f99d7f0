"""The script that ``test_on_postgres`` runs with ``DATABASE_URL`` set: several workers on one PostgreSQL."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from properties.resources.creation import create_property  # noqa: E402
from rules.delivery import claims, persistence  # noqa: E402
from rules.delivery.clock import database_now  # noqa: E402
from rules.delivery.event_run import waiting_flight  # noqa: E402
from rules.delivery.in_flight import Rest  # noqa: E402
from rules.delivery.issue_causes import IssueCause, Occurrence  # noqa: E402
from rules.delivery.issue_counts import count_occurrences  # noqa: E402
from rules.delivery.ledger import balance  # noqa: E402
from rules.delivery.persistence import record  # noqa: E402
from rules.delivery.replay import jobs  # noqa: E402
from rules.delivery.replay.choice import Eligible  # noqa: E402
from rules.models import Delivery, InboundEvent, Issue, IssueHour, LedgerCount  # noqa: E402
from tests.event_ids import next_event_id  # noqa: E402

EVENTS = 2_000
REPLAYED = 700
COUNTED = 50


def accept(**fields: Any) -> InboundEvent:
    given = {"property_id": 1, "environment_id": 1, "datastream_id": 1, "received_at": timezone.now()}
    return InboundEvent(id=next_event_id(), body="{}", request="{}", **(given | fields))


def together(work: Callable[[], None], workers: int) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def claim_everything() -> list[int]:
    claimed: list[int] = []

    def work() -> None:
        while events := claims.claim_events(50, database_now()):
            claimed.extend(event.id for event in events)

    together(work, 4)
    return claimed


def end_two_deliveries_of_one_event() -> str:
    """Let two workers write both deliveries at the same moment: one of them must end the event."""
    event = accept(state=InboundEvent.State.OPEN)
    event.save()
    now = timezone.now()
    for destination in ("1", "2"):
        row = {"property_id": 1, "environment_id": 1, "delegate": "acme::actions::send", "created_at": now}
        lease = {"lease_token": destination, "next_at": now - timedelta(seconds=1)}
        Delivery.objects.create(event_id=event.id, destination=destination, **row, **lease)
    flights = [waiting_flight(delivery) for delivery in Delivery.objects.all()]
    both = threading.Barrier(2)

    def work() -> None:
        flight = flights.pop()
        flight.delivery.state = Delivery.State.DELIVERED
        both.wait()
        with transaction.atomic():
            record([], [flight], now)

    together(work, 2)
    event.refresh_from_db()
    return event.state


class Ran:
    """The result of the rest of a rule; without a lock, both workers read the event at once."""

    both = threading.Barrier(2)
    rules: Sequence[Any] = ()

    def traced(self) -> dict[str, Any]:
        with suppress(threading.BrokenBarrierError):
            self.both.wait(1)
        return {"rules": [], "elements": []}


def continue_two_rules_of_one_event() -> str:
    """Let two workers continue two rules; one rule fails, and the other worker must not overwrite that."""
    persistence.masked_trace = Ran.traced  # type: ignore[assignment]
    event = accept(state=InboundEvent.State.OPEN, trace='{"rules": []}')
    event.save()
    now = timezone.now()
    for token in ("3", "4"):
        row = {"property_id": 1, "environment_id": 1, "delegate": "acme::actions::ask", "created_at": now}
        Delivery.objects.create(event_id=event.id, lease_token=token, next_at=now, **row)
    flights = [waiting_flight(delivery) for delivery in Delivery.objects.filter(event_id=event.id)]
    for flight, reason in zip(flights, ("rule_failed", ""), strict=True):
        flight.delivery.state = Delivery.State.DELIVERED
        flight.rest = Rest(reason=reason, result=Ran())  # type: ignore[arg-type]

    def work() -> None:
        flight = flights.pop()
        with transaction.atomic():
            record([], [flight], now)

    together(work, 2)
    event.refresh_from_db()
    return event.reason


def replay_by_two_people_and_four_workers() -> dict[str, int]:
    """Start a replay twice at the same moment, with four workers: each event is received again once."""
    prop = create_property("Shop")
    where = {"property_id": prop.pk, "state": InboundEvent.State.DEAD, "build_id": 1}
    events = InboundEvent.objects.bulk_create([accept(**where) for _ in range(REPLAYED)])
    eligible = [Eligible(event.pk, 1) for event in events]
    both, names = threading.Barrier(2), ["olivia", "carl"]
    totals: list[int] = []

    def ask() -> None:
        name = names.pop()
        both.wait()
        given = {"build": "original", "what": "some", "started_by": name, "key": name}
        totals.append(jobs.start(prop, eligible, **given).total)

    def work() -> None:
        while jobs.is_running():
            with transaction.atomic():
                jobs.release(database_now())

    jobs.STEP_SECONDS, jobs.MOST_FRESH = 0.01, REPLAYED * 10
    together(ask, 2)
    together(work, 4)
    rows = InboundEvent.objects.filter(property_id=prop.pk)
    received = rows.filter(state=InboundEvent.State.RECEIVED, replays=1).count()
    return {"queued": sum(totals), "received": received}


def count_three_issues_by_four_workers() -> dict[str, list[int]]:
    """Let workers count the same issues at the same moment, each in another order."""
    causes = [IssueCause(1, 1, "refused", "acme::actions::send", "1", str(n), "RC1", "") for n in range(3)]
    orders = [[*causes[n:], *causes[:n]] for n in range(3)] + [causes[::-1]]
    started = threading.Barrier(4)

    def work() -> None:
        own = orders.pop()
        started.wait()
        for _ in range(COUNTED):
            with transaction.atomic():
                count_occurrences([Occurrence(cause, 1) for cause in own], timezone.now())

    together(work, 4)
    hours: dict[str, int] = Counter()
    for issue_id, count in IssueHour.objects.values_list("issue_id", "count"):
        hours[issue_id] += count
    return {"issues": sorted(Issue.objects.values_list("count", flat=True)), "hours": sorted(hours.values())}


def main() -> None:
    call_command("migrate", verbosity=0)
    InboundEvent.objects.bulk_create([accept() for _ in range(EVENTS)])
    claimed = claim_everything()
    state = end_two_deliveries_of_one_event()
    reason = continue_two_rules_of_one_event()
    today = timezone.now().date()
    LedgerCount.objects.create(day=today, name="accepted", count=EVENTS + REPLAYED + 2)
    LedgerCount.objects.create(day=today, node=99, name="dead", count=REPLAYED)
    replayed = replay_by_two_people_and_four_workers()
    result = {"claimed": len(claimed), "different": len(set(claimed)), "state": state, "reason": reason}
    result["counted"] = count_three_issues_by_four_workers()
    result |= {"ledger": balance(), "replayed": replayed}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
