"""What settings are refused, what becomes of those of Adobe's extension, and the pure modules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from properties.catalog.forms import check_settings
from properties.catalog.tokens import tokens_of
from tests.client_module import ClientModules, client_files

from ..adoption import NOTHING_TO_SEND_TO, OTHERS
from ..extension import SEND_EVENT_ACTION, SET_CONSENT_ACTION, extension

BY_IDS = {"edgeConfigId": "d-1", "orgId": "A@AdobeOrg", "edgeDomain": "data.shop.example"}


@pytest.fixture(autouse=True)
def _tags() -> Iterator[None]:
    with tokens_of("web"):
        yield


def problems(kind: Any, settings: dict[str, Any]) -> list[str]:
    return [it.message for it in check_settings(kind, settings, elements=None)]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, ["Name a property", "by their ids need it", "by their ids need it"]),
        ({"edgeConfigId": "d-1"}, ["by their ids need it", "by their ids need it"]),
        ({**BY_IDS, "edgeDomain": "https://data.shop.example"}, ["host alone"]),
        ({**BY_IDS, "edgeBasePath": "/ee"}, ["without a slash"]),
        ({"libraryCode": {"type": "preinstalled"}, "name": "my alloy"}, ["name of a variable"]),
    ],
)
def test_a_wrong_configuration_is_refused_in_words(settings: dict[str, Any], words: list[str]) -> None:
    found = problems(extension.configuration, settings)
    assert len(found) == len(words)
    assert all(any(word in it for it in found) for word in words)


@pytest.mark.parametrize(
    "settings",
    [
        BY_IDS,
        {"forwardingProperty": "Shop event forwarding"},
        {"forwardingProperty": "Shop event forwarding", "defaultConsent": "%Consent%", "offerAlloy": True},
        {**BY_IDS, "edgeBasePath": "x/ee", "edgeDomain": "127.0.0.1:8443"},
        {"libraryCode": {"type": "preinstalled"}, "name": "alloy"},
        {"libraryCode": {"type": "preinstalled"}},
    ],
)
def test_a_right_configuration_is_accepted(settings: dict[str, Any]) -> None:
    assert problems(extension.configuration, settings) == []


def test_consent_must_have_adobes_shape() -> None:
    assert problems(SET_CONSENT_ACTION, {"consent": "%Consent%"}) == []
    for preset in SET_CONSENT_ACTION.presets:
        assert problems(SET_CONSENT_ACTION, dict(preset.settings)) == []
    for wrong in ([], [1], {"general": "in"}, [{"standard": "Adobe"}]):
        assert len(problems(SET_CONSENT_ACTION, {"consent": wrong})) == 1


@pytest.mark.parametrize(
    ("settings", "summary"),
    [
        (
            {"consent": [{"standard": "Adobe", "version": "1.0", "value": {"general": "out"}}]},
            "Consent is out",
        ),
        ({"consent": "%CMP%"}, "CMP"),
        ({"consent": [7]}, "Consent"),
        ({}, "Consent"),
    ],
)
def test_a_card_says_what_is_decided(settings: dict[str, Any], summary: str) -> None:
    assert SET_CONSENT_ACTION.summary
    assert SET_CONSENT_ACTION.summary(settings) == summary


# adobe/reactor-extension-alloy, extension.json.
ADOBE = {
    "instances": [
        {
            "name": "alloy",
            "edgeConfigId": "p",
            "stagingEdgeConfigId": "s",
            "developmentEdgeConfigId": "d",
            "orgId": "A@AdobeOrg",
            "edgeDomain": "data.shop.example",
            "idMigrationEnabled": True,
            "clickCollectionEnabled": True,
            "defaultConsent": "pending",
        },
        {"name": "second"},
    ]
}


def test_the_first_instance_of_adobes_extension_is_kept() -> None:
    configuration = extension.configuration
    assert configuration
    assert configuration.adopt
    ours, notes = configuration.adopt(ADOBE)
    assert ours == {
        "edgeConfigId": "p",
        "stagingEdgeConfigId": "s",
        "developmentEdgeConfigId": "d",
        "orgId": "A@AdobeOrg",
        "edgeDomain": "data.shop.example",
        "defaultConsent": "pending",
    }
    unknown = "These settings are unknown here and were left out: clickCollectionEnabled."
    assert notes == [OTHERS, unknown, NOTHING_TO_SEND_TO]
    assert problems(configuration, ours) == []
    assert configuration.adopt(ours) == (ours, [])


def test_a_site_with_its_own_instance_keeps_it() -> None:
    configuration = extension.configuration
    assert configuration
    assert configuration.adopt
    theirs = {"instances": [{"name": "mySdk"}], "libraryCode": {"type": "preinstalled"}}
    ours, notes = configuration.adopt(theirs)
    assert (ours, notes) == ({"libraryCode": {"type": "preinstalled"}, "name": "mySdk"}, [])
    assert problems(configuration, ours) == []


def test_an_event_of_adobes_extension_keeps_what_we_have() -> None:
    assert SEND_EVENT_ACTION.adopt
    theirs = {"instanceName": "alloy", "type": "a", "xdm": "%XDM%", "renderDecisions": True}
    ours, notes = SEND_EVENT_ACTION.adopt(theirs)
    assert ours == {"type": "a", "xdm": "%XDM%"}
    assert notes == ["These settings are unknown here and were left out: renderDecisions."]
    assert problems(SEND_EVENT_ACTION, ours) == []


@pytest.mark.parametrize(
    ("consents", "general"),
    [
        ([{"standard": "Adobe", "version": "1.0", "value": {"general": "in"}}], "in"),
        ([{"standard": "Adobe", "version": "1.0", "value": {"general": "out"}}], "out"),
        ([{"standard": "Adobe", "version": "2.0", "value": {"collect": {"val": "y"}}}], "in"),
        ([{"standard": "Adobe", "version": "2.0", "value": {"collect": {"val": "n"}}}], "out"),
        ([{"standard": "IAB TCF", "version": "2.0", "value": "CO0"}], None),
        ([None, {"standard": "Adobe", "version": "1.0"}], None),
        ("in", None),
        (None, None),
    ],
)
def test_a_decision_is_read_from_adobes_shape(consents: Any, general: str | None) -> None:
    assert (
        ClientModules("adobe_alloy").run("return load('consent_value.js')(consents)", consents=consents)
        == general
    )


def test_data_that_refers_to_itself_is_not_sent_and_named() -> None:
    modules = ClientModules("adobe_alloy")
    assert modules.run("const a = {}; a.a = a; return load('copy.js')(a)") is None
    assert len(modules.logged) == 1


@pytest.mark.parametrize("path", client_files("adobe_alloy"), ids=lambda path: path.name)
def test_a_module_exports_one_thing_in_strict_mode(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("'use strict';\n\n")
    assert text.count("module.exports =") == 1
