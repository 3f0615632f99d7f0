"""Advice about settings that work, but are probably not intended or reduce event match quality.

Advice never prevents saving.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from properties.catalog.descriptor import Settings
from properties.catalog.errors import Cure, Problem

from .checks import is_empty, literal
from .event_names import meant_name
from .parameters import CUSTOMER_INFORMATION, SETTING_OF, STANDARD_EVENTS
from .requirements import APPENDS, MESSAGING_EVENTS, MESSAGING_IDS


def advise_action(settings: Settings) -> Iterator[Problem]:
    """Yield all advice about the action's settings; tokens are in place."""
    for advise in _ADVICE:
        yield from advise(settings)


def _advise_event_name(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Pixel Reference: spelling must be exact."""
    if meant := meant_name(literal(settings, "eventName")):
        message = f"Meta treats this as a custom event. Did you mean “{meant}”?"
        yield Problem("eventName", "Event Name", message, Cure(f"Use “{meant}”", meant))


_EXPECTED = (
    ("eventSourceUrl", "Event Source URL", "Enter the address of the page, such as {{Page URL}}."),
    (
        "clientUserAgent",
        "Client User Agent",
        "Enter the visitor's user agent, such as {{User Agent}}.",
    ),
)


def _advise_website(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Server Event Parameters: asked for, but accepted without (observed)."""
    if literal(settings, "actionSource").lower() != "website":
        return
    for key, label, remedy in _EXPECTED:
        if is_empty(settings.get(key)):
            message = f"Meta asks for it in website events; without it they match worse. {remedy}"
            yield Problem(key, label, message)


def _advise_event_id(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Handling Duplicate Pixel and Conversions API Events."""
    if literal(settings, "actionSource").lower() == "website" and is_empty(settings.get("eventId")):
        message = (
            "Without the Pixel's eventID Meta counts the browser's event and this one: conversions double."
        )
        yield Problem("eventId", "Event ID", message)
    elif literal(settings, "eventId"):
        yield Problem("eventId", "Event ID", "It is the same for every event, so Meta keeps only the first.")


def _advise_customer_information(settings: Settings) -> Iterator[Problem]:
    keys = {row.key for row in CUSTOMER_INFORMATION if row.place == "user_data"}
    if not any(not is_empty(settings.get(key)) for key in keys):
        message = "Meta needs at least one field that finds a person, such as Email or Client IP Address."
        yield Problem("email", "Email", message)


_NEEDED = "Events of this action source need it; without it Meta refuses them."
_APP_DATA = (
    ("advertiser_tracking_enabled", "Advertiser Tracking Enabled", _NEEDED),
    ("extinfo", "Extended Device Information", _NEEDED),
    ("application_tracking_enabled", "Application Tracking Enabled", "Meta asks for it in app events."),
)


def _advise_app(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, App Data Parameters; Conversions API for App Events, which also asks for the third."""
    if literal(settings, "actionSource").lower() != "app":
        return
    data: Any = settings.get("appData")
    if is_empty(data):
        yield Problem("appData", "App Data", _NEEDED)
    for name, label, message in _APP_DATA if isinstance(data, Mapping) and data else ():
        if is_empty(data.get(name)):
            yield Problem(f"appData.{name}", label, message)


def _advise_messaging(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Conversions API for Business Messaging."""
    if literal(settings, "actionSource").lower() != "business_messaging":
        return
    if is_empty(settings.get("messagingChannel")):
        yield Problem("messagingChannel", "Messaging Channel", _NEEDED)
    accounts, person = MESSAGING_IDS.get(literal(settings, "messagingChannel").lower(), ((), ""))
    for names in filter(any, (accounts, (person,))):
        if all(is_empty(settings.get(SETTING_OF[name][0])) for name in names):
            yield Problem(*SETTING_OF[names[0]], "This channel needs it; without it Meta refuses the event.")
    event_name = literal(settings, "eventName")
    if event_name and event_name not in MESSAGING_EVENTS:
        known = ", ".join(sorted(MESSAGING_EVENTS))
        yield Problem("eventName", "Event Name", f"Business messaging accepts only these: {known}.")


def _advise_append(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Original Event Data Parameters."""
    name = literal(settings, "eventName")
    for meta_name, label in APPENDS.get(name, ()):
        key = SETTING_OF[meta_name][0]
        if is_empty(settings.get(key)):
            yield Problem(key, label, f"{name} needs it; without it Meta refuses the event.")


def _advise_currency(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Custom Data Parameters: a value needs a currency."""
    data: Any = settings.get("customData")
    if isinstance(data, Mapping) and not is_empty(data.get("value")) and is_empty(data.get("currency")):
        yield Problem("customData.currency", "Currency", "Meta needs the currency of a value, such as USD.")


def _advise_catalog(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Custom Data Parameters: catalog ads need to know whether ids name products or groups."""
    data: Any = settings.get("customData")
    if not isinstance(data, Mapping) or not is_empty(data.get("content_type")):
        return
    if not is_empty(data.get("content_ids")) or not is_empty(data.get("contents")):
        message = "Catalog ads need it: product, or product_group if the IDs name groups of products."
        yield Problem("customData.content_type", "Content Type", message, Cure("Use product", "product"))


def _advise_leads(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Conversions API for CRM: payload specification."""
    data: Any = settings.get("customData")
    if not isinstance(data, Mapping) or literal(data, "event_source") != "crm":
        return
    if is_empty(data.get("lead_event_source")):
        message = "Meta asks for the name of your CRM in events for stages of a lead."
        yield Problem("customData.lead_event_source", "Lead Event Source", message)
    if literal(settings, "eventName") in STANDARD_EVENTS:
        message = "Use a custom name for the stage; otherwise Meta's rules for this standard event apply."
        yield Problem("eventName", "Event Name", message)


_ADVICE: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    _advise_event_name,
    _advise_website,
    _advise_event_id,
    _advise_customer_information,
    _advise_app,
    _advise_messaging,
    _advise_append,
    _advise_currency,
    _advise_catalog,
    _advise_leads,
)
