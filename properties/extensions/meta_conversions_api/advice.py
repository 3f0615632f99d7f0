"""What works with these settings, but is most likely not meant or matches worse than it could.

Nothing here keeps anybody from saving.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from properties.catalog.descriptor import Settings
from properties.catalog.errors import Problem

from .checks import is_empty, literal
from .event_names import meant_name
from .parameters import CUSTOMER_INFORMATION, SETTING_OF
from .requirements import APPENDS, MESSAGING_EVENTS


def advise_action(settings: Settings) -> Iterator[Problem]:
    """Everything to be said about the action's settings, tokens in place."""
    for advise in _ADVICE:
        yield from advise(settings)


def _advise_event_name(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Pixel Reference: spelling must be exact."""
    if meant := meant_name(literal(settings, "eventName")):
        message = f"Meta takes this as an event of your own. Did you mean “{meant}”?"
        yield Problem("eventName", "Event Name", message)


_EXPECTED = (
    ("eventSourceUrl", "Event Source URL", "Give the address of the page, such as {{Page URL}}."),
    (
        "clientUserAgent",
        "Client User Agent",
        "Give the name of the visitor's browser, such as {{User Agent}}.",
    ),
)


def _advise_website(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Server Event Parameters: asked for, but taken without (observed)."""
    if literal(settings, "actionSource").lower() != "website":
        return
    for key, label, remedy in _EXPECTED:
        if is_empty(settings.get(key)):
            message = f"Meta asks for it with website events; without it they match worse. {remedy}"
            yield Problem(key, label, message)


def _advise_event_id(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Handling Duplicate Pixel and Conversions API Events."""
    if literal(settings, "actionSource").lower() == "website" and is_empty(settings.get("eventId")):
        message = (
            "Without the Pixel's eventID Meta counts the browser's event and this one: conversions double."
        )
        yield Problem("eventId", "Event ID", message)
    elif literal(settings, "eventId"):
        yield Problem(
            "eventId", "Event ID", "It is the same for every event, so that Meta keeps the first only."
        )


def _advise_customer_information(settings: Settings) -> Iterator[Problem]:
    keys = {row.key for row in CUSTOMER_INFORMATION if row.place == "user_data"}
    if not any(not is_empty(settings.get(key)) for key in keys):
        message = "Meta needs at least one field that finds a person, such as Email or Client IP Address."
        yield Problem("email", "Email", message)


_NEEDED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "app": (("appData", "App Data"),),
    "business_messaging": (("messagingChannel", "Messaging Channel"),),
}


def _advise_source(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, App Data Parameters; Conversions API for Business Messaging."""
    source = literal(settings, "actionSource").lower()
    for key, label in _NEEDED.get(source, ()):
        if is_empty(settings.get(key)):
            yield Problem(
                key, label, "Events of this action source need it; without it Meta would refuse them."
            )
    name = literal(settings, "eventName")
    if source == "business_messaging" and name and name not in MESSAGING_EVENTS:
        names = ", ".join(sorted(MESSAGING_EVENTS))
        yield Problem("eventName", "Event Name", f"Business messaging knows only these: {names}.")


def _advise_append(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Original Event Data Parameters."""
    name = literal(settings, "eventName")
    for meta_name, label in APPENDS.get(name, ()):
        key = SETTING_OF[meta_name][0]
        if is_empty(settings.get(key)):
            yield Problem(key, label, f"{name} needs it; without it Meta would refuse the event.")


def _advise_currency(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Custom Data Parameters: currency wherever a value is."""
    data: Any = settings.get("customData")
    if isinstance(data, Mapping) and not is_empty(data.get("value")) and is_empty(data.get("currency")):
        yield Problem("customData.currency", "Currency", "Meta needs the currency of a value, such as USD.")


_ADVICE: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    _advise_event_name,
    _advise_website,
    _advise_event_id,
    _advise_customer_information,
    _advise_source,
    _advise_append,
    _advise_currency,
)
