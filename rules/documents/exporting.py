"""Exports a property as its document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from properties.models import DataElement, Extension, Property
from rules.models import Rule

from .reading import COMPONENTS, DATASTREAM, ELEMENT, EXTENSION, FORMAT, PROPERTY, RULE
from .resources import environments_of
from .shapes import ObjectOf

DATASTREAM_FACTS = (
    "access",
    "keys",
    "allowed_origins",
    "org_id",
    "write_click_cookies",
    "fpid_cookie",
    "tcf_purposes",
    "tcf_vendor",
)
# Written even with their defaults: readers look for them first.
_ALWAYS = {"name", "platform", "domains", "package", "delegate", "settings"}


def export_document(prop: Property) -> dict[str, Any]:
    """Return the document from which ``apply`` would make this property again.

    Defaults are left out. Credentials appear by name, never by value.
    """
    facts = {key: getattr(prop, key) for key in PROPERTY.keys}
    rules = Rule.objects.filter(prop=prop).prefetch_related("components")
    document = {
        "format": FORMAT,
        "property": _without_defaults(PROPERTY, facts),
        "extensions": [_from_snapshot(EXTENSION, row) for row in Extension.objects.filter(prop=prop)],
        "data_elements": [_from_snapshot(ELEMENT, row) for row in DataElement.objects.filter(prop=prop)],
        "rules": [_rule(row.snapshot()) for row in rules],
    }
    saved = [{"name": it.name, "xdm": it.xdm, "data": it.data} for it in prop.saved_events.all()]
    further = {"saved_events": saved, "datastreams": _datastreams(prop)}
    return document | {key: value for key, value in further.items() if value}


def _from_snapshot(shape: ObjectOf, row: Any) -> dict[str, Any]:
    return _without_defaults(shape, row.snapshot())


def _rule(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    components = {
        kind: [_component(shape, each) for each in snapshot[kind]]
        for kind, shape in COMPONENTS.items()
        if kind in snapshot
    }
    return _without_defaults(RULE, snapshot) | components


def _component(shape: ObjectOf, snapshot: Mapping[str, Any]) -> dict[str, Any]:
    described = _without_defaults(shape, snapshot)
    if not snapshot["name"]:
        del described["name"]
    return described


def _datastreams(prop: Property) -> dict[str, Any]:
    """Return the settings of each stage's datastream that differ from the defaults."""
    found = {}
    for stage, environment in {} if prop.is_tags else environments_of(prop).items():
        datastream = environment.datastream
        facts = {key: getattr(datastream, key) for key in DATASTREAM_FACTS}
        facts["aliases"] = sorted(datastream.aliases.values_list("alias", flat=True))
        if described := _without_defaults(DATASTREAM, facts):
            found[stage] = described
    return found


def _without_defaults(shape: ObjectOf, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: facts[key]
        for key, member in shape.keys.items()
        if key in facts and (key in _ALWAYS or facts[key] != member.fallback())
    }
