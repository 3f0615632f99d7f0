"""Signed JSON Web Tokens (JWT), which token servers accept instead of a password.

Source: RFC 7515 (signature), RFC 7518 (algorithms), RFC 7523 (claims).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SMALLEST_RSA_BITS = 2_048
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class UnusableKey(ValueError):
    """A private key that cannot be used. The message gives the reason, without the key."""


def signed(claims: Mapping[str, Any], *, private_key: str, algorithm: str, key_id: str = "") -> str:
    """Return a JWT in compact form.

    Args:
        claims: JSON types.
        private_key: PEM.
        algorithm: ``RS256``, ``RS384``, ``RS512`` or ``ES256``.
        key_id: ``kid`` of the header. If it is empty, the header has no ``kid``.

    Raises:
        UnusableKey: The key cannot be read, or does not fit the algorithm.
    """
    key = read_key(private_key, algorithm)
    return jwt.encode(dict(claims), key, algorithm, headers={"kid": key_id} if key_id else None)


def read_key(private_key: str, algorithm: str) -> PrivateKey:
    """Read a private key from PEM.

    Raises:
        UnusableKey: The key cannot be read, or does not fit the algorithm.
    """
    try:
        key = load_pem_private_key(private_key.strip().encode(), password=None)
    except TypeError:
        raise UnusableKey("The private key has a passphrase. Enter a key without a passphrase.") from None
    except Exception:
        raise UnusableKey("The private key is not in PEM format, or it is cut off.") from None
    if algorithm.startswith("RS") and isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < SMALLEST_RSA_BITS:
            raise UnusableKey(f"The private key has {key.key_size} bits. It needs at least 2048.")
        return key
    is_p256 = isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)
    if algorithm == "ES256" and is_p256 and isinstance(key, ec.EllipticCurvePrivateKey):
        return key
    wanted = "an EC key on the curve P-256" if algorithm == "ES256" else "an RSA key"
    raise UnusableKey(f"{algorithm} needs {wanted}. This key is of another type.")
