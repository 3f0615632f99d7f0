"""Checks of the settings of the action and of the configuration, before they are saved."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from properties.catalog.customer_data.cleaning import Hints, UnusableValue
from properties.catalog.customer_data.values import amount, currency, one_of, read_json
from properties.catalog.descriptor import Settings
from properties.catalog.errors import Problem
from properties.catalog.tokens import tokens_in

from .parameters import ACTION_SOURCES
from .payload import is_on, known_place
from .requirements import missing_for_purchase
from .targets import MORE, PIXEL_ID
from .testing_period import check_testing_period
from .web_addresses import url

_URL = re.compile(r"https?://", re.IGNORECASE)
NO_PIXEL_ID = "A Pixel ID has only digits, such as 1234567890."
_ACTION_SOURCE = one_of(*(value for value, _ in ACTION_SOURCES))


def check_configuration(settings: Settings) -> Iterator[Problem]:
    """Yield the problems of the extension's configuration."""
    yield from _check_pixel_id(settings)
    yield from _check_more_pixels(settings)


def _check_more_pixels(settings: Settings) -> Iterator[Problem]:
    known = {literal(settings, "pixelId")}
    for position, row in enumerate(settings.get(MORE) or ()):
        pixel_id, path = literal(row, "pixelId"), f"{MORE}[{position}].pixelId"
        if pixel_id and not PIXEL_ID.fullmatch(pixel_id):
            yield Problem(path, "Pixel ID", NO_PIXEL_ID)
        elif pixel_id and pixel_id in known:
            message = "This pixel is already in the configuration; an event goes to each pixel once."
            yield Problem(path, "Pixel ID", message)
        known |= {pixel_id} - {""}


def check_action(settings: Settings) -> Iterator[Problem]:
    """Yield the problems of the action that involve its own rules; tokens are in place."""
    for check in _CHECKS:
        yield from check(settings)


def is_empty(value: Any) -> bool:
    """Whether a setting is empty."""
    return value is None or value == {} or (isinstance(value, str) and not value.strip())


def literal(settings: Settings, key: str) -> str:
    """Return the text of a setting without data elements, else ""."""
    value = settings.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) and not tokens_in(value) else ""


def _check_action_source(settings: Settings) -> Iterator[Problem]:
    source = literal(settings, "actionSource")
    try:
        _ACTION_SOURCE(source, Hints(0))
    except UnusableValue:
        names = ", ".join(value for value, _ in ACTION_SOURCES)
        yield Problem("actionSource", "Action Source", f"Meta accepts only {names}.")


def _check_urls(settings: Settings) -> Iterator[Problem]:
    for key, label in (("eventSourceUrl", "Event Source URL"), ("referrerUrl", "Referrer URL")):
        address = settings.get(key)
        if is_empty(address) or (isinstance(address, str) and address.lstrip().startswith("{{")):
            continue
        if not isinstance(address, str) or not _URL.match(address.strip()):
            yield Problem(key, label, "It must start with http:// or https://, or with a data element.")
        elif not tokens_in(address):
            yield from _check_host(key, label, address)


def _check_host(key: str, label: str, address: str) -> Iterator[Problem]:
    """Find an address that somebody copied without filling in the host."""
    hints = Hints(0)
    try:
        url(address, hints)
    except UnusableValue:
        yield Problem(key, label, "It has no host name. Write an address such as https://shop.example/.")
    if hints.warnings:
        yield Problem(
            key, label, "Replace the placeholder with the name of your site, or with a data element."
        )


def _check_pixel_id(settings: Settings) -> Iterator[Problem]:
    pixel_id = literal(settings, "pixelId")
    if pixel_id and not PIXEL_ID.fullmatch(pixel_id):
        yield Problem("pixelId", "Pixel ID", NO_PIXEL_ID)


def _check_purchase(settings: Settings) -> Iterator[Problem]:
    data = _known_custom_data(settings.get("customData"))
    if literal(settings, "eventName") != "Purchase" or data is None:
        return
    for name in missing_for_purchase(data):
        message = f"Purchase needs currency and value; {name} is missing."
        yield Problem(f"customData.{name}", name.capitalize(), message)


def _known_custom_data(value: Any) -> Mapping[str, Any] | None:
    """Return the object in Custom Data, or None if it depends on the event."""
    if is_empty(value):
        return {}
    if isinstance(value, str) and not tokens_in(value):
        try:
            value = read_json(value)
        except UnusableValue:
            return None
    return value if isinstance(value, Mapping) else None


def _check_custom_data(settings: Settings) -> Iterator[Problem]:
    value = settings.get("customData")
    if is_empty(value):
        return
    data = _known_custom_data(value)
    if data is None and not tokens_in(value):
        message = 'This is not a JSON object. Write one such as {"currency": "USD"}, or one data element.'
        yield Problem("customData", "Custom Data", message)
    for name, normalize in (("value", amount), ("currency", currency)):
        yield from _check_literal(f"customData.{name}", name.capitalize(), (data or {}).get(name), normalize)


def _check_literal(
    path: str, label: str, value: Any, normalize: Callable[[Any, Hints], Any]
) -> Iterator[Problem]:
    if value is None or tokens_in(value):
        return
    try:
        normalize(value, Hints(0))
    except UnusableValue as error:
        yield Problem(path, label, str(error).removesuffix("; left out.") + ".")


def _check_test_event(settings: Settings) -> Iterator[Problem]:
    if is_on(settings.get("isTestEvent")) and is_empty(settings.get("testEventCode")):
        message = "Enter the code from Events Manager, Test events, or uncheck Send as Test Event."
        yield Problem("testEventCode", "Test Event Code", message)


def _check_partner(settings: Settings) -> Iterator[Problem]:
    labels = {"partnerName": "Partner Name (alpha)", "partnerId": "Partner ID (alpha)"}
    missing = [key for key in labels if is_empty(settings.get(key))]
    if len(missing) == 1:
        yield Problem(missing[0], labels[missing[0]], "Partner Name and Partner ID need each other.")


def _check_limited_data_use(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Data Processing Options for US Users: country 0 and state 0 need the IP address."""
    if not is_on(settings.get("lduEnabled")) or not is_empty(settings.get("clientIpAddress")):
        return
    state = settings.get("dataProcessingOptionsState")
    if is_empty(state) or str(state).strip() == "0":
        message = "Limited Data Use needs it, or a state, so that Meta can locate the person."
        yield Problem("clientIpAddress", "Client IP Address", message)


def _check_place(settings: Settings) -> Iterator[Problem]:
    """Source: Meta, Data Processing Options for US Users: country 1 with a state, or 0 for both."""
    given = [settings.get(key) for key in ("dataProcessingOptionsCountry", "dataProcessingOptionsState")]
    if not is_on(settings.get("lduEnabled")) or any(map(tokens_in, given)):
        return
    country, state = ("" if is_empty(value) else str(value).strip() for value in given)
    if known_place(country, state) is None:
        message = "Enter country 1 (United States) and a state such as 1000 (California), or 0 in both."
        yield Problem("dataProcessingOptionsState", "Limited Data Use State", message)


_CHECKS: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    _check_action_source,
    _check_urls,
    _check_purchase,
    _check_custom_data,
    _check_test_event,
    check_testing_period,
    _check_partner,
    _check_limited_data_use,
    _check_place,
    _check_pixel_id,
)
