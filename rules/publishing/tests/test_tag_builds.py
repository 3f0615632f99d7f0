"""Builds of tags properties: the document, the file beside it, and the link to event forwarding."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

import pytest
from django.urls import reverse

from properties.models import AuditEvent, Environment, Property
from properties.resources.creation import create_property
from properties.saving import save_resource
from rules.models import Build, Rule, TagLibrary
from rules.publishing import pending
from rules.publishing.build import activate, build, check, live_build, pending_build
from rules.publishing.content import Content
from rules.publishing.forwarding_links import with_datastreams
from rules.publishing.libraries import add_all_changed, content_of, revisions_for_build, working_library
from rules.publishing.publishing_page import advice
from rules.publishing.tag_libraries import library_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def prop(tags_prop: Property) -> Property:
    add_all_changed(working_library(tags_prop))
    return tags_prop


@pytest.fixture
def production(prop: Property) -> Environment:
    return prop.environments.get(stage="production")


def built(prop: Property, environment: Environment) -> Build:
    made = build(working_library(prop), environment)
    assert made.problems == []
    return made


def change_code(prop: Property, source: str) -> None:
    rule = Rule.objects.get(prop=prop)
    action = rule.components.get(kind="actions")
    action.settings = {"source": source}
    save_resource(rule, write=action.save)
    add_all_changed(working_library(prop))


def test_the_document_holds_what_the_engine_in_a_browser_reads(
    prop: Property, production: Environment
) -> None:
    document = json.loads(built(prop, production).document)
    assert document["platform"] == "web"
    assert document["property"]["settings"] == {
        "domains": ["shop.example"],
        "ruleComponentSequencingEnabled": True,
        "undefinedVarsReturnEmpty": False,
    }
    assert document["dataElements"]["Word"]["storageDuration"] == "session"
    (rule,) = document["rules"]
    assert [(it["modulePath"], it["settings"], it["ruleOrder"]) for it in rule["events"]] == [
        ("core-web::events::click", {"elementSelector": ".greet"}, -7),
        ("core-web::events::dom-ready", {}, 50),
    ]


def test_the_file_is_kept_beside_the_build(prop: Property, production: Environment) -> None:
    kept = TagLibrary.objects.get(build=built(prop, production))
    text = gzip.decompress(kept.body)
    assert kept.checksum == hashlib.sha256(text).hexdigest()
    assert b"/t/licences.txt" in text
    assert b".greet" in text


def test_the_same_content_gives_the_same_file(prop: Property, production: Environment) -> None:
    files = {bytes(TagLibrary.objects.get(build=built(prop, production)).body) for _ in range(2)}
    assert len(files) == 1


def test_an_extension_that_only_an_event_uses_is_built(prop: Property, production: Environment) -> None:
    rule = Rule.objects.get(prop=prop)
    save_resource(rule, write=rule.components.exclude(kind="events").delete)
    prop.dataelements.all().delete()
    add_all_changed(working_library(prop))
    assert "core-web" in json.loads(built(prop, production).document)["extensions"]


def test_a_lost_file_is_made_again_from_the_document(prop: Property, production: Environment) -> None:
    made = built(prop, production)
    before = TagLibrary.objects.get(build=made)
    before.delete()
    assert (library_of(made).checksum, bytes(library_of(made).body)) == (
        before.checksum,
        bytes(before.body),
    )
    assert TagLibrary.objects.filter(build=made).count() == 1


def test_code_that_does_not_parse_stops_the_build_and_names_its_rule(
    prop: Property, production: Environment
) -> None:
    change_code(prop, "if (")
    made = build(working_library(prop), production)
    assert made.status == Build.Status.FAILED
    assert not TagLibrary.objects.filter(build=made).exists()
    assert "Rule “Greet”" in made.problems[0]["where"]


def test_a_build_in_another_process_keeps_its_file_too(prop: Property, production: Environment) -> None:
    library = working_library(prop)
    made = pending_build(library, production, revisions_for_build(prop, library))
    made.save()
    assert pending.make(made.pk)
    assert TagLibrary.objects.get(build=made).checksum
    assert AuditEvent.objects.filter(type_of="build.succeeded", entity_uid=made.uid).count() == 1


def test_the_advice_on_a_build_names_rules_that_never_run(prop: Property, production: Environment) -> None:
    rule = Rule.objects.get(prop=prop)
    save_resource(rule, write=rule.components.filter(kind="events").delete)
    add_all_changed(working_library(prop))
    found = {it["where"]: it["message"] for it in advice(built(prop, production))}
    assert "never runs" in found["Rule “Greet” › Events"]


def test_an_older_build_can_go_live_again(prop: Property, production: Environment) -> None:
    first = built(prop, production)
    activate(first)
    change_code(prop, "document.title = 'second';")
    second = built(prop, production)
    activate(second)
    activate(first)
    newest = production.activations.first()
    assert newest is not None
    assert newest.build == first
    assert first.tag_library.checksum != second.tag_library.checksum


def test_who_may_not_publish_changes_no_library_of_production(
    prop: Property, production: Environment, colleague_client: Any
) -> None:
    served = built(prop, production)
    activate(served)
    before = bytes(library_of(served).body)
    change_code(prop, "document.title = 'mine';")
    other = built(prop, production)
    for name, uid in (("publish_library", production.uid), ("publish_build", other.uid)):
        page = reverse(f"rules:{name}", args=[prop.uid, uid])
        assert colleague_client.post(page, {"confirm": "yes"}).status_code == 403
    assert live_build(production) == served
    assert bytes(library_of(served).body) == before


# The link to event forwarding


def document_of(settings: dict[str, Any]) -> dict[str, Any]:
    return {"extensions": {"sender": {"displayName": "Sender", "settings": settings}}}


@pytest.fixture
def forwarding(db: None) -> Property:
    return create_property("Shop events")


@pytest.mark.parametrize(
    ("stage", "key"),
    [
        ("development", "developmentEdgeConfigId"),
        ("staging", "stagingEdgeConfigId"),
        ("production", "edgeConfigId"),
    ],
)
def test_a_build_sends_to_the_datastream_of_its_own_stage(
    prop: Property, forwarding: Property, settings: Any, stage: str, key: str
) -> None:
    settings.TAGS_URL = "https://www.shop.example/x"
    environment = prop.environments.get(stage=stage)
    document = with_datastreams(document_of({"forwardingProperty": "Shop events"}), environment)
    assert document["extensions"]["sender"]["settings"] == {
        key: forwarding.environments.get(stage=stage).datastream.uid,
        "orgId": f"{forwarding.uid}@AdobeOrg",
        "edgeDomain": "www.shop.example",
        "edgeBasePath": "x/ee",
    }


def test_ids_that_a_person_entered_stay(production: Environment) -> None:
    entered = document_of({"edgeConfigId": "DS1", "edgeDomain": "data.shop.example"})
    assert with_datastreams(entered, production) == entered


def test_a_person_may_choose_another_domain_and_organization(
    production: Environment, forwarding: Property
) -> None:
    given = {"forwardingProperty": "Shop events", "edgeDomain": "data.shop.example", "orgId": "A@AdobeOrg"}
    document = with_datastreams(document_of(given), production)
    settings = document["extensions"]["sender"]["settings"]
    assert (settings["edgeDomain"], settings["orgId"]) == ("data.shop.example", "A@AdobeOrg")


@pytest.mark.parametrize("name", ["Nobody", "Shop tags"])
def test_a_link_to_no_property_of_event_forwarding_is_a_problem(
    prop: Property, production: Environment, name: str
) -> None:
    content = content_of(revisions_for_build(prop, working_library(prop)))
    (core,) = content.extensions
    linked = {**core, "settings": {"forwardingProperty": name}}
    found = check(prop, production, Content((linked,), content.data_elements, content.rules))
    assert f"There is no property of event forwarding “{name}”." in " ".join(it.message for it in found)
