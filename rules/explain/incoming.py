"""The request that brought an event, plain or masked, depending on the reader's rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rules.engine import mask, mask_lookalikes
from rules.models import InboundEvent

from .shown_values import parsed, shown_text

# Values of these keys describe the event, not the visitor.
TELLING_KEYS = frozenset(
    {
        "_id",
        "action_source",
        "currency",
        "event",
        "eventName",
        "eventType",
        "event_id",
        "event_name",
        "timestamp",
        "value",
    }
)
FLAGS = {
    "nul_removed": "NUL characters were removed: no database can store them.",
    "surrogate_replaced": "Unpaired surrogates were replaced by �: they are not valid text.",
    "big_integer": "A whole number is larger than 64 bits. It is kept exactly.",
    "duplicate_keys": "An object had the same key twice. The last value is used.",
    "identities_dropped": "Identities of the request were left out: too long to store with each event.",
    "headers_cut": "Kept headers were shortened. The limit is 2 KiB each and 4 KiB together.",
}
# Flags that name a cookie: ``_acid_cookie_dropped``.
COOKIE_DROPPED = "_cookie_dropped"
OTHER_ORGANIZATION = "other_organization"
# Flags with a detail: ``name:detail``.
DETAILED_FLAGS = {
    OTHER_ORGANIZATION: "The visitor's cookies belong to the organization {}, the datastream to another "
    "one. Enter the Organization ID of the site under Environments, Access.",
    "overrides_ignored": "Configuration overrides were ignored: {}. They have no effect here.",
}


def other_organization(event: InboundEvent) -> str:
    """Return the organization of the visitor's cookies if it is not the datastream's; else empty."""
    flags = map(str, parsed(event.flags) or [])
    return next((each.partition(":")[2] for each in flags if each.startswith(f"{OTHER_ORGANIZATION}:")), "")


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and its value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """The request as the endpoint received it.

    Args:
        facts: Notes of the edge about the request.
        headers: The headers that are kept.
        cookies: The cookies that are kept.
        xdm: JSON.
        data: JSON.
        is_masked: Customer data in ``xdm`` and ``data`` is hidden from this person.
        flags: Changes that the edge made, in words.
    """

    facts: list[Fact]
    headers: list[Fact]
    cookies: list[Fact]
    xdm: str
    data: str
    is_masked: bool
    flags: list[str]

    @property
    def is_forgotten(self) -> bool:
        return not (self.xdm or self.data)


def incoming(event: InboundEvent, *, is_plain: bool) -> Incoming:
    """Return the incoming request of an event.

    Args:
        is_plain: Show the body as received. Headers hide e-mail addresses and phone numbers from
            everybody.
    """
    body = parsed(event.body) or {}
    show = _as_is if is_plain else _without_customer_data
    header = (parsed(event.request_text()) or {}).get("header") or {}
    return Incoming(
        facts=_facts(header),
        headers=_headers(header, is_plain=is_plain),
        cookies=_cookies(header, is_plain=is_plain),
        xdm=shown_text(show(body["xdm"])) if "xdm" in body else "",
        data=shown_text(show(body["data"])) if "data" in body else "",
        is_masked=not is_plain,
        flags=[_flag(flag) for flag in parsed(event.flags) or []],
    )


def _as_is(value: Any) -> Any:
    return value


def _without_customer_data(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {mask_lookalikes(name): _without_customer_data(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_customer_data(item, key) for item in value]
    return mask_lookalikes(value) if key in TELLING_KEYS else mask(value)


def _facts(header: dict[str, Any]) -> list[Fact]:
    named = (("requestId", "Request ID"), ("configId", "Datastream ID"))
    return [Fact(label, shown_text(mask_lookalikes(header[key]))) for key, label in named if header.get(key)]


def _headers(header: dict[str, Any], *, is_plain: bool) -> list[Fact]:
    """Return the kept headers. Only some people see the query of an address: it may name the visitor."""
    found = header.get("httpHeaders")
    texts = {
        name: str(mask_lookalikes(", ".join(map(str, values))))
        for name, values in (found.items() if isinstance(found, dict) else ())
        if name != "cookie" and isinstance(values, list)
    }
    return [Fact(name, text if is_plain else text.partition("?")[0]) for name, text in texts.items()]


def _cookies(header: dict[str, Any], *, is_plain: bool) -> list[Fact]:
    found = header.get("cookies")
    items = found.items() if isinstance(found, dict) else ()
    return [Fact(name, str(value if is_plain else mask(value))) for name, value in items]


def _flag(flag: Any) -> str:
    name, _, detail = str(flag).partition(":")
    if name in DETAILED_FLAGS:
        return DETAILED_FLAGS[name].format(mask_lookalikes(detail))
    if name.endswith(COOKIE_DROPPED):
        return f"The cookie {name.removesuffix(COOKIE_DROPPED)} was left out: no extension knows its format."
    return FLAGS.get(flag) or str(flag).replace("_", " ").capitalize() + "."
