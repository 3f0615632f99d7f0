"""Rules that use a data element, for its page, and the code of rules."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from properties.catalog.registry import find_type
from properties.models import DataElement, Property
from properties.resources.readers import (
    code_asked_for,
    fields_reading,
    readers_asked_for,
    reads_element,
)
from properties.secrets.uses import Usage
from rules.models import RuleComponent


@receiver(readers_asked_for, dispatch_uid="rules.authoring.rules_that_read_an_element")
def rules_that_read(sender: type[DataElement], *, prop: Property, name: str, **_: Any) -> list[Usage]:
    """Return rules with a condition or an action that names the data element."""
    found: dict[tuple[str, str], list[str]] = {}
    parts = RuleComponent.objects.filter(rule__prop=prop).order_by("rule__name", "kind", "order", "id")
    columns = ("rule__uid", "rule__name", "delegate", "settings")
    for uid, rule, delegate, settings in parts.values_list(*columns):
        if reads_element(delegate, settings, name):
            fields = fields_reading(find_type(delegate), settings, name)
            found.setdefault((uid, rule), []).extend(fields)
    return [
        Usage("Rule", rule, reverse("rules:rule_edit", args=[prop.uid, uid]), tuple(fields))
        for (uid, rule), fields in found.items()
    ]


@receiver(code_asked_for, dispatch_uid="rules.authoring.settings_with_code")
def settings_with_code(sender: type[DataElement], *, prop: Property, **_: Any) -> list[Any]:
    """Return the settings of the components of rules."""
    return list(RuleComponent.objects.filter(rule__prop=prop).values_list("settings", flat=True))
