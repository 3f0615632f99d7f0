"""The three save buttons of a resource."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from properties.saving import Intent

_DONE: dict[str, str] = {
    "save": "",
    "library": " It is in the working library.",
    "build": " It is in the working library, and development was built: see Publishing.",
}


def intent_of(request: HttpRequest) -> Intent:
    """Which button was pressed; anything odd is a plain save."""
    asked = request.POST.get("intent", "")
    return cast(Intent, asked if asked in _DONE else "save")


def saved_text(name: str, intent: Intent) -> str:
    """What to say after a save."""
    return f"Saved “{name}”.{_DONE[intent]}"
