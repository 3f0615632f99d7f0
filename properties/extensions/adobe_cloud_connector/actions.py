"""Make Fetch Call: one HTTP request, built from settings and data elements.

Source: docs/reference/adobe.md, "Cloud Connector".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Settings
from properties.catalog.errors import Misconfigured, Problem, Rejected
from properties.catalog.javascript import to_text
from properties.catalog.outbound import OutboundRequest
from properties.catalog.tokens import TOKEN

from .pairs import as_object
from .templating import with_templates
from .typed_addresses import refusal_of, with_query

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")
CONNECT_SECONDS = 3.0
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
NOT_IN_HEADERS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]")
# Headers that the connection sets.
OURS = frozenset({"host", "content-length", "connection", "transfer-encoding", "upgrade", "te", "trailer"})


def run_fetch(settings: Settings, context: EventContext) -> OutboundRequest:
    """Return the request; later actions of the rule wait for its answer.

    Raises:
        Rejected: Data elements returned an address or a header that cannot be sent.
        Misconfigured: The action uses mutual TLS, but no client certificate is configured.
    """
    method = str(settings.get("method") or "GET")
    body, content_type = _body(settings) if method in WITH_BODY else (None, "")
    url = _url(settings)
    return OutboundRequest(
        method,
        url,
        _headers(settings, content_type, url, context.extension_settings),
        body,
        connect_timeout_seconds=CONNECT_SECONDS,
        read_timeout_seconds=10.0,
        public_only=True,
        client_certificate=_certificate(settings, context),
    )


def _url(settings: Settings) -> str:
    url = with_query(to_text(settings.get("url")).strip(), _pairs(settings.get("queryParams")))
    if refusal := refusal_of(url):
        raise Rejected(refusal, code="address_refused")
    return url.replace(" ", "%20")


def _pairs(rows: Any) -> Iterator[tuple[str, str]]:
    for row in rows if isinstance(rows, list) else []:
        key = to_text(row.get("key")) if isinstance(row, Mapping) and row.get("key") is not None else ""
        if key:
            yield key, _text(row.get("value"))


def _text(value: Any) -> str:
    """Return a missing value as "", not as the word null."""
    return "" if value is None else to_text(value)


def _headers(settings: Settings, content_type: str, url: str, extension_settings: Settings) -> dict[str, str]:
    """Return each header once, compared without letter case; the last one wins, as in Adobe's extension."""
    found: dict[str, tuple[str, str]] = {}
    if content_type:
        found["content-type"] = ("Content-Type", content_type)
    given = with_templates(dict(_pairs(settings.get("headers"))), url, extension_settings)
    for name, value in given.items():
        if refusal := refusal_of_header(name, value):
            raise Rejected(refusal, code="header_refused")
        found[name.lower()] = (name, value.strip())
    return dict(found.values())


def refusal_of_header(name: str, value: str) -> str:
    """Return the reason why a header cannot be sent, as a sentence; "" if it can."""
    if not HEADER_NAME.fullmatch(name):
        return "A header has a name that HTTP does not allow. Use letters, digits and hyphens."
    if name.lower() in OURS:
        return f"The connection sets the header {name}. Leave it out."
    if NOT_IN_HEADERS.search(value):
        return f"The header {name} contains a line break or a character that HTTP headers do not allow."
    return ""


def _body(settings: Settings) -> tuple[Any, str]:
    """Return the body and its content type: an object as JSON, text as written."""
    if settings.get("bodyFormat") == "pairs":
        rows = [row for row in settings.get("bodyPairs") or [] if isinstance(row, Mapping)]
        pairs = ((key, row.get("value")) for row in rows if (key := _text(row.get("key"))))
        return as_object(pairs), "application/json"
    body = settings.get("body")
    if body is None or isinstance(body, str):
        return body, "text/plain;charset=UTF-8" if body else ""
    return body, "application/json"


def _certificate(settings: Settings, context: EventContext) -> str:
    if settings.get("useMtls") is not True:
        return ""
    certificate = context.extension_settings.get("clientCertificate")
    if not isinstance(certificate, str) or not certificate:
        text = "Mutual TLS is on, but the Cloud Connector has no client certificate: configure the extension."
        raise Misconfigured(text, code="no_certificate")
    return certificate


# Checks before the action is saved


def check_fetch(settings: Settings) -> Iterator[Problem]:
    """Check address and headers as far as they do not depend on data elements."""
    url = settings.get("url")
    # A data element in the host may return anything, even a host with a port.
    is_open = isinstance(url, str) and bool(TOKEN.search("/".join(url.split("/")[:3])))
    if isinstance(url, str) and url and not is_open and (refusal := refusal_of(TOKEN.sub("0", url))):
        yield Problem("url", "URL", refusal)
    yield from _header_problems(settings.get("headers") or [])
    if name := next(_names_with_tokens(settings.get("body")), ""):
        message = f"The name “{name}” cannot contain a data element here. Use JSON key-value pairs instead."
        yield Problem("body", "Body", message)


def _names_with_tokens(value: Any) -> Iterator[str]:
    """Find tokens in the names of a JSON body; names are sent as written, without replacing tokens."""
    if isinstance(value, Mapping):
        yield from (name for name in value if TOKEN.search(name))
    if isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _names_with_tokens(inner)


def _header_problems(rows: Iterable[Any]) -> Iterator[Problem]:
    for index, row in enumerate(rows):
        if isinstance(row, Mapping):
            name, value = (TOKEN.sub("x", _text(row.get(key))) for key in ("key", "value"))
            if refusal := refusal_of_header(name, value) if name else "":
                yield Problem(f"headers[{index}].key", "Name", refusal)


def summarize_fetch(settings: Settings) -> str:
    """Return the method and the address without parameters."""
    url = _text(settings.get("url")).partition("?")[0]
    return f"{settings.get('method') or 'GET'} {url}"
