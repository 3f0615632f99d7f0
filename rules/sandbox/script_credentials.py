"""Values of credentials for the custom code of one event: put in on the way to it, taken out on the way back.

Outside the child process only what stands for a credential is handled, so that nothing that is stored or
shown holds a value. What code makes of a value (a signature, a hash, other spelling) is a value of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from properties.catalog.javascript import is_number, number_text

from .script_errors import ScriptError

# Shorter values stand in too many texts that have nothing to do with them.
SHORTEST_IN_TEXT = 4
# Logs and messages are cut in the child at this length or later: a value may have been cut there, too.
SHORTEST_CUT = 500


class Known(dict[str, str]):
    """Value of a credential → what stands for it: the values that code of this event has been given."""


class Credentials(Protocol):
    """Who knows the values."""

    def revealed(self, text: str, known: Known) -> str:
        """JSON text with values in place of what stands for them; the values are noted in ``known``.

        Raises:
            CatalogError: One has no value now.
        """

    def withheld(self) -> str:
        """Why code was not given the values that it met since this was last asked; else empty."""


def sealed(value: Any, known: Known) -> Any:
    """``value``, of JSON types, with what stands for credentials in place of their values.

    They are found inside texts and keys; one of fewer than four characters, and one that became a number,
    only where it is the whole.
    """
    if not known:
        return value
    return _walk(value, known, partial(_pattern(known).sub, lambda found: known.get(found[0], found[0])))


def sealed_error(error: ScriptError, known: Known) -> ScriptError:
    """The same error, without values in its text."""
    return type(error)(sealed_line(error.message, known), error.line, error.column)


def sealed_line(text: str, known: Known) -> str:
    """A log line or a message without values, also as they stand inside JSON, and where they were cut off."""
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
    """Finds values, the longer one where two begin; what stands for a credential is passed over."""
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
