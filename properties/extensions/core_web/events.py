"""The events that start rules in the browser."""

from __future__ import annotations

from collections.abc import Iterator

from properties.catalog.descriptor import EventType, Field, Settings
from properties.catalog.errors import Problem
from properties.catalog.tokens import without_tokens

from . import examples
from .adoption import adopt_change, adopted
from .code_fields import source_field, summarize_code
from .element_events import least, on_element, together
from .element_fields import (
    AFTER_PAGE,
    DELAY,
    ELEMENT_FIELDS,
    PROPERTIES,
    check_elements,
    on_elements,
    required_selector,
)
from .matching_rows import one_of, row_problems, rows_field
from .media_events import MEDIA_EVENTS
from .sources import CORE, LIFECYCLE
from .window_events import KEY_EVENTS, MOUSE_DOWN, SCREEN_EVENTS, TAB_EVENTS


def _on_page(name: str, title: str, description: str, client: str) -> EventType:
    """Return an event of the page, which has no settings."""
    return EventType(
        name=name,
        title=title,
        description=description,
        category="Page load",
        client=client,
        summary=lambda settings: title,
        help_url=LIFECYCLE,
        replaces=(adopted("events", name),),
        examples=examples.EVENTS[name],
    )


LIBRARY_LOADED = _on_page(
    "library-loaded",
    "Library Loaded (Page Top)",
    "As soon as the library runs. The page's data layer may not be there yet.",
    "library_loaded.js",
)
PAGE_BOTTOM = _on_page(
    "page-bottom",
    "Page Bottom",
    "When the page calls pageBottom() of the library, at the latest at DOM Ready.",
    "page_bottom.js",
)
DOM_READY = _on_page("dom-ready", "DOM Ready", "When the page's HTML has been read.", "dom_ready.js")
WINDOW_LOADED = _on_page(
    "window-loaded",
    "Window Loaded",
    "When the page and its pictures, styles and scripts are loaded.",
    "window_loaded.js",
)

_ANCHOR_DELAY = Field(
    key="anchorDelay",
    label="If a link is clicked, delay navigation (milliseconds)",
    type="number",
    placeholder="100",
    help="Leave it empty: what rules send survives the change of the page.",
)
CLICK = on_element(
    "click",
    "Click",
    "When somebody clicks an element.",
    examples.EVENTS,
    category="Mouse",
    more=(AFTER_PAGE, _ANCHOR_DELAY),
    check=together(check_elements, least(_ANCHOR_DELAY, 1)),
)
HOVER = on_element(
    "hover",
    "Hover",
    "When the pointer comes onto an element and stays there.",
    examples.EVENTS,
    category="Mouse",
    fields=(required_selector(), PROPERTIES, DELAY, *ELEMENT_FIELDS[2:]),
    check=together(check_elements, least(DELAY, 0)),
)
SUBMIT = on_element(
    "submit", "Submit", "When somebody sends a form.", examples.EVENTS, category="Form", more=(AFTER_PAGE,)
)
_VALUES = rows_field(
    "acceptableChangeValues",
    "And changed to one of these values",
    "express",
    required=False,
    help="Without rows, any value counts.",
)


def _check_change(settings: Settings) -> Iterator[Problem]:
    yield from check_elements(settings)
    yield from row_problems(_VALUES.key, settings.get(_VALUES.key))


def _summarize_change(settings: Settings) -> str:
    values = one_of(settings.get(_VALUES.key))
    return f"Change{on_elements(settings)}{f' to {values}' if values else ''}"


CHANGE = on_element(
    "change",
    "Change",
    "When the value of an input has been changed.",
    examples.EVENTS,
    category="Form",
    more=(_VALUES,),
    check=_check_change,
    summary=_summarize_change,
    adopt=adopt_change,
)
FOCUS = on_element("focus", "Focus", "When an input gets the focus.", examples.EVENTS, category="Form")
BLUR = on_element("blur", "Blur", "When an input loses the focus.", examples.EVENTS, category="Form")

CUSTOM_EVENT = on_element(
    "custom-event",
    "Custom Event",
    "When the page dispatches an event of its own.",
    examples.EVENTS,
    category="Other",
    first=(
        Field(
            key="type",
            label="Custom Event Type",
            required=True,
            placeholder="order:complete",
            help=(
                "As in dispatchEvent(new CustomEvent('order:complete')). Its detail is event.detail in rules."
            ),
        ),
    ),
    summary=lambda settings: (
        f"Custom event {without_tokens(str(settings.get('type', '')))}{on_elements(settings)}"
    ),
)
DATA_ELEMENT_CHANGE = EventType(
    name="data-element-change",
    title="Data Element Change",
    description="When a data element has another value than a second before.",
    category="Other",
    fields=(
        Field(
            key="name",
            label="Data element",
            required=True,
            tokens=False,
            placeholder="Cart Total",
            help="Only its name, without percent signs.",
        ),
    ),
    client="data_element_change.js",
    summary=lambda settings: f"{settings.get('name', '')} changes",
    help_url=CORE,
    replaces=(adopted("events", "data-element-change"),),
    examples=examples.EVENTS["data-element-change"],
)
DIRECT_CALL = EventType(
    name="direct-call",
    title="Direct Call",
    description="When the page, or another rule, calls track() of the library with this identifier.",
    category="Other",
    fields=(Field(key="identifier", label="Identifier", required=True, placeholder="order complete"),),
    client="direct_call.js",
    summary=lambda settings: f"Direct call {without_tokens(str(settings.get('identifier', '')))}",
    help_url=CORE,
    replaces=(adopted("events", "direct-call"),),
    examples=examples.EVENTS["direct-call"],
)
HISTORY_CHANGE = EventType(
    name="history-change",
    title="History Change",
    description="When the address changes without a new page, as in single-page applications.",
    category="Other",
    client="history_change.js",
    summary=lambda settings: "History Change",
    help_url=CORE,
    replaces=(adopted("events", "history-change"),),
    examples=examples.EVENTS["history-change"],
)
ELEMENT_EXISTS = EventType(
    name="element-exists",
    title="Element Exists",
    description="Once, when the page has such an element. It looks every three seconds.",
    category="Other",
    fields=(required_selector(), PROPERTIES),
    client="element_exists.js",
    check=check_elements,
    summary=lambda settings: f"Element exists:{on_elements(settings).removeprefix(' on')}",
    help_url=CORE,
    replaces=(adopted("events", "element-exists"),),
    examples=examples.EVENTS["element-exists"],
)
ENTERS_VIEWPORT = EventType(
    name="enters-viewport",
    title="Enters Viewport",
    description="When an element comes into view.",
    category="Other",
    fields=(
        required_selector(),
        PROPERTIES,
        DELAY,
        Field(
            key="frequency",
            label="Frequency",
            type="choice",
            tokens=False,
            default="firstEntry",
            options=(("firstEntry", "The first time it comes into view"), ("everyEntry", "Every time")),
        ),
    ),
    client="enters_viewport.js",
    check=together(check_elements, least(DELAY, 0)),
    summary=lambda settings: f"Comes into view:{on_elements(settings).removeprefix(' on')}",
    help_url="https://developer.mozilla.org/en-US/docs/Web/API/Intersection_Observer_API",
    replaces=(adopted("events", "enters-viewport"),),
    examples=examples.EVENTS["enters-viewport"],
)
_SECONDS = Field(
    key="timeOnPage",
    label="Seconds on the page",
    type="number",
    required=True,
    placeholder="30",
    help="The time while the page is hidden does not count.",
)


def _summarize_time(settings: Settings) -> str:
    return f"{without_tokens(str(settings.get('timeOnPage', '')))} seconds on the page"


TIME_ON_PAGE = EventType(
    name="time-on-page",
    title="Time On Page",
    description="When the page has been visible for some time.",
    category="Other",
    fields=(_SECONDS,),
    client="time_on_page.js",
    check=least(_SECONDS, 1),
    summary=_summarize_time,
    help_url=CORE,
    replaces=(adopted("events", "time-on-page"),),
    examples=examples.EVENTS["time-on-page"],
)
CUSTOM_CODE = EventType(
    name="custom-code",
    title="Custom Code",
    description="Whenever JavaScript code calls trigger().",
    category="Other",
    fields=(
        source_field(
            ("trigger",),
            "It runs once, when the library starts. Call trigger() to start the rule; an object that you"
            " pass to it is its event.",
            "document.addEventListener('scrollend', () => trigger());",
        ),
    ),
    client="code_event.js",
    summary=summarize_code,
    help_url=CORE,
    replaces=(adopted("events", "custom-code"),),
    examples=examples.EVENTS["custom-code"],
)
EVENT_TYPES = (
    *(LIBRARY_LOADED, PAGE_BOTTOM, DOM_READY, WINDOW_LOADED),
    *(CLICK, HOVER, MOUSE_DOWN),
    *(SUBMIT, CHANGE, FOCUS, BLUR),
    *KEY_EVENTS,
    *MEDIA_EVENTS,
    *TAB_EVENTS,
    *SCREEN_EVENTS,
    *(HISTORY_CHANGE, CUSTOM_EVENT, DATA_ELEMENT_CHANGE, DIRECT_CALL),
    *(ELEMENT_EXISTS, ENTERS_VIEWPORT, TIME_ON_PAGE, CUSTOM_CODE),
)
