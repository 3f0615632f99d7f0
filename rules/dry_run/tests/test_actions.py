"""The preview beside an action's form: requests, refusals with their reason, and test events."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.urls import reverse

from properties.catalog.outbound import Answer, OutboundRequest
from properties.catalog.secret_markers import reveal
from properties.http import transport
from properties.models import AuditEvent, Property
from rules.conftest import TOKEN
from rules.delivery.destinations.gates import hold_property
from rules.models import Build, Delivery, InboundEvent, Rule, RuleComponent
from tests.pages import page_text
from tests.people import signed_in

from .received import receive

DELEGATE = "meta-conversions-api::actions::send-conversions-api-event"
# Source: Meta, Customer Information Parameters, sample hash of john_smith@gmail.com.
HASH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
FORM = {
    "eventName": "Purchase",
    "actionSource": "email",
    "email": "{{Email}}",
    "customData.value": "9.99",
    "customData.currency": "EUR",
    "component-timeout": "2000",
}
EVENT = json.dumps({"data": {"name": "Purchase", "user": {"email": "John_Smith@gmail.com"}}})
PASTED = {"preview-source": "pasted", "preview-pasted": EVENT}


@pytest.fixture
def rule(prop: Property) -> Rule:
    return Rule.objects.get(prop=prop)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Bodies that would have been sent, with credentials; each is answered with success."""
    found: list[dict[str, Any]] = []

    def send(request: OutboundRequest, *, secrets: Any) -> Answer:
        body = json.loads(reveal(json.dumps(request.body), secrets.names, secrets.value_of))
        found.append(body)
        return Answer(200, body=json.dumps({"events_received": len(body["data"]), "fbtrace_id": "Abc"}))

    monkeypatch.setattr(transport, "send", send)
    return found


def post(person: Any, rule: Rule, page: str = "preview", **fields: str) -> Any:
    address = reverse(f"rules:{page}", args=[rule.prop.uid, rule.uid, DELEGATE])
    return signed_in(person).post(address, FORM | PASTED | fields)


def text_of(page: Any) -> str:
    assert page.status_code == 200
    return page_text(page).replace("&quot;", '"')


def words_of(page: Any) -> str:
    """The text without markup, as people read it."""
    return re.sub("<[^>]+>", "", text_of(page))


def test_the_unsaved_form_gives_the_payload_with_hashes(owner: Any, rule: Rule, sent: list[Any]) -> None:
    text = words_of(post(owner, rule, eventId="typed"))
    assert HASH in text
    assert '"event_id": "typed"' in text
    assert "Would be delivered" in text
    assert "rule would not run" not in text
    assert sent == []


def test_customer_data_and_credentials_are_not_on_the_page(owner: Any, rule: Rule) -> None:
    text = text_of(post(owner, rule, accessToken="EAABtyped1234567890typed"))
    assert "john_smith" not in text.lower()
    assert TOKEN not in text
    assert "EAABtyped" not in text


PROBLEMS = {"preview-tab": "problems"}
LOWERED = "Letter case counts, but the data element “Email” has Force lower case."


def test_an_element_that_forces_lower_case_behind_a_click_id_is_named(owner: Any, rule: Rule) -> None:
    """Source: Meta, fbp and fbc Parameters: a click id is case-sensitive. The shop's Email is lower-cased."""
    assert LOWERED in text_of(post(owner, rule, fbc="{{Email}}", **PROBLEMS))
    assert LOWERED not in text_of(post(owner, rule, fbc="{{Event Name}}", **PROBLEMS))


def test_the_form_names_it_too(owner: Any, rule: Rule) -> None:
    RuleComponent.objects.filter(rule=rule, delegate=DELEGATE).update(
        settings={"eventName": "Lead", "actionSource": "email", "fbc": "{{Email}}"}
    )
    uid = RuleComponent.objects.get(rule=rule, delegate=DELEGATE).uid
    address = reverse("rules:component_edit", args=[rule.prop.uid, rule.uid, uid])
    assert LOWERED in text_of(signed_in(owner).get(address))


def test_nothing_is_stored(owner: Any, rule: Rule) -> None:
    before = RuleComponent.objects.count(), rule.prop.secrets.count(), rule.prop.revisions.count()
    post(owner, rule, accessToken="EAABtyped1234567890typed")
    assert before == (
        RuleComponent.objects.count(),
        rule.prop.secrets.count(),
        rule.prop.revisions.count(),
    )
    assert not InboundEvent.objects.exists()
    assert not Delivery.objects.exists()
    assert not Build.objects.exists()


def test_a_purchase_without_value_would_be_refused_and_says_why(owner: Any, rule: Rule) -> None:
    """Source: Meta, Pixel Reference, standard events: Purchase needs currency and value."""
    text = text_of(post(owner, rule, **{"customData.value": "{{Event Name}}"}))
    assert "Would not be sent" in text
    assert "Purchase needs currency and value" in text


def test_a_value_that_was_left_out_is_named_with_the_refusal_it_led_to(owner: Any, rule: Rule) -> None:
    """Source: docs/reference/meta.md, "Custom data": a value with two separators is not a number."""
    pasted = json.dumps({"data": {"name": "1.299,50", "user": {"email": "john_smith@gmail.com"}}})
    fields = {"customData.value": "{{Event Name}}", "preview-pasted": pasted}
    text = text_of(post(owner, rule, **fields))
    assert "Purchase needs currency and value" in text
    assert "<strong>Value:</strong>" in text
    assert 'href="#id_customData.value"' in text


def test_a_probable_mistake_gets_advice_and_is_not_refused(owner: Any, rule: Rule) -> None:
    """Source: Meta, Pixel Reference, standard events: a name that differs only by case is a custom event."""
    text = words_of(post(owner, rule, actionSource="email", email="{{Email}}", fbc="{{Email}}", **PROBLEMS))
    assert "Click ID: " in text
    assert "Would be delivered" in text


def test_what_is_wrong_in_the_form_is_named_beside_the_payload(owner: Any, rule: Rule) -> None:
    text = text_of(post(owner, rule, email="{{Emial}}", phone="+1 650 555 1212"))
    assert "There is no data element “Emial”" in text
    assert "1 to correct" in text


def test_an_event_that_does_not_meet_the_conditions_is_named(owner: Any, rule: Rule) -> None:
    text = text_of(
        post(owner, rule, **{"preview-pasted": '{"data": {"name": "PageView"}}', "phone": "16505551212"})
    )
    assert "rule would not run" in text
    assert "it was “PageView”" in text
    assert "preview-payload" in text


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("", "Paste an event"),
        ("{", "line 1, column 2"),
        ("[]", "needs “xdm” or “data”"),
        ('{"data": 1}', "“data” must be an object"),
        ('{"data": {"n": 1e999}}', "too large to be stored"),
        ('{"data": {"n": NaN}}', "does not allow NaN"),
        ('{"data": ' + '{"a":' * 40 + "1" + "}" * 40 + "}", "32 levels"),
        ('{"data": "' + "x" * 70_000 + '"}', "64 KiB"),
        ("[" * 60_000, "cannot be read"),
    ],
)
def test_a_text_that_is_not_an_event_gets_a_message_and_does_not_run(
    owner: Any, rule: Rule, pasted: str, words: str
) -> None:
    text = text_of(post(owner, rule, **{"preview-pasted": pasted}))
    assert words.lower() in text.lower()
    assert "preview-payload" not in text


def test_each_field_knows_its_line_and_what_it_gives(owner: Any, rule: Rule) -> None:
    text = text_of(post(owner, rule))
    line = text.partition('data-line="id_email">')[2]
    assert re.sub("<[^>]+>", "", line).strip().startswith(f'"em": "{HASH}"')
    hashed = f"{HASH[:4]}…{HASH[-4:]}"
    assert f'<span class="now recommended set" id="id_email-now" hx-swap-oob="true">{hashed}</span>' in text
    assert '<span class="now recommended" id="id_phone-now" hx-swap-oob="true" hidden></span>' in text


def test_another_event_needs_other_fields(owner: Any, rule: Rule) -> None:
    """The page shows the fields of a view by these classes."""
    search = 'class="now recommended" id="id_customData.search_string-now"'
    assert search not in text_of(post(owner, rule))
    assert search in text_of(post(owner, rule, eventName="Search"))
    assert 'class="now recommended set" id="id_customData.currency-now"' in text_of(
        post(owner, rule, eventName="{{Event Name}}")
    )


def test_a_field_that_is_set_and_not_sent_is_a_line_too(owner: Any, rule: Rule) -> None:
    text = words_of(post(owner, rule, phone="{{Event Name}}"))
    assert '"ph": left out' in text


def test_a_new_form_is_calm(owner: Any, rule: Rule) -> None:
    rule.components.filter(kind="actions").delete()
    answer = post(owner, rule, **dict.fromkeys(FORM, ""))
    text = text_of(answer)
    assert "Nothing is set yet" in text
    assert "to correct" not in text


def test_the_last_events_are_tried_a_few_at_a_time(owner: Any, rule: Rule) -> None:
    events = receive(rule.prop, [json.loads(EVENT)["data"]] * 25)
    first = text_of(post(owner, rule, **{"preview-tab": "last"}))
    assert "hx-vals" in first
    step = text_of(post(owner, rule, **{"preview-start": "0", "preview-counts": "[]"}))
    assert "Trying 20 of 25" in step
    counts = json.dumps([["Would be delivered", 20]])
    done = words_of(post(owner, rule, **{"preview-start": "20", "preview-counts": counts}))
    assert f"Of the last {len(events)} events" in done
    assert "Would be delivered 25" in " ".join(done.split())


@pytest.mark.parametrize("counts", ["", "{", "[1]", '[["a","b"]]', "null"])
def test_damaged_counts_begin_again(owner: Any, rule: Rule, counts: str) -> None:
    answer = post(owner, rule, **{"preview-start": "7", "preview-counts": counts})
    assert "Of the last" in text_of(answer) or "No events were received" in text_of(answer)


def test_unpaired_surrogates_do_no_harm(owner: Any, rule: Rule) -> None:
    pasted = r'{"data": {"name": "\ud800Purchase", "user": {"email": "john_smith@gmail.com"}}}'
    assert HASH in text_of(post(owner, rule, **{"preview-pasted": pasted}))


def test_without_received_events_a_sample_serves(owner: Any, rule: Rule) -> None:
    text = words_of(post(owner, rule, **{"preview-source": "fitting"}))
    assert '"event_name": "Purchase"' in text


def test_a_stored_component_keeps_its_credential(owner: Any, rule: Rule, sent: list[dict[str, Any]]) -> None:
    component = rule.components.get(kind="actions")
    address = reverse("rules:preview_send", args=[rule.prop.uid, rule.uid, DELEGATE])
    data = FORM | PASTED | {"preview-test-testEventCode": "TEST1"}
    page = signed_in(owner).post(f"{address}?component={component.uid}", data)
    assert "accepted the test event" in text_of(page)
    assert [body["access_token"] for body in sent] == [TOKEN]


def test_a_test_event_is_sent_once_with_its_code(owner: Any, rule: Rule, sent: list[dict[str, Any]]) -> None:
    """Source: Meta, Test Events: test_event_code beside data."""
    fields = {"preview-test-testEventCode": "TEST1", "accessToken": "EAABtyped1234567890typed"}
    text = text_of(post(owner, rule, "preview_send", **fields))
    [body] = sent
    assert body["test_event_code"] == "TEST1"
    assert body["access_token"] == "EAABtyped1234567890typed"
    assert body["data"][0]["user_data"]["em"] == HASH
    assert "Delivered" in text
    assert "Abc" in text
    entry = AuditEvent.objects.get(type_of="action.tested")
    assert "EAAB" not in json.dumps(entry.entity)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"preview-test-testEventCode": "TEST1", "customData.currency": ""},
        {"preview-test-testEventCode": "TEST1", "email": ""},
        {"preview-test-testEventCode": "TEST1", "preview-pasted": "{"},
    ],
    ids=["no code", "form with a problem", "Meta would refuse it", "no event"],
)
def test_what_cannot_be_sent_is_not_sent_and_says_why(
    owner: Any, rule: Rule, sent: list[Any], fields: dict[str, str]
) -> None:
    assert "Not sent" in text_of(post(owner, rule, "preview_send", **fields))
    assert sent == []


def test_a_refusal_of_meta_is_explained_in_plain_words(
    owner: Any, rule: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Source: Meta, Handling Errors (Graph API): 190 is a bad access token."""
    answer = Answer(401, body=json.dumps({"error": {"code": 190, "message": "Bad", "fbtrace_id": "X"}}))
    monkeypatch.setattr(transport, "send", lambda request, *, secrets: answer)
    text = text_of(post(owner, rule, "preview_send", **{"preview-test-testEventCode": "TEST1"}))
    assert "does not accept events with this configuration" in text
    assert "Make a new access token" in text


def test_a_property_that_is_held_sends_no_test_event(owner: Any, rule: Rule, sent: list[Any]) -> None:
    hold_property(rule.prop.pk, message="Events of the example property stay here.")
    text = text_of(post(owner, rule, "preview_send", **{"preview-test-testEventCode": "TEST1"}))
    assert "Events of the example property stay here." in text
    assert sent == []


def test_only_people_who_develop_see_and_send(
    reader: Any, stranger: Any, rule: Rule, sent: list[Any]
) -> None:
    for page in ("preview", "preview_send"):
        assert post(reader, rule, page).status_code == 403
        assert post(stranger, rule, page).status_code == 404
    component = rule.components.get(kind="actions")
    address = reverse("rules:component_edit", args=[rule.prop.uid, rule.uid, component.uid])
    assert 'data-testid="preview"' not in text_of(signed_in(reader).get(address))
    assert sent == []


def test_the_form_of_an_action_has_the_preview_and_that_of_a_condition_has_none(
    owner: Any, rule: Rule
) -> None:
    def page(kind: str) -> str:
        component = rule.components.get(kind=kind)
        address = reverse("rules:component_edit", args=[rule.prop.uid, rule.uid, component.uid])
        return text_of(signed_in(owner).get(address))

    assert 'data-testid="preview"' in page("actions")
    assert 'data-testid="preview"' not in page("conditions")
