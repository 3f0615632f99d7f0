"""Reads PUBLIC_URL, CELERY_BROKER_URL, REACHABLE_NETWORKS and AUTHORITIES_FILE."""

from __future__ import annotations

import ipaddress
import ssl
from importlib.util import find_spec

from properties.catalog.installation import url_parts

from .settings_reader import SettingsReader

USUAL_PORTS = {"http": ":80", "https": ":443"}
BROKER_SCHEMES = {"redis", "rediss", "amqp", "amqps"}


def read_public_url(env: SettingsReader, number: int) -> str:
    """Scheme, host and port of the pages, without a slash at the end."""
    given = env.text("PUBLIC_URL", "http://127.0.0.1:8000")
    parts = url_parts(given)
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
