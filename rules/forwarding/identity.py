"""Identifies the visitor, and makes the Web SDK's handles: the ECID, and the cookies for it and the consent.

Source: docs/reference/wire_protocol.md, "Answers"; ``@adobe/alloy`` reads these names and this
protobuf.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from properties.catalog import dotted

from . import body_limits

ECID_DIGITS = 38
IDENTITY_SECONDS = 34_128_000
CONSENT_SECONDS = 15_552_000
_ECID = re.compile(r"[0-9]{38}")
_SDK_COOKIE = re.compile(r"kndctr_([A-Za-z0-9_-]{1,100})_(identity|consent|cluster)")
_VISITOR_COOKIE = re.compile(r"AMCV_([A-Za-z0-9@_.-]{1,100})")
_ECID_TAG = 0x0A
_OF_REQUEST = ("xdm.identityMap", "identityMap")


@dataclass(frozen=True)
class Visitor:
    """The visitor who sent the request, as the Web SDK's cookies identify them.

    Args:
        organization: The organization in the cookies' names: the Web SDK's ``orgId`` with ``_`` for ``@``.
        ecid: 38 digits; empty for a visitor without identity.
        was_here: Whether an earlier answer of ours set the identity.
        has_refused: Whether the visitor refused consent in the Web SDK.
    """

    organization: str
    ecid: str
    was_here: bool = field(default=False, compare=False)
    has_refused: bool = field(default=False, compare=False)


def visitor_of(
    payload: Any, cookies: Mapping[str, str], organization: str, device_cookie: str = ""
) -> Visitor:
    """Read the visitor from the cookies in the header, or from those that the client put into the body.

    An ECID that is there wins. Otherwise, a device id of the site determines one, always the same.

    Args:
        organization: Assumed if no cookie names one.
        device_cookie: Cookie with the site's own device id; empty if it has none.

    Source: Adobe, "Visitor identification via FPID"; alloy's tests C6842980 to C6842982.
    """
    known = {**cookies, **_entries(payload)}
    named = _organization_in(known, organization)
    of_cookie = _ecid_in(known, named)
    ecid = (
        of_cookie
        or _ecid_in_identity_maps(payload)
        or _ecid_of_device(payload, cookies, named, device_cookie)
    )
    consent = known.get(f"kndctr_{named}_consent", "")
    refused = "out" in consent and unquote(consent) == "general=out"
    return Visitor(named, ecid, was_here=bool(of_cookie), has_refused=refused)


def ecid_of_device_id(identities: Any, organization: str) -> str:
    """Return the ECID of the first ``FPID`` of an identity map; empty without one.

    It depends on the organization and the device id only: every installation returns the same one.
    """
    for identity in _objects(identities):
        if (
            isinstance(identity.get("id"), str)
            and 0 < len(identity["id"]) <= body_limits.DEVICE_ID_CHARACTERS
        ):
            return _derived(organization.encode(), b"fpid:" + identity["id"].encode("utf-8", "replace"))
    return ""


def request_identities(payload: Any) -> dict[str, list[Any]]:
    """Return the request's ``xdm.identityMap`` (from mobile SDKs) or ``identityMap``: lists by namespace."""
    found = [dotted.get(payload, path) for path in _OF_REQUEST]
    maps = [each for each in found if isinstance(each, dict)]
    return {key: value for each in reversed(maps) for key, value in each.items() if isinstance(value, list)}


def _derived(key: bytes, message: bytes) -> str:
    digest = hmac.new(key, message, hashlib.sha256).digest()
    return str(int.from_bytes(digest, "big") % 10**ECID_DIGITS).zfill(ECID_DIGITS)


def new_ecid(seed: str, key: bytes) -> str:
    """Return 38 digits, equal for equal requests: a request that is sent again gets the same answer."""
    message = seed.encode() if seed else secrets.token_bytes(32)
    return _derived(key, b"ecid:" + message)


def identity_handles(visitor: Visitor, *, is_https: bool) -> list[dict[str, Any]]:
    """Return ``identity:result``, and ``state:store`` with the cookie that keeps the identity."""
    result = {"payload": [{"id": visitor.ecid, "namespace": {"code": "ECID"}}], "type": "identity:result"}
    value = (
        base64.urlsafe_b64encode(bytes([_ECID_TAG, ECID_DIGITS]) + visitor.ecid.encode()).decode().rstrip("=")
    )
    return [result, _store(visitor, "identity", value, IDENTITY_SECONDS, is_https)]


def consent_handle(visitor: Visitor, consents: bool, *, is_https: bool) -> dict[str, Any]:
    """Return ``state:store`` with the visitor's consent."""
    value = f"general={'in' if consents else 'out'}"
    return _store(visitor, "consent", value, CONSENT_SECONDS, is_https)


def _store(visitor: Visitor, key: str, value: str, seconds: int, is_https: bool) -> dict[str, Any]:
    entry = {"key": f"kndctr_{visitor.organization}_{key}", "value": value, "maxAge": seconds}
    if is_https:
        entry["attrs"] = {"SameSite": "None"}
    return {"payload": [entry], "type": "state:store"}


def _entries(payload: Any) -> dict[str, str]:
    """Return the cookies that the client read for us, because our domain is not the site's."""
    entries = dotted.get(payload, "meta.state.entries")
    pairs = ((entry.get("key"), entry.get("value")) for entry in _objects(entries))
    return {key: value for key, value in pairs if isinstance(key, str) and isinstance(value, str)}


def _organization_in(cookies: Iterable[str], assumed: str) -> str:
    """Return the organization that the site's own Web SDK uses; ``assumed`` until a cookie names it."""
    sdk = map(_SDK_COOKIE.fullmatch, cookies)
    visitor_service = map(_VISITOR_COOKIE.fullmatch, map(unquote, cookies))
    names = {match[1].replace("@", "_") for match in (*sdk, *visitor_service) if match}
    return min(names - {assumed}, default=assumed)


def _ecid_in(cookies: Mapping[str, str], organization: str) -> str:
    own = f"kndctr_{organization}_identity"
    names = [own, *(name for name in cookies if _SDK_COOKIE.fullmatch(name) and name.endswith("_identity"))]
    return next(filter(None, (_decoded(cookies[name]) for name in names if name in cookies)), "")


def _decoded(value: str) -> str:
    """Return the ECID of an identity cookie: base64 of a protobuf message whose first field it is."""
    try:
        message = base64.urlsafe_b64decode(unquote(value).rstrip("=") + "==")
    except ValueError:
        return ""
    text = message[2 : 2 + ECID_DIGITS].decode("latin-1")
    return text if message[:2] == bytes([_ECID_TAG, ECID_DIGITS]) and _ECID.fullmatch(text) else ""


def _ecid_in_identity_maps(payload: Any) -> str:
    """Return the identity that a mobile SDK keeps, or that the Web SDK adopts from the older Visitor API."""
    for identities in _identity_maps(payload):
        for identity in _objects(identities.get("ECID")):
            if isinstance(identity.get("id"), str) and _ECID.fullmatch(identity["id"]):
                return str(identity["id"])
    return ""


def _ecid_of_device(payload: Any, cookies: Mapping[str, str], organization: str, device_cookie: str) -> str:
    if device_cookie and cookies.get(device_cookie):
        of_cookie = [{"id": unquote(cookies[device_cookie])}]
        if ecid := ecid_of_device_id(of_cookie, organization):
            return ecid
    found = (ecid_of_device_id(each.get("FPID"), organization) for each in _identity_maps(payload))
    return next(filter(None, found), "")


def _identity_maps(payload: Any) -> Iterator[dict[str, Any]]:
    """Yield the identity maps of the request, then of its first event: one visitor sends one request."""
    for path in (*_OF_REQUEST, "event.xdm.identityMap"):
        found = dotted.get(payload, path)
        if isinstance(found, dict):
            yield found
    for event in _objects(dotted.get(payload, "events"))[:1]:
        found = dotted.get(event, "xdm.identityMap")
        if isinstance(found, dict):
            yield found


def _objects(value: Any) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
