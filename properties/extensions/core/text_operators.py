"""The tools of Text Tools. Each makes one change to a text or a list.

Source: Adobe, Core extension (tags), JavaScript Tools; ECMA-262, String.prototype and Array.prototype. A
value that does not fit a tool returns null, where JavaScript would fail or return it unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Settings
from properties.catalog.errors import InvalidParameter
from properties.catalog.javascript import WHITE_SPACE, to_text

from .patterns import LONGEST_RESULT, Pattern, find_groups, replace, split
from .values import as_number, text_or_none

Tool = Callable[[Any, Settings, EventContext], Any]


@dataclass(frozen=True, slots=True)
class TextOperator:
    """One tool.

    Args:
        label: Its name in the form.
        run: ``(value, settings, context)``; the value is of the type in ``takes``.
        takes: ``text`` (numbers count as their text), ``list`` or ``both``.
    """

    label: str
    run: Tool
    takes: str = "text"


def _replace(text: str, settings: Settings, context: EventContext) -> str | None:
    wanted, other = (
        text_or_none(settings.get("searchValue")),
        text_or_none(settings.get("replacementValue")) or "",
    )
    if not wanted:
        return text
    count = text.count(wanted) if settings.get("replaceAll") is True else 1
    return None if count * len(other) > LONGEST_RESULT else text.replace(wanted, other, count)


def _replace_pattern(text: str, settings: Settings, context: EventContext) -> str | None:
    replacement = text_or_none(settings.get("replacementValue")) or ""
    return replace(
        _pattern(settings), text, replacement, context, everywhere=settings.get("replaceAll") is True
    )


def _find_pattern(text: str, settings: Settings, context: EventContext) -> str | None:
    found, group = find_groups(_pattern(settings), text, context), _whole(settings.get("group"), 0)
    return found[group] if found and group is not None and 0 <= group < len(found) else None


def _split_pattern(text: str, settings: Settings, context: EventContext) -> list[str | None]:
    return split(_pattern(settings), text, context)


def _pattern(settings: Settings) -> Pattern:
    pattern = text_or_none(settings.get("regexInput"))
    if pattern is None:
        raise InvalidParameter("The pattern is not a text. A data element in it returned null.")
    return Pattern(pattern, settings.get("caseInsensitive") is True)


def _substring(text: str, settings: Settings, context: EventContext) -> str | None:
    """ECMA-262, String.prototype.substring: values below 0 count as 0; the ends may be in any order."""
    ends = _ends(settings, len(text))
    if ends is None:
        return None
    first, last = (min(max(end, 0), len(text)) for end in ends)
    return text[min(first, last) : max(first, last)]


def _slice(value: Any, settings: Settings, context: EventContext) -> Any:
    """ECMA-262, String.prototype.slice and Array.prototype.slice: negative numbers count from the end."""
    ends = _ends(settings, len(value))
    return None if ends is None else value[ends[0] : ends[1]]


def _ends(settings: Settings, length: int) -> tuple[int, int] | None:
    first, last = _whole(settings.get("start"), 0), _whole(settings.get("end"), length)
    return None if first is None or last is None else (first, last)


def _whole(value: Any, otherwise: int) -> int | None:
    if value in (None, ""):
        return otherwise
    number = as_number(value)
    return None if number is None else int(number)


def _split(text: str, settings: Settings, context: EventContext) -> list[str]:
    delimiter = text_or_none(settings.get("delimiter"))
    return text.split(delimiter) if delimiter else list(text)


def _join(items: list[Any], settings: Settings, context: EventContext) -> str:
    delimiter = text_or_none(settings.get("delimiter")) or ""
    return delimiter.join("" if item is None else to_text(item) for item in items)


def _position(find: Callable[[str, str], int]) -> Tool:
    def run(text: str, settings: Settings, context: EventContext) -> int | None:
        wanted = text_or_none(settings.get("searchValue"))
        return None if wanted is None else find(text, wanted)

    return run


def _item(position: int) -> Tool:
    return lambda items, *_: items[position] if items else None


OPERATORS = {
    "simpleReplace": TextOperator("Replace", _replace),
    "regexReplace": TextOperator("Regular Expression Replace", _replace_pattern),
    "regexMatch": TextOperator("Regular Expression Match", _find_pattern),
    "substring": TextOperator("Substring", _substring),
    "slice": TextOperator("Slice", _slice, "both"),
    "split": TextOperator("Split", _split),
    "regexSplit": TextOperator("Regular Expression Split", _split_pattern),
    "join": TextOperator("Join", _join, "list"),
    "length": TextOperator("Length", lambda value, *_: len(value), "both"),
    "indexOf": TextOperator("First Position", _position(str.find)),
    "lastIndexOf": TextOperator("Last Position", _position(str.rfind)),
    "arrayShift": TextOperator("First Item", _item(0), "list"),
    "arrayPop": TextOperator("Last Item", _item(-1), "list"),
    "lowerCase": TextOperator("Lower Case", lambda text, *_: text.lower()),
    "upperCase": TextOperator("Upper Case", lambda text, *_: text.upper()),
    "capitalize": TextOperator("Capitalize", lambda text, *_: text[:1].upper() + text[1:]),
    "trim": TextOperator("Trim", lambda text, *_: text.strip(WHITE_SPACE)),
}
PATTERN_TOOLS = ["regexReplace", "regexMatch", "regexSplit"]
