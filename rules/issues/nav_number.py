"""The number of open issues in the navigation."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.http import HttpRequest

from properties.models import Environment, Property
from properties.views.frame import FramePart, frame_asked_for

from .issue_list import open_count


@receiver(frame_asked_for, dispatch_uid="rules.issues.nav_number")
def issues_in_frame(sender: type[Property], *, request: HttpRequest, prop: Property, **_: Any) -> FramePart:
    """Return how many issues are open in the environment of the page, otherwise in production."""
    shown: Environment | None = getattr(request, "environment", None)
    environment = shown or prop.environments.filter(stage=Environment.Stage.PRODUCTION).first()
    return FramePart({"rules:issues": open_count(prop, environment) if environment else 0})
