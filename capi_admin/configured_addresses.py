"""Reads PUBLIC_URL, TAGS_URL, CELERY_BROKER_URL, REACHABLE_NETWORKS and AUTHORITIES_FILE."""

from __future__ import annotations

import ipaddress
import ssl
from importlib.util import find_spec

from properties.catalog.installation import is_loopback, url_parts

from .settings_reader import SettingsReader

USUAL_PORTS = {"http": ":80", "https": ":443"}
BROKER_SCHEMES = {"redis", "rediss", "amqp", "amqps"}


def read_public_url(env: SettingsReader, number: int) -> str:
    """Return scheme, host and port of the pages, without a slash at the end."""
    given = env.text("PUBLIC_URL", "http://127.0.0.1:8000")
    parts = url_parts(given)
    if parts is None or parts.path not in {"", "/"}:
        env.report(
            number,
            "PUBLIC_URL is not the address of a website.",
            "Use scheme and host, and a port unless it is the default one: https://capi.example.org. Write "
            "other letters in their encoded form: https://xn--mller-kva.example",
        )
        return "http://127.0.0.1:8000"
    # Browsers omit the default port in addresses and origins.
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(USUAL_PORTS[parts.scheme])}"


def read_tags_url(env: SettingsReader, public_url: str, *, is_debug: bool, number: int) -> str:
    """Return the address of tag libraries and the edge as sites reach them, without a slash at the end.

    It may have a path: a site's own server can pass it on. Browsers load nothing from http into https pages.
    """
    given = env.text("TAGS_URL")
    if not given:
        return public_url
    parts = url_parts(given)
    if parts is None:
        hint = "Use scheme and host, and a path if your proxy adds one: https://data.shop.example"
        env.report(number, "TAGS_URL is not the address of a server.", hint)
        return public_url
    if parts.scheme == "http" and not (is_debug or _is_this_machine(parts.hostname or "")):
        env.report(number, "TAGS_URL begins with http, which pages under https refuse to load.", "Use https.")
    host = parts.netloc.lower().removesuffix(USUAL_PORTS[parts.scheme])
    return f"{parts.scheme}://{host}{parts.path.rstrip('/')}"


def _is_this_machine(host: str) -> bool:
    """Return whether browsers find a host on their own machine: also every name below ``localhost``."""
    return is_loopback(host) or host.lower().endswith(".localhost")


def read_broker_url(env: SettingsReader, number: int) -> str:
    """Return the address of Redis or RabbitMQ; empty means the embedded worker."""
    url = env.text("CELERY_BROKER_URL")
    scheme = url.partition(":")[0].lower()
    if not url:
        return ""
    if scheme not in BROKER_SCHEMES or "://" not in url:
        env.report(number, "CELERY_BROKER_URL is not the address of a broker.", "Use redis://… or amqp://….")
        return ""
    if scheme.startswith("redis") and not find_spec("redis"):
        env.report(number, "The client of Redis is not installed.", "pip install 'capi-admin[redis]'")
    return url


def read_networks(
    env: SettingsReader, number: int
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Return further networks that calls may reach, such as ``10.20.0.0/16``, from a comma-separated list."""
    found = []
    for given in filter(None, (part.strip() for part in env.text("REACHABLE_NETWORKS").split(","))):
        try:
            found.append(ipaddress.ip_network(given))
        except ValueError:
            message = f"REACHABLE_NETWORKS has {given!r}, which is not a network."
            env.report(number, message, "Write 10.20.0.0/16 or fd12:3456::/32; separate several with commas.")
    return tuple(found)


def read_authorities(env: SettingsReader, number: int) -> str:
    """Return the path of a PEM file with further trusted certificates; empty means none."""
    if not env.text("AUTHORITIES_FILE"):
        return ""
    file = str(env.path("AUTHORITIES_FILE", "", number))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except (OSError, ValueError):
        message = "AUTHORITIES_FILE names a file that cannot be read, or that does not contain a certificate."
        env.report(number, message, "Check path and owner; certificates are in PEM format.")
        return ""
    return file
