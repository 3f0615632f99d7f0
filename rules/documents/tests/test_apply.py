"""Property documents: apply, export and bad input. Contract: "Property documents"."""

from __future__ import annotations

import copy
import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from properties.models import (
    AuditEvent,
    DataElement,
    Datastream,
    DatastreamAlias,
    Environment,
    Extension,
    Property,
    Revision,
    Secret,
)
from properties.saving import resource_saved
from rules.conftest import SHOP, TOKEN
from rules.documents.applying import apply_document
from rules.documents.exporting import export_document
from rules.documents.reading import InvalidDocument, parse
from rules.models import Activation, Build, Library, Rule, RuleComponent

pytestmark = pytest.mark.django_db


def problems_of(document: Any, **options: Any) -> dict[str, str]:
    with pytest.raises(InvalidDocument) as caught:
        apply_document(document, **options)
    return dict(caught.value.problems)


def run(*arguments: str) -> tuple[int, Any]:
    out, code = StringIO(), 0
    try:
        call_command(*arguments, stdout=out)
    except SystemExit as stop:
        code = int(str(stop.code))
    return code, json.loads(out.getvalue())


@pytest.fixture
def file(tmp_path, shop):
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(shop))
    return str(path)


def test_apply_prints_the_ids_that_a_sender_needs(file):
    code, answer = run("apply", file, "--publish", "production")
    prop = Property.objects.get(name="Shop")
    assert code == 0
    assert answer["property_id"] == prop.uid
    assert answer["build_id"] == Build.objects.get().uid
    assert {stage: set(ids) for stage, ids in answer["environments"].items()} == {
        stage: {"environment_id", "datastream_id"} for stage in ("development", "staging", "production")
    }
    datastream = Datastream.objects.get(environment__stage="production")
    assert answer["environments"]["production"]["datastream_id"] == datastream.uid


def test_without_publish_there_is_no_build(file):
    assert run("apply", file)[1]["build_id"] is None
    assert not Build.objects.exists()


def test_apply_publishes_to_the_stage_it_was_given(shop):
    result = apply_document(shop, publish="staging")
    assert Activation.objects.get().environment.stage == "staging"
    assert result.build.environment.stage == "staging"


def counts() -> dict[str, int]:
    models = (Revision, Build, Library, Activation, Secret, RuleComponent, DataElement)
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.parametrize("stage", ["development", "staging", "production"])
def test_applying_again_changes_nothing(shop, stage):
    first = apply_document(shop, publish=stage)
    before = counts()
    second = apply_document(shop, publish=stage)
    assert counts() == before
    assert second.build == first.build
    assert (second.created, second.changed, second.removed) == ([], [], [])


def test_apply_after_export_changes_nothing(shop):
    shop["datastreams"] = {
        "production": {"access": "key", "keys": ["a good key"], "aliases": ["web-shop"]},
        "staging": {"allowed_origins": ["https://www.shop.example"]},
    }
    first = apply_document(shop, publish="production")
    exported, before = export_document(first.prop), counts()
    result = apply_document(copy.deepcopy(exported), publish="production")
    assert (result.created, result.changed, result.removed) == ([], [], [])
    assert counts() == before
    assert export_document(result.prop) == exported


def test_export_names_credentials_and_never_shows_them(shop):
    shop["datastreams"] = {"production": {"access": "key", "keys": ["a good key"]}}
    prop = apply_document(shop).prop
    text = json.dumps(export_document(prop))
    assert TOKEN not in text
    assert "a good key" not in text
    meta = next(e for e in export_document(prop)["extensions"] if e["package"] == "meta-conversions-api")
    assert meta["settings"]["accessToken"] == {"$secret": "Meta Conversions API Access Token"}
    assert Secret.objects.get(name="Meta Conversions API Access Token").value == TOKEN


def test_export_prints_the_document_by_id_or_name_with_sorted_keys(prop):
    by_name, by_id = StringIO(), StringIO()
    call_command("export", "Shop", stdout=by_name)
    call_command("export", prop.uid, stdout=by_id)
    assert by_name.getvalue() == by_id.getvalue()
    document = json.loads(by_name.getvalue())
    assert by_name.getvalue().strip() == json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)
    assert document["format"] == "capi-admin/property/v1"


def test_export_takes_an_id_before_a_name(prop):
    Property.objects.create(name=prop.uid)
    out = StringIO()
    call_command("export", prop.uid, stdout=out)
    assert json.loads(out.getvalue())["property"]["name"] == "Shop"


def test_export_of_an_unknown_property_says_so(db):
    with pytest.raises(CommandError, match="no property"):
        call_command("export", "Nowhere")


def test_credentials_are_stored_under_the_place_they_belong_to(shop):
    shop["rules"][0]["actions"][0]["settings"] |= {"pixelId": "99", "accessToken": "another long token"}
    prop = apply_document(shop).prop
    name = "Purchase / Meta Conversions API Access Token"
    assert RuleComponent.objects.get(kind="actions").settings["accessToken"] == {"$secret": name}
    assert Secret.objects.get(prop=prop, name=name).value == "another long token"


def test_two_actions_with_a_token_each_keep_both(shop):
    action = shop["rules"][0]["actions"][0]
    for number in (1, 2):
        twin = copy.deepcopy(action)
        twin["settings"] |= {"pixelId": str(number), "accessToken": f"token number {number}"}
        shop["rules"][0]["actions"].append(twin)
    apply_document(shop)
    stored = dict(Secret.objects.filter(name__startswith="Purchase").values_list("name", "value"))
    assert stored == {
        "Purchase / Meta Conversions API Access Token": "token number 1",
        "Purchase / Meta Conversions API Access Token 2": "token number 2",
    }


def test_credentials_of_a_rule_with_a_long_name_have_names_that_fit(shop):
    shop["rules"][0]["name"] = "Purchase " * 28
    for number in (1, 2):
        action = copy.deepcopy(shop["rules"][0]["actions"][0])
        action["settings"] |= {"pixelId": str(number), "accessToken": f"token number {number}"}
        shop["rules"][0]["actions"].append(action)
    prop = apply_document(shop).prop
    stored = dict(Secret.objects.filter(name__startswith="Purchase").values_list("name", "value"))
    assert sorted(stored.values()) == ["token number 1", "token number 2"]
    # PostgreSQL refuses this, SQLite accepts it.
    assert max(map(len, stored)) <= Secret._meta.get_field("name").max_length
    assert apply_document(export_document(prop)).changed == []


def test_a_new_token_is_stored_without_a_new_build(shop):
    first = apply_document(shop, publish="production")
    shop["extensions"][1]["settings"]["accessToken"] = "a newer long token"
    assert apply_document(shop, publish="production").build == first.build
    assert Secret.objects.get().value == "a newer long token"


def test_what_the_document_lacks_is_removed_and_listed(shop):
    apply_document(shop, publish="production")
    shop["rules"], shop["data_elements"] = [], shop["data_elements"][:1]
    shop["extensions"] = shop["extensions"][:1]
    result = apply_document(shop, publish="production")
    assert result.removed == ["rule Purchase", "data_element Email", "extension meta-conversions-api"]
    assert json.loads(result.build.document)["rules"] == []


def test_a_changed_component_keeps_its_id(shop):
    apply_document(shop)
    before = RuleComponent.objects.get(kind="actions").uid
    shop["rules"][0]["actions"][0]["settings"]["eventName"] = "Lead"
    assert apply_document(shop).changed == ["rule Purchase"]
    assert RuleComponent.objects.get(kind="actions").uid == before


def test_true_and_one_are_different_settings(shop):
    shop["data_elements"][0] |= {"delegate": "core::dataElements::constant", "settings": {"value": "a"}}
    shop["data_elements"][0]["default_value"] = 1
    apply_document(shop)
    shop["data_elements"][0]["default_value"] = True
    assert apply_document(shop).changed == ["data_element Event Name"]
    assert DataElement.objects.get(name="Event Name").default_value is True


def test_order_decides_where_a_component_runs(shop):
    first, second = shop["rules"][0]["actions"][0], copy.deepcopy(shop["rules"][0]["actions"][0])
    first["order"], second["order"] = 1, 0
    second["name"] = "Before"
    shop["rules"][0]["actions"] = [first, second]
    apply_document(shop)
    assert [c.name for c in RuleComponent.objects.filter(kind="actions")] == ["Before", ""]


def test_a_country_is_stored_in_the_letters_of_the_settings_page(shop):
    shop["property"]["default_country"] = "GB"
    assert apply_document(shop).prop.default_country == "gb"


def test_absent_values_mean_what_the_contract_says(shop):
    apply_document(shop)
    component = RuleComponent.objects.get(kind="actions")
    facts = (component.negate, component.delay_next, component.timeout, component.order)
    assert facts == (False, True, 2000, 0)


def test_datastreams_take_access_keys_aliases_and_origins(shop):
    shop["datastreams"] = {
        "production": {
            "access": "key",
            "keys": ["first key", "second key"],
            "aliases": ["web-shop"],
            "allowed_origins": ["https://shop.example"],
            "org_id": "5BFE274A5F6980A50A495C08@AdobeOrg",
        }
    }
    apply_document(shop)
    datastream = Datastream.objects.get(environment__stage="production")
    assert datastream.access == "key"
    names = ["Datastream production Key", "Datastream production Key 2"]
    assert datastream.keys == [{"$secret": name} for name in names]
    assert [Secret.objects.get(name=name).value for name in names] == ["first key", "second key"]
    assert [alias.alias for alias in datastream.aliases.all()] == ["web-shop"]
    assert datastream.allowed_origins == ["https://shop.example"]
    assert datastream.org_id == "5BFE274A5F6980A50A495C08@AdobeOrg"
    assert (
        export_document(datastream.environment.prop)["datastreams"]["production"]["org_id"]
        == datastream.org_id
    )


def test_datastreams_take_what_consent_strings_must_grant(shop):
    apply_document(shop)
    datastream = Datastream.objects.get(environment__stage="production")
    assert (datastream.tcf_purposes, datastream.tcf_vendor, datastream.fpid_cookie) == ([1], 565, "")
    assert "datastreams" not in export_document(datastream.environment.prop)
    facts = {"tcf_purposes": [1, 4], "tcf_vendor": None, "fpid_cookie": "device_id"}
    shop["datastreams"] = {"production": facts}
    apply_document(shop)
    datastream.refresh_from_db()
    assert {key: getattr(datastream, key) for key in facts} == facts
    exported = export_document(datastream.environment.prop)["datastreams"]["production"]
    assert {key: exported[key] for key in facts} == facts
    assert not apply_document(shop).changed


def test_origins_are_read_as_browsers_send_them(shop):
    written = ["https://Shop.Example:443/", "http://localhost:8080", "https://müller.example"]
    sent = ["https://shop.example", "http://localhost:8080", "https://xn--mller-kva.example"]
    shop["datastreams"] = {"production": {"allowed_origins": written}}
    prop = apply_document(shop).prop
    assert export_document(prop)["datastreams"]["production"]["allowed_origins"] == sent
    assert apply_document(shop).changed == []


def test_an_alias_can_move_between_the_environments_of_a_property(shop):
    shop["datastreams"] = {"production": {"aliases": ["web-shop"]}}
    apply_document(shop)
    shop["datastreams"] = {"development": {"aliases": ["web-shop"]}}
    assert apply_document(shop).removed == []
    holder = Datastream.objects.get(aliases__alias="web-shop")
    assert holder.environment.stage == "development"


def test_an_alias_that_the_document_lacks_is_removed_and_listed(shop):
    apply_document(shop | {"datastreams": {"production": {"aliases": ["old-shop", "web-shop"]}}})
    result = apply_document(shop | {"datastreams": {"production": {"aliases": ["web-shop"]}}})
    assert (result.changed, result.removed) == (["datastream production"], ["alias old-shop"])
    assert not DatastreamAlias.objects.filter(alias="old-shop").exists()


def test_of_several_environments_of_a_stage_a_document_describes_the_oldest(shop):
    first = apply_document(shop)
    second = Environment.objects.create(prop=first.prop, name="Feature", stage="development")
    Datastream.objects.create(environment=second, write_click_cookies=True)
    assert "datastreams" not in export_document(first.prop)
    assert apply_document(export_document(first.prop)).changed == []
    assert apply_document(shop).environments == first.environments


# Bad input


def with_value(path: list[Any], value: Any) -> dict[str, Any]:
    """The shop with one value replaced."""
    document: Any = copy.deepcopy(SHOP)
    target = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return document


ACTION = ["rules", 0, "actions", 0]
CASES = [
    (["format"], "v2", "$.format", "must be “capi-admin/property/v1”"),
    (["property"], [], "$.property", "must be an object, not a list"),
    (["property", "name"], "", "$.property.name", "may not be empty"),
    (["property", "name"], 5, "$.property.name", "must be text, not a number"),
    (["property", "platform"], "desktop", "$.property.platform", "not one of: edge, web, mobile"),
    (["property", "domains"], "a", "$.property.domains", "must be a list, not text"),
    (["property", "default_country"], "uk", "$.property.default_country", "not a country of ISO 3166-1"),
    (["propertys"], {}, "$.propertys", "did you mean “property”?"),
    (["extensions", 0, "package"], "cor", "$.extensions[0].package", "Did you mean “core”?"),
    (["extensions", 1, "package"], "core", "$.extensions[1].package", "Names must be unique"),
    (["extensions", 0, "setings"], {}, "$.extensions[0].setings", "did you mean “settings”?"),
    (["extensions", 1, "settings", "pixelId"], "", "$.extensions[1].settings.pixelId", "Pixel ID"),
    (["extensions", 1, "settings", "accessToken"], "", "$.extensions[1].settings.accessToken", "needed"),
    (
        ["extensions", 1, "settings", "accessToken"],
        {"$secret": "Unknown"},
        "$.extensions[1].settings.accessToken",
        "no stored credential “Unknown”",
    ),
    (["data_elements", 1, "name"], "Event Name", "$.data_elements[1].name", "Names must be unique"),
    (["data_elements", 1, "name"], "a}b", "$.data_elements[1].name", "without “}”"),
    (
        ["data_elements", 0, "delegate"],
        "core::x",
        "$.data_elements[0].delegate",
        "This server has no delegate",
    ),
    (
        ["data_elements", 0, "delegate"],
        "core::conditions::value-comparison",
        "$.data_elements[0].delegate",
        "cannot be used here",
    ),
    (["data_elements", 0, "clean_text"], "yes", "$.data_elements[0].clean_text", "true or false"),
    (["data_elements", 0, "settings"], "x", "$.data_elements[0].settings", "must be an object"),
    (["data_elements", 0, "settings", "path"], "", "$.data_elements[0].settings.path", "Path"),
    (["data_elements", 0, "settings", "pth"], "a", "$.data_elements[0].settings.pth", "did you mean “path”"),
    (["rules", 0, "name"], "x" * 256, "$.rules[0].name", "at most 255"),
    (["rules", 0, "conditions", 0, "negate"], 1, "$.rules[0].conditions[0].negate", "true or false"),
    ([*ACTION, "timeout"], -1, "$.rules[0].actions[0].timeout", "whole number from 0"),
    ([*ACTION, "negate"], True, "$.rules[0].actions[0].negate", "Unknown key"),
    ([*ACTION, "settings", "email"], "{{Mail}}", "$.rules[0].actions[0].settings.email", "“Mail”"),
    ([*ACTION, "settings", "eventName"], "", "$.rules[0].actions[0].settings.eventName", "Event Name"),
    (
        ["rules", 0, "conditions", 0, "settings", "comparison", "operator"],
        "equal",
        "$.rules[0].conditions[0].settings.comparison.operator",
        "not one of",
    ),
    (["rules", 0, "name"], "a\x00b", "$.rules[0].name", "cannot be stored"),
    (["rules", 0, "name"], "a\ud800b", "$.rules[0].name", "cannot be stored"),
    (["data_elements", 0, "default_value"], float("inf"), "$.data_elements[0].default_value", "infinite"),
    (["datastreams"], {"test": {}}, "$.datastreams.test", "known keys are development, production, staging"),
    (["datastreams"], {"staging": {"access": "key"}}, "$.datastreams.staging.keys", "at least one key"),
    (["datastreams"], {"staging": {"keys": [5]}}, "$.datastreams.staging.keys[0]", "not a number"),
    (
        ["datastreams"],
        {"staging": {"keys": [{"$secret": "No"}]}},
        "$.datastreams.staging.keys[0]",
        "no stored credential “No”",
    ),
    (
        ["datastreams"],
        {"staging": {"allowed_origins": ["shop.example"]}},
        "$.datastreams.staging.allowed_origins[0]",
        "“shop.example” is not an origin",
    ),
    (
        ["datastreams"],
        {"staging": {"tcf_purposes": [25]}},
        "$.datastreams.staging.tcf_purposes[0]",
        "from 0 to 24",
    ),
    (["datastreams"], {"staging": {"tcf_vendor": "565"}}, "$.datastreams.staging.tcf_vendor", "or null"),
    (["datastreams"], {"staging": {"fpid_cookie": "a b"}}, "$.datastreams.staging.fpid_cookie", "device_id"),
    (
        ["datastreams"],
        {"staging": {"aliases": ["schön"]}},
        "$.datastreams.staging.aliases[0]",
        "must look like web-shop-production",
    ),
    (
        ["datastreams"],
        {"staging": {"aliases": ["a"]}, "production": {"aliases": ["a"]}},
        "$.datastreams.production.aliases[0]",
        "Aliases must be unique",
    ),
]


# A data element or extension with a wrong name is also missing where it is used.
MISSED_ELSEWHERE = ("name", "package")


@pytest.mark.parametrize(("path", "value", "where", "words"), CASES)
def test_a_problem_is_named_by_its_json_path_and_nothing_is_changed(path, value, where, words):
    problems = problems_of(with_value(path, value))
    assert words in problems[where]
    assert list(problems) == [where] or path[-1] in MISSED_ELSEWHERE
    assert not Property.objects.exists()
    assert not Secret.objects.exists()


def test_a_purchase_without_currency_is_found_in_the_document(shop):
    shop["rules"][0]["actions"][0]["settings"]["customData"] = {"value": 1}
    [(path, message)] = problems_of(shop).items()
    assert path.startswith("$.rules[0].actions[0].settings.customData")
    assert "urrency" in message


def test_a_missing_extension_is_named_at_the_delegate(shop):
    shop["extensions"] = shop["extensions"][1:]
    assert set(problems_of(shop)) == {
        "$.data_elements[0].delegate",
        "$.data_elements[1].delegate",
        "$.rules[0].conditions[0].delegate",
    }


def test_data_elements_that_use_each_other_are_named(shop):
    shop["data_elements"] += [
        {"name": "A", "delegate": "core::dataElements::constant", "settings": {"value": "{{B}}"}},
        {"name": "B", "delegate": "core::dataElements::constant", "settings": {"value": "{{A}}"}},
    ]
    assert problems_of(shop) == {
        "$.data_elements[2].settings": "Data elements may not use each other: “A” → “B” → “A”."
    }


def test_every_problem_is_listed_at_once(shop):
    shop["property"]["platform"] = "desktop"
    shop["rules"][0]["actions"][0]["settings"]["email"] = "{{Mail}}"
    del shop["data_elements"][0]["name"]
    problems = problems_of(shop)
    assert {"$.property.platform", "$.data_elements[0].name", "$.rules[0].actions[0].settings.email"} <= set(
        problems
    )


def test_a_disabled_data_element_in_use_stops_publishing_and_nothing_else(shop):
    shop["data_elements"][1]["enabled"] = False
    problems = problems_of(shop, publish="production")
    assert problems == {
        "$.rules[0].actions[0].settings.email": "Email: The data element “Email” is disabled."
    }
    assert not Property.objects.exists()
    apply_document(shop)


def test_an_alias_of_another_property_is_refused(shop):
    shop["datastreams"] = {"production": {"aliases": ["web-shop"]}}
    apply_document(shop)
    shop["property"]["name"] = "Other"
    assert list(problems_of(shop)) == ["$.datastreams.production.aliases[0]"]


def test_a_property_keeps_its_platform(shop):
    apply_document(shop)
    shop["property"]["platform"] = "mobile"
    assert list(problems_of(shop)) == ["$.property.platform"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1, column 2"),
        ("", "not JSON"),
        (b"\xff\xfe\xfd", "not JSON"),
        ('{"a": 1, "a": 2}', "“a” twice"),
        ('{"a": NaN}', "NaN"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5000, "not JSON"),
    ],
)
def test_text_that_is_no_json_is_refused(text, words):
    with pytest.raises(InvalidDocument) as caught:
        parse(text)
    assert words in str(caught.value)


@pytest.mark.parametrize("value", [None, [], "text", 5, {}])
def test_a_value_that_is_no_document_is_refused(value):
    assert set(problems_of(value)) <= {"$", "$.format"}


@pytest.mark.parametrize("levels", [61, 900])
def test_a_document_nested_deeper_than_any_use_is_refused(shop, levels):
    value: Any = 1
    for _ in range(levels):
        value = [value]
    element = {"name": "Deep", "delegate": "core::dataElements::constant", "settings": {"value": value}}
    shop["data_elements"].append(element)
    problems = problems_of(shop)
    assert problems == {"$": "This is nested too deeply; 64 levels are allowed."}


def test_the_command_prints_problems_and_ends_with_1(tmp_path, shop):
    shop["rules"][0]["actions"][0]["settings"]["email"] = "{{Mail}}"
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(shop))
    code, answer = run("apply", str(path))
    assert code == 1
    assert [error["path"] for error in answer["errors"]] == ["$.rules[0].actions[0].settings.email"]


def test_the_command_prints_a_problem_for_a_file_that_is_not_there():
    code, answer = run("apply", "/nowhere/shop.json")
    assert code == 1
    assert "cannot be read" in answer["errors"][0]["message"]


def test_a_problem_never_repeats_a_credential(shop):
    shop["extensions"][1]["settings"] |= {"pixelId": "", "accessToken": "EAAB and {{Email}}"}
    assert "EAAB" not in json.dumps(problems_of(shop))


def test_extensions_are_installed_with_their_settings(shop):
    apply_document(shop)
    meta = Extension.objects.get(package_name="meta-conversions-api")
    assert meta.settings["pixelId"] == "1234567890"
    assert Rule.objects.get().enabled


def test_what_is_created_many_at_once_is_frozen_and_recorded_one_by_one(shop):
    saved: list[Any] = []
    resource_saved.connect(lambda **said: saved.append(said["revision"]), weak=False, dispatch_uid="test")
    try:
        prop = apply_document(shop, actor="apply").prop
    finally:
        resource_saved.disconnect(dispatch_uid="test")
    rule = Rule.objects.get(prop=prop)
    frozen = Revision.objects.get(resource_uid=rule.uid)
    assert frozen.number == rule.revision_number == 1
    assert frozen.snapshot == rule.snapshot()
    assert [len(frozen.snapshot[kind]) for kind in ("conditions", "actions")] == [1, 1]
    entry = AuditEvent.objects.get(entity_uid=rule.uid)
    assert (entry.type_of, entry.actor_name, entry.entity["revision"]) == ("rule.created", "apply", 1)
    assert entry.entity["after"]["actions[0].settings.eventName"] == "Purchase"
    assert set(saved) == set(Revision.objects.filter(prop=prop))


def test_a_credential_that_a_document_changes_alone_is_recorded(shop):
    prop = apply_document(shop).prop
    shop["extensions"][1]["settings"]["accessToken"] = "EAABanother1234567890"
    apply_document(shop)
    apply_document(shop)
    kinds = AuditEvent.objects.filter(prop=prop, type_of__startswith="secret.").order_by("id")
    assert [(it.type_of, it.actor_name) for it in kinds] == [
        ("secret.created", "apply"),
        ("secret.updated", "apply"),
    ]
    assert "EAAB" not in str(list(AuditEvent.objects.values()))


# Examples of the documentation

PAGE = (Path(__file__).parents[3] / "docs/property_documents.md").read_text()
EXAMPLE, ANSWER = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def test_the_document_of_the_documentation_can_be_applied_and_published():
    result = apply_document(EXAMPLE, publish="production")
    assert result.build.status == "succeeded"


def test_the_problem_in_the_documentation_is_the_one_that_is_shown():
    document = copy.deepcopy(EXAMPLE)
    document["rules"][0]["actions"][0]["settings"]["email"] = "{{Mail}}"
    assert problems_of(document) == {error["path"]: error["message"] for error in ANSWER["errors"]}


# Warnings


@pytest.mark.parametrize("path", ["event.data.a", "arc..b", "arc.a."])
def test_a_path_that_nothing_matches_is_a_warning_and_applied(tmp_path, shop, path):
    shop["data_elements"][1]["settings"]["path"] = path
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(shop))
    code, answer = run("apply", str(file), "--publish", "development")
    assert code == 0
    assert DataElement.objects.get(name="Email").settings == {"path": path}
    assert [warning["path"] for warning in answer["warnings"]] == ["$.data_elements[1].settings.path"]
    assert answer["warnings"][0]["message"].startswith("Path: No event has this path")


def test_what_a_package_advises_on_an_action_is_a_warning_with_its_place(shop):
    shop["rules"][0]["actions"][0]["settings"]["eventName"] = "purchase"
    warnings = dict(apply_document(shop).warnings)
    assert "Did you mean “Purchase”?" in warnings["$.rules[0].actions[0].settings.eventName"]


def test_a_document_about_which_nothing_is_to_be_said_has_no_warnings(shop):
    shop["rules"][0]["actions"] = []
    assert apply_document(shop).to_json()["warnings"] == []
