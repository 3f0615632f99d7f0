"""Values of credentials for the custom code of one event: put in before a piece runs, removed from its
answer.

Outside the child process only secret markers are handled, so nothing that is stored or shown holds a value. A
value that code derives from a credential (a signature, a hash, another spelling) is not replaced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from properties.catalog.javascript import is_number, number_text

from .script_errors import ScriptError

# Shorter values occur in too many unrelated texts.
SHORTEST_IN_TEXT = 4
# The child cuts logs and messages at this length or later, perhaps in the middle of a value.
SHORTEST_CUT = 500


class Known(dict[str, str]):
    """Secret marker by value: the values that code of this event has received."""


class Credentials(Protocol):
    """Knows the values of credentials."""

    def revealed(self, text: str, known: Known) -> str:
        """Return JSON text with values in place of secret markers, and note the values in ``known``.

        Raises:
            CatalogError: A credential has no value now.
        """

    def withheld(self) -> str:
        """Return why code got secret markers instead of values since the last call; empty if it did not."""


def sealed(value: Any, known: Known) -> Any:
    """Return ``value``, of JSON types, with secret markers in place of values of credentials.

    Values are found inside texts and keys. A value of fewer than four characters, or one that became a
    number, is found only if it is the whole text or number.
    """
    if not known:
        return value
    return _walk(value, known, partial(_pattern(known).sub, lambda found: known.get(found[0], found[0])))


def sealed_error(error: ScriptError, known: Known) -> ScriptError:
    """Return the same error without values in its text."""
    return type(error)(sealed_line(error.message, known), error.line, error.column)


def sealed_line(text: str, known: Known) -> str:
    """Return a log line or message without values, including JSON-escaped values and values that were cut
    off.
    """
    if not known:
        return text
    spelled = Known({form: known[value] for value in known for form in (value, _in_json(value))})
    whole: str = sealed(text, spelled)
    return _without_cut_off(whole, spelled) if len(text) >= SHORTEST_CUT else whole


def _walk(value: Any, known: Known, replace: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return known.get(value) or replace(value)
    if isinstance(value, list):
        return [_walk(item, known, replace) for item in value]
    if isinstance(value, dict):
        return {_walk(key, known, replace): _walk(item, known, replace) for key, item in value.items()}
    return known.get(number_text(value), value) if is_number(value) else value


def _pattern(known: Known) -> re.Pattern[str]:
    """Return the pattern that finds values, the longer one where two begin; it skips secret markers."""
    values = [value for value in known if len(value) >= SHORTEST_IN_TEXT]
    values.sort(key=len, reverse=True)
    return re.compile("|".join(map(re.escape, [*known.values(), *values])))


def _without_cut_off(text: str, known: Known) -> str:
    start = text.removesuffix("…")
    for value in known:
        for length in range(len(value) - 1, SHORTEST_IN_TEXT - 1, -1):
            if start.endswith(value[:length]):
                return f"{start[:-length]}{known[value]}…"
    return text


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]
