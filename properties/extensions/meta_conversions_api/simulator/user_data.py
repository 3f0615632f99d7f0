"""Rules for customer information: hashed fields, fields never hashed, and sufficient keys."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from .expectations import STRING, Expectation, first, is_integer
from .problems import GraphProblem

HASHED = frozenset(
    {"em", "ph", "fn", "ln", "ge", "db", "ct", "st", "zp", "country"}
    # Not in Meta's table; Meta's libraries have and hash them.
    | {"f5first", "f5last", "fi", "dobd", "dobm", "doby"}
)
NEVER_HASHED = frozenset(
    {"client_user_agent", "fbc", "fbp", "subscription_id", "anon_id", "madid", "page_id"}
    | {"page_scoped_user_id", "ctwa_clid", "ig_account_id", "instagram_business_account_id", "ig_sid"}
    | {"whatsapp_business_account_id", "partner_id", "partner_name"}
)
PARTNER_KEYS = frozenset({"partner_id", "partner_name"})

TOO_BROAD = (
    frozenset({"ct", "country", "st", "zp", "ge", "client_user_agent"}),
    frozenset({"db", "client_user_agent"}),
    frozenset({"fn", "ge"}),
    frozenset({"ln", "ge"}),
)

# Meta's parameter builder may add a dot and two or eight characters to a hash.
DIGEST = re.compile(r"[0-9a-f]{64}(\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?\Z")
ANY_DIGEST = re.compile(r"[0-9A-Fa-f]{64}(\.[A-Za-z0-9_-]{2}|\.[A-Za-z0-9_-]{8})?\Z")
LEAD_ID = re.compile(r"[0-9]{15,17}\Z")


def check_user_data(user_data: Mapping[str, Any]) -> GraphProblem | None:
    """Return the first problem for which Meta would refuse user_data, or None.

    Source: Meta, Customer Information Parameters.
    """
    return first(_check_value(name, value) for name, value in user_data.items()) or _check_keys(user_data)


def _check_value(name: str, value: object) -> GraphProblem | None:
    if name in HASHED:
        return _check_hashed(name, value)
    if name in NEVER_HASHED:
        return _check_plain(name, value)
    check = _OWN_RULES.get(name)
    return check(name, value) if check else None


def _check_hashed(name: str, value: object) -> GraphProblem | None:
    problem = _check_texts(name, value)
    if problem or all(DIGEST.match(member) for member in _members(value)):
        return problem
    text = f"The {name} parameter is not hashed. Send its SHA-256 as 64 lower-case hex."
    return GraphProblem((name,), text, 2804016, "User Parameter Not Hashed")


def _check_plain(name: str, value: object) -> GraphProblem | None:
    if not isinstance(value, str):
        return STRING.check(name, value)
    return GraphProblem((name,), "must not be hashed") if ANY_DIGEST.match(value) else None


def _check_texts(name: str, value: object) -> GraphProblem | None:
    texts = all(isinstance(member, str) for member in _members(value))
    return None if texts else GraphProblem((name,), "must be a string or a list of strings")


def _members(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _check_address(name: str, value: object) -> GraphProblem | None:
    return _ADDRESS.check(name, value)


def _check_login_id(name: str, value: object) -> GraphProblem | None:
    return _DIGITS.check(name, value)


def _check_lead_id(name: str, value: object) -> GraphProblem | None:
    if not isinstance(value, bool) and isinstance(value, int | str) and LEAD_ID.match(str(value)):
        return None
    return GraphProblem((name,), "A lead ID is a number of 15 to 17 digits.", 2804036, "Invalid Lead ID")


def _is_address(value: object) -> bool:
    if not isinstance(value, str) or "%" in value:
        return False
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _is_digits(value: object) -> bool:
    return is_integer(value) or (isinstance(value, str) and value.isascii() and value.isdigit())


_ADDRESS = Expectation(_is_address, "a valid IPv4 or IPv6 address")
_DIGITS = Expectation(_is_digits, "an integer")
_OWN_RULES = {
    "external_id": _check_texts,
    "client_ip_address": _check_address,
    "fb_login_id": _check_login_id,
    "lead_id": _check_lead_id,
}
_MATCH_KEYS = (HASHED | NEVER_HASHED | _OWN_RULES.keys()) - PARTNER_KEYS


def _check_keys(user_data: Mapping[str, Any]) -> GraphProblem | None:
    if "partner_id" in user_data and "partner_name" not in user_data:
        return GraphProblem(("partner_name",), "is required with partner_id")
    keys = usable_keys(user_data)
    if not any(keys <= broad for broad in TOO_BROAD):
        return None
    text = "This event has no customer information parameters, or only a combination too broad to match."
    return GraphProblem((), text, 2804050, "Not Enough Customer Information")


def usable_keys(user_data: Mapping[str, Any]) -> frozenset[str]:
    """Return the known keys that have a value. Keys of an identity partner (alpha) do not count."""
    return frozenset(name for name, value in user_data.items() if name in _MATCH_KEYS and _has_value(value))


def _has_value(value: object) -> bool:
    return any(member not in (None, "") for member in _members(value))
