"""Custom Code: a data element, a condition and an action written in JavaScript.

The platform runs the code with limits. This package decides how to use the result.

Source: docs/reference/adobe.md, "Edge Core".
"""

from __future__ import annotations

from typing import Any

from properties.catalog.context import EventContext, ScriptKind
from properties.catalog.descriptor import ActionType, ConditionType, DataElementType, Field, Settings
from properties.catalog.errors import InvalidParameter
from properties.catalog.examples import Example
from properties.catalog.javascript import to_text

from .sources import SERVER_CORE

STASH, CODE_RESULTS = "core", "customCode"


def run_code(settings: Settings, context: EventContext, kind: ScriptKind) -> Any:
    """Run the code and return its result, JSON types only.

    Raises:
        InvalidParameter: There is no code, or no sandbox to run it.
        CatalogError: The code failed or took too long.
    """
    source = settings.get("source")
    if not isinstance(source, str):
        raise InvalidParameter("There is no code to run.")
    if context.run_script is None:
        raise InvalidParameter("Custom code cannot be run here.")
    return context.run_script(source, kind, settings)


def run_code_element(settings: Settings, context: EventContext) -> Any:
    """Return the value of the code; changes that it makes to ``arc`` are dropped."""
    return run_code(settings, context, "dataElement")


def run_code_condition(settings: Settings, context: EventContext) -> Any:
    """Return True or False, as the code does."""
    return run_code(settings, context, "condition")


def run_code_action(settings: Settings, context: EventContext) -> dict[str, Any]:
    """Return Core's part of the rule stash with the new result under its key."""
    result = run_code(settings, context, "action")
    earlier = context.arc["ruleStash"].get(STASH)
    earlier = earlier if isinstance(earlier, dict) else {}
    results = earlier.get(CODE_RESULTS)
    results = results if isinstance(results, dict) else {}
    return {**earlier, CODE_RESULTS: {**results, to_text(settings.get("keyName")): result}}


def summarize_code(settings: Settings) -> str:
    """Return the first line of the code."""
    source = settings.get("source")
    lines = source.strip().splitlines() if isinstance(source, str) else []
    return f"{lines[0][:80]}{' …' if len(lines) > 1 else ''}" if lines else ""


def summarize_code_action(settings: Settings) -> str:
    """Return the key and the first line of the code."""
    return f"{settings.get('keyName', '')}: {summarize_code(settings)}"


def _source(help_text: str, placeholder: str) -> Field:
    return Field(
        key="source",
        label="Source",
        type="code",
        required=True,
        tokens=False,
        placeholder=placeholder,
        help=f"{help_text} The code can use arc, utils and getDataElementValue('Name').",
        url=SERVER_CORE,
    )


_ORDER = {"data": {"total": 42, "items": [{"price": 20}, {"price": 22}]}}

CUSTOM_CODE_ELEMENT = DataElementType(
    name="custom-code",
    title="Custom Code",
    description="The value that JavaScript code returns.",
    category="Code",
    fields=[
        _source(
            "JavaScript that returns the value, or a promise of it.", "return arc.event.data.total * 100;"
        )
    ],
    run=run_code_element,
    summary=summarize_code,
    help_url=SERVER_CORE,
    examples=[
        Example(
            title="Code adds up the prices of a list",
            settings={"source": "return arc.event.data.items.reduce((sum, item) => sum + item.price, 0);"},
            event=_ORDER,
            result=42,
            source=SERVER_CORE,
        ),
        Example(
            title="Code reads other data elements",
            settings={"source": "return getDataElementValue('Currency') + arc.event.data.total;"},
            event=_ORDER,
            data_elements={"Currency": "EUR "},
            result="EUR 42",
            source=SERVER_CORE,
        ),
    ],
)

CUSTOM_CODE_CONDITION = ConditionType(
    name="custom-code",
    title="Custom Code",
    description="Met if JavaScript code returns true.",
    category="Code",
    fields=[_source("JavaScript that returns true or false.", "return arc.event.data.total > 100;")],
    run=run_code_condition,
    summary=summarize_code,
    help_url=SERVER_CORE,
    examples=[
        Example(
            title="Code compares two values of the event",
            settings={"source": "return arc.event.data.total > arc.event.data.items[0].price;"},
            event=_ORDER,
            result=True,
            source=SERVER_CORE,
        )
    ],
)

CUSTOM_CODE_ACTION = ActionType(
    name="custom-code",
    title="Custom Code",
    description="Computes a value in JavaScript for later actions.",
    category="Code",
    fields=[
        Field(
            key="keyName",
            label="Key",
            required=True,
            placeholder="total",
            help="Later actions read the result with a Path data element: arc.ruleStash.core.customCode.KEY.",
            url=SERVER_CORE,
        ),
        _source("JavaScript that returns the result.", "return arc.event.data.total * 100;"),
    ],
    run=run_code_action,
    summary=summarize_code_action,
    help_url=SERVER_CORE,
    examples=[
        Example(
            title="The result is kept for later actions under its key",
            settings={"keyName": "cents", "source": "return arc.event.data.total * 100;"},
            event=_ORDER,
            result={"customCode": {"cents": 4200}},
            source=SERVER_CORE,
        )
    ],
)
