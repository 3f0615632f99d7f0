"""Compiles settings with tokens: each becomes a function from an event to the settings with values.

Source: docs/reference/adobe.md, "Token substitution".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .errors import InvalidSettings, Problem
from .javascript import to_text
from .references import secret_name
from .tokens import TOKEN, tokens_in, whole_token


class Source(Protocol):
    """Provides the values of tokens while one event is processed."""

    def element(self, name: str) -> Any:
        """Return the value of a data element, by its name in the token."""

    def secret(self, name: str) -> str:
        """Return the marker of a stored credential."""


Resolver = Callable[[Source], Any]


def compile_settings(value: Any, *, literal: Collection[str] = ()) -> Resolver:
    """Return a resolver, which returns ``value`` with every token replaced.

    A text that is a single token keeps the type of its value. Inside longer text, values are written as
    JavaScript does, objects and lists as compact JSON, and adjacent tokens are joined as text. Parts without
    tokens are returned as they are, never copied.

    Args:
        literal: Top-level keys of ``value`` whose values are used as written.

    Raises:
        InvalidSettings: A key of an object holds a token.
    """
    resolver = _compile_object(value, "", literal) if literal else _compile(value, "")
    return resolver or _Fixed(value)


def is_fixed(resolver: Resolver) -> bool:
    """Return whether the result is the same for every event."""
    return isinstance(resolver, _Fixed)


@dataclass(frozen=True, slots=True)
class _Fixed:
    value: Any

    def __call__(self, source: Source) -> Any:
        return self.value


def _compile(value: Any, path: str) -> Resolver | None:
    """Return a resolver, or None if nothing in ``value`` depends on the event."""
    if isinstance(value, str):
        return _compile_text(value)
    if isinstance(value, Mapping):
        return _compile_object(value, path)
    return _compile_list(value, path) if isinstance(value, list) else None


def _compile_text(text: str) -> Resolver | None:
    if (name := whole_token(text)) is not None:
        return lambda source: source.element(name)
    if not tokens_in(text):
        return None
    literals, names = TOKEN.split(text)[::2], TOKEN.findall(text)

    def join(source: Source) -> str:
        values = [to_text(source.element(name)) for name in names]
        return literals[0] + "".join(v + literal for v, literal in zip(values, literals[1:], strict=True))

    return join


def _compile_object(value: Mapping[str, Any], path: str, literal: Collection[str] = ()) -> Resolver | None:
    if (secret := secret_name(value)) is not None:
        return lambda source: source.secret(secret)
    for key in value:
        if tokens_in(key):
            raise InvalidSettings([Problem(path, key, "The name of a key cannot hold a data element.")])
    items = ((key, item) for key, item in value.items() if key not in literal)
    parts = {key: _compile(item, f"{path}.{key}" if path else key) for key, item in items}
    names = [(key, whole_token(value[key])) for key in parts]
    tokens = [(key, name) for key, name in names if name is not None]
    others = [(key, part) for key, part in parts.items() if part and key not in dict(tokens)]
    return _object_resolver(value, tokens, others) if tokens or others else None


def _object_resolver(
    value: Mapping[str, Any], tokens: list[tuple[str, str]], others: list[tuple[str, Resolver]]
) -> Resolver:
    def resolve(source: Source) -> dict[str, Any]:
        # A copy keeps the order of the keys; then only the values that depend on the event are replaced.
        result, element = dict(value), source.element
        for key, name in tokens:
            result[key] = element(name)
        for key, part in others:
            result[key] = part(source)
        return result

    return resolve


def _compile_list(value: list[Any], path: str) -> Resolver | None:
    parts = [_compile(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if not any(parts):
        return None
    pairs = list(zip(value, parts, strict=True))
    return lambda source: [part(source) if part else item for item, part in pairs]
