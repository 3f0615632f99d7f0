"""Data element tokens, ``{{Name}}``, in text settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# No name is longer. Without a limit, each of many ``{{`` would be followed to the end of the text.
LONGEST_NAME = 300
TOKEN = re.compile(rf"(?<!\{{)\{{\{{([^}}]{{1,{LONGEST_NAME}}}+)\}}\}}")
_ASKED = re.compile(r"""\bgetDataElementValue\(\s*(?:'([^'\\\n]*)'|"([^"\\\n]*)"|`([^`\\$]*)`)\s*\)""")


def tokens_in(value: Any) -> set[str]:
    """Return the names of all tokens in a JSON value, at any depth; keys of objects cannot hold any."""
    if isinstance(value, str):
        return set(TOKEN.findall(value))
    if isinstance(value, Mapping):
        return {name for item in value.values() for name in tokens_in(item)}
    if isinstance(value, list | tuple):
        return {name for item in value for name in tokens_in(item)}
    return set()


def whole_token(text: Any) -> str | None:
    """Return the name if ``text`` is exactly one token, which keeps the type of its value; else None."""
    match = TOKEN.fullmatch(text) if isinstance(text, str) else None
    return match[1] if match else None


def names_in_code(source: Any) -> tuple[str, ...]:
    """Return the data elements that custom code names literally; other names are known only at run time."""
    return _names_in_code(source) if isinstance(source, str) else ()


@lru_cache(maxsize=1024)
def _names_in_code(source: str) -> tuple[str, ...]:
    found = (next(filter(None, match), "") for match in _ASKED.findall(source))
    return tuple(dict.fromkeys(found))
