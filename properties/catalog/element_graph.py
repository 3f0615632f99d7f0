"""The graph of data elements that read each other, and the questions that we ask of it.

A graph is a mapping: name of each data element → names of the data elements that it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from .tokens import spelled_as

Graph = Mapping[str, Collection[str]]
Node = TypeVar("Node", bound=Hashable)


def element_graph(reads: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Return the graph of these data elements.

    Args:
        reads: Name of each data element → the names in its settings, as spelled there.
    """
    return {name: sorted(meant(spelled, reads)) for name, spelled in reads.items()}


def meant(spelled: Iterable[str], known: Collection[str]) -> set[str]:
    """Return the data elements that tokens with these names mean."""
    return {spelled_as(name, known) for name in spelled}


def reached(starts: Iterable[Node], following: Callable[[Node], Iterable[Node]]) -> list[Node]:
    """Return the starts and all nodes behind them, each once, the nearest first."""
    found = dict.fromkeys(starts)
    waiting = list(found)
    for node in waiting:
        fresh = [it for it in dict.fromkeys(following(node)) if it not in found]
        found.update(dict.fromkeys(fresh))
        waiting += fresh
    return waiting


def with_inputs(names: Iterable[str], graph: Graph) -> set[str]:
    """Return these data elements and all that they read, directly or through others."""
    return set(reached(names, lambda name: graph.get(name, ())))


def with_readers(names: Iterable[str], graph: Graph) -> set[str]:
    """Return these data elements and all that read them, directly or through others."""
    readers: dict[str, list[str]] = {}
    for name, inputs in graph.items():
        for read in inputs:
            readers.setdefault(read, []).append(name)
    return with_inputs(names, readers)


def circles(graph: Graph) -> Iterator[list[str]]:
    """Yield each circle once, such as ``["A", "B", "A"]``; no two of them share a data element.

    A circle begins at the member that the graph names first.
    """
    left = dict(graph)
    while circle := _circle(left):
        first = next(name for name in graph if name in circle)
        start = circle.index(first)
        yield [*circle[start:], *circle[:start], first]
        left = {name: inputs for name, inputs in left.items() if name not in circle}


def way(circle: Iterable[str]) -> str:
    """Return a circle as text for people: ``“A” → “B” → “A”``."""
    return " → ".join(f"“{name}”" for name in circle)


def _circle(graph: Graph) -> list[str]:
    """Return the elements of one circle, each before the one it reads; an empty list without a circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # graphlib names a data element before its readers, and repeats the first member at the end.
        members: list[str] = error.args[1]
        return members[:0:-1]
    return []
