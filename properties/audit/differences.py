"""The changed values that an audit entry keeps, before and after, without customer data."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

MOST_VALUES = 100
LONGEST_TEXT = 200
MASK = "[masked]"

# Every repetition is bounded or stops at the first mismatch, so that no text makes these slow.
_PATTERNS = [
    (re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}(?:@|%40)[\w.-]{1,255}"), MASK),
    (re.compile(r"(?i)\b(Bearer|Basic) {1,5}[^\s\"',]+"), rf"\1 {MASK}"),
    (re.compile(r"\bEAA[A-Za-z0-9]{8,}"), MASK),
    (re.compile(r"[A-Za-z0-9_-]{40,}"), MASK),
    (re.compile(r"\+[0-9][0-9 ().-]{6,20}[0-9]"), MASK),
]


def differences(before: Any, after: Any) -> dict[str, dict[str, Any]]:
    """Return ``{"before": {path: value}, "after": {path: value}}`` of the values that differ.

    Args:
        before: JSON value. None if the object did not exist.
        after: JSON value. None if the object was deleted.

    E-mail addresses, phone numbers, tokens and keys are masked. A text with several lines or more than 200
    characters is replaced by its length and a fingerprint. At most 100 values are listed.
    """
    old, new = dict(_leaves(before)), dict(_leaves(after))
    paths = [path for path in old | new if path not in old or path not in new or old[path] != new[path]]
    shown = paths[:MOST_VALUES]
    found = {
        "before": {path: _shown(old[path]) for path in shown if path in old},
        "after": {path: _shown(new[path]) for path in shown if path in new},
    }
    if len(paths) > MOST_VALUES:
        found["after"]["…"] = f"{len(paths) - MOST_VALUES} more values"
    return found


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]")
    elif path:
        yield path, value


def _shown(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if "\n" in value or len(value) > LONGEST_TEXT:
        return f"{len(value):,} characters, SHA-256 {hashlib.sha256(value.encode()).hexdigest()[:12]}"
    return masked(value)


def masked(text: str) -> str:
    """Mask e-mail addresses, phone numbers, tokens and keys."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
