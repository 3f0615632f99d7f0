"""Builds one server event from resolved settings.

A value that cannot have Meta's form is left out with a warning. An event that would make Meta refuse the
whole request raises ``Rejected`` before anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.customer_data.cleaning import Hints, UnusableValue, as_text, clean
from properties.catalog.customer_data.nothing import only_member, says_nothing
from properties.catalog.customer_data.places import country_code
from properties.catalog.customer_data.values import one_of
from properties.catalog.descriptor import Settings
from properties.catalog.errors import Rejected
from properties.catalog.outbound import Warn
from properties.catalog.tokens import tokens_in

from .click_ids import click_id
from .collecting import Planner, an_object
from .event_names import meant_name
from .facts import unsent
from .parameters import (
    ACTION_SOURCES,
    CUSTOM_DATA,
    CUSTOMER_INFORMATION,
    LDU_STATES,
    SERVER_EVENT,
    SETTING_OF,
)
from .requirements import check_requirements
from .times import event_time
from .values import warn_if_personal
from .web_addresses import finish_addresses

_of_event = Planner(row for row in SERVER_EVENT if row.place == "event")
_of_customer = Planner(CUSTOMER_INFORMATION)
# Meta's table lists customer_segmentation next to custom_data, its sample inside; we follow the sample.
_of_segment = Planner(row for row in SERVER_EVENT if row.place == "custom_data")
_of_custom_data = Planner(CUSTOM_DATA, "customData.", own_keys=True)
_custom_object = an_object(CUSTOM_DATA, "customData.")
_ACTION_SOURCES = [value for value, _ in ACTION_SOURCES]
_STATE_CODES = frozenset(str(code) for code in LDU_STATES if code)
_action_source_of = one_of(*(value for value, _ in ACTION_SOURCES))


Builder = Callable[[Settings, EventContext], tuple[dict[str, Any], tuple[Warn, ...]]]


def server_event(settings: Settings, context: EventContext) -> tuple[dict[str, Any], tuple[Warn, ...]]:
    """Build one entry of Meta's ``data`` list; see :func:`prepare_event`."""
    return prepare_event(settings)(settings, context)


def prepare_event(template: Settings) -> Builder:
    """Return a function that builds one entry of Meta's ``data`` list.

    Args:
        template: Settings of the action, with tokens in place. Values without tokens are normalized now.

    Returns:
        A function of resolved settings and the inbound event. It returns the server event, with JSON types
        only, and warnings about values that were left out or changed. It raises ``Rejected`` if Meta would
        refuse the event; ``code`` is the reason.

    Source: Meta, Server Event Parameters.
    """
    of_event, of_customer = _of_event.plan(template), _of_customer.plan(template)
    custom_data_of = _custom_data(template)
    hints_of, name_of, source_of = _hints(template), _event_name(template), _action_source(template)
    limits_data_use, derives_click = is_on(template.get("lduEnabled")), not _is_off(template.get("deriveFbc"))

    def build(settings: Settings, context: EventContext) -> tuple[dict[str, Any], tuple[Warn, ...]]:
        hints = hints_of(settings, context)
        source = source_of(settings)
        event: dict[str, Any] = {
            "event_name": name_of(settings, hints),
            "event_time": event_time(settings.get("eventTime"), source, hints),
            "action_source": source,
        }
        of_event.collect(settings, hints, event)
        if "event_id" not in event:
            event["event_id"] = _own_event_id(context, hints)
        user_data = event["user_data"] = of_customer.collect(settings, hints, {})
        _finish_user_data(event, user_data, hints, derives_click)
        finish_addresses(event, context.extension_settings, hints)
        # Sent even if Limited Data Use is off, as Adobe's extension does.
        event["data_processing_options"] = []
        if limits_data_use:
            event.update(_data_processing(settings, hints))
        custom_data = custom_data_of(settings, hints)
        if custom_data:
            event["custom_data"] = custom_data
        try:
            check_requirements(event)
        except Rejected as error:
            # A value that was just left out is often the cause.
            error.warnings, error.unsent = _first_of(hints.warnings), unsent(event)
            raise
        _warn_missing(event, hints)
        return event, _first_of(hints.warnings)

    return build


MOST_WARNINGS = 50


def _first_of(warnings: Sequence[Warn]) -> tuple[Warn, ...]:
    """Return at most 50 warnings: a list with thousands of bad members must not fill the event log."""
    more = len(warnings) - MOST_WARNINGS
    if more <= 0:
        return tuple(warnings)
    message = f"{more} more values were left out or changed."
    return (*warnings[:MOST_WARNINGS], Warn("", "", message, "more"))


def _hints(template: Settings) -> Callable[[Settings, EventContext], Hints]:
    is_plain = is_on(template.get("externalIdPlain"))

    def build(settings: Settings, context: EventContext) -> Hints:
        default = context.default_country.lower()
        country = settings.get("country")
        if type(country) is list:
            country = only_member(country)
        known = country_code(country) if type(country) is str else ""
        order = context.extension_settings.get("dateOrder") or ""
        return Hints(context.received_at, known or default, default, order, is_plain)

    return build


def is_on(value: Any) -> bool:
    """Whether a check box is checked; a property document may contain it as text."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def _is_off(value: Any) -> bool:
    """Whether a check box that is checked by default is unchecked."""
    return value is False or (isinstance(value, str) and value.strip().lower() == "false")


# Name, source and id


def _event_name(template: Settings) -> Callable[[Settings, Hints], str]:
    given = template.get("eventName")
    if tokens_in(given) or not (name := _text(given)) or says_nothing(name):
        return lambda settings, hints: _judged_name(_text(settings.get("eventName")), hints)
    constant = Hints(0)
    _judged_name(name, constant)

    def known(settings: Settings, hints: Hints) -> str:
        hints.warnings.extend(constant.warnings)
        return name

    return known


def _judged_name(name: str, hints: Hints) -> str:
    if not name:
        raise Rejected("Event Name is empty. Enter a value, or check its data element.", code="event_name")
    if says_nothing(name):
        message = "Event Name is a text such as “undefined” that means “no value”. Check its data element."
        raise Rejected(message, code="event_name")
    hints.place = ("eventName", "Event Name")
    warn_if_personal(name, hints)
    if meant := meant_name(name):
        hints.note(f"Meta treats it as a custom event. Did you mean “{meant}”?", "near_miss")
    return name


def _text(value: Any) -> str:
    value = only_member(value)
    try:
        return "" if value is None else clean(as_text(value))
    except UnusableValue:
        return ""


def _action_source(template: Settings) -> Callable[[Settings], str]:
    given = template.get("actionSource")
    if given in _ACTION_SOURCES:
        return lambda settings: given
    return lambda settings: _judged_source(settings.get("actionSource"))


def _judged_source(value: Any) -> str:
    try:
        source = _action_source_of(only_member(value) or "", Hints(0))
    except UnusableValue:
        source = None
    if not source:
        names = ", ".join(value for value, _ in ACTION_SOURCES)
        raise Rejected(f"Action Source must be one of: {names}.", code="action_source")
    return str(source)


def _own_event_id(context: EventContext, hints: Hints) -> str:
    """Return an ID made from the stored event; it is the same in every retry.

    Source: Meta, Handling Duplicate Pixel and Conversions API Events.
    """
    message = "It was empty, so one was made. Meta cannot match it with a copy from the browser or elsewhere."
    hints.warnings.append(Warn("eventId", "Event ID", message, "own_event_id"))
    return context.inbound_event_id


# Customer information


def _finish_user_data(
    event: dict[str, Any], user_data: dict[str, Any], hints: Hints, derives_click: bool
) -> None:
    if ("partner_id" in user_data) != ("partner_name" in user_data):
        user_data.pop("partner_id", None)
        user_data.pop("partner_name", None)
        message = "Partner Name and Partner ID need each other; both were left out."
        hints.warnings.append(Warn("partnerId", "Partner ID (alpha)", message, "partner"))
    if event["action_source"] == "business_messaging":
        _leave_out_of_messaging(event, hints)
    elif derives_click:
        click = click_id(event, user_data.get("fbc"), hints)
        if click:
            user_data["fbc"] = click


_NOT_IN_MESSAGES = ("event_source_url", "referrer_url")
_NOT_OF_MESSENGERS = ("client_ip_address", "client_user_agent", "fbc", "fbp")


def _leave_out_of_messaging(event: dict[str, Any], hints: Hints) -> None:
    """Source: stape-io/facebook-tag (observed): parameters of a browser are not sent with messages."""
    for part, names in ((event, _NOT_IN_MESSAGES), (event["user_data"], _NOT_OF_MESSENGERS)):
        for name in names:
            if part.pop(name, None) is not None:
                message = "It belongs to a browser and is not sent with business messaging; left out."
                hints.warnings.append(Warn(*SETTING_OF[name], message, "not_with_messaging"))


# Limited Data Use


def _data_processing(settings: Settings, hints: Hints) -> dict[str, Any]:
    """Return the three parameters of Limited Data Use.

    Source: Meta, Data Processing Options for US Users.
    """
    country, state = _place(settings, hints)
    return {
        "data_processing_options": ["LDU"],
        "data_processing_options_country": country,
        "data_processing_options_state": state,
    }


def _place(settings: Settings, hints: Hints) -> tuple[int, int]:
    country = _text(settings.get("dataProcessingOptionsCountry"))
    state = _text(settings.get("dataProcessingOptionsState"))
    place = known_place(country, state)
    if place:
        return place
    message = "Meta does not know this place, so it is asked to locate the person."
    hints.warnings.append(
        Warn("dataProcessingOptionsState", "Limited Data Use State", message, "data_processing_place")
    )
    return 0, 0


def known_place(country: str, state: str) -> tuple[int, int] | None:
    """Return country and state of Limited Data Use as Meta's numbers; None if Meta does not know the place.

    Source: Meta, Data Processing Options for US Users.
    """
    if country in ("", "0") and state in ("", "0"):
        return 0, 0
    return (1, int(state)) if country in ("", "1") and state in _STATE_CODES else None


# Custom data

_CURRENCY = "customData.currency"


def _custom_data(template: Settings) -> Callable[[Settings, Hints], dict[str, Any]]:
    """Return a function that builds ``custom_data``, with a plan if the settings list its keys."""
    laid_out = template.get("customData")
    plan = _of_custom_data.plan(laid_out) if isinstance(laid_out, Mapping) else None
    segment = _of_segment.plan(template)

    def build(settings: Settings, hints: Hints) -> dict[str, Any]:
        given = settings.get("customData")
        data = plan.collect(settings["customData"], hints, {}) if plan else _given_custom_data(given, hints)
        segment.collect(settings, hints, data)
        if "value" in data and "currency" not in data and not _is_named(_CURRENCY, hints):
            message = "Meta needs the currency of a value, such as USD."
            hints.warnings.append(
                Warn(_CURRENCY, "Currency", message, "value_without_currency", is_lost=True)
            )
        return data

    return build


def _is_named(path: str, hints: Hints) -> bool:
    """Return whether a warning says already that the value of a setting was left out."""
    return any(it.is_lost and it.path == path for it in hints.warnings)


def _given_custom_data(value: Any, hints: Hints) -> dict[str, Any]:
    value = only_member(value)
    if value is None or value == "":
        return {}
    try:
        return _custom_object(value, hints) or {}
    except UnusableValue as error:
        hints.warnings.append(Warn("customData", "Custom Data", str(error), error.code, is_lost=True))
        return {}


def _warn_missing(event: Mapping[str, Any], hints: Hints) -> None:
    """Warn about parameters without which Meta accepts website events (observed) but matches them worse.

    Source: Meta, Server Event Parameters, "action_source".
    """
    if event["action_source"] != "website":
        return
    for name, part in (("event_source_url", event), ("client_user_agent", event["user_data"])):
        if name not in part:
            message = "Meta asks for it in website events; without it events match worse."
            hints.warnings.append(Warn(*SETTING_OF[name], message, "expected", is_lost=True))
