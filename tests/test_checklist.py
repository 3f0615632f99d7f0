"""The continuous checklist: each fact from what reaches the server anyway, the rest unknown."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from properties.models import RIGHTS, Property
from rules.conftest import SHOP
from rules.documents.applying import apply_document
from rules.models import InboundEvent, TagSighting, ValidationSession
from rules.tags.sightings import MOST_HOSTS, MOST_NOTED, Sightings, page_of
from rules.tags.validation.checklist import SiteLine, checklist_of, senders_to, shown_environment
from tests.event_ids import next_event_id
from tests.pages import page_words
from tests.people import member, signed_in
from tests.tags_shop import tags_shop


def tags_document(**settings: Any) -> dict[str, Any]:
    document = tags_shop()
    alloy = {"package": "adobe-alloy", "settings": {"forwardingProperty": "Shop"}}
    pixel = {"package": "facebook-pixel", "settings": {"pixelId": "1234567890", **settings}}
    document["extensions"] += [alloy, pixel]
    # A build holds only extensions that a rule uses.
    document["rules"][0]["actions"] += [
        {"delegate": "adobe-alloy::actions::send-event", "settings": {"type": "view"}},
        {"delegate": "facebook-pixel::actions::send-pixel-event", "settings": {"eventName": "PageView"}},
    ]
    return document


@pytest.fixture
def shop() -> dict[str, Any]:
    return copy.deepcopy(SHOP)


@pytest.fixture
def forwarding(db: None, shop: dict[str, Any]) -> Property:
    return apply_document(shop, publish="production").prop


def tags(**settings: Any) -> Property:
    return apply_document(tags_document(**settings), publish="production").prop


def token_of(prop: Property) -> str:
    return str(shown_environment(prop).token)


def items(prop: Property) -> dict[str, SiteLine]:
    return {it.name: it for it in checklist_of(shown_environment(prop))}


def test_what_nobody_has_said_is_unknown(forwarding: Property) -> None:
    found = items(tags())
    unknown = {name for name, it in found.items() if it.state == "unknown"}
    assert unknown == {"embed", "server", "pairs", "fresh"}
    assert "Visitors’ pairs: Deduplication of the property that gets the events." in found["pairs"].text


def test_the_environment_nearest_to_visitors_is_shown(forwarding: Property) -> None:
    unpublished = apply_document(tags_document()).prop
    assert shown_environment(unpublished).stage == "development"
    assert shown_environment(tags()).stage == "production"


def test_requests_for_the_library_say_where_it_is(forwarding: Property) -> None:
    prop = tags()
    sightings, token = Sightings(), token_of(prop)
    sightings.note(token, b"https://www.shop.example/cart?email=mary@shop.example")
    sightings.note(token, b"https://other.example/")
    sightings.note("unknown", b"https://www.shop.example/")
    sightings.write()
    found = items(prop)["embed"]
    assert (found.state, found.text) == ("ok", "Asked for by a page of www.shop.example/cart.")
    assert found.at is not None
    assert timezone.now() - found.at < timedelta(minutes=1)
    assert TagSighting.objects.count() == 2


def test_a_library_on_another_domain_is_to_be_looked_at(forwarding: Property) -> None:
    prop = tags()
    sightings = Sightings()
    sightings.note(token_of(prop), b"https://notshop.example/")
    sightings.write()
    found = items(prop)["embed"]
    assert found.state == "failed"
    assert "notshop.example only" in found.text


def test_a_page_that_hides_its_address_stays_unknown(forwarding: Property) -> None:
    prop = tags()
    sightings = Sightings()
    sightings.note(token_of(prop), b"")
    sightings.write()
    assert items(prop)["embed"].state == "unknown"


def test_made_up_pages_are_bounded(forwarding: Property) -> None:
    prop = tags()
    sightings, token = Sightings(), token_of(prop)
    for number in range(MOST_NOTED + 100):
        sightings.note(token, b"https://h%d.example/" % number)
    sightings.write()
    assert TagSighting.objects.count() == MOST_HOSTS
    sightings.write()
    assert not sightings.is_due


@pytest.mark.parametrize(
    ("referer", "page"),
    [
        (b"https://shop.example/a/b?c=d#e", ("shop.example", "/a/b")),
        (b"https://shop.example/u/mary@shop.example/", ("shop.example", "/u/…/")),
        (b"https://user:pass@shop.example/", ("shop.example", "/")),
        (b"javascript:alert(1)", ("", "")),
        (b"https://[", ("", "")),
        (b"\xff\xfe", ("", "")),
        (b"", ("", "")),
    ],
)
def test_a_referer_gives_host_and_path(referer: bytes, page: tuple[str, str]) -> None:
    assert page_of(referer) == page


def test_the_newest_event_says_when_a_copy_was_at_the_server(forwarding: Property) -> None:
    environment = forwarding.environments.get(stage="production")
    address = "https://shop.example/thanks?email=mary@shop.example"
    body = {"xdm": {"web": {"webPageDetails": {"URL": address}}}, "data": {}}
    InboundEvent.objects.create(
        id=next_event_id(),
        property_id=forwarding.pk,
        environment_id=environment.pk,
        datastream_id=environment.datastream.pk,
        name="metaConversion.Purchase",
        received_at=timezone.now(),
        body=json.dumps(body),
        request="{}",
    )
    found = items(tags())["server"]
    assert (found.state, found.text) == (
        "ok",
        "metaConversion.Purchase of shop.example/thanks reached Shop.",
    )


def test_the_last_validation_says_whether_data_is_fresh(forwarding: Property) -> None:
    prop = tags()
    report = {"calls": [["AddToCart", "1", True], ["PageView", "2", False]]}
    ValidationSession.objects.create(
        environment=prop.environments.get(stage="development"),
        page="https://shop.example/",
        report=json.dumps(report, separators=(",", ":")),
        reported_at=timezone.now(),
    )
    found = items(prop)
    assert found["fresh"].state == "failed"
    assert "AddToCart had the data" in found["fresh"].text
    assert found["pairs"].text == "0 of 2 in the last validation. Deduplication shows those of visitors."


@pytest.mark.parametrize(
    ("page", "server", "state", "words"),
    [
        (False, None, "ok", "Off on both sides."),
        (True, True, "ok", "On on both sides."),
        (True, False, "failed", "on in the page, off at the server"),
        (False, True, "failed", "off in the page, on at the server"),
    ],
)
def test_limited_data_use_must_be_the_same_on_both_sides(
    shop: dict[str, Any], db: None, page: bool, server: bool | None, state: str, words: str
) -> None:
    settings = shop["rules"][0]["actions"][0]["settings"]
    place = {"dataProcessingOptionsCountry": "1", "dataProcessingOptionsState": "1000"}
    settings |= {} if server is None else {"lduEnabled": server, **place}
    apply_document(shop, publish="production")
    found = items(tags(lduEnabled=page))["limited-data-use"]
    assert found.state == state
    assert words in found.text


def test_a_different_default_consent_is_to_be_looked_at(forwarding: Property) -> None:
    assert items(tags())["consent"].state == "ok"
    found = items(tags(defaultConsent="pending"))["consent"]
    assert found.state == "failed"
    assert "in and pending" in found.text


def test_the_overview_of_the_forwarding_property_shows_its_sites(forwarding: Property, olivia: Any) -> None:
    site = tags()
    client: Any = signed_in(member(olivia, forwarding, RIGHTS))
    address = reverse("rules:site_checklist", args=[forwarding.uid])
    assert page_words(client.get(address)).strip() == ""  # She does not see the tags property.
    member(olivia, site, [])
    assert "Production of Shop tags" in page_words(client.get(address))
    assert senders_to(forwarding, Property.objects.all()) == [site]
    overview = client.get(reverse("rules:overview", args=[forwarding.uid])).content.decode()
    assert address in overview


def test_it_costs_few_queries_however_many_events_there_are(forwarding: Property) -> None:
    environment = shown_environment(tags())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        checklist_of(environment)
    assert len(asked) <= 12


PAGES = (
    *("rules:validation", "rules:rules", "rules:publishing"),
    *(
        "properties:environments",
        "properties:extensions",
        "properties:data_elements",
        "properties:property_settings",
    ),
)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_loads_a_build(forwarding: Property, olivia: Any, settings: Any, name: str) -> None:
    settings.TAGS_URL = "https://data.shop.example"
    prop = tags()
    answer = signed_in(member(olivia, prop, RIGHTS)).get(reverse(name, args=[prop.uid]))
    policy = answer.headers["Content-Security-Policy"]
    assert "/t/" not in policy
    assert "data.shop.example" not in policy
    assert 'src="https://data.shop.example' not in answer.content.decode()
    assert "<iframe" not in answer.content.decode()
