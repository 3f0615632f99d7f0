"""The events that were sent with a test code, and what the vendor said to each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from properties.models import Environment, Property
from rules.engine import mask_lookalikes
from rules.event_log.filters import EventLogFilter
from rules.event_log.rows import EventLogRow, page_of
from rules.models import Delivery, DeliveryAttempt, LoggedDelivery, LoggedEvent, LogGroup

LONGEST_ANSWER = 200


@dataclass(frozen=True, slots=True)
class SentRow:
    """One event of the list.

    Args:
        status: HTTP status of the last answer; None if there was none.
        said: The vendor's own words: a message if there is one, else the start of the answer.
    """

    row: EventLogRow
    code: str
    status: int | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class SentPage:
    """Some events, newest first. ``older`` is the last id of this page, if there are more."""

    events: list[SentRow]
    older: int | None = None


def sent_events(prop: Property, environment: Environment, asked: EventLogFilter) -> SentPage:
    """Return one page of the events that carried a test code; ``asked.test`` says which."""
    page = page_of(prop, asked, environment)
    ids = [row.event.pk for row in page.rows]
    codes, answers = _codes(ids), _answers(ids)
    events = [
        SentRow(row, codes.get(row.event.pk, ""), *answers.get(row.event.pk, (None, ""))) for row in page.rows
    ]
    return SentPage(events, page.older)


def known_codes(prop: Property, environment: Environment) -> list[str]:
    """Return the codes that events of an environment carried lately."""
    found = LogGroup.objects.filter(property_id=prop.pk, environment_id=environment.pk).exclude(test_code="")
    return sorted(set(found.values_list("test_code", flat=True)))


def _codes(ids: Iterable[int]) -> dict[int, str]:
    groups = dict(LoggedEvent.objects.filter(pk__in=ids).values_list("event_id", "group_id"))
    further = list(LoggedDelivery.objects.filter(event_id__in=ids).values_list("event_id", "group_id"))
    met = {*groups.values(), *(group_id for _, group_id in further)}
    named = dict(LogGroup.objects.filter(pk__in=met).exclude(test_code="").values_list("id", "test_code"))
    found = {event_id: named[group_id] for event_id, group_id in further if group_id in named}
    return found | {event_id: named[group_id] for event_id, group_id in groups.items() if group_id in named}


def _answers(ids: Iterable[int]) -> dict[int, tuple[int | None, str]]:
    """Return status and words of the last answer, by event."""
    deliveries = Delivery.objects.filter(event_id__in=ids, replayed_at__isnull=True)
    events = dict(deliveries.values_list("id", "event_id"))
    attempts = DeliveryAttempt.objects.filter(delivery_id__in=events).order_by("id")
    return {events[it.delivery_id]: (it.status, _words(it)) for it in attempts}


def _words(attempt: DeliveryAttempt) -> str:
    text = attempt.message or attempt.answer
    return str(mask_lookalikes(text))[:LONGEST_ANSWER]
