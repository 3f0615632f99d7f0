"""Awaited actions: the rest of the rule runs once the answer arrives, however late."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from properties.catalog import registry
from properties.catalog.context import EventContext
from properties.catalog.descriptor import ActionType, DataElementType, ExtensionPackage
from properties.catalog.errors import Rejected
from properties.catalog.outbound import Answer, OutboundRequest
from properties.models import Property
from rules.delivery.ledger import balance
from rules.delivery.pipeline import Pipeline
from rules.delivery.work import deliver_due
from rules.models import Build, Delivery, InboundEvent

from .conftest import FakeVendor, only_delivery, states

Accept = Callable[..., InboundEvent]


def _ask(settings: Mapping[str, Any], context: EventContext) -> OutboundRequest:
    return OutboundRequest("POST", f"https://ask.example/{settings['path']}", body=dict(settings))


def _said(settings: Mapping[str, Any], context: EventContext) -> Any:
    return context.arc["ruleStash"].get("acme", {}).get("said")


def _result(answer: Answer, settings: Mapping[str, Any], earlier: Any) -> dict[str, str]:
    if answer.body == "refuse":
        raise Rejected("The answer is of no use.", code="useless")
    return {**(earlier or {}), "said": answer.body}


@pytest.fixture(autouse=True)
def acme(acme: ExtensionPackage, monkeypatch: pytest.MonkeyPatch) -> ExtensionPackage:
    asking = replace(
        acme,
        data_elements=[DataElementType(name="said", title="Said", run=_said)],
        actions=[*acme.actions, ActionType(name="ask", title="Ask", run=_ask, result=_result)],
    )
    found = MappingProxyType({**registry.packages(), "acme": asking})
    monkeypatch.setattr(registry, "packages", lambda: found)
    return asking


def _action(number: int, name: str, **settings: Any) -> dict[str, Any]:
    return {"id": f"RC{number}", "name": "", "modulePath": f"acme::actions::{name}", "settings": settings}


def _build(prop: Property, *actions: Mapping[str, Any]) -> Build:
    # "ruleStash" in its settings shows the engine that the element reads the stash.
    said = {"id": "DE1", "modulePath": "acme::dataElements::said", "settings": {"of": "ruleStash"}}
    document = json.dumps(
        {
            "environment": {"stage": "staging"},
            "dataElements": {"Said": said},
            "rules": [{"id": "RL1", "name": "Asks first", "conditions": [], "actions": actions}],
        }
    )
    return Build.objects.create(
        prop=prop,
        environment=prop.environments.get(stage="staging"),
        status=Build.Status.SUCCEEDED,
        document=document,
        checksum=hashlib.sha256(document.encode()).hexdigest(),
    )


@pytest.fixture
def build(prop: Property) -> Build:
    return _build(prop, _action(1, "ask", path="first"), _action(2, "send", to="{{Said}}"))


def test_an_answer_reaches_the_actions_after_it(accept: Accept, vendor: FakeVendor) -> None:
    vendor.answer(Answer(200, body="blue"), Answer(200))
    event = accept()
    while deliver_due():
        pass
    event.refresh_from_db()
    assert [request.url for request in vendor.requests] == [
        "https://ask.example/first",
        "https://acme.example/blue",
    ]
    assert (event.state, states(Delivery)) == ("delivered", ["delivered", "delivered"])
    assert balance()["balanced"]


def test_the_rest_of_a_rule_runs_after_a_retry_and_the_event_stays_open_until_then(
    accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(500, Answer(200, body="blue"), Answer(200))
    event = accept()
    deliver_due()
    event.refresh_from_db()
    assert (event.state, states(Delivery)) == ("open", ["pending"])
    with time_machine.travel(timezone.now() + timedelta(seconds=7), tick=True):
        while deliver_due():
            pass
    event.refresh_from_db()
    assert [request.url for request in vendor.requests][1:] == [
        "https://ask.example/first",
        "https://acme.example/blue",
    ]
    assert (event.state, states(Delivery)) == ("delivered", ["delivered", "delivered"])
    assert balance()["balanced"]


def test_where_the_rule_waits_is_encrypted_and_gone_once_it_went_on(
    accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(500, Answer(200, body="blue"))
    accept()
    deliver_due()
    with connection.cursor() as cursor:
        cursor.execute("SELECT rule_state FROM rules_delivery")
        (stored,) = cursor.fetchone()
    assert stored
    assert "ruleStash" not in stored
    with time_machine.travel(timezone.now() + timedelta(seconds=7), tick=True):
        deliver_due()
    assert Delivery.objects.order_by("id")[0].rule_state == ""


def test_a_refused_request_ends_the_rule(accept: Accept, vendor: FakeVendor) -> None:
    action = next(it for it in registry.packages()["acme"].actions if it.name == "ask")
    object.__setattr__(action, "read_answer", registry.packages()["acme"].actions[0].read_answer)
    vendor.answer(400)
    event = accept()
    while deliver_due():
        pass
    event.refresh_from_db()
    assert (len(vendor.requests), event.state, only_delivery().state) == (1, "dead", "dead")


@pytest.mark.parametrize("retries", [0, 1])
def test_what_is_refused_after_the_answer_makes_the_event_dead(
    prop: Property, accept: Accept, vendor: FakeVendor, retries: int
) -> None:
    vendor.answer(*[500] * retries, Answer(200, body="refuse"))
    event = accept()
    deliver_due()
    with time_machine.travel(timezone.now() + timedelta(seconds=7), tick=True):
        while deliver_due():
            pass
    event.refresh_from_db()
    assert (event.state, event.reason, states(Delivery)) == ("dead", "useless", ["delivered", "dead"])
    assert balance()["balanced"]


@pytest.mark.parametrize("retries", [0, 1])
def test_a_rule_that_fails_after_the_answer_makes_the_event_dead_and_says_so(
    prop: Property, accept: Accept, vendor: FakeVendor, retries: int
) -> None:
    build = _build(prop, _action(1, "ask", path="first"), _action(2, "send", to="{{Nobody}}"))
    vendor.answer(*[500] * retries, 200)
    event = accept(build_id=build.id)
    deliver_due()
    with time_machine.travel(timezone.now() + timedelta(seconds=7), tick=True):
        while deliver_due():
            pass
    event.refresh_from_db()
    assert (event.state, event.reason) == ("dead", "rule_failed")
    (rule,) = json.loads(event.trace)["rules"]
    assert rule["status"] == "failed"
    assert [it["delegate"] for it in rule["actions"]] == ["acme::actions::ask", "acme::actions::send"]
    assert balance()["balanced"]


def test_two_answers_are_awaited_one_after_the_other(
    prop: Property, accept: Accept, vendor: FakeVendor
) -> None:
    build = _build(
        prop,
        _action(1, "ask", path="first"),
        _action(2, "ask", path="{{Said}}"),
        _action(3, "send", to="{{Said}}"),
    )
    vendor.answer(Answer(200, body="second"), Answer(200, body="blue"), Answer(200))
    event = accept(build_id=build.id)
    while deliver_due():
        pass
    event.refresh_from_db()
    assert [request.url for request in vendor.requests] == [
        "https://ask.example/first",
        "https://ask.example/second",
        "https://acme.example/blue",
    ]
    assert event.state == "delivered"


@pytest.mark.parametrize("retries", [0, 1])
def test_a_rule_whose_build_is_gone_before_it_goes_on_makes_the_event_dead(
    build: Build, accept: Accept, vendor: FakeVendor, retries: int
) -> None:
    vendor.answer(*[500] * retries, 200)
    event = accept()
    pipeline = Pipeline()
    pipeline.step()
    build.delete()
    while not pipeline.is_idle:
        if not pipeline.step(claim=False):
            pipeline.wait(1.0)
    with time_machine.travel(timezone.now() + timedelta(seconds=7), tick=True):
        while deliver_due():
            pass
    event.refresh_from_db()
    assert (event.state, event.reason, states(Delivery)) == ("dead", "internal_error", ["delivered"])
    assert balance()["balanced"]
