"""Rules that use a renamed data element."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from properties.catalog.registry import find_type
from properties.models import DataElement, Property
from properties.resources.renaming import Affected, ChangedSetting, Rename, changes_in, renaming_asked_for
from properties.saving import Intent, save_resource
from rules.models import Rule, RuleComponent

from .cards import title_of


@receiver(renaming_asked_for, dispatch_uid="rules.authoring.rules_that_are_renamed")
def rules_affected(sender: type[DataElement], *, prop: Property, rename: Rename, **_: Any) -> list[Affected]:
    """Return rules with a condition or an action that names the data element."""
    found = Rule.objects.filter(prop=prop).prefetch_related("components").select_related("prop")
    return [_affected(rule, rename) for rule in found]


def _affected(rule: Rule, rename: Rename) -> Affected:
    components = list(rule.components.all())

    def save(actor: Any, intent: Intent) -> None:
        changed = [it for it in components if _changes(it, rename)]
        for component in changed:
            component.settings = rename.settings(find_type(component.delegate), component.settings)
        save_resource(rule, actor=actor, intent=intent, write=lambda: _save_all(changed))

    return Affected(
        "Rule",
        rule.name,
        reverse("rules:rule_edit", args=[rule.prop.uid, rule.uid]),
        "develop",
        tuple(change for component in components for change in _changes(component, rename)),
        tuple(doubt for component in components for doubt in _doubts(component, rename)),
        save,
    )


def _changes(component: RuleComponent, rename: Rename) -> list[ChangedSetting]:
    title = title_of(component)
    found = changes_in(rename, find_type(component.delegate), component.settings)
    return [ChangedSetting(f"{title} › {it.label}", it.before, it.after) for it in found]


def _doubts(component: RuleComponent, rename: Rename) -> list[str]:
    found = rename.doubts(find_type(component.delegate), component.settings)
    return [f"{title_of(component)}, {line[0].lower()}{line[1:]}" for line in found]


def _save_all(components: list[RuleComponent]) -> None:
    for component in components:
        component.save()
