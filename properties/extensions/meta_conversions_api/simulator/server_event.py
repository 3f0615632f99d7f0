"""Rules for one entry of `data`: required parameters, times, and the requirements of each action source."""

from collections.abc import Callable, Mapping
from typing import Any

from .custom_data import SEGMENT, check_custom_data
from .expectations import (
    BOOLEAN,
    INTEGER,
    OBJECT,
    STRING,
    STRINGS,
    TEXT,
    check_fields,
    check_required,
    first,
    one_of,
)
from .problems import GraphProblem
from .user_data import check_user_data

Event = Mapping[str, Any]
Rule = Callable[[Event], GraphProblem | None]

DAY_SECONDS = 86_400
WINDOW_SECONDS = 7 * DAY_SECONDS
STORE_WINDOW_SECONDS = 62 * DAY_SECONDS
MILLISECONDS_ABOVE = 10**11

ACTION_SOURCES = (
    "website",
    "app",
    "phone_call",
    "chat",
    "email",
    "physical_store",
    "system_generated",
    "business_messaging",
    "other",
)
REQUIRED = {
    "event_name": TEXT,
    "event_time": INTEGER,
    "user_data": OBJECT,
    "action_source": one_of(ACTION_SOURCES),
}
OPTIONAL = {
    "event_source_url": STRING,
    "event_id": STRING,
    "referrer_url": STRING,
    "opt_out": BOOLEAN,
    "custom_data": OBJECT,
    "app_data": OBJECT,
    "original_event_data": OBJECT,
    "attribution_data": OBJECT,
    "store_data": OBJECT,
    "customer_segmentation": SEGMENT,
    "messaging_channel": one_of(("whatsapp", "messenger", "instagram")),
    "advanced_measurement_table": STRING,
    "data_processing_options": STRINGS,
    "data_processing_options_country": INTEGER,
    "data_processing_options_state": INTEGER,
}

LDU_STATES = range(1000, 1014)

EXTINFO_LENGTH = 16
EXTINFO_OS_VERSION = 4
TRACKING = one_of((0, 1))

MESSAGING_EVENTS = frozenset(
    {"Purchase", "LeadSubmitted", "InitiateCheckout", "AddToCart", "ViewContent", "OrderCreated"}
    | {"OrderShipped", "OrderDelivered", "OrderCanceled", "OrderReturned", "CartAbandoned"}
    | {"QualifiedLead", "RatingProvided", "ReviewProvided"}
)
# Per channel: the account's IDs, of which one is needed, and the person's ID.
MESSAGING_IDS = {
    "messenger": (("page_id",), "page_scoped_user_id"),
    "whatsapp": (("whatsapp_business_account_id", "page_id"), "ctwa_clid"),
    "instagram": (("ig_account_id", "instagram_business_account_id"), "ig_sid"),
}
APPEND_EVENTS = {
    "AppendAttribution": ("original_event_data", "attribution_data"),
    "AppendValue": ("original_event_data",),
}


def check_event(event: object, now: float) -> GraphProblem | None:
    """Return the first problem for which Meta would refuse one server event, or None.

    Args:
        event: One entry of `data`, as parsed JSON.
        now: Unix seconds.

    Source: Meta, Server Event Parameters.
    """
    if not isinstance(event, dict):
        return GraphProblem((), "must be an object")
    return (
        _check_names(event)
        or _check_types(event)
        or _check_time(event, now)
        or first(rule(event) for rule in RULES)
    )


def _check_names(event: Event) -> GraphProblem | None:
    # Observed: facebook/facebook-nodejs-business-sdk issue 258, 'Unexpected key … on param "$['data'][0]"'.
    unexpected = sorted(event.keys() - REQUIRED.keys() - OPTIONAL.keys())
    return GraphProblem((unexpected[0],), "is an unexpected key") if unexpected else None


def _check_types(event: Event) -> GraphProblem | None:
    return check_required(event, REQUIRED) or check_fields(event, OPTIONAL)


def _check_time(event: Event, now: float) -> GraphProblem | None:
    """Refuse times before the window or in the future. Source: Meta, Using the API."""
    happened = event["event_time"]
    if happened > MILLISECONDS_ABOVE:
        return GraphProblem(("event_time",), "must be in seconds, not in milliseconds")
    if happened > now:
        return GraphProblem(("event_time",), "must not be a timestamp in the future")
    if happened < now - _window_seconds(event):
        text = f"The event happened more than {_window_seconds(event) // DAY_SECONDS} days ago."
        return GraphProblem(("event_time",), text, 2804003, "Event Timestamp Too Old")
    return None


def _window_seconds(event: Event) -> int:
    return STORE_WINDOW_SECONDS if event["action_source"] == "physical_store" else WINDOW_SECONDS


def _check_customer(event: Event) -> GraphProblem | None:
    problem = check_user_data(event["user_data"])
    return problem.below("user_data") if problem else None


def _check_custom(event: Event) -> GraphProblem | None:
    problem = check_custom_data(event["event_name"], event.get("custom_data", {}))
    return problem.below("custom_data") if problem else None


def _check_data_use(event: Event) -> GraphProblem | None:
    """Check Limited Data Use. Source: Meta, Data Processing Options for US Users."""
    options = event.get("data_processing_options", [])
    country = event.get("data_processing_options_country")
    state = event.get("data_processing_options_state")
    if any(option != "LDU" for option in options):
        return GraphProblem(("data_processing_options",), 'must be [] or ["LDU"]')
    if country is None and options:
        return GraphProblem(("data_processing_options_country",), 'is required with ["LDU"]')
    if state is None and country is not None:
        return GraphProblem(("data_processing_options_state",), "is required when the country is set")
    return _check_place(event, options, country, state)


def _check_place(
    event: Event, options: list[str], country: int | None, state: int | None
) -> GraphProblem | None:
    if country not in (None, 0, 1):
        return GraphProblem(("data_processing_options_country",), "must be 0 or 1")
    if state is not None and not (state in LDU_STATES if country == 1 else state == 0):
        return GraphProblem(
            ("data_processing_options_state",), "must be 0 with country 0, 1000 to 1013 with country 1"
        )
    if options and country == 0 and "client_ip_address" not in event["user_data"]:
        return GraphProblem(("user_data", "client_ip_address"), "is required with country 0")
    return None


def _check_app(event: Event) -> GraphProblem | None:
    """Check an app event. Source: Meta, App Data Parameters."""
    if event["action_source"] != "app":
        return None
    if "app_data" not in event:
        return GraphProblem(("app_data",), "is required for app events")
    app_data = event["app_data"]
    problem = (
        check_required(app_data, {"advertiser_tracking_enabled": TRACKING})
        or check_fields(app_data, {"application_tracking_enabled": TRACKING})
        or _check_extinfo(app_data.get("extinfo"))
    )
    return problem.below("app_data") if problem else None


def _check_extinfo(extinfo: object) -> GraphProblem | None:
    if not isinstance(extinfo, list) or len(extinfo) != EXTINFO_LENGTH:
        return GraphProblem(("extinfo",), f"must be a list of {EXTINFO_LENGTH} strings")
    if not all(isinstance(member, str | int) for member in extinfo):
        return GraphProblem(("extinfo",), f"must be a list of {EXTINFO_LENGTH} strings")
    if extinfo[0] not in ("a2", "i2"):
        return GraphProblem(("extinfo", 0), "must be a2 or i2")
    if str(extinfo[EXTINFO_OS_VERSION]).strip():
        return None
    text = "The OS version of extinfo is required."
    return GraphProblem(("extinfo", EXTINFO_OS_VERSION), text, 2804043, "Missing OS Version")


def _check_messaging(event: Event) -> GraphProblem | None:
    """Check a messaging event. Source: Meta, Conversions API for Business Messaging."""
    if event["action_source"] != "business_messaging":
        return None
    if "messaging_channel" not in event:
        return GraphProblem(("messaging_channel",), "is required for business_messaging")
    if event["event_name"] not in MESSAGING_EVENTS:
        text = "This event name is not allowed for business messaging."
        return GraphProblem(("event_name",), text, 2804066, "Event Name Not Allowed")
    return _check_messaging_ids(event["messaging_channel"], event["user_data"])


def _check_messaging_ids(channel: str, user_data: Mapping[str, Any]) -> GraphProblem | None:
    accounts, person = MESSAGING_IDS[channel]
    if not any(user_data.get(name) for name in accounts):
        text = f"A {channel} event needs {' or '.join(accounts)}."
        return GraphProblem(("user_data", accounts[0]), text, 2804116, "Missing Page Or Account ID")
    if not user_data.get(person):
        return GraphProblem(("user_data", person), f"is required for the channel {channel}")
    return None


def _check_append(event: Event) -> GraphProblem | None:
    """Check events that add to an earlier one. Source: Meta, Original Event Data Parameters."""
    needed = APPEND_EVENTS.get(event["event_name"], ())
    return first(
        GraphProblem((name,), f"is required for {event['event_name']}")
        for name in needed
        if name not in event
    )


# These rules run after the checks of names and types.
RULES: tuple[Rule, ...] = (
    _check_messaging,
    _check_customer,
    _check_custom,
    _check_data_use,
    _check_app,
    _check_append,
)
