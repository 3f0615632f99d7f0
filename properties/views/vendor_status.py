"""The connection of an extension at its vendor: its status, reading it now, and ending it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from properties.catalog.descriptor import ExtensionPackage
from properties.catalog.vendor_sign_in import Connect
from properties.connecting.connect_attempts import unfinished
from properties.connecting.connect_runs import connect_of, return_url
from properties.connecting.connection_status import WARN_WITHIN, read_now
from properties.connecting.storing import end, secrets_in_use
from properties.models import Environment, Extension, Property, Secret, VendorConnection
from properties.saving import record
from properties.secrets.uses import uses_of

from .access import property_page
from .notices import say, warn

TONES = {"ok": "ok", "limited": "ok", "warning": "warn", "problem": "bad", "unknown": "none"}
ICONS = {"ok": "ok", "limited": "ok", "warning": "without", "problem": "refused", "unknown": "nomatch"}


@dataclass(frozen=True, slots=True)
class ShownStatus:
    """The status of one stored token, for the page.

    Args:
        place: The environments that it is for.
        facts: (label, text, time) of each fact; either text or time.
        ends: A sentence if the token ends soon, else "".
        trouble: Why the newest reading failed, else "".
    """

    place: str
    last_four: str
    title: str
    tone: str
    icon: str
    message: str
    advice: str
    facts: Sequence[tuple[str, str, datetime | None]]
    read_at: datetime | None
    ends: str
    trouble: str
    said: str
    connected: str


@dataclass(frozen=True, slots=True)
class ConnectPanel:
    """What the configuration of an extension shows about its connection.

    Args:
        missing: Names of the settings that lack for the button.
        rows: One for each stored token.
        boxes: (environment, whether it is preselected).
        left_at: When this person left for the vendor without coming back, or None.
    """

    connect: Connect
    missing: Sequence[str]
    rows: Sequence[ShownStatus]
    boxes: Sequence[tuple[Environment, bool]]
    left_at: datetime | None
    return_url: str

    @property
    def may_connect(self) -> bool:
        return not self.missing


def panel_of(request: HttpRequest, extension: Extension, package: ExtensionPackage) -> ConnectPanel | None:
    """Return the panel of an extension, installed or not; None if its package does not connect."""
    connect = connect_of(package.name)
    if connect is None:
        return None
    secrets = secrets_in_use(extension, connect) if extension.pk else []
    own = {it.environment_id for it in secrets}
    is_shared = not secrets or None in own
    return ConnectPanel(
        connect,
        connect.missing(settings.INSTALLATION),
        [shown(secret) for secret in secrets],
        [(it, is_shared or it.pk in own) for it in extension.prop.environments.all()],
        unfinished(request, package.name, prop=extension.prop),
        return_url(connect),
    )


def shown(secret: Secret) -> ShownStatus:
    """Return the status of a stored token as the page shows it."""
    connection: VendorConnection | None = getattr(secret, "vendor_connection", None)
    is_known = connection is not None and connection.is_about(secret)
    status: Mapping[str, Any] = connection.status if connection and is_known else {}
    kind = status.get("kind", "unknown")
    ends = _ends(secret, status)
    if ends and kind in ("ok", "limited"):
        kind = "warning"
    return ShownStatus(
        secret.place,
        secret.last_four,
        status.get("title", "Not checked yet"),
        TONES.get(kind, "none"),
        ICONS.get(kind, "nomatch"),
        status.get("message", ""),
        status.get("advice", ""),
        [(it["label"], it["text"], _moment(it["at"])) for it in status.get("facts", ())],
        connection.read_at if connection and is_known else None,
        ends,
        connection.trouble if connection and is_known else "",
        _said(status),
        _connected(connection) if connection else "",
    )


def _ends(secret: Secret, status: Mapping[str, Any]) -> str:
    at = _moment(status.get("expires_at")) or secret.expires_at
    left = at - timezone.now() if at else WARN_WITHIN * 2
    if left > WARN_WITHIN:
        return ""
    if left <= timedelta(0):
        return "The token has ended. Events wait until another one is here."
    days = left.days
    when = f"in {days} day{'' if days == 1 else 's'}" if days else "today"
    return f"The token ends {when}. Connect again, or enter another one, before that."


def _said(status: Mapping[str, Any]) -> str:
    code = f" (code {status['code']})" if status.get("code") else ""
    return f"{status['said']}{code}" if status.get("said") else ""


def _connected(connection: VendorConnection) -> str:
    return f"Connected by {connection.connected_by}" if connection.connected_by else ""


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


@require_POST
@property_page("manage_extensions")
def connection_read(request: HttpRequest, prop: Property, package_name: str) -> HttpResponse:
    """Read the status now."""
    extension, connect = _installed(prop, package_name)
    if secrets := secrets_in_use(extension, connect):
        read_now(extension, secrets)
        record(prop, "extension.checked", extension, request.user)
    else:
        warn(request, "There is no stored token whose status could be read.")
    return redirect("properties:extension_edit", prop.uid, extension.uid)


@property_page("manage_extensions")
def disconnect(request: HttpRequest, prop: Property, package_name: str) -> HttpResponse:
    """Say what stops, then end the connection."""
    extension, connect = _installed(prop, package_name)
    secrets = secrets_in_use(extension, connect)
    if not secrets:
        raise Http404("There is no token to delete.")
    if request.method == "POST":
        for sentence in end(extension, request.user):
            warn(request, sentence)
        say(request, f"Disconnected. The token is deleted here. {connect.stops}")
        return redirect("properties:extension_edit", prop.uid, extension.uid)
    here = {("Extension", extension.display_name)}
    uses = {(use.kind, use.name) for secret in secrets for use in uses_of(secret)} - here
    context = {"extension": extension, "connect": connect, "secrets": secrets, "uses": sorted(uses)}
    return render(request, "properties/disconnect.html", context)


def _installed(prop: Property, package_name: str) -> tuple[Extension, Connect]:
    extension, connect = prop.extensions.filter(package_name=package_name).first(), connect_of(package_name)
    if extension is None or connect is None:
        raise Http404
    return extension, connect
