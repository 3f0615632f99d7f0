"""Which data elements depend on what earlier actions of the same rule left in the rule stash."""

from __future__ import annotations

from typing import Any

from properties.catalog.tokens import TOKEN

STASH = "arc.ruleStash"


def mentions_stash(value: Any) -> bool:
    """Whether settings name the rule stash, or begin in a way that a token could complete to it.

    A wrong yes costs one more evaluation; a wrong no would give a value of another rule.
    """
    if isinstance(value, dict):
        return any(map(mentions_stash, value.values()))
    if isinstance(value, list):
        return any(map(mentions_stash, value))
    return isinstance(value, str) and ("ruleStash" in value or _could_become_it(value))


def _could_become_it(text: str) -> bool:
    literal, *rest = TOKEN.split(text, maxsplit=1)
    return bool(rest) and STASH.startswith(literal)
