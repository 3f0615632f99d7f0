"""Reports the progress of a build. Plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

# report("rules", 120, 500): 120 of 500 rules are done.
Progress = Callable[[str, int, int], None]


def silently(stage: str, done: int, total: int) -> None:
    """Report nothing."""


def with_progress(report: Progress, stage: str, items: Sequence[Item]) -> Iterator[tuple[int, Item]]:
    """Yield each item with its index; before each one, report how many are done."""
    for index, item in enumerate(items):
        report(stage, index, len(items))
        yield index, item
