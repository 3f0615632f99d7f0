"""Replaces actions of partners by an action of ours with all their settings, in a disabled rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from properties.catalog.descriptor import ActionType
from properties.catalog.registry import packages
from properties.catalog.substitutes import Carried, Substitute
from properties.models import Environment

from .import_draft import Described, ImportDraft

HASH, SECRET = "core::dataElements::hash", "core::dataElements::secret"


def substitute_for(adobe_id: str) -> tuple[str, ActionType, Substitute] | None:
    """Return our delegate id and type that replace a delegate of Adobe's, and how; or None."""
    for package in packages().values():
        for action in package.actions:
            for substitute in action.substitutes:
                if substitute.replaces == adobe_id:
                    return package.delegate_id(action), action, substitute
    return None


def partner_of(extension_name: str) -> str:
    """Return the vendor of an extension of Adobe's whose actions can be replaced, else ""."""
    every = (each for it in packages().values() for action in it.actions for each in action.substitutes)
    return next((each.title for each in every if each.replaces.partition("::")[0] == extension_name), "")


def add_data_elements(draft: ImportDraft, carried: Carried) -> Described:
    """Add the data elements that a replaced action reads; return its settings with their names."""
    text = json.dumps(carried.settings)
    for name in carried.credentials:
        made = _add(draft, name, SECRET, _each_stage(name), enabled=False)
        draft.credentials.add(made)
        text = _renamed(text, name, made)
    for name, hashed in carried.hashes.items():
        text = _renamed(text, name, _add(draft, name, HASH, dict(hashed), enabled=True))
    settings: Described = json.loads(text)
    return settings


def _each_stage(name: str) -> Described:
    return {"secrets": {stage: {"name": name} for stage in Environment.Stage.values}}


def _add(draft: ImportDraft, name: str, delegate: str, settings: Mapping[str, Any], *, enabled: bool) -> str:
    """Return the name of a data element with these settings; add one unless it exists."""
    wanted = {"delegate": delegate, "settings": settings}
    free, number = name, 1
    while (found := _named(draft, free)) is not None:
        if {key: found[key] for key in wanted} == wanted:
            return free
        number += 1
        free = f"{name} ({number})"
    draft.elements.append({"name": free, **wanted, "enabled": enabled})
    return free


def _named(draft: ImportDraft, name: str) -> Described | None:
    return next((element for element in draft.elements if element["name"] == name), None)


def _renamed(text: str, name: str, free: str) -> str:
    """Replace the token of a data element in settings, given as JSON text."""
    inside = json.dumps(f"{{{{{name}}}}}")[1:-1], json.dumps(f"{{{{{free}}}}}")[1:-1]
    return text.replace(*inside) if name != free else text
