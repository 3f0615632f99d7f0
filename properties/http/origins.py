"""Host names and origins as browsers send them. Plain Python."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE)
USUAL_PORTS = {"http": 80, "https": 443}


def host(name: str) -> str:
    """Return a host name as browsers send it, such as ``xn--mller-kva.example``, or "" if it is not valid."""
    try:
        written = name.encode("idna").decode("ascii")
        is_same = name.isascii() or written.encode("ascii").decode("idna") == name
    except UnicodeError:
        return ""
    return written if is_same and HOST.fullmatch(written) else ""


def origin(text: str) -> str:
    """Return an origin as browsers send it, without the default port.

    Raises:
        ValueError: The text is not an origin. The message says what to write.
    """
    try:
        parts = urlsplit(text.lower())
        name, port = host(parts.hostname or ""), parts.port
    except ValueError:
        parts, name, port = urlsplit(""), "", None
    rest = (parts.path.strip("/"), parts.query, parts.fragment, parts.username)
    if parts.scheme not in USUAL_PORTS or not name or any(rest):
        raise ValueError(
            f"“{text[:80]}” is not an origin. Write a scheme and a host, such as https://shop.example."
        )
    is_usual = port in (None, USUAL_PORTS[parts.scheme])
    return f"{parts.scheme}://{name}" if is_usual else f"{parts.scheme}://{name}:{port}"
