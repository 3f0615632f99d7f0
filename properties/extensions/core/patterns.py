"""Runs JavaScript patterns with RE2, where no text makes them slow, if RE2 finds the same matches.

JavaScript itself runs the others within the limits of custom code: patterns that RE2 cannot express
(look-around, back-references, very many repetitions), and patterns that RE2 would find at another place.

Source: docs/reference/adobe.md, "JavaScript semantics": patterns; ECMA-262, Patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

import re2

from properties.catalog.context import EventContext, PatternOperation
from properties.catalog.errors import InvalidParameter
from properties.catalog.javascript_patterns import Translation, read_pattern
from properties.catalog.javascript_patterns.code_units import as_units, from_units

# Longer results would only fill the event log; no field of a vendor accepts them.
LONGEST_RESULT = 100_000
_REFERENCE = re.compile(r"\$(?:(?P<sign>[$&`'])|(?P<number>[0-9]{1,2}))")
_REFERENCE_OR_NAME = re.compile(_REFERENCE.pattern + r"|\$<(?P<name>[^>]*)>")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of JavaScript, without slashes, and whether it ignores case."""

    source: str
    case_insensitive: bool = False

    @property
    def flags(self) -> str:
        """The flags in JavaScript's syntax."""
        return "i" if self.case_insensitive else ""


class NeedsJavaScript(InvalidParameter):
    """The pattern is valid, but only JavaScript itself can run it."""


def matches(pattern: Pattern, text: str) -> bool:
    """Return whether ``pattern`` is found anywhere in ``text``.

    Raises:
        NeedsJavaScript: RE2 cannot express the pattern.
        InvalidParameter: The pattern is wrong.
    """
    compiled = _compiled(pattern)
    if compiled is None:
        raise NeedsJavaScript
    return compiled.search(as_units(text)) is not None


def find_groups(pattern: Pattern, text: str, context: EventContext) -> list[str | None] | None:
    """Return the first match of ``pattern`` in ``text``, and that of each group; None if there is no match.

    Raises:
        InvalidParameter: The pattern is wrong, or there is no sandbox to run it.
        CatalogError: It took too much time or memory.
    """
    compiled = _compiled(pattern, capturing=True)
    if compiled is None:
        found: list[str | None] | None = ask_javascript(context, "exec", pattern, text)
        return found
    match = compiled.search(as_units(text))
    return None if match is None else [_given(part) for part in (match[0], *match.groups())]


def replace(
    pattern: Pattern, text: str, replacement: str, context: EventContext, *, everywhere: bool = False
) -> str | None:
    """Return ``text`` with each match of ``pattern`` replaced; references such as ``$1`` are filled in.

    Returns:
        None if the result is longer than ``LONGEST_RESULT``.

    Raises:
        InvalidParameter: The pattern is wrong, or there is no sandbox to run it.
        CatalogError: It took too much time or memory.
    """
    compiled = _compiled(pattern, capturing=True)
    if compiled is None:
        flags = "g" if everywhere else ""
        result: str = ask_javascript(context, "replace", pattern, text, replacement, flags=flags)
        return None if len(result) > LONGEST_RESULT else result
    names = _translated(pattern, capturing=True).names
    matches = _each(compiled, as_units(text)) if everywhere else islice(_each(compiled, as_units(text)), 1)
    return _replaced(as_units(text), matches, as_units(replacement), names)


def split(pattern: Pattern, text: str, context: EventContext) -> list[str | None]:
    """Return the parts of ``text`` between matches of ``pattern``, with the groups' matches between them.

    Raises:
        InvalidParameter: The pattern is wrong, or there is no sandbox to run it.
        CatalogError: It took too much time or memory.
    """
    compiled = _compiled(pattern, capturing=True)
    if compiled is None:
        parts: list[str | None] = ask_javascript(context, "split", pattern, text)
        return parts
    return [_given(part) for part in _split(compiled, as_units(text))]


def ask_javascript(
    context: EventContext, operation: PatternOperation, pattern: Pattern, *texts: str, flags: str = ""
) -> Any:
    """Ask JavaScript to run a pattern that RE2 cannot run.

    Raises:
        InvalidParameter: There is no sandbox to run it.
        CatalogError: It took too much time or memory.
    """
    if context.run_pattern is None:
        raise InvalidParameter("The pattern needs JavaScript, which cannot be run here.")
    return context.run_pattern(operation, pattern.source, pattern.flags + flags, *texts)


@lru_cache(maxsize=256)
def _compiled(pattern: Pattern, *, capturing: bool = False) -> Any:
    """Return ``pattern`` compiled by RE2; None if only JavaScript can run it."""
    translation = _translated(pattern, capturing=capturing)
    if translation.is_beyond or (capturing and translation.finds_otherwise):
        return None
    options = re2.Options()
    options.log_errors = False  # The log would show the pattern.
    try:
        return re2.compile(translation.text, options)
    except re2.error:  # It has more repetitions than RE2 allows.
        return None


def _translated(pattern: Pattern, *, capturing: bool = False) -> Translation:
    return read_pattern(pattern.source, case_insensitive=pattern.case_insensitive, capturing=capturing)


def _given(found: str | None) -> str | None:
    return None if found is None else from_units(found)


def _replaced(text: str, matches: Iterable[Any], replacement: str, names: tuple[str, ...]) -> str | None:
    parts: list[str] = []
    at = size = 0
    for match in matches:
        parts += [text[at : match.start()], _filled(replacement, match, names)]
        at, size = match.end(), size + len(parts[-1])
        if size > LONGEST_RESULT:
            return None
    return from_units("".join([*parts, text[at:]]))


def _filled(replacement: str, match: Any, names: tuple[str, ...]) -> str:
    """Fill in ``$1``, ``$&``, ``$<name>`` and the like. Source: ECMA-262, GetSubstitution."""
    if "$" not in replacement:
        return replacement

    def fill(reference: re.Match[str]) -> str:
        if reference["sign"]:
            return _signed(reference["sign"], match)
        if not reference["number"]:
            return _named(from_units(reference["name"]), match, names)
        filled = _numbered(reference["number"], match, len(names))
        return reference[0] if filled is None else filled

    return (_REFERENCE_OR_NAME if any(names) else _REFERENCE).sub(fill, replacement)


def _signed(sign: str, match: Any) -> str:
    """Return the sign itself, the match, or the text before or after the match."""
    around = {"$": "$", "&": match[0], "`": match.string[: match.start()], "'": match.string[match.end() :]}
    return str(around[sign])


def _named(name: str, match: Any, names: tuple[str, ...]) -> str:
    return (match[names.index(name) + 1] or "") if name in names else ""


def _numbered(digits: str, match: Any, groups: int) -> str | None:
    """Read two digits if there are that many groups, else one digit and the next sign; None if neither."""
    for length in range(len(digits), 0, -1):
        if 1 <= int(digits[:length]) <= groups:
            return (match[int(digits[:length])] or "") + digits[length:]
    return None


def _split(compiled: Any, text: str) -> list[str | None]:
    """ECMA-262, RegExp.prototype [ @@split ]: empty matches at the ends do not split the text."""
    if not text:
        return [] if compiled.search(text) else [text]
    parts: list[str | None] = []
    at = 0
    for match in _each(compiled, text):
        if match.end() == at or match.start() == len(text):
            continue
        parts += [text[at : match.start()], *match.groups()]
        at = match.end()
    return [*parts, text[at:]]


def _each(compiled: Any, text: str) -> Iterator[Any]:
    """Yield each match. RE2's own iterator returns empty matches twice."""
    last = None
    for match in compiled.finditer(text):
        if match.span() != last:
            yield match
        last = match.span()
