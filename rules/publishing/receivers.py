"""What publishing does when somebody presses “Save to Library” or “Save to Library and Build”."""

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
    """Put a saved revision into the working library, and build that for development when asked to."""
    return notice_after(resource.prop, take_further(resource.prop, revision, intent, actor))
