"""The status of connections: read when a person asks, and once a day."""

from __future__ import annotations

import logging
import time
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from properties.catalog.vendor_sign_in import Connect, ConnectFailed, ConnectionStatus
from properties.models import Extension, Secret, VendorConnection
from properties.secrets.credentials import names_in

from .connect_runs import Hidden, connect_of, connecting_packages, context_of, run

logger = logging.getLogger(__name__)
EVERY = timedelta(days=1)
AFTER_TROUBLE = timedelta(hours=1)
WARN_WITHIN = timedelta(days=14)
LEASE = timedelta(minutes=2)
AT_ONCE = 50
# Together with the last reading, this stays below the soft time limit of a task.
SECONDS_AT_ONCE = 6.0


def read_now(extension: Extension, secrets: list[Secret]) -> None:
    """Read the status of the tokens of a configuration."""
    for secret in secrets:
        _read(_row(secret, extension.package_name), extension)


def read_due() -> int:
    """Read the status of connections that were read a day ago, for a few seconds.

    Returns:
        How many were read.
    """
    ends_at, count = time.monotonic() + SECONDS_AT_ONCE, 0
    _add_entered_tokens()
    due = VendorConnection.objects.filter(read_next_at__lte=timezone.now()).select_related("secret__prop")
    for connection in due.order_by("read_next_at")[:AT_ONCE]:
        if time.monotonic() < ends_at and _claim(connection):
            count += _read_of(connection)
    return count


def _read_of(connection: VendorConnection) -> int:
    """Read a connection if a configuration still uses its token; otherwise forget it."""
    connect, extension = connect_of(connection.package_name), _extension(connection)
    if connect is None or extension is None:
        connection.delete()
        return 0
    _read(connection, extension)
    return 1


def _extension(connection: VendorConnection) -> Extension | None:
    connect, secret = connect_of(connection.package_name), connection.secret
    extension = secret.prop.extensions.filter(package_name=connection.package_name).first()
    is_used = connect and extension and secret.name in names_in(extension.settings.get(connect.token))
    return extension if is_used else None


def _claim(connection: VendorConnection) -> bool:
    seen, until = connection.read_next_at, timezone.now() + LEASE
    rows = VendorConnection.objects.filter(pk=connection.pk, read_next_at=seen)
    return bool(rows.update(read_next_at=until))


def _add_entered_tokens() -> None:
    """Make a row for each token that a person entered in a configuration, so that it is read, too."""
    extensions = Extension.objects.filter(package_name__in=connecting_packages()).select_related("prop")
    used = {
        (extension.prop_id, name): extension.package_name
        for extension in extensions
        if (connect := connect_of(extension.package_name))
        for name in names_in(extension.settings.get(connect.token))
    }
    unread = Secret.objects.filter(prop_id__in={prop for prop, _ in used}, vendor_connection=None)
    for secret in unread.exclude(value="").only("pk", "prop_id", "name") if used else ():
        if package_name := used.get((secret.prop_id, secret.name)):
            _row(secret, package_name)


def _row(secret: Secret, package_name: str) -> VendorConnection:
    now = timezone.now()
    found, _ = VendorConnection.objects.get_or_create(
        secret=secret, defaults={"package_name": package_name, "read_next_at": now}
    )
    return found


def _read(connection: VendorConnection, extension: Extension) -> None:
    connect = connect_of(connection.package_name)
    assert connect is not None  # noqa: S101 - the caller has looked
    secret, now = connection.secret, timezone.now()
    status = _status(connect, extension, secret)
    changes: dict[str, Any]
    if status.kind == "unknown" and connection.is_about(secret):
        changes = {"trouble": f"{status.title}. {status.message}"[:500], "read_next_at": now + AFTER_TROUBLE}
    else:
        wait = AFTER_TROUBLE if status.kind == "unknown" else EVERY
        changes = {"trouble": "", "status": asdict(status), "fingerprint": secret.fingerprint}
        changes |= {"read_at": now, "read_next_at": now + wait}
    VendorConnection.objects.filter(pk=connection.pk).update(**changes)


def _status(connect: Connect, extension: Extension, secret: Secret) -> ConnectionStatus:
    if not secret.is_usable(timezone.now()):
        text = "The stored token has ended." if secret.value else "There is no token."
        return ConnectionStatus("problem", "Token has ended", text, f"{connect.title} again.")
    hidden = Hidden()
    account = str(extension.settings.get(connect.account) or "")
    context = context_of(connect, hidden, owner_id=extension.prop.uid, owner_name=extension.prop.name)
    try:
        return run(connect.read(account, hidden(secret.value), context), hidden)
    except ConnectFailed as failed:
        return ConnectionStatus("unknown", failed.title, failed.message, failed.advice)


def ending_connections(property_ids: Any, within: timedelta) -> Any:
    """Return the connections of properties whose token ends soon, or has ended, by the vendor's word."""
    soon = (timezone.now() + within).timestamp()
    rows = VendorConnection.objects.filter(
        secret__prop__in=property_ids, fingerprint=F("secret__fingerprint")
    ).select_related("secret__environment")
    return [it for it in rows if it.status.get("kind") == "problem" or 0 < _end_of(it) < soon]


def _end_of(connection: VendorConnection) -> float:
    return connection.status.get("expires_at") or 0.0
