"""Exchanging the credentials that a person typed for the value that requests carry.

An exchange is a generator that yields requests and receives the answers, as a package's inquiry does.
The transport runs it.

Source: RFC 6749 4.4 (client credentials), RFC 7523 (JWT), RFC 7617 (basic); docs/reference/adobe.md,
"Secrets".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from properties.catalog.credential_masking import without
from properties.catalog.outbound import Answer, OutboundRequest
from properties.models import Secret

from .assertions import UnusableKey, signed
from .certificates import read_certificate
from .kinds import KINDS

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLE_TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
GOOGLE_SECONDS = 3_600
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The result of an exchange.

    Args:
        value: The value that requests carry.
        expires_at: Unix seconds, or None if it does not expire.
    """

    value: str
    expires_at: float | None = None


class ExchangeFailed(Exception):
    """An exchange without a value. The message gives the reason and holds no credential."""


Exchange = Generator[OutboundRequest, Answer, Exchanged]


def exchange(type_of: str, credentials: Mapping[str, Any], now: datetime) -> Exchange:
    """Exchange the credentials of one secret.

    Raises:
        ExchangeFailed: The generator raises it when the credentials are refused or no server answers.
    """
    try:
        if type_of in _AT_ONCE:
            return _AT_ONCE[type_of](credentials, now)
        return (yield from _ASKING[type_of](credentials, now))
    except ExchangeFailed as failed:
        raise ExchangeFailed(_reason(str(failed), _hidden(type_of, credentials))) from None
    except UnusableKey as failed:
        raise ExchangeFailed(str(failed)) from None


# Types that need no token server


def _token(credentials: Mapping[str, Any], now: datetime) -> Exchanged:
    return Exchanged(credentials["token"])


def _simple_http(credentials: Mapping[str, Any], now: datetime) -> Exchanged:
    pair = f"{credentials['username']}:{credentials['password']}"
    return Exchanged(base64.b64encode(pair.encode()).decode("ascii"))


def _certificate(credentials: Mapping[str, Any], now: datetime) -> Exchanged:
    read = read_certificate(credentials["certificate"], credentials["private_key"])
    if read.ends_at <= now:
        raise ExchangeFailed(f"The certificate expired on {read.ends_at:%Y-%m-%d}.")
    return Exchanged(read.bundle, read.ends_at.timestamp())


# OAuth 2


def _oauth2(credentials: Mapping[str, Any], now: datetime) -> Exchange:
    client = {"client_id": credentials["client_id"], "client_secret": credentials["client_secret"]}
    form = {"grant_type": "client_credentials", **_given(credentials, "scope", "audience")}
    if credentials.get("client_authentication") == "basic":
        # RFC 6749 2.3.1: both parts are form-encoded before they are joined.
        pair = ":".join(quote(part, safe="") for part in client.values())
        header = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"}
        return (yield from _ask(credentials["authorization_url"], form, now, header))
    return (yield from _ask(credentials["authorization_url"], form | client, now))


def _oauth2_jwt(credentials: Mapping[str, Any], now: datetime) -> Exchange:
    claims = {
        **(credentials.get("claims") or {}),
        "iss": credentials["issuer"],
        "aud": credentials["audience"],
        **({"sub": credentials["subject"]} if credentials.get("subject") else {}),
        **_times(now, int(credentials.get("ttl") or 300)),
    }
    assertion = signed(
        claims,
        private_key=credentials["private_key"],
        algorithm=credentials.get("algorithm") or "RS256",
        key_id=credentials.get("private_key_id") or "",
    )
    form = {"grant_type": JWT_BEARER, "assertion": assertion, **_given(credentials, "scope")}
    return (yield from _ask(credentials["authorization_url"], form, now))


def _oauth2_google(credentials: Mapping[str, Any], now: datetime) -> Exchange:
    """Source: Google Identity, "Using OAuth 2.0 for Server to Server Applications"."""
    account = read_service_account(credentials["service_account"])
    claims = {
        "iss": account["client_email"],
        "aud": GOOGLE_TOKEN_URL,
        "scope": credentials["scope"],
        **({"sub": credentials["subject"]} if credentials.get("subject") else {}),
        **_times(now, GOOGLE_SECONDS),
    }
    key_id = account.get("private_key_id")
    assertion = signed(
        claims,
        private_key=account["private_key"],
        algorithm="RS256",
        key_id=key_id if isinstance(key_id, str) else "",
    )
    return (yield from _ask(GOOGLE_TOKEN_URL, {"grant_type": JWT_BEARER, "assertion": assertion}, now))


def read_service_account(text: str) -> dict[str, Any]:
    """Read the key file of a Google service account.

    Raises:
        UnusableKey: The text is not such a key file.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    is_account = isinstance(found, dict) and all(
        isinstance(found.get(key), str) for key in ("client_email", "private_key")
    )
    if not is_account:
        raise UnusableKey("This is not the JSON key file of a service account. Such a file has client_email.")
    return dict(found)


def _times(now: datetime, seconds: int) -> dict[str, int]:
    started = int(now.timestamp())
    return {"iat": started, "exp": started + seconds}


def _given(credentials: Mapping[str, Any], *keys: str) -> dict[str, str]:
    return {key: credentials[key] for key in keys if credentials.get(key)}


def _ask(
    url: str, form: Mapping[str, str], now: datetime, headers: Mapping[str, str] | None = None
) -> Exchange:
    """Ask a token server. The request is never stored, so its credentials need no markers."""
    answer = yield OutboundRequest(
        "POST",
        url,
        {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            **(headers or {}),
        },
        urlencode(form),
        connect_timeout_seconds=5.0,
        public_only=True,
    )
    return _read(answer, now)


def _read(answer: Answer, now: datetime) -> Exchanged:
    if answer.status is None or answer.error:
        raise ExchangeFailed(_UNREACHABLE.get(answer.error, _UNREACHABLE["connection"]))
    said = _object(answer.body)
    token = said.get("access_token")
    if answer.status != 200 or not isinstance(token, str) or not token:
        raise ExchangeFailed(_refusal(answer.status, said))
    return Exchanged(token, _end(said.get("expires_in"), now))


_UNREACHABLE = {
    "not_public": "The token URL is not on the public internet, so no request was sent.",
    "unsendable": "The token URL cannot be read.",
    "timeout": "The token server did not answer in time.",
    "tls": "The certificate of the token server is not trusted.",
    "too_large": "The answer of the token server is too large.",
    "connection": "The token server could not be reached.",
}


def _object(body: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _refusal(status: int, said: Mapping[str, Any]) -> str:
    if 200 <= status < 300:
        return f"The token server answered {status}, without an access_token."
    if 300 <= status < 400:
        return f"The token server answered {status}: its address has changed. Correct the token URL."
    words = [said[key] for key in ("error", "error_description") if isinstance(said.get(key), str)]
    return f"The token server answered {status}{': ' if words else '.'}{' – '.join(words)}"


def _end(expires_in: Any, now: datetime) -> float | None:
    """Return when the token expires, in Unix seconds. Some servers send ``expires_in`` as text.

    Source: RFC 6749 5.1.
    """
    try:
        seconds = float(expires_in)
    except (TypeError, ValueError):
        return None
    return now.timestamp() + min(seconds, 10 * 365 * 86_400) if seconds > 0 else None


# Masking


def _hidden(type_of: str, credentials: Mapping[str, Any]) -> set[str]:
    return {str(credentials.get(each.key, "")) for each in KINDS[type_of].credentials if each.is_secret}


def _reason(text: str, values: set[str]) -> str:
    return without(text, values).replace("\x00", "")[:LONGEST_REASON]


def end_of(exchanged: Exchanged) -> datetime | None:
    """Return when the value stops working, or None."""
    ends = exchanged.expires_at
    return datetime.fromtimestamp(ends, UTC) if ends is not None else None


_AT_ONCE = {
    Secret.Type.TOKEN.value: _token,
    Secret.Type.SIMPLE_HTTP.value: _simple_http,
    Secret.Type.CERTIFICATE.value: _certificate,
}
_ASKING = {
    Secret.Type.OAUTH2.value: _oauth2,
    Secret.Type.OAUTH2_JWT.value: _oauth2_jwt,
    Secret.Type.OAUTH2_GOOGLE.value: _oauth2_google,
}
