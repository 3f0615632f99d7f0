"""Conditional Value, Lookup Table and Merged Objects: data elements that choose or combine values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import DataElementType, Field, Run, Settings
from properties.catalog.errors import Problem
from properties.catalog.examples import Example
from properties.catalog.javascript import to_text
from properties.catalog.tokens import tokens_in

from .conditions import COMPARISON_FIELDS, check_comparison, prepare_comparison, summarize_comparison
from .phrases import plain
from .sources import CLIENT_CORE
from .values import as_list, rows_of

# Deeper than any event that the edge accepts. Below this depth the later value replaces the earlier.
_DEEPEST_MERGE = 64


def prepare_conditional(settings: Settings) -> Run:
    """Prepare the comparison once; its result chooses between the two values."""
    is_met = prepare_comparison(settings)

    def run(settings: Settings, context: EventContext) -> Any:
        return settings.get("conditionalValue" if is_met(settings, context) else "fallbackValue")

    return run


def summarize_conditional(settings: Settings) -> str:
    """One line such as: Purchase when Event Name equals “order complete”."""
    return f"{plain(settings.get('conditionalValue'))} when {summarize_comparison(settings)}"


def run_lookup(settings: Settings, context: EventContext) -> Any:
    """Return the value of the first key that equals the input as text; else the default value."""
    wanted = _key(settings.get("input"), settings)
    if wanted is not None:
        for row in rows_of(settings.get("table")):
            if _key(row.get("key"), settings) == wanted:
                return row.get("value")
    return settings.get("defaultValue")


def prepare_lookup(settings: Settings) -> Run:
    """Read the keys once, if none of them has a token."""
    rows = settings.get("table")
    if not isinstance(rows, list) or any(not isinstance(it, dict) or tokens_in(it.get("key")) for it in rows):
        return run_lookup
    keys = [_key(row.get("key"), settings) for row in rows]
    positions = {key: len(keys) - 1 - index for index, key in enumerate(reversed(keys))}

    def run(settings: Settings, context: EventContext) -> Any:
        position = positions.get(_key(settings.get("input"), settings))
        return settings.get("defaultValue") if position is None else settings["table"][position].get("value")

    positions.pop(None, None)
    return run


def _key(value: Any, settings: Settings) -> str | None:
    """Return a key in the form that is compared; None for null, objects and lists, which cannot be keys."""
    if value is None or isinstance(value, dict | list):
        return None
    text = to_text(value).strip()
    return text.lower() if settings.get("caseInsensitive") is True else text


def check_lookup(settings: Settings) -> Iterator[Problem]:
    """Yield a problem for each repeated key: its second value would never be found."""
    seen: set[str] = set()
    for index, row in enumerate(rows_of(settings.get("table"))):
        key = _key(row.get("key"), settings)
        if key in seen:
            yield Problem(f"table[{index}].key", "Input is", f"“{key}” is already in a row above.")
        if key is not None and not tokens_in(key):
            seen.add(key)


def summarize_lookup(settings: Settings) -> str:
    """One line such as: Country → 12 values."""
    count = len(rows_of(settings.get("table")))
    return f"{plain(settings.get('input'))} → {count} value{'s' * (count != 1)}"


def run_merge(settings: Settings, context: EventContext) -> dict[str, Any] | None:
    """Merge the objects deeply, later ones over earlier ones; None if no value is an object.

    Lists in the same place are joined. Other values are left out.

    Source: Adobe, Core extension (tags), Merged Objects.
    """
    found = [item for item in as_list(settings.get("objects")) if isinstance(item, dict)]
    merged: dict[str, Any] = {}
    for item in found:
        merged = _merge(merged, item, 0)
    return merged if found else None


def _merge(earlier: Any, later: Any, depth: int) -> Any:
    """Merge without changing either side: both belong to the event or to other data elements."""
    if isinstance(earlier, list) and isinstance(later, list):
        return [*earlier, *later]
    if not isinstance(earlier, dict) or not isinstance(later, dict) or depth > _DEEPEST_MERGE:
        return later
    both = {key: _merge(earlier[key], value, depth + 1) for key, value in later.items() if key in earlier}
    return {**earlier, **later, **both}


def summarize_merge(settings: Settings) -> str:
    """Return the names of the objects."""
    return " + ".join(map(plain, as_list(settings.get("objects"))))


CONDITIONAL_VALUE = DataElementType(
    name="conditional-value",
    title="Conditional Value",
    description="One value if a comparison is true, another one otherwise.",
    category="Made of other values",
    fields=[
        *COMPARISON_FIELDS,
        Field(
            key="conditionalValue",
            label="Return this value",
            placeholder="Purchase",
            help="If the comparison is true. Empty returns nothing.",
        ),
        Field(
            key="fallbackValue",
            label="Otherwise return this value",
            placeholder="{{Event Name}}",
            help="If the comparison is false. Empty returns nothing.",
        ),
    ],
    prepare=prepare_conditional,
    check=check_comparison,
    summary=summarize_conditional,
    help_url=CLIENT_CORE,
    examples=[
        Example(
            title="One value if the comparison is true",
            settings={
                "leftOperand": "{{Event Name}}",
                "comparison": {"operator": "equals"},
                "rightOperand": "order complete",
                "conditionalValue": "Purchase",
                "fallbackValue": "{{Event Name}}",
            },
            data_elements={"Event Name": "order complete"},
            result="Purchase",
            source=CLIENT_CORE,
        ),
        Example(
            title="The other value keeps its type",
            settings={
                "leftOperand": "{{Total}}",
                "comparison": {"operator": "greaterThan"},
                "rightOperand": "100",
                "conditionalValue": "large",
                "fallbackValue": "{{Total}}",
            },
            data_elements={"Total": 99.5},
            result=99.5,
            source=CLIENT_CORE,
        ),
    ],
)

LOOKUP_TABLE = DataElementType(
    name="lookup-table",
    title="Lookup Table",
    description="Translates a value with a table, such as the site's event name to the vendor's.",
    category="Made of other values",
    fields=[
        Field(
            key="input",
            label="Input",
            required=True,
            placeholder="{{Event Name}}",
            help="The value to look up. Numbers are compared as text; blanks at the ends are ignored.",
        ),
        Field(
            key="table",
            label="Table",
            type="rows",
            help="The first matching row is used.",
            properties=[
                Field(key="key", label="Input is", required=True, placeholder="order complete"),
                Field(key="value", label="Return", placeholder="Purchase", help="Empty returns nothing."),
            ],
        ),
        Field(
            key="defaultValue",
            label="Everything else returns",
            placeholder="{{Event Name}}",
            help="Empty returns nothing.",
        ),
        Field(
            key="caseInsensitive",
            label="Case Insensitive",
            type="boolean",
            tokens=False,
            default=False,
            help="Ignores the difference between capital and small letters.",
        ),
    ],
    run=run_lookup,
    prepare=prepare_lookup,
    check=check_lookup,
    summary=summarize_lookup,
    help_url="https://support.google.com/tagmanager/answer/7683362",
    examples=[
        Example(
            title="The site's event name becomes the vendor's",
            settings={
                "input": "{{Event Name}}",
                "table": [
                    {"key": "order complete", "value": "Purchase"},
                    {"key": "basket", "value": "AddToCart"},
                ],
                "defaultValue": "{{Event Name}}",
            },
            data_elements={"Event Name": "order complete"},
            result="Purchase",
            source="https://support.google.com/tagmanager/answer/7683362",
        ),
        Example(
            title="An input that is not in the table returns the value for everything else",
            settings={
                "input": "{{Country}}",
                "table": [{"key": "de", "value": "EUR"}, {"key": "ch", "value": "CHF"}],
                "defaultValue": "USD",
                "caseInsensitive": True,
            },
            data_elements={"Country": "US"},
            result="USD",
            source="https://support.google.com/tagmanager/answer/7683362",
        ),
    ],
)

MERGED_OBJECTS = DataElementType(
    name="merged-objects",
    title="Merged Objects",
    description="Combines several objects. If two have the same key, the later one wins.",
    category="Made of other values",
    fields=[
        Field(
            key="objects",
            label="Objects",
            type="list",
            required=True,
            placeholder="{{Defaults}}, {{Order}}",
            help=(
                "Data elements that return objects, separated by commas. Nested objects are merged"
                " too; lists in the same place are joined. Other values are left out."
            ),
        )
    ],
    run=run_merge,
    summary=summarize_merge,
    help_url=CLIENT_CORE,
    examples=[
        Example(
            title="Objects are merged deeply, the later value wins, lists are joined",
            settings={"objects": ["{{Defaults}}", "{{Order}}"]},
            data_elements={
                "Defaults": {"currency": "EUR", "shop": {"country": "de"}, "tags": ["web"]},
                "Order": {"value": 0, "shop": {"city": "Kiel"}, "currency": "CHF", "tags": ["new"]},
            },
            result={
                "currency": "CHF",
                "shop": {"country": "de", "city": "Kiel"},
                "tags": ["web", "new"],
                "value": 0,
            },
            source=CLIENT_CORE,
        )
    ],
)
