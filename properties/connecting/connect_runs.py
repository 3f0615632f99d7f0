"""Running the generators of a package's :class:`Connect`, with markers for credentials."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Generator
from typing import TypeVar

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from properties.catalog.errors import CatalogError
from properties.catalog.outbound import Answer, OutboundRequest
from properties.catalog.registry import packages
from properties.catalog.secret_markers import RunMarkers
from properties.catalog.vendor_sign_in import Connect, ConnectFailed, SignInContext
from properties.http.transport import Secrets, run_inquiry

logger = logging.getLogger(__name__)
Result = TypeVar("Result")


class Hidden:
    """The credentials of one run. Requests hold their markers, which the transport replaces."""

    def __init__(self) -> None:
        self._markers = RunMarkers()
        self._values: dict[str, str] = {}

    def __call__(self, value: str) -> str:
        """Return the marker of a credential."""
        for name, known in self._values.items():
            if known == value:
                return self._markers(name)
        name = f"credential {len(self._values) + 1}"
        self._values[name] = value
        return self._markers(name)

    @property
    def secrets(self) -> Secrets:
        return Secrets(self._markers.names, self._values.__getitem__)


def connect_of(package_name: str) -> Connect | None:
    """Return how a package connects, or None if it does not."""
    package = packages().get(package_name)
    return package.configuration.connect if package and package.configuration else None


def connecting_packages() -> list[str]:
    """Return the names of all packages that connect."""
    return [name for name in packages() if connect_of(name)]


def return_url(connect: Connect) -> str:
    """Return the address to which the vendor sends people back."""
    return f"{settings.PUBLIC_URL}{reverse('properties:connect_return', args=[connect.slug])}"


def context_of(
    connect: Connect,
    hidden: Hidden,
    *,
    owner_id: str,
    owner_name: str = "",
    domain: str = "",
    state: str = "",
) -> SignInContext:
    """Return what the package may know."""
    return SignInContext(
        installation=settings.INSTALLATION,
        hide=hidden,
        redirect_url=return_url(connect),
        state=state,
        owner_id=owner_id,
        owner_name=owner_name,
        domain=domain,
        now=timezone.now().timestamp(),
    )


def run(asking: Generator[OutboundRequest, Answer, Result], hidden: Hidden) -> Result:
    """Run a generator of a package.

    Raises:
        ConnectFailed: Also for a bug, which is logged without its text: that may hold a credential.
    """
    try:
        return run_inquiry(asking, secrets=hidden.secrets)
    except ConnectFailed:
        raise
    except CatalogError as error:
        raise ConnectFailed("Not complete", str(error)) from None
    except Exception as error:
        kind, frames = type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
        logger.error("Connecting at a vendor ended with %s\n%s", kind, frames)
        text = f"An unexpected {kind} was raised. Nothing was stored."
        raise ConnectFailed("Something went wrong", text, "Please report it.") from None
