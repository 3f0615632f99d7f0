"""The outcomes of Meta's answers. Source: Meta, Using the API; Handling Errors (Graph API)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from properties.catalog.outbound import Answer, Outcome

from ..responses import read_answer


def answered(body: Any, status: int = 200, count: int = 1, **headers: str) -> Outcome:
    text = body if isinstance(body, str) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_answer(Answer(status=status, headers=named, body=text), count)


def refused(status: int = 400, **error: Any) -> Outcome:
    return answered({"error": {"message": "Invalid parameter", "fbtrace_id": "A1b"} | error}, status)


def test_as_many_events_as_were_sent_means_delivered() -> None:
    outcome = answered({"events_received": 2, "messages": ["a hint"], "fbtrace_id": "A1b"}, count=2)

    assert (outcome.kind, outcome.message, outcome.reference) == ("delivered", "a hint", "A1b")


@pytest.mark.parametrize(
    "body",
    [{"events_received": 1}, {"events_received": "2"}, {"events_received": None}, {"fbtrace_id": "A"}, {}],
)
def test_any_other_number_is_tried_again(body: dict[str, Any]) -> None:
    outcome = answered(body, count=2)

    assert (outcome.kind, outcome.code) == ("retry", "events_received")


@pytest.mark.parametrize("error", ["timeout", "connection", "tls", "too_large"])
def test_no_answer_is_tried_again(error: str) -> None:
    outcome = read_answer(Answer(status=None, error=error), 1)

    assert (outcome.kind, outcome.code) == ("retry", error)
    assert outcome.message


@pytest.mark.parametrize("status", [200, 302, 400, 403, 404, 500, 502])
@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "", '{"events_rec', "[1]", "[" * 2000])
def test_html_and_cut_off_bodies_are_tried_again(status: int, body: str) -> None:
    outcome = answered(body, status)

    assert (outcome.kind, outcome.code) == ("retry", f"http_{status}")


# Source: Meta, Handling Errors (Graph API); Error codes (Marketing API); Rate Limiting (Marketing API).
@pytest.mark.parametrize(
    ("code", "subcode", "kind", "pauses"),
    [
        (1, None, "retry", False),
        (2, None, "retry", False),
        (3, None, "misconfigured", False),
        (4, None, "retry", True),
        (10, None, "misconfigured", False),
        (17, None, "retry", True),
        (17, 2446079, "retry", True),
        (100, None, "rejected", False),
        (100, 33, "misconfigured", False),
        (100, 123, "rejected", False),
        (100, 1815356, "rejected", False),
        (100, 2804001, "rejected", False),
        (100, 2804003, "rejected", False),
        (100, 2804007, "rejected", False),
        (100, 2804008, "rejected", False),
        (100, 2804009, "rejected", False),
        (100, 2804010, "rejected", False),
        (100, 2804016, "rejected", False),
        (100, 2804017, "rejected", False),
        (100, 2804019, "rejected", False),
        (100, 2804030, "rejected", False),
        (100, 2804036, "rejected", False),
        (100, 2804043, "rejected", False),
        (100, 2804048, "rejected", False),
        (100, 2804050, "rejected", False),
        (100, 2804065, "rejected", False),
        (100, 2804066, "rejected", False),
        (100, 2804072, "rejected", False),
        (100, 2804073, "rejected", False),
        (100, 2804116, "rejected", False),
        (100, 2804131, "rejected", False),
        (102, None, "misconfigured", False),
        (104, None, "misconfigured", False),
        (190, None, "misconfigured", False),
        (190, 458, "misconfigured", False),
        (190, 459, "misconfigured", False),
        (190, 460, "misconfigured", False),
        (190, 463, "misconfigured", False),
        (190, 464, "misconfigured", False),
        (190, 467, "misconfigured", False),
        (190, 492, "misconfigured", False),
        (200, None, "misconfigured", False),
        (270, None, "misconfigured", False),
        (294, None, "misconfigured", False),
        (299, None, "misconfigured", False),
        (341, None, "retry", True),
        (368, None, "retry", True),
        (506, None, "rejected", False),
        (613, None, "retry", True),
        (613, 1487742, "retry", True),
        (613, 5044001, "retry", True),
        (2500, None, "rejected", False),
        (2635, None, "misconfigured", False),
        (5000, None, "retry", False),
        (6200, None, "rejected", False),
        (6202, None, "rejected", False),
        (21009, None, "retry", False),
        (80000, None, "retry", True),
        (80003, None, "retry", True),
        (80004, None, "retry", True),
        (80014, None, "retry", True),
        (2044055, None, "misconfigured", False),
    ],
)
def test_code_and_subcode_decide(code: int, subcode: int | None, kind: str, pauses: bool) -> None:
    outcome = refused(code=code, error_subcode=subcode)

    assert (outcome.kind, outcome.pause_destination) == (kind, pauses)
    assert outcome.code == (f"{code}/{subcode}" if subcode else str(code))
    assert outcome.advice
    assert outcome.reference == "A1b"


@pytest.mark.parametrize(
    ("status", "kind", "pauses"),
    [
        (400, "rejected", False),
        (401, "misconfigured", False),
        (403, "misconfigured", False),
        (429, "retry", True),
        (500, "retry", False),
        (503, "retry", False),
    ],
)
def test_an_unknown_code_is_judged_by_the_status(status: int, kind: str, pauses: bool) -> None:
    outcome = refused(status, code=999_999)

    assert (outcome.kind, outcome.pause_destination) == (kind, pauses)


def test_an_error_that_meta_calls_transient_is_retried_whatever_the_code() -> None:
    assert refused(code=100, is_transient=True).kind == "retry"


def test_an_error_in_a_200_is_an_error() -> None:
    assert refused(200, code=190).kind == "misconfigured"


def test_a_refusal_without_error_object_is_a_refusal() -> None:
    outcome = answered({"oops": 1}, 400)

    assert (outcome.kind, outcome.code) == ("rejected", "http_400")


def test_metas_own_words_for_people_are_shown() -> None:
    outcome = refused(code=100, error_user_title="Too old", error_user_msg="The event is\ntoo old.")

    assert outcome.message == "Too old: The event is too old."


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"blame_field_specs": [["data", 3, "event_time"]]}, (3, "event_time")),
        ({"blame_field_specs": [["data", "0", "user_data", "em"]]}, (0, "user_data.em")),
        ('{"blame_field_specs": [["data", 1, "custom_data", "value"]]}', (1, "custom_data.value")),
        ({"blame_field_specs": [["access_token"]]}, (None, "")),
        ({"blame_field_specs": "data"}, (None, "")),
        ({}, (None, "")),
        (None, (None, "")),
    ],
)
def test_the_event_and_field_that_meta_names_are_read(data: Any, expected: tuple[int | None, str]) -> None:
    outcome = refused(code=100, error_data=data)

    assert (outcome.blamed_index, outcome.blamed_field) == expected


PATH = "$['data'][3]['custom_data']['contents']"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"error_user_msg": f"The parameter {PATH} must be an array."}, "custom_data.contents"),
        ({"message": f"Param {PATH} must be a string"}, "custom_data.contents"),
        ({"error_user_msg": f'Der Parameter "{PATH}" muss ein Array sein.'}, "custom_data.contents"),
        ({"error_user_msg": "… $[‘data’][3][‘user_data’][‘fbc’]"}, "user_data.fbc"),
        ({"message": "(#100) Param data[3]['user_data']['em'] must be hashed"}, "user_data.em"),
        ({"message": "(#100) Param data[3][referrer_url] is no URL"}, "referrer_url"),
        ({"message": "Invalid: data[3].custom_data.value"}, "custom_data.value"),
        (
            {"error_user_msg": f'Unexpected key "index" on param "{PATH}[0]".'},
            "custom_data.contents.0.index",
        ),
        ({"error_user_msg": "Unexpected key “store_data” on param “$['data'][3]”."}, "store_data"),
    ],
)
def test_a_field_that_meta_names_by_its_path_in_a_text_is_read(texts: dict[str, str], expected: str) -> None:
    """Source: facebookincubator/ConversionsAPI-Tag-for-GoogleTagManager issue 20."""
    outcome = refused(code=100, error_subcode=2804001, **texts)

    assert (outcome.kind, outcome.blamed_index, outcome.blamed_field) == ("rejected", 3, expected)


@pytest.mark.parametrize(
    "text", ["Your custom data is not valid.", "The data[x] is bad", "metadata[0]['em']", "data", "$['data']"]
)
def test_a_text_without_such_a_path_names_no_field(text: str) -> None:
    outcome = refused(code=100, error_user_msg=text)

    assert (outcome.blamed_index, outcome.blamed_field) == (None, "")


def test_the_list_of_blamed_fields_is_read_to_its_end() -> None:
    outcome = refused(
        code=100, error_data={"blame_field_specs": [["access_token"], ["data", 1, "event_time"]]}
    )

    assert (outcome.blamed_index, outcome.blamed_field) == (1, "event_time")


def test_a_throttled_destination_waits_as_long_as_meta_says() -> None:
    # Source: Meta, Rate Limiting (Marketing API): minutes, per business a list.
    usage = json.dumps(
        {
            "77": [
                {"call_count": 100, "estimated_time_to_regain_access": 5},
                {"estimated_time_to_regain_access": 2},
            ]
        }
    )
    body = {"error": {"code": 80004, "message": "slow down"}}

    waits = [
        answered(body, 400, x_business_use_case_usage=usage).retry_after_seconds,
        answered(body, 400, retry_after="90").retry_after_seconds,
        answered(body, 400, retry_after="999999999999").retry_after_seconds,
        answered(body, 400, retry_after="soon", x_business_use_case_usage="{").retry_after_seconds,
    ]

    assert waits == [300.0, 90.0, 86_400, None]


# Source: Meta, Rate Limiting (Marketing API): slow down when a percentage nears 100.
@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"x_app_usage": '{"call_count": 28, "total_time": 94, "total_cputime": 1}'}, None),
        ({"x_app_usage": '{"call_count": 95, "total_time": 1}'}, 60.0),
        ({"x_ad_account_usage": '{"acc_id_util_pct": 99.5}'}, 60.0),
        ({"x_business_use_case_usage": '{"7": [{"total_cputime": 98}]}'}, 60.0),
        (
            {
                "x_business_use_case_usage": '{"7": [{"call_count": 100, '
                '"estimated_time_to_regain_access": 3}]}'
            },
            180.0,
        ),
        ({"x_app_usage": '{"call_count": "many"}', "x_ad_account_usage": "[]"}, None),
    ],
)
def test_an_accepted_request_close_to_metas_limit_asks_for_a_pause(
    headers: dict[str, str], pause: float | None
) -> None:
    outcome = answered({"events_received": 1}, 200, **headers)

    assert outcome.kind == "delivered"
    assert (outcome.pause_destination, outcome.retry_after_seconds) == (pause is not None, pause)


# Source: docs/reference/failures.md, "Unclear answers": Meta may have accepted the events.
@pytest.mark.parametrize(
    ("answer", "unclear"),
    [
        (Answer(None, error="timeout"), True),
        (Answer(None, error="connection", is_sent=False), False),
        (Answer(200, body="{"), True),
        (Answer(200, body='{"events_received": 0}'), True),
        (Answer(502, body="<html>"), True),
        (Answer(500, body="{}"), True),
        (Answer(429, body="<html>"), False),
        (Answer(500, body='{"error": {"code": 2, "is_transient": true}}'), False),
        (Answer(200, body='{"events_received": 1}'), False),
    ],
)
def test_the_outcome_says_whether_meta_may_have_accepted_the_events(answer: Answer, unclear: bool) -> None:
    assert read_answer(answer, 1).unclear is unclear


def test_a_block_for_policies_waits_for_hours() -> None:
    wait = refused(code=368).retry_after_seconds

    assert wait is not None
    assert wait >= 3600


@pytest.mark.parametrize("secret", ["EAABsbCS1234ZBabc", "x" * 64, "mary@example.com", "access_token=abc123"])
def test_no_token_hash_or_address_from_metas_text_is_kept(secret: str) -> None:
    message = refused(code=190, message=f"Malformed access token {secret}").message

    assert secret.removeprefix("access_token=") not in message
    assert "Malformed" in message


def test_texts_of_meta_are_cut() -> None:
    outcome = refused(code=100, message="word " * 10_000, fbtrace_id="t" * 5000)

    assert len(outcome.message) <= 1000
    assert len(outcome.reference) <= 255


@pytest.mark.parametrize(
    "error", [{"code": "x"}, {"code": True}, {"code": [1]}, {"message": 5}, {"error_subcode": {}}, {}]
)
def test_an_error_of_an_odd_shape_is_read_without_failing(error: dict[str, Any]) -> None:
    assert answered({"error": error}, 400).kind == "rejected"
