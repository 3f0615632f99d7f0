"""The transport: sends a request that is data and returns the answer as data.

It never follows a redirect, never repeats a request, and ignores proxy variables and cookies. It reads at
most 64 KiB of an answer and ends every exchange within ten seconds, however slowly the other side sends.
If a person typed the address, it connects only to the public internet and to networks that the operator
adds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import ssl
import time
import traceback
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import requests
import urllib3

from properties.catalog.credential_masking import without
from properties.catalog.errors import Misconfigured
from properties.catalog.outbound import Answer, HmacSha256, OutboundRequest
from properties.catalog.secret_markers import harmless, reveal
from properties.http.connections import Network, Wall, forget_connections, internet, session_for
from properties.http.public_internet import NotPublic
from properties.http.signing import signed_headers

logger = logging.getLogger(__name__)
MAX_BODY_BYTES = 64 * 1024
WALL_SECONDS = 10.0

_NOT_IN_HEADERS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Secrets:
    """The credentials that a request may carry.

    Args:
        names: Marker in the request → name of the credential.
        value_of: Returns the value of a name. Raises Misconfigured if there is none.
    """

    names: Mapping[str, str]
    value_of: Callable[[str], str]


def _no_value(name: str) -> str:
    raise Misconfigured(f"Secret “{name}” is not stored.", code="secret_missing")


NO_SECRETS = Secrets({}, _no_value)


class SendingFailed(Exception):
    """A bug while a request was sent. It names the type of the error, whose text may hold a credential."""


def send(
    request: OutboundRequest, *, secrets: Secrets = NO_SECRETS, network: Network | None = None
) -> Answer:
    """Send one request and read its answer.

    Args:
        request: The request of a package. Its secret markers are replaced here, and it is signed here.
        secrets: The names and values of the credentials that replace markers.
        network: The addresses that a request with ``public_only`` can reach, instead of the internet.

    Returns:
        The answer, also if the vendor refuses the request or no answer can be read: then ``error`` gives the
        reason, see :class:`Answer`. It never holds values of secrets, nor text that looks like a marker.

    Raises:
        Misconfigured: ``secrets`` lacks a secret that the request needs; a secret is in the address or in a
            header that cannot carry it; or it is not a certificate or a key where one is needed.
        SendingFailed: A bug. Neither its text nor its traceback holds a value of a secret.
    """
    try:
        return _send(request, secrets, network)
    except Misconfigured:
        raise
    except Exception as failed:
        frames = "".join(traceback.format_tb(failed.__traceback__))
        logger.error("Sending a request failed with %s\n%s", type(failed).__name__, frames)
        raise SendingFailed(type(failed).__name__) from None


def _send(request: OutboundRequest, secrets: Secrets, network: Network | None) -> Answer:
    shown: set[str] = set()

    def value_of(name: str) -> str:
        value = secrets.value_of(name)
        shown.add(value)
        return value

    known = replace(secrets, value_of=value_of)
    _refuse_secrets_in(request.url, known.names)
    content = _content(request.body, known)
    headers = _headers(request, content or b"", known)
    asked = replace(request, url=_address(request, known))
    certificate = reveal(request.client_certificate, known.names, value_of)
    reach = (network or internet()) if request.public_only else None
    started = time.monotonic()
    if reach and not _may_be_public(request.url):
        return Answer(status=None, error="not_public")
    return _without(_exchange(asked, headers, content, certificate, reach, started), shown)


def _headers(request: OutboundRequest, content: bytes, secrets: Secrets) -> dict[str, str]:
    value_of = _for_headers(secrets.value_of)
    headers = {name: reveal(value, secrets.names, value_of) for name, value in request.headers.items()}
    if request.signature is None:
        return headers
    key = reveal(request.signature.secret, secrets.names, secrets.value_of)
    return headers | signed_headers(request.signature, key, content, int(time.time()))


def _address(request: OutboundRequest, secrets: Secrets) -> str:
    """Return the address, with the credentials that the vendor requires in it."""
    if not request.secret_query:
        return request.url
    pairs = {name: _revealed(it, secrets) for name, it in request.secret_query.items()}
    address, _, _ = request.url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{urlencode(pairs, quote_via=quote)}"


def run_inquiry(
    inquiry: Generator[OutboundRequest, Answer, Result], *, secrets: Secrets = NO_SECRETS
) -> Result:
    """Run a package's inquiry: send each request that it yields, and send each answer back into it.

    Returns:
        The return value of the generator.

    Raises:
        Misconfigured: A secret is not known. Other exceptions of the generator pass through.
    """
    try:
        request = next(inquiry)
        while True:
            request = inquiry.send(send(request, secrets=secrets))
    except StopIteration as finished:
        result: Result = finished.value
        return result


def _refuse_secrets_in(url: str, names: Mapping[str, str]) -> None:
    """Refuse secrets in an address, because addresses end up in logs of other machines."""

    def refuse(name: str) -> str:
        text = f"Secret “{name}” must not be part of an address. Put it into a header or into the body."
        raise Misconfigured(text, code="secret_in_url")

    reveal(url, names, refuse)


def _for_headers(value_of: Callable[[str], str]) -> Callable[[str], str]:
    """Report a value that no header can carry as a fault of the secret, not of the event."""

    def value(name: str) -> str:
        found = value_of(name)
        if _NOT_IN_HEADERS.search(found):
            text = f"Secret “{name}” holds a line break or a letter that headers cannot carry. Correct it."
            raise Misconfigured(text, code="secret_unsendable")
        return found

    return value


def _may_be_public(url: str) -> bool:
    """Return whether the URL alone may be public. Resolved addresses are checked on connecting."""
    try:
        parts = urllib3.util.parse_url(url)
    except urllib3.exceptions.LocationParseError:
        return False
    host = parts.host or ""
    return parts.scheme in ("http", "https") and parts.auth is None and ("." in host or ":" in host)


def _content(body: Any, secrets: Secrets) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return reveal(body, secrets.names, secrets.value_of).encode()
    return json.dumps(_revealed(body, secrets), separators=(",", ":")).encode()


def _revealed(value: Any, secrets: Secrets) -> Any:
    if isinstance(value, HmacSha256):
        key, message = _revealed(value.key, secrets), _revealed(value.message, secrets)
        return hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()
    if isinstance(value, str):
        return reveal(value, secrets.names, secrets.value_of)
    if isinstance(value, list):
        return [_revealed(item, secrets) for item in value]
    if isinstance(value, dict):
        return {key: _revealed(item, secrets) for key, item in value.items()}
    return value


def _exchange(
    request: OutboundRequest,
    headers: dict[str, str],
    content: bytes | None,
    certificate: str,
    reach: Network | None,
    started: float,
) -> Answer:
    wall, session, is_sent = Wall(), _session(reach, certificate), True
    try:
        with wall.around(WALL_SECONDS):
            answer = _read(_start(session, request, headers, content), started)
        error = ""
    except Exception as failed:
        error, is_sent = _name_of(failed), not _is_caused_by(failed, _NEVER_LEFT)
    if not error and not wall.has_struck:
        return answer
    forget_connections(session)
    error = "timeout" if wall.has_struck else error
    seconds = time.monotonic() - started
    return Answer(status=None, error=error, duration_seconds=seconds, is_sent=is_sent)


def _session(reach: Network | None, certificate: str) -> requests.Session:
    try:
        return session_for(reach, certificate)
    except ssl.SSLError:
        text = "The chosen secret is not a client certificate. Choose one of the type Client certificate."
        raise Misconfigured(text, code="certificate_unusable") from None


def _name_of(failed: Exception) -> str:
    """Return the name of a failed exchange for ``Answer.error``.

    Raises:
        Exception: ``failed`` itself, if it is a bug of ours.
    """
    if _is_caused_by(failed, NotPublic):
        return "not_public"
    if isinstance(failed, _UNSENDABLE):
        return "unsendable"
    if isinstance(failed, requests.exceptions.SSLError | ssl.SSLError):
        return "tls"
    if isinstance(failed, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
        return "timeout"
    if isinstance(failed, requests.exceptions.RequestException | urllib3.exceptions.HTTPError | OSError):
        return "connection"
    raise failed


# Faults that no retry can mend: an address, a header or a certificate that cannot be used.
_UNSENDABLE = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    urllib3.exceptions.LocationParseError,
    UnicodeError,
)


_NEVER_LEFT = (
    *_UNSENDABLE,
    NotPublic,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    ssl.SSLCertVerificationError,
)


def _is_caused_by(failed: BaseException | None, kind: type[Exception] | tuple[type[Exception], ...]) -> bool:
    while failed is not None and not isinstance(failed, kind):
        failed = failed.__cause__ or failed.__context__
    return failed is not None


def _start(
    session: requests.Session, request: OutboundRequest, headers: dict[str, str], content: bytes | None
) -> requests.Response:
    return session.request(
        request.method,
        request.url,
        data=content,
        headers={"Accept-Encoding": "identity", **headers},
        timeout=(request.connect_timeout_seconds, request.read_timeout_seconds),
        allow_redirects=False,
        stream=True,
    )


def _read(response: requests.Response, started: float) -> Answer:
    with response:
        body = _read_body(response)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(
        status=response.status_code,
        headers=headers,
        body=body[:MAX_BODY_BYTES].decode("utf-8-sig", "replace"),
        error="too_large" if len(body) > MAX_BODY_BYTES else "",
        duration_seconds=time.monotonic() - started,
    )


def _read_body(response: requests.Response) -> bytes:
    """Read the body up to the limit, and decompress it even though no compression was requested."""
    body = b""
    while len(body) <= MAX_BODY_BYTES:
        part = response.raw.read1(MAX_BODY_BYTES + 1 - len(body), decode_content=True)
        if not part:
            break
        body += part
    return body


def _without(answer: Answer, values: set[str]) -> Answer:
    """Mask values of secrets in the answer, in case the other side sent them back."""
    headers = {name: harmless(without(value, values)) for name, value in answer.headers.items()}
    return replace(answer, headers=headers, body=harmless(without(answer.body, values)))
