"""Storing the credentials of settings as secrets, and replacing them by references."""

from __future__ import annotations

import itertools
from collections.abc import Collection

from django.db.models import Q
from django.utils import timezone

from properties.catalog.references import SECRET, names_in
from properties.models import Environment, Property, Secret

__all__ = [
    "free_name",
    "names_in",
    "reference",
    "secrets_of",
    "store",
    "store_for",
    "values_of",
]

LONGEST_NAME = 240  # Of 255, so that a number may follow.


def reference(name: str) -> dict[str, str]:
    """Return the reference that replaces a credential in settings, documents and builds."""
    return {SECRET: name}


def free_name(wanted: str, taken: Collection[str]) -> str:
    """Return the first of ``wanted``, ``wanted 2``, ``wanted 3`` … that is free and short enough."""
    start = wanted[:LONGEST_NAME]
    numbered = (start if number == 1 else f"{start} {number}" for number in itertools.count(1))
    return next(name for name in numbered if name not in taken)


def store(prop: Property, name: str, value: str, environment: Environment | None = None) -> Secret:
    """Create or replace the secret ``name`` of one environment, or of every environment.

    A secret that already holds ``value`` is left unchanged. Otherwise its type becomes token. A value for
    every environment replaces the values of single environments.
    """
    rows = Secret.objects.filter(prop=prop, name=name)
    if environment is None:
        rows.exclude(environment=None).delete()
    found = rows.filter(environment=environment).first()
    secret = found or Secret(prop=prop, name=name, environment=environment)
    if secret.pk is None or secret.value != value:
        secret.type_of, secret.credentials, secret.refresh_at = Secret.Type.TOKEN, "", None
        secret.set_value(value)
        secret.save()
    return secret


def store_for(prop: Property, name: str, value: str, chosen: Collection[Environment]) -> None:
    """Create or replace the secret ``name`` of these environments. Others keep their value.

    If ``chosen`` is all environments of the property, the value also counts for environments made later.
    """
    own = set(Secret.objects.filter(prop=prop, name=name).values_list("environment_id", flat=True))
    every = set(prop.environments.values_list("pk", flat=True))
    picked = {environment.pk for environment in chosen}
    if picked >= every:
        store(prop, name, value)
    elif None in own and picked == every - own:
        _store_shared(prop, name, value)
    else:
        for environment in chosen:
            store(prop, name, value, environment)


def _store_shared(prop: Property, name: str, value: str) -> None:
    """Replace the value that environments without their own value use."""
    secret = Secret.objects.get(prop=prop, name=name, environment=None)
    secret.type_of, secret.credentials, secret.refresh_at = Secret.Type.TOKEN, "", None
    secret.set_value(value)
    secret.save()


def values_of(prop_id: int, environment_id: int) -> dict[str, str]:
    """Return name → plain value of the secrets that work now in an environment, for the transport alone.

    A secret of the environment takes precedence over one of every environment, even while it does not work.
    So nothing is sent with a credential that does not belong there.
    """
    now = timezone.now()
    found = secrets_of(prop_id, environment_id)
    return {name: secret.value for name, secret in found.items() if secret.is_usable(now)}


def secrets_of(prop_id: int, environment_id: int) -> dict[str, Secret]:
    """Return the secrets of an environment by name. Its own come before those of every environment."""
    usable = Q(environment=None) | Q(environment_id=environment_id)
    secrets = Secret.objects.filter(usable, prop_id=prop_id).defer("credentials")
    return {it.name: it for it in sorted(secrets, key=lambda it: it.environment_id is not None)}
