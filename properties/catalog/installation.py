"""Settings that a package reads from the environment, such as the address of its vendor.

A package lists them in its ``ExtensionPackage`` and finds their values in ``EventContext.installation``. The
platform reads the environment. An invalid value becomes a system check and stops the start.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

UNREACHABLE_URL = "https://settings.invalid"
"""Replaces an invalid address. The name is reserved, so nothing is ever sent to it."""


class UnusableSetting(ValueError):
    """The value of a setting is invalid.

    Args:
        message: Follows the name of the setting: ``is not the https address of a server.``
        hint: The correction. Neither text may hold the value of a secret.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def as_given(text: str) -> str:
    """Return the text unchanged; every text is valid."""
    return text


@dataclass(frozen=True, slots=True)
class Setting:
    """An environment variable of a package.

    Args:
        name: In capitals, starting with the vendor's name, such as ``ACME_URL``.
        help: One or two sentences for the person who runs the product.
        default: The value if the variable is unset or empty.
        read: ``read(text)`` returns the value, or raises :class:`UnusableSetting`.
        stand_in: Replaces an invalid value; it must do no harm. Without it, the default replaces it.
        is_secret: A credential. It is also read from the file that ``<NAME>_FILE`` names, and never shown.
        check_id: Id of the system check that reports an invalid value. Without it, ``<package>.E001`` for the
            first setting of a package, and so on.
    """

    name: str
    help: str
    default: str = ""
    read: Callable[[str], str] = as_given
    stand_in: str | None = None
    is_secret: bool = False
    check_id: str = ""


def server_url(text: str) -> str:
    """Return the base address of a server that receives credentials, without a slash at the end.

    Raises:
        UnusableSetting: The address is not https. For this machine, http is accepted.
    """
    given = text.rstrip("/")
    parts = url_parts(given)
    if parts and (parts.scheme == "https" or is_loopback(parts.hostname or "")):
        return given
    raise UnusableSetting(
        "is not the https address of a server.",
        "It receives access tokens, so http is accepted for 127.0.0.1, [::1] and localhost only.",
    )


def matching(pattern: str, hint: str) -> Callable[[str], str]:
    """Return a reader that accepts texts which the whole pattern matches.

    Args:
        pattern: A regular expression.
        hint: The correction, such as ``Write it as v25.0.``
    """
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        if compiled.fullmatch(text):
            return text
        raise UnusableSetting(f"is {text!r}.", hint)

    return read


def url_parts(url: str) -> SplitResult | None:
    """Return the parts of an http(s) URL with a host and a valid port, else None."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return parts if usable and plain and url.isascii() and not re.search(r"\s", url) else None


def is_loopback(host: str) -> bool:
    """Return whether a host name or address always means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorCommand:
    """A server that answers as the vendor would, for a demo without an account.

    ``manage.py up --demo`` starts it unless ``setting`` is set, and sends requests to it.

    Args:
        title: Its name in sentences, such as ``Acme simulator``.
        command: The command of ``manage.py`` that runs it, with ``--host``, ``--port`` and ``--record FILE``.
        setting: Name of the package's setting with the vendor's address.
        port: The first port to try.
        health: A path that answers 200 when the simulator is ready.
        also: Further settings of the package → their value in the demo, unless they are set. ``{url}`` is
            the simulator's address.
    """

    title: str
    command: str
    setting: str
    port: int
    health: str
    also: Mapping[str, str] = field(default_factory=dict)


__all__ = [
    "UNREACHABLE_URL",
    "Setting",
    "SimulatorCommand",
    "UnusableSetting",
    "as_given",
    "matching",
    "server_url",
]
