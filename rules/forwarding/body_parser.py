"""Parses a body into plain values: strict JSON, with the limits checked before parsing.

Source: docs/reference/failures.md, "Input"; ``tests/test_bad_input.py`` has a test for
each row of that table.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import msgspec

from . import body_limits
from .edge_errors import EdgeError

BODY_TYPES = {b"", b"application/json", b"text/plain"}
UTF_8 = {b"", b"utf-8", b"utf8"}

# Also matches a text that never ends. Otherwise, trying each of its quotes as a start would take for ever.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_AS_SQUARES = bytes.maketrans(b"{}", b"[]")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPED_COLON = re.compile(rb"\\u003[aA]")
_encode = msgspec.json.Encoder().encode
_AS_NINES = bytes(0x39 if 0x30 <= byte <= 0x39 else byte for byte in range(256))
_MANY_DIGITS = b"9" * 19


def check_headers(headers: dict[bytes, bytes]) -> None:
    """Refuse encodings, foreign content types and bodies that are too long.

    Raises:
        EdgeError: 415 or 413.
    """
    encoding = headers.get(b"content-encoding", b"identity")
    if encoding.strip().lower() not in {b"", b"identity"}:
        raise EdgeError(
            415, "content-type", "A body may not be compressed; send it without Content-Encoding."
        )
    content_type = headers.get(b"content-type", b"")
    if content_type != b"application/json":
        _check_content_type(content_type)
    length = headers.get(b"content-length", b"0")
    if len(length) > 7 or (length.isdigit() and int(length) > body_limits.REQUEST_BYTES):
        raise too_long()


def _check_content_type(content_type: bytes) -> None:
    kind, _, parameters = content_type.lower().partition(b";")
    charset = parameters.partition(b"charset=")[2].partition(b";")[0].strip(b" \t\"'")
    if kind.strip() not in BODY_TYPES or charset not in UTF_8:
        raise EdgeError(415, "content-type", "Send JSON in UTF-8 as application/json or text/plain.")


def too_long() -> EdgeError:
    return EdgeError(
        413,
        "too-large",
        f"A request may have at most {body_limits.REQUEST_BYTES // 1024} KiB. Send fewer events.",
    )


def parse(body: bytes) -> Any:
    """Return the plain values of a JSON body. Integers keep every digit; a lone surrogate becomes U+FFFD.

    Raises:
        EdgeError: 400, with the problem and its place.
    """
    check_depth(body)
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        if _SURROGATE.search(body):
            return _parse_with_lone_surrogates(body)
        raise _malformed(str(error), body) from None


def check_depth(body: bytes) -> None:
    """Refuse deep nesting before a parser sees it."""
    if body.count(b"[") + body.count(b"{") <= body_limits.DEPTH:
        return
    brackets = _STRING.sub(b"", body).translate(_AS_SQUARES, _NOT_BRACKETS)
    for _ in range(body_limits.DEPTH):
        inner = brackets.replace(b"[]", b"")  # Removes the innermost level of each branch only.
        if not inner:
            return
        if inner == brackets:
            return  # Not balanced: the parser reports where.
        brackets = inner
    raise EdgeError(400, "malformed", f"JSON may be nested at most {body_limits.DEPTH} levels deep.")


def _parse_with_lone_surrogates(body: bytes) -> Any:
    """Parse with the standard library, which accepts lone surrogates; ``event_cleaning`` replaces them."""
    try:
        return json.loads(
            body.decode(), parse_constant=_refuse_constant, parse_float=_finite, parse_int=_integer
        )
    except (ValueError, RecursionError) as error:
        raise _malformed(str(error), body) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in {float("inf"), float("-inf")}:
        raise ValueError("Number out of range")
    return number


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > body_limits.INTEGER_DIGITS:
        raise ValueError("Integer value out of range")
    return int(digits)


_lenient = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, parse_int=_integer)


def _malformed(reason: str, body: bytes) -> EdgeError:
    hint = "" if body else " The body is empty."
    return EdgeError(400, "malformed", f"The body is not JSON in UTF-8: {reason[:200]}.{hint}")


class _Slices(msgspec.Struct):
    """The events as sent."""

    event: msgspec.Raw = msgspec.Raw()
    events: list[msgspec.Raw] | None = None


def raw_events(body: bytes) -> list[bytes] | None:
    """Return the bytes of each event; None for a body that only the lenient parser can read."""
    try:
        slices = msgspec.json.decode(body, type=_Slices)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return [bytes(part) for part in ([slices.event] if len(slices.event) else slices.events or [])]


def doubled_events(body: bytes, payload: Any, count: int) -> list[bool]:
    """Return which events have a key twice in one object; empty if there are none. The last value counts.

    If the request around the events has a double key, every event counts as having one.
    """
    if not _may_have_doubles(body, payload):
        return []
    events = raw_events(body)
    found = [_has_doubles(event) for event in events] if events and len(events) == count else []
    return found if any(found) else [_has_doubles(body)] * count


def _may_have_doubles(body: bytes, payload: Any) -> bool:
    """Return whether a key may appear twice. Cheap, on bytes, and on the safe side: it compares colons."""
    if b"\\u003" in body and _ESCAPED_COLON.search(body):
        return True
    try:
        return body.count(b":") != _encode(payload).count(b":")
    except (msgspec.MsgspecError, UnicodeError):
        return True


def _has_doubles(text: bytes) -> bool:
    doubles = 0

    def count_doubles(pairs: list[tuple[str, Any]]) -> None:
        nonlocal doubles
        doubles += len(pairs) - len({key for key, _ in pairs})

    try:
        json.loads(text, object_pairs_hook=count_doubles)
    except ValueError:
        return False
    return doubles > 0


def needs_cleaning(body: bytes) -> bool:
    """Return whether a text or number of this body may have to change: escapes, integers of many digits.

    Cheap, on bytes, and on the safe side. Most bodies need no walk through their values.
    """
    has_escapes = b"\\" in body and b"\\u" in body
    return has_escapes or _MANY_DIGITS in body.translate(_AS_NINES)
