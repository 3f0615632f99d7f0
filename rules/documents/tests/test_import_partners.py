"""Import from Adobe: actions of partners become fetch calls that wait for a credential."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from properties.models import DataElement, Secret
from rules.documents.adobe import carry_out, plan_import
from rules.documents.applying import apply_document
from rules.documents.exporting import export_document
from rules.models import RuleComponent
from rules.publishing.build import build
from rules.publishing.libraries import add_all_changed, working_library

pytestmark = pytest.mark.django_db

RECORDED = json.loads((Path(__file__).parents[3] / "tests/fixtures/partner_requests.json").read_text())
BRAZE = "braze-connector-edge::actions::send-event"
PINTEREST = "pinterest-connector-edge::actions::send-event"
FETCH = "adobe-cloud-connector::actions::send-data"


def resource(kind: str, number: int, **attributes: Any) -> dict[str, Any]:
    prefix = {"extensions": "EX", "data_elements": "DE", "rules": "RL", "rule_components": "RC"}[kind]
    if "settings" in attributes:
        attributes["settings"] = json.dumps(attributes["settings"])
    return {"id": f"{prefix}{number:032x}", "type": kind, "attributes": attributes}


def listing(*actions: tuple[str, Any], configuration: Any = None, elements: Any = ()) -> list[Any]:
    """A rule with these actions, the extension of the first, and a path for each data element."""
    rule = resource("rules", 1, name="Orders", enabled=True)
    package = actions[0][0].partition("::")[0]
    components = [
        {
            **resource(
                "rule_components",
                number,
                name=f"Send {number}",
                delegate_descriptor_id=delegate,
                settings=settings,
            ),
            "rule_id": rule["id"],
        }
        for number, (delegate, settings) in enumerate(actions, 1)
    ]
    paths = [
        resource(
            "data_elements",
            number,
            name=name,
            delegate_descriptor_id="core::dataElements::path",
            settings={"path": f"arc.event.data.{number}"},
        )
        for number, name in enumerate(elements)
    ]
    extension = resource("extensions", 1, name=package, display_name=package, settings=configuration or {})
    return [extension, *paths, rule, *components]


def imported(resources: list[Any], name: str = "Moved") -> Any:
    return carry_out(plan_import(json.dumps(resources).encode(), name))


def reported(result: Any, kind: str) -> list[str]:
    return [entry.reason for entry in getattr(result.plan.draft.report, kind)]


ORDER = {
    "user_identification": {"external_id": "{{Customer}}"},
    "event": {"name": "Order", "time": "{{Time}}", "properties": {"total": "{{Total}}"}},
}
PLACE = {"restUrl": "https://rest.fra-01.braze.eu", "apiKey": "plain-key-4711"}
NAMES = ("Customer", "Time", "Total")


def test_an_action_of_a_partner_carries_its_settings_and_waits_for_the_credential() -> None:
    result = imported(listing((BRAZE, ORDER), configuration=PLACE, elements=NAMES))
    call = RuleComponent.objects.get(rule__prop=result.prop)
    assert (call.delegate, call.name, call.rule.enabled) == (FETCH, "Send 1", False)
    assert call.settings == {
        "method": "POST",
        "url": "https://rest.fra-01.braze.eu/users/track",
        "headers": [{"key": "Authorization", "value": "Bearer {{Braze API key}}"}],
        "body": {
            "partner": "adobe",
            "events": [
                {
                    "name": "Order",
                    "time": "{{Time}}",
                    "properties": {"total": "{{Total}}"},
                    "external_id": "{{Customer}}",
                }
            ],
        },
    }
    element = DataElement.objects.get(prop=result.prop, name="Braze API key")
    assert (element.delegate, element.enabled) == ("core::dataElements::secret", False)
    assert element.settings["secrets"]["production"] == {"name": "Braze API key"}


def test_the_report_names_the_call_and_what_is_missing() -> None:
    result = imported(listing((BRAZE, ORDER), configuration=PLACE, elements=NAMES))
    credential = "Create the secret “Braze API key” under Secrets, and enable the data element that reads it."
    call = "It became a call to Braze by Make Fetch Call: POST https://rest.fra-01.braze.eu/users/track."
    assert call in reported(result, "adapted")
    assert reported(result, "disabled") == [
        f"“Send 1” needs a credential. {credential}",
        "“Send 1”: check the call that it became, then enable the rule.",
    ]


def test_what_a_fetch_call_cannot_do_is_named() -> None:
    recorded = RECORDED["twitter-connector-edge::actions::send-web-conversion"]
    delegate = "twitter-connector-edge::actions::send-web-conversion"
    result = imported(listing((delegate, recorded["settings"]), configuration=recorded["configuration"]))
    assert [
        reason for reason in reported(result, "disabled") if "X requires each request to be signed" in reason
    ]


def test_a_credential_in_plain_text_is_kept_nowhere() -> None:
    result = imported(listing((BRAZE, ORDER), configuration=PLACE, elements=NAMES))
    entries = list(result.prop.audit_events.values_list("entity", flat=True))
    assert "plain-key-4711" not in json.dumps([export_document(result.prop), result.to_json(), entries])
    assert not Secret.objects.exists()


def test_with_the_secret_the_rule_can_be_enabled_and_built() -> None:
    prop = imported(listing((BRAZE, ORDER), configuration=PLACE, elements=NAMES)).prop
    assert built(prop) == []  # The rest of the property stays enabled.
    Secret.objects.create(prop=prop, name="Braze API key", type_of="token", value="key")
    document = export_document(prop)
    for each in (*document["rules"], *document["data_elements"]):
        each["enabled"] = True
    apply_document(document)
    assert built(prop) == []


def built(prop: Any) -> list[Any]:
    library = working_library(prop, None)
    add_all_changed(library)
    return build(library, prop.environments.get(stage="development"), "test").problems


def test_what_adobe_hashes_is_hashed_here_too_and_never_sent_plain() -> None:
    settings = {
        "user_identification": {"em": "{{Email}}"},
        "event": {
            "event_name": "checkout",
            "action_source": "web",
            "event_time": "{{Time}}",
            "event_id": "1",
        },
    }
    configuration = {"adAccountId": "549755885175", "conversionAccessToken": "{{Pin}}"}
    result = imported(
        listing((PINTEREST, settings), configuration=configuration, elements=("Email", "Time", "Pin"))
    )
    call = RuleComponent.objects.get(rule__prop=result.prop)
    assert call.settings["body"]["data"][0]["user_data"] == {"em": ["{{SHA-256 of Email}}"]}
    assert call.settings["headers"][1]["value"] == "Bearer {{Pin}}"
    element = DataElement.objects.get(prop=result.prop, name="SHA-256 of Email")
    assert (element.delegate, element.enabled) == ("core::dataElements::hash", True)
    assert element.settings == {"value": "{{Email}}", "algorithm": "sha256"}


def test_two_actions_of_a_partner_share_a_credential_and_a_name_that_is_taken_stays_whose_it_is() -> None:
    resources = listing(
        (BRAZE, ORDER), (BRAZE, ORDER), configuration=PLACE, elements=(*NAMES, "Braze API key")
    )
    result = imported(resources)
    headers = [
        it.settings["headers"][0]["value"] for it in RuleComponent.objects.filter(rule__prop=result.prop)
    ]
    assert headers == ["Bearer {{Braze API key (2)}}"] * 2
    assert (
        DataElement.objects.get(prop=result.prop, name="Braze API key").delegate == "core::dataElements::path"
    )


@pytest.mark.parametrize("delegate", RECORDED)
def test_every_partner_comes_over_whole_and_in_a_form_that_can_be_saved(delegate: str) -> None:
    recorded = RECORDED[delegate]
    result = imported(listing((delegate, recorded["settings"]), configuration=recorded["configuration"]))
    call = RuleComponent.objects.get(rule__prop=result.prop)
    assert call.delegate == FETCH
    assert call.settings["url"] == recorded["request"]["url"] or "{{MD5 of " in call.settings["url"]
    assert "Not imported" not in json.dumps(call.settings)
    assert not call.rule.enabled


def test_a_configuration_that_the_file_lacks_is_asked_for() -> None:
    resources = [each for each in listing((BRAZE, ORDER), elements=NAMES) if each["type"] != "extensions"]
    result = imported(resources)
    call = RuleComponent.objects.get(rule__prop=result.prop)
    assert call.settings["url"] == "{{Braze REST endpoint}}/users/track"
    assert "Settings name it, but the file has no data element with this name." in reported(result, "skipped")


@pytest.mark.parametrize("settings", ["{broken", "[]"])
def test_settings_of_a_partner_that_are_no_object_are_named(settings: str) -> None:
    resources = listing((BRAZE, ORDER), configuration=PLACE, elements=NAMES)
    resources[-1]["attributes"]["settings"] = settings
    result = imported(resources)
    assert reported(result, "skipped") == ["Its settings are not a JSON object."]
    assert not RuleComponent.objects.filter(rule__prop=result.prop).exists()


def test_a_partner_without_published_code_stays_in_the_report() -> None:
    result = imported(listing(("snap-connector-edge::actions::send-event", {"pixel": "1"})))
    assert not RuleComponent.objects.filter(rule__prop=result.prop).exists()
    assert "There is no such package here" in reported(result, "skipped")[-1]
    assert reported(result, "disabled") == ["The action “Send 1” is missing."]
