"""Meta's requirements for a whole server event. If one event breaks them, Meta refuses the whole request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from properties.catalog.errors import Rejected

Event = Mapping[str, Any]

# Meta refuses an event whose keys are all in one of these sets.
# Source: Meta, Customer Information Parameters (Graph v13.0 on).
TOO_BROAD = (
    frozenset({"ct", "country", "st", "zp", "ge", "client_user_agent"}),
    frozenset({"db", "client_user_agent"}),
    frozenset({"fn", "ge"}),
    frozenset({"ln", "ge"}),
)
PARTNER_KEYS = frozenset({"partner_id", "partner_name"})
# Any other key is sufficient alone.
_WEAK_KEYS = PARTNER_KEYS.union(*TOO_BROAD)

# Source: Meta, Conversions API for Business Messaging.
MESSAGING_EVENTS = frozenset(
    {"Purchase", "LeadSubmitted", "InitiateCheckout", "AddToCart", "ViewContent", "OrderCreated"}
    | {"OrderShipped", "OrderDelivered", "OrderCanceled", "OrderReturned", "CartAbandoned"}
    | {"QualifiedLead", "RatingProvided", "ReviewProvided"}
)
# Per channel: the account's IDs, of which one is needed, and the person's ID.
MESSAGING_IDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "messenger": (("page_id",), "page_scoped_user_id"),
    "whatsapp": (("whatsapp_business_account_id", "page_id"), "ctwa_clid"),
    "instagram": (("ig_account_id",), "ig_sid"),
}
EXTINFO_OS_VERSION = 4


def check_requirements(event: Event) -> None:
    """Check that Meta would not refuse the whole event.

    Raises:
        Rejected: Meta would refuse it. The error has a stable code for the event log.
    """
    name, source = event["event_name"], event["action_source"]
    if event["user_data"].keys() <= _WEAK_KEYS:
        _check_customer_information(event["user_data"])
    if event["data_processing_options"]:
        _check_limited_data_use(event)
    if name in _OF_NAMES:
        _OF_NAMES[name](event)
    if source in _OF_SOURCES:
        _OF_SOURCES[source](event)


def missing_for_purchase(custom_data: Mapping[str, Any]) -> list[str]:
    """Return the names of the parameters that a Purchase needs and does not have.

    Source: Meta, Pixel Reference, standard events: Purchase needs currency and value.
    """
    return [name for name in ("currency", "value") if custom_data.get(name) in (None, "")]


def _check_purchase(event: Event) -> None:
    data = event.get("custom_data", {})
    if "currency" in data and "value" in data:
        return
    missing = missing_for_purchase(data)
    if missing:
        message = f"Purchase needs currency and value; there is no usable {' and no usable '.join(missing)}."
        raise Rejected(message, code="purchase_incomplete", field=f"custom_data.{missing[0]}")


def _check_customer_information(user_data: Mapping[str, Any]) -> None:
    keys = user_data.keys() - PARTNER_KEYS
    if not keys:
        raise Rejected(
            "There is no customer information. Meta needs at least one parameter that finds a person, such "
            "as Email, Phone, Browser ID, or Client IP Address.",
            code="customer_information",
        )
    if any(keys <= broad for broad in TOO_BROAD):
        raise Rejected(
            f"The customer information is too broad to find a person: {', '.join(sorted(keys))} alone. "
            "Add Email, Phone, External ID, Browser ID, or Client IP Address.",
            code="customer_information",
        )


def _check_limited_data_use(event: Event) -> None:
    """Source: Meta, Data Processing Options for US Users: country 0 and state 0 need the IP address."""
    if event.get("data_processing_options_country") == 0 and "client_ip_address" not in event["user_data"]:
        raise Rejected(
            "Limited Data Use needs Client IP Address, or country and state: Meta must locate the person.",
            code="limited_data_use",
        )


def _check_app(event: Event) -> None:
    """Source: Meta, App Data Parameters."""
    app_data = event.get("app_data", {})
    if "advertiser_tracking_enabled" not in app_data:
        raise Rejected("App events need App Data with Advertiser Tracking Enabled (0 or 1).", code="app_data")
    extinfo = app_data.get("extinfo", [""])
    if extinfo[0] not in ("a2", "i2") or not extinfo[EXTINFO_OS_VERSION].strip():
        message = "App events need Extended Device Information: a2 or i2 first, the OS version fifth."
        raise Rejected(message, code="app_data")


def _check_messaging(event: Event) -> None:
    """Source: Meta, Conversions API for Business Messaging."""
    channel = event.get("messaging_channel", "")
    if channel not in MESSAGING_IDS:
        message = f"Business messaging needs Messaging Channel: {', '.join(MESSAGING_IDS)}."
        raise Rejected(message, code="messaging_channel")
    if event["event_name"] not in MESSAGING_EVENTS:
        names = ", ".join(sorted(MESSAGING_EVENTS))
        raise Rejected(f"Business messaging accepts only these event names: {names}.", code="messaging_event")
    _check_messaging_ids(channel, event["user_data"])


def _check_messaging_ids(channel: str, user_data: Mapping[str, Any]) -> None:
    accounts, person = MESSAGING_IDS[channel]
    if person not in user_data or not any(name in user_data for name in accounts):
        message = f"A {channel} event needs {' or '.join(accounts)}, and {person}."
        raise Rejected(message, code="messaging_ids")


_ORIGINAL = ("original_event_data", "Original Event Data")
APPENDS = {
    "AppendAttribution": (_ORIGINAL, ("attribution_data", "Attribution Data")),
    "AppendValue": (_ORIGINAL,),
}


def _check_append(event: Event) -> None:
    """Source: Meta, Original Event Data Parameters."""
    for name, label in APPENDS[event["event_name"]]:
        if name not in event:
            raise Rejected(f"{event['event_name']} needs {label}.", code="append")


_OF_NAMES: Mapping[str, Callable[[Event], None]] = {
    "Purchase": _check_purchase,
    **dict.fromkeys(APPENDS, _check_append),
}
_OF_SOURCES: Mapping[str, Callable[[Event], None]] = {
    "app": _check_app,
    "business_messaging": _check_messaging,
}
