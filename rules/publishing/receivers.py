"""Handles “Save to Library” and “Save to Library and Build”."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from properties.models import Resource, Revision
from properties.saving import Further, Intent, resource_saved

from .intents import notice_after, take_further


@receiver(resource_saved, dispatch_uid="rules.publishing.take_revision_further")
def take_revision_further(
    sender: type[Resource],
    *,
    resource: Resource,
    revision: Revision,
    actor: Any,
    intent: Intent,
    **_: Any,
) -> Further:
    """Add a saved revision to the working library and, if asked to, build it for development."""
    return notice_after(resource.prop, take_further(resource.prop, revision, intent, actor))
