"""The types in Meta's parameter tables: string, integer, number, enum and list."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .problems import GraphProblem

NUMERIC_TEXT = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")


@dataclass(frozen=True)
class Expectation:
    """A check of one value, and a description of the values that pass."""

    accepts: Callable[[Any], bool]
    words: str

    def check(self, name: str, value: object) -> GraphProblem | None:
        """Return the problem of the value of the parameter `name`, or None."""
        return None if self.accepts(value) else GraphProblem((name,), f"must be {self.words}")


def is_integer(value: object) -> bool:
    """Whether a JSON value is an integer; true and false are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether a value is a finite number, or a numeric string as in Meta's samples.

    Source: Meta, Custom Data Parameters, "value".
    """
    if isinstance(value, str):
        return NUMERIC_TEXT.match(value) is not None
    return is_integer(value) or (isinstance(value, float) and math.isfinite(value))


def is_text(value: object) -> bool:
    """Whether a value is a string that is not blank."""
    return isinstance(value, str) and value.strip() != ""


def list_of(member: Expectation) -> Expectation:
    """Return the expectation of a list whose members all pass."""
    return Expectation(
        lambda value: isinstance(value, list) and all(map(member.accepts, value)),
        f"a list with each member {member.words}",
    )


def one_of(values: Iterable[object]) -> Expectation:
    """Return the expectation of one of these values."""
    allowed = tuple(values)
    return Expectation(lambda value: value in allowed, f"one of {', '.join(map(str, allowed))}")


STRING = Expectation(lambda value: isinstance(value, str), "a string")
TEXT = Expectation(is_text, "a string that is not empty")
INTEGER = Expectation(is_integer, "an integer")
NUMBER = Expectation(is_number, "a number")
BOOLEAN = Expectation(lambda value: isinstance(value, bool), "true or false")
OBJECT = Expectation(lambda value: isinstance(value, dict), "an object")
STRINGS = list_of(STRING)


def check_fields(values: Mapping[str, Any], fields: Mapping[str, Expectation]) -> GraphProblem | None:
    """Return the first problem among the fields that are present; missing ones pass."""
    return first(fields[name].check(name, value) for name, value in values.items() if name in fields)


def check_required(values: Mapping[str, Any], fields: Mapping[str, Expectation]) -> GraphProblem | None:
    """Return the first problem among required fields."""
    return first(
        fields[name].check(name, values[name]) if name in values else GraphProblem((name,), "is required")
        for name in fields
    )


def first(problems: Iterable[GraphProblem | None]) -> GraphProblem | None:
    """Return the first problem, or None; later checks do not run."""
    return next((problem for problem in problems if problem), None)
