"""Who may send through a datastream."""

from __future__ import annotations

import hashlib
import hmac

from .clicks import is_same_site
from .datastreams import Destination
from .edge_errors import EdgeError

OPAQUE = b"null"
"""The origin of pages without one: files, sandboxed frames, redirects across sites."""


def check_access(destination: Destination, headers: dict[bytes, bytes]) -> None:
    """Refuse a foreign site, a missing or wrong key, and every event for a disabled property.

    Raises:
        EdgeError: 403 or 401.
    """
    if not destination.is_enabled:
        raise EdgeError(403, "disabled", "The property of this datastream is disabled.")
    if destination.allowed_origins and not is_allowed_origin(destination, headers.get(b"origin", b"")):
        detail = "This origin is not in the datastream's allowed origins; add it under Environments."
        raise EdgeError(403, "origin", detail)
    if destination.needs_key:
        _check_key(destination, headers.get(b"authorization", b""))


def is_known_page(destination: Destination, headers: dict[bytes, bytes]) -> bool:
    """Return whether the visitor's cookies count: for an allowed origin, or a page on this server's site.

    Without a list, every site may send and read the answer: the Web SDK needs that. A foreign site must not
    learn who the visitor is elsewhere, so its cookies do not count. Identities in the body are its own.
    """
    origin = headers.get(b"origin", b"")
    if not origin:
        return True
    return bool(destination.allowed_origins) or (origin != OPAQUE and is_same_site(headers))


def is_allowed_origin(destination: Destination, origin: bytes) -> bool:
    """Return whether a browser's page may send here. Servers send no origin; they use keys."""
    if not origin or not destination.allowed_origins:
        return True
    return origin.decode("latin-1").lower() in destination.allowed_origins


def _check_key(destination: Destination, authorization: bytes) -> None:
    scheme, _, key = authorization.partition(b" ")
    challenge = [(b"www-authenticate", b"Bearer")]
    if scheme.lower() != b"bearer" or not key.strip():
        detail = "This datastream needs a key: send the header “Authorization: Bearer <key>”."
        raise EdgeError(401, "key", detail, headers=challenge)
    presented = hashlib.sha256(key.strip()).hexdigest()
    matches = [hmac.compare_digest(presented, digest) for digest in destination.key_digests]
    if not any(matches):
        raise EdgeError(401, "key", "The key is not one of this datastream's keys.", headers=challenge)
