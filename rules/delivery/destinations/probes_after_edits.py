"""When a person changes something, each parked destination gets one delivery at once."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from properties.models import Resource, Secret
from properties.saving import resource_saved
from rules.models import Activation

from ..doorbell import ring
from .gates import probe_now


@receiver(resource_saved, dispatch_uid="rules.delivery.probe_parked_after_saving")
def probe_parked_after_saving(sender: type[Resource], *, resource: Resource, **_: Any) -> None:
    """A saved extension may have a new token; a saved rule may have its own."""
    package_name = getattr(resource, "package_name", None)
    _probe_parked(resource.prop_id, package_name)


@receiver(post_save, sender=Secret, dispatch_uid="rules.delivery.probe_parked_after_a_new_secret")
def probe_parked_after_a_new_secret(sender: type[Secret], *, instance: Secret, **_: Any) -> None:
    _probe_parked(instance.prop_id, None)


@receiver(post_save, sender=Activation, dispatch_uid="rules.delivery.probe_parked_with_a_new_build")
def probe_parked_with_a_new_build(sender: type[Activation], *, instance: Activation, **_: Any) -> None:
    """The new build may correct a setting that kept actions from running."""
    _probe_parked(instance.environment.prop_id, None)


def _probe_parked(prop_id: int, package_name: str | None) -> None:
    if probe_now(prop_id, package_name):
        transaction.on_commit(ring)
