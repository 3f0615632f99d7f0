"""Settings that a package takes from the environment of the installation, such as the address of its vendor.

A package lists them in its ``ExtensionPackage``, and finds their values in ``EventContext.installation``. The
platform reads the environment. A value that cannot be read becomes a system check and stops the start.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

UNREACHABLE_URL = "https://settings.invalid"
"""Replaces an address that cannot be read. The name is reserved, so nothing is ever sent to it."""


class UnusableSetting(ValueError):
    """A setting that cannot be read.

    Args:
        message: Goes on behind the setting's name: ``is not the https address of a server.``
        hint: What to write instead. Neither text may hold the value of a secret.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def as_given(text: str) -> str:
    """Every text is accepted."""
    return text


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable of the environment.

    Args:
        name: In capitals, beginning with the vendor's name, such as ``ACME_URL``.
        help: One or two sentences for the person who runs the product.
        default: Its value when the variable is unset or empty.
        read: ``read(text)`` is the value, or raises :class:`UnusableSetting`.
        stand_in: Replaces a value that cannot be read; it must do no harm. Without it, the default.
        is_secret: A credential. It is also read from a file that ``<NAME>_FILE`` names, and never shown.
        check_id: Id of the system check that reports it. Without it, ``<package>.E001`` for the first setting
            of a package, and so on.
    """

    name: str
    help: str
    default: str = ""
    read: Callable[[str], str] = as_given
    stand_in: str | None = None
    is_secret: bool = False
    check_id: str = ""


def server_url(text: str) -> str:
    """The base address of a server to which credentials travel, without a slash at the end.

    Raises:
        UnusableSetting: It is not https. On this machine, http is accepted.
    """
    given = text.rstrip("/")
    parts = url_parts(given)
    if parts and (parts.scheme == "https" or is_loopback(parts.hostname or "")):
        return given
    raise UnusableSetting(
        "is not the https address of a server.",
        "Access tokens travel to it, so http is accepted for 127.0.0.1, [::1] and localhost only.",
    )


def matching(pattern: str, hint: str) -> Callable[[str], str]:
    """Return a reader that accepts texts which the pattern matches as a whole.

    Args:
        pattern: A regular expression.
        hint: What to write instead, such as ``Write it as v25.0.``
    """
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        if compiled.fullmatch(text):
            return text
        raise UnusableSetting(f"is {text!r}.", hint)

    return read


def url_parts(url: str) -> SplitResult | None:
    """The parts of an http(s) URL with a host and a legal port, else None."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return parts if usable and plain and url.isascii() and not re.search(r"\s", url) else None


def is_loopback(host: str) -> bool:
    """Whether a host name or address always means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorCommand:
    """A server that answers like the vendor, for a demo without an account.

    ``manage.py up --demo`` starts it unless ``setting`` is set, and sends to it instead of the vendor.

    Args:
        title: Names it in sentences, such as ``Acme simulator``.
        command: The command of ``manage.py`` that runs it, with ``--host``, ``--port`` and ``--record FILE``.
        setting: Name of the package's setting with the vendor's address.
        port: The port that is tried first.
        health: A path that answers 200 as soon as the simulator is ready.
    """

    title: str
    command: str
    setting: str
    port: int
    health: str


__all__ = [
    "UNREACHABLE_URL",
    "Setting",
    "SimulatorCommand",
    "UnusableSetting",
    "as_given",
    "matching",
    "server_url",
]
