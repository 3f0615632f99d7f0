"""Client certificates with their private keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from .assertions import UnusableKey


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A client certificate with its private key.

    Args:
        bundle: The certificate, its intermediate certificates and the private key, as PEM.
        ends_at: When the certificate expires.
    """

    bundle: str
    ends_at: datetime


def read_certificate(certificate: str, private_key: str) -> ClientCertificate:
    """Combine a certificate and its private key.

    Raises:
        UnusableKey: One of them cannot be read, or they do not belong together.
    """
    try:
        chain = x509.load_pem_x509_certificates(certificate.strip().encode())
    except Exception:
        raise UnusableKey("The certificate is not in PEM format, or it is cut off.") from None
    try:
        key = load_pem_private_key(private_key.strip().encode(), password=None)
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    except TypeError:
        raise UnusableKey("The private key has a passphrase. Enter a key without a passphrase.") from None
    except Exception:
        raise UnusableKey("The private key is not in PEM format, or it is cut off.") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if chain[0].public_key().public_bytes(*form) != key.public_key().public_bytes(*form):
        raise UnusableKey("The private key does not belong to the first certificate.")
    pem = b"".join(item.public_bytes(Encoding.PEM) for item in chain) + plain
    return ClientCertificate(pem.decode("ascii"), chain[0].not_valid_after_utc)
