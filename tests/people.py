"""Users, their rights, and browsers in which they have signed in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model

from properties.models import Membership, Property
from tests.person import Person


def make_user(name: str) -> Any:
    return get_user_model().objects.create_user(name)


def member(user: Any, prop: Property, rights: Iterable[str]) -> Any:
    """The user, who has these rights in the property unless it gave others before."""
    Membership.objects.get_or_create(user=user, prop=prop, defaults={"rights": list(rights)})
    return user


def signed_in(user: Any) -> Person:
    client = Person()
    client.force_login(user)
    return client
