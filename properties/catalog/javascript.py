"""JSON values with the semantics of JavaScript: Adobe's engine is written in it, and rules rely on them.

Source: docs/reference/adobe.md, "JavaScript semantics"; ECMA-262.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Any

# ECMA-262, WhiteSpace and LineTerminator. Python's list lacks U+FEFF and includes U+001C to U+001F and
# U+0085.
WHITE_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)

_BLANKS = re.compile(f"[{WHITE_SPACE}]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_RADIX = re.compile(r"0(?:[xX](?P<x>[0-9a-fA-F]+)|[oO](?P<o>[0-7]+)|[bB](?P<b>[01]+))")
_BASES = {"x": 16, "o": 8, "b": 2}
_INFINITIES = {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}
_LONGEST_PLAIN = 21


def clean(text: str) -> str:
    """Reduce every run of white space to one space and strip the ends: "clean text" of a data element."""
    return _BLANKS.sub(" ", text).strip(" ")


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number. True and False are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def to_number(value: Any) -> float:
    """Return ``Number(value)`` for text, numbers, booleans and null; NaN for any other value.

    Blank text is 0; hexadecimal, binary and exponent notation count; ``1_000``, ``1,5`` and ``-0x10`` do not.
    """
    if isinstance(value, str):
        return _text_to_number(value.strip(WHITE_SPACE))
    if value is None:
        return 0.0
    return _as_double(value) if isinstance(value, int | float) else math.nan


def _text_to_number(text: str) -> float:
    if not text:
        return 0.0
    if _DECIMAL.fullmatch(text):
        return float(text)
    if match := _RADIX.fullmatch(text):
        kind = str(match.lastgroup)
        return _as_double(int(match[kind], _BASES[kind]))
    return _INFINITIES.get(text, math.nan)


def _as_double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def number_text(number: float) -> str:
    """Return a number as JavaScript prints it: ``1`` for 1.0, ``1e+21``, ``1e-7``.

    Whole numbers from JSON keep every digit below 10 to the power of 21, because identifiers must survive.
    JavaScript would round them above 2 to the power of 53.
    """
    if isinstance(number, int) and abs(number) < 10**_LONGEST_PLAIN:
        return str(number)
    double = _as_double(number)
    if math.isnan(double):
        return "NaN"
    sign = "-" if double < 0 else ""
    return sign + ("Infinity" if math.isinf(double) else _digits_text(abs(double)))


def _digits_text(number: float) -> str:
    """ECMA-262, Number::toString for a positive finite number or 0; Python's ``repr`` has the same digits."""
    _, figures, exponent = Decimal(repr(number)).normalize().as_tuple()
    digits = "".join(map(str, figures))
    point = len(digits) + int(exponent)
    if len(digits) <= point <= _LONGEST_PLAIN:
        return digits.ljust(point, "0")
    if 0 < point <= _LONGEST_PLAIN:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e{point - 1:+d}"


def to_text(value: Any) -> str:
    """Return ``String(value)``; but objects and lists become compact JSON, where JavaScript loses them."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, int | float) else to_json(value)


def to_json(value: Any) -> str:
    """Return ``JSON.stringify(value)``: compact, letters unescaped, numbers as JavaScript prints them."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{" + ",".join(f"{to_json(str(key))}:{to_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(to_json, value)) + "]"
    return "null" if isinstance(value, float) and not math.isfinite(value) else to_text(value)


def is_truthy(value: Any) -> bool:
    """Return ``Boolean(value)``: empty objects and lists are true, NaN is false."""
    if isinstance(value, dict | list):
        return True
    return bool(value) and not (isinstance(value, float) and math.isnan(value))


def loosely_equal(left: Any, right: Any) -> bool:
    """Return ``left == right`` of JavaScript for JSON values.

    null equals only null. Text is compared with a number as a number; true and false count as 1 and 0. Two
    objects or lists are equal only if they are the same object; compared with anything else they count as
    text.

    Source: ECMA-262, IsLooselyEqual.
    """
    if left.__class__ is str and right.__class__ is str:
        return bool(left == right)
    if left is None or right is None:
        return left is right
    if isinstance(left, dict | list) and isinstance(right, dict | list):
        return left is right
    left, right = _primitive(left), _primitive(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return to_number(left) == to_number(right)


def _primitive(value: Any) -> Any:
    """ECMA-262, ToPrimitive: an object is ``[object Object]``, a list its items joined by commas."""
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, list):
        return ",".join("" if item is None else to_text(_primitive(item)) for item in value)
    return value
