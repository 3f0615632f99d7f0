"""Explains refusals to marketers: the cause, the advice, and the field of the action.

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
    """One reason for a refusal: its meaning, what to do, and Meta's name of the parameter."""

    cause: str
    advice: str = ""
    name: str = ""


_CURRENCY = "Add a three-letter currency such as USD to Custom Data, or check its data element."
_VALUE = "Add a numeric value to Custom Data, or check its data element."
_ITEMS = "Contents is a list of objects, each with the ID and quantity of a product."
_TIME = "Check Event Time, and that events are sent when they happen."
_PEOPLE = "Fill in a field that finds a person: Email, Phone, External ID, Browser ID, or Client IP Address."
_LEAD = "A Lead ID has 15 to 17 digits. Check it and its data element."
_PLAIN = "Provide plain values: they are hashed here."
_CODE = "Enter the code, or uncheck the box."
_ACCOUNTS = "Compare Page ID and account IDs with the dataset in Events Manager."

# Codes of our own checks, and Meta's codes with subcodes.
_CAUSES: Mapping[str, _Cause] = {
    "too_old": _Cause("It happened longer ago than Meta accepts.", _TIME, "event_time"),
    "100/2804003": _Cause("It happened longer ago than Meta accepts.", _TIME, "event_time"),
    "purchase_incomplete": _Cause("Purchase needs a currency code and a value."),
    "100/2804008": _Cause("Meta does not accept the list of products.", _ITEMS, "custom_data.contents"),
    "100/2804009": _Cause("Meta received a Purchase without a value.", _VALUE, "custom_data.value"),
    "100/2804010": _Cause("Meta received a Purchase without a currency.", _CURRENCY, "custom_data.currency"),
    "100/2804016": _Cause("Meta received customer information that is not SHA-256.", _PLAIN),
    "100/2804036": _Cause("Meta does not accept the Lead ID.", _LEAD, "user_data.lead_id"),
    "100/2804043": _Cause(
        "The device information of the app does not contain the OS version.",
        "Add the OS version to App Data, as the fifth value of extinfo.",
        "app_data",
    ),
    "app_data": _Cause("The app event lacks device information that Meta needs.", "", "app_data"),
    "customer_information": _Cause("The event has no customer information that finds a person.", _PEOPLE),
    "100/2804050": _Cause("The event has too little customer information to find a person.", _PEOPLE),
    "limited_data_use": _Cause(
        "Limited Data Use is on, and Meta cannot locate the person.",
        "Fill in Client IP Address, or choose country and state.",
        "user_data.client_ip_address",
    ),
    "100/2804030": _Cause("Meta asks whether Limited Data Use is on.", "Choose this in the action."),
    "event_name": _Cause("The event had no name.", "Enter an Event Name.", "event_name"),
    "action_source": _Cause("Meta does not know the action source.", "", "action_source"),
    "messaging_channel": _Cause("Business messaging needs its channel.", "", "messaging_channel"),
    "messaging_event": _Cause("Business messaging does not know the event name.", "", "event_name"),
    "100/2804066": _Cause("Business messaging does not know the event name.", "", "event_name"),
    "messaging_ids": _Cause("IDs of the account or of the person are missing.", _ACCOUNTS),
    "100/2804065": _Cause("Page and dataset do not belong together.", _ACCOUNTS, "user_data.page_id"),
    "100/2804072": _Cause("The Page ID does not belong to the dataset.", _ACCOUNTS, "user_data.page_id"),
    "100/2804073": _Cause("The Page ID does not belong to the dataset.", _ACCOUNTS, "user_data.page_id"),
    "100/2804116": _Cause("Page ID and WhatsApp account are both missing.", _ACCOUNTS, "user_data.page_id"),
    "100/2804131": _Cause("The dataset has no page.", "Connect a page to the dataset in Events Manager."),
    "pixel_id": _Cause("There is no usable Pixel ID.", "Set it in the configuration of the extension."),
    "access_token": _Cause("There is no access token.", "Set it in the configuration of the extension."),
    "test_event_code": _Cause("Send as Test Event is on without a code.", _CODE),
    "append": _Cause("The event adds to an earlier event, but does not name it.", "", "original_event_data"),
}  # fmt: skip
# What Meta takes, for the fields that are refused most.
# Source: Meta, Standard Parameters and Custom Data Parameters of the Conversions API.
_ALLOWED: Mapping[str, str] = {
    "custom_data.currency": "Meta takes three letters of ISO 4217, such as SEK.",
    "custom_data.value": "Meta takes a number, such as 12.50.",
    "custom_data.contents": "Meta takes a list of objects, each with id and quantity.",
    "event_time": "Meta takes a time of the last 7 days, in Unix seconds.",
    "event_name": "Meta takes a standard name, such as Purchase, or a name of your own.",
    "action_source": "Meta takes website, app, email, phone_call, chat, physical_store, system_generated,"
    " business_messaging or other.",
    "user_data.lead_id": "Meta takes 15 to 17 digits.",
    "user_data.fbc": "Meta takes fb.1, a time in milliseconds and the click, with dots between.",
    "user_data.fbp": "Meta takes fb.1, a time in milliseconds and a number, with dots between.",
}
# What a Purchase lacks, by the parameter.
_LACKS = {
    "custom_data.currency": "Purchase needs a currency code.",
    "custom_data.value": "Purchase needs a value.",
}
_SETTINGS = {
    "pixel_id": ("pixelId", "Pixel ID"),
    "access_token": ("accessToken", "Access Token"),
    "test_event_code": ("testEventCode", "Test Event Code"),
    "purchase_incomplete": ("customData", "Custom Data"),
}


def explain(outcome: Outcome, settings: Settings) -> Explanation:
    """Return the cause of a refusal and the setting that caused it, as far as they are known.

    Args:
        outcome: A refusal by Meta or by our checks.
        settings: Settings of the action, with tokens in place.
    """
    known = _CAUSES.get(outcome.code, _Cause(""))
    name = blamed_parameter(outcome) or known.name
    path, label = setting_of(name) if name else _SETTINGS.get(outcome.code, ("", ""))
    whole, _, member = path.partition(".")
    if member and not isinstance(settings.get(whole), Mapping):
        path = whole
    lacks = _LACKS.get(name, "") if outcome.code == "purchase_incomplete" else ""
    cause = (
        lacks
        or known.cause
        or (f"Meta does not accept the value of {label}." if label else "Meta does not accept this event.")
    )
    advice = known.advice or (f"Check {label} in the action, and its data element." if label else "")
    return Explanation(cause, advice or outcome.advice, path, label, _ALLOWED.get(name, ""))
