"""Prepares the start: first password, data folder, ports and demo."""

from __future__ import annotations

import secrets
import socket
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from filelock import FileLock, Timeout

from properties.catalog.registry import packages
from properties.http import curl
from properties.models import Datastream, Property
from rules.delivery.destinations.gates import hold_property

ADMIN = "admin"
PORT_SECONDS = 10.0
EXAMPLE_EVENT = {
    "xdm": {
        "eventType": "web.webpagedetails.pageViews",
        "web": {"webPageDetails": {"URL": "https://shop.example/"}},
        "environment": {"browserDetails": {"userAgent": curl.EXAMPLE_BROWSER}},
    },
    "data": {
        "event": "PageView",
        "event_id": f"page-{curl.NOW}",
        "user": {"email": "jane.doe@example.com"},
    },
}


def one_time_password() -> str | None:
    """Return a new password for the user ``admin``, created if missing; None after the first sign-in."""
    users = get_user_model()
    user = users.objects.filter(username=ADMIN).first()
    if user is not None and user.last_login is not None:
        return None
    user = user or users(username=ADMIN, is_staff=True, is_superuser=True)
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save()
    return password


def keep_alone(folder: Path) -> FileLock:
    """Refuse to run twice on one data folder. The system releases the lock when the process ends.

    Raises:
        CommandError: Another instance runs.
    """
    lock = FileLock(folder / "up.lock", mode=0o600, fallback_to_soft=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise CommandError(
            f"CAPI Admin already runs on {folder}. Stop it, or set another DATA_DIR."
        ) from None
    return lock


def wait_for_free_port(host: str, port: int) -> None:
    """Wait until the port is free, in case a process is just stopping.

    Raises:
        CommandError: The address stays in use, or does not belong to this machine.
    """
    deadline = time.monotonic() + PORT_SECONDS
    while (error := _why_not(host, port)) is not None:
        if time.monotonic() > deadline or error.errno is None:
            raise CommandError(
                f"Cannot listen on {host} port {port}: {error.strerror}. Choose another with --port."
            )
        time.sleep(0.2)


def _why_not(host: str, port: int) -> OSError | None:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.create_server((host, port), family=family):
            return None
    except OSError as error:
        return error


def free_port(host: str, wanted: int) -> int:
    """Return the wanted port, or any free one if it is in use."""
    if _why_not(host, wanted) is None:
        return wanted
    with socket.create_server((host, 0)) as listener:
        found: int = listener.getsockname()[1]
        return found


def answers(host: str, port: int, path: str) -> bool:
    """Return whether a server on this machine answers with 200."""
    connection = HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def hold_demo(name: str) -> None:
    """Make the example property send only to the simulators that start with it."""
    simulators = [package.simulator for package in packages().values() if package.simulator]
    prop = Property.objects.filter(name=name).first()
    if prop is not None and simulators:
        titles = " and the ".join(simulator.title for simulator in simulators)
        unset = " and ".join(simulator.setting for simulator in simulators)
        hold_property(
            prop.pk,
            message=f"The example property sends only to the {titles}, which does not run.",
            advice=f"Start with --demo and without {unset}, or create your own property.",
        )


def curl_line(base_url: str, event: Mapping[str, Any], uid: str | None = None) -> str | None:
    """Return a command that sends one event to a datastream, or to the newest property; None without one."""
    streams = Datastream.objects.filter(environment__stage="production")
    streams = streams.filter(uid=uid) if uid else streams
    stream = streams.order_by("-environment__prop_id").first()
    return curl.curl_line(stream, event, base_url) if stream else None
