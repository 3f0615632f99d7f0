"""Reads where the product is, and where Meta and the broker are."""

from __future__ import annotations

import ipaddress
import re
import ssl
from importlib.util import find_spec
from urllib.parse import SplitResult, urlsplit

from .settings_reader import SettingsReader

UNREACHABLE_URL = "https://settings.invalid"
"""Stand-in for an address that could not be read: a reserved name, so nothing is ever sent to it."""

USUAL_PORTS = {"http": ":80", "https": ":443"}
BROKER_SCHEMES = {"redis", "rediss", "amqp", "amqps"}
GRAPH_VERSION = re.compile(r"v[0-9]+\.[0-9]+")


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) URL with a host and a legal port, else None."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    return parts if usable and plain and url.isascii() and not re.search(r"\s", url) else None


def read_public_url(env: SettingsReader, number: int) -> str:
    """Scheme, host and port of the pages, without a slash at the end."""
    given = env.text("PUBLIC_URL", "http://127.0.0.1:8000")
    parts = _split(given)
    if parts is None or parts.path not in {"", "/"}:
        env.report(
            number,
            "PUBLIC_URL is not the address of a site.",
            "Use scheme and host, with a port where it is not the usual one: https://capi.example.org. Write "
            "other letters as browsers send them: https://xn--mller-kva.example",
        )
        return "http://127.0.0.1:8000"
    # Browsers leave the usual port out, of addresses and of origins.
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(USUAL_PORTS[parts.scheme])}"


def read_graph_url(env: SettingsReader, number: int) -> str:
    """Base URL of the Graph API; tokens travel to it, so http is accepted on this machine only."""
    given = env.text("META_GRAPH_URL", "https://graph.facebook.com").rstrip("/")
    parts = _split(given)
    if parts and (parts.scheme == "https" or is_loopback(parts.hostname or "")):
        return given
    env.report(
        number,
        "META_GRAPH_URL is not the https address of a server.",
        "Access tokens travel to it, so http is accepted for 127.0.0.1, [::1] and localhost only.",
    )
    return UNREACHABLE_URL


def is_loopback(host: str) -> bool:
    """Whether a host name or address always means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def read_graph_version(env: SettingsReader, number: int) -> str:
    """A version of the Graph API, such as ``v25.0``."""
    given = env.text("META_GRAPH_VERSION", "v25.0")
    if GRAPH_VERSION.fullmatch(given):
        return given
    env.report(number, f"META_GRAPH_VERSION is {given!r}.", "Write it as v25.0.")
    return "v25.0"


def read_broker_url(env: SettingsReader, number: int) -> str:
    """Address of Redis or RabbitMQ; empty means the embedded worker."""
    url = env.text("CELERY_BROKER_URL")
    scheme = url.partition(":")[0].lower()
    if not url:
        return ""
    if scheme not in BROKER_SCHEMES or "://" not in url:
        env.report(number, "CELERY_BROKER_URL is no address of a broker.", "Use redis://… or amqp://….")
        return ""
    if scheme.startswith("redis") and not find_spec("redis"):
        env.report(number, "The client of Redis is not installed.", "pip install 'capi-admin[redis]'")
    return url


def read_networks(
    env: SettingsReader, number: int
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Networks that calls may reach beside the public internet, such as ``10.20.0.0/16``, comma-separated."""
    found = []
    for given in filter(None, (part.strip() for part in env.text("REACHABLE_NETWORKS").split(","))):
        try:
            found.append(ipaddress.ip_network(given))
        except ValueError:
            message = f"REACHABLE_NETWORKS has {given!r}, which is no network."
            env.report(number, message, "Write 10.20.0.0/16 or fd12:3456::/32; a comma separates several.")
    return tuple(found)


def read_authorities(env: SettingsReader, number: int) -> str:
    """Path of a PEM file with certificates that vouch for servers beside the usual ones; empty means none."""
    if not env.text("AUTHORITIES_FILE"):
        return ""
    file = str(env.path("AUTHORITIES_FILE", "", number))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except (OSError, ValueError):
        message = "AUTHORITIES_FILE names a file that cannot be read, or that holds no certificate."
        env.report(number, message, "Check path and owner; certificates are in PEM format.")
        return ""
    return file
