"""A tags property from Adobe's lists: Adobe's engine with these lists, and our library after the import.

Both run the same browser modules, ours for Core: the published ones of Adobe are not on npm. So this compares
what the import keeps: order, negation, timeouts, waiting, tokens, storage, defaults and code.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from properties.catalog.registry import FOLDER, packages
from rules.documents.adobe import carry_out, plan_import
from rules.publishing.build import build
from rules.publishing.libraries import add_all_changed, working_library
from rules.publishing.shortened_code import shortened
from rules.publishing.tag_libraries import library_of
from rules.publishing.web_library import engine_name

from .web_engines import WebEngines

pytestmark = [pytest.mark.node, pytest.mark.django_db]

Resource = dict[str, Any]
CLIENT = FOLDER / "core_web" / "client"
SAYS = "console.log({}); "


@pytest.fixture(scope="module")
def engines(node: str, web_runtime_packages: Path) -> Iterator[WebEngines]:
    with WebEngines(node, web_runtime_packages / "@adobe/reactor-turbine/dist/engine.min.js") as found:
        yield found


def resource(prefix: str, kind: str, number: int, settings: Any = None, **attributes: Any) -> Resource:
    given = {"enabled": True, **attributes, "settings": json.dumps(settings or {})}
    return {"id": f"{prefix}{number:032x}", "type": kind, "attributes": given}


def starts(delay: int = 0, order: float = 50.0, detail: Any = None) -> Resource:
    """Return an event that starts its rule after some milliseconds."""
    event = json.dumps({"detail": detail})
    source = f"setTimeout(function () {{ trigger({event}); }}, {delay});"
    return part("core::events::custom-code", {"source": source}, rule_order=order)


def says(code: str, **more: Any) -> Resource:
    settings = {"language": "javascript", "global": False, "source": SAYS.format(code)}
    return part("core::actions::custom-code", settings, **more)


def compares(left: str, operator: str, right: Any, **more: Any) -> Resource:
    settings = {"leftOperand": left, "comparison": {"operator": operator}, "rightOperand": right}
    return part("core::conditions::value-comparison", settings, **more)


def part(delegate: str, settings: Any, **more: Any) -> Resource:
    usual = {"negate": False, "rule_order": 50.0, "timeout": 2000, "delay_next": True}
    return {"delegate_descriptor_id": delegate, "settings": settings, **usual, **more}


ELEMENTS: dict[str, Resource] = {
    "Total": {
        "delegate_descriptor_id": "core::dataElements::javascript-variable",
        "settings": {"path": "page.values.total"},
        "default_value": "0",
    },
    "Word": {
        "delegate_descriptor_id": "core::dataElements::constant",
        "settings": {"value": "  Two \n Words "},
        "clean_text": True,
        "force_lower_case": True,
    },
    "Price": {
        "delegate_descriptor_id": "core::dataElements::conditional-value",
        "settings": {
            "leftOperand": "%Word%",
            "comparison": {"operator": "equals", "caseInsensitive": True},
            "rightOperand": "TWO WORDS",
            "conditionalValue": "club %Total%",
            "fallbackValue": "list",
        },
    },
    **{
        f"Kept {storage}": {
            "delegate_descriptor_id": "core::dataElements::javascript-variable",
            "settings": {"path": "page.values.campaign"},
            "default_value": "none",
            "storage_duration": storage,
        }
        for storage in ("pageview", "session", "visitor")
    },
    "Code": {
        "delegate_descriptor_id": "core::dataElements::custom-code",
        "settings": {"source": "return [_satellite.getVar('Total'), event && event.$type].join(); // end"},
    },
}
KEPT = "['pageview', 'session', 'visitor'].map(function (it) { return _satellite.getVar('Kept ' + it); })"
SLOW = "return new Promise(function (done) { setTimeout(done, 300); });"
CASES: dict[str, list[list[Resource]]] = {
    "order among rules": [
        [starts(order=60.0), says("'late'")],
        [starts(order=1.0), says("'early'")],
        [starts(order=50.0), starts(order=2.0), says("'twice'")],
        [starts(), says("'usual'")],
    ],
    "the order of components is kept, whatever the list's order": [
        [says("'second'", order=1), says("'first'", order=0), starts(), says("'third'", order=2)],
    ],
    "negation": [
        [starts(), compares("%Total%", "equals", "0"), says("'is nought'")],
        [starts(), compares("%Total%", "equals", "0", negate=True), says("'is not'")],
        [starts(), compares("%Total%", "greaterThan", 5, negate=True), says("'is small'")],
    ],
    "waiting and timeouts": [
        [starts(), part("core::actions::custom-code", {"source": SLOW}), says("'waited'")],
        [
            starts(),
            part("core::actions::custom-code", {"source": SLOW}, delay_next=False),
            says("'did not wait'"),
        ],
        [starts(), part("core::actions::custom-code", {"source": SLOW}, timeout=100), says("'too late'")],
        [
            starts(),
            part("core::conditions::custom-code", {"source": SLOW}, timeout=50),
            says("'too late, too'"),
        ],
    ],
    "tokens, defaults, clean text and code": [
        [
            starts(detail={"sku": "A-1"}),
            part(
                "core::actions::direct-call",
                {
                    "identifier": "told",
                    "detail": {
                        "eventObjectEntries": [
                            {"key": "whole", "value": "%Total%"},
                            {"key": "text", "value": "%Word%: 100% wool, 50% %Price%"},
                            {"key": "event", "value": "%event.detail.sku%"},
                            {"key": "code", "value": "%Code%"},
                        ]
                    },
                },
            ),
        ],
        [
            part("core::events::direct-call", {"identifier": "told"}),
            says("JSON.stringify(event.detail) + event.$type + event.$rule.name"),
        ],
    ],
    "variables that code sets": [
        [starts(), says("_satellite.setVar('order', {id: 7})")],
        [starts(5), compares("%order.id%", "equals", 7), says("'found'")],
    ],
    "storage": [
        [starts(), says(KEPT), says("(page.values.campaign = 'summer')"), says(KEPT)],
        [starts(10), says("delete page.values.campaign"), says(KEPT)],
    ],
}


def listing(rules: list[list[Resource]], *, sequenced: bool, empty: bool) -> Resource:
    """Return Adobe's lists of a property."""
    switches = {"rule_component_sequencing_enabled": sequenced, "undefined_vars_return_empty": empty}
    facts = {"name": "Shop", "platform": "web", "domains": ["shop.example"], **switches}
    parts: dict[str, list[Resource]] = {}
    for number, given in enumerate(rules, 1):
        parts[f"RL{number:032x}"] = [
            resource("RC", "rule_components", number * 100 + place, **{"order": place, **it})
            for place, it in enumerate(given)
        ]
    return {
        "property": {"data": {"id": f"PR{1:032x}", "type": "properties", "attributes": facts}},
        "extensions": [resource("EX", "extensions", 1, name="core", display_name="Core")],
        "data_elements": [
            resource("DE", "data_elements", number, name=name, **it)
            for number, (name, it) in enumerate(ELEMENTS.items(), 1)
        ],
        "rules": [resource("RL", "rules", n, name=f"Rule {n}") for n in range(1, len(rules) + 1)],
        "rule_components": parts,
    }


def as_adobe_builds_it(lists: Resource, ours: Resource) -> Resource:
    """Return a build document straight from Adobe's lists; ids are those of our build."""
    ids = {it["name"]: it["id"] for it in ours["rules"]}
    rules = [
        {"id": ids[rule["attributes"]["name"]], "name": rule["attributes"]["name"]}
        | {
            kind: [
                _component(it["attributes"])
                for it in sorted(lists["rule_components"][rule["id"]], key=_order)
                if it["attributes"]["delegate_descriptor_id"].split("::")[1] == kind
            ]
            for kind in ("events", "conditions", "actions")
        }
        for rule in lists["rules"]
    ]
    switches = lists["property"]["data"]["attributes"]
    return {
        "property": ours["property"]
        | {
            "settings": {
                "domains": switches["domains"],
                "ruleComponentSequencingEnabled": switches["rule_component_sequencing_enabled"],
                "undefinedVarsReturnEmpty": switches["undefined_vars_return_empty"],
            }
        },
        "environment": {key: ours["environment"][key] for key in ("id", "stage")},
        "extensions": {"core": {"displayName": "Core", "settings": {}}},
        "dataElements": {
            it["attributes"]["name"]: {
                "modulePath": it["attributes"]["delegate_descriptor_id"],
                "settings": json.loads(it["attributes"]["settings"]),
                "defaultValue": it["attributes"].get("default_value"),
                "cleanText": it["attributes"].get("clean_text"),
                "forceLowerCase": it["attributes"].get("force_lower_case"),
                "storageDuration": it["attributes"].get("storage_duration"),
            }
            for it in lists["data_elements"]
        },
        "rules": rules,
    }


def _order(component: Resource) -> int:
    return int(component["attributes"]["order"])


def _component(attributes: Resource) -> Resource:
    made = {
        "modulePath": attributes["delegate_descriptor_id"],
        "settings": json.loads(attributes["settings"]),
    }
    keys = {
        "events": ("rule_order",),
        "conditions": ("negate", "timeout"),
        "actions": ("delay_next", "timeout"),
    }
    names = {"rule_order": "ruleOrder", "delay_next": "delayNext"}
    kind = made["modulePath"].split("::")[1]
    return made | {names.get(key, key): attributes[key] for key in keys[kind]}


def core_modules() -> Resource:
    """Return Core's browser modules under Adobe's ids."""
    types = list(packages()["core-web"].types())
    named = {f"core/{it.client}": {"name": it.name, "displayName": it.title} for it in types}
    code = {f"core/{it.client}": list(it.fields[0].parameters) for it in types if it.fields}
    return {
        "paths": {old: f"core/{it.client}" for it in types for old in it.replaces},
        "code": {path: parameters for path, parameters in code.items() if parameters},
        "scripts": {
            path: {**named.get(path, {}), "text": shortened(file.read_text("utf-8"))}
            for file in sorted(CLIENT.glob("*.js"))
            if (path := f"core/{file.name}")
        },
    }


@pytest.mark.parametrize("empty", [True, False], ids=["empty", "words"])
@pytest.mark.parametrize("sequenced", [True, False], ids=["sequenced", "at once"])
@pytest.mark.parametrize("name", CASES)
def test_an_imported_property_does_what_it_did(
    engines: WebEngines, name: str, sequenced: bool, empty: bool
) -> None:
    lists = listing(CASES[name], sequenced=sequenced, empty=empty)
    prop = carry_out(plan_import(json.dumps(lists).encode())).prop
    work = working_library(prop, "test")
    add_all_changed(work)
    made = build(work, prop.environments.get(stage="development"))
    assert made.status == "succeeded", made.problems
    ours = json.loads(made.document)
    answer = engines.ask(
        document=as_adobe_builds_it(lists, ours),
        library=gzip.decompress(library_of(made).body).decode(),
        name=engine_name(ours["environment"]["id"]),
        modules=core_modules(),
        visits=2,
    )
    assert answer["ours"] == answer["adobe"]
    kinds = [it[0] for it in answer["ours"]["seen"][0]]
    assert {"ruleTriggered", "ruleCompleted"} <= set(kinds)
