"""The settings of events that concern elements: which ones, and what happens on the way to the root."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from properties.catalog.descriptor import Field, Section, Settings
from properties.catalog.errors import Problem
from properties.catalog.tokens import without_tokens

from .matching_rows import REGEX, row_problems
from .selectors import selector_problems

SECTIONS = (
    Section("", "Elements"),
    Section("way", "On the way to the root of the page", short="On the way"),
)
SELECTOR = Field(
    key="elementSelector",
    label="Elements matching the CSS selector",
    placeholder=".add-to-cart-button",
    help="Empty means any element.",
    recommended=True,
)
PROPERTIES = Field(
    key="elementProperties",
    label="And having these property values",
    type="rows",
    help=(
        "All must match. What is no property of the element is read from its attribute of that name;"
        " @text is its text."
    ),
    properties=[
        Field(key="name", label="Property", required=True, placeholder="id"),
        Field(key="value", label="Value", placeholder="checkout"),
        REGEX,
    ],
)
_WAY = (
    Field(
        key="bubbleFireIfParent",
        label="Run this rule even when the event originates from a descendant element",
        type="boolean",
        section="way",
        tokens=False,
        default=True,
    ),
    Field(
        key="bubbleFireIfChildFired",
        label="Run this rule even if the event already triggered a rule targeting a descendant element",
        type="boolean",
        section="way",
        tokens=False,
        default=True,
    ),
    Field(
        key="bubbleStop",
        label="After the rule runs, prevent the event from triggering rules targeting ancestor elements",
        type="boolean",
        section="way",
        tokens=False,
        default=False,
    ),
)
ELEMENT_FIELDS = (SELECTOR, PROPERTIES, *_WAY)
AFTER_PAGE = Field(
    key="afterPage",
    label="Wait for the page's own handlers",
    type="boolean",
    tokens=False,
    default=False,
    recommended=True,
    help=(
        "The rule starts after the page has handled the event. Otherwise it reads the data layer as it was"
        " before."
    ),
)
DELAY = Field(
    key="delay",
    label="Delay (milliseconds)",
    type="number",
    placeholder="500",
    help="The rule starts after this time, if nothing has changed. Empty starts it at once.",
)


def required_selector() -> Field:
    """Return the field of a selector that must be there."""
    return Field(
        key="elementSelector",
        label=SELECTOR.label,
        required=True,
        placeholder=SELECTOR.placeholder,
    )


def check_elements(settings: Settings) -> Iterator[Problem]:
    """Yield problems of the selector and of the patterns."""
    yield from selector_problems(SELECTOR.key, SELECTOR.label, settings.get(SELECTOR.key))
    yield from row_problems(PROPERTIES.key, settings.get(PROPERTIES.key))


def on_elements(settings: Settings) -> str:
    """Return the elements in words: `` on .add-to-cart-button``; "" for any element."""
    selector, rows = settings.get(SELECTOR.key), settings.get(PROPERTIES.key)
    parts = [without_tokens(str(selector))] if selector else []
    if isinstance(rows, list) and rows:
        parts.append("with " + " and ".join(_property(row) for row in rows if isinstance(row, dict)))
    return f" on {' '.join(parts)}" if selector else f" on elements {parts[0]}" if parts else ""


def _property(row: dict[str, Any]) -> str:
    relation = "matching" if row.get("valueIsRegex") is True else "="
    return f"{row.get('name', '')} {relation} {without_tokens(str(row.get('value', '')))}"
