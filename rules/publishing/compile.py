"""Compiles frozen snapshots into the document that the engine runs. Plain Python.

Source: docs/reference/adobe.md, "The build document": ``modulePath`` holds
the delegate descriptor id. It holds no secrets, only ``{"$secret": name}``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from properties.catalog.registry import find_type

from .content import Content, Snapshot

TURBINE_VERSION = "capi-admin"
TAGS = "web"
"""The platform of properties that run in browsers."""


class PropertyFacts(Protocol):
    """The facts about its property that a build holds."""

    uid: str
    name: str
    default_country: str
    platform: str
    domains: list[str]
    rule_component_sequencing_enabled: bool
    undefined_vars_return_empty: bool


class EnvironmentFacts(Protocol):
    """The facts about its environment that a build holds."""

    uid: str
    stage: str


def compile_document(
    content: Content, prop: PropertyFacts, environment: EnvironmentFacts, *, build_id: str, now: datetime
) -> dict[str, Any]:
    """Return the build document of ``content``; equal input makes an equal document.

    A document for tags has ``platform`` and the settings that a browser's engine reads; its rules have
    ``events``, its data elements ``storageDuration``.
    """
    is_tags = prop.platform == TAGS
    return {
        **({"platform": TAGS} if is_tags else {}),
        "buildInfo": {
            "environment": environment.stage,
            "buildDate": now.isoformat(timespec="seconds"),
            "turbineVersion": TURBINE_VERSION,
            "buildId": build_id,
        },
        "company": {},
        "property": {
            "id": prop.uid,
            "name": prop.name,
            "settings": _tags_settings(prop) if is_tags else {"defaultCountry": prop.default_country},
        },
        "environment": {"id": environment.uid, "stage": environment.stage},
        "extensions": {snapshot["package"]: _extension(snapshot) for snapshot in content.extensions},
        "dataElements": {it["name"]: _data_element(it, is_tags) for it in content.data_elements},
        "rules": [_rule(snapshot, is_tags) for snapshot in content.rules],
    }


def canonical(document: Mapping[str, Any]) -> str:
    """Return the canonical text of a document: keys sorted, no spaces."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def checksum(text: str) -> str:
    """Return the SHA-256 of a document's canonical text, as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_same_content(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two documents differ only in their build info."""
    return canonical({**one, "buildInfo": {}}) == canonical({**other, "buildInfo": {}})


def component_name(snapshot: Snapshot) -> str:
    """Return the name that a person chose, else the title of the type."""
    component_type = find_type(snapshot["delegate"])
    return snapshot["name"] or (component_type.title if component_type else snapshot["delegate"])


def _extension(snapshot: Snapshot) -> dict[str, Any]:
    return {"displayName": snapshot["display_name"], "settings": snapshot["settings"]}


def _tags_settings(prop: PropertyFacts) -> dict[str, Any]:
    return {
        "domains": prop.domains,
        "ruleComponentSequencingEnabled": prop.rule_component_sequencing_enabled,
        "undefinedVarsReturnEmpty": prop.undefined_vars_return_empty,
    }


def _data_element(snapshot: Snapshot, is_tags: bool) -> dict[str, Any]:
    return {
        "id": snapshot["uid"],
        "name": snapshot["name"],
        "modulePath": snapshot["delegate"],
        "settings": snapshot["settings"],
        "defaultValue": snapshot["default_value"],
        "cleanText": snapshot["clean_text"],
        "forceLowerCase": snapshot["force_lower_case"],
        **({"storageDuration": snapshot.get("storage_duration") or None} if is_tags else {}),
    }


def _rule(snapshot: Snapshot, is_tags: bool) -> dict[str, Any]:
    return {
        "id": snapshot["uid"],
        "name": snapshot["name"],
        **({"events": [_event(event) for event in snapshot.get("events", ())]} if is_tags else {}),
        "conditions": [
            {**_component(component), "negate": component["negate"]} for component in snapshot["conditions"]
        ],
        "actions": [
            {**_component(component), "delayNext": component["delay_next"]}
            for component in snapshot["actions"]
        ],
    }


def _event(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot["uid"],
        "name": component_name(snapshot),
        "modulePath": snapshot["delegate"],
        "settings": snapshot["settings"],
        "ruleOrder": snapshot["rule_order"],
    }


def _component(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot["uid"],
        "name": component_name(snapshot),
        "modulePath": snapshot["delegate"],
        "settings": snapshot["settings"],
        "timeout": snapshot["timeout"],
    }
