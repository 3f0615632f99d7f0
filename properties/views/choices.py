"""Reads and keeps what the person of a request chose to see."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from properties.models import PersonalChoice, Property


def choices_of(request: HttpRequest) -> dict[tuple[bool, str], Any]:
    """Return the choices of the person of a request: everywhere, and in the property of the page.

    One query a request.

    Returns:
        The values by whether they belong to the property, and name.
    """
    if not hasattr(request, "choices"):
        request.choices = _read(request)  # type: ignore[attr-defined]
    found: dict[tuple[bool, str], Any] = request.choices  # type: ignore[attr-defined]
    return found


def _read(request: HttpRequest) -> dict[tuple[bool, str], Any]:
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    here = Q(prop=None) | Q(prop=getattr(request, "prop", None))
    rows = PersonalChoice.objects.filter(here, user=user).values_list("prop", "name", "value")
    return {(prop is not None, name): value for prop, name, value in rows}


def choice(request: HttpRequest, name: str, *, of_property: bool = False) -> Any:
    """Return what the person chose, or None."""
    return choices_of(request).get((of_property, name))


def keep_choice(request: HttpRequest, name: str, value: Any, prop: Property | None = None) -> None:
    """Keep a choice, in one property or everywhere. It outlives the session."""
    user: Any = request.user
    PersonalChoice.objects.update_or_create(user=user, prop=prop, name=name, defaults={"value": value})
    choices_of(request)[(prop is not None, name)] = value
