"""Text Tools: one change to a text or a list.

Source: Adobe, client Core extension, JavaScript Tools; ECMA-262, String.prototype and Array.prototype. What
does not fit a tool gives nothing, where JavaScript would fail or pass it on unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import DataElementType, Field, Settings
from properties.catalog.errors import InvalidParameter, Problem
from properties.catalog.examples import Example
from properties.catalog.javascript import WHITE_SPACE, is_number, to_number, to_text
from properties.catalog.tokens import tokens_in

from .comparison import as_text
from .patterns import NeedsJavaScript, compile_pattern, group_names
from .phrases import plain
from .request_parts import CLIENT_CORE

ECMA_262 = "https://tc39.es/ecma262/#sec-string.prototype.replace"
# Longer results would only fill the event log; no field of a vendor takes them.
LONGEST = 100_000
_REFERENCE = re.compile(r"\$(?:(?P<sign>[$&])|(?P<number>[0-9]{1,2})|<(?P<name>[^>]*)>)")

Tool = Callable[[Any, Settings], Any]


@dataclass(frozen=True, slots=True)
class Operator:
    """One tool.

    Args:
        label: As the form calls it.
        run: ``(value, settings)``; the value is text, or whatever ``takes`` says.
        takes: ``text`` (numbers count as their text), ``list`` or ``both``.
    """

    label: str
    run: Tool
    takes: str = "text"


def _replace(text: str, settings: Settings) -> str | None:
    wanted, other = as_text(settings.get("searchValue")), as_text(settings.get("replacementValue")) or ""
    if not wanted:
        return text
    count = text.count(wanted) if settings.get("replaceAll") is True else 1
    return None if count * len(other) > LONGEST else text.replace(wanted, other, count)


def _replace_pattern(text: str, settings: Settings) -> str | None:
    pattern = _pattern(settings)
    replacement = as_text(settings.get("replacementValue")) or ""
    names = group_names(str(as_text(settings.get("regexInput"))))
    parts: list[str] = []
    at = size = 0
    for match in pattern.finditer(text):
        parts += [text[at : match.start()], _filled(replacement, match, names)]
        at, size = match.end(), size + len(parts[-1])
        if size > LONGEST:
            return None
        if settings.get("replaceAll") is not True:
            break
    return "".join([*parts, text[at:]])


def _filled(replacement: str, match: Any, names: tuple[str, ...]) -> str:
    """``$1``, ``$&``, ``$<name>`` and ``$$`` filled in. Source: ECMA-262, GetSubstitution."""
    if "$" not in replacement:
        return replacement

    def fill(reference: re.Match[str]) -> str:
        if reference["sign"]:
            return "$" if reference["sign"] == "$" else str(match[0])
        if reference["name"] is not None:
            return _named(reference, match, names)
        filled = _numbered(reference["number"], match, len(names))
        return reference[0] if filled is None else filled

    return _REFERENCE.sub(fill, replacement)


def _named(reference: re.Match[str], match: Any, names: tuple[str, ...]) -> str:
    if not any(names):
        return reference[0]
    position = names.index(reference["name"]) + 1 if reference["name"] in names else 0
    return (match[position] or "") if position else ""


def _numbered(digits: str, match: Any, groups: int) -> str | None:
    """Two digits where there are that many groups, else one digit and what follows it; None for neither."""
    for length in range(len(digits), 0, -1):
        if 1 <= int(digits[:length]) <= groups:
            return (match[int(digits[:length])] or "") + digits[length:]
    return None


def _find_pattern(text: str, settings: Settings) -> str | None:
    match = _pattern(settings).search(text)
    group = _whole(settings.get("group"), 0)
    if match is None or group is None or not 0 <= group <= match.re.groups:
        return None
    found: str | None = match[group]
    return found


def _pattern(settings: Settings) -> Any:
    pattern = as_text(settings.get("regexInput"))
    if pattern is None:
        raise InvalidParameter("The pattern is no text. A data element inside of it gave nothing.")
    return compile_pattern(pattern, settings.get("caseInsensitive") is True, capturing=True)


def _substring(text: str, settings: Settings) -> str | None:
    """ECMA-262, String.prototype.substring: below the start counts as the start, ends in any order."""
    ends = _ends(settings, len(text))
    if ends is None:
        return None
    first, last = (min(max(end, 0), len(text)) for end in ends)
    return text[min(first, last) : max(first, last)]


def _slice(value: Any, settings: Settings) -> Any:
    """ECMA-262, String.prototype.slice and Array.prototype.slice: negative numbers count from the end."""
    ends = _ends(settings, len(value))
    return None if ends is None else value[ends[0] : ends[1]]


def _ends(settings: Settings, length: int) -> tuple[int, int] | None:
    first, last = _whole(settings.get("start"), 0), _whole(settings.get("end"), length)
    return None if first is None or last is None else (first, last)


def _whole(value: Any, otherwise: int) -> int | None:
    if value in (None, ""):
        return otherwise
    number = to_number(value) if isinstance(value, str) else value
    return int(number) if is_number(number) else None


def _split(text: str, settings: Settings) -> list[str]:
    delimiter = as_text(settings.get("delimiter"))
    return text.split(delimiter) if delimiter else list(text)


def _join(items: list[Any], settings: Settings) -> str:
    delimiter = as_text(settings.get("delimiter")) or ""
    return delimiter.join("" if item is None else to_text(item) for item in items)


def _position(find: Callable[[str, str], int]) -> Tool:
    def run(text: str, settings: Settings) -> int | None:
        wanted = as_text(settings.get("searchValue"))
        return None if wanted is None else find(text, wanted)

    return run


def _item(position: int) -> Tool:
    return lambda items, settings: items[position] if items else None


OPERATORS = {
    "simpleReplace": Operator("Replace", _replace),
    "regexReplace": Operator("Regular Expression Replace", _replace_pattern),
    "regexMatch": Operator("Regular Expression Match", _find_pattern),
    "substring": Operator("Substring", _substring),
    "slice": Operator("Slice", _slice, "both"),
    "split": Operator("Split", _split),
    "join": Operator("Join", _join, "list"),
    "length": Operator("Length", lambda value, settings: len(value), "both"),
    "indexOf": Operator("First Position", _position(str.find)),
    "lastIndexOf": Operator("Last Position", _position(str.rfind)),
    "arrayShift": Operator("First Item", _item(0), "list"),
    "arrayPop": Operator("Last Item", _item(-1), "list"),
    "lowerCase": Operator("Lower Case", lambda text, settings: text.lower()),
    "upperCase": Operator("Upper Case", lambda text, settings: text.upper()),
    "capitalize": Operator("Capitalize", lambda text, settings: text[:1].upper() + text[1:]),
    "trim": Operator("Trim", lambda text, settings: text.strip(WHITE_SPACE)),
}
_PATTERNS = ["regexReplace", "regexMatch"]


def run_tool(settings: Settings, context: EventContext) -> Any:
    """The value after one tool; None when it does not fit the tool.

    Raises:
        InvalidParameter: A pattern that a data element gave is wrong.
    """
    operator = OPERATORS.get(str(settings.get("operator")))
    value = settings.get("sourceValue")
    if operator is None:
        return None
    is_list = isinstance(value, list) and operator.takes != "text"
    fitting = value if is_list or operator.takes == "list" else as_text(value)
    if fitting is None or (operator.takes == "list" and not is_list):
        return None
    return operator.run(fitting, settings)


def check_tool(settings: Settings) -> Iterator[Problem]:
    """What each tool needs."""
    operator = settings.get("operator")
    if operator in ("simpleReplace", "indexOf", "lastIndexOf") and settings.get("searchValue") in (None, ""):
        yield Problem("searchValue", "Search", "Enter the text to look for.")
    if operator == "split" and settings.get("delimiter") in (None, ""):
        yield Problem("delimiter", "Delimiter", "Enter what stands between the parts, such as a comma.")
    if operator in _PATTERNS and not tokens_in(settings.get("regexInput")):
        yield from _pattern_problems(settings)


def _pattern_problems(settings: Settings) -> Iterator[Problem]:
    path, label = "regexInput", "Regular Expression"
    if settings.get("regexInput") in (None, ""):
        yield Problem(path, label, "Enter a regular expression, such as ^order-([0-9]+)$.")
        return
    try:
        _pattern(settings)
    except NeedsJavaScript as error:
        yield Problem(path, label, f"{error} Use Custom Code for it.")
    except InvalidParameter as error:
        yield Problem(path, label, str(error))


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
            help="Text, a number, or for some tools a list. What does not fit the tool gives nothing.",
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
            keep_blanks=True,
            show_if={"operator": ["simpleReplace", "indexOf", "lastIndexOf"]},
            help="The text as it is, no pattern.",
        ),
        Field(
            key="regexInput",
            label="Regular Expression",
            keep_blanks=True,
            show_if={"operator": _PATTERNS},
            placeholder="^order-([0-9]+)$",
            help="As JavaScript writes it, without slashes.",
        ),
        Field(
            key="caseInsensitive",
            label="Case Insensitive",
            type="boolean",
            tokens=False,
            default=False,
            show_if={"operator": _PATTERNS},
        ),
        Field(
            key="group",
            label="Group",
            type="integer",
            default=0,
            show_if={"operator": ["regexMatch"]},
            help="0 gives all that was found, 1 what the first pair of parentheses found.",
        ),
        Field(
            key="replacementValue",
            label="Replacement",
            keep_blanks=True,
            show_if={"operator": ["simpleReplace", "regexReplace"]},
            help="Empty removes what was found. After a regular expression $1 is its first group.",
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
            help="The position after the last one. Empty means: to the end.",
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
            title="A regular expression puts parts of a text in another order",
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
            title="What does not fit gives nothing",
            settings={"sourceValue": "{{Order}}", "operator": "lowerCase"},
            data_elements={"Order": {"id": "T-1"}},
            result=None,
            source=CLIENT_CORE,
        ),
    ],
)
