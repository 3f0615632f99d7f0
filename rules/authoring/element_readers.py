"""Rules that use a data element, for its page."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from properties.models import DataElement, Property
from properties.resources.readers import readers_asked_for, reads_element
from properties.secrets.uses import Usage
from rules.models import Rule


@receiver(readers_asked_for, dispatch_uid="rules.authoring.rules_that_read_an_element")
def rules_that_read(sender: type[DataElement], *, prop: Property, name: str, **_: Any) -> list[Usage]:
    """Return rules with a condition or an action that names the data element."""
    return [
        Usage("Rule", rule.name, reverse("rules:rule_edit", args=[prop.uid, rule.uid]))
        for rule in Rule.objects.filter(prop=prop).prefetch_related("components")
        if any(
            reads_element(component.delegate, component.settings, name) for component in rule.components.all()
        )
    ]
