"""Environments that run a build or received events, for the choice of the environment that pages show."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from properties.models import Environment, Property
from properties.views.environment_scope import in_use_asked_for
from rules.models import Activation, InboundEvent

# Enough to see which environments a property uses: without a build, its events are looked at, not counted.
NEWEST_EVENTS = 100


@receiver(in_use_asked_for, dispatch_uid="rules.publishing.environments_in_use")
def environments_in_use(sender: type[Environment], *, prop: Property, **_: Any) -> set[int]:
    """Return the ids of environments with a live build, and of the property's newest events."""
    live = Activation.objects.filter(environment__prop=prop).order_by().values_list("environment", flat=True)
    events = InboundEvent.objects.filter(property_id=prop.pk).order_by("-id")
    return {*live.distinct(), *events.values_list("environment_id", flat=True)[:NEWEST_EVENTS]}
