"""Consent that the edge accepts, and events of visitors who refused.

Source: @adobe/alloy, integration tests C14410 (purposes), C224670 to C224678 (IAB TCF), with their consent
strings; adobe/aepsdk-edge-android, the update of a mobile SDK.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from properties.models import Datastream
from rules.forwarding.tests.conftest import Answer, EdgeClient
from rules.models import InboundEvent

GRANTED = "CO052l-O052l-DGAMBFRACBgAIBAAAAAAIYgEawAQEagAAAA"
NO_PURPOSE_1 = "CO052oTO052oTDGAMBFRACBgAABAAAAAAIYgEawAQEagAAAA"
NO_PURPOSE_10 = "CO052kIO052kIDGAMBFRACBgAIAAAAAAAIYgEawAQEagAAAA"
NO_ADOBE = "CO052qdO052qdDGAMBFRACBgAIBAAAAAAIYgAAoAAAAA"
IGNORED = "https://ns.adobe.com/aep/errors/EXEG-0301-200"
PAGE = {"origin": "https://shop.example", "content-type": "text/plain; charset=UTF-8"}

SetConsent = Callable[..., Answer]


def tcf(value: Any = GRANTED, **more: Any) -> dict[str, Any]:
    return {"standard": "IAB TCF", "version": "2.0", "value": value, "gdprApplies": True, **more}


def adobe(value: Any, version: str = "1.0") -> dict[str, Any]:
    return {"standard": "Adobe", "version": version, "value": value}


def stored(answer: Answer) -> str | None:
    """Return the consent that the answer writes as a cookie."""
    entries = [e for h in answer.json()["handle"] if h["type"] == "state:store" for e in h["payload"]]
    return next((entry["value"] for entry in entries if entry["key"].endswith("_consent")), None)


@pytest.fixture
def set_consent(client: EdgeClient, datastream: Datastream) -> SetConsent:
    def set_consent(*consents: Any, **more: Any) -> Answer:
        body = {"consent": list(consents), **more}
        return client.post(f"/ee/v1/privacy/set-consent?configId={datastream.uid}", body, PAGE)

    return set_consent


@pytest.fixture
def send(client: EdgeClient, datastream: Datastream) -> Callable[..., Answer]:
    """Return one event with a consent string."""

    def send(value: str = GRANTED, path: str = "v1/interact", headers: Any = PAGE, **more: Any) -> Answer:
        entry = {"consentStandard": "IAB TCF", "consentStandardVersion": "2.0", "consentStringValue": value}
        event = {"xdm": {"consentStrings": [{**entry, "gdprApplies": True, **more}]}}
        return client.post(f"/ee/{path}?configId={datastream.uid}", {"events": [event]}, headers)

    return send


@pytest.mark.parametrize(
    ("consent", "cookie"),
    [
        (tcf(GRANTED), "general=in"),
        (tcf(NO_PURPOSE_1), "general=out"),
        (tcf(NO_PURPOSE_1 + "A"), "general=out"),
        # The vendors of this one cannot be read; its purposes are enough.
        (tcf("CO052oTO052oTDGAMBFRACBgAABAAAAAAAIYgEawAQEagAAAA"), "general=out"),
        (tcf(NO_ADOBE), "general=out"),
        (tcf(NO_PURPOSE_10), "general=in"),
        (tcf(GRANTED, gdprContainsPersonalData=True), "general=in"),
        (tcf(NO_PURPOSE_1, gdprApplies=False), "general=in"),
        (tcf(NO_PURPOSE_1, gdprApplies=None), "general=out"),
        (tcf(NO_PURPOSE_1, gdprApplies="false"), "general=out"),
        (adobe({"collect": {"val": "y"}, "metadata": {"time": "2026-01-01T00:00:00Z"}}, "2.0"), "general=in"),
        (adobe({"collect": {"val": "p"}}, "2.0"), "general=out"),
        (adobe({"collect": {"val": "u"}}, "2.0"), "general=out"),
    ],
)
def test_a_refusal_is_stored_as_a_refusal(set_consent: SetConsent, consent: Any, cookie: str) -> None:
    answer = set_consent(consent)
    assert (answer.status, stored(answer)) == (200, cookie)


def test_one_refusal_among_several_consents_refuses(set_consent: SetConsent) -> None:
    assert stored(set_consent(adobe({"general": "in"}), tcf(NO_PURPOSE_1))) == "general=out"


@pytest.mark.parametrize(
    ("consent", "status", "code"),
    [
        ({**tcf(), "standard": "IAB"}, 400, "EXEG-0102-400"),
        ({**tcf(), "version": "6.9"}, 400, "EXEG-0102-400"),
        ({**tcf(), "standard": ["IAB TCF"]}, 400, "EXEG-0102-400"),
        ({"standard": "IAB TCF", "version": "2.0"}, 400, "EXEG-0103-400"),
        (tcf(""), 422, "EXEG-0104-422"),
        (tcf("CO052l-O052l"), 422, "EXEG-0104-422"),
        (tcf({"general": "in"}), 422, "EXEG-0104-422"),
        (adobe({"analytics": "in"}), 400, "EXEG-0102-400"),
        (adobe({"general": "maybe"}), 400, "EXEG-0102-400"),
        (adobe({"general": "in", "analytics": "out"}), 400, "EXEG-0102-400"),
        (adobe({}), 422, "EXEG-0104-422"),
        (adobe("in"), 400, "EXEG-0102-400"),
        (adobe({"general": "in"}, "3.0"), 400, "EXEG-0102-400"),
        (adobe({"analytics": {"val": "y"}}, "2.0"), 400, "EXEG-0102-400"),
        (adobe({"collect": {"val": "yes"}}, "2.0"), 400, "EXEG-0102-400"),
        (adobe({"collect": "y"}, "2.0"), 400, "EXEG-0102-400"),
        (adobe({"marketing": {"preferred": "email"}}, "2.0"), 400, "EXEG-0103-400"),
        ("in", 400, "EXEG-0102-400"),
        (None, 400, "EXEG-0102-400"),
    ],
)
def test_what_cannot_be_read_is_refused_as_adobe_refuses_it(
    set_consent: SetConsent, consent: Any, status: int, code: str
) -> None:
    answer = set_consent(adobe({"general": "in"}), consent)
    assert answer.status == status
    assert answer.json()["type"] == f"https://ns.adobe.com/aep/errors/{code}"
    assert answer.json()["report"]["errors"][0]["path"].startswith("$.consent[1]")
    assert b"general=" not in answer.body.replace(b'"general', b"")


def test_an_update_of_a_mobile_sdk_that_does_not_speak_of_collecting_changes_nothing(
    set_consent: SetConsent,
) -> None:
    query = {"consent": {"operation": "update"}}
    answer = set_consent(adobe({"marketing": {"any": {"val": "n"}}}, "2.0"), query=query)
    assert (answer.status, stored(answer)) == (200, None)


@pytest.mark.parametrize(
    ("facts", "value", "cookie"),
    [
        ({"tcf_vendor": None}, NO_ADOBE, "general=in"),
        ({"tcf_purposes": [1, 10]}, NO_PURPOSE_10, "general=out"),
        ({"tcf_purposes": [], "tcf_vendor": None}, NO_PURPOSE_1, "general=in"),
        ({"tcf_vendor": 89}, GRANTED, "general=out"),
    ],
)
def test_the_datastream_decides_which_purposes_and_vendor_are_asked_for(
    client: EdgeClient, set_consent: SetConsent, facts: dict[str, Any], value: str, cookie: str
) -> None:
    Datastream.objects.update(**facts)
    client.refresh()
    assert stored(set_consent(tcf(value))) == cookie


def test_a_consent_string_in_an_event_counts(send: Callable[..., Answer]) -> None:
    answer = send(GRANTED)
    assert (answer.status, stored(answer)) == (200, "general=in")
    assert "warnings" not in answer.json()
    assert InboundEvent.objects.count() == 1


@pytest.mark.parametrize("value", [NO_PURPOSE_1, NO_ADOBE])
def test_an_event_with_a_refusal_is_not_stored_and_the_answer_says_so(
    send: Callable[..., Answer], client: EdgeClient, value: str
) -> None:
    answer = send(value)
    assert (answer.status, stored(answer)) == (200, "general=out")
    assert [warning["type"] for warning in answer.json()["warnings"]] == [IGNORED]
    assert any(handle["type"] == "identity:result" for handle in answer.json()["handle"])
    assert not InboundEvent.objects.exists()
    assert client.edge.counters.without_consent == 1


def test_a_refusal_outside_of_europe_is_none(send: Callable[..., Answer]) -> None:
    assert stored(send(NO_PURPOSE_1, gdprApplies=False)) == "general=in"
    assert InboundEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "status"), [("v1/collect", 204), ("v2/collect", 202), ("va/v1/sessionStart", 200)]
)
def test_a_refusal_counts_on_every_route(send: Callable[..., Answer], path: str, status: int) -> None:
    assert send(NO_PURPOSE_1, path).status == status
    assert not InboundEvent.objects.exists()


def test_a_refusal_of_one_person_leaves_the_events_of_others(
    client: EdgeClient, datastream: Datastream
) -> None:
    entry = {"consentStandard": "IAB TCF", "consentStandardVersion": "2.0", "gdprApplies": True}
    events = [
        {"xdm": {"consentStrings": [{**entry, "consentStringValue": value}]}, "data": {"n": n}}
        for n, value in enumerate((GRANTED, NO_PURPOSE_1, GRANTED))
    ]
    answer = client.post(f"/ee/v2/collect?configId={datastream.uid}", {"events": events})
    assert answer.status == 202
    assert [warning["type"] for warning in answer.json()["warnings"]] == [IGNORED]
    bodies = InboundEvent.objects.order_by("id").values_list("body", flat=True)
    assert [json.loads(body)["data"]["n"] for body in bodies] == [0, 2]


@pytest.mark.parametrize(
    ("value", "more", "status", "code"),
    [
        ("", {}, 422, "EXEG-0104-422"),
        ("nonsense", {}, 422, "EXEG-0104-422"),
        (GRANTED, {"consentStandardVersion": "6.9"}, 400, "EXEG-0102-400"),
    ],
)
def test_an_event_whose_consent_cannot_be_read_is_refused(
    send: Callable[..., Answer], value: str, more: dict[str, Any], status: int, code: str
) -> None:
    answer = send(value, **more)
    assert answer.status == status
    assert answer.json()["type"] == f"https://ns.adobe.com/aep/errors/{code}"
    assert not InboundEvent.objects.exists()


def test_a_string_of_another_standard_says_nothing_of_this_one(send: Callable[..., Answer]) -> None:
    answer = send("DBABMA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA", consentStandard="IAB GPP")
    assert (answer.status, stored(answer)) == (200, None)
    assert InboundEvent.objects.count() == 1


@pytest.mark.parametrize("where", ["header", "body"])
def test_events_of_a_visitor_who_refused_before_are_not_stored(
    client: EdgeClient, datastream: Datastream, where: str
) -> None:
    name = "kndctr_ABC_AdobeOrg_consent"
    body: dict[str, Any] = {"events": [{"data": {"a": 1}}]}
    headers = dict(PAGE)
    if where == "header":
        headers["cookie"] = f"{name}=general%3Dout"
    else:
        body["meta"] = {"state": {"entries": [{"key": name, "value": "general=out"}]}}
    for path in ("v1/interact", "v1/collect"):
        assert client.post(f"/ee/{path}?configId={datastream.uid}", body, headers).status < 300
    assert not InboundEvent.objects.exists()
