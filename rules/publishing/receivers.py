"""What publishing does when somebody presses “Save to Library” or “Save to Library and Build”."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from properties.models import Environment, Resource, Revision
from properties.saving import Intent, resource_saved

from .build import publish
from .libraries import add_resource, working_library


@receiver(resource_saved, dispatch_uid="rules.publishing.take_revision_further")
def take_revision_further(
    sender: type[Resource],
    *,
    resource: Resource,
    revision: Revision,
    actor: Any,
    intent: Intent,
    **_: Any,
) -> None:
    """Put a saved revision into the working library, and build that for development when asked to."""
    if intent == "save":
        return
    library = working_library(resource.prop, actor)
    add_resource(library, revision)
    development = resource.prop.environments.filter(stage=Environment.Stage.DEVELOPMENT).first()
    if intent == "build" and development is not None:
        publish(library, development, actor)
