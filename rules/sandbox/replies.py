"""Reads the answers of a child process as untrusted text, because the child ran other people's code."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from properties.catalog.context import PatternOperation

from .script_errors import ScriptCrashed, ScriptError, ScriptFailed, ScriptTimedOut, ScriptTooBig
from .script_limits import Limits

# The line where user code starts in the parsed text; the same number as in child.py.
FIRST_LINE = 1000

_PLACE = re.compile(r"<input>:([0-9]{1,9}):([0-9]{1,9})")
_HALF_OR_NUL = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_MESSAGES = {
    "nothing": "The extension triggered an error, but no error information was provided.",
    "pending": "The promise that the code returned is never settled.",
    "boolean": "The code must return true or false; it returned a value of the type {}.",
    "value": "The code returned a {}; it can return text, a number, true, false, null, a list or an object.",
    "part": "The code made {} something other than an object.",
    "size": "{} is larger than 64 KiB.",
    "memory": "The code needs more memory than an event may use, or throws null.",
    "result": "The result cannot be turned into JSON: {}",
}
_TIME = "The code used more than its processor time."
_UNREADABLE = "The process that ran the code returned an unreadable answer."


class ErrorNote(msgspec.Struct):
    """The error that ended a piece, as realm/errors.js writes it."""

    kind: str
    text: str
    stack: str


class ChildReply(msgspec.Struct):
    """The answer to a piece: its result and the parts of ``arc`` that it changed, an error, or a missing
    value.
    """

    logs: list[tuple[str, str]]
    value: Any = None
    event: dict[str, Any] | None = None
    request: dict[str, Any] | None = None
    ruleStash: dict[str, Any] | None = None
    error: ErrorNote | None = None
    missing: str | None = None


_decoder = msgspec.json.Decoder(ChildReply)
_pattern_decoders = {
    "test": msgspec.json.Decoder(bool),
    "exec": msgspec.json.Decoder(list[str | None] | None),
    "replace": msgspec.json.Decoder(str),
    "split": msgspec.json.Decoder(list[str | None]),
}


def read_answer(letter: str, text: str, limits: Limits) -> ChildReply:
    """Read the answer to a piece.

    Raises:
        ScriptError: The piece failed, was ended, or returned an invalid answer.
    """
    text = read_text(letter, text)
    try:
        answer = _decoder.decode(_storable(text))
    except RecursionError:
        raise ScriptFailed(_depth_message(limits)) from None
    except (msgspec.MsgspecError, ValueError):
        raise ScriptCrashed(_UNREADABLE) from None
    parts = (answer.value, answer.event, answer.request, answer.ruleStash)
    if any(_deeper_than(part, limits.result_depth) for part in parts):
        raise ScriptFailed(_depth_message(limits))
    return answer


def read_text(letter: str, text: str) -> str:
    """Return the text of an answer.

    Raises:
        ScriptError: The child reports an error.
    """
    if letter == "R":
        return text
    if letter == "E":
        raise uncaught(text)
    if letter == "T":
        raise ScriptTimedOut(_TIME)
    if letter == "V":
        raise ScriptFailed("The code or its input contains a character that cannot be used, such as NUL.")
    raise ScriptCrashed(_UNREADABLE)


def read_pattern_answer(operation: PatternOperation, text: str) -> Any:
    """Return the result of a pattern; see :meth:`Sandbox.run_pattern`.

    Raises:
        ScriptCrashed: This operation cannot return such a result.
    """
    try:
        return _pattern_decoders[operation].decode(_storable(text))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise ScriptCrashed(_UNREADABLE) from None


def error_of(note: ErrorNote) -> ScriptError:
    """Return the error that a piece ended with."""
    if note.kind == "thrown" and note.text.startswith("InternalError: out of memory"):
        note = ErrorNote("memory", note.text, note.stack)
    message = _MESSAGES.get(note.kind, "{}").format(note.text)
    kind = ScriptTooBig if note.kind == "memory" else ScriptFailed
    return kind(message, *place_in(note.stack))


def uncaught(text: str) -> ScriptError:
    """Return the error of a piece that ended outside its own code: at a limit, or by not parsing."""
    message, _, stack = text.partition("\n")
    if message.startswith("InternalError: interrupted"):
        return ScriptTimedOut(_TIME, *place_in(stack))
    if message.startswith("InternalError: out of memory") or message == "null":
        return ScriptTooBig(_MESSAGES["memory"], *place_in(stack))
    return ScriptFailed(message[:500], *place_in(stack))


def place_in(stack: str) -> tuple[int | None, int | None]:
    """Return line and column of the first place in ``stack`` that is user code."""
    for line, column in _PLACE.findall(stack):
        if int(line) >= FIRST_LINE:
            return int(line) - FIRST_LINE + 1, int(column)
    return None, None


def _depth_message(limits: Limits) -> str:
    return f"The result has more than {limits.result_depth} levels of lists and objects."


def _storable(text: str) -> str:
    """Return JSON text that databases can store: without NUL, and with U+FFFD for each half of a surrogate
    pair.
    """
    return _repaired(text) if _HALF_OR_NUL.search(text) else text


def _repaired(text: str) -> str:
    value = _without_nul(json.loads(text))
    plain = json.dumps(value, ensure_ascii=False)
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return value


def _deeper_than(value: Any, levels: int) -> bool:
    """Return whether lists and objects in ``value`` nest deeper than ``levels``; safe for any depth."""
    if not isinstance(value, dict | list):
        return False
    layer = [value]
    for _ in range(levels):
        layer = [inner for outer in layer for inner in _inner(outer)]
        if not layer:
            return False
    return True


def _inner(value: Any) -> Any:
    if isinstance(value, dict):
        return [item for item in value.values() if isinstance(item, dict | list)]
    return [item for item in value if isinstance(item, dict | list)] if isinstance(value, list) else ()
