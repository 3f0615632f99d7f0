"""Rules that use a stored credential, for the page of the secret."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from properties.models import Secret
from properties.secrets.uses import Usage, uses_asked_for, uses_secret
from rules.models import Rule


@receiver(uses_asked_for, dispatch_uid="rules.authoring.rules_that_use_a_secret")
def rules_that_use(sender: type[Secret], *, secret: Secret, element_names: Set[str], **_: Any) -> list[Usage]:
    """Return rules that name the secret itself, or a data element that returns it."""
    found = Rule.objects.filter(prop=secret.prop).prefetch_related("components")
    return [
        Usage("Rule", rule.name, reverse("rules:rule_edit", args=[secret.prop.uid, rule.uid]))
        for rule in found
        if any(
            uses_secret(component.settings, secret.name, element_names) for component in rule.components.all()
        )
    ]
