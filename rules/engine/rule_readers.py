"""Finds data elements that differ from rule to rule, or from one action of a rule to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from properties.catalog.tokens import TOKEN

WHOLE, STASH = "arc", "arc.ruleStash"


def reads_rule(settings: Mapping[str, Any], code: frozenset[str]) -> bool:
    """Return whether settings name the rule stash or, in custom code, ask for the rule.

    Args:
        code: Keys of the settings that are custom code.
    """
    return any(_in_code(value) if key in code else mentions_stash(value) for key, value in settings.items())


def _in_code(source: Any) -> bool:
    return isinstance(source, str) and ("ruleStash" in source or "getRule" in source)


def mentions_stash(value: Any) -> bool:
    """Return whether settings name the rule stash, or begin in a way that a token could complete to it.

    A wrong True costs one more evaluation. A wrong False returns an empty stash, never that of another rule.
    """
    if isinstance(value, dict):
        return any(map(mentions_stash, value.values()))
    if isinstance(value, list):
        return any(map(mentions_stash, value))
    return isinstance(value, str) and (value == WHOLE or "ruleStash" in value or _could_become_it(value))


def _could_become_it(text: str) -> bool:
    literal, *rest = TOKEN.split(text, maxsplit=1)
    return bool(rest) and STASH.startswith(literal)
