"""What is made, skipped and left alone."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from properties.models import Environment, Extension, Property, Secret
from properties.resources.creation import create_property
from properties.saving import save_resource
from rules.documents import apply_document, export_document
from rules.models import Build, Library, Rule
from rules.publishing.build import live_build
from rules.quick_start.making import make, publish_in_development
from rules.quick_start.planning import NotPossible, plan_of

from .conftest import ANSWERS, TOKEN, order

pytestmark = pytest.mark.django_db
# Meta, Pixel Reference, standard events; the page lists 18 with PageView.
EVENTS = [
    *("AddPaymentInfo", "AddToCart", "AddToWishlist", "CompleteRegistration", "Contact", "CustomizeProduct"),
    *("Donate", "FindLocation", "InitiateCheckout", "Lead", "PageView", "Purchase", "Schedule", "Search"),
    *("StartTrial", "SubmitApplication", "Subscribe", "ViewContent"),
]


def run(*arguments: str) -> dict[str, Any]:
    """Run the command; return what it prints."""
    out = StringIO()
    try:
        call_command("quick_start", *arguments, stdout=out)
    except SystemExit:
        assert "errors" in json.loads(out.getvalue())
    printed: dict[str, Any] = json.loads(out.getvalue())
    return printed


def given(domain: str = "shoes.example", *more: str, token: str = TOKEN) -> tuple[str, ...]:
    return (domain, "--pixel-id", "1234567890", "--access-token", token, *more)


def everything() -> Any:
    """All that a person can see of an installation."""
    documents = [export_document(prop) for prop in Property.objects.all()]
    builds = list(Build.objects.values_list("uid", flat=True))
    libraries = list(Library.objects.values_list("name", "state"))
    return documents, builds, libraries, sorted(Secret.objects.values_list("name", "fingerprint"))


def test_both_properties_run_in_development_with_the_names_of_the_domain() -> None:
    printed = run(*given())
    tags, forwarding = (
        Property.objects.get(uid=printed[f"{it}_property_id"]) for it in ("tags", "forwarding")
    )
    assert (tags.name, tags.platform, tags.domains) == ("shoes.example tags", "web", ["shoes.example"])
    assert (forwarding.name, forwarding.platform) == ("shoes.example event forwarding", "edge")
    for prop in (tags, forwarding):
        build = live_build(prop.environments.get(stage="development"))
        assert build is not None
        assert build.status == "succeeded"
        assert live_build(prop.environments.get(stage="production")) is None
        assert [(it.name, it.state) for it in Library.objects.filter(prop=prop)] == [
            ("Quick Start", "development")
        ]
    assert set(printed["environments"]) == {"development", "staging", "production"}
    development = printed["environments"]["development"]
    assert development["library_url"] in development["embed_code"]
    assert development["datastream_id"] == forwarding.environments.get(stage="development").datastream.uid


def test_there_is_a_rule_for_each_of_the_18_events_and_only_page_views_start_by_themselves() -> None:
    run(*given())
    rules = {it.name: it.snapshot() for it in Rule.objects.filter(prop__platform="web")}
    assert sorted(rules) == [f"MetaConversion_{name}" for name in EVENTS]
    starting = {
        name: [it["delegate"] for it in rule["events"]] for name, rule in rules.items() if rule.get("events")
    }
    assert starting == {
        "MetaConversion_PageView": ["core-web::events::dom-ready", "core-web::events::history-change"]
    }
    for name, rule in rules.items():
        event = name.removeprefix("MetaConversion_")
        made, server, pixel = rule["actions"]
        assert made["delegate"] == "facebook-pixel::actions::generate-event-id"
        assert server["delegate"] == "adobe-alloy::actions::send-event"
        assert server["settings"]["type"] == f"metaConversion.{event}"
        assert server["settings"]["data"]["event"] == pixel["settings"]["eventName"] == event
        assert server["settings"]["data"]["event_id"] == pixel["settings"]["eventId"]
        assert (made["delay_next"], server["delay_next"], pixel["delay_next"]) == (True, False, False)


def test_the_library_sends_to_the_datastream_of_the_same_stage() -> None:
    printed = run(*given())
    build = Build.objects.get(prop__uid=printed["tags_property_id"])
    settings = json.loads(build.document)["extensions"]["adobe-alloy"]["settings"]
    assert settings["developmentEdgeConfigId"] == printed["environments"]["development"]["datastream_id"]


def test_the_token_is_a_secret_and_nowhere_else() -> None:
    run(*given())
    assert [it.value for it in Secret.objects.all()] == [TOKEN]
    assert TOKEN not in json.dumps(everything())
    assert TOKEN not in "".join(Build.objects.values_list("document", flat=True))


def test_a_second_run_creates_nothing() -> None:
    first = run(*given())
    before = everything()
    second = run(*given())
    assert (second["created"], second["collisions"]) == ([], [])
    assert second["skipped"] == first["created"]
    assert everything() == before
    for key in ("tags_property_id", "forwarding_property_id", "environments"):
        assert second[key] == first[key]


def test_a_dry_run_changes_nothing_and_prints_what_would_be_made() -> None:
    planned = run(*given(), "--dry-run")
    assert everything() == ([], [], [], [])
    assert planned["tags_property_id"] is None
    assert run(*given())["created"] == planned["created"]


def test_the_token_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("META_ACCESS_TOKEN", TOKEN)
    run("shoes.example", "--pixel-id", "1234567890")
    assert Secret.objects.get().value == TOKEN


def test_without_a_token_nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("META_ACCESS_TOKEN", raising=False)
    printed = run("shoes.example", "--pixel-id", "1234567890")
    [error] = printed["errors"]
    assert error["path"] == "--access-token"
    assert everything() == ([], [], [], [])


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--pixel-id", "12a"),
        ("--pixel-id", "1234"),
        ("--access-token", "EAAB one two"),
        ("--data-layer-path", "window"),
        ("--data-layer-path", "data layer"),
        ("--data-layer-path", "window.1a"),
        ("--data-layer-path", "window.a;alert(1)"),
        ("--forwarding-property", "Nowhere"),
    ],
)
def test_a_wrong_option_is_named_and_nothing_is_made(option: str, value: str) -> None:
    [error] = run(*given("shoes.example", option, value))["errors"]
    assert error["path"] == option
    assert error["message"].endswith(".")
    assert everything() == ([], [], [], [])


def test_a_path_without_window_means_the_same() -> None:
    run(*given("shoes.example", "--data-layer-path", "shop.conversion"))
    layer = Property.objects.get(platform="web").dataelements.get(name="MetaConversion_DataLayer")
    assert layer.settings["source"].endswith("return window.shop && window.shop.conversion;")
    pixel = Extension.objects.get(package_name="facebook-pixel")
    assert pixel.settings["dataLayerPath"] == "window.shop.conversion"


def test_what_an_existing_property_has_is_listed_and_stays(forwarding_document: dict[str, Any]) -> None:
    old = apply_document(forwarding_document, publish="production").prop
    before = export_document(old)
    printed = run(*given("shoes.example", "--forwarding-property", "Old shop"))
    assert printed["forwarding_property_id"] == old.uid
    assert printed["collisions"] == ["data element Value"]
    assert {"extension core", "extension meta-conversions-api", "data element Event Name"} < set(
        printed["skipped"]
    )
    assert "rule MetaConversion" in printed["created"]
    after = export_document(old)
    for kind in ("extensions", "data_elements", "rules"):
        assert [it for it in after[kind] if it in before[kind]] == before[kind]
    assert {it.value for it in Secret.objects.filter(prop=old)} == {"EAABofTheOldShop"}
    build = live_build(old.environments.get(stage="development"))
    assert build is not None
    assert '"MetaConversion"' in build.document


def test_an_extension_with_another_pixel_is_a_collision(forwarding_document: dict[str, Any]) -> None:
    forwarding_document["extensions"][1]["settings"]["pixelId"] = "9876543210"
    apply_document(forwarding_document)
    planned = run(*given("shoes.example", "--forwarding-property", "Old shop"), "--dry-run")
    assert "extension meta-conversions-api" in planned["collisions"]


def test_problems_that_an_existing_property_has_itself_stop_nothing(
    forwarding_document: dict[str, Any],
) -> None:
    old = apply_document(forwarding_document).prop
    element = old.dataelements.get(name="Value")
    element.settings = {"path": ""}
    save_resource(element)
    plan = plan_of(order(forwarding_name="Old shop"))
    made = make(order(forwarding_name="Old shop"), "test")
    assert made.forwarding.rules.filter(name="MetaConversion").exists()
    build = publish_in_development(made.forwarding, plan.forwarding.having("new"), "test")
    assert build is not None
    assert build.status == Build.Status.FAILED
    assert "Value" in json.dumps(build.problems)


def test_a_credential_that_an_existing_property_keeps_is_not_overwritten() -> None:
    old = create_property("Old shop")
    Secret(prop=old, name="Meta Conversions API Access Token").save()
    run(*given("shoes.example", "--forwarding-property", "Old shop"))
    assert sorted(Secret.objects.values_list("name", flat=True)) == [
        "Meta Conversions API Access Token",
        "Meta Conversions API Access Token 2",
    ]


def test_a_rule_that_got_an_event_is_left_alone_by_a_second_run() -> None:
    printed = run(*given())
    prop = Property.objects.get(uid=printed["tags_property_id"])
    document = export_document(prop)
    [rule] = [it for it in document["rules"] if it["name"] == "MetaConversion_AddToCart"]
    rule["events"] = [{"delegate": "core-web::events::click", "settings": {"elementSelector": ".add"}}]
    apply_document(document)
    before = export_document(prop)
    second = run(*given())
    assert second["collisions"] == ["rule MetaConversion_AddToCart"]
    assert export_document(prop) == before


def test_a_name_of_the_other_kind_of_property_is_refused() -> None:
    create_property("shoes.example tags")
    with pytest.raises(NotPossible, match="is no tags property"):
        plan_of(order())
    create_property("boots.example event forwarding", platform="web")
    with pytest.raises(NotPossible, match="is a tags property"):
        plan_of(order("boots.example"))


def test_a_failure_in_the_second_property_undoes_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    create_property("shoes.example tags", platform="web")

    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("no room")

    monkeypatch.setattr("rules.quick_start.making.add_document", fail)
    with pytest.raises(RuntimeError):
        make(order(), "test")
    assert list(Property.objects.values_list("name", flat=True)) == ["shoes.example tags"]


def test_everything_that_was_made_can_be_exported_and_applied_again() -> None:
    for platform in ("edge", "web"):
        run(*given())
        prop = Property.objects.get(platform=platform)
        result = apply_document(export_document(prop))
        assert (result.created, result.changed, result.removed) == ([], [], [])


def test_a_person_gets_every_right_in_what_was_made_for_them(django_user_model: Any) -> None:
    anna = django_user_model.objects.create_user("anna")
    made = make(order(), anna)
    assert list(Property.objects.visible_to(anna)) == sorted(
        [made.forwarding, made.tags], key=lambda it: it.name
    )
    assert Environment.objects.filter(prop=made.tags).count() == 3


def test_answers_have_their_defaults() -> None:
    assert order().recipe.normalize({**ANSWERS, "pixelId": " 1234567890\n"})["pixelId"] == "1234567890"
