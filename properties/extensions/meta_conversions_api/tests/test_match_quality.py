"""Reading Meta's match quality: the whole answer, answers with lost parts, and every refusal.

Source: Meta, Dataset Quality API.
"""

from __future__ import annotations

import copy
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.catalog.match_quality import KeyCoverage, QualityFinding, QualityReading, Share
from properties.catalog.outbound import Answer, OutboundRequest
from properties.catalog.testing import fake_context

from ..match_quality import FEWER_FIELDS, FIELDS, KEYS, ask, match_quality, read
from ..parameters import CUSTOMER_INFORMATION
from ..quality_answers import read_events
from ..simulator.dataset_quality import read_fields
from .quality import PLACES, SAMPLE, changed

SETTINGS = {"pixelId": "1234567890", "accessToken": "EAAB-token"}


def conversation(
    *answers: Answer, settings: dict[str, Any] = SETTINGS
) -> tuple[list[OutboundRequest], list[QualityReading]]:
    """Return the requests, and the readings; the last answer repeats."""
    asking, given = ask(settings, fake_context()), list(answers)
    requests: list[OutboundRequest] = []
    try:
        requests.append(next(asking))
        while True:
            answer = given.pop(0) if len(given) > 1 else given[0]
            requests.append(asking.send(answer))
    except StopIteration as finished:
        return requests, list(finished.value)


def said(body: Any, status: int = 200) -> Answer:
    return Answer(status, body=json.dumps(body))


def error(code: int, subcode: int | None = None, status: int = 400) -> Answer:
    return said({"error": {"code": code, "error_subcode": subcode, "message": "No"}}, status)


def test_the_question_names_the_dataset_and_carries_the_token_in_a_header_only() -> None:
    [request], _ = conversation(said(SAMPLE))
    parts = urlsplit(request.url)
    assert (
        f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://graph.facebook.com/v25.0/dataset_quality"
    )
    assert parse_qs(parts.query) == {"dataset_id": ["1234567890"], "fields": [FIELDS]}
    assert request.headers == {"Authorization": "Bearer EAAB-token"}
    assert (request.method, request.body, request.secret_query) == ("GET", None, {})


def test_the_fields_have_every_brace_and_the_name_that_meta_knows() -> None:
    for fields in (FIELDS, FEWER_FIELDS):
        assert list(read_fields(fields)) == ["web"]
    assert "dedupe_key_feedback" in FIELDS
    assert "dedup_key_feedback" not in FIELDS.replace("dedupe_key_feedback", "")


def test_with_an_app_secret_the_question_is_proven() -> None:
    [request], _ = conversation(said(SAMPLE), settings={**SETTINGS, "appSecret": "s3cret"})
    assert [*request.secret_query] == ["appsecret_proof"]
    assert "s3cret" not in request.url


def test_each_part_of_the_sample_answer_is_read() -> None:
    _, [reading] = conversation(said(SAMPLE))
    [event] = reading.events
    assert (reading.state, reading.destination) == ("ok", "1234567890")
    assert (event.name, event.score) == ("Purchase", 6.2)
    assert event.keys == [KeyCoverage("user_agent", 100.0), KeyCoverage("email", 48.3)]
    assert event.findings == [
        QualityFinding(
            "Invalid phone",
            "Some phone numbers have no country code",
            "Send the country code",
            12.5,
            5.0,
            40.0,
        )
    ]
    assert (event.coverage, event.coverage_goal) == (Share(80.5, "Good coverage"), 75.0)
    [key] = event.duplicate_keys
    assert (key.name, key.browser.percent, key.server.percent, key.overall.percent) == (
        "event_id",
        90,
        95,
        88,
    )
    assert (event.frequency, event.freshness) == ("real_time", "Sent at once")
    assert event.gains == {"Additional conversions reported": Share(21.4, "More conversions")}


def test_numbers_as_text_are_numbers_and_nonsense_is_left_out() -> None:
    found = copy.deepcopy(SAMPLE)
    quality = found["web"][0]["event_match_quality"]
    quality["composite_score"] = "6.2"
    quality["match_key_feedback"] = [
        {"identifier": "email", "coverage": {"percentage": "48.3"}},
        {"identifier": "phone", "coverage": {"percentage": "many"}},
        {"identifier": "fbp", "coverage": {"percentage": 480}},
        {"identifier": "fbc", "coverage": {"percentage": -1}},
        {"identifier": "a_new_key", "coverage": {"percentage": 3}},
        {"coverage": {"percentage": 3}},
        "email",
    ]
    [event] = read_events(found)
    assert event.score == 6.2
    assert [(it.name, it.percent) for it in event.keys] == [
        ("email", 48.3), ("phone", None), ("fbp", None), ("fbc", None), ("a_new_key", 3.0)
    ]  # fmt: skip


@pytest.mark.parametrize("score", [None, True, "high", 62, -1, [], float("nan")])
def test_a_score_outside_the_scale_is_no_score(score: Any) -> None:
    found = copy.deepcopy(SAMPLE)
    found["web"][0]["event_match_quality"]["composite_score"] = score
    [event] = read_events(found)
    assert event.score is None
    assert len(event.keys) == 2


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_without_any_one_part_the_others_are_still_read(place: tuple[Any, ...]) -> None:
    whole, found = read_events(SAMPLE)[0], read_events(changed(place, gone=True))
    if place in (("web",), ("web", 0), ("web", 0, "event_name")):
        assert found == []
        return
    kept = {"score": found[0].score, "keys": found[0].keys, "findings": found[0].findings}
    kept |= {"coverage": found[0].coverage, "freshness": found[0].frequency, "acr": found[0].gains}
    asked = {"score": whole.score, "keys": whole.keys, "findings": whole.findings}
    asked |= {"coverage": whole.coverage, "freshness": whole.frequency, "acr": whole.gains}
    assert sum(kept[name] != asked[name] for name in asked) <= (
        3 if place[-1] == "event_match_quality" else 1
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(PLACES), JSON)
def test_no_part_of_any_type_breaks_reading(place: tuple[Any, ...], value: Any) -> None:
    reading = read("1", Answer(200, body=json.dumps(changed(place, value))))
    assert reading.state in ("ok", "empty", "unreadable")


@given(JSON)
def test_no_answer_breaks_reading(body: Any) -> None:
    assert read("1", Answer(200, body=json.dumps(body))).title is not None


@pytest.mark.parametrize(
    ("answer", "state", "title"),
    [
        (said({}), "empty", "No score yet"),
        (said({"web": []}), "empty", "No score yet"),
        (said({"data": []}), "unreadable", "Answer not readable"),
        (error(190, 463, 401), "expired", "Token refused"),
        (error(190, 458, 401), "expired", "Token refused"),
        (error(10, status=403), "denied", "Token cannot read"),
        (error(100), "denied", "Token cannot read"),
        (error(200, status=403), "denied", "Token cannot read"),
        (error(2044055), "gone", "Dataset not found"),
        (error(100, 2044055), "gone", "Dataset not found"),
        (error(100, 33), "gone", "Dataset not found"),
        (error(2500), "unreadable", "Not answered"),
        (error(2635), "unreadable", "Not answered"),
        (error(4), "throttled", "Throttled"),
        (error(80004), "throttled", "Throttled"),
        (error(2, status=500), "away", "Meta could not answer"),
        (Answer(None, error="timeout"), "away", "Meta is not reachable"),
        (Answer(502, body="<html>"), "away", "Meta could not answer"),
        (Answer(200, body="<html>"), "away", "Meta could not answer"),
        (Answer(200, body='{"web": [{"event_na'), "away", "Meta could not answer"),
    ],
)
def test_each_answer_is_explained_in_plain_words(answer: Answer, state: str, title: str) -> None:
    _, [reading] = conversation(answer)
    assert (reading.state, reading.title) == (state, title)
    assert reading.message
    assert reading.advice
    if state == "denied":
        assert "Events are still sent" in reading.message


def test_a_configuration_without_pixel_asks_nothing_and_says_so() -> None:
    asking = ask({"accessToken": "EAAB"}, fake_context())
    with pytest.raises(StopIteration) as finished:
        next(asking)
    [reading] = finished.value.value
    assert reading.state == "not_set"
    assert "Pixel ID" in reading.message


def test_each_pixel_is_asked_about_with_its_own_token() -> None:
    more = [{"pixelId": "42", "accessToken": "EAAB-other"}]
    requests, readings = conversation(said(SAMPLE), settings={**SETTINGS, "additionalPixels": more})
    assert [it.destination for it in readings] == ["1234567890", "42"]
    assert requests[1].headers == {"Authorization": "Bearer EAAB-other"}


def test_an_answer_that_is_too_long_is_asked_for_again_with_fewer_fields() -> None:
    requests, [reading] = conversation(Answer(200, body="{", error="too_large"), said(SAMPLE))
    assert parse_qs(urlsplit(requests[1].url).query)["fields"] == [FEWER_FIELDS]
    assert reading.state == "ok"


def test_every_key_is_a_customer_information_parameter_of_the_action() -> None:
    known = {f"user_data.{row.name}": row for row in CUSTOMER_INFORMATION if row.place == "user_data"}
    for key in KEYS:
        assert known[key.payload_key].key == key.setting
        assert known[key.payload_key].label == key.label
    marked = {path for path, row in known.items() if row.match_quality}
    assert marked == {key.payload_key for key in KEYS}


def test_the_keys_of_a_payload_are_found() -> None:
    payload = {"user_data": {"em": ["62a1"], "client_user_agent": "Mozilla/5.0", "ph": [], "fbp": ""}}
    assert match_quality.keys_in(payload) == {"email", "user_agent"}
    assert match_quality.keys_in({"user_data": None}) == frozenset()
