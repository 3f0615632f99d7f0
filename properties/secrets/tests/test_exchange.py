"""Exchanging credentials.

Sources: RFC 6749, RFC 7515, RFC 7523, RFC 7617; docs/reference/adobe.md, "Secrets".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import NameOID

from properties.catalog.outbound import Answer, OutboundRequest
from properties.secrets.assertions import UnusableKey, signed
from properties.secrets.exchange import Exchanged, ExchangeFailed, exchange
from properties.secrets.kinds import KINDS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLIENT_SECRET = "s3cr&t/with=signs"
OAUTH2 = {
    "client_id": "shop",
    "client_secret": CLIENT_SECRET,
    "authorization_url": "https://login.example.com/oauth/token",
    "scope": "events write",
    "audience": "https://api.example.com",
}


def pem(key: Any) -> str:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return str(key.private_bytes(*form).decode())


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def run(type_of: str, credentials: dict[str, Any], answer: Answer | None = None) -> tuple[Any, Exchanged]:
    """Return the request that was made, or None, and the result."""
    going = exchange(type_of, credentials, NOW)
    try:
        request = next(going)
        going.send(answer or Answer(200, body='{"access_token": "fresh token", "expires_in": 86400}'))
    except StopIteration as finished:
        return (request if "request" in locals() else None), finished.value
    raise AssertionError("There was a second request.")


def form_of(request: OutboundRequest) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(request.body, strict_parsing=True).items()}


def claims_of(assertion: str, part: int = 1) -> dict[str, Any]:
    text = assertion.split(".")[part]
    return dict(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


# Types that need no token server


def test_a_token_is_sent_as_it_is() -> None:
    assert run("token", {"token": "EAAB"}) == (None, Exchanged("EAAB"))


def test_user_and_password_become_the_credentials_of_the_basic_scheme() -> None:
    """RFC 7617, section 2: the example of Aladdin."""
    given = {"username": "Aladdin", "password": "open sesame"}
    assert run("simple-http", given) == (None, Exchanged("QWxhZGRpbjpvcGVuIHNlc2FtZQ=="))


# OAuth 2 client credentials


def test_client_credentials_are_asked_for_in_a_form() -> None:
    """RFC 6749, sections 4.4.2 and 2.3.1."""
    request, _ = run("oauth2", OAUTH2)
    assert (request.method, request.url) == ("POST", "https://login.example.com/oauth/token")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert form_of(request) == {
        "grant_type": "client_credentials",
        "client_id": "shop",
        "client_secret": CLIENT_SECRET,
        "scope": "events write",
        "audience": "https://api.example.com",
    }


def test_client_credentials_may_travel_in_a_header() -> None:
    """RFC 6749, section 2.3.1: both parts form-encoded, then the basic scheme."""
    request, _ = run("oauth2", OAUTH2 | {"client_authentication": "basic"})
    said = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
    assert said == "shop:s3cr%26t%2Fwith%3Dsigns"
    assert "client_secret" not in form_of(request)


def test_the_token_server_is_called_on_the_public_internet_only() -> None:
    assert run("oauth2", OAUTH2)[0].public_only


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [(3600, 3600), ("3600", 3600), (None, None), ("soon", None), (0, None), (-5, None)],
)
def test_the_end_of_a_token_is_what_the_server_says(expires_in: Any, seconds: float | None) -> None:
    """RFC 6749, section 5.1. Adobe refuses lifetimes under eight hours. We accept any."""
    body = json.dumps({"access_token": "t", "expires_in": expires_in})
    ends = run("oauth2", OAUTH2, Answer(200, body=body))[1].expires_at
    assert ends == (None if seconds is None else NOW.timestamp() + seconds)


REFUSALS = [
    (Answer(401, body='{"error": "invalid_client"}'), "answered 401: invalid_client"),
    (Answer(400, body='{"error": "invalid_scope", "error_description": "No."}'), "400: invalid_scope – No."),
    (Answer(500, body="<html>"), "answered 500."),
    (Answer(302), "address has changed"),
    (Answer(200, body="{}"), "without an access_token"),
    (Answer(200, body='{"access_token": 5}'), "without an access_token"),
    (Answer(200, body='["access_token"]'), "without an access_token"),
    (Answer(200, body="[" * 100_000), "without an access_token"),
    (Answer(None, error="timeout"), "did not answer in time"),
    (Answer(None, error="tls"), "not trusted"),
    (Answer(None, error="not_public"), "not on the public internet"),
    (Answer(200, error="too_large", body="{"), "too large"),
]


@pytest.mark.parametrize(("answer", "words"), REFUSALS)
def test_a_refusal_says_why(answer: Answer, words: str) -> None:
    with pytest.raises(ExchangeFailed) as failed:
        run("oauth2", OAUTH2, answer)
    assert words in str(failed.value)


def test_a_server_that_repeats_the_credential_does_not_put_it_on_the_page() -> None:
    body = json.dumps({"error": "invalid_client", "error_description": f"{CLIENT_SECRET} is wrong\x00"})
    with pytest.raises(ExchangeFailed) as failed:
        run("oauth2", OAUTH2, Answer(401, body=body))
    assert "[secret] is wrong" in str(failed.value)
    assert CLIENT_SECRET not in str(failed.value)


def test_a_server_that_repeats_the_form_does_not_put_the_credential_on_the_page() -> None:
    body = json.dumps({"error": "invalid_request", "error_description": "Got client_secret=a%2Fb+c%22d."})
    with pytest.raises(ExchangeFailed) as failed:
        run("oauth2", OAUTH2 | {"client_secret": 'a/b c"d'}, Answer(400, body=body))
    assert str(failed.value).endswith("Got client_secret=[secret].")


# JSON Web Tokens


def test_a_statement_says_who_asks_and_is_signed(rsa_key: rsa.RSAPrivateKey) -> None:
    """RFC 7523, sections 2.1 and 3; RFC 7518, section 3.3."""
    given = {
        "issuer": "shop",
        "subject": "service",
        "audience": "https://login.example.com",
        "claims": {"tier": "gold", "iss": "somebody else"},
        "ttl": 600,
        "algorithm": "RS256",
        "private_key_id": "key-1",
        "private_key": pem(rsa_key),
        "authorization_url": "https://login.example.com/token",
        "scope": "events",
    }
    request, _ = run("oauth2-jwt", given)
    form = form_of(request)
    assertion = form.pop("assertion")
    assert form == {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "scope": "events"}
    assert claims_of(assertion, 0) == {"alg": "RS256", "typ": "JWT", "kid": "key-1"}
    assert claims_of(assertion) == {
        "iss": "shop",
        "sub": "service",
        "aud": "https://login.example.com",
        "tier": "gold",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 600,
    }
    content, _, signature = assertion.rpartition(".")
    proof = base64.urlsafe_b64decode(signature + "==")
    rsa_key.public_key().verify(proof, content.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_an_elliptic_key_signs_with_two_numbers_of_32_bytes() -> None:
    """RFC 7518, section 3.4."""
    key = ec.generate_private_key(ec.SECP256R1())
    content, _, signature = signed({"a": 1}, private_key=pem(key), algorithm="ES256").rpartition(".")
    proof = base64.urlsafe_b64decode(signature + "==")
    assert len(proof) == 64
    numbers = (int.from_bytes(proof[:32], "big"), int.from_bytes(proof[32:], "big"))
    key.public_key().verify(encode_dss_signature(*numbers), content.encode(), ec.ECDSA(hashes.SHA256()))


def test_a_google_service_account_asks_google(rsa_key: rsa.RSAPrivateKey) -> None:
    """Google Identity, "Using OAuth 2.0 for Server to Server Applications"."""
    account = {
        "type": "service_account",
        "client_email": "robot@project.iam.gserviceaccount.com",
        "private_key": pem(rsa_key),
        "private_key_id": "abc",
        "token_uri": "https://evil.example/token",
    }
    scope = "https://www.googleapis.com/auth/adwords"
    given = {"service_account": json.dumps(account), "scope": scope, "subject": "jane@example.com"}
    request, exchanged = run("oauth2-google", given)
    assert request.url == "https://oauth2.googleapis.com/token"
    claims = claims_of(form_of(request)["assertion"])
    assert claims == {
        "iss": "robot@project.iam.gserviceaccount.com",
        "aud": "https://oauth2.googleapis.com/token",
        "scope": scope,
        "sub": "jane@example.com",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 3600,
    }
    assert exchanged.value == "fresh token"


@pytest.mark.parametrize("text", ["", "{}", "nonsense", "[]", '{"client_email": "a"}', "[" * 100_000])
def test_something_else_than_a_key_file_is_shown(text: str) -> None:
    with pytest.raises(ExchangeFailed, match="not the JSON key file"):
        run("oauth2-google", {"service_account": text, "scope": "s"})


def _encrypted(key: Any) -> str:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    return str(key.private_bytes(*form, serialization.BestAvailableEncryption(b"x")).decode())


@pytest.mark.parametrize(
    ("make", "algorithm", "words"),
    [
        (lambda key: "nonsense", "RS256", "not in PEM format"),
        (lambda key: pem(key)[:200], "RS256", "not in PEM format"),
        (_encrypted, "RS256", "passphrase"),
        (pem, "ES256", "needs an EC key"),
        (lambda key: pem(ec.generate_private_key(ec.SECP256R1())), "RS256", "needs an RSA key"),
        (lambda key: pem(ec.generate_private_key(ec.SECP384R1())), "ES256", "P-256"),
        (lambda key: pem(rsa.generate_private_key(65537, 1024)), "RS256", "1024 bits"),  # noqa: S505
    ],
)
def test_a_key_that_does_not_fit_is_shown_without_it(
    make: Callable[[Any], str], algorithm: str, words: str, rsa_key: rsa.RSAPrivateKey
) -> None:
    with pytest.raises(UnusableKey, match=words):
        signed({}, private_key=make(rsa_key), algorithm=algorithm)


# Certificates


def certificate_for(key: Any, ends_at: datetime) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, ends_at - timedelta(days=9), ends_at)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def test_a_certificate_and_its_key_go_together(rsa_key: rsa.RSAPrivateKey) -> None:
    ends_at = NOW + timedelta(days=5)
    given = {"certificate": certificate_for(rsa_key, ends_at), "private_key": pem(rsa_key)}
    exchanged = run("certificate", given)[1]
    assert exchanged.expires_at == ends_at.timestamp()
    assert exchanged.value.count("-----BEGIN") == 2


def test_a_certificate_that_cannot_be_shown_is_shown(rsa_key: rsa.RSAPrivateKey) -> None:
    good = certificate_for(rsa_key, NOW + timedelta(days=5))
    other = pem(ec.generate_private_key(ec.SECP256R1()))
    ended = certificate_for(rsa_key, NOW - timedelta(days=1))
    for certificate, key, words in [
        (good, other, "does not belong"),
        ("nonsense", pem(rsa_key), "not in PEM format"),
        (good, "nonsense", "not in PEM format"),
        (ended, pem(rsa_key), "expired on 2026-02-28"),
    ]:
        with pytest.raises(ExchangeFailed, match=words):
            run("certificate", {"certificate": certificate, "private_key": key})


def test_every_type_asks_for_something_secret() -> None:
    assert all(any(it.is_secret for it in kind.credentials) for kind in KINDS.values())
