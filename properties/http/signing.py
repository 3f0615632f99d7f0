"""Signature headers, computed over the body of a request when it is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

from properties.catalog.errors import Misconfigured
from properties.catalog.outbound import Signature


def signed_headers(signature: Signature, key: str, body: bytes, timestamp: int) -> dict[str, str]:
    """Return the headers that prove who sends these bytes.

    Args:
        key: As stored.
        body: The bytes as they are sent.
        timestamp: Unix seconds.

    Raises:
        Misconfigured: The key does not have the encoding that the signature requires.

    Source: Standard Webhooks, "Signature scheme"; RFC 2104.
    """
    moment = str(timestamp)
    message = _filled(signature.message, moment).encode().replace(b"{body}", body)
    digest = hmac.new(_key(signature, key), message, getattr(hashlib, signature.algorithm)).digest()
    written = digest.hex() if signature.encoding == "hex" else base64.b64encode(digest).decode()
    headers = {signature.header: _filled(signature.value, moment).replace("{signature}", written)}
    return headers | ({signature.timestamp_header: moment} if signature.timestamp_header else {})


def _filled(template: str, moment: str) -> str:
    return template.replace("{timestamp}", moment)


def _key(signature: Signature, key: str) -> bytes:
    written, encoding = key.removeprefix(signature.secret_prefix), signature.secret_encoding
    try:
        return _DECODED[encoding](written)
    except ValueError:
        text = f"The key that signs requests is not encoded as {encoding}. Correct it."
        raise Misconfigured(text, code="signing_key") from None


_DECODED: dict[str, Callable[[str], bytes]] = {
    "text": str.encode,
    "hex": bytes.fromhex,
    "base64": lambda written: base64.b64decode(written, validate=True),
}
