"""Build documents of drafts: the component in a form, with everything that it needs to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from properties.models import Property
from rules.dry_run.actions import ACTION, CONDITIONS
from rules.models import Rule
from rules.publishing.compile import compile_document
from rules.publishing.content import Content, Snapshot, live_part
from rules.publishing.libraries import resources_of


@dataclass(slots=True)
class DraftEnvironment:
    """The environment in which a draft runs."""

    uid: str = ""
    stage: str = "development"


def draft_document(prop: Property, rule: Rule, delegate: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a build document of all that is saved, with two rules: this action, and the conditions.

    Args:
        rule: The rule of the action.
        delegate: Delegate descriptor id of the action.
        settings: Settings of the action, with references to secrets as credentials.
    """
    saved = saved_content(prop)
    action = {"uid": ACTION, "delegate": delegate, "name": "", "settings": settings, "negate": False}
    action |= {"timeout": 2000, "delay_next": True}
    rules = (_rule(ACTION, rule, actions=[action]), _rule(CONDITIONS, rule, rule.snapshot()["conditions"]))
    return _document(prop, Content(saved.extensions, saved.data_elements, rules))


def element_document(prop: Property, snapshot: Snapshot) -> dict[str, Any]:
    """Return a build document of all that is saved, without rules; ``snapshot`` replaces a data element."""
    saved = saved_content(prop)
    others = (it for it in saved.data_elements if it["uid"] != snapshot["uid"])
    return _document(prop, Content(saved.extensions, (*others, snapshot)))


def condition_document(prop: Property, rule: Rule, snapshot: Snapshot) -> dict[str, Any]:
    """Return a build document of all that is saved, with one rule that has only this condition."""
    saved = saved_content(prop)
    return _document(
        prop, Content(saved.extensions, saved.data_elements, (_rule(CONDITIONS, rule, [snapshot]),))
    )


def _document(prop: Property, content: Content) -> dict[str, Any]:
    return compile_document(
        live_part(content), prop, DraftEnvironment(), build_id="draft", now=timezone.now()
    )


def saved_content(prop: Property) -> Content:
    """Return everything that is saved, whether or not it is in a library."""
    kinds: dict[str, list[Snapshot]] = {}
    for resource in resources_of(prop):
        kinds.setdefault(resource.kind, []).append(resource.snapshot())
    return Content(
        tuple(kinds.get("extension", ())), tuple(kinds.get("data_element", ())), tuple(kinds.get("rule", ()))
    )


def _rule(
    uid: str, rule: Rule, conditions: Sequence[Snapshot] = (), actions: Sequence[Snapshot] = ()
) -> Snapshot:
    return {"uid": uid, "name": rule.name, "enabled": True, "conditions": conditions, "actions": actions}
