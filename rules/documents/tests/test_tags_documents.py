"""Documents of tags properties. Contract: "Tags (web) properties"."""

from __future__ import annotations

import gzip
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from properties.models import DataElement, Environment, Extension, Property, Revision
from rules.documents.applying import apply_document
from rules.documents.exporting import export_document
from rules.documents.reading import InvalidDocument
from rules.models import Build, Rule, RuleComponent, TagLibrary
from rules.publishing import web_library
from tests.tags_shop import tags_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def document() -> dict[str, Any]:
    return tags_shop()


def problems_of(document: Any, **options: Any) -> dict[str, str]:
    with pytest.raises(InvalidDocument) as caught:
        apply_document(document, **options)
    return dict(caught.value.problems)


def test_events_order_and_storage_duration_are_kept(document: dict[str, Any]) -> None:
    prop = apply_document(document).prop
    events = RuleComponent.objects.filter(rule__prop=prop, kind="events").order_by("order")
    assert [(it.delegate, it.rule_order) for it in events] == [
        ("core-web::events::click", -7),
        ("core-web::events::dom-ready", 50),
    ]
    assert DataElement.objects.get(prop=prop).storage_duration == "session"


def test_export_gives_the_document_again_and_applying_it_changes_nothing(document: dict[str, Any]) -> None:
    prop = apply_document(document).prop
    document["rules"][0]["events"][1].pop("rule_order", None)
    exported = export_document(prop)
    assert json.loads(json.dumps(exported)) == document
    again = apply_document(exported)
    assert (again.created, again.changed, again.removed) == ([], [], [])
    assert Revision.objects.filter(resource_uid=Rule.objects.get().uid).count() == 1


def test_a_changed_rule_order_is_a_change(document: dict[str, Any]) -> None:
    apply_document(document)
    document["rules"][0]["events"][0]["rule_order"] = 3
    assert apply_document(document).changed == ["rule Greet"]
    assert RuleComponent.objects.get(delegate="core-web::events::click").rule_order == 3


def test_settings_of_the_engine_are_kept_and_exported(document: dict[str, Any]) -> None:
    document["property"] |= {
        "rule_component_sequencing_enabled": False,
        "undefined_vars_return_empty": True,
    }
    prop = apply_document(document).prop
    assert not prop.rule_component_sequencing_enabled
    assert export_document(prop)["property"] == document["property"]


def test_a_tags_property_has_no_datastreams(document: dict[str, Any]) -> None:
    prop = apply_document(document).prop
    assert not Environment.objects.filter(prop=prop, datastream__isnull=False).exists()
    assert "datastreams" not in export_document(prop)


def test_apply_prints_where_sites_load_each_library(
    document: dict[str, Any], tmp_path: Any, settings: Any
) -> None:
    settings.TAGS_URL = "https://data.shop.example"
    file, out = tmp_path / "tags.json", StringIO()
    file.write_text(json.dumps(document))
    call_command("apply", str(file), "--publish", "production", stdout=out)
    printed = json.loads(out.getvalue())
    production = Environment.objects.get(stage="production")
    address = f"https://data.shop.example/t/{production.token}.js"
    assert printed["environments"]["production"] == {
        "environment_id": production.uid,
        "library_url": address,
        "embed_code": f'<script src="{address}" async></script>',
    }
    assert printed["build_id"] == Build.objects.get().uid
    urls = {it["library_url"] for it in printed["environments"].values()}
    assert len(urls) == 3
    assert len(production.token) >= 12


@pytest.mark.parametrize("stage", ["development", "production"])
def test_publishing_again_keeps_the_build_until_an_upgrade_changes_the_library(
    document: dict[str, Any], stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = apply_document(document, publish=stage).build
    assert apply_document(document, publish=stage).build == first
    engine = web_library.text_of("engine.js")
    monkeypatch.setattr(web_library, "text_of", lambda name: f"{engine}\n/* newer */")
    newer = apply_document(document, publish=stage).build
    assert newer
    assert newer != first
    assert "/* newer */" in gzip.decompress(TagLibrary.objects.get(build=newer).body).decode()
    assert apply_document(document, publish=stage).build == newer


def test_a_lost_file_is_made_again_by_publishing(document: dict[str, Any]) -> None:
    first = apply_document(document, publish="development").build
    TagLibrary.objects.all().delete()
    assert apply_document(document, publish="development").build != first
    assert TagLibrary.objects.count() == 1


def test_delegate_ids_of_adobe_become_ours(document: dict[str, Any]) -> None:
    document["extensions"] = [{"package": "core"}]
    text = json.dumps(document).replace("core-web::", "core::")
    prop = apply_document(json.loads(text)).prop
    assert Extension.objects.get(prop=prop).package_name == "core-web"
    delegates = set(RuleComponent.objects.values_list("delegate", flat=True))
    assert {it.partition("::")[0] for it in delegates} == {"core-web"}
    assert DataElement.objects.get().delegate == "core-web::dataElements::constant"


def test_packages_of_event_forwarding_are_refused(document: dict[str, Any]) -> None:
    document["extensions"].append(
        {"package": "meta-conversions-api", "settings": {"pixelId": "1234567890", "accessToken": "EAAB1"}}
    )
    found = problems_of(document)
    assert "is not for tags" in found["$.extensions[1].package"]


def test_packages_of_tags_are_refused_in_event_forwarding(document: dict[str, Any]) -> None:
    document["property"]["platform"] = "edge"
    document["data_elements"][0].pop("storage_duration")
    found = problems_of(document)
    assert "is not for event forwarding" in found["$.extensions[0].package"]
    assert "run for every inbound event" in found["$.rules[0].events[0]"]


def test_only_tags_have_a_storage_duration(shop: dict[str, Any]) -> None:
    shop["data_elements"][0]["storage_duration"] = "visitor"
    assert "$.data_elements[0].storage_duration" in problems_of(shop)


@pytest.mark.parametrize("duration", ["", None])
def test_no_storage_duration_may_be_written_out(document: dict[str, Any], duration: Any) -> None:
    document["data_elements"][0]["storage_duration"] = duration
    prop = apply_document(document).prop
    assert "storage_duration" not in export_document(prop)["data_elements"][0]


def test_an_unknown_storage_duration_is_a_problem(document: dict[str, Any]) -> None:
    document["data_elements"][0]["storage_duration"] = "week"
    assert "pageview, session, visitor" in problems_of(document)["$.data_elements[0].storage_duration"]


@pytest.mark.parametrize("name", ["50% off", "this.word", "event.word"])
def test_a_name_that_no_token_can_have_is_a_problem(document: dict[str, Any], name: str) -> None:
    document["data_elements"][0]["name"] = name
    assert "A name must not" in problems_of(document)["$.data_elements[0].name"]


def test_an_unknown_data_element_is_a_problem_only_as_a_whole_token(document: dict[str, Any]) -> None:
    comparison = document["rules"][0]["conditions"][0]["settings"]
    comparison["leftOperand"], comparison["rightOperand"] = "%Wort%", "100% off, 50% more"
    assert list(problems_of(document)) == ["$.rules[0].conditions[0].settings.leftOperand"]


def test_a_variable_that_code_sets_may_be_named_and_built(document: dict[str, Any]) -> None:
    rule = document["rules"][0]
    rule["conditions"][0]["settings"]["leftOperand"] = "%order.id%"
    assert list(problems_of(document)) == ["$.rules[0].conditions[0].settings.leftOperand"]
    code = {"source": "_satellite.setVar('order', {id: 7});"}
    rule["actions"].append({"delegate": "core-web::actions::custom-code", "settings": code})
    assert apply_document(document, publish="development").build


def test_tokens_of_event_forwarding_are_text_in_tags(document: dict[str, Any]) -> None:
    document["rules"][0]["conditions"][0]["settings"]["rightOperand"] = "{{Nobody}}"
    assert apply_document(document).prop.is_tags


def test_a_credential_is_a_problem(document: dict[str, Any]) -> None:
    document["data_elements"][0]["settings"] = {"value": {"$secret": "Shop token"}}
    assert any("tag library is public" in message for message in problems_of(document).values())


def test_a_rule_without_events_gets_advice(document: dict[str, Any]) -> None:
    document["rules"][0]["events"] = []
    warnings = dict(apply_document(document).warnings)
    assert "A rule without events never runs" in warnings["$.rules[0].events"]


def test_no_advice_about_events_in_event_forwarding(shop: dict[str, Any]) -> None:
    assert not any("without events" in it.message for it in apply_document(shop).warnings)


def test_the_platform_of_a_property_cannot_change(document: dict[str, Any]) -> None:
    apply_document(document)
    document["property"]["platform"] = "edge"
    assert "platform cannot be changed" in problems_of(document)["$.property.platform"]
    assert Property.objects.get().is_tags
