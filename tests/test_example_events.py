"""The event that the page proposes fits the rules."""

from __future__ import annotations

import json
from typing import Any

import pytest

from capi_admin import demo
from properties.catalog.registry import packages
from properties.http.curl import NOW
from properties.models import Property
from properties.secrets.belonging import DryRunMarkers
from rules.documents.applying import apply_document
from rules.dry_run.run import run_sample
from rules.dry_run.samples import PASTED, sample_event
from rules.engine import compile_build
from rules.models import Build
from rules.test_events.example import example_event, example_rules

PATH = "core::dataElements::path"
COMPARISON = "core::conditions::value-comparison"
META = "meta-conversions-api::actions::send-conversions-api-event"


@pytest.fixture
def shop(db: None) -> Property:
    return apply_document(demo.document(), publish="production").prop


def element(name: str, path: str) -> dict[str, Any]:
    return {"name": name, "delegate": PATH, "settings": {"path": path}}


def asks(left: str, operator: str, right: Any) -> dict[str, Any]:
    comparison = {"operator": operator}
    return {
        "delegate": COMPARISON,
        "settings": {"leftOperand": left, "comparison": comparison, "rightOperand": right},
    }


def document(conditions: list[dict[str, Any]], elements: list[dict[str, Any]]) -> dict[str, Any]:
    action = {
        "delegate": META,
        "settings": {"eventName": "Lead", "actionSource": "website", "email": "{{Mail}}"},
    }
    settings = {"pixelId": "1234567890", "accessToken": "EAAB" + "x" * 40}
    return {
        "format": "capi-admin/property/v1",
        "property": {"name": "Other shop", "platform": "edge"},
        "extensions": [{"package": "core"}, {"package": "meta-conversions-api", "settings": settings}],
        "data_elements": [*elements, element("Mail", "arc.event.xdm._shop.person.mail")],
        "rules": [{"name": "Lead", "conditions": conditions, "actions": [action]}],
    }


def test_the_example_runs_the_rule_that_it_is_made_for(shop: Property) -> None:
    build = compile_build(json.loads(Build.objects.get(prop=shop).document), packages())
    environment = shop.environments.get(stage="production")
    rules = example_rules(shop)
    assert len(rules) > 3
    for rule in rules:
        sample = sample_event(shop, PASTED, pasted=example_event(shop, rule))
        result = run_sample(build, sample, DryRunMarkers(shop, environment))
        ran = {each.name: each.status for each in result.rules}
        assert ran[rule.name] == "success", rule.name
        assert [it.message for it in result.refusals] == [], rule.name


def test_each_sending_is_an_event_of_its_own(shop: Property) -> None:
    for rule in example_rules(shop):
        event = json.loads(example_event(shop, rule))
        assert event["data"]["event_id"] == f"test-{NOW}"


def test_values_that_conditions_need_are_where_the_rule_reads_them(db: None) -> None:
    elements = [
        element("Step", "arc.event.data.funnel.steps[1].name"),
        element("Total", "arc.event.data.total"),
    ]
    conditions = [asks("{{Step}}", "equals", "thank-you"), asks("{{Total}}", "greaterThan", "5")]
    prop = apply_document(document(conditions, elements)).prop
    [rule] = example_rules(prop)
    event = json.loads(example_event(prop, rule))
    assert event["data"]["funnel"]["steps"][1]["name"] == "thank-you"
    assert event["data"]["total"] == 99.5
    assert event["xdm"]["_shop"]["person"]["mail"] == "jane.doe@example.com"
    assert event["xdm"]["environment"]["browserDetails"]["userAgent"].startswith("Mozilla/5.0")
    assert event["xdm"]["web"]["webPageDetails"]["URL"].startswith("https://")


def test_a_property_without_rules_gets_a_purchase(db: None) -> None:
    prop = Property.objects.create(name="Empty")
    assert json.loads(example_event(prop, None))["data"]["event"] == "Purchase"


@pytest.mark.parametrize(
    "path", ["arc.event.data", "arc.event", "arc.request.body", "arc.event.data..x", "a[999]"]
)
def test_paths_that_lead_nowhere_in_an_event_are_left_out(db: None, path: str) -> None:
    prop = apply_document(document([asks("{{Odd}}", "equals", "1")], [element("Odd", path)])).prop
    [rule] = example_rules(prop)
    assert json.loads(example_event(prop, rule))["data"]["event"]
