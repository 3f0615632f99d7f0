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


class PropertyFacts(Protocol):
    """The facts about its property that a build holds."""

    uid: str
    name: str
    default_country: str


class EnvironmentFacts(Protocol):
    """The facts about its environment that a build holds."""

    uid: str
    stage: str


def compile_document(
    content: Content, prop: PropertyFacts, environment: EnvironmentFacts, *, build_id: str, now: datetime
) -> dict[str, Any]:
    """Return the build document of ``content``; equal input makes an equal document."""
    return {
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
            "settings": {"defaultCountry": prop.default_country},
        },
        "environment": {"id": environment.uid, "stage": environment.stage},
        "extensions": {snapshot["package"]: _extension(snapshot) for snapshot in content.extensions},
        "dataElements": {snapshot["name"]: _data_element(snapshot) for snapshot in content.data_elements},
        "rules": [_rule(snapshot) for snapshot in content.rules],
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


def _data_element(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot["uid"],
        "name": snapshot["name"],
        "modulePath": snapshot["delegate"],
        "settings": snapshot["settings"],
        "defaultValue": snapshot["default_value"],
        "cleanText": snapshot["clean_text"],
        "forceLowerCase": snapshot["force_lower_case"],
    }


def _rule(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot["uid"],
        "name": snapshot["name"],
        "conditions": [
            {**_component(component), "negate": component["negate"]} for component in snapshot["conditions"]
        ],
        "actions": [
            {**_component(component), "delayNext": component["delay_next"]}
            for component in snapshot["actions"]
        ],
    }


def _component(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot["uid"],
        "name": component_name(snapshot),
        "modulePath": snapshot["delegate"],
        "settings": snapshot["settings"],
        "timeout": snapshot["timeout"],
    }
