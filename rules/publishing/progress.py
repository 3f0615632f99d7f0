"""How far a build is, told while it is made. Plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

# tell("rules", 120, 500): 120 of 500 rules are done.
Tell = Callable[[str, int, int], None]


def silently(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


def told(tell: Tell, stage: str, items: Sequence[Item]) -> Iterator[tuple[int, Item]]:
    """Each item with its index; says before each one how many are done."""
    for index, item in enumerate(items):
        tell(stage, index, len(items))
        yield index, item
