"""Shapes of JSON values. A shape checks a value, names its problems by path and fills in the defaults.

Source: docs/decisions/0011-our-own-shapes-for-documents.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from properties.catalog.did_you_mean import did_you_mean
from properties.http.origins import origin

MOST_WHOLE = 2_147_483_647
_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$-]*")


class DocumentProblem(NamedTuple):
    """One thing wrong with a document: JSON path and a sentence."""

    path: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Any JSON value.

    Args:
        default: The value to use if it is absent.
        required: Absence is a problem.
    """

    default: Any = None
    required: bool = False

    def clean(self, value: Any, path: str, problems: list[DocumentProblem]) -> Any:
        """Return the value, or the default if it does not fit; append the problems to ``problems``."""
        message = self.complaint(value)
        if not message:
            return self.finish(value, path, problems)
        problems.append(DocumentProblem(path, message))
        return self.fallback()

    def complaint(self, value: Any) -> str:
        """Return the problem of the value itself; empty if it has none."""
        return ""

    def finish(self, value: Any, path: str, problems: list[DocumentProblem]) -> Any:
        return value

    def fallback(self) -> Any:
        """Return the value that replaces an absent or wrong one."""
        return self.default


@dataclass(frozen=True, kw_only=True)
class Text(Shape):
    """Text of limited length, optionally one of some choices or of one pattern."""

    default: Any = ""
    choices: Sequence[str] = ()
    max_length: int = 255
    pattern: str = ""
    example: str = ""

    def complaint(self, value: Any) -> str:
        if not isinstance(value, str):
            return f"This must be text, not {name_of(value)}."
        if self.choices and value not in self.choices:
            return f"“{value[:60]}” is not one of: {', '.join(self.choices)}."
        if self.required and not value.strip():
            return "This may not be empty."
        if len(value) > self.max_length:
            return f"This has {len(value)} characters; at most {self.max_length} are allowed."
        if self.pattern and value and not re.fullmatch(self.pattern, value):
            return f"This must look like {self.example}."
        return ""


@dataclass(frozen=True, kw_only=True)
class Origin(Text):
    """Scheme and host of a site, read as browsers send it."""

    def complaint(self, value: Any) -> str:
        if message := super().complaint(value):
            return message
        try:
            origin(value)
        except ValueError as error:
            return str(error)
        return ""

    def finish(self, value: Any, path: str, problems: list[DocumentProblem]) -> Any:
        return origin(value)


@dataclass(frozen=True, kw_only=True)
class Flag(Shape):
    """true or false."""

    default: Any = False

    def complaint(self, value: Any) -> str:
        return "" if isinstance(value, bool) else f"This must be true or false, not {name_of(value)}."


@dataclass(frozen=True, kw_only=True)
class Whole(Shape):
    """A whole number that every database can store, or ``null`` where that means something."""

    least: int = 0
    most: int = MOST_WHOLE
    allows_null: bool = False

    def complaint(self, value: Any) -> str:
        if value is None and self.allows_null:
            return ""
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if is_whole and self.least <= value <= self.most:
            return ""
        otherwise = ", or null" if self.allows_null else ""
        return f"This must be a whole number from {self.least} to {self.most}{otherwise}."


@dataclass(frozen=True, kw_only=True)
class ListOf(Shape):
    """A list whose members all have one shape."""

    member: Shape = field(default_factory=Shape)

    def complaint(self, value: Any) -> str:
        return "" if isinstance(value, list) else f"This must be a list, not {name_of(value)}."

    def finish(self, value: Any, path: str, problems: list[DocumentProblem]) -> Any:
        return [self.member.clean(each, f"{path}[{i}]", problems) for i, each in enumerate(value)]

    def fallback(self) -> Any:
        return list(self.default or [])


@dataclass(frozen=True, kw_only=True)
class AnyObject(Shape):
    """An object with any keys."""

    def complaint(self, value: Any) -> str:
        return "" if isinstance(value, dict) else f"This must be an object, not {name_of(value)}."

    def fallback(self) -> Any:
        return {}


@dataclass(frozen=True, kw_only=True)
class ObjectOf(AnyObject):
    """An object with known keys."""

    keys: Mapping[str, Shape] = field(default_factory=dict)

    def finish(self, value: Any, path: str, problems: list[DocumentProblem]) -> Any:
        problems += [
            DocumentProblem(join(path, key), f"Unknown key “{key[:60]}”{self._known(key)}")
            for key in value
            if key not in self.keys
        ]
        return {key: self._member(key, value, path, problems) for key in self.keys}

    def _known(self, key: str) -> str:
        return did_you_mean(key, self.keys) or f"; known keys are {', '.join(sorted(self.keys))}."

    def _member(self, key: str, value: Any, path: str, problems: list[DocumentProblem]) -> Any:
        shape = self.keys[key]
        if key in value:
            return shape.clean(value[key], join(path, key), problems)
        if shape.required:
            problems.append(DocumentProblem(join(path, key), f"“{key}” is missing."))
        return shape.fallback()

    def fallback(self) -> Any:
        return {key: shape.fallback() for key, shape in self.keys.items()}


def join(path: str, key: str) -> str:
    """Return ``$.a.b`` for ``$.a`` and ``b``; a key that is not a plain word is quoted in brackets."""
    if _PLAIN_KEY.fullmatch(key):
        return f"{path}.{key}"
    return f"{path}[{json.dumps(key, ensure_ascii=False)}]"


def name_of(value: Any) -> str:
    """Return JSON's name for the type of a value."""
    names = {type(None): "null", bool: "a boolean", str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), "a number")
