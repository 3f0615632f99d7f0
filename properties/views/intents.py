"""The three save buttons of a resource."""

from __future__ import annotations

from typing import cast, get_args

from django.http import HttpRequest

from properties.saving import Intent


def intent_of(request: HttpRequest) -> Intent:
    """Return which button was pressed. Unknown values mean a plain save."""
    asked = request.POST.get("intent", "")
    return cast(Intent, asked if asked in get_args(Intent) else "save")
