"""Credentials in custom code that really runs: code sees the value, but the value is never stored.

Source: docs/reference/adobe.md, "Secrets": code reads a Secret with ``getDataElementValue``. A rule that
lacks a credential waits for it, as a request does: docs/secrets.md, "Exchange and refresh".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from properties.catalog import registry
from properties.catalog.descriptor import ActionType
from properties.catalog.outbound import Answer, OutboundRequest
from properties.catalog.secret_markers import _old_marker
from properties.models import Property, Secret
from properties.secrets.credentials import store
from rules.delivery.compiled_builds import runnable_builds
from rules.delivery.event_run import read_envelope, run_arguments
from rules.delivery.ledger import balance
from rules.delivery.persistence import TRACES_PER_SECOND
from rules.delivery.pipeline import Pipeline
from rules.engine import run_build
from rules.models import Build, Delivery, DestinationGate, InboundEvent

from .conftest import FakeVendor, only_delivery, states, work

Accept = Callable[..., InboundEvent]
VALUE = 'pa"ss\\word\n1'
SUM = "Array.from(getDataElementValue('Key')).reduce((sum, it) => sum + it.codePointAt(0), 0)"
CHECKSUM = sum(map(ord, VALUE))


def _element(delegate: str, **settings: Any) -> dict[str, Any]:
    return {"id": "DE1", "modulePath": f"core::dataElements::{delegate}", "settings": settings}


def _component(kind: str, number: int, delegate: str, **settings: Any) -> dict[str, Any]:
    return {"id": f"{kind[0]}{number}", "name": "", "modulePath": delegate, "settings": settings}


def _code(source: str, number: int = 1, key: str = "it") -> dict[str, Any]:
    return _component("actions", number, "core::actions::custom-code", keyName=key, source=source)


def _send(number: int = 9, **settings: Any) -> dict[str, Any]:
    return _component("actions", number, "acme::actions::send", **{"to": "1", **settings})


ELEMENTS = {
    "Key": _element("secret", secrets={"production": {"name": "Main"}}),
    "Sum": _element("custom-code", source=f"return 'sum ' + {SUM};"),
    "Header": _element("custom-code", source="return 'Bearer ' + getDataElementValue('Key');"),
    "Left": _element("path", path="arc.ruleStash.core.customCode.it"),
    "Said": _element("path", path="arc.ruleStash.acme.said"),
}


@pytest.fixture
def build_of(prop: Property) -> Callable[..., Build]:
    def make(*actions: Mapping[str, Any], conditions: Any = (), others: Any = ()) -> Build:
        rule = {"id": "RL1", "name": "Signs", "conditions": list(conditions), "actions": list(actions)}
        document = json.dumps(
            {
                "buildInfo": {"environment": "production"},
                "environment": {"stage": "production"},
                "extensions": {"core": {"settings": {}}},
                "dataElements": ELEMENTS,
                "rules": [rule, *others],
            }
        )
        return Build.objects.create(
            prop=prop,
            environment=prop.environments.get(stage="production"),
            status=Build.Status.SUCCEEDED,
            document=document,
            checksum=hashlib.sha256(document.encode()).hexdigest(),
        )

    return make


def stored_text() -> str:
    """Return everything in the event tables, decrypted, as one text."""
    events = InboundEvent.objects.values_list("body", "request", "trace", "reason")
    deliveries = Delivery.objects.values_list("envelope", "payload", "rule_state", "message", "warnings")
    return repr([*events, *deliveries])


def allow(prop: Property, may_read: bool = True) -> None:
    Property.objects.filter(pk=prop.pk).update(code_reads_secrets=may_read)


@pytest.fixture(autouse=True)
def code_may_read(prop: Property) -> None:
    allow(prop)


@pytest.fixture
def main(prop: Property) -> Secret:
    return store(prop, "Main", VALUE)


def test_code_reads_the_value_and_what_it_makes_of_it_is_sent(
    main: Secret, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    build = build_of(_send(to="{{Sum}}"))
    event = accept(build_id=build.id)
    work()
    event.refresh_from_db()
    assert [request.url for request in vendor.requests] == [f"https://acme.example/sum {CHECKSUM}"]
    assert event.state == "delivered"


def test_a_value_inside_what_code_returns_is_a_marker_until_the_request_is_sent(
    main: Secret, prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    build = build_of(_send(token="{{Header}}"))
    accept(build_id=build.id)
    work()
    (request,) = vendor.requests
    assert VALUE not in request.body["token"]
    assert vendor.token == f"Bearer {VALUE}"


def test_no_row_holds_a_value_that_code_has_seen(
    main: Secret, prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    source = """const it = getDataElementValue('Key');
        utils.logger.log(it, {it});
        arc.event.data.key = it; arc.event.data.id = 1; arc.ruleStash.mine = {it};
        return [it, 'x' + it];"""
    failing = {
        "id": "RL2",
        "name": "Fails",
        "conditions": [],
        "actions": [_code("throw new Error(getDataElementValue('Key'))")],
    }
    vendor.answer(500)
    build = build_of(_code(source), _send(token="{{Left}}"), others=[failing])
    accept(build_id=build.id)
    work()
    (waiting,) = Delivery.objects.all()
    spellings = {VALUE, json.dumps(VALUE)[1:-1], repr(VALUE)[1:-1], repr(json.dumps(VALUE))[2:-2]}
    text = stored_text() + repr(json.loads(InboundEvent.objects.get().trace))
    envelope, markers = read_envelope(waiting)
    assert markers == {envelope["token"][0]: "Main"}
    assert [spelling for spelling in spellings if spelling in text] == []
    logs = json.loads(InboundEvent.objects.get().trace)["rules"][0]["actions"][0]["logs"]
    assert logs == [{"level": "log", "text": 'secret “Main” {"it":"secret “Main”"}'}]


def test_a_condition_can_compare_with_the_value(
    main: Secret, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    condition = _component(
        "conditions", 1, "core::conditions::custom-code", source=f"return {SUM} === {CHECKSUM};"
    )
    accept(build_id=build_of(_send(), conditions=[condition]).id)
    work()
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("missing", ["absent", "pending", "expired"])
def test_a_rule_whose_code_lacks_its_secret_waits_and_the_others_run(
    prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor, missing: str
) -> None:
    if missing == "pending":
        secret = Secret(prop=prop, name="Main", type_of=Secret.Type.OAUTH2)
        secret.set_credentials({"client_id": "a"})
        secret.save()
    elif missing == "expired":
        secret = store(prop, "Main", VALUE)
        secret.expires_at = timezone.now() - timedelta(minutes=1)
        secret.save()
    other = {"id": "RL2", "name": "Plain", "conditions": [], "actions": [_send(to="plain")]}
    event = accept(build_id=build_of(_send(to="{{Sum}}"), others=[other]).id)
    work()
    event.refresh_from_db()
    assert [request.url for request in vendor.requests] == ["https://acme.example/plain"]
    assert event.state == "open"
    waiting = Delivery.objects.get(state="parked")
    assert (waiting.destination, waiting.rule_name, waiting.code) == (
        "Secret “Main”",
        "Signs",
        "secret_missing",
    )
    assert waiting.message == (
        "Secret “Main” is not stored in this property, or does not work now. Check the Secrets page."
    )
    (run,) = [it for it in json.loads(event.trace)["rules"] if it["id"] == "RL1"]
    assert run["waits"] is True
    message = (
        'Failed to execute "Send". Failed to execute module for data element "Sum". Secret “Main” is not'
    )
    assert run["actions"][0]["error"].startswith(message)
    secret = Secret.objects.filter(name="Main").first() or Secret(prop=prop, name="Main")
    secret.set_value(VALUE)
    secret.save()
    work()
    event.refresh_from_db()
    assert vendor.requests[1].url == f"https://acme.example/sum {CHECKSUM}"
    assert (event.state, states(Delivery)) == ("delivered", ["delivered", "delivered"])
    (run,) = [it for it in json.loads(event.trace)["rules"] if it["id"] == "RL1"]
    assert (run["waits"], [it["error"] for it in run["actions"]]) == (False, [""])
    assert balance()["balanced"]


def test_what_the_rule_had_sent_before_is_not_sent_again(
    prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    steps = (
        _send(1, to="first"),
        _code("return 7;", 2),
        _code(f"return 'n' + {SUM};", 3),
        _send(4, to="{{Left}}"),
    )
    event = accept(build_id=build_of(*steps).id)
    work()
    assert [request.url for request in vendor.requests] == ["https://acme.example/first"]
    store(prop, "Main", VALUE)
    work()
    event.refresh_from_db()
    assert [request.url for request in vendor.requests] == [
        "https://acme.example/first",
        f"https://acme.example/n{CHECKSUM}",
    ]
    assert [it["id"] for it in json.loads(event.trace)["rules"][0]["actions"]] == ["a1", "a2", "a3", "a4"]
    assert event.state == "delivered"


def test_conditions_are_looked_at_again_once_the_secret_is_there(
    prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    conditions = [
        _component("conditions", 1, "core::conditions::custom-code", source="return true;"),
        _component("conditions", 2, "core::conditions::custom-code", source=f"return {SUM} === 1;"),
    ]
    event = accept(build_id=build_of(_send(), conditions=conditions).id)
    work()
    event.refresh_from_db()
    assert (event.state, states(Delivery)) == ("open", ["parked"])
    store(prop, "Main", VALUE)
    work()
    event.refresh_from_db()
    assert (event.state, vendor.requests, states(Delivery)) == ("no_match", [], [])
    found = json.loads(event.trace)["rules"][0]
    assert (found["status"], [it["passed"] for it in found["conditions"]]) == (
        "condition_not_met",
        [True, False],
    )
    assert balance()["balanced"]


def test_many_events_wait_at_one_gate_and_all_go_on(
    prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    build = build_of(_send(to="{{Sum}}"))
    for _ in range(5):
        accept(build_id=build.id)
    work()
    assert states(Delivery) == ["parked"] * 5
    (gate,) = DestinationGate.objects.exclude(state="open")
    assert (gate.destination, gate.code) == ("Secret “Main”", "secret_missing")
    store(prop, "Main", VALUE)
    work()
    with time_machine.travel(timezone.now() + timedelta(seconds=5), tick=True):
        work()
    assert states(InboundEvent) == ["delivered"] * 5
    assert sorted(number for numbers in vendor.ids() for number in numbers) == sorted(
        json.loads(event.body)["data"]["id"] for event in InboundEvent.objects.all()
    )


def test_rules_that_waited_for_one_secret_go_on_together(
    prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    build = build_of(_send(to="{{Sum}}"))
    for _ in range(30):
        accept(build_id=build.id)
    work()
    store(prop, "Main", VALUE)
    DestinationGate.objects.all().delete()
    Delivery.objects.update(state="pending", next_at=timezone.now())
    pipeline, steps = Pipeline(), 0
    pipeline.step()
    while Delivery.objects.filter(destination="Secret “Main”").exists():
        steps += bool(pipeline.step(claim=False))
        pipeline.wait(0.5)
    assert steps < 5


def test_where_a_rule_waits_for_a_secret_is_encrypted(
    build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    accept(build_id=build_of(_send(to="{{Sum}}")).id)
    work()
    with connection.cursor() as cursor:
        cursor.execute("SELECT rule_state FROM rules_delivery")
        (stored,) = cursor.fetchone()
    assert stored
    assert "ruleStash" not in stored
    assert json.loads(only_delivery().rule_state)["secret"] == "Main"


def test_a_run_to_look_at_gives_code_no_value(
    main: Secret, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    build = build_of(_send(to="{{Sum}}"))
    event = accept(build_id=build.id)
    compiled = runnable_builds([build.id])[build.id].compiled
    assert compiled is not None
    result = run_build(compiled, event.call(), **run_arguments(event))
    seen = str(result.elements["Sum"].value)
    assert seen.startswith("sum ")
    assert seen != f"sum {CHECKSUM}"


def test_a_run_that_nobody_can_repeat_without_the_value_keeps_its_trace(
    main: Secret, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    signed, plain = build_of(_send(to="{{Sum}}")), build_of(_send(to="1", token="{{Key}}"))
    for build in (signed, plain):
        for _ in range(TRACES_PER_SECOND * 2):
            accept(build_id=build.id)
    with time_machine.travel(timezone.now(), tick=False):
        work()
    kept = [bool(event.trace) for event in InboundEvent.objects.order_by("id")]
    assert all(kept[: TRACES_PER_SECOND * 2])
    assert not all(kept)


def _take(answer: Answer, settings: Mapping[str, Any], earlier: Any) -> dict[str, str]:
    return {"said": f"{answer.status} {answer.body} {settings['salt']}"}


def test_an_answer_that_could_not_be_taken_for_lack_of_a_secret_is_kept_with_the_rule(
    main: Secret,
    prop: Property,
    build_of: Callable[..., Build],
    accept: Accept,
    vendor: FakeVendor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask = ActionType(
        name="ask",
        title="Ask",
        run=lambda settings, context: OutboundRequest("GET", "https://ask.example/", body={"data": []}),
        result=_take,
    )
    acme = registry.packages()["acme"]
    packages = {**registry.packages(), "acme": replace(acme, actions=[*acme.actions, ask])}
    monkeypatch.setattr(registry, "packages", lambda: packages)
    asking = _component("actions", 1, "acme::actions::ask", salt="{{Sum}}")
    event = accept(build_id=build_of(asking, _send(2, to="{{Said}}")).id)
    answers = []

    def respond(request: OutboundRequest) -> Answer:
        answers.append(request.url)
        return Answer(200, body="{}")

    vendor.respond = respond
    pipeline = Pipeline()
    pipeline.step()
    main.delete()
    while not pipeline.is_idle:
        if not pipeline.step(claim=False):
            pipeline.wait(1.0)
    work()
    event.refresh_from_db()
    assert (event.state, answers) == ("open", ["https://ask.example/"])
    waiting = Delivery.objects.get(state="parked")
    assert json.loads(waiting.rule_state)["answer"]["body"] == "{}"
    store(prop, "Main", VALUE)
    work()
    event.refresh_from_db()
    assert answers == ["https://ask.example/", f"https://acme.example/200 {{}} sum {CHECKSUM}"]
    assert event.state == "delivered"
    assert balance()["balanced"]


def test_what_stood_for_a_secret_in_one_run_is_plain_text_in_the_next(
    main: Secret, prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(500)
    accept(build_id=build_of(_send(token="{{Key}}")).id)
    work()
    _, markers = read_envelope(Delivery.objects.get())
    (seen,) = markers
    steps = _code("return 'n' + arc.event.data.stolen.length;"), _send(to="{{Left}}")
    vendor.answer(200)
    vendor.requests.clear()
    accept({"stolen": seen}, build_id=build_of(*steps).id)
    work()
    assert f"https://acme.example/n{len(seen) + 1}" in [request.url for request in vendor.requests]


def test_code_that_spells_a_marker_of_another_run_gets_text(
    main: Secret, prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(500)
    accept(build_id=build_of(_send(token="{{Key}}")).id)
    work()
    _, markers = read_envelope(Delivery.objects.get())
    (seen,) = markers
    steps = (
        _code(f"return {json.dumps(seen)};"),
        _code("return 'n' + arc.ruleStash.core.customCode.it.length;", 2),
        _send(to="{{Left}}"),
    )
    vendor.requests.clear()
    accept(build_id=build_of(*steps).id)
    work()
    assert f"https://acme.example/n{len(seen)}" in [request.url for request in vendor.requests]


def test_each_run_has_markers_of_its_own(
    main: Secret, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(500)
    build = build_of(_send(token="{{Key}}"))
    for _ in range(3):
        accept(build_id=build.id)
    work()
    waiting = [read_envelope(delivery) for delivery in Delivery.objects.all()]
    assert len({envelope["token"] for envelope, _ in waiting}) == 3
    assert len(set(Delivery.objects.values_list("batch_key", flat=True))) == 1
    assert len(vendor.requests) == 1


def test_code_may_not_read_secrets_unless_the_property_allows_it(
    main: Secret, prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    allow(prop, False)
    failing = "const it = getDataElementValue('Key'); throw new Error('no ' + it.length);"
    event = accept(build_id=build_of(_send(to="{{Sum}}"), _code(failing)).id)
    work()
    event.refresh_from_db()
    assert vendor.requests[0].url != f"https://acme.example/sum {CHECKSUM}"
    trace = json.loads(event.trace)
    message = (
        "Custom code may not read secrets in this property: it got a secret marker instead of secret “Main”."
    )
    assert message in trace["rules"][0]["actions"][1]["error"]
    (line,) = next(it for it in trace["elements"] if it["name"] == "Sum")["logs"]
    assert line["level"] == "warn"
    assert message in line["text"]
    assert "Settings page" in line["text"]


def test_code_reads_the_value_of_the_environment_of_its_event(
    main: Secret, prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    store(prop, "Main", "own", prop.environments.get(stage="production"))
    accept(build_id=build_of(_send(to="{{Sum}}")).id)
    work()
    assert [request.url for request in vendor.requests] == [
        f"https://acme.example/sum {sum(map(ord, 'own'))}"
    ]


def test_what_waited_with_a_marker_of_an_earlier_release_is_sent_with_the_secret(
    main: Secret, prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(500)
    accept(build_id=build_of(_send(token="{{Key}}")).id)
    work()
    waiting = Delivery.objects.get()
    old = _old_marker(prop.pk, "Main")
    waiting.envelope = json.dumps({"to": "1", "token": f"Bearer {old} {_old_marker(prop.pk + 1, 'Main')}"})
    waiting.next_at = timezone.now()
    waiting.save()
    vendor.answer(200)
    work()
    assert vendor.token == f"Bearer {VALUE} {_old_marker(prop.pk + 1, 'Main')}"


def test_an_old_marker_is_believed_in_nothing_new(
    main: Secret, prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    vendor.answer(500)
    old = _old_marker(prop.pk, "Main")
    accept(build_id=build_of(_code(f"return {json.dumps(old)};"), _send(2, token="{{Left}}")).id)
    work()
    vendor.answer(200)
    Delivery.objects.update(next_at=timezone.now())
    work()
    assert vendor.token == old


def test_events_of_two_environments_never_share_a_request(
    prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    tokens: list[str] = []

    def respond(request: OutboundRequest) -> Answer:
        tokens.append(vendor.token)
        return Answer(200)

    vendor.respond = respond
    build = build_of(_send(token={"$secret": "Main"}))
    for environment in prop.environments.all():
        store(prop, "Main", f"of {environment.stage}", environment)
        accept(build_id=build.id, environment_id=environment.pk)
    work()
    assert sorted(tokens) == ["of development", "of production", "of staging"]
    assert states(Delivery) == ["delivered"] * 3


def test_a_secret_of_another_environment_is_not_used_and_the_event_waits(
    prop: Property, build_of: Callable[..., Build], accept: Accept, vendor: FakeVendor
) -> None:
    store(prop, "Main", VALUE, prop.environments.get(stage="development"))
    accept(build_id=build_of(_send(token={"$secret": "Main"})).id)
    work()
    waiting = only_delivery()
    assert (waiting.state, waiting.code) == ("parked", "secret_missing")
    assert "Secret “Main”" in waiting.message
    store(prop, "Main", "of production", prop.environments.get(stage="production"))
    work()
    assert (vendor.token, states(Delivery)) == ("of production", ["delivered"])


def test_a_rule_that_waited_for_an_answer_goes_on_with_the_same_secrets(
    main: Secret,
    prop: Property,
    build_of: Callable[..., Build],
    accept: Accept,
    vendor: FakeVendor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask = ActionType(
        name="ask", title="Ask", run=lambda settings, context: OutboundRequest("GET", "https://ask.example/")
    )
    acme = registry.packages()["acme"]
    packages = {**registry.packages(), "acme": replace(acme, actions=[*acme.actions, ask])}
    monkeypatch.setattr(registry, "packages", lambda: packages)
    asking = _component("actions", 2, "acme::actions::ask")
    steps = _code("return getDataElementValue('Header');"), asking, _send(3, token="{{Left}}")
    accept(build_id=build_of(*steps).id)
    vendor.respond = lambda request: Answer(503 if len(vendor.requests) == 1 else 200)
    work()
    assert len(vendor.requests) == 1
    Delivery.objects.update(next_at=timezone.now())
    work()
    assert vendor.token == f"Bearer {VALUE}"
