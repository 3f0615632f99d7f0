"""Storing what a sign-in gave, as the form of the configuration would, and ending a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from properties.catalog.descriptor import Configuration
from properties.catalog.registry import packages
from properties.catalog.vendor_sign_in import Connect, ConnectFailed
from properties.models import Environment, Extension, Property, Secret, VendorConnection
from properties.resources.component_settings import settings_to_keep
from properties.saving import record, save_resource
from properties.secrets import credentials

from .connect_runs import Hidden, connect_of, context_of, run


@transaction.atomic
def store(
    prop: Property,
    package_name: str,
    *,
    account_id: str,
    grant: Mapping[str, Any],
    environments: Sequence[Environment],
    actor: Any,
) -> Extension:
    """Store the token for the environments, and account and token in the configuration: all or nothing.

    The extension is installed if it is not. Secret, configuration and connection get their audit entries, the
    configuration a revision.

    Args:
        grant: As ``ConnectAttempt.read_grant`` returns it.
        environments: At least one, of the property.
    """
    Property.objects.select_for_update(no_key=True).get(pk=prop.pk)
    connect, package = connect_of(package_name), packages()[package_name]
    assert connect is not None  # noqa: S101 - the attempt had one
    extension = prop.extensions.filter(package_name=package_name).first() or Extension(
        prop=prop, package_name=package_name, version=package.version
    )
    name = _store_token(prop, extension, connect, grant, environments, actor)
    settings = {**extension.settings, connect.account: account_id, connect.token: credentials.reference(name)}
    extension.settings = settings_to_keep(package.configuration, settings)
    extension.enabled, extension.version = True, package.version
    save_resource(extension, actor=actor)
    for secret in prop.secrets.filter(name=name):
        if secret.value == grant["token"]:
            _note_connection(secret, package_name, grant, actor)
    places = [it.name for it in environments]
    record(prop, "extension.connected", extension, actor, account=account_id, environments=places)
    return extension


def _store_token(
    prop: Property,
    extension: Extension,
    connect: Connect,
    grant: Mapping[str, Any],
    environments: Sequence[Environment],
    actor: Any,
) -> str:
    """Return the name of the secret."""
    stored = next(iter(credentials.names_in(extension.settings.get(connect.token))), "")
    taken = set(prop.secrets.values_list("name", flat=True))
    label = label_of(packages()[extension.package_name].configuration, connect.token)
    name = stored or credentials.free_name(f"{extension.display_name} {label}", taken)
    credentials.store_for(prop, name, grant["token"], environments)
    verb, where = ("secret.updated" if name in taken else "secret.created"), [it.name for it in environments]
    secret = prop.secrets.filter(name=name).order_by("-updated_at")[0]
    Secret.objects.filter(prop=prop, name=name, fingerprint=secret.fingerprint).update(
        expires_at=_moment(grant.get("expires_at"))
    )
    record(prop, verb, secret, actor, type=secret.type_of, environments=where)
    return name


def _note_connection(secret: Secret, package_name: str, grant: Mapping[str, Any], actor: Any) -> None:
    now = timezone.now()
    VendorConnection.objects.update_or_create(
        secret=secret,
        defaults={
            "package_name": package_name,
            "kept": grant.get("kept") or {},
            "connected_by": str(actor or "")[:255],
            "connected_at": now,
            "fingerprint": "",
            "status": {},
            "trouble": "",
            "read_at": None,
            "read_next_at": now,
        },
    )


def label_of(configuration: Configuration | None, key: str) -> str:
    """Return the label of a setting."""
    fields = configuration.fields if configuration else ()
    return next((field.label for field in fields if field.key == key), key)


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


# Ending


def secrets_in_use(extension: Extension, connect: Connect) -> list[Secret]:
    """Return the stored tokens of a configuration, one for each environment with its own."""
    names = list(credentials.names_in(extension.settings.get(connect.token)))
    if not names:
        return []
    rows = extension.prop.secrets.filter(name__in=names).select_related("environment", "vendor_connection")
    return list(rows.order_by("environment_id"))


def end(extension: Extension, actor: Any) -> list[str]:
    """Delete the tokens of a configuration and tell the vendor.

    The vendor is told first, while there is still a token. If it cannot be told, the tokens are deleted all
    the same.

    Returns:
        Sentences about what the person can still do.
    """
    connect = connect_of(extension.package_name)
    assert connect is not None  # noqa: S101 - the page offers it only then
    told = (_tell(connect, extension, it) for it in _connected(extension, connect))
    said = [*dict.fromkeys(filter(None, told))]
    with transaction.atomic():
        Property.objects.select_for_update(no_key=True).get(pk=extension.prop.pk)
        extension.refresh_from_db()
        for secret in secrets_in_use(extension, connect):
            stage = secret.environment.stage if secret.environment else ""
            record(extension.prop, "secret.deleted", secret, actor, type=secret.type_of, stage=stage)
            secret.delete()
        extension.settings = {key: it for key, it in extension.settings.items() if key != connect.token}
        save_resource(extension, actor=actor)
        record(extension.prop, "extension.disconnected", extension, actor)
    return said


def _connected(extension: Extension, connect: Connect) -> list[VendorConnection]:
    found = (getattr(it, "vendor_connection", None) for it in secrets_in_use(extension, connect))
    return [it for it in found if it is not None and it.kept]


def _tell(connect: Connect, extension: Extension, connection: VendorConnection) -> str:
    hidden = Hidden()
    context = context_of(connect, hidden, owner_id=extension.prop.uid)
    try:
        return run(connect.end(hidden(connection.secret.value), connection.kept, context), hidden)
    except ConnectFailed as failed:
        return f"{connect.vendor} could not be told: {failed.title}. {failed.message} End it there, too."
