"""Why an event was refused, in words for a marketer, and which field of the action is the cause.

Source: Meta, Error codes (Marketing API); subcodes observed, facebook/facebook-java-business-sdk issue 421
and rudderlabs/rudder-transformer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from properties.catalog.descriptor import Settings
from properties.catalog.outbound import Explanation, Outcome

from .degrading import blamed_parameter, setting_of


@dataclass(frozen=True, slots=True)
class _Cause:
    """One reason: what it means, what to do, and Meta's name of the parameter it is about."""

    cause: str
    advice: str = ""
    name: str = ""


_CURRENCY = "Give Custom Data a currency of three letters, such as USD, or check the data element behind it."
_VALUE = "Give Custom Data a value that is a number, or check the data element behind it."
_ITEMS = "Contents is a list of objects, each with the id and quantity of a product."
_TIME = "Check Event Time, and that events are sent when they happen."
_PEOPLE = "Fill in a field that finds a person: Email, Phone, External ID, Browser ID, or Client IP Address."
_LEAD = "A Lead ID has 15 to 17 digits. Check it, and the data element behind it."
_PLAIN = "Give plain values: they are hashed here."
_CODE = "Give the code, or uncheck the box."
_ACCOUNTS = "Compare Page ID and account IDs with the dataset in Events Manager."

# Ours, before anything is sent, and Meta's.
_CAUSES: Mapping[str, _Cause] = {
    "too_old": _Cause("It happened longer ago than Meta takes.", _TIME, "event_time"),
    "100/2804003": _Cause("It happened longer ago than Meta takes.", _TIME, "event_time"),
    "purchase_incomplete": _Cause("A Purchase without a usable currency and value is refused by Meta."),
    "100/2804008": _Cause("Meta does not take the list of products.", _ITEMS, "custom_data.contents"),
    "100/2804009": _Cause("Meta got a Purchase without a value.", _VALUE, "custom_data.value"),
    "100/2804010": _Cause("Meta got a Purchase without a currency.", _CURRENCY, "custom_data.currency"),
    "100/2804016": _Cause("Meta got customer information that is not SHA-256.", _PLAIN),
    "100/2804036": _Cause("Meta does not take the Lead ID.", _LEAD, "user_data.lead_id"),
    "100/2804043": _Cause(
        "The device information of the app lacks the version of the system.",
        "Give App Data the OS version, the fifth value of extinfo.",
        "app_data",
    ),
    "app_data": _Cause("The app event lacks what Meta needs to know about the device.", "", "app_data"),
    "customer_information": _Cause("Nothing in the event tells Meta who it was.", _PEOPLE),
    "100/2804050": _Cause("Too little in the event tells Meta who it was.", _PEOPLE),
    "limited_data_use": _Cause(
        "Limited Data Use is on, and nothing tells Meta the place of the person.",
        "Fill in Client IP Address, or choose country and state.",
        "user_data.client_ip_address",
    ),
    "100/2804030": _Cause("Meta asks whether Limited Data Use is on.", "Choose it in the action."),
    "event_name": _Cause("The event had no name.", "Give Event Name a value.", "event_name"),
    "action_source": _Cause("Meta does not know the action source.", "", "action_source"),
    "messaging_channel": _Cause("Business messaging needs its channel.", "", "messaging_channel"),
    "messaging_event": _Cause("Business messaging does not know the event name.", "", "event_name"),
    "100/2804066": _Cause("Business messaging does not know the event name.", "", "event_name"),
    "messaging_ids": _Cause("Ids of the account or of the person are missing.", _ACCOUNTS),
    "100/2804065": _Cause("Page and dataset do not belong together.", _ACCOUNTS, "user_data.page_id"),
    "100/2804072": _Cause("The Page ID is not the one of the dataset.", _ACCOUNTS, "user_data.page_id"),
    "100/2804073": _Cause("The Page ID is not the one of the dataset.", _ACCOUNTS, "user_data.page_id"),
    "100/2804116": _Cause("Neither Page ID nor WhatsApp account is given.", _ACCOUNTS, "user_data.page_id"),
    "100/2804131": _Cause("The dataset has no page.", "Connect a page to the dataset in Events Manager."),
    "pixel_id": _Cause("There is no usable Pixel ID.", "Set it in the configuration of the extension."),
    "access_token": _Cause("There is no access token.", "Set it in the configuration of the extension."),
    "test_event_code": _Cause("Send as Test Event is on without a code.", _CODE),
    "append": _Cause("The event adds to another and does not say to which.", "", "original_event_data"),
}  # fmt: skip
_SETTINGS = {
    "pixel_id": ("pixelId", "Pixel ID"),
    "access_token": ("accessToken", "Access Token"),
    "test_event_code": ("testEventCode", "Test Event Code"),
    "purchase_incomplete": ("customData", "Custom Data"),
}


def explain(outcome: Outcome, settings: Settings) -> Explanation:
    """Return what a refusal means and the setting that it comes from, as far as either is known.

    Args:
        outcome: A refusal by Meta, or one of ours from before anything was sent.
        settings: Of the action, tokens in place.
    """
    known = _CAUSES.get(outcome.code, _Cause(""))
    name = blamed_parameter(outcome) or known.name
    path, label = setting_of(name) if name else _SETTINGS.get(outcome.code, ("", ""))
    whole, _, member = path.partition(".")
    if member and not isinstance(settings.get(whole), Mapping):
        path = whole
    cause = known.cause or (
        f"Meta does not take the value of {label}." if label else "Meta does not take this event."
    )
    advice = known.advice or (
        f"Check {label} in the action, and the data element behind it." if label else ""
    )
    return Explanation(cause, advice or outcome.advice, path, label)
