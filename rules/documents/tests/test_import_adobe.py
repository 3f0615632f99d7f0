"""Import from Adobe: the command.

Source: docs/reference/adobe.md, "Extensions", "Data elements" and "Rules and components".

``adobe/shop.json`` has the shape of the Reactor API's lists, with all their relationships and links.
"""

from __future__ import annotations

import copy
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from properties.models import AuditEvent, DataElement, Extension, Property, Secret
from rules.documents.adobe import carry_out, plan_import
from rules.documents.applying import apply_document
from rules.documents.exporting import export_document
from rules.documents.reading import InvalidDocument
from rules.models import Rule, RuleComponent
from rules.publishing.build import build
from rules.publishing.libraries import add_all_changed, working_library
from tests.work import hang_limit

pytestmark = pytest.mark.django_db

SHOP_FILE = Path(__file__).parent / "adobe/shop.json"
TOKEN = "EAABsbCS1234567890ZCZD"
PURCHASE = "RL14dc6a8c37b14b619ddb2b3ba489a1f5"
META = "facebook_conversions_api_extension::actions::send_capi_data"


@pytest.fixture
def listing() -> Any:
    return json.loads(SHOP_FILE.read_text())


def plan(listing: Any, name: str = "") -> Any:
    return plan_import(json.dumps(listing).encode(), name)


def imported(listing: Any, name: str = "") -> Property:
    return carry_out(plan(listing, name)).prop


def problems_of(content: bytes, name: str = "") -> dict[str, str]:
    with pytest.raises(InvalidDocument) as caught:
        plan_import(content, name)
    assert not Property.objects.exists()
    return dict(caught.value.problems)


def run(*arguments: str) -> tuple[int, Any]:
    out, code = StringIO(), 0
    try:
        call_command("import_adobe", *arguments, stdout=out)
    except SystemExit as stop:
        code = int(str(stop.code))
    return code, json.loads(out.getvalue())


def components(listing: Any, rule: str = PURCHASE) -> list[Any]:
    return listing["rule_components"][rule]["data"]


def of_delegate(listing: Any, delegate: str, rule: str = PURCHASE) -> Any:
    """Return the attributes of the first such component of a rule."""
    each = [item["attributes"] for item in components(listing, rule)]
    return next(item for item in each if item["delegate_descriptor_id"] == delegate)


def set_settings(attributes: Any, **changes: Any) -> None:
    settings = json.loads(attributes["settings"]) | changes
    attributes["settings"] = json.dumps({key: value for key, value in settings.items() if value is not None})


def add_element(listing: Any, name: str, delegate: str, settings: Any) -> Any:
    item = copy.deepcopy(listing["data_elements"]["data"][0])
    item["id"] = f"DE{len(listing['data_elements']['data']):032x}"
    item["relationships"]["origin"]["data"]["id"] = item["id"]
    item["attributes"] |= {
        "name": name,
        "delegate_descriptor_id": delegate,
        "settings": json.dumps(settings),
    }
    listing["data_elements"]["data"].append(item)
    return item


def action_of(prop: Property, rule: str = "Purchase") -> RuleComponent:
    return RuleComponent.objects.get(
        rule__prop=prop, rule__name=rule, delegate="meta-conversions-api::actions::send-conversions-api-event"
    )


def reasons(entries: list[Any], name: str) -> list[str]:
    return [entry.reason for entry in entries if entry.name == name]


# Imported resources


def test_the_command_makes_a_property_and_prints_what_came_over():
    code, answer = run(str(SHOP_FILE))
    prop = Property.objects.get()
    assert code == 0
    assert prop.name == answer["property"] == "Shop Event Forwarding"
    assert answer["property_id"] == prop.uid
    assert answer["imported"] == {
        "extensions": 2,
        "data_elements": 10,
        "rules": 4,
        "conditions": 5,
        "actions": 4,
    }
    assert [(entry["what"], entry["name"]) for entry in answer["skipped"]] == [
        ("extension", "Google Ads Enhanced Conversions"),
        ("data element", "Click ID"),
        ("action", "Send conversion"),
    ]


def test_the_name_of_the_new_property_can_be_given():
    assert run(str(SHOP_FILE), "--name", "Moved")[1]["property"] == "Moved"


def test_components_keep_order_negation_timeout_and_wait(listing):
    rule = Rule.objects.get(prop=imported(listing), name="Purchase")
    conditions = list(rule.components.filter(kind="conditions").order_by("order"))
    actions = list(rule.components.filter(kind="actions").order_by("order"))
    assert [(each.name, each.negate) for each in conditions] == [
        ("Is a purchase", False),
        ("Value is not zero", True),
    ]
    assert [(each.name, each.timeout) for each in actions] == [
        ("Remember the order", 2000),
        ("Send purchase to Meta", 5000),
    ]
    assert action_of(rule.prop, "Page View").delay_next is False


@pytest.mark.parametrize("timeout", [0, 0.5, -1, None, "2500", True, 10**10])
def test_a_timeout_that_leaves_no_time_or_is_none_becomes_the_default(listing, timeout):
    of_delegate(listing, META)["timeout"] = timeout
    assert action_of(imported(listing)).timeout == 2000


def test_data_elements_keep_default_value_clean_text_and_lower_case(listing):
    prop = imported(listing)
    email = DataElement.objects.get(prop=prop, name="Email")
    assert (email.clean_text, email.force_lower_case) == (True, True)
    assert DataElement.objects.get(prop=prop, name="Currency").default_value == "EUR"
    assert DataElement.objects.get(prop=prop, name="Unused Sample").enabled is False


def test_settings_keep_their_keys(listing):
    settings = action_of(imported(listing)).settings
    assert settings["eventSourceUrl"] == "{{Page URL}}"
    assert settings["eventId"] == "{{Order ID}}"
    assert settings["optOut"] is False


def test_the_access_token_is_stored_as_a_secret_and_shown_nowhere(listing):
    result = carry_out(plan(listing))
    extension = Extension.objects.get(prop=result.prop, package_name="meta-conversions-api")
    name = extension.settings["accessToken"]["$secret"]
    assert Secret.objects.get(prop=result.prop, name=name).value == TOKEN
    entries = list(AuditEvent.objects.filter(prop=result.prop).values_list("entity", flat=True))
    assert TOKEN not in json.dumps([result.to_json(), entries])


def test_a_rule_that_is_disabled_at_adobe_stays_disabled(listing):
    assert Rule.objects.get(prop=imported(listing), name="Lead (old)").enabled is False


def test_the_imported_property_can_be_built(listing):
    prop = imported(listing)
    library = working_library(prop, None)
    add_all_changed(library)
    made = build(library, prop.environments.get(stage="development"), "test")
    assert (made.status, made.problems) == ("succeeded", [])


def test_exporting_and_applying_an_imported_property_changes_nothing(listing):
    prop = imported(listing)
    result = apply_document(export_document(prop))
    assert (result.created, result.changed, result.removed) == ([], [], [])


# Shapes of files


def test_components_in_one_list_name_their_rule_by_relationship(listing):
    flat = [
        item | {"relationships": item["relationships"] | {"rules": {"data": [{"id": rule, "type": "rules"}]}}}
        for rule, document in listing["rule_components"].items()
        for item in document["data"]
    ]
    listing["rule_components"] = {"data": flat}
    assert action_of(imported(listing)).name == "Send purchase to Meta"


def test_components_may_stand_below_their_rule(listing):
    for rule in listing["rules"]["data"]:
        rule["rule_components"] = listing["rule_components"][rule["id"]]["data"]
    del listing["rule_components"]
    assert action_of(imported(listing)).name == "Send purchase to Meta"


def test_a_plain_list_of_resources_will_do(listing):
    every = [listing["property"]["data"], *listing["extensions"]["data"], *listing["data_elements"]["data"]]
    every += listing["rules"]["data"]
    every += [
        item | {"rule_id": rule} for rule, doc in listing["rule_components"].items() for item in doc["data"]
    ]
    assert plan(every).facts() == plan(listing).facts()


def test_of_a_working_copy_and_its_revisions_the_working_copy_counts(listing):
    revision = copy.deepcopy(listing["data_elements"]["data"][0])
    revision["id"] = "DE" + "9" * 32
    revision["attributes"] |= {"revision_number": 7, "settings": '{"path":"arc.event.data.old"}'}
    listing["data_elements"]["data"].append(revision)
    element = DataElement.objects.get(prop=imported(listing), name="Event Type")
    assert element.settings == {"path": "arc.event.xdm.eventType"}


def test_settings_may_be_objects_already(listing):
    attributes = listing["data_elements"]["data"][0]["attributes"]
    attributes["settings"] = json.loads(attributes["settings"])
    assert plan(listing).draft.counts()["data_elements"] == 10


def test_what_adobe_deleted_is_left_out_and_listed(listing):
    listing["rules"]["data"][3]["attributes"]["deleted_at"] = "2025-11-03T09:14:27.118Z"
    made = plan(listing)
    assert made.draft.counts()["rules"] == 3
    assert reasons(made.draft.report.skipped, "Lead (old)") == ["It was deleted at Adobe."]
    assert reasons(made.draft.report.skipped, "Send lead") == ["Its rule is not in the file."]


def test_a_file_without_extensions_still_gives_core_and_asks_for_the_configuration(listing):
    del listing["extensions"]
    made = plan(listing)
    assert [each["package"] for each in made.draft.extensions] == ["core", "meta-conversions-api"]
    assert reasons(made.draft.report.skipped, "meta-conversions-api") == [
        "Pixel ID: Pixel ID is needed.",
        "Access Token: Access Token is needed.",
    ]
    assert not any(rule["enabled"] for rule in made.draft.rules if rule["name"] in ("Purchase", "Page View"))


# Differences between Adobe's settings and ours


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('{"value": 9.5, "currency": "EUR"}', {"value": 9.5, "currency": "EUR"}),
        (
            '{"value": {{Order Value}}, "currency": "EUR"}',
            {"value": "{{Order Value}}", "currency": "EUR"},
        ),
        (
            '{"value": 1, "currency": "EUR", "content_name": "{{Email}} and {{Order ID}}"}',
            {"value": 1, "currency": "EUR", "content_name": "{{Email}} and {{Order ID}}"},
        ),
        ("{{Order ID}}", "{{Order ID}}"),
    ],
)
def test_custom_data_as_text_becomes_an_object_or_stays_one_token(listing, text, data):
    set_settings(of_delegate(listing, META), customData=text)
    assert action_of(imported(listing)).settings["customData"] == data


def test_a_token_in_code_is_shown_because_it_is_text_here(listing):
    action = of_delegate(listing, "core::actions::custom-code")
    set_settings(action, source="return '{{Order ID}}' + `{{Currency}}` + getDataElementValue('Email');")
    assert reasons(plan(listing).draft.report.adapted, "Remember the order") == [
        "Its code has {{Currency}}, which is text here: write getDataElementValue('Currency').",
        "Its code has {{Order ID}}, which is text here: write getDataElementValue('Order ID').",
    ]


def test_custom_data_that_is_no_json_is_left_out_as_adobe_sends_none(listing):
    rule = "RLd53598e3f1884e63bbc8e9c95e463dcf"
    set_settings(of_delegate(listing, META, rule), customData="{broken")
    made = plan(listing)
    assert (
        "customData"
        not in next(each for each in made.draft.rules if each["name"] == "Lead (old)")["actions"][0][
            "settings"
        ]
    )
    assert reasons(made.draft.report.adapted, "Send lead") == [
        "Custom Data: the text is not a JSON object, so Adobe does not send it; it was left out."
    ]


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
def test_check_boxes_saved_as_text_become_true_or_false(listing, text, value):
    set_settings(of_delegate(listing, META), lduEnabled=text)
    assert action_of(imported(listing)).settings["lduEnabled"] is value


def test_labels_of_action_sources_become_metas_values(listing):
    set_settings(of_delegate(listing, META), actionSource="Phisical Store")
    assert action_of(imported(listing)).settings["actionSource"] == "physical_store"


def test_app_data_fields_become_metas_object(listing):
    """Source: Meta, App Data Parameters: extinfo has 16 values, the OS version fifth."""
    fields = {
        "advertiserTrackingEnabled": "1",
        "extinfoVersion": "i2",
        "extinfoOsVersion": "17.1",
        "vendorId": "v-1",
    }
    set_settings(of_delegate(listing, META), actionSource="app", **fields)
    assert action_of(imported(listing)).settings["appData"] == {
        "advertiser_tracking_enabled": "1",
        "vendor_id": "v-1",
        "extinfo": ["i2", "", "", "", "17.1", *[""] * 11],
    }


def test_core_delegates_in_camel_case_are_understood(listing):
    of_delegate(listing, "core::actions::custom-code")["delegate_descriptor_id"] = "core::actions::customCode"
    assert plan(listing).draft.counts()["actions"] == 4


def test_two_rules_of_one_name_get_different_names(listing):
    listing["rules"]["data"][1]["attributes"]["name"] = "Purchase"
    made = plan(listing)
    assert [rule["name"] for rule in made.draft.rules[:2]] == ["Purchase", "Purchase (2)"]
    assert reasons(made.draft.report.adapted, "Purchase") == [
        "Another rule has this name, so it is called “Purchase (2)”."
    ]


# Resources that cannot be imported


def test_a_rule_with_an_unknown_action_is_disabled_and_keeps_its_conditions(listing):
    rule = Rule.objects.get(prop=imported(listing), name="Purchase to Google")
    assert rule.enabled is False
    assert [each.kind for each in rule.components.all()] == ["conditions"]


def test_events_of_tags_are_named_as_such(listing):
    of_delegate(listing, META)["delegate_descriptor_id"] = "core::events::dom-ready"
    made = plan(listing)
    assert [entry.what for entry in made.draft.report.skipped if entry.rule == "Purchase"] == ["event"]
    assert reasons(made.draft.report.disabled, "Purchase") == [
        "The event “Send purchase to Meta” is missing."
    ]


def test_a_data_element_that_nothing_stands_for_keeps_its_place_and_disables_its_rules(listing):
    item = add_element(listing, "Loyalty ID", "crm-lookup::dataElements::person", {})
    add_element(listing, "Wrapped", "core::dataElements::path", {"path": "arc.event.data.{{Loyalty ID}}"})
    set_settings(of_delegate(listing, META), externalId="{{Wrapped}}")
    result = carry_out(plan(listing))
    element = DataElement.objects.get(prop=result.prop, name=item["attributes"]["name"])
    assert element.enabled is False
    assert action_of(result.prop).settings["externalId"] == "{{Wrapped}}"
    assert Rule.objects.get(prop=result.prop, name="Purchase").enabled is False
    assert Rule.objects.get(prop=result.prop, name="Page View").enabled is True
    assert reasons(result.plan.draft.report.disabled, "Purchase") == [
        "It needs the data element “Loyalty ID”, which was not imported."
    ]


def test_an_access_token_from_an_element_that_is_missing_disables_what_sends_with_it(listing):
    set_settings(listing["extensions"]["data"][1]["attributes"], accessToken="{{Facebook Secret}}")
    result = carry_out(plan(listing))
    assert not Rule.objects.filter(prop=result.prop, enabled=True).exists()
    extension = Extension.objects.get(prop=result.prop, package_name="meta-conversions-api")
    assert extension.settings["accessToken"] == "{{Facebook Secret}}"


def test_secrets_are_listed_because_adobe_never_exports_their_values(listing):
    secret = {"id": "SE" + "1" * 32, "type": "secrets", "attributes": {"name": "Meta token"}}
    listing["secrets"] = {"data": [secret]}
    assert reasons(plan(listing).draft.report.skipped, "Meta token") == [
        "Adobe never exports the values of secrets. Create a secret with this name under Secrets."
    ]


def test_a_secret_element_keeps_the_names_and_a_build_asks_for_the_secret(listing):
    """Source: docs/reference/adobe.md, "Edge Core": a Secret maps each stage to id and name."""
    chosen = {"id": "6f1c8e1e-0d6f-4f0c-9d4b-1f3c5a7b9d2e", "name": "Facebook Token"}
    add_element(listing, "FB", "core::dataElements::secret", {"secrets": {"development": chosen}})
    set_settings(listing["extensions"]["data"][1]["attributes"], accessToken="{{FB}}")
    result = carry_out(plan(listing))
    element = DataElement.objects.get(prop=result.prop, name="FB")
    assert (element.enabled, element.settings) == (
        True,
        {"secrets": {"development": {"name": "Facebook Token"}}},
    )
    assert [each.what for each in result.plan.draft.report.skipped if each.name == "Facebook Token"] == [
        "secret"
    ]
    library = working_library(result.prop, None)
    add_all_changed(library)
    made = build(library, result.prop.environments.get(stage="development"), "test")
    assert made.status == "failed"
    assert "There is no secret “Facebook Token”." in made.problems[0]["message"]


def test_a_fetch_call_of_the_cloud_connector_keeps_its_settings(listing):
    """Source: docs/reference/adobe.md, "Cloud Connector"."""
    settings = {
        "method": "POST",
        "url": "https://api.example.com/orders?source=web",
        "headers": [{"key": "Authorization", "value": "Bearer {{Order ID}}"}],
        "body": {"order": "{{Order ID}}"},
        "responseKey": "order",
    }
    attributes = of_delegate(listing, "core::actions::custom-code")
    attributes["delegate_descriptor_id"] = "adobe-cloud-connector::actions::send-data"
    attributes["settings"] = json.dumps(settings)
    prop = imported(listing)
    assert RuleComponent.objects.get(delegate__startswith="adobe-cloud-connector").settings == settings
    assert Rule.objects.get(prop=prop, name="Purchase").enabled is True


def test_what_adobe_keeps_outside_of_the_settings_of_a_fetch_call_is_asked_for(listing):
    """Source: docs/reference/adobe.md, "Secrets": header templates are in the container alone."""
    headers = [{"key": "Authorization", "value": "Bearer [[Ads]]"}]
    settings = {"method": "GET", "url": "https://api.example.com/", "headers": headers, "useMtls": True}
    add_fetch_call(listing, settings)
    made = plan(listing)
    found = reasons(made.draft.report.skipped, "Call")
    assert [words for reason in found for words in ("[[Ads]]", "client certificate") if words in reason] == [
        "[[Ads]]",
        "client certificate",
    ]
    rule = carry_out(made).prop.rules.get(name="Purchase")
    assert rule.components.get(name="Call").settings == settings
    assert not rule.enabled


def test_a_secret_in_an_address_is_replaced_and_its_rule_waits(listing):
    add_element(
        listing, "Ads", "core::dataElements::secret", {"secrets": {"production": {"id": "1", "name": "A"}}}
    )
    add_fetch_call(listing, {"method": "GET", "url": "https://api.example.com/?key={{Ads}}"})
    made = plan(listing)
    assert "contains a secret" in reasons(made.draft.report.skipped, "Call")[0]
    assert not carry_out(made).prop.rules.get(name="Purchase").enabled


def add_fetch_call(listing: Any, settings: Any) -> None:
    item = copy.deepcopy(components(listing)[0])
    item["id"] = f"RC{1:032x}"
    item["relationships"]["origin"]["data"]["id"] = item["id"]
    delegate = "adobe-cloud-connector::actions::send-data"
    item["attributes"] |= {
        "delegate_descriptor_id": delegate,
        "name": "Call",
        "settings": json.dumps(settings),
    }
    components(listing).append(item)


def test_a_value_that_does_not_fit_is_replaced_so_that_the_other_settings_stay(listing):
    set_settings(of_delegate(listing, META), customData={"value": "a lot", "currency": "EUR"})
    result = carry_out(plan(listing))
    settings = action_of(result.prop).settings
    assert settings["customData"] == {"value": "{{Not imported}}", "currency": "EUR"}
    assert settings["email"] == "{{Email}}"
    assert Rule.objects.get(prop=result.prop, name="Purchase").enabled is False


def test_a_setting_that_is_unknown_here_is_left_out_and_named(listing):
    set_settings(of_delegate(listing, META), brandNew="x")
    result = carry_out(plan(listing))
    assert "brandNew" not in action_of(result.prop).settings
    assert reasons(result.plan.draft.report.skipped, "Send purchase to Meta") == [
        "The setting “brandNew” is unknown here. It was left out."
    ]
    assert Rule.objects.get(prop=result.prop, name="Purchase").enabled is True


def test_an_unknown_setting_at_any_depth_leaves_the_rest_as_it_was(listing):
    comparison = of_delegate(listing, "core::conditions::value-comparison")
    before = json.loads(comparison["settings"])
    set_settings(comparison, comparison={**before["comparison"], "fuzzy.match": True})
    item = add_element(listing, "Odd", "core::dataElements::path", {"path": "arc.event.data.odd", "new": 1})
    prop = imported(listing)
    kept = RuleComponent.objects.get(rule__prop=prop, rule__name="Purchase", name="Is a purchase")
    assert kept.settings == before
    element = DataElement.objects.get(prop=prop, name=item["attributes"]["name"])
    assert (element.enabled, element.settings) == (True, {"path": "arc.event.data.odd"})
    assert prop.rules.get(name="Purchase").enabled


def test_a_rule_that_reads_a_disabled_data_element_says_so_and_waits(listing):
    """At Adobe, such a rule fails for each event. Here, it would stop the build of the whole property."""
    for item in listing["data_elements"]["data"]:
        item["attributes"]["enabled"] = item["attributes"]["name"] != "Email"
    add_element(listing, "Reader", "core::dataElements::path", {"path": "arc.event.data.{{Email}}"})
    set_settings(of_delegate(listing, META), externalId="{{Reader}}")
    result = carry_out(plan(listing))
    reason = "It reads the data element “Email”, which is disabled. Enable that first."
    assert reasons(result.plan.draft.report.disabled, "Purchase") == [reason]
    assert reasons(result.plan.draft.report.disabled, "Reader") == [reason]
    assert Rule.objects.get(prop=result.prop, name="Purchase").enabled is False
    assert DataElement.objects.get(prop=result.prop, name="Reader").enabled is False
    library = working_library(result.prop, None)
    add_all_changed(library)
    made = build(library, result.prop.environments.get(stage="development"), "test")
    assert (made.status, made.problems) == ("succeeded", [])


def test_settings_of_adobe_that_event_forwarding_does_not_look_at_are_named(listing):
    listing["property"]["data"]["attributes"]["undefined_vars_return_empty"] = True
    of_delegate(listing, META)["rule_order"] = 10
    report = plan(listing).draft.report
    assert "Give the data element a default value" in reasons(report.adapted, "Shop Event Forwarding")[0]
    assert "rules run side by side" in reasons(report.adapted, "Purchase")[0]
    listing["property"]["data"]["attributes"]["undefined_vars_return_empty"] = False
    of_delegate(listing, META)["rule_order"] = 50
    report = plan(listing).draft.report
    assert reasons(report.adapted, "Shop Event Forwarding") == reasons(report.adapted, "Purchase") == []


def test_a_component_whose_settings_are_no_json_is_left_out_and_named(listing):
    of_delegate(listing, META)["settings"] = "{not json"
    made = plan(listing)
    assert reasons(made.draft.report.skipped, "Send purchase to Meta") == [
        "Its settings are not a JSON object."
    ]
    assert made.draft.rules[0]["enabled"] is False


def test_data_elements_that_read_each_other_are_taken_apart(listing):
    add_element(listing, "A", "core::dataElements::path", {"path": "arc.event.data.{{B}}"})
    add_element(listing, "B", "core::dataElements::path", {"path": "arc.event.data.{{A}}"})
    made = plan(listing)
    assert reasons(made.draft.report.skipped, "A") == [
        "Data elements may not use each other: “A” → “B” → “A”."
    ]


def test_a_component_that_only_a_frozen_revision_has_was_removed_since(listing):
    """Source: docs/reference/adobe.md, "Revisions": a rule freezes its components with it."""
    frozen_rule, frozen = copy.deepcopy(listing["rules"]["data"][0]), copy.deepcopy(components(listing)[0])
    assert frozen_rule["id"] == PURCHASE
    frozen_rule["id"], frozen["id"] = "RL" + "e" * 32, "RC" + "e" * 32
    frozen_rule["attributes"]["revision_number"] = frozen["attributes"]["revision_number"] = 1
    frozen["attributes"]["name"] = "Removed"
    frozen["relationships"]["origin"]["data"]["id"] = "RC" + "f" * 32
    frozen["relationships"]["rules"]["data"] = [{"id": frozen_rule["id"], "type": "rules"}]
    listing["rules"]["data"].append(frozen_rule)
    listing["rule_components"][frozen_rule["id"]] = {"data": [frozen]}
    del listing["rules"]["meta"]
    names = [
        it.name for it in RuleComponent.objects.filter(rule__prop=imported(listing), rule__name="Purchase")
    ]
    assert "Removed" not in names
    assert len(names) == len(components(listing))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_file_in_any_encoding_of_unicode_is_read(listing, encoding):
    """Source: RFC 8259 8.1 asks for UTF-8. PowerShell redirects output as UTF-16 with a byte order mark."""
    made = plan_import(json.dumps(listing, ensure_ascii=False).encode(encoding))
    assert made.draft.counts()["rules"] == 4


def test_a_single_resource_is_imported_as_far_as_it_goes(listing):
    made = plan_import(json.dumps(listing["data_elements"]["data"][1]).encode(), "One")
    assert made.draft.counts() == {
        "extensions": 1,
        "data_elements": 1,
        "rules": 0,
        "conditions": 0,
        "actions": 0,
    }


def test_a_large_file_is_read_in_one_pass(listing):
    """The cost of bad input is limited, also for one object with very many keys."""
    text = "{" + ",".join(f'"k{number}": 1' for number in range(300_000)) + "}"
    # In quadratic time, this would take hours.
    with hang_limit():
        problems_of(text.encode(), "Large")


@pytest.mark.parametrize("path", ["event.data.a", "arc..b", "arc.a."])
def test_a_path_that_adobe_takes_and_nothing_matches_comes_over_with_a_warning(listing, path):
    add_element(listing, "Odd", "core::dataElements::path", {"path": path})
    result = carry_out(plan(listing))
    element = DataElement.objects.get(prop=result.prop, name="Odd")
    assert (element.enabled, element.settings) == (True, {"path": path})
    (reason,) = reasons(result.plan.draft.report.warnings, "Odd")
    assert reason.startswith("Path: No event has this path")
    assert reasons(result.plan.draft.report.skipped, "Odd") == []
    assert {"what": "data element", "name": "Odd", "reason": reason} in result.to_json()["warnings"]


# Files that are refused whole


@pytest.mark.parametrize("kind", ["rules", "data_elements", "rule_components"])
def test_a_list_without_its_other_pages_is_refused(listing, kind):
    """Source: Adobe, "Paginating responses in the Reactor API": 25 on a page, ``total_count`` in ``meta``."""
    page = listing[kind] if kind != "rule_components" else listing[kind][PURCHASE]
    first, second = copy.deepcopy(page), copy.deepcopy(page)
    first["data"], second["data"] = first["data"][:2], second["data"][2:]
    whole = page["data"]
    page["data"] = first["data"]
    ((path, message),) = problems_of(json.dumps(listing).encode()).items()
    assert path.endswith(".meta.pagination")
    assert f"2 of {len(whole)} {kind.replace('_', ' ')}" in message

    pages = [first, second]
    listing[kind] = pages if kind != "rule_components" else listing[kind] | {PURCHASE: pages}
    assert plan(listing).draft.counts()["rules"] == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "This is not JSON"),
        (b"{", "This is not JSON"),
        (b"\xff\xfe{}", "This is not JSON"),
        (b"[]", "This file has no resources from Adobe."),
        (b"  <!doctype html><html>", "This is a web page, not JSON."),
        (b'{"errors": [{"code": "unauthorized"}]}', "This is an error of the Reactor API"),
        (b"null", "This file has no resources from Adobe."),
        (
            b'{"data": [{"id": "CO1", "type": "companies", "attributes": {}}]}',
            "This file has no resources from Adobe",
        ),
        (b'{"format": "capi-admin/property/v1"}', "This is a property document"),
        (b'{"buildInfo": {}, "rules": []}', "This is a built library."),
        (b"[" * 100 + b"]" * 100, "This is nested too deeply."),
        (b'"' + b"x" * 5 * 1024 * 1024 + b'"', "The file is larger than the limit of 5 MB"),
    ],
    ids=[
        "empty",
        "cut",
        "no-utf8",
        "list",
        "html",
        "error",
        "null",
        "other",
        "document",
        "build",
        "deep",
        "large",
    ],
)
def test_a_file_of_another_kind_is_refused(content, message):
    assert next(iter(problems_of(content, "Shop").values())).startswith(message)


def test_broken_resources_are_named_by_their_place_all_at_once(listing):
    del listing["data_elements"]["data"][0]["attributes"]["name"]
    listing["rules"]["data"][1]["attributes"] = []
    assert problems_of(json.dumps(listing).encode()) == {
        "$.data_elements.data[0].attributes.name": "“name” must be text that is not empty.",
        "$.rules.data[1].attributes": "This must be an object, not a list.",
    }


def test_data_elements_of_one_name_are_refused(listing):
    add_element(listing, "Email", "core::dataElements::ip", {})
    assert problems_of(json.dumps(listing).encode()) == {
        "$.data_elements.data[1].attributes.name": "Two data elements are called “Email”.",
        "$.data_elements.data[11].attributes.name": "Two data elements are called “Email”.",
    }


def test_resources_of_two_properties_are_refused(listing):
    other = {"data": {"id": "PR" + "2" * 32, "type": "properties"}}
    listing["rules"]["data"][0]["relationships"]["property"] = other
    assert problems_of(json.dumps(listing).encode()) == {
        "$": "The file has resources of 2 properties; import one property at a time."
    }


def test_a_property_for_apps_is_refused(listing):
    listing["property"]["data"]["attributes"]["platform"] = "mobile"
    assert problems_of(json.dumps(listing).encode()) == {
        "$.property.data.attributes.platform": "“Shop Event Forwarding” is a property for mobile. Choose one "
        "for tags (platform web) or event forwarding (platform edge)."
    }


def test_components_without_a_rule_are_refused_with_a_way_out(listing):
    listing["rule_components"] = listing["rule_components"][PURCHASE]
    found = problems_of(json.dumps(listing).encode())
    assert list(found) == [f"$.rule_components.data[{index}]" for index in range(4)]
    assert "put each list under the id of its rule" in found["$.rule_components.data[0]"]


def test_a_file_without_a_property_needs_a_name(listing):
    del listing["property"]
    assert problems_of(json.dumps(listing).encode()) == {
        "$.name": "The file has no property, so the new one needs a name."
    }
    assert plan(listing, "Moved").name == "Moved"


def test_a_name_that_is_taken_is_refused_and_the_property_of_that_name_stays(listing):
    imported(listing)
    before = AuditEvent.objects.count()
    code, answer = run(str(SHOP_FILE))
    assert code == 1
    assert answer["errors"][0]["path"] == "$.name"
    assert AuditEvent.objects.count() == before


def test_a_name_that_was_taken_after_the_plan_is_refused_too(listing):
    first, second = plan(listing), plan(listing)
    carry_out(first)
    with pytest.raises(InvalidDocument):
        carry_out(second)


def test_nothing_is_half_done_when_writing_fails(listing, monkeypatch):
    made = plan(listing)
    monkeypatch.setattr("rules.documents.adobe.importing.record", lambda *args, **facts: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        carry_out(made)
    assert not Property.objects.exists()
    assert not Secret.objects.exists()


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    code, answer = run(str(tmp_path / "missing.json"))
    assert code == 1
    assert "cannot be read" in answer["errors"][0]["message"]


def test_the_report_asks_for_the_organization_of_the_site(listing):
    (reason,) = reasons(plan(listing).draft.report.adapted, "Organization ID")
    assert "orgId" in reason
