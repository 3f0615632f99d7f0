"""Finds the rules that an event may meet, without asking each of them.

Most rules begin with a comparison such as "Event Type equals commerce.purchases". Those that share an element
and differ in the text are one look into a table, however many they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from properties.catalog.javascript import loosely_equal

from .compiled import Rule

ReadPlain = Callable[[Iterable[str]], bool]


@dataclass(frozen=True, slots=True)
class Sieve:
    """Rules by the comparisons that they begin with.

    Args:
        positions: Of the rules with no more such comparisons.
        everything: Of all rules, also those in the tables.
        tables: Name of a data element → its text → the rules that ask for that text next.
    """

    positions: list[int] = field(default_factory=list)
    everything: list[int] = field(default_factory=list)
    tables: dict[str, dict[str, Sieve]] = field(default_factory=dict)

    def candidates(self, values: Mapping[str, Any], read_plain: ReadPlain) -> list[int]:
        """Positions of the rules, in order, that these values do not rule out.

        Args:
            values: Of data elements, by name.
            read_plain: Adds those of the given names to ``values``; False when that takes more than reading.
        """
        found: list[int] = []
        waiting = [self]
        while waiting:
            sieve = waiting.pop()
            found += sieve.positions
            for name, table in sieve.tables.items():
                value = values[name] if name in values or read_plain((name,)) else None
                if value.__class__ is not str:
                    # A text equals itself only; what else a value equals, the comparison must say.
                    found += chain.from_iterable(it.everything for it in table.values())
                elif value in table:
                    waiting.append(table[value])
        return sorted(found)


def sieve_of(rules: Sequence[Rule]) -> Sieve:
    """The rules of a build by what they begin with."""
    root = Sieve()
    for position, rule in enumerate(rules):
        sieve = root
        sieve.everything.append(position)
        for name, text in _texts_asked_first(rule):
            sieve = sieve.tables.setdefault(name, {}).setdefault(text, Sieve())
            sieve.everything.append(position)
        sieve.positions.append(position)
    return root


def _texts_asked_first(rule: Rule) -> Iterator[tuple[str, str]]:
    """Data elements and the texts that they must be, as long as that is all the conditions say."""
    for condition in rule.conditions if rule.tests else ():
        sides = condition.sides
        if sides is None or condition.negate or sides.compare is not loosely_equal:
            return
        if sides.left_name is None or sides.right_name is not None or not isinstance(sides.right, str):
            return
        yield sides.left_name, sides.right
