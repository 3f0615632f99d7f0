"""Match Quality is in the navigation of properties with an extension that reads it."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.http import HttpRequest

from properties.models import Property
from properties.views.frame import FramePart, frame_asked_for
from rules.match_quality.offers import is_offered


@receiver(frame_asked_for, dispatch_uid="rules.match_quality_pages.nav_entry")
def match_quality_in_frame(
    sender: type[Property], *, request: HttpRequest, prop: Property, **_: Any
) -> FramePart | None:
    """Hide the entry from the other properties."""
    return None if is_offered(prop) else FramePart(hidden=frozenset({"rules:match_quality"}))
