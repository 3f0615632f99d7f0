"""Event Type and URL: conditions on the type of the event and on its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import ConditionType, Field, Settings
from properties.catalog.errors import Problem
from properties.catalog.examples import Example
from properties.catalog.javascript_patterns import pattern_problems
from properties.catalog.tokens import tokens_in

from .addresses import ADDRESS_FIELD, Address, address_of
from .comparison import OPERATORS, holds
from .paths import follow
from .phrases import listed, plain
from .sources import CLIENT_CORE, XDM_EVENT
from .values import as_list, rows_of, text_or_none

_NAMES = (
    ("event", "xdm", "eventType"),
    ("event", "data", "eventName"),
    ("event", "data", "event_name"),
    ("event", "data", "event"),
)
_MATCHES = OPERATORS["matchesRegex"]


def event_type_of(arc: Mapping[str, Any]) -> str:
    """Return the type of an event as the event log shows it: ``xdm.eventType``, else the name in its data."""
    found = (follow(arc, steps) for steps in _NAMES)
    return next((text for text in found if isinstance(text, str) and text), "")


def run_event_type(settings: Settings, context: EventContext) -> bool:
    """Return whether the event has one of the types; a star at the end of a type matches any ending."""
    name, wanted = event_type_of(context.arc), as_list(settings.get("eventTypes"))
    return any(_is_type(name, item) for item in wanted if isinstance(item, str))


def _is_type(name: str, wanted: str) -> bool:
    wanted = wanted.strip()
    if not name or not wanted:
        return False
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


def summarize_event_type(settings: Settings) -> str:
    """One line such as: Event type is commerce.purchases or Purchase."""
    return f"Event type is {listed(settings.get('eventTypes'))}"


def _domain(address: Address, settings: Settings) -> list[str]:
    """Return the host and all domains above it."""
    labels = address.host.split(".")
    return [".".join(labels[position:]) for position in range(len(labels))] if address.host else []


def _parameter(address: Address, settings: Settings) -> list[str]:
    name = settings.get("name")
    if not isinstance(name, str):
        return []
    wanted = name.lower()
    return [value for key, value in address.parameters() if key.lower() == wanted]


def _hash(address: Address, settings: Settings) -> list[str]:
    return [f"#{address.fragment}", address.fragment] if address.fragment else []


def _protocol(address: Address, settings: Settings) -> list[str]:
    return [address.scheme, f"{address.scheme}:"] if address.scheme else []


def _path_and_query(address: Address, settings: Settings) -> list[str]:
    return [f"{address.path}?{address.query}" if address.query else address.path]


Part = Callable[[Address, Settings], list[str]]
PARTS: dict[str, tuple[str, Part]] = {
    "path": ("Path Without Query String", lambda address, settings: [address.path]),
    "pathAndQuery": ("Path And Query String", _path_and_query),
    "query": ("Query String Parameter", _parameter),
    "domain": ("Domain", _domain),
    "subdomain": ("Subdomain", lambda address, settings: [address.host] if address.host else []),
    "hash": ("Hash", _hash),
    "protocol": ("Protocol", _protocol),
}


def run_address(settings: Settings, context: EventContext) -> bool:
    """Return whether a part of the page address equals one of the values or matches one of the patterns.

    Raises:
        InvalidParameter: A pattern from a data element is wrong.
    """
    address, part = address_of(settings.get("url"), context.arc), PARTS.get(str(settings.get("part", "path")))
    if address is None or part is None:
        return False
    texts = part[1](address, settings)
    wanted = rows_of(settings.get("values"))
    if not wanted:
        return settings.get("part") == "query" and bool(texts)
    return any(_fits(text, row, settings, context) for row in wanted for text in texts)


def _fits(text: str, row: Mapping[str, Any], settings: Settings, context: EventContext) -> bool:
    value = text_or_none(row.get("value"))
    if value is None:
        return False
    if row.get("valueIsRegex") is True:
        return holds(_MATCHES, text, value, True, context)
    is_any_case = settings.get("part") in ("domain", "subdomain", "protocol")
    return text.lower() == value.lower() if is_any_case else text == value


def check_address(settings: Settings) -> Iterator[Problem]:
    """Yield problems: a parameter without a name, another part without a value, a wrong pattern."""
    rows = settings.get("values")
    if settings.get("part") == "query":
        if not settings.get("name"):
            yield Problem("name", "Parameter", "Enter the name of the parameter.")
    elif not rows:
        yield Problem("values", "Values", "Enter at least one value.")
    for index, row in enumerate(rows_of(rows)):
        if row.get("valueIsRegex") is True and not tokens_in(row.get("value")):
            yield from pattern_problems(
                f"values[{index}].value", "Value", text_or_none(row.get("value")) or "", "^/checkout/"
            )


def summarize_address(settings: Settings) -> str:
    """One line such as: Path Without Query String is /thank-you."""
    part = str(settings.get("part", "path"))
    label = PARTS[part][0] if part in PARTS else "Address"
    name = f" {plain(settings.get('name'))}" if part == "query" else ""
    values = listed([row.get("value") for row in rows_of(settings.get("values"))])
    return f"{label}{name} {f'is {values}' if values else 'is there'}"


EVENT_TYPE = ConditionType(
    name="event-type",
    title="Event Type",
    description="Met for events of certain types, such as commerce.purchases.",
    category="The event",
    fields=[
        Field(
            key="eventTypes",
            label="Event Types",
            type="list",
            required=True,
            placeholder="commerce.purchases, Purchase",
            help=(
                "Separated by commas; one match is enough. A star at the end matches any ending: commerce.*."
                " Enter the name in the event log: xdm.eventType, else the name in the data."
            ),
        )
    ],
    run=run_event_type,
    summary=summarize_event_type,
    help_url=XDM_EVENT,
    examples=[
        Example(
            title="One of several types",
            settings={"eventTypes": ["commerce.purchases", "Purchase"]},
            event={"xdm": {"eventType": "commerce.purchases"}},
            result=True,
            source=XDM_EVENT,
        ),
        Example(
            title="Any type with the same beginning",
            settings={"eventTypes": ["commerce.*"]},
            event={"xdm": {"eventType": "web.webpagedetails.pageViews"}},
            result=False,
            source=XDM_EVENT,
        ),
    ],
)

URL = ConditionType(
    name="url",
    title="URL",
    description="Compares a part of the page address: path, parameter, domain, hash or protocol.",
    category="The event",
    fields=[
        Field(
            key="part",
            label="Part",
            type="choice",
            required=True,
            tokens=False,
            default="path",
            options=[(name, label) for name, (label, _) in PARTS.items()],
        ),
        Field(
            key="name",
            label="Parameter",
            show_if={"part": ["query"]},
            placeholder="utm_source",
            help="Letter case is ignored. Without values, any value of the parameter matches.",
        ),
        Field(
            key="values",
            label="Values",
            type="rows",
            help="One match is enough. A domain includes its subdomains.",
            properties=[
                Field(key="value", label="Value", required=True, placeholder="/thank-you"),
                Field(
                    key="valueIsRegex",
                    label="Regular Expression",
                    type="boolean",
                    tokens=False,
                    default=False,
                    help="Ignores the difference between capital and small letters.",
                ),
            ],
        ),
        ADDRESS_FIELD,
    ],
    run=run_address,
    check=check_address,
    summary=summarize_address,
    help_url=CLIENT_CORE,
    examples=[
        Example(
            title="The page after an order",
            settings={"part": "path", "values": [{"value": "/thank-you"}]},
            event={"xdm": {"web": {"webPageDetails": {"URL": "https://shop.example/thank-you?order=1"}}}},
            result=True,
            source=CLIENT_CORE,
        ),
        Example(
            title="A domain includes its subdomains, but not other domains with the same ending",
            settings={"part": "domain", "values": [{"value": "ample.com"}], "url": "{{Page}}"},
            data_elements={"Page": "https://niner.example.com/"},
            result=False,
            source=CLIENT_CORE,
        ),
        Example(
            title="A parameter that matches a pattern",
            settings={
                "part": "query",
                "name": "utm_source",
                "values": [{"value": "^(newsletter|partner)$", "valueIsRegex": True}],
                "url": "{{Page}}",
            },
            data_elements={"Page": "https://shop.example/?UTM_Source=Newsletter"},
            result=True,
            source=CLIENT_CORE,
        ),
    ],
)
