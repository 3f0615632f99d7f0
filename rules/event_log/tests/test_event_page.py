"""The page of an event: sentence, request, rights and retries."""

from __future__ import annotations

import html
import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from properties.catalog.outbound import Answer
from properties.models import AuditEvent, Property
from rules.delivery.work import deliver_due
from rules.models import Delivery, DestinationGate, InboundEvent
from tests.pages import page_text

from .conftest import EMAIL, JOHN, JOHN_HASH, PIXEL, PURCHASE, TOKEN, Accept, FakeMeta


def page_of(client: Client, prop: Property, event: InboundEvent) -> str:
    """The page with its entities as characters."""
    address = reverse("rules:event_detail", args=[prop.uid, event.pk])
    return html.unescape(page_text(client.get(address)))


def test_the_page_shows_the_way_from_request_to_answer(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    event = accept({**PURCHASE, "user": {"email": JOHN}})
    deliver_due()
    page = page_of(owner_client, prop, event)
    assert f"Delivered to Meta Conversions API ({PIXEL}) as “Purchase”" in page
    assert "Event Name equals “Purchase”" in page
    assert f'"em": "{JOHN_HASH}"' in page
    assert f"POST {settings.INSTALLATION['META_GRAPH_URL']}/v25.0/{PIXEL}/events" in page
    assert '"partner_agent": "capi_admin_1_0"' in page
    assert '"access_token": "secret “Meta Conversions API Access Token”"' in page
    assert "events_received" in page
    assert "Atrace0" in page
    assert "HTTP 200" in page
    assert "What Meta Conversions API gets" in page
    assert "arc.event.data.user.email" in page
    assert str(event.pk) in page


def test_the_token_is_nowhere(owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta) -> None:
    meta.refuse(190, "Invalid OAuth access token", status=401)
    waiting = accept()
    deliver_due()
    assert Delivery.objects.get(event_id=waiting.pk).state == "parked"
    page = page_of(owner_client, prop, waiting)
    assert TOKEN not in page
    assert "[[secret:" not in page


def test_the_body_is_masked_until_a_person_who_develops_asks_for_it(
    owner_client: Client, reader_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    for client in (owner_client, reader_client):
        masked = page_of(client, prop, delivered)
        assert EMAIL not in masked
        assert '"email": "m…@s…"' in masked
        assert '"event": "Purchase"' in masked
        assert "Customer data is hidden." in masked
    for headers in ({}, {"HX-Request": "true"}):
        plain = owner_client.post(incoming_of(prop, delivered), headers=headers)
        assert f'"email": "{EMAIL}"' in html.unescape(plain.content.decode())


def incoming_of(prop: Property, event: InboundEvent) -> str:
    return reverse("rules:event_incoming", args=[prop.uid, event.pk])


def test_who_looks_at_a_stored_body_in_clear_is_in_the_audit_log(
    owner_client: Client, reader_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    page_of(owner_client, prop, delivered)
    assert reader_client.post(incoming_of(prop, delivered)).status_code == 403
    assert not AuditEvent.objects.filter(type_of="event.body_read").exists()
    owner_client.post(incoming_of(prop, delivered))
    owner_client.get(reverse("rules:event_live", args=[prop.uid]))
    entry = AuditEvent.objects.get(type_of="event.body_read")
    assert (entry.actor_name, entry.prop, entry.entity) == ("olivia", prop, {"event": str(delivered.pk)})
    assert JOHN not in str(list(AuditEvent.objects.values()))


def test_an_event_whose_body_is_forgotten_has_none_to_read(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    InboundEvent.objects.update(body="")
    owner_client.post(incoming_of(prop, delivered))
    assert not AuditEvent.objects.filter(type_of="event.body_read").exists()


def test_headers_hide_addresses_from_everybody(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    page = html.unescape(owner_client.post(incoming_of(prop, delivered)).content.decode())
    assert f"?email={EMAIL}" not in page
    assert "?email=m…@s…" in page


def test_a_condition_that_was_not_met_is_shown_with_the_value(
    owner_client: Client, prop: Property, accept: Accept
) -> None:
    event = accept({"event": "PageView"})
    deliver_due()
    expected = (
        "No rule matched: in rule “Purchase” the condition Event Name equals “Purchase” was not met: "
        "it was “PageView”"
    )
    assert expected in page_of(owner_client, prop, event)


def test_a_missing_value_is_called_missing(owner_client: Client, prop: Property, accept: Accept) -> None:
    event = accept({"other": 1})
    deliver_due()
    assert "was not met: it was missing" in page_of(owner_client, prop, event)


def test_an_event_without_a_build_says_what_to_do(
    owner_client: Client, prop: Property, accept: Accept
) -> None:
    event = accept(stage="staging")
    deliver_due()
    page = page_of(owner_client, prop, event)
    assert "No build was live in this environment when the event arrived" in page
    assert "Publish a build to this environment" in page


def test_a_purchase_without_currency_was_not_sent(
    owner_client: Client, prop: Property, accept: Accept
) -> None:
    event = accept({"event": "Purchase", "value": 5, "user": {"email": EMAIL}})
    deliver_due()
    page = page_of(owner_client, prop, event)
    assert "Not sent: Purchase needs a currency code" in page
    assert "stopped, nothing left the server" in page
    assert page.count("Purchase needs") == 1


def test_a_refusal_of_meta_is_shown_in_its_words_with_the_trace_id(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    meta.refuse(100, "Invalid parameter", error_user_msg="The currency is not known.")
    event = accept()
    deliver_due()
    page = page_of(owner_client, prop, event)
    assert "Refused: Meta does not accept this event" in page
    assert "The currency is not known." in page
    assert "Atrace1" in page
    assert "HTTP 400" in page


def test_an_event_that_waits_says_for_what_and_until_when(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    meta.answer = Answer(None, error="timeout")
    event = accept()
    deliver_due()
    page = page_of(owner_client, prop, event)
    assert f"Retrying, Meta Conversions API ({PIXEL}):" in page
    assert "Next attempt:" in page
    assert "No answer" in page


def test_an_expired_event_says_so(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    meta.answer = Answer(None, error="timeout")
    event = accept()
    deliver_due()
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(event_id=event.pk).update(next_at=past, expires_at=past)
    deliver_due()
    assert "Not sent: it became too old for Meta Conversions API" in page_of(owner_client, prop, event)


def test_a_trace_that_was_not_kept_is_worked_out_again(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    InboundEvent.objects.filter(pk=delivered.pk).update(trace="")
    page = page_of(owner_client, prop, delivered)
    assert "the build ran again to show it" in page
    assert "Event Name equals “Purchase”" in page
    assert '"partner_agent": "capi_admin_1_0"' in page


def test_an_event_whose_body_is_forgotten_still_opens(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    InboundEvent.objects.filter(pk=delivered.pk).update(trace="", body="", request="")
    page = page_of(owner_client, prop, delivered)
    assert "The results of the rules are no longer kept." in page
    assert "Its retention period is over" in page


def test_an_event_of_a_package_that_is_gone_still_opens(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    trace = json.dumps(json.loads(InboundEvent.objects.get(pk=delivered.pk).trace))
    gone = trace.replace("meta-conversions-api::", "gone::").replace("core::", "gone::")
    InboundEvent.objects.filter(pk=delivered.pk).update(trace=gone)
    Delivery.objects.filter(event_id=delivered.pk).update(delegate="gone::actions::send")
    page = page_of(owner_client, prop, delivered)
    assert f"Delivered to gone ({PIXEL})" in page
    assert TOKEN not in page


def parked(accept: Accept, meta: FakeMeta) -> Delivery:
    meta.refuse(190, "Invalid OAuth access token", status=401)
    event = accept()
    deliver_due()
    return Delivery.objects.get(event_id=event.pk)


def test_a_parked_event_says_what_a_person_must_do_and_can_be_retried(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    delivery = parked(accept, meta)
    event = InboundEvent.objects.get(pk=delivery.event_id)
    page = page_of(owner_client, prop, event)
    assert f"On hold for Meta Conversions API ({PIXEL}): Invalid OAuth access token" in page
    meta.answer = FakeMeta().answer
    owner_client.post(reverse("rules:delivery_retry", args=[prop.uid, event.pk, delivery.pk]))
    while deliver_due():
        pass
    event.refresh_from_db()
    assert event.state == "delivered"
    assert AuditEvent.objects.filter(prop=prop, type_of="delivery.retried").exists()


def test_a_waiting_event_can_be_retried_before_its_time(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    meta.answer = Answer(None, error="timeout")
    event = accept()
    deliver_due()
    delivery = Delivery.objects.get(event_id=event.pk)
    assert deliver_due() == 0
    meta.answer = FakeMeta().answer
    owner_client.post(reverse("rules:delivery_retry", args=[prop.uid, event.pk, delivery.pk]))
    deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_a_whole_destination_can_be_retried_from_the_overview(
    owner_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    delivery = parked(accept, meta)
    gate = DestinationGate.objects.get(property_id=prop.pk)
    address = reverse("rules:destination_retry", args=[prop.uid, gate.pk])
    assert (
        address
        in owner_client.get(reverse("rules:overview", args=[prop.uid]), {"part": "figures"}).content.decode()
    )
    meta.answer = FakeMeta().answer
    owner_client.post(address)
    while deliver_due():
        pass
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_a_retry_needs_the_right_to_develop(
    reader_client: Client, stranger_client: Client, prop: Property, accept: Accept, meta: FakeMeta
) -> None:
    delivery = parked(accept, meta)
    gate = DestinationGate.objects.get(property_id=prop.pk)
    event = InboundEvent.objects.get(pk=delivery.event_id)
    assert "Retry now" not in page_of(reader_client, prop, event)
    for name, arguments in {
        "delivery_retry": (prop.uid, event.pk, delivery.pk),
        "destination_retry": (prop.uid, gate.pk),
    }.items():
        address = reverse(f"rules:{name}", args=arguments)
        assert reader_client.post(address).status_code == 403
        assert stranger_client.post(address).status_code == 404


def test_a_retry_of_what_no_longer_waits_says_so(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    delivery = Delivery.objects.get(event_id=delivered.pk)
    address = reverse("rules:delivery_retry", args=[prop.uid, delivered.pk, delivery.pk])
    assert owner_client.get(address).status_code == 405
    assert "no longer waits" in owner_client.post(address, follow=True).content.decode()


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        ("duplicate_keys", "An object had the same key twice"),
        ("headers_cut", "Kept headers were shortened"),
        ("overrides_ignored:com_adobe_target", "were ignored: com_adobe_target."),
        ("other_organization:ABC_AdobeOrg", "belong to the organization ABC_AdobeOrg"),
    ],
)
def test_a_remark_of_the_edge_is_shown(
    owner_client: Client, prop: Property, accept: Accept, flag: str, text: str
) -> None:
    assert text in page_of(owner_client, prop, accept(flags=json.dumps([flag])))


@pytest.mark.parametrize("flag", ["nul_removed", "_fbp_cookie_dropped"])
def test_a_change_by_the_edge_is_shown(
    owner_client: Client, prop: Property, accept: Accept, flag: str
) -> None:
    event = accept(flags=json.dumps([flag]))
    assert "removed" in page_of(owner_client, prop, event) or "left out" in page_of(owner_client, prop, event)


def test_what_custom_code_logged_is_shown_where_it_was_logged(
    owner_client: Client, prop: Property, accept: Accept
) -> None:
    """docs/reference/adobe.md, "JavaScript semantics": lines of ``logger`` appear with their component."""
    action = {
        "id": "RC1",
        "name": "Work it out",
        "delegate": "core::actions::custom-code",
        "settings": {"keyName": "total"},
        "output": None,
        "error": "",
        "error_code": "",
        "warnings": [],
        "microseconds": 5,
        "logs": [{"level": "warn", "text": "No currency <b>here</b>"}],
    }
    rule = {"id": "RL1", "name": "Totals", "status": "success", "waits": True, "conditions": []}
    trace = {"rules": [{**rule, "actions": [action]}], "elements": []}
    page = page_of(owner_client, prop, accept(state="open", trace=json.dumps(trace)))
    assert '<span class="pill warn">warn</span> <code>No currency <b>here</b></code>' in page
    assert "The rest of this rule runs when the awaited answer arrives." in page


def test_events_without_custom_code_have_no_log_lines(
    owner_client: Client, prop: Property, delivered: InboundEvent
) -> None:
    page = page_of(owner_client, prop, delivered)
    assert 'data-testid="logs"' not in page
    assert 'data-testid="waits"' not in page
