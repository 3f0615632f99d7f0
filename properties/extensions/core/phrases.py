"""Formats settings for one line, in rule cards and lists."""

from __future__ import annotations

from typing import Any

from properties.catalog.javascript import to_text
from properties.catalog.tokens import TOKEN


def plain(value: Any) -> str:
    """Return a setting as text, with data elements shown by name; "" if it is not set."""
    return "" if value is None else TOKEN.sub(r"\1", to_text(value))


def listed(values: Any) -> str:
    """Return a list as ``A, B or C``."""
    texts = [plain(value) for value in values] if isinstance(values, list) else [plain(values)]
    return " or ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))
