"""Data element tokens in text settings: ``{{Name}}`` in event forwarding, ``%Name%`` in tags.

The platform of a property decides how its tokens are written. ``tokens_of`` states it once, around all work
on the property: the page, the build, the document. Without it, tokens are those of event forwarding.

Source: docs/reference/adobe.md, "Token substitution"; adobe/reactor-turbine, ``createReplaceTokens``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

# No name is longer. Without a limit, each of many ``{{`` would be followed to the end of the text.
LONGEST_NAME = 300
TOKEN = re.compile(rf"(?<!\{{)\{{\{{([^}}]{{1,{LONGEST_NAME}}}+)\}}\}}")
"""A token of event forwarding; its group is the name."""
_ASKED = re.compile(
    r"""\b(?:getDataElementValue|_satellite\.getVar)\(\s*(?:'([^'\\\n]*)'|"([^"\\\n]*)"|`([^`\\$]*)`)\s*\)"""
)
_SET = re.compile(r"""\b_satellite\.setVar\(\s*(?:'([^'\\\n]+)'|"([^"\\\n]+)"|`([^`\\$]+)`)\s*,""")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """How the tokens of a platform are written and read.

    Args:
        before, after: What stands around a name.
        pattern: Finds a token; its group is the name.
        forbidden: The sign that no name of a data element may have.
        own_names: Beginnings of names that the engine itself gives a meaning.
        ignores_blanks: Whether blanks around a name do not count.
        is_strict: Whether every token must name a data element. Otherwise an unknown name leaves the text as
            it is, as in ``100% off, 50% more``; only a text that is exactly one token must name one.
        whole, begun, rest: Patterns of JavaScript for a field in which somebody types: a token; one that is
            begun before the caret, whose group is the name so far; and the rest of one after the caret.
    """

    before: str
    after: str
    pattern: re.Pattern[str]
    forbidden: str
    own_names: tuple[str, ...] = ()
    ignores_blanks: bool = True
    is_strict: bool = True
    whole: str = r"(\{\{[^{}]+\}\})"
    begun: str = r"(?:\{\{|｛｛)([^{}｛｝]*)$"
    rest: str = r"^([^{}｛｝]*\}\})?"

    def write(self, name: str) -> str:
        """Return the token of a data element."""
        return f"{self.before}{name}{self.after}"

    def refusal(self, name: str) -> str:
        """Return why no token could name a data element of this name, as a sentence; empty if one can."""
        if self.forbidden in name or name != name.strip():
            return f"A name must not contain “{self.forbidden}”, and must not begin or end with a space."
        if name.startswith(self.own_names):
            return (
                f"A name must not begin with {', '.join(self.own_names)}: such tokens read the page's event."
            )
        return ""


EVENT_FORWARDING = Delimiters("{{", "}}", TOKEN, forbidden="}")
TAGS = Delimiters(
    "%",
    "%",
    re.compile(rf"%([^%\r\n]{{1,{LONGEST_NAME}}}+)%"),
    forbidden="%",
    own_names=("this.", "event.", "target."),
    ignores_blanks=False,
    is_strict=False,
    whole="(%[^%]+%)",
    begun="(?<=^[^%]*(?:%[^%]*%[^%]*)*)%([^%]*)$",
    rest=r"^([^%\s]*%)?",
)
_BY_PLATFORM = {"edge": EVENT_FORWARDING, "web": TAGS}
_now: ContextVar[Delimiters] = ContextVar("delimiters", default=EVENT_FORWARDING)
Names = Callable[[], Collection[str]]
_variables: ContextVar[Names] = ContextVar("variables", default=tuple)


@contextmanager
def tokens_of(platform: str, variables: Names = tuple) -> Iterator[None]:
    """Read and write tokens as a platform does, until the block ends.

    Args:
        platform: Of the property.
        variables: Returns the names that code of the property sets in browsers; see ``names_set_in``. It is
            called only if a token names no data element.
    """
    before = _now.set(_BY_PLATFORM.get(platform, EVENT_FORWARDING)), _variables.set(variables)
    try:
        yield
    finally:
        _now.reset(before[0])
        _variables.reset(before[1])


def delimiters() -> Delimiters:
    """Return how tokens are written now."""
    return _now.get()


def token(name: str) -> str:
    """Return the token of a data element."""
    return _now.get().write(name)


def tokens_in(value: Any) -> set[str]:
    """Return the names of all tokens in a JSON value, at any depth; keys of objects cannot hold any."""
    if isinstance(value, str):
        return set(_now.get().pattern.findall(value))
    if isinstance(value, Mapping):
        return {name for item in value.values() for name in tokens_in(item)}
    if isinstance(value, list | tuple):
        return {name for item in value for name in tokens_in(item)}
    return set()


def whole_token(text: Any) -> str | None:
    """Return the name if ``text`` is exactly one token, which keeps the type of its value; else None."""
    match = _now.get().pattern.fullmatch(text) if isinstance(text, str) else None
    return match[1] if match else None


def unknown_names(value: Any, known: Collection[str]) -> set[str]:
    """Return the names that tokens in a JSON value should give a data element, and no data element has."""
    ways = _now.get()
    named = tokens_in(value) if ways.is_strict else set(_whole_tokens(value))
    unknown = {
        name
        for name in named
        if not name.startswith(ways.own_names or "\0") and spelled_as(name, known) not in known
    }
    return unknown if ways.is_strict else unknown - _set_by_code(unknown)


def _set_by_code(names: Collection[str]) -> set[str]:
    """Return those names that code sets, or that are a part of what it sets: ``order.id`` of ``order``."""
    given = _variables.get()() if names else ()
    return {name for name in names if any(name == it or name.startswith(f"{it}.") for it in given)}


def spelled_as(name: str, known: Collection[str]) -> str:
    """Return the name that a token means. Blanks at the ends count only if a known name has them."""
    return name if name in known or not _now.get().ignores_blanks else name.strip()


def without_tokens(text: str) -> str:
    """Return a text in which each token is only its name, for people."""
    return _now.get().pattern.sub(r"\1", text)


def _whole_tokens(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _whole_tokens(item)
    elif (name := whole_token(value)) is not None:
        yield name


def names_set_in(value: Any) -> set[str]:
    """Return the names that code in a JSON value sets literally, as in ``_satellite.setVar('order', …)``.

    In browsers, a token or ``_satellite.getVar`` then gives the value. Source: adobe/reactor-turbine, setVar.
    """
    if isinstance(value, str):
        return {next(filter(None, found)) for found in _SET.findall(value)} if "setVar" in value else set()
    if isinstance(value, Mapping):
        value = list(value.values())
    return set().union(*map(names_set_in, value)) if isinstance(value, list | tuple) else set()


def names_in_code(source: Any) -> tuple[str, ...]:
    """Return the data elements that custom code names literally; other names are known only at run time."""
    return _names_in_code(source) if isinstance(source, str) else ()


@lru_cache(maxsize=1024)
def _names_in_code(source: str) -> tuple[str, ...]:
    found = (next(filter(None, match), "") for match in _ASKED.findall(source))
    return tuple(dict.fromkeys(found))
