"""The panels beside the forms of data elements and conditions."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from properties.models import AuditEvent, DataElement, Property
from rules.models import InboundEvent, Rule
from tests.event_ids import next_event_id
from tests.pages import page_text
from tests.people import signed_in

EMAIL = "petra@other.example"
PATH = "core::dataElements::path"
COMPARISON = "core::conditions::value-comparison"


@pytest.fixture
def event(prop: Property) -> InboundEvent:
    """A stored purchase, as the edge keeps it."""
    now = timezone.now()
    environment = prop.environments.get(stage="production")
    return InboundEvent.objects.create(
        id=next_event_id(),
        property_id=prop.pk,
        environment_id=environment.pk,
        datastream_id=environment.datastream.pk,
        build_id=None,
        name="Purchase",
        received_at=now,
        body=json.dumps({"xdm": {}, "data": {"name": "Purchase", "total": 0, "user": {"email": EMAIL}}}),
        request=json.dumps({"header": {}}),
    )


def dry_run_element(user: Any, prop: Property, delegate: str = PATH, element: str = "", **data: Any) -> Any:
    address = reverse("rules:dry_run_element", args=[prop.uid, delegate])
    return signed_in(user).post(f"{address}?element={element}", data)


def shown(response: Any) -> str:
    assert response.status_code == 200
    return page_text(response)


def dry_run_condition(user: Any, prop: Property, **data: Any) -> Any:
    rule = Rule.objects.get(prop=prop)
    given = {"leftOperand": "{{Event Name}}", "comparison.operator": "equals", "rightOperand": "Purchase"}
    return signed_in(user).post(
        reverse("rules:dry_run_condition", args=[prop.uid, rule.uid, COMPARISON]), given | data
    )


def test_a_developer_sees_the_value_of_the_form(prop: Property, colleague: Any, event: InboundEvent) -> None:
    page = shown(dry_run_element(colleague, prop, path="arc.event.data.user.email"))
    assert EMAIL in page
    assert reverse("rules:event_detail", args=[prop.uid, event.pk]) in page


def test_values_of_received_events_are_one_entry_of_the_audit_log_however_long_one_types(
    prop: Property, colleague: Any, reader: Any, event: InboundEvent
) -> None:
    dry_run_element(reader, prop, path="arc.event.data.user.email")
    for path in ("arc.event.data.user", "arc.event.data.user.email"):
        dry_run_element(colleague, prop, path=path)
    entry = AuditEvent.objects.get(type_of="event.values_read")
    assert (entry.actor_name, entry.prop) == ("colin", prop)
    assert EMAIL not in str(list(AuditEvent.objects.values()))
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        dry_run_element(colleague, prop, path="arc.event.data.user.email")
    assert AuditEvent.objects.filter(type_of="event.values_read").count() == 2


def test_zero_is_shown_as_a_number(prop: Property, colleague: Any, event: InboundEvent) -> None:
    page = shown(dry_run_element(colleague, prop, path="arc.event.data.total"))
    assert "number" in page
    assert "Missing" not in page


def test_what_is_not_there_is_missing_unless_there_is_a_default(
    prop: Property, colleague: Any, event: InboundEvent
) -> None:
    nowhere = {"path": "arc.event.data.nope"}
    assert "Missing" in shown(dry_run_element(colleague, prop, **nowhere))
    assert "the default" in shown(
        dry_run_element(colleague, prop, **nowhere, **{"element-default_value": "EUR"})
    )


def test_other_data_elements_are_read_as_they_are_saved(
    prop: Property, colleague: Any, event: InboundEvent
) -> None:
    text = {"sourceValue": "{{Email}}", "operator": "upperCase"}
    page = shown(dry_run_element(colleague, prop, "core::dataElements::text-tools", **text))
    assert EMAIL.upper() in page


def test_a_data_element_that_reads_itself_gets_a_message(
    prop: Property, colleague: Any, event: InboundEvent
) -> None:
    element = prop.dataelements.get(name="Email")
    page = shown(dry_run_element(colleague, prop, element=element.uid, path="arc.event.{{Email}}"))
    assert "circle" in page


def test_a_form_that_is_not_filled_in_is_not_run(prop: Property, colleague: Any, event: InboundEvent) -> None:
    page = shown(dry_run_element(colleague, prop, path=""))
    assert "when the form is complete" in page
    assert "Path is needed." in page


def test_without_any_event_the_samples_are_used(prop: Property, colleague: Any) -> None:
    page = shown(dry_run_element(colleague, prop, path="arc.event.data.event"))
    assert "Sample: Purchase" in page


def test_a_reader_sees_the_saved_data_element_masked_and_nothing_else(
    prop: Property, reader: Any, event: InboundEvent
) -> None:
    element = DataElement.objects.get(prop=prop, name="Email")
    page = shown(dry_run_element(reader, prop, element=element.uid, path="arc.event.data.name"))
    assert "p…@o…" in page
    assert EMAIL not in page
    assert "Purchase</code>" not in page


def test_a_dry_run_saves_nothing(prop: Property, colleague: Any, event: InboundEvent) -> None:
    element = DataElement.objects.get(prop=prop, name="Email")
    dry_run_element(colleague, prop, element=element.uid, path="arc.event.data.name")
    element.refresh_from_db()
    assert element.settings == {"path": "arc.event.data.user.email"}


def test_a_condition_shows_whether_the_newest_events_meet_it(
    prop: Property, colleague: Any, event: InboundEvent
) -> None:
    assert "<span> Met </span>" in shown(dry_run_condition(colleague, prop))
    assert "<span> Not met </span>" in shown(dry_run_condition(colleague, prop, **{"component-negate": "on"}))
    page = shown(dry_run_condition(colleague, prop, rightOperand="Lead"))
    assert "<span> Not met </span>" in page
    assert "it is “Purchase”" in page


def test_a_condition_of_another_type_shows_the_values_that_it_read(
    prop: Property, colleague: Any, event: InboundEvent
) -> None:
    rule = Rule.objects.get(prop=prop)
    consent = reverse("rules:dry_run_condition", args=[prop.uid, rule.uid, "core::conditions::consent"])
    page = shown(signed_in(colleague).post(consent, {"consent": "{{Email}}"}))
    assert "<span> Not met </span>" in page
    assert "Email is “p…@o…" in page
    assert EMAIL not in page


def test_a_reader_cannot_ask_questions_about_a_visitor(
    prop: Property, reader: Any, event: InboundEvent
) -> None:
    page = shown(dry_run_condition(reader, prop, rightOperand="Purchase"))
    assert "<span> Met </span>" not in page


def test_a_stranger_finds_nothing(prop: Property, stranger: Any, event: InboundEvent) -> None:
    assert dry_run_element(stranger, prop, path="arc.event.data.name").status_code == 404
    assert dry_run_condition(stranger, prop).status_code == 404


def test_only_events_of_the_property_are_run(prop: Property, colleague: Any, event: InboundEvent) -> None:
    InboundEvent.objects.update(property_id=prop.pk + 1)
    assert EMAIL not in shown(dry_run_element(colleague, prop, path="arc.event.data.user.email"))


@pytest.mark.parametrize("delegate", ["core::dataElements::nope", COMPARISON])
def test_a_type_that_is_not_a_data_element_is_not_found(
    prop: Property, colleague: Any, delegate: str
) -> None:
    assert dry_run_element(colleague, prop, delegate).status_code == 404


def test_the_forms_have_the_panel_and_the_worked_examples(prop: Property, colleague: Any) -> None:
    client = signed_in(colleague)
    element = reverse("properties:data_element_new", args=[prop.uid]) + f"?type={PATH}"
    rule = Rule.objects.get(prop=prop)
    condition = reverse("rules:component_new", args=[prop.uid, rule.uid, "conditions", COMPARISON])
    for address in (element, condition):
        page = client.get(address).content.decode()
        assert 'data-testid="dry-run-panel"' in page
        assert 'data-testid="examples"' in page


def test_the_form_of_an_action_has_preview_and_worked_examples(prop: Property, colleague: Any) -> None:
    rule = Rule.objects.get(prop=prop)
    action = "core::actions::custom-code"
    address = reverse("rules:component_new", args=[prop.uid, rule.uid, "actions", action])
    page = signed_in(colleague).get(address).content.decode()
    assert 'data-testid="preview"' in page
    assert 'data-testid="examples"' in page


def test_an_element_that_fails_shows_its_error_once(
    event: InboundEvent, prop: Property, administrator: Any
) -> None:
    answer = dry_run_element(
        administrator, prop, "core::dataElements::custom-code", source="return arc.event.data.nothing.at;"
    )
    page = shown(answer)
    assert '<span class="bad">Failed: TypeError' in page
    assert "Failed to execute" not in page


def test_code_that_fails_for_many_events_shows_the_reason_for_each(
    prop: Property, administrator: Any
) -> None:
    for _ in range(2):  # Without received events there are four samples.
        answer = dry_run_element(
            administrator, prop, "core::dataElements::custom-code", source="return no.name;"
        )
        assert shown(answer).count("ReferenceError: no is not defined (line 1") == 4
