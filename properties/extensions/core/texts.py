"""Text Tools: makes one change to a text or a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import DataElementType, Field, Settings
from properties.catalog.errors import Problem
from properties.catalog.examples import Example
from properties.catalog.javascript_patterns import pattern_problems
from properties.catalog.tokens import tokens_in

from .phrases import plain
from .sources import CLIENT_CORE
from .text_operators import OPERATORS, PATTERN_TOOLS
from .values import text_or_none


def run_tool(settings: Settings, context: EventContext) -> Any:
    """Return the value after one tool; None if it does not fit the tool.

    Raises:
        InvalidParameter: A pattern from a data element is wrong.
        CatalogError: A pattern that JavaScript runs took too much time or memory.
    """
    operator = OPERATORS.get(str(settings.get("operator")))
    value = settings.get("sourceValue")
    if operator is None:
        return None
    is_list = isinstance(value, list) and operator.takes != "text"
    fitting = value if is_list or operator.takes == "list" else text_or_none(value)
    if fitting is None or (operator.takes == "list" and not is_list):
        return None
    return operator.run(fitting, settings, context)


def check_tool(settings: Settings) -> Iterator[Problem]:
    """Yield a problem for each setting that the tool requires and that is missing."""
    operator = settings.get("operator")
    if operator == "split" and settings.get("delimiter") in (None, ""):
        yield Problem("delimiter", "Delimiter", "Enter the text between the parts, such as a comma.")
    pattern = settings.get("regexInput")
    if operator in PATTERN_TOOLS and not tokens_in(pattern):
        yield from pattern_problems(
            "regexInput", "Regular Expression", text_or_none(pattern) or "", "^order-([0-9]+)$"
        )


def summarize_tool(settings: Settings) -> str:
    """One line such as: Lower Case of Email."""
    operator = OPERATORS.get(str(settings.get("operator")))
    return f"{operator.label if operator else ''} of {plain(settings.get('sourceValue'))}"


TEXT_TOOLS = DataElementType(
    name="text-tools",
    title="Text Tools",
    description="Replaces, cuts, splits, joins or changes the case of a value.",
    category="Made of other values",
    fields=[
        Field(
            key="sourceValue",
            label="Value",
            required=True,
            placeholder="{{Page Path}}",
            help="Text, a number, or for some tools a list. Other values return nothing.",
        ),
        Field(
            key="operator",
            label="Tool",
            type="choice",
            required=True,
            tokens=False,
            default="simpleReplace",
            options=[(name, operator.label) for name, operator in OPERATORS.items()],
        ),
        Field(
            key="searchValue",
            label="Search",
            required=True,
            keep_blanks=True,
            show_if={"operator": ["simpleReplace", "indexOf", "lastIndexOf"]},
            help="Plain text, not a pattern.",
        ),
        Field(
            key="regexInput",
            label="Regular Expression",
            required=True,
            keep_blanks=True,
            show_if={"operator": PATTERN_TOOLS},
            placeholder="^order-([0-9]+)$",
            help="In JavaScript's syntax, without slashes.",
        ),
        Field(
            key="caseInsensitive",
            label="Case Insensitive",
            type="boolean",
            tokens=False,
            default=False,
            show_if={"operator": PATTERN_TOOLS},
        ),
        Field(
            key="group",
            label="Group",
            type="integer",
            default=0,
            show_if={"operator": ["regexMatch"]},
            help="0 returns the whole match, 1 the match of the first pair of parentheses.",
        ),
        Field(
            key="replacementValue",
            label="Replacement",
            keep_blanks=True,
            show_if={"operator": ["simpleReplace", "regexReplace"]},
            help=(
                "If empty, matches are removed. For a regular expression, $1 is the first group, $<name> a"
                " named group, $& the whole match, $` and $' the text before and after it, $$ a dollar sign."
            ),
        ),
        Field(
            key="replaceAll",
            label="Replace all",
            type="boolean",
            tokens=False,
            default=False,
            show_if={"operator": ["simpleReplace", "regexReplace"]},
        ),
        Field(
            key="start",
            label="Start",
            type="integer",
            default=0,
            show_if={"operator": ["substring", "slice"]},
            help="The first position is 0. With Slice, negative numbers count from the end.",
        ),
        Field(
            key="end",
            label="End",
            type="integer",
            show_if={"operator": ["substring", "slice"]},
            help="The position after the last one. If empty, to the end.",
        ),
        Field(
            key="delimiter",
            label="Delimiter",
            keep_blanks=True,
            show_if={"operator": ["split", "join"]},
            placeholder=",",
            help="Blanks count.",
        ),
    ],
    run=run_tool,
    check=check_tool,
    summary=summarize_tool,
    help_url=CLIENT_CORE,
    examples=[
        Example(
            title="A regular expression reorders parts of a text",
            settings={
                "sourceValue": "{{Name}}",
                "operator": "regexReplace",
                "regexInput": r"(\w+)\s(\w+)",
                "replacementValue": "$2, $1",
            },
            data_elements={"Name": "Maria Cruz"},
            result="Cruz, Maria",
            source="https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/String/replace",
        ),
        Example(
            title="A pattern with a lookbehind finds the text after a sign, without the sign",
            settings={
                "sourceValue": "{{Text}}",
                "operator": "regexMatch",
                "regexInput": r"(?<=\$)\d+(\.\d*)?",
            },
            data_elements={"Text": "Now $10.53"},
            result="10.53",
            source="https://tc39.es/ecma262/#sec-assertion",
        ),
        Example(
            title="A pattern splits a text at different separators",
            settings={"sourceValue": "{{Text}}", "operator": "regexSplit", "regexInput": r"\s*(?:;|$)\s*"},
            data_elements={"Text": "Harry Trump ;Fred Barney; Helen Rigby ; Bill Abel ;Chris Hand "},
            result=["Harry Trump", "Fred Barney", "Helen Rigby", "Bill Abel", "Chris Hand", ""],
            source="https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/String/split",
        ),
        Example(
            title="A negative start counts from the end",
            settings={"sourceValue": "{{Text}}", "operator": "slice", "start": -5, "end": -1},
            data_elements={"Text": "The morning is upon us."},
            result="n us",
            source="https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/String/slice",
        ),
        Example(
            title="A text becomes a list",
            settings={"sourceValue": "{{SKUs}}", "operator": "split", "delimiter": ","},
            data_elements={"SKUs": "Jan,Feb,Mar"},
            result=["Jan", "Feb", "Mar"],
            source="https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/String/split",
        ),
        Example(
            title="A value that does not fit returns nothing",
            settings={"sourceValue": "{{Order}}", "operator": "lowerCase"},
            data_elements={"Order": {"id": "T-1"}},
            result=None,
            source=CLIENT_CORE,
        ),
    ],
)
