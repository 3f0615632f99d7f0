"""Import of a tags property from Adobe.

Source: docs/reference/adobe.md, "Rules and components"; extension.json of adobe/reactor-extension-core 3.4.4,
adobe/reactor-extension-facebook-pixel 1.3.2 and adobe/reactor-extension-alloy: names and settings.

``adobe/web_shop.json`` has the shape of the Reactor API's lists.
"""

from __future__ import annotations

import copy
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from properties.models import DataElement, Extension, Property
from rules.documents.adobe import carry_out, plan_import
from rules.documents.applying import apply_document
from rules.documents.exporting import export_document
from rules.documents.reading import InvalidDocument
from rules.models import Rule, RuleComponent
from rules.publishing.build import build
from rules.publishing.libraries import add_all_changed, working_library

pytestmark = pytest.mark.django_db

FILE = Path(__file__).parent / "adobe/web_shop.json"


@pytest.fixture
def listing() -> Any:
    return json.loads(FILE.read_text("utf-8"))


@pytest.fixture
def forwarding(db: None) -> Property:
    return Property.objects.create(name="Nordlicht Forwarding")


def plan(listing: Any, **options: str) -> Any:
    return plan_import(json.dumps(listing).encode(), **options)


def imported(listing: Any, **options: str) -> Property:
    return carry_out(plan(listing, **options)).prop


def attributes_of(listing: Any, name: str) -> Any:
    """Return the attributes of the data element, rule, extension or component of this name."""
    pages = [listing["extensions"], listing["data_elements"], listing["rules"]]
    every = [item for page in (*pages, *listing["rule_components"].values()) for item in page["data"]]
    return next(it["attributes"] for it in every if it["attributes"]["name"] == name)


def change(attributes: Any, **changes: Any) -> None:
    attributes["settings"] = json.dumps(json.loads(attributes["settings"]) | changes)


def components(prop: Property, rule: str, kind: str) -> list[RuleComponent]:
    rows = RuleComponent.objects.filter(rule__prop=prop, rule__name=rule, kind=kind)
    return list(rows.order_by("order"))


def one(prop: Property, rule: str, kind: str) -> RuleComponent:
    (component,) = components(prop, rule, kind)
    return component


def reasons(entries: list[Any], name: str) -> list[str]:
    return [entry.reason for entry in entries if entry.name == name]


def test_the_command_makes_a_tags_property_and_prints_what_came_over() -> None:
    out = StringIO()
    call_command("import_adobe", str(FILE), stdout=out)
    answer, prop = json.loads(out.getvalue()), Property.objects.get()
    assert (prop.platform, prop.domains, answer["property"]) == (
        "web",
        ["nordlicht.example"],
        "Nordlicht Shop",
    )
    assert answer["imported"] == {
        "extensions": 3,
        "data_elements": 22,
        "rules": 13,
        "events": 15,
        "conditions": 8,
        "actions": 18,
    }
    assert [(it["what"], it["name"]) for it in answer["skipped"]] == [
        ("extension", "Adobe Analytics"),
        ("data element", "Search Term"),
        ("data element", "Window"),
        ("condition", "Once a visit"),
        ("action", "Load the chat"),
        ("action", "Send beacon"),
        ("event", "Monitor"),
    ]
    assert {it["name"] for it in answer["disabled"]} == {"Survey", "Chat", "Analytics Page View", "Search"}


def test_packages_and_delegates_become_ours(listing: Any) -> None:
    prop = imported(listing)
    packages = set(Extension.objects.filter(prop=prop).values_list("package_name", flat=True))
    assert packages == {"core-web", "adobe-alloy", "facebook-pixel"}
    delegates = {*RuleComponent.objects.values_list("delegate", flat=True)}
    delegates |= {*DataElement.objects.values_list("delegate", flat=True)}
    assert {it.partition("::")[0] for it in delegates} == packages


def test_the_switches_of_the_engine_are_kept(listing: Any) -> None:
    facts = listing["property"]["data"]["attributes"]
    first = imported(listing)
    assert (first.rule_component_sequencing_enabled, first.undefined_vars_return_empty) == (True, True)
    facts |= {"rule_component_sequencing_enabled": False, "undefined_vars_return_empty": False}
    other = imported(listing, name="Other")
    assert (other.rule_component_sequencing_enabled, other.undefined_vars_return_empty) == (False, False)


def test_data_elements_keep_storage_default_clean_text_and_lower_case(listing: Any) -> None:
    prop = imported(listing)
    facts = ("storage_duration", "default_value", "clean_text", "force_lower_case")
    found = {
        it.name: tuple(getattr(it, key) for key in facts) for it in DataElement.objects.filter(prop=prop)
    }
    assert found["Campaign"] == ("session", None, True, True)
    assert found["First Campaign"] == ("visitor", "none", False, False)
    assert found["Customer Group"] == ("pageview", "guest", False, False)
    assert found["Language"] == ("", "DE", False, True)


def test_an_event_keeps_its_order_among_rules_and_its_settings(listing: Any) -> None:
    prop = imported(listing)
    click, quick = components(prop, "Add to Cart", "events")
    assert (click.delegate, click.rule_order) == ("core-web::events::click", 50)
    assert click.settings == {
        "elementSelector": ".add-to-cart-button",
        "elementProperties": [{"name": "data-sku", "value": "^[A-Z]{2}-\\d+$", "valueIsRegex": True}],
        "bubbleFireIfParent": True,
        "bubbleFireIfChildFired": False,
        "bubbleStop": True,
        "anchorDelay": 150,
    }
    assert [it.rule_order for it in components(prop, "All Pages", "events")] == [1, 1]
    assert one(prop, "Purchase", "events").rule_order == 100
    assert (quick.delegate, quick.rule_order) == ("core-web::events::custom-event", 60)


def test_an_order_that_is_no_whole_number_is_reported(listing: Any) -> None:
    made = plan(listing).draft.report
    assert reasons(made.adapted, "Quick add") == ["Its order 60.5 became 60: orders are whole numbers here."]


def test_conditions_and_actions_keep_negation_timeout_and_wait(listing: Any) -> None:
    prop = imported(listing)
    conditions = components(prop, "Product View", "conditions")
    assert [(it.name, it.negate, it.timeout) for it in conditions] == [
        ("On a product page", False, 2000),
        ("Not in the preview", True, 2000),
        ("Not the staff", True, 500),
    ]
    assert [(it.name, it.timeout, it.delay_next) for it in components(prop, "Purchase", "actions")] == [
        ("Remember the order", 4000, True),
        ("Purchase", 2000, False),
        ("Send the order", 2000, False),
    ]


def test_older_settings_of_a_condition_become_rows(listing: Any) -> None:
    condition = components(imported(listing), "Product View", "conditions")[1]
    assert condition.settings == {"name": "preview", "queryParams": [{"value": "1"}]}


def test_an_action_of_the_pixel_becomes_send_pixel_event(listing: Any) -> None:
    action = components(imported(listing), "Purchase", "actions")[1]
    assert action.delegate == "facebook-pixel::actions::send-pixel-event"
    assert action.settings == {
        "eventName": "Purchase",
        "eventId": "%Order ID%",
        "parameters": {
            "content_ids": "%Product IDs%",
            "content_type": "product",
            "contents": "%Cart Contents%",
            "currency": "%Currency%",
            "num_items": "%event.detail.items%",
            "value": "%Cart Value%",
        },
    }


def test_an_own_event_of_the_pixel_keeps_its_parameters(listing: Any) -> None:
    action = components(imported(listing), "Newsletter", "actions")[1]
    assert action.settings == {
        "eventName": "NewsletterSignup",
        "eventId": "news-%Cart Token%",
        "parameters": {"group": "%Price Group%", "step": "%Checkout Step%"},
    }


def test_events_of_the_web_sdk_keep_their_tokens(listing: Any) -> None:
    action = components(imported(listing), "Purchase", "actions")[2]
    assert action.delegate == "adobe-alloy::actions::send-event"
    assert action.settings == {
        "type": "commerce.purchases",
        "xdm": "%Order XDM%",
        "data": "%Event Data%",
        "mergeId": "%Order ID%",
        "documentUnloading": True,
    }


def test_the_variable_to_update_is_named_by_its_token(listing: Any) -> None:
    prop = imported(listing)
    update = components(prop, "Video", "actions")[0]
    assert update.settings == {
        "dataElementId": "%Visit XDM%",
        "data": {"media": {"mediaTimed": {"name": "%Page Path%"}}},
        "transforms": {"media": {"clear": True}},
        "customCode": "content.media.seen = event.amount;",
    }
    assert DataElement.objects.get(prop=prop, name="Visit XDM").settings == {}


def test_an_update_of_a_variable_that_the_file_lacks_is_disabled(listing: Any) -> None:
    elements = listing["data_elements"]["data"]
    elements[:] = [it for it in elements if it["attributes"]["name"] != "Visit XDM"]
    del listing["data_elements"]["meta"]
    made = plan(listing).draft
    assert not next(it for it in made.rules if it["name"] == "Video")["enabled"]


@pytest.mark.parametrize("rule", ["Survey", "Chat", "Analytics Page View", "Search", "Black Friday 2024"])
def test_an_incomplete_rule_never_runs(listing: Any, rule: str) -> None:
    assert not Rule.objects.get(prop=imported(listing), name=rule).enabled


def test_what_cannot_run_here_is_kept_as_a_comment_in_its_place(listing: Any) -> None:
    prop = imported(listing)
    event = one(prop, "Analytics Page View", "events")
    assert (event.name, event.delegate) == ("Monitor", "core-web::events::custom-code")
    assert event.settings["source"].splitlines()[:2] == [
        "// Not imported: adobe-alloy::events::monitor-triggered. Its settings:",
        '// {"name":"onBeforeNetworkRequest"}',
    ]
    element = DataElement.objects.get(prop=prop, name="Search Term")
    assert element.delegate == "core-web::dataElements::custom-code"
    assert "core::dataElements::javascript-tools" in element.settings["source"]
    assert '"regexInput":"[?&]q=([^&]*)"' in element.settings["source"]
    assert "Window" in json.dumps(export_document(prop)["data_elements"])


@pytest.mark.parametrize("breaks", ["\n", "\r", "\u2028", "\u2029", "\x85"])
def test_no_line_break_of_settings_ends_the_comment(listing: Any, breaks: str) -> None:
    attributes_of(listing, "Send beacon")["settings"] = f"no JSON{breaks}alert(1)"
    action = one(imported(listing), "Analytics Page View", "actions")
    assert all(line.startswith("//") for line in action.settings["source"].splitlines())


def test_a_condition_that_was_not_imported_is_never_met_also_as_an_exception(listing: Any) -> None:
    attributes_of(listing, "Once a visit")["negate"] = True
    condition = one(imported(listing), "Survey", "conditions")
    assert condition.negate
    # Source: adobe/reactor-turbine, addConditionToQueue: an error is never "met".
    assert condition.settings["source"].splitlines()[-1].startswith("throw new Error(")


def test_html_with_scripts_is_named_and_its_rule_disabled(listing: Any) -> None:
    made = plan(listing).draft.report
    reason = "Its HTML has scripts, which do not run here. Write what they do as JavaScript."
    assert reasons(made.skipped, "Load the chat") == [reason]
    assert reasons(made.disabled, "Chat") == [f"“Load the chat” is not complete. {reason}"]


def test_the_lists_of_an_import_without_a_property_say_what_is_assumed(listing: Any) -> None:
    del listing["property"]
    made = plan(listing, name="Moved").draft
    assert made.platform == "web"
    assert "in sequence" in reasons(made.report.adapted, "Moved")[0]


def test_code_may_read_a_variable_that_no_data_element_gives(listing: Any) -> None:
    change(attributes_of(listing, "There is an order"), source="return _satellite.getVar('shop.ready');")
    made = plan(listing)
    assert "shop.ready" not in made.draft.element_names()
    assert made.draft.rules[3]["enabled"]


def test_a_token_of_a_variable_that_code_sets_is_kept(listing: Any) -> None:
    change(attributes_of(listing, "Lead"), content_name="%lastOrder.coupon%")
    prop = imported(listing)
    assert Rule.objects.get(prop=prop, name="Newsletter").enabled
    action = components(prop, "Newsletter", "actions")[0]
    assert action.settings["parameters"]["content_name"] == "%lastOrder.coupon%"


def test_percent_signs_in_a_text_name_no_data_element(listing: Any) -> None:
    change(attributes_of(listing, "Lead"), content_name="100% wool, 50% off")
    assert plan(listing).draft.rules[4]["enabled"]


def test_a_token_without_a_data_element_disables_its_rule(listing: Any) -> None:
    change(attributes_of(listing, "Lead"), content_name="%Gone%")
    made = plan(listing).draft
    assert reasons(made.report.skipped, "Gone") == [
        "Settings name it, but the file has no data element with this name."
    ]
    assert reasons(made.report.disabled, "Newsletter") == [
        "It needs the data element “Gone”, which was not imported."
    ]


def test_a_value_that_is_missing_here_disables_its_rule(listing: Any) -> None:
    change(attributes_of(listing, "Own event"), name="Purchase", parameters=[])
    made = plan(listing).draft
    assert "Meta needs it for Purchase." in reasons(made.report.disabled, "Newsletter")[0]
    assert made.rules[4]["actions"][1]["settings"]["parameters"] == {
        "value": "%Not imported%",
        "currency": "%Not imported%",
    }


def test_an_event_for_another_instance_of_the_web_sdk_is_disabled(listing: Any) -> None:
    sdk = attributes_of(listing, "adobe-alloy")
    first = json.loads(sdk["settings"])["instances"][0]
    change(sdk, instances=[first, {**first, "name": "partner", "edgeConfigId": "other"}])
    change(attributes_of(listing, "Set consent"), instanceName="partner")
    made = plan(listing).draft
    assert "another datastream" in reasons(made.report.disabled, "Consent")[0]
    assert not made.rules[5]["enabled"]
    assert made.rules[3]["enabled"]


def test_a_web_sdk_without_a_domain_sends_where_adobes_does(listing: Any) -> None:
    sdk = attributes_of(listing, "adobe-alloy")
    instance = json.loads(sdk["settings"])["instances"][0]
    del instance["edgeDomain"]
    change(sdk, instances=[instance])
    # Source: @adobe/alloy-core, createCoreConfigs.
    assert plan(listing).draft.extensions[1]["settings"]["edgeDomain"] == "edge.adobedc.net"


def test_the_web_sdk_can_be_pointed_at_a_property_of_event_forwarding(
    listing: Any, forwarding: Property
) -> None:
    made = plan(listing, forwarding=forwarding.name).draft
    assert made.extensions[1]["settings"] == {
        "forwardingProperty": "Nordlicht Forwarding",
        "orgId": "5BFE274A5F6980A50A495C08@AdobeOrg",
        "defaultConsent": "pending",
    }
    assert not any("go to Adobe" in it.reason for it in made.report.adapted)


def test_an_unknown_property_of_event_forwarding_is_a_problem(listing: Any) -> None:
    with pytest.raises(InvalidDocument) as caught:
        plan(listing, forwarding="Nobody")
    assert dict(caught.value.problems) == {
        "$.forwarding": "There is no property of event forwarding “Nobody”."
    }


def test_export_gives_the_property_again_and_applying_it_changes_nothing(listing: Any) -> None:
    again = apply_document(export_document(imported(listing)))
    assert (again.created, again.changed, again.removed) == ([], [], [])


def test_the_imported_property_can_be_built(listing: Any) -> None:
    prop = imported(listing)
    library = working_library(prop, "test")
    add_all_changed(library)
    made = build(library, prop.environments.get(stage="development"))
    assert (made.status, made.problems) == ("succeeded", [])


def test_a_list_that_is_imported_twice_needs_another_name(listing: Any) -> None:
    imported(listing)
    with pytest.raises(InvalidDocument, match="There is already a property"):
        plan(copy.deepcopy(listing))
