"""Writes values as JavaScript source. Plain Python."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# A line may not end inside a text, and the file may be put into a page: neither may a script end there.
_UNSAFE = re.compile("</|<!--|[\u2028\u2029\ud800-\udfff]")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_SIMPLE_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


@dataclass(frozen=True, slots=True)
class Script:
    """JavaScript that is written as it is, such as a function."""

    text: str


def literal(value: Any) -> str:
    """Return the source of a value: JSON with :class:`Script` in it.

    Keys are sorted, so equal values give equal text. A key ``__proto__`` becomes a key of the object, where a
    plain literal would set its prototype.
    """
    if isinstance(value, Script):
        return value.text
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_key(key)}:{literal(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(literal, value)) + "]"
    return _UNSAFE.sub(_escaped, _encode(value))


@lru_cache(maxsize=4096)
def _key(key: str) -> str:
    if key == "__proto__":
        return '["__proto__"]'
    return key if _SIMPLE_KEY.fullmatch(key) else literal(key)


def _escaped(match: re.Match[str]) -> str:
    text = match[0]
    return f"{text[0]}\\{text[1:]}" if text[0] == "<" else f"\\u{ord(text):04x}"
