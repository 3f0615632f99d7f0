"""Converts settings of Adobe's extension for the Conversions API into ours.

Source: docs/reference/adobe.md, "Adobe's Meta extension"; the extension's own views for its
section App Data.
"""

from __future__ import annotations

from typing import Any

from properties.catalog.descriptor import Settings
from properties.catalog.json_text import NotJson, read_text
from properties.catalog.tokens import tokens_in, whole_token

from .parameters import ACTION_SOURCES

PACKAGE = "facebook_conversions_api_extension"
CONFIGURATION = f"{PACKAGE}::extensionConfiguration::config"
SEND_EVENT = f"{PACKAGE}::actions::send_capi_data"

# Maps the label in Adobe's form, in lower case, to Meta's value.
_SOURCES = {label.lower(): value for value, label in ACTION_SOURCES} | {"phisical store": "physical_store"}
# Maps Adobe's flat key to Meta's name inside app_data.
_APP_DATA = {
    "advertiserTrackingEnabled": "advertiser_tracking_enabled",
    "applicationTrackingEnabled": "application_tracking_enabled",
    "campaignIds": "campaign_ids",
    "installReferrer": "install_referrer",
    "installerPackage": "installer_package",
    "urlSchemes": "url_schemes",
    "vendorId": "vendor_id",
    "windowsAttributionId": "windows_attribution_id",
}
# Adobe's flat keys in the order of Meta's list extinfo.
_EXTINFO = (
    *("extinfoVersion", "extinfoAppPackageName", "extinfoShortVersion", "extinfoLongVersion"),
    *("extinfoOsVersion", "extinfoDeviceModelName", "extinfoLocale", "extinfoTimezoneAbbreviation"),
    *("extinfoCarrier", "extinfoScreenWidth", "extinfoScreenHeight", "extinfoScreenDensity"),
    *("extinfoCpuCores", "extinfoExternalStorageSizeGb", "extinfoFreeSpaceExternalStorageGb"),
    "extinfoDeviceTimezone",
)


def adopt_action(settings: Settings) -> tuple[dict[str, Any], list[str]]:
    """Convert the settings of ``send_capi_data`` into ours; return them with a sentence for each change."""
    ours = {key: value for key, value in settings.items() if value not in (None, "")}
    notes = [*_adopt_source(ours), *_adopt_app_data(ours), *_adopt_custom_data(ours)]
    return ours, notes


def _adopt_source(ours: dict[str, Any]) -> list[str]:
    source = ours.get("actionSource")
    value = _SOURCES.get(source.lower(), source) if isinstance(source, str) else source
    if value == source:
        return []
    ours["actionSource"] = value
    return [f"Action Source: “{source}” is now “{value}”."]


def _adopt_app_data(ours: dict[str, Any]) -> list[str]:
    flat = {key: ours.pop(key) for key in (*_APP_DATA, *_EXTINFO) if key in ours}
    if not flat:
        return []
    app_data = {name: flat[key] for key, name in _APP_DATA.items() if key in flat}
    if flat.keys() & set(_EXTINFO):
        app_data["extinfo"] = [flat.get(key, "") for key in _EXTINFO]
    ours["appData"] = app_data
    return ["App Data: the separate fields are now one object with Meta's names."]


def _adopt_custom_data(ours: dict[str, Any]) -> list[str]:
    text = ours.get("customData")
    if not isinstance(text, str) or whole_token(text):
        return []
    try:
        is_object = isinstance(read_text(text), dict)
    except NotJson:
        is_object = bool(tokens_in(text))  # The result depends on the event.
    if is_object:
        return []
    del ours["customData"]
    return ["Custom Data: the text is not a JSON object, so Adobe does not send it; it was left out."]
