"""What must be there before the processes start, and what a person needs to begin."""

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
    """A new password for the user ``admin``, created when missing; None once somebody has signed in."""
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
    """Refuse to run twice on one data folder. The system lifts the lock when the process ends.

    Raises:
        CommandError: Another one runs.
    """
    lock = FileLock(folder / "up.lock", mode=0o600, fallback_to_soft=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise CommandError(
            f"CAPI Admin runs already on {folder}. Stop it, or set another DATA_DIR."
        ) from None
    return lock


def wait_for_free_port(host: str, port: int) -> None:
    """Until nobody listens there, for a process that is just stopping.

    Raises:
        CommandError: The address stays in use, or is not one of this machine.
    """
    deadline = time.monotonic() + PORT_SECONDS
    while (error := _why_not(host, port)) is not None:
        if time.monotonic() > deadline or error.errno is None:
            raise CommandError(f"Cannot listen on {host} port {port}: {error.strerror}. Choose with --port.")
        time.sleep(0.2)


def _why_not(host: str, port: int) -> OSError | None:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.create_server((host, port), family=family):
            return None
    except OSError as error:
        return error


def free_port(host: str, wanted: int) -> int:
    """The wanted port, or any free one when it is taken."""
    if _why_not(host, wanted) is None:
        return wanted
    with socket.create_server((host, 0)) as listener:
        found: int = listener.getsockname()[1]
        return found


def answers(host: str, port: int, path: str) -> bool:
    """Whether a server of this machine answers with 200."""
    connection = HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def hold_demo(name: str) -> None:
    """The example property sends to the simulators that start beside it, and to nobody else."""
    simulators = [package.simulator for package in packages().values() if package.simulator]
    prop = Property.objects.filter(name=name).first()
    if prop is not None and simulators:
        titles = " and the ".join(simulator.title for simulator in simulators)
        unset = " and ".join(simulator.setting for simulator in simulators)
        hold_property(
            prop.pk,
            message=f"Events of the example property go to the {titles} only, and it does not run.",
            advice=f"Start with --demo and without {unset}, or make a property of your own.",
        )


def curl_line(base_url: str, event: Mapping[str, Any]) -> str | None:
    """A command that sends one event to the property made last; None while there is no property."""
    streams = Datastream.objects.filter(environment__stage="production")
    stream = streams.order_by("-environment__prop_id").first()
    return curl.curl_line(stream, event, base_url) if stream else None
