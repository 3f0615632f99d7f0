"""Query String Parameter, Cookie and Header: data elements that read the request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from properties.catalog.context import EventContext
from properties.catalog.descriptor import DataElementType, Field, Settings
from properties.catalog.examples import Example

from .addresses import ADDRESS_FIELD, address_of
from .paths import follow
from .phrases import plain
from .sources import CLIENT_CORE, SERVER_API

_HEADER = ("request", "header")


def run_parameter(settings: Settings, context: EventContext) -> str | None:
    """Return the first value of a query string parameter, decoded; None if the address lacks it."""
    address, name = address_of(settings.get("url"), context.arc), settings.get("name")
    if address is None or not isinstance(name, str):
        return None
    return address.parameter(name, case_insensitive=settings.get("caseInsensitive") is not False)


def run_header(settings: Settings, context: EventContext) -> str | None:
    """Return the value of a header; several headers with one name are joined by commas.

    Source: RFC 9110, section 5.3.
    """
    name = settings.get("name")
    found = follow(context.arc, (*_HEADER, "httpHeaders"))
    values = found.get(name.strip().lower()) if isinstance(found, Mapping) and isinstance(name, str) else None
    texts = [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
    return ", ".join(texts) if texts else None


def run_cookie(settings: Settings, context: EventContext) -> str | None:
    """Return the value of a cookie, decoded; None if the request had none or the edge did not keep it."""
    name, header = settings.get("name"), follow(context.arc, _HEADER)
    if not isinstance(name, str) or not isinstance(header, Mapping):
        return None
    known = header.get("cookies")
    pairs = [*known.items()] if isinstance(known, Mapping) else []
    pairs += _cookies_in(follow(header, ("httpHeaders", "cookie")))
    return next((_plain(value) for key, value in pairs if key == name and isinstance(value, str)), None)


def _cookies_in(lines: Any) -> Iterator[tuple[str, str]]:
    texts = [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
    for part in (part for text in texts for part in text.split(";")):
        name, _, value = part.partition("=")
        yield name.strip(), value.strip()


def _plain(value: str) -> str:
    """Return a cookie unquoted (RFC 6265, section 4.1.1) and percent-decoded, as Adobe's client Core does."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    return unquote(value).replace("\0", "")


def _named(what: str) -> Callable[[Settings], str]:
    def summarize(settings: Settings) -> str:
        return f"{what} {plain(settings.get('name'))}".strip()

    return summarize


QUERY_STRING_PARAMETER = DataElementType(
    name="query-string-parameter",
    title="Query String Parameter",
    description="Reads a parameter of the page address, such as utm_source, or of any other address.",
    category="From the event",
    fields=[
        Field(
            key="name",
            label="URL Querystring Parameter Name",
            required=True,
            placeholder="utm_source",
            help="As written in the address, before the =. If there are several, the first one is used.",
        ),
        Field(
            key="caseInsensitive",
            label="Allow capitalization differences (case-insensitive)",
            type="boolean",
            tokens=False,
            default=True,
        ),
        ADDRESS_FIELD,
    ],
    run=run_parameter,
    summary=_named("Parameter"),
    help_url=CLIENT_CORE,
    examples=[
        Example(
            title="A parameter of the page address, decoded",
            settings={"name": "utm_campaign"},
            event={
                "xdm": {
                    "web": {"webPageDetails": {"URL": "https://shop.example/?utm_campaign=Sommer+%26+Sonne"}}
                }
            },
            result="Sommer & Sonne",
            source=CLIENT_CORE,
        ),
        Example(
            title="A parameter of another address, however its name is written",
            settings={"name": "CAMPAIGN", "url": "{{Landing Page}}", "caseInsensitive": True},
            data_elements={"Landing Page": "https://shop.example/a?x=1&campaign=IwAR0abc#top"},
            result="IwAR0abc",
            source=CLIENT_CORE,
        ),
    ],
)

COOKIE = DataElementType(
    name="cookie",
    title="Cookie",
    description="Reads a cookie of the request. Only cookies that an extension declares are kept.",
    category="From the event",
    fields=[
        Field(
            key="name",
            label="Cookie Name",
            required=True,
            placeholder="visitor_id",
            help=(
                "Letter case counts. To protect visitors, only cookies that an extension declares"
                " are kept, and only with a valid value. For another cookie, let the page put its value"
                " in the data of the event."
            ),
        )
    ],
    run=run_cookie,
    summary=_named("Cookie"),
    help_url=CLIENT_CORE,
    examples=[
        Example(
            title="The browser ID that a vendor's script stored",
            settings={"name": "visitor_id"},
            request_header={"cookies": {"visitor_id": "1596403881668.1116446470"}},
            result="1596403881668.1116446470",
            source=CLIENT_CORE,
        ),
        Example(
            title="A missing cookie returns nothing",
            settings={"name": "visitor_id"},
            result=None,
            source=CLIENT_CORE,
        ),
    ],
)

HEADER = DataElementType(
    name="header",
    title="Header",
    description="Reads a header of the event's request, such as user-agent.",
    category="From the event",
    fields=[
        Field(
            key="name",
            label="Header Name",
            type="combo",
            required=True,
            options=[
                (name, name)
                for name in (
                    "user-agent",
                    "referer",
                    "origin",
                    "accept-language",
                    "sec-ch-ua",
                    "sec-ch-ua-mobile",
                    "sec-ch-ua-platform",
                    "sec-gpc",
                    "dnt",
                    "content-type",
                )
            ],
            placeholder="user-agent",
            help="Only the headers in this list are kept with an event. Letter case is ignored.",
        )
    ],
    run=run_header,
    summary=_named("Header"),
    help_url=SERVER_API,
    examples=[
        Example(
            title="Several values of one header are joined",
            settings={"name": "Accept-Language"},
            request_header={"httpHeaders": {"accept-language": ["de-DE", "en;q=0.8"]}},
            result="de-DE, en;q=0.8",
            source="https://www.rfc-editor.org/rfc/rfc9110#section-5.3",
        ),
        Example(
            title="A missing header returns nothing",
            settings={"name": "Accept-Language"},
            result=None,
            source=SERVER_API,
        ),
    ],
)
