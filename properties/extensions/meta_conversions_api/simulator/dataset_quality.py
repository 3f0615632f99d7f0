"""Answers GET /{version}/dataset_quality as Meta does, from the state of the simulator.

Source: Meta, Dataset Quality API. Observed: `dedup_key_feedback`, as one page writes it, is no field.
"""

import re
from typing import Any

from .answers import GraphResponse, refused
from .connection import GraphRequest
from .problems import GraphError, graph_error
from .state import GraphState, check_reading

PATH = re.compile(r"/(?P<version>[^/]+)/dataset_quality/?\Z")
UNKNOWN_DATASET = 2044055
Tree = dict[str, Any]

DIAGNOSTICS = (
    *("name", "description", "solution"),
    *("percentage", "affected_event_count", "total_event_count"),
)
_SHARE: Tree = {"percentage": {}, "description": {}}
_GAIN = {"potential_aly_acr_increase": _SHARE}
KNOWN: Tree = {
    "web": {
        "event_name": {},
        "event_match_quality": {
            "composite_score": {},
            "match_key_feedback": {"identifier": {}, "coverage": {"percentage": {}}, **_GAIN},
            "diagnostics": {name: {} for name in DIAGNOSTICS},
        },
        "event_coverage": {**_SHARE, "goal_percentage": {}, **_GAIN},
        "dedupe_key_feedback": {
            "dedupe_key": {},
            "browser_events_with_dedupe_key": _SHARE,
            "server_events_with_dedupe_key": _SHARE,
            "overall_browser_coverage_from_dedupe_key": _SHARE,
        },
        "data_freshness": {"upload_frequency": {}, "description": {}},
        "event_potential_aly_acr_increase": _SHARE,
        "acr": _SHARE,
    }
}


def answer_quality(request: GraphRequest, state: GraphState) -> GraphResponse:
    """Return Meta's answer to one request: the figures of the state, with the fields that were asked for."""
    dataset = request.query_value("dataset_id") or ""
    try:
        asked = read_fields(request.query_value("fields") or "")
        error = _check_fields(asked, KNOWN)
    except ValueError as problem:
        asked, error = {}, graph_error(2500, str(problem))
    error = check_reading(state) or error or _check_dataset(dataset, state)
    return refused(error) if error else GraphResponse(200, _only(state["dataset_quality"], asked))


def read_fields(text: str) -> Tree:
    """Return a list of fields such as ``web{event_name,acr{percentage}}`` as a tree.

    Raises:
        ValueError: A brace is missing, or a name.
    """
    root: Tree = {}
    above, names = [root], re.findall(r"[{},]|[^{},]+", text)
    last = ""
    for part in names:
        if part == "{":
            if not last:
                raise ValueError(f"Syntax error in fields: a name is missing before {part}")
            above.append(above[-1][last])
        elif part == "}":
            if len(above) == 1:
                raise ValueError("Syntax error in fields: a brace too many")
            above.pop()
        elif part != ",":
            last = part.strip()
            above[-1].setdefault(last, {})
    if len(above) > 1:
        raise ValueError("Syntax error in fields: a brace is not closed")
    return root


def _check_fields(asked: Tree, known: Tree) -> GraphError | None:
    for name, below in asked.items():
        if name not in known:
            return graph_error(100, f"(#100) Tried accessing nonexisting field ({name})")
        if error := _check_fields(below, known[name]):
            return error
    return None


def _check_dataset(dataset: str, state: GraphState) -> GraphError | None:
    if not dataset:
        return graph_error(100, "(#100) The parameter dataset_id is required")
    if state.pixel(dataset) is None:
        return graph_error(UNKNOWN_DATASET, "(#2044055) The dataset does not exist or you cannot read it.")
    return None


def _only(value: Any, asked: Tree) -> Any:
    """Return the parts that were asked for; a part without a list of fields is whole."""
    if isinstance(value, list):
        return [_only(it, asked) for it in value]
    if not isinstance(value, dict) or not asked:
        return value
    return {name: _only(it, asked[name]) for name, it in value.items() if name in asked}
