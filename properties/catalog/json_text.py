"""Reads settings that hold JSON with data elements as text: once when saved, not for each event.

A data element that is inserted into text could break the JSON with one quote. As a value it cannot. Plain
Python.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .descriptor import Field
from .storable import MOST_LEVELS, is_storable, is_too_deep
from .tokens import delimiters, tokens_in, whole_token

TOO_DEEP = f"This JSON is nested too deeply; at most {MOST_LEVELS} levels are possible."
_TEXT = r'"(?:[^"\\]++|\\.)*+"?'


class NotJson(ValueError):
    """Text that is not JSON, or that JSON or the database cannot hold. The message is for a person."""


def read_plain(text: str) -> Any:
    """Return the JSON value of ``text``.

    Raises:
        NotJson: Names line and column, and the most likely cause.
    """
    try:
        return _storable(_loads(text))
    except json.JSONDecodeError as error:
        raise NotJson(_where(error) + _quote_hint(text, error.pos)) from None


def read_text(text: str) -> Any:
    """Return the JSON value of ``text``, in which a data element may also be written without quotes.

    Raises:
        NotJson: Names line and column in ``text``.
    """
    try:
        return _storable(_loads(text))
    except json.JSONDecodeError as error:
        if not tokens_in(text):
            raise NotJson(_where(error)) from None
    try:
        # The replacement first has the same length, so that errors name the right position.
        _loads(_text_or_token().sub(_as_long, text))
    except json.JSONDecodeError as error:
        raise NotJson(_where(error)) from None
    return _storable(_loads(_text_or_token().sub(_quoted, text)))


def _text_or_token() -> re.Pattern[str]:
    return re.compile(f"{_TEXT}|{delimiters().pattern.pattern}", re.DOTALL)  # Python keeps what it compiled.


def _loads(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (json.JSONDecodeError, NotJson):
        raise
    except RecursionError:
        raise NotJson(TOO_DEEP) from None
    except ValueError:
        raise NotJson("This JSON has a number with thousands of digits.") from None


def _storable(value: Any) -> Any:
    if is_too_deep(value):
        raise NotJson(TOO_DEEP)
    if not is_storable(value):
        raise NotJson("This JSON contains a number that is too large, a NUL, or half a surrogate pair.")
    return value


def _where(error: json.JSONDecodeError) -> str:
    return f"Line {error.lineno}, column {error.colno}: this is not valid JSON ({error.msg})."


def _quote_hint(text: str, position: int) -> str:
    start, ways = max(position - 1, 0), delimiters()
    is_there = ways.before in text[start : position + len(ways.before)]
    return f' Put data elements in quotes: "{ways.write("Name")}".' if is_there else ""


def _refuse_constant(name: str) -> None:
    raise NotJson(f"JSON does not allow {name}. Leave the value out.")


def _as_long(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else f'"{"x" * (len(found[0]) - 2)}"'


def _quoted(found: re.Match[str]) -> str:
    """Return a bare token as a quoted text, which keeps the type of its value."""
    return found[0] if found[0].startswith('"') else json.dumps(found[0], ensure_ascii=False)


def with_values(fields: Sequence[Field], settings: Any) -> Any:
    """Return the settings with JSON text replaced by its value, in fields that hold an object or a list.

    Args:
        fields: Fields of a component type, an object or a row.
        settings: The object with their values; it is not changed.

    Returns:
        The same object if there is nothing to read. Invalid text is kept: a check reports it.
    """
    for field in fields if isinstance(settings, Mapping) else ():
        settings = _with_value(field, field.key.split("."), settings)
    return settings


def _with_value(field: Field, keys: Sequence[str], holder: Any) -> Any:
    if not isinstance(holder, Mapping) or keys[0] not in holder:
        return holder
    value = holder[keys[0]]
    read = _with_value(field, keys[1:], value) if keys[1:] else _value(field, value)
    return holder if read is value else {**holder, keys[0]: read}


def _value(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        read = _read(value, _starts(field))
        return value if read is value else _value(field, read)
    if field.type == "object":
        return with_values(field.properties, value)
    if field.type == "rows" and isinstance(value, list):
        rows = [with_values(field.properties, row) for row in value]
        return value if all(new is old for new, old in zip(rows, value, strict=True)) else rows
    return value


def _starts(field: Field) -> str:
    """Return the characters with which JSON text for this field can start."""
    if field.type == "object":
        return "{"
    if field.type == "list" or field.lists:
        return "["
    return "{[" if field.type == "json" and field.json_text else ""


def _read(text: str, starts: str) -> Any:
    if not text.lstrip()[:1] or text.lstrip()[0] not in starts or whole_token(text.strip()):
        return text
    try:
        value = read_text(text)
    except NotJson:
        return text
    return text if name_with_token(value) else value


def name_with_token(value: Any) -> str:
    """Return the first key that holds a data element, which keys cannot hold; "" if there is none."""
    if isinstance(value, Mapping):
        own = (key for key in value if _is_token(key))
        return next(own, "") or next(filter(None, map(name_with_token, value.values())), "")
    if isinstance(value, list):
        return next(filter(None, map(name_with_token, value)), "")
    return ""


def _is_token(key: Any) -> bool:
    return bool(tokens_in(key)) if delimiters().is_strict else whole_token(key) is not None
