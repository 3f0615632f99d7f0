"""Nonsense in every field of Meta's action: the event is sent without it or refused, and can be stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from properties.catalog.errors import Rejected
from properties.catalog.outbound import BatchItem
from properties.catalog.testing import fake_context
from tests.test_bad_values import VALUES

from . import action

WEBSITE = {**action.WEBSITE, "customData": {"value": 1, "currency": "EUR"}}
CONTEXT = fake_context(received_at=float(action.RECEIVED_AT), extension_settings=action.CONFIGURATION)
CREDENTIALS = ("pixelId", "accessToken", "appSecret")
# The value of a data element with JSON as text: the edge has cleaned the text, but not its escapes.
SPELLED = {
    "escapes in JSON": r'{"a\u0000": "\ud800", "id": "\u0000", "quantity": 1}',
    "a list of escapes in JSON": r'[{"id": "\ud800", "quantity": 1, "b\u0000": ["\u0000"]}, "\ud800"]',
    "JSON that only Python reads": '{"a": NaN, "b": [Infinity]}',
    "JSON of an endless number": "[1e999, " + "9" * 4000 + "]",
}
BAD = VALUES | SPELLED | {f"reported: {value!s:.60}": value for _, value in action.reported.VALUES}
# As JSON writes it; after an even number of backslashes it is a text that only looks like it.
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def settings_with(value: Any) -> Iterator[dict[str, Any]]:
    """The settings of a good event, each field in turn with a bad value; also each member of an object."""
    for row in action.parameters.PARAMETERS:
        if row.key not in CREDENTIALS:
            switches = {"isTestEvent": True} if row.key == "testEventCode" else {"lduEnabled": True}
            yield WEBSITE | switches | {"testEventCode": "TEST1", row.key: value}
        for member in row.properties:
            yield WEBSITE | {row.key: {**WEBSITE.get(row.key, {}), member.key: value}}
    yield WEBSITE | {"customData": {"own": value, "contents": [{"id": "1", "quantity": 1, "own": value}]}}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
def test_a_bad_value_costs_at_most_its_event(value: Any) -> None:
    for settings in settings_with(value):
        template = {key: f"{{{{{key}}}}}" for key in settings}
        for given in (settings, template):
            _assert_harmless(given, settings)


def _assert_harmless(template: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    try:
        item = action.ACTION.prepare(template)(settings, CONTEXT)
    except Rejected as rejected:
        written = [rejected.message, *(warning.message for warning in rejected.warnings)]
    else:
        assert isinstance(item, BatchItem)
        body = action.ACTION.batch_request(item.envelope, [item.payload]).body
        assert action.simulator.check_request(body, action.RECEIVED_AT) is None
        written = [body, [[warning.path, warning.label, warning.message] for warning in item.warnings]]
    # Only values that PostgreSQL stores and JSON allows.
    text = json.dumps(written, ensure_ascii=False, allow_nan=False)
    text.encode()
    assert not NUL.search(text)
