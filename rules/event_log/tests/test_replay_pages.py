"""Retries of an event, a cause and a selection: the count, the job, and the pages afterwards."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.models import AuditEvent, Property
from rules.delivery.clock import database_now
from rules.delivery.ledger import balance
from rules.delivery.ledger_counters import count
from rules.delivery.replay.choice import choose
from rules.delivery.work import deliver_due
from rules.models import Delivery, InboundEvent, Replay, ReplayedEvent
from tests.event_ids import next_event_id
from tests.pages import page_text

from .conftest import DOCUMENT, PURCHASE, Accept, FakeMeta, accepted, cause_of
from .test_event_log import log, shown

# Source: observed, facebook/facebook-java-business-sdk issue 421: Purchase without currency.
NO_CURRENCY = {"error_subcode": 2804010, "error_user_msg": "Currency fehlt."}


@pytest.fixture
def refused(accept: Accept, meta: FakeMeta) -> Callable[..., list[InboundEvent]]:
    """Purchases that Meta refused; it accepts all later ones."""

    def refuse(count: int = 1) -> list[InboundEvent]:
        meta.refuse(100, "Invalid parameter", **NO_CURRENCY)
        events = []
        for number in range(count):
            events.append(accept({**PURCHASE, "event_id": f"order-{number}"}))
            deliver_due()
        meta.answer = accepted(1)
        meta.requests.clear()
        return events

    return refuse


@pytest.fixture
def publish(prop: Property, tmp_path: Path) -> Callable[..., None]:
    def publish(**settings: Any) -> None:
        document = copy.deepcopy(DOCUMENT)
        document["rules"][0]["actions"][0]["settings"].update(settings)
        file = tmp_path / "changed.json"
        file.write_text(json.dumps(document))
        call_command("apply", str(file), publish="production", stdout=StringIO())

    return publish


def address(prop: Property) -> str:
    return reverse("rules:replay_new", args=[prop.uid])


def form_of(page: str) -> dict[str, Any]:
    """Fields that a browser sends for the button of the form."""
    form = page[page.index('data-testid="replay-form"') :]
    hidden = re.findall(r'<input type="hidden" name="(event|cause|key)" value="([^"]*)"', form)
    given: dict[str, Any] = {"event": [value for name, value in hidden if name == "event"]}
    given |= {name: value for name, value in hidden if name != "event"}
    chosen = re.search(r'name="build" value="(\w+)"[^>]*checked', form)
    return {**given, "build": chosen[1] if chosen else ""}


def text_of(client: Client, where: str, query: dict[str, Any] | None = None) -> str:
    answer = client.get(where, query or {}, follow=True)
    assert answer.status_code == 200
    return page_text(answer)


def event_ids(meta: FakeMeta) -> list[str]:
    return [event["event_id"] for request in meta.requests for event in request.body["data"]]


@pytest.mark.parametrize("code", ["unclear", "no_answer"])
def test_before_events_that_may_have_arrived_are_sent_again_the_page_and_the_command_warn(
    owner_client: Client,
    prop: Property,
    refused: Callable[..., list[InboundEvent]],
    capsys: pytest.CaptureFixture[str],
    code: str,
) -> None:
    first, second = refused(2)
    both = {"event": [first.pk, second.pk]}
    assert "may-have-arrived" not in text_of(owner_client, address(prop), both)
    Delivery.objects.filter(event_id=first.pk).update(code=code)

    page = text_of(owner_client, address(prop), both)
    assert "1 of these events may have arrived already. Retry it only if the vendor does not show it" in page
    assert "2 of 2 events can be sent again" in page
    call_command("replay", property=prop.uid, dry_run=True, json=True)
    said = capsys.readouterr()
    assert "1 of them may have arrived already" in said.err
    assert json.loads(said.out)["eligible"] == 2


def test_an_event_is_retried_from_its_page_under_the_same_id(
    owner_client: Client, prop: Property, meta: FakeMeta, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused()
    page = text_of(owner_client, reverse("rules:event_detail", args=[prop.uid, event.pk]))
    assert f'{address(prop)}?event={event.pk}"' in page
    confirm = text_of(owner_client, address(prop), {"event": event.pk})
    assert "1 of 1 event can be sent again" in confirm
    assert Replay.objects.count() == 0
    answer = owner_client.post(address(prop), form_of(confirm))
    replay = Replay.objects.get()
    assert answer["Location"] == reverse("rules:replay_detail", args=[prop.uid, replay.uid])
    deliver_due()
    event.refresh_from_db()
    assert (event.state, event_ids(meta)) == ("delivered", ["order-0"])
    assert [it["event_name"] for it in meta.requests[0].body["data"]] == ["Purchase"]
    entry = AuditEvent.objects.get(type_of="events.replayed")
    assert (entry.actor_name, entry.entity) == ("olivia", {"events": 1, "build": "current"})


def test_the_page_of_the_event_shows_its_earlier_outcome(
    owner_client: Client, prop: Property, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused()
    owner_client.post(address(prop), form_of(text_of(owner_client, address(prop), {"event": event.pk})))
    deliver_due()
    page = text_of(owner_client, reverse("rules:event_detail", args=[prop.uid, event.pk]))
    assert "Delivered to Meta Conversions API" in page
    earlier = page[page.index('data-testid="earlier"') :]
    assert "Refused by Meta Conversions API" in earlier
    assert "that olivia started" in earlier
    assert page.count('data-testid="delivery"') == 1
    assert 'data-testid="retry"' not in page


def test_a_cause_is_retried_with_a_count_first(
    owner_client: Client, prop: Property, meta: FakeMeta, refused: Callable[..., list[InboundEvent]]
) -> None:
    first, *_ = refused(3)
    confirm = text_of(owner_client, address(prop), {"cause": cause_of(first)})
    assert confirm.count("3 of 3 events can be sent again.") == 2
    owner_client.post(address(prop), form_of(confirm))
    deliver_due()
    assert sorted(event_ids(meta)) == ["order-0", "order-1", "order-2"]
    assert not Delivery.objects.filter(state="dead", replayed_at__isnull=True).exists()


def test_a_selection_of_the_log_is_retried(
    owner_client: Client, prop: Property, meta: FakeMeta, refused: Callable[..., list[InboundEvent]]
) -> None:
    first, second, third = refused(3)
    page = text_of(owner_client, log(prop))
    offered = re.findall(r'name="event" value="(\d+)" form="bulk"', page)
    assert offered == [str(third.pk), str(second.pk), str(first.pk)]
    confirm = text_of(owner_client, address(prop), {"event": [first.pk, third.pk]})
    owner_client.post(address(prop), form_of(confirm))
    deliver_due()
    assert sorted(event_ids(meta)) == ["order-0", "order-2"]
    replay = Replay.objects.get()
    assert shown(text_of(owner_client, log(prop, f"?replay={replay.uid}"))) == [third.pk, first.pk]


def test_what_cannot_be_sent_again_is_counted_with_its_reason(
    owner_client: Client, prop: Property, refused: Callable[..., list[InboundEvent]], accept: Accept
) -> None:
    fine, late, empty = refused(3)
    Delivery.objects.filter(event_id=late.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    InboundEvent.objects.filter(pk=empty.pk).update(body="")
    ids = [fine.pk, late.pk, empty.pk, next_event_id()]
    confirm = text_of(owner_client, address(prop), {"event": ids})
    assert "1 of 4 events can be sent again; not sent: " in confirm
    for reason in ("1 too old for the vendor", "1 without a stored body", "1 no longer kept"):
        assert reason in confirm


def test_an_event_without_deliveries_is_too_old_when_meta_would_not_accept_it(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    """Source: Meta, Server Event Parameters, "event_time": seven days."""
    event = accept({"event": "Purchase", "event_id": "order-9", "value": "none"})
    deliver_due()
    event.refresh_from_db()
    assert event.state == "dead"
    assert "1 of 1 event" in text_of(owner_client, address(prop), {"event": event.pk})
    with time_machine.travel(timezone.now() + timedelta(days=7), tick=True):
        assert choose(prop, [event.pk], "original", database_now()).refused == {"too_old": 1}


def test_a_double_click_starts_one_retry(
    owner_client: Client, prop: Property, meta: FakeMeta, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused()
    form = form_of(text_of(owner_client, address(prop), {"event": event.pk}))
    first = owner_client.post(address(prop), form)
    assert owner_client.post(address(prop), form)["Location"] == first["Location"]
    deliver_due()
    assert owner_client.post(address(prop), form)["Location"] == first["Location"]
    deliver_due()
    assert len(meta.requests) == 1
    assert AuditEvent.objects.filter(type_of="events.replayed").count() == 1


def test_the_second_person_gets_a_message(
    owner_client: Client, prop: Property, meta: FakeMeta, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused()
    forms = [form_of(text_of(owner_client, address(prop), {"event": event.pk})) for _ in range(2)]
    owner_client.post(address(prop), forms[0])
    deliver_due()
    page = owner_client.post(address(prop), forms[1], follow=True).content.decode()
    assert "Somebody else may have started the replay" in page
    assert len(meta.requests) == 1


def test_the_build_that_is_live_now_corrects_the_event(
    owner_client: Client,
    prop: Property,
    accept: Accept,
    meta: FakeMeta,
    publish: Callable[..., None],
) -> None:
    publish(customData={"value": "{{Value}}", "currency": "{{Event ID}}"})
    event = accept()
    deliver_due()
    event.refresh_from_db()
    assert event.state == "dead"
    publish()
    owner_client.post(address(prop), form_of(text_of(owner_client, address(prop), {"event": event.pk})))
    deliver_due()
    event.refresh_from_db()
    assert event.state == "delivered"
    assert meta.requests[-1].body["data"][0]["custom_data"]["currency"] == "EUR"


def test_progress_is_shown_and_can_be_cancelled(
    owner_client: Client, prop: Property, meta: FakeMeta, refused: Callable[..., list[InboundEvent]]
) -> None:
    refused(3)
    ids = list(InboundEvent.objects.values_list("pk", flat=True))
    answer = owner_client.post(
        address(prop), form_of(text_of(owner_client, address(prop), {"event": ids})), follow=True
    )
    page = page_text(answer)
    replay = Replay.objects.get()
    part = reverse("rules:replay_progress", args=[prop.uid, replay.uid])
    assert f'hx-get="{part}"' in page
    assert 'title="Sending waits for its turn"' in page
    page = owner_client.post(
        reverse("rules:replay_cancel", args=[prop.uid, replay.uid]), follow=True
    ).content.decode()
    assert "Cancelled: 3 events stay as they were." in page
    deliver_due()
    assert meta.requests == []
    assert set(InboundEvent.objects.values_list("state", flat=True)) == {"dead"}
    after = text_of(owner_client, part)
    assert f'hx-get="{part}"' not in after
    assert 'data-testid="cancel-replay"' not in after


def test_a_person_without_the_right_to_develop_sees_no_way_to_retry(
    reader_client: Client, prop: Property, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused()
    for where in (
        log(prop),
        reverse("rules:overview", args=[prop.uid]),
        reverse("rules:event_detail", args=[prop.uid, event.pk]),
    ):
        page = text_of(reader_client, where)
        assert 'data-testid="retry"' not in page
        assert 'data-testid="bulk-retry"' not in page
    assert (
        reader_client.post(
            address(prop), {"event": event.pk, "build": "current", "key": "0" * 32}
        ).status_code
        == 403
    )


def test_an_invalid_form_starts_nothing(
    owner_client: Client, prop: Property, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused()
    for form in (
        {},
        {"event": event.pk, "key": "0" * 32},
        {"event": event.pk, "build": "newest", "key": "0" * 32},
        {"event": "9" * 40, "build": "current", "key": "0" * 32},
        {"cause": "a", "build": "current", "key": "0" * 32},
    ):
        assert owner_client.post(address(prop), form).status_code == 302
    assert not Replay.objects.exists()


def test_a_retry_of_another_property_is_not_found(
    owner_client: Client, prop: Property, refused: Callable[..., list[InboundEvent]]
) -> None:
    (event,) = refused()
    owner_client.post(address(prop), form_of(text_of(owner_client, address(prop), {"event": event.pk})))
    Replay.objects.update(property_id=prop.pk + 1)
    assert (
        owner_client.get(
            reverse("rules:replay_detail", args=[prop.uid, Replay.objects.get().uid])
        ).status_code
        == 404
    )


# The command


def command(**options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("replay", property="Shop", json=True, stdout=out, **options)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_the_command_counts_queues_and_the_worker_sends(
    prop: Property, meta: FakeMeta, refused: Callable[..., list[InboundEvent]]
) -> None:
    refused(2)
    assert command(dry_run=True) == {"eligible": 2, "refused": {}, "queued": 0}
    assert not ReplayedEvent.objects.exists()
    assert command() == {"eligible": 2, "refused": {}, "queued": 2}
    assert command() == {"eligible": 0, "refused": {"under_way": 2}, "queued": 0}
    call_command("deliver")
    assert sorted(event_ids(meta)) == ["order-0", "order-1"]
    assert command() == {"eligible": 0, "refused": {}, "queued": 0}


def test_the_command_accepts_events_by_our_id_and_by_the_vendors(
    prop: Property, meta: FakeMeta, refused: Callable[..., list[InboundEvent]]
) -> None:
    first, _second, _third = refused(3)
    found = command(event=[str(first.pk), "order-2", "order-77"])
    assert found == {"eligible": 2, "refused": {"not_found": 1}, "queued": 2}
    call_command("deliver")
    assert sorted(event_ids(meta)) == ["order-0", "order-2"]


def test_the_command_accepts_a_cause_and_a_time(
    prop: Property, accept: Accept, meta: FakeMeta, refused: Callable[..., list[InboundEvent]]
) -> None:
    first, _second = refused(2)
    accept({"event": "Purchase", "event_id": "order-9", "value": "none"})
    deliver_due()
    assert command(dry_run=True)["eligible"] == 3
    assert command(dry_run=True, cause="100/2804010")["eligible"] == 2
    assert command(dry_run=True, cause=cause_of(first))["eligible"] == 2
    assert command(dry_run=True, cause="another")["eligible"] == 0
    moment = (timezone.now() + timedelta(seconds=5)).isoformat()
    assert command(dry_run=True, since=moment)["eligible"] == 0
    assert command(dry_run=True, since="2026-01-01")["eligible"] == 3


def test_an_event_that_was_delivered_is_replayed_only_by_name(
    prop: Property, meta: FakeMeta, delivered: InboundEvent
) -> None:
    assert command() == {"eligible": 0, "refused": {}, "queued": 0}
    assert command(event=[str(delivered.pk)], build="original")["queued"] == 1
    call_command("deliver")
    assert event_ids(meta) == ["order-1", "order-1"]


def test_the_command_names_invalid_arguments(prop: Property) -> None:
    with pytest.raises(CommandError, match="There is no property with the id or name “Nowhere”"):
        call_command("replay", property="Nowhere")
    with pytest.raises(CommandError, match="is not a time"):
        call_command("replay", property="Shop", since="yesterday")
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("replay", "--property", "Shop", "--build", "newest")


def test_the_ledger_is_right_before_during_and_after(
    prop: Property, meta: FakeMeta, refused: Callable[..., list[InboundEvent]]
) -> None:
    events = refused(3)
    count({"accepted": len(events)}, timezone.now())
    meta.answer = accepted(3)
    assert (balance()["balanced"], balance()["dead"]) == (True, 3)
    command()
    assert (balance()["balanced"], balance()["dead"]) == (True, 3)
    call_command("deliver")
    counted = balance()
    assert (counted["balanced"], counted["dead"], counted["delivered"]) == (True, 0, 3)
