"""Reads a visitor's consent, by Adobe's standards or from a consent string of IAB Europe.

Closed by default: only a yes in a known form counts as yes.

Source: Adobe, Web SDK setConsent and "IAB TCF 2.0 support"; the answers to unreadable consent are those
of ``@adobe/alloy``, integration tests C14410 and C224670 to C224678.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from properties.catalog.tcf import read_consent_string, read_purposes

from .edge_errors import EdgeError

TCF = "IAB TCF"
TCF_VERSIONS = frozenset({"2.0", "2.1", "2.2", "2.3"})
# Source: Adobe, XDM "Consents and Preferences".
_PURPOSES = frozenset(
    {"adID", "collect", "idSpecific", "marketing", "metadata", "personalize", "personalizeContent", "share"}
)
_YES, _OTHER = frozenset({"y", "dy"}), frozenset({"n", "dn", "p", "u"})
_MOST_STRINGS = 10


class Policy(msgspec.Struct, array_like=True, frozen=True):
    """The consent that a consent string must grant.

    Args:
        purposes: Numbers of purposes; each must have consent.
        vendor: Id of the vendor that must have consent; None for no vendor.
    """

    purposes: tuple[int, ...] = (1,)
    vendor: int | None = 565


CLOSED = Policy()
"""The requirement of Adobe's Edge Network: storing information on the device, by Adobe."""


def given(payload: Any, policy: Policy) -> bool | None:
    """Return the consent in the body of ``setConsent``; None for an update without ``collect``.

    Raises:
        EdgeError: 422 without consent, 400 or 422 for consent that cannot be read.
    """
    consents = payload.get("consent") if isinstance(payload, dict) else None
    if not isinstance(consents, list) or not consents:
        raise EdgeError(422, "malformed", "“consent” must be a list of consents.", "$.consent")
    is_update = _is_update(payload)
    return _together(_read(each, f"$.consent[{i}]", policy, is_update) for i, each in enumerate(consents))


def consent_of(xdm: dict[str, Any], path: str, policy: Policy) -> bool | None:
    """Return the consent in ``xdm.consentStrings``; None if it has none by IAB TCF.

    Raises:
        EdgeError: 400 or 422 if a consent string cannot be read.
    """
    strings = xdm.get("consentStrings")
    if strings is None:
        return None
    path = f"{path}.xdm.consentStrings"
    if not isinstance(strings, list) or len(strings) > _MOST_STRINGS:
        detail = f"“consentStrings” must be a list of at most {_MOST_STRINGS} consent strings."
        raise EdgeError(400, "consent-unknown", detail, path)
    return _together(_consent_of_entry(each, f"{path}[{i}]", policy) for i, each in enumerate(strings))


def consent_of_events(events: Iterable[Any], policy: Policy) -> bool | None:
    """Return the consent of all events of a request; unreadable consent is refused elsewhere."""
    return _together(_consent_of_event(event, policy) for event in events)


def _consent_of_event(event: Any, policy: Policy) -> bool | None:
    xdm = event.get("xdm") if isinstance(event, dict) else None
    try:
        return consent_of(xdm, "", policy) if isinstance(xdm, dict) else None
    except EdgeError:
        return None


def _together(answers: Iterable[bool | None]) -> bool | None:
    """Combine several answers: one refusal refuses."""
    said = {answer for answer in answers if answer is not None}
    return None if not said else False not in said


def _is_update(payload: dict[str, Any]) -> bool:
    """Return whether a mobile SDK sends only changes."""
    value: Any = payload
    for key in ("query", "consent", "operation"):
        value = value.get(key) if isinstance(value, dict) else None
    return bool(value == "update")


def _read(consent: Any, path: str, policy: Policy, is_update: bool) -> bool | None:
    reader = _reader(consent)
    if reader is None:
        detail = "A consent has standard and version: “Adobe” 1.0 or 2.0, or “IAB TCF” 2.0."
        raise EdgeError(400, "consent-unknown", detail, path)
    path = f"{path}.value"
    value = consent.get("value")
    if value is None:
        raise EdgeError(400, "consent-missing", "The value of this consent is missing.", path)
    if value in ("", {}, []):
        raise _empty(path)
    return reader(value, path, policy, consent, is_update)


_Reader = Callable[[Any, str, Policy, dict[str, Any], bool], bool | None]


def _reader(consent: Any) -> _Reader | None:
    if not isinstance(consent, dict):
        return None
    standard, version = consent.get("standard"), consent.get("version")
    if standard == TCF:
        return _tcf if isinstance(version, str) and version in TCF_VERSIONS else None
    if standard == "Adobe":
        return _adobe_1 if version == "1.0" else _adobe_2 if version == "2.0" else None
    return None


def _adobe_1(value: Any, path: str, policy: Policy, consent: dict[str, Any], is_update: bool) -> bool:
    if value in ({"general": "in"}, {"general": "out"}):
        return bool(value["general"] == "in")
    raise EdgeError(
        400, "consent-unknown", 'The value must be {"general": "in"} or {"general": "out"}.', path
    )


def _adobe_2(value: Any, path: str, policy: Policy, consent: dict[str, Any], is_update: bool) -> bool | None:
    if not isinstance(value, dict) or not value.keys() <= _PURPOSES:
        detail = f"The value must be an object with any of: {', '.join(sorted(_PURPOSES))}."
        raise EdgeError(400, "consent-unknown", detail, path)
    if "collect" not in value:
        if is_update:
            return None
        raise EdgeError(400, "consent-missing", "“collect” is missing.", f"{path}.collect")
    collect = value["collect"]
    answer = collect.get("val") if isinstance(collect, dict) else None
    if not isinstance(answer, str) or answer not in _YES | _OTHER:
        detail = f"“collect.val” must be one of: {', '.join(sorted(_YES | _OTHER))}."
        raise EdgeError(400, "consent-unknown", detail, f"{path}.collect")
    return answer in _YES


def _tcf(value: Any, path: str, policy: Policy, consent: dict[str, Any], is_update: bool) -> bool:
    found = read_consent_string(value) if isinstance(value, str) else None
    if found is None and _lacks_a_purpose(value, policy):
        return consent.get("gdprApplies") is False
    if found is None:
        detail = "The value is not a consent string of IAB Europe's framework, version 2."
        raise EdgeError(422, "consent-empty", detail, path)
    if consent.get("gdprApplies") is False:
        return True
    has_vendor = policy.vendor is None or found.allows_vendor(policy.vendor)
    return has_vendor and found.purposes.issuperset(policy.purposes)


def _lacks_a_purpose(value: Any, policy: Policy) -> bool:
    """Return whether a string refuses even though its vendors cannot be read."""
    purposes = read_purposes(value) if isinstance(value, str) else None
    return purposes is not None and not purposes.issuperset(policy.purposes)


def _consent_of_entry(entry: Any, path: str, policy: Policy) -> bool | None:
    if not isinstance(entry, dict) or entry.get("consentStandard") != TCF:
        return None  # Another standard, which rules may read.
    consent = {
        "standard": TCF,
        "version": entry.get("consentStandardVersion"),
        "value": entry.get("consentStringValue"),
        "gdprApplies": entry.get("gdprApplies"),
    }
    return _read(consent, path, policy, is_update=False)


def _empty(path: str) -> EdgeError:
    return EdgeError(422, "consent-empty", "The value of this consent must not be empty.", path)


def warnings_of(ignored: int) -> Iterator[dict[str, Any]]:
    """Yield Adobe's warning about events that were not stored."""
    if ignored:
        yield {
            "type": "https://ns.adobe.com/aep/errors/EXEG-0301-200",
            "status": 200,
            "title": "Request ignored",
            "detail": "Unable to process this request due to lack of user consent.",
        }
