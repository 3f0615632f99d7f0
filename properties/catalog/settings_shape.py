"""Checks that stored settings have the keys and JSON types that their fields require.

Source: docs/decisions/0011-our-own-shapes-for-documents.md.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .descriptor import Field
from .did_you_mean import did_you_mean
from .errors import Problem
from .form_fields import SettingField, make_field
from .form_layout import as_object
from .json_text import NotJson, name_with_token, read_text
from .tokens import token, whole_token

UNKNOWN = "Unknown setting"


def shape_problems(
    fields: Sequence[Field], settings: Any, path: str = "", *, own_keys: bool = False
) -> Iterator[Problem]:
    """Yield unknown keys, and values whose JSON type the field cannot hold.

    Args:
        fields: Fields of a component type, an object or a row.
        settings: The object with their values.
        path: Its place in the settings.
        own_keys: Whether keys without a field are allowed.
    """
    if not isinstance(settings, Mapping):
        yield Problem(path, "", "This must be an object.")
        return
    yield from _level({field.key: field for field in fields}, settings, path, "", own_keys)


def without_unknown(fields: Sequence[Field], settings: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a copy of settings without keys that have no field, and the paths of those keys.

    Args:
        fields: Fields of a component type, an object or a row.
        settings: The object with their values, which may be of any type.
    """
    kept, unknown = copy.deepcopy(dict(settings)), []
    for problem in shape_problems(fields, settings):
        if problem.message.startswith(UNKNOWN) and _take(kept, problem.path):
            unknown.append(problem.path)
    return kept, unknown


def _take(settings: Any, path: str) -> bool:
    """Remove the value at a path; return whether there was one. Names may contain dots."""
    for name in settings if isinstance(settings, dict) else ():
        if name == path:
            del settings[name]
            return True
        if path.startswith((f"{name}.", f"{name}[")):
            return _take_inside(settings[name], path[len(name) :])
    return False


def _take_inside(value: Any, rest: str) -> bool:
    if rest.startswith(".") or not isinstance(value, list):
        return _take(value, rest[1:])
    index, _, rest = rest[1:].partition("]")
    return _take(value[int(index)], rest[1:])


def _level(
    known: Mapping[str, Field], settings: Mapping[str, Any], path: str, start: str, own_keys: bool
) -> Iterator[Problem]:
    for name, value in settings.items():
        key, where = f"{start}{name}", f"{path}.{name}" if path else name
        if key in known:
            yield from _value_problems(known[key], value, where)
        elif any(other.startswith(f"{key}.") for other in known) and isinstance(value, Mapping):
            yield from _level(known, value, where, f"{key}.", own_keys)
        elif not own_keys:
            hint = did_you_mean(key, known)
            yield Problem(where, name, f"{UNKNOWN} “{name}”{hint}")


def _value_problems(field: Field, value: Any, path: str) -> Iterator[Problem]:
    if value is None:
        return
    if field.type == "object":
        yield from _object_problems(field, value, path)
    elif field.type == "rows":
        yield from _rows_problems(field, value, path)
    elif message := _input(field).fits(value):
        yield Problem(path, field.label, message)


# By identity, as fields are not hashable. Keeping the field keeps its id unique.
_inputs: dict[int, tuple[Field, SettingField]] = {}


def _input(field: Field) -> SettingField:
    """Return the input that checks the JSON types of a field, whatever value is stored."""
    if id(field) not in _inputs:
        _inputs[id(field)] = field, make_field(field, elements=None)
    return _inputs[id(field)][1]


def _object_problems(field: Field, value: Any, path: str) -> Iterator[Problem]:
    if whole_token(value):
        return
    if message := _no_object(value):
        yield Problem(path, field.label, message)
    yield from shape_problems(field.properties, as_object(value), path, own_keys=True)


def _no_object(value: Any) -> str:
    """Return why a value is not an object, as a sentence; empty if it is one, or JSON text of one."""
    try:
        found = read_text(value) if isinstance(value, str) and value.strip() else value or {}
    except NotJson as error:
        return f'{error} Enter an object such as {{"key": "{token("Name")}"}}, or exactly one data element.'
    if not isinstance(found, Mapping):
        return "This must be an object, or exactly one data element."
    name = name_with_token(found)
    return f"The name “{name}” cannot hold a data element; only values can." if name else ""


def _rows_problems(field: Field, value: Any, path: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(path, field.label, "This must be a list of objects.")
        return
    for index, row in enumerate(value):
        yield from shape_problems(field.properties, row, f"{path}[{index}]")
