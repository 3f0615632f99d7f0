"""Walks through one event: counts its parts and replaces characters that no database or receiver accepts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from . import body_limits
from .edge_errors import EdgeError

_SURROGATES = re.compile("[\ud800-\udfff]")
_LARGEST_INTEGER = 10**body_limits.INTEGER_DIGITS
_SIGNED_64_BITS = 1 << 63
_SHORTEST_WITH_TOO_MANY = min(body_limits.EVENT_KEYS * len('"k":1,'), body_limits.EVENT_NODES * len("1,"))


@dataclass
class Cleaning:
    """One walk through one event. ``flags`` names the changes, and values that need care.

    Raises, from ``clean``:
        EdgeError: 422 for too many parts, 400 for an integer beyond the limit.
    """

    flags: set[str] = field(default_factory=set)
    keys: int = 0
    nodes: int = 0

    def clean(self, value: Any, path: str) -> Any:
        """Return ``value`` without NUL and lone surrogates; everything else is unchanged."""
        self._count(path)
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {self._key(key, path): self.clean(part, path) for key, part in value.items()}
        if isinstance(value, list):
            return [self.clean(part, path) for part in value]
        if isinstance(value, int) and not -_SIGNED_64_BITS <= value < _SIGNED_64_BITS:
            self._big_integer(value, path)
        return value

    def _count(self, path: str) -> None:
        self.nodes += 1
        if self.nodes > body_limits.EVENT_NODES:
            raise EdgeError(
                422, "no-event", f"An event may have at most {body_limits.EVENT_NODES:,} values.", path
            )

    def _key(self, key: str, path: str) -> str:
        self.keys += 1
        if self.keys > body_limits.EVENT_KEYS:
            raise EdgeError(
                422, "no-event", f"An event may have at most {body_limits.EVENT_KEYS:,} keys.", path
            )
        return self._text(key)

    def _text(self, text: str) -> str:
        if "\0" in text:
            self.flags.add("nul_removed")
            text = text.replace("\0", "")
        if not text.isascii() and _SURROGATES.search(text):
            self.flags.add("surrogate_replaced")
            text = _SURROGATES.sub("\ufffd", text)
        return text

    def _big_integer(self, value: int, path: str) -> None:
        if abs(value) >= _LARGEST_INTEGER:
            detail = f"An integer may have at most {body_limits.INTEGER_DIGITS} digits. Send an id as text."
            raise EdgeError(400, "malformed", detail, path)
        self.flags.add("big_integer")


def may_have_too_many_parts(encoded: bytes) -> bool:
    """Return whether an encoded event must be counted. Punctuation in texts counts too: it errs upwards."""
    if len(encoded) < _SHORTEST_WITH_TOO_MANY:
        return False
    return encoded.count(b",") + encoded.count(b"[") + encoded.count(b"{") >= body_limits.EVENT_KEYS
