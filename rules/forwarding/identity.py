"""What the Web SDK gets back: the visitor's ECID and the cookies that keep identity and consent.

Source: adobe-event-forwarding, "Answer"; the names and the protobuf are those that ``@adobe/alloy`` reads.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .errors import Refusal

ECID_DIGITS = 38
IDENTITY_SECONDS = 34_128_000
CONSENT_SECONDS = 15_552_000
_ECID = re.compile(r"[0-9]{38}")
_SDK_COOKIE = re.compile(r"kndctr_([A-Za-z0-9_-]{1,100})_(identity|consent|cluster)")
_VISITOR_COOKIE = re.compile(r"AMCV_([A-Za-z0-9@_.-]{1,100})")
_ECID_TAG = 0x0A


@dataclass(frozen=True)
class Visitor:
    """Who sent the request, as the Web SDK's cookies tell it.

    Args:
        organization: What stands in the cookies' names: the Web SDK's ``orgId`` with ``_`` for ``@``.
        ecid: 38 digits; empty for a visitor without identity.
    """

    organization: str
    ecid: str


def visitor_of(payload: Any, cookies: Mapping[str, str], organization: str) -> Visitor:
    """Read the visitor from cookies: those in the header, or those that the client put into the body.

    Args:
        organization: The one to assume when no cookie tells.
    """
    known = {**cookies, **_entries(payload)}
    named = _organization_in(known, organization)
    ecid = _ecid_in(known, named) or _ecid_in_identity_map(payload)
    return Visitor(named, ecid)


def new_ecid(seed: str, key: bytes) -> str:
    """38 digits; the same for the same request, so that a request sent again gets the same answer."""
    message = seed.encode() if seed else secrets.token_bytes(32)
    digest = hmac.new(key, b"ecid:" + message, hashlib.sha256).digest()
    return str(int.from_bytes(digest, "big") % 10**ECID_DIGITS).zfill(ECID_DIGITS)


def identity_handles(visitor: Visitor, *, is_https: bool) -> list[dict[str, Any]]:
    """``identity:result``, and ``state:store`` with the cookie that brings it back."""
    result = {"payload": [{"id": visitor.ecid, "namespace": {"code": "ECID"}}], "type": "identity:result"}
    value = (
        base64.urlsafe_b64encode(bytes([_ECID_TAG, ECID_DIGITS]) + visitor.ecid.encode()).decode().rstrip("=")
    )
    return [result, _store(visitor, "identity", value, IDENTITY_SECONDS, is_https)]


def consent_handle(visitor: Visitor, payload: Any, *, is_https: bool) -> dict[str, Any]:
    """``state:store`` with the consent that the visitor gave.

    Raises:
        Refusal: 422 when the body holds no consent.
    """
    given = payload.get("consent") if isinstance(payload, dict) else None
    if not isinstance(given, list) or not given:
        raise Refusal(422, "malformed", "“consent” must be a list of consents.", "$.consent")
    answer = "out" if any(map(_is_refusal, given)) else "in"
    return _store(visitor, "consent", f"general={answer}", CONSENT_SECONDS, is_https)


def _store(visitor: Visitor, key: str, value: str, seconds: int, is_https: bool) -> dict[str, Any]:
    entry = {"key": f"kndctr_{visitor.organization}_{key}", "value": value, "maxAge": seconds}
    if is_https:
        entry["attrs"] = {"SameSite": "None"}
    return {"payload": [entry], "type": "state:store"}


def _is_refusal(consent: Any) -> bool:
    """Adobe's standard 1.0 says ``general``, 2.0 says ``collect``."""
    value = consent.get("value") if isinstance(consent, dict) else None
    if not isinstance(value, dict):
        return False
    collect = value.get("collect")
    return value.get("general") == "out" or (isinstance(collect, dict) and collect.get("val") == "n")


def _entries(payload: Any) -> dict[str, str]:
    """Cookies that the client read for us, because ours is not the site's domain."""
    entries = _at(payload, "meta", "state", "entries")
    pairs = ((entry.get("key"), entry.get("value")) for entry in _objects(entries))
    return {key: value for key, value in pairs if isinstance(key, str) and isinstance(value, str)}


def _organization_in(cookies: Iterable[str], assumed: str) -> str:
    """The organization that the site's own Web SDK uses; ours is assumed until a cookie of it comes."""
    sdk = map(_SDK_COOKIE.fullmatch, cookies)
    visitor_service = map(_VISITOR_COOKIE.fullmatch, map(unquote, cookies))
    names = {match[1].replace("@", "_") for match in (*sdk, *visitor_service) if match}
    return min(names - {assumed}, default=assumed)


def _ecid_in(cookies: Mapping[str, str], organization: str) -> str:
    own = f"kndctr_{organization}_identity"
    names = [own, *(name for name in cookies if _SDK_COOKIE.fullmatch(name) and name.endswith("_identity"))]
    return next(filter(None, (_decoded(cookies[name]) for name in names if name in cookies)), "")


def _decoded(value: str) -> str:
    """The ECID of an identity cookie: base64 of a protobuf message whose first field it is."""
    try:
        message = base64.urlsafe_b64decode(unquote(value).rstrip("=") + "==")
    except ValueError:
        return ""
    text = message[2 : 2 + ECID_DIGITS].decode("latin-1")
    return text if message[:2] == bytes([_ECID_TAG, ECID_DIGITS]) and _ECID.fullmatch(text) else ""


def _ecid_in_identity_map(payload: Any) -> str:
    """The identity that the Web SDK brings along from the older Visitor API."""
    for path in (("xdm", "identityMap", "ECID"), ("identityMap", "ECID")):
        for identity in _objects(_at(payload, *path)):
            if isinstance(identity.get("id"), str) and _ECID.fullmatch(identity["id"]):
                return str(identity["id"])
    return ""


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _objects(value: Any) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
