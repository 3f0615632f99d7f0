"""Hides the private values of one run in its trace."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from properties.catalog.element_graph import meant
from properties.catalog.references import secret_name
from properties.catalog.tokens import tokens_in

from .masking import mask, mask_lookalikes
from .privacy import Path
from .results import RunResult

LONGEST_TEXT = 2000
LONGEST_ADDRESS = 320
# Shorter texts, such as a country or a gender, are in too many places that identify nobody.
SHORTEST_KNOWN = 4


class Hiding:
    """Knows the private values of a run, wherever they are, and the secret markers."""

    def __init__(self, result: RunResult) -> None:
        self.elements, self.private_elements = result.build.elements, result.build.private_elements
        self.secrets = result.secrets
        self.known = {text for value in self._private_values(result) for text in _leaves(value)}
        self._shown: dict[str, str] = {}

    def hide(self, value: Any) -> Any:
        """Return ``value`` fully masked, except for the names of credentials."""
        name = self.secrets.get(value) if isinstance(value, str) else None
        return mask(value) if name is None else _secret(name)

    def show(self, value: Any) -> Any:
        """Return ``value`` with values that are private, or look private, masked."""
        if isinstance(value, str):
            # Keys and operators repeat often in one trace.
            shown = self._shown.get(value)
            if shown is None:
                shown = self._shown[value] = self._show_text(value)
            return shown
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, dict):
            return {self.show(key): self.show(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.show(item) for item in value]
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        return mask(value) if str(value) in self.known else value

    def error(self, text: str) -> str:
        """Return an error with private values masked: custom code may have included some."""
        text = self._named(text)
        for known in self._longest_first if text else ():
            text = text.replace(known, str(mask(known)))
        return str(mask_lookalikes(text))

    def settings(self, value: Any, written: Any, private: frozenset[Path], path: Path = ()) -> Any:
        """Return settings with private ones fully masked.

        Args:
            value: As the component saw them.
            written: The same place with tokens; None below a token.
            private: Keys that are private.
            path: Keys that lead to ``value``.
        """
        if (name := secret_name(written)) is not None:
            return _secret(name)
        if path in private or self._is_fed_privately(written):
            return self.hide(value)
        if isinstance(value, dict):
            below = written if isinstance(written, Mapping) else {}
            return {
                self.show(key): self.settings(item, below.get(key), private, (*path, key))
                for key, item in value.items()
            }
        if isinstance(value, list):
            templates = written if isinstance(written, list) else [None] * len(value)
            return [self.settings(*pair, private, path) for pair in zip(value, templates, strict=True)]
        return self.show(value)

    def _private_values(self, result: RunResult) -> Iterator[Any]:
        yield from (run.value for name, run in result.elements.items() if name in self.private_elements)
        for rule in result.rules:
            for run in (*rule.conditions, *rule.actions):
                if run.component.private:
                    yield from _values_at(run.settings, run.component.private, ())

    def _is_fed_privately(self, written: Any) -> bool:
        if not self.private_elements or not isinstance(written, str):
            return False
        return not self.private_elements.isdisjoint(meant(tokens_in(written), self.elements))

    def _show_text(self, text: str) -> str:
        if text in self.known:
            return str(self.hide(text))
        text = self._named(text)
        if len(text) <= LONGEST_TEXT:
            return str(mask_lookalikes(text))
        # Read a little more, so that an address is recognised before it is cut.
        shown = str(mask_lookalikes(text[: LONGEST_TEXT + LONGEST_ADDRESS]))[:LONGEST_TEXT]
        return f"{shown}… ({len(text)} characters)"

    @cached_property
    def _longest_first(self) -> list[str]:
        return sorted(self.known - self.secrets.keys(), key=len, reverse=True)

    def _named(self, text: str) -> str:
        for marker, name in self.secrets.items():
            text = text.replace(marker, _secret(name))
        return text


def _secret(name: str) -> str:
    return f"secret “{name}”"


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif value is not None and not isinstance(value, bool) and len(text := str(value)) >= SHORTEST_KNOWN:
        yield text


def _values_at(value: Any, private: frozenset[Path], path: Path) -> Iterator[Any]:
    if path in private:
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _values_at(item, private, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from _values_at(item, private, path)
