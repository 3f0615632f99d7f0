"""The event log finds events by their name and id at a vendor."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from properties.models import Property
from rules.delivery.work import deliver_due
from rules.models import Delivery, InboundEvent

from .conftest import PURCHASE, Accept, FakeMeta
from .test_event_log import log, shown


@pytest.fixture
def other(accept: Accept, delivered: InboundEvent) -> InboundEvent:
    """A purchase with another id, newer than ``delivered``."""
    event = accept({**PURCHASE, "event_id": "order-2"})
    deliver_due()
    return event


def test_the_log_shows_name_and_id_that_meta_got(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    page = owner_client.get(log(prop)).content.decode()
    assert 'title="order-1">order-1<' in page
    assert ">Purchase</a>" in page
    assert Delivery.objects.get().server_event_id == "order-1"


def test_the_page_of_an_event_shows_the_id_that_meta_got(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    page = owner_client.get(reverse("rules:event_detail", args=[prop.uid, delivered.pk])).content.decode()
    assert 'data-testid="server-event-id">order-1<' in page


@pytest.mark.parametrize("person", ["owner_client", "reader_client"])
def test_an_event_is_found_by_the_id_that_meta_got(
    person: str, request: pytest.FixtureRequest, prop: Property, delivered: InboundEvent, other: InboundEvent
) -> None:
    client = request.getfixturevalue(person)
    assert shown(client.get(log(prop, "?id=order-2")).content.decode()) == [other.pk]
    assert shown(client.get(log(prop, "?id=order")).content.decode()) == []


def test_our_own_id_comes_before_that_of_a_vendor(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta, delivered: InboundEvent
) -> None:
    accept({**PURCHASE, "event_id": str(delivered.pk)})
    deliver_due()
    assert shown(owner_client.get(log(prop, f"?id={delivered.pk}")).content.decode()) == [delivered.pk]


def test_an_id_is_found_however_many_newer_events_there_are(
    owner_client: Client,
    prop: Property,
    accept: Accept,
    delivered: InboundEvent,
    other: InboundEvent,
) -> None:
    assert shown(owner_client.get(log(prop, "?id=order-1")).content.decode()) == [delivered.pk]
    assert shown(owner_client.get(log(prop, f"?id={delivered.pk}")).content.decode()) == [delivered.pk]


def test_an_event_is_found_by_the_beginning_of_each_of_its_names(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    event = accept(name="commerce.purchases")
    accept({"event": "PageView"})
    deliver_due()
    for name in ("commerce.p", "purchase", "PURCHASE"):
        assert shown(owner_client.get(log(prop, f"?q={name}")).content.decode()) == [event.pk]
    assert shown(owner_client.get(log(prop, "?q=ommerce")).content.decode()) == []


def test_the_search_by_id_reads_an_index(owner_client: Client, prop: Property, other: InboundEvent) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        owner_client.get(log(prop, "?id=order-2"))
    asked = [it["sql"] for it in queries.captured_queries if 'server_event_id" = ' in it["sql"]]
    assert asked
    with connection.cursor() as cursor:
        for statement in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            plan = " ".join(str(row[-1]) for row in cursor.fetchall())
            assert "USING INDEX delivery_server_event" in plan
    bodies = [it["sql"] for it in queries.captured_queries if 'body" LIKE' in it["sql"]]
    assert bodies == []


def test_an_id_that_looks_like_an_address_is_not_shown_plainly(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    accept({**PURCHASE, "event_id": "john_smith@gmail.com"})
    deliver_due()
    assert "john_smith@gmail.com" not in owner_client.get(log(prop)).content.decode()
