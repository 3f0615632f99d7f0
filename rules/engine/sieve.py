"""Finds the rules that an event may meet, without checking each of them.

Most rules begin with a comparison such as "Event Type equals commerce.purchases". One table look-up finds the
rules that compare one data element with different texts, however many they are.

Source: docs/decisions/0008-a-fast-path-stays-only-if-it-pays.md.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from properties.catalog.javascript import loosely_equal

from .compiled import Rule


@dataclass(frozen=True, slots=True)
class Sieve:
    """Rules by the comparisons that they begin with.

    Args:
        positions: Positions of the rules that have no further such comparison.
        everything: Positions of all rules, also of those in the tables.
        tables: Name of a data element → its text → the rules that ask for that text next.
    """

    positions: list[int] = field(default_factory=list)
    everything: list[int] = field(default_factory=list)
    tables: dict[str, dict[str, Sieve]] = field(default_factory=dict)

    def candidates(self, element: Callable[[str], Any]) -> list[int]:
        """Return the positions of the rules, in order, that the event does not rule out.

        Args:
            element: Returns the value of a data element.
        """
        found: list[int] = []
        waiting = [self]
        while waiting:
            sieve = waiting.pop()
            found += sieve.positions
            for name, table in sieve.tables.items():
                try:
                    value = element(name)
                except Exception:
                    value = None  # The rules that read it will fail and say why.
                if value.__class__ is not str:
                    # A text equals only itself. For any other value, only a comparison can decide.
                    found += chain.from_iterable(it.everything for it in table.values())
                elif value in table:
                    waiting.append(table[value])
        return sorted(found)


def sieve_of(rules: Sequence[Rule], readable: Container[str]) -> Sieve:
    """Sort the rules of a build by their first comparisons.

    Args:
        readable: Names of the data elements that depend only on the stored event.
    """
    root = Sieve()
    for position, rule in enumerate(rules):
        sieve = root
        sieve.everything.append(position)
        for name, text in _texts_asked_first(rule, readable):
            sieve = sieve.tables.setdefault(name, {}).setdefault(text, Sieve())
            sieve.everything.append(position)
        sieve.positions.append(position)
    return root


def _texts_asked_first(rule: Rule, readable: Container[str]) -> Iterator[tuple[str, str]]:
    """Yield data elements and the texts that they must equal, up to the first condition of another kind."""
    for condition in rule.conditions:
        sides = condition.sides
        if sides is None or condition.negate or sides.compare is not loosely_equal:
            return
        if sides.left_name not in readable or sides.right_name is not None:
            return
        if not isinstance(sides.right, str):
            return
        yield str(sides.left_name), sides.right
