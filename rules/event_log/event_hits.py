"""Events by any of their ids, for the search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from properties.catalog.shown_times import in_rows
from properties.models import Environment, Property
from properties.views.search import MOST_IN_A_SECTION, Hit, Question, hits_asked_for
from rules.models import InboundEvent, LoggedEvent, LogGroup

from .filters import EventLogFilter
from .log_scope import ids_with, scope_of

# Shorter texts are words of a name, not ids.
SHORTEST_ID = 3
# Places that are searched for an id at once, when the search belongs to no property.
MOST_PROPERTIES = 20
LAST = 99


@receiver(hits_asked_for, dispatch_uid="rules.event_log.event_hits")
def event_hits(sender: type[Property], *, question: Question, **_: Any) -> list[Hit]:
    if len(question.text) < SHORTEST_ID:
        return []
    return [*_events(question), *_log(question)]


def _events(question: Question) -> Iterator[Hit]:
    for prop in list(question.places[:MOST_PROPERTIES]):
        ids = ids_with(scope_of(prop, EventLogFilter()), question.text)[:MOST_IN_A_SECTION]
        events = InboundEvent.objects.filter(pk__in=ids).defer("body", "request", "trace").order_by("-id")
        names = dict(Environment.objects.filter(prop=prop).values_list("pk", "name")) if ids else {}
        sent_as = _sent_as(ids)
        for event in events:
            environment = names.get(event.environment_id, "a deleted environment")
            kind = f"{environment} · {in_rows(event.received_at)}"
            url = reverse("rules:event_detail", args=[prop.uid, event.pk])
            label = sent_as.get(event.pk) or event.name or str(event.pk)
            yield Hit("Events", label, kind, "list", url, order=-event.pk)


def _sent_as(ids: Sequence[int]) -> dict[int, str]:
    """Return the names under which events were sent, by id."""
    logged = dict(LoggedEvent.objects.filter(pk__in=ids).values_list("pk", "group_id"))
    names = dict(LogGroup.objects.filter(pk__in=set(logged.values())).values_list("pk", "name"))
    return {pk: names.get(group, "") for pk, group in logged.items()}


def _log(question: Question) -> Iterator[Hit]:
    """Yield the search of the event log itself, which looks further than ids. It comes last."""
    if question.prop:
        url = reverse("rules:event_log", args=[question.prop.uid])
        label = f"Search the Event Log for “{question.text}”"
        yield Hit("Do", label, "", "search", f"{url}?{_query(question.text)}", order=LAST)


def _query(text: str) -> str:
    """Return the query of the log. An email address in it is hashed."""
    return EventLogFilter.of({"q": text, "range": "30d"}).query()
