"""Fetch calls that replace partners' actions make the same request as the partner's own code.

``tests/fixtures/partner_requests.json`` was recorded by running each partner's published action, named by its
``source``, with these settings and configurations and a ``fetch`` that keeps what it is given.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from properties.catalog.outbound import OutboundRequest
from properties.catalog.substitutes import Carried, Substitute
from properties.catalog.testing import fake_context, run_component

from ..extension import MAKE_FETCH_CALL

ROOT = Path(__file__).parents[4]
RECORDED: dict[str, Any] = json.loads((ROOT / "tests/fixtures/partner_requests.json").read_text())
SUBSTITUTES = {each.replaces: each for each in MAKE_FETCH_CALL.substitutes}
KINESIS = "aws::actions::send-data-to-kinesis-data-stream"
# These sign each request, so the import lists the signature as missing.
SIGNED = ("twitter-connector-edge", "azure")
CREDENTIALS = ("apiKey", "conversionAccessToken", "accessToken", "token")


def with_token(configuration: Any) -> tuple[Any, str]:
    """A configuration whose credential is a data element, and the credential."""
    found = ""
    if isinstance(configuration, dict):
        configuration = dict(configuration)
        for key, value in configuration.items():
            if key in CREDENTIALS and isinstance(value, str):
                found, configuration[key] = value, "{{Credential}}"
            elif isinstance(value, dict):
                configuration[key], found = with_token(value)
    return configuration, found


def request_of(carried: Carried, credential: str) -> OutboundRequest:
    """Return the request of the call with values for its data elements."""
    values = {"Credential": credential, **dict.fromkeys(carried.credentials, credential)}
    for name, given in carried.hashes.items():
        digest = hashlib.new(given["algorithm"], given["value"].encode(), usedforsecurity=False)
        values[name] = digest.hexdigest()
    made = run_component(MAKE_FETCH_CALL, carried.settings, fake_context(data_elements=values))
    assert isinstance(made, OutboundRequest)
    return made


def lowered(headers: Any, *, without: str = "") -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower() != without}


@pytest.mark.parametrize("delegate", RECORDED)
def test_a_call_makes_the_same_request_as_the_partners_code(delegate: str) -> None:
    recorded = RECORDED[delegate]
    configuration, credential = with_token(recorded["configuration"])
    made = request_of(SUBSTITUTES[delegate].carried(recorded["settings"], configuration), credential)
    wanted = recorded["request"]
    if delegate.startswith("gcp::"):
        message = wanted["body"]["messages"][0]
        message = {**message, "data": base64.b64decode(message["data"]).decode()}
        wanted = {**wanted, "body": {"messages": [message]}}
    skipped = "authorization" if delegate.startswith(SIGNED) else ""
    assert (made.method, made.url, made.body) == (wanted["method"], wanted["url"], wanted["body"])
    assert lowered(made.headers, without=skipped) == lowered(wanted["headers"], without=skipped)


def test_every_partner_has_a_recorded_request() -> None:
    """Amazon's client signs and encodes, so the expected request comes from Amazon's reference."""
    assert SUBSTITUTES.keys() - {KINESIS} == RECORDED.keys()


def test_a_record_for_kinesis_is_the_request_of_amazons_reference() -> None:
    """Source: Amazon Kinesis Data Streams, API reference, PutRecord."""
    settings = {
        "streamName": "orders",
        "region": "eu-west-1",
        "partitionKey": "{{Id}}",
        "data": {"id": "{{Id}}"},
    }
    carried = SUBSTITUTES[KINESIS].carried(settings, {})
    assert carried.settings["url"] == "https://kinesis.eu-west-1.amazonaws.com/"
    assert {"key": "X-Amz-Target", "value": "Kinesis_20131202.PutRecord"} in carried.settings["headers"]
    assert carried.settings["body"] == {
        "StreamName": "orders",
        "PartitionKey": "{{Id}}",
        "Data": {"id": "{{Id}}"},
    }
    assert [words for words in ("Signature Version 4", "Base64") if words in " ".join(carried.missing)] == [
        "Signature Version 4",
        "Base64",
    ]


@pytest.mark.parametrize("substitute", SUBSTITUTES.values(), ids=lambda it: it.replaces)
def test_every_partner_cites_the_public_code_and_is_named_as_adobe_names_it(substitute: Substitute) -> None:
    assert re.fullmatch(r"https://github\.com/[\w-]+/[\w-]+", substitute.source)
    assert re.fullmatch(r"[\w-]+::actions::[\w-]+", substitute.replaces)


@pytest.mark.parametrize("delegate", RECORDED)
def test_a_credential_in_plain_text_stays_behind_and_is_asked_for(delegate: str) -> None:
    recorded = RECORDED[delegate]
    _, credential = with_token(recorded["configuration"])
    carried = SUBSTITUTES[delegate].carried(recorded["settings"], recorded["configuration"])
    assert not credential or credential not in json.dumps(carried.settings)
    assert bool(carried.credentials) == (bool(credential) and not delegate.startswith("twitter")) or (
        delegate.startswith("azure")
    )


@pytest.mark.parametrize("substitute", SUBSTITUTES.values(), ids=lambda it: it.replaces)
@pytest.mark.parametrize("settings", [{}, {"event": "{{A}}", "user_identification": None, "splunkEvent": 7}])
def test_settings_that_lack_everything_still_give_a_call(substitute: Substitute, settings: Any) -> None:
    made = substitute.carried(settings, {}).settings
    assert made["method"] == "POST"
    assert made["url"].startswith(("https://", "{{"))
