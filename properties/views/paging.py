"""The number of a page of a long list, from its address."""

from __future__ import annotations


def page_number(text: str) -> int:
    """Return the number that an address gives, from 1; what is no such number means the first page."""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 5 and int(text) else 1
