"""The graph of data elements that read each other."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from properties.catalog.element_graph import (
    circles,
    element_graph,
    meant,
    reached,
    way,
    with_inputs,
    with_readers,
)

GRAPH = {"Total": ["Net", "Tax"], "Tax": ["Net"], "Net": [], "Other": ["Gone"]}
NAMES = st.sampled_from("ABCDE")
GRAPHS = st.dictionaries(NAMES, st.lists(NAMES, unique=True))


def test_a_graph_holds_the_names_that_tokens_mean() -> None:
    graph = element_graph({"Net": [], " Net ": [], "Total": [" Net ", " Tax "], "Tax": ["  Net  "]})
    assert graph == {"Net": [], " Net ": [], "Total": [" Net ", "Tax"], "Tax": ["Net"]}


def test_outer_blanks_count_only_if_a_data_element_has_them() -> None:
    assert meant([" A ", "B", " C "], {"A", " C "}) == {"A", "B", " C "}


def test_inputs_are_found_through_others_and_names_that_are_gone_stay() -> None:
    assert with_inputs(["Total"], GRAPH) == {"Total", "Tax", "Net"}
    assert with_inputs(["Other", "Unknown"], GRAPH) == {"Other", "Gone", "Unknown"}


def test_readers_are_found_through_others() -> None:
    assert with_readers(["Net"], GRAPH) == {"Net", "Tax", "Total"}
    assert with_readers(["Gone"], GRAPH) == {"Gone", "Other"}
    assert with_readers([], GRAPH) == set()


def test_each_reached_node_is_returned_once_and_the_nearest_first() -> None:
    assert reached([1, 2], lambda it: [it * 10, it * 10] if it < 100 else []) == [1, 2, 10, 20, 100, 200]


def test_a_graph_without_a_circle_has_none() -> None:
    assert list(circles(GRAPH)) == []


def test_each_circle_begins_at_its_first_member_and_names_it_again_at_the_end() -> None:
    graph = {"Alone": ["Alone"], "A": ["C"], "B": ["A"], "C": ["B"], "Reader": ["A"]}
    assert list(circles(graph)) == [["Alone", "Alone"], ["A", "C", "B", "A"]]
    assert way(["A", "B", "A"]) == "“A” → “B” → “A”"


@given(graph=GRAPHS)
def test_every_circle_can_be_walked_and_taking_them_out_leaves_none(graph: dict[str, list[str]]) -> None:
    found = list(circles(graph))
    for circle in found:
        assert all(after in graph[before] for before, after in pairwise(circle))
    members = [name for circle in found for name in circle[1:]]
    assert len(members) == len(set(members))
    rest = {name: reads for name, reads in graph.items() if name not in members}
    assert all(name not in _behind(name, rest) for name in rest)


@given(graph=GRAPHS, start=NAMES)
def test_a_reader_is_whatever_has_the_name_among_its_inputs(graph: dict[str, list[str]], start: str) -> None:
    readers = {name for name in graph if start in with_inputs([name], graph)}
    assert with_readers([start], graph) == {start, *readers}


def _behind(name: str, graph: dict[str, list[str]]) -> set[str]:
    return with_inputs(graph[name], graph)
