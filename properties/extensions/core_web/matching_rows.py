"""Rows of a text or a regular expression, of which one must match: their fields, checks and words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from properties.catalog.descriptor import Field
from properties.catalog.errors import Problem
from properties.catalog.javascript_patterns import pattern_problems
from properties.catalog.tokens import tokens_in, without_tokens

REGEX = Field(
    key="valueIsRegex",
    label="Regex",
    type="boolean",
    tokens=False,
    default=False,
    help="A regular expression of JavaScript. It ignores letter case.",
)


def rows_field(key: str, label: str, placeholder: str, *, required: bool = True, help: str = "") -> Field:
    """Return a field with one text or regular expression in each row."""
    value = Field(key="value", label="Value", required=True, placeholder=placeholder)
    return Field(key=key, label=label, type="rows", required=required, help=help, properties=[value, REGEX])


def row_problems(path: str, rows: Any) -> Iterator[Problem]:
    """Yield the problems of the patterns in the rows."""
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        value = row.get("value") if isinstance(row, dict) and row.get("valueIsRegex") is True else None
        if isinstance(value, str) and not tokens_in(value):
            yield from pattern_problems(f"{path}[{index}].value", "Value", value, "^/checkout(/|$)")


def one_of(rows: Any) -> str:
    """Return rows in words, such as ``/cart or matches ^/checkout``."""
    texts = [_words(row) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return listed(texts)


def listed(texts: Sequence[str]) -> str:
    """Return texts as ``A, B or C``."""
    return " or ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))


def _words(row: dict[str, Any]) -> str:
    text = without_tokens(str(row.get("value", "")))
    return f"matches {text}" if row.get("valueIsRegex") is True else f"“{text}”"
