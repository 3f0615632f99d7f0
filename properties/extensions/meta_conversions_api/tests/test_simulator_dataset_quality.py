"""The simulated Dataset Quality API. Source: Meta, Dataset Quality API."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from ..match_quality import FIELDS
from ..simulator import Simulator
from .quality import SAMPLE
from .simulator_client import Reply, call

TOKEN = {"Authorization": "Bearer EAAB-test"}


def ask(
    simulator: Simulator,
    dataset: str = "1234567890",
    fields: str = FIELDS,
    path: str = "/v25.0/dataset_quality",
    headers: dict[str, str] = TOKEN,
) -> Reply:
    return call(simulator, "GET", f"{path}?dataset_id={dataset}&fields={quote(fields)}", headers=headers)


def state(simulator: Simulator, **parts: Any) -> None:
    assert call(simulator, "POST", "/_simulator/state", parts).status == 200


def test_a_new_dataset_has_no_figures(simulator: Simulator) -> None:
    answer = ask(simulator)
    assert (answer.status, answer.body) == (200, {})


def test_the_answer_is_flat_and_has_what_was_asked_for(simulator: Simulator) -> None:
    state(simulator, dataset_quality=SAMPLE)
    assert ask(simulator).body == SAMPLE
    few = ask(simulator, fields="web{event_name,event_match_quality{composite_score}}").body
    assert few == {"web": [{"event_name": "Purchase", "event_match_quality": {"composite_score": 6.2}}]}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"fields": "web{event_name,dedup_key_feedback{dedupe_key}}"}, 100),
        ({"fields": "web{event_name"}, 2500),
        ({"path": "/v25.0/1234567890/dataset_quality"}, 2500),
        ({"dataset": "999"}, 2044055),
        ({"dataset": ""}, 100),
        ({"headers": {}}, 190),
        ({"path": "/v9.0/dataset_quality"}, 2635),
    ],
)
def test_a_wrong_question_gets_metas_error(simulator: Simulator, asked: dict[str, Any], code: int) -> None:
    assert ask(simulator, **asked).error["code"] == code


@pytest.mark.parametrize(("token", "code"), [("no_permission", 100), ("expired", 190), ("revoked", 190)])
def test_a_token_that_cannot_read_gets_metas_error(simulator: Simulator, token: str, code: int) -> None:
    state(simulator, token=token, dataset_quality=SAMPLE)
    assert ask(simulator).error["code"] == code


def test_a_fixed_answer_replaces_the_figures(simulator: Simulator) -> None:
    state(simulator, answers={"dataset_quality": {"error": {"code": 80004, "message": "Too many calls"}}})
    assert ask(simulator).error["code"] == 80004
    state(simulator, answers={"dataset_quality": {"web": [{"event_name": 7}]}})
    assert ask(simulator).body == {"web": [{"event_name": 7}]}
