"""Events that retention removed: their page says so."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.models import Property
from rules.delivery.retention import EVENT_DAYS, forget
from rules.models import InboundEvent
from tests.pages import page_text

from .conftest import Accept


def id_of(**ago: float) -> int:
    return InboundEvent.first_id_at(timezone.now() - timedelta(**ago)) + 7


def test_the_page_of_a_removed_event_says_when_events_are_removed(
    owner_client: Client, prop: Property, accept: Accept
) -> None:
    ended_at = timezone.now() - timedelta(days=EVENT_DAYS, hours=1)
    event = accept(id=id_of(days=EVENT_DAYS, hours=2), state="delivered", done_at=ended_at)
    address = reverse("rules:event_detail", args=[prop.uid, event.pk])
    assert owner_client.get(address).status_code == 200
    assert forget() == 1
    answer = owner_client.get(address)
    assert answer.status_code == 404
    shown = page_text(answer)
    assert "An event is removed 7 days after it ended" in shown
    assert "Show the newest events" in shown


def test_an_event_that_would_still_be_kept_is_not_called_removed(
    owner_client: Client, prop: Property
) -> None:
    for number in (id_of(days=1), id_of(days=-1), 7, 2**62):
        answer = owner_client.get(reverse("rules:event_detail", args=[prop.uid, number]))
        assert answer.status_code == 404
        assert "no longer kept" not in answer.content.decode()


def test_the_log_beside_a_removed_event_is_the_list_with_the_same_words(
    owner_client: Client, prop: Property
) -> None:
    log, gone = reverse("rules:event_log", args=[prop.uid]), id_of(days=30)
    answer = owner_client.get(log, {"event": gone, "env": "prod"})
    assert answer.status_code == 200
    assert 'id="drawer"' in answer.content.decode()
    assert "An event is removed 7 days after it ended" in page_text(answer)
    assert owner_client.get(log, {"event": gone}, headers={"Part": "drawer"}).status_code == 404


def test_a_stranger_learns_nothing_of_a_removed_event(stranger_client: Client, prop: Property) -> None:
    answer = stranger_client.get(reverse("rules:event_detail", args=[prop.uid, id_of(days=30)]))
    assert answer.status_code == 404
    assert "no longer kept" not in answer.content.decode()
