"""Actions that raise ``Retry`` or ``Misconfigured`` while they run: the class decides what happens next.

Source: docs/operating.md, "When a destination has trouble"; ``properties/catalog/errors.py``.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pytest
from django.utils import timezone

from properties.catalog import registry
from properties.catalog.context import EventContext
from properties.catalog.descriptor import ActionType, ConditionType, DataElementType, ExtensionPackage
from properties.catalog.errors import Misconfigured, Rejected, Retry
from properties.models import Extension, Property
from properties.saving import save_resource
from rules.delivery.ledger import balance
from rules.delivery.work import deliver_due
from rules.models import Activation, Build, Delivery, DestinationGate, InboundEvent

from .conftest import FakeVendor, only_delivery, states, work

Accept = Callable[..., InboundEvent]


@dataclass
class Mood:
    """The errors that the moody components raise, in turn; then none."""

    errors: list[Exception] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    def run(self, settings: Mapping[str, Any], context: EventContext) -> Any:
        self.ran.append(settings.get("as", ""))
        if self.errors:
            raise self.errors.pop(0)
        if settings.get("needs") and not context.extension_settings.get("certificate"):
            raise Misconfigured("Acme has no certificate: configure the extension.", code="no_certificate")
        return settings.get("gives", "fine")


@pytest.fixture
def mood() -> Mood:
    return Mood()


@pytest.fixture(autouse=True)
def acme(acme: ExtensionPackage, mood: Mood, monkeypatch: pytest.MonkeyPatch) -> ExtensionPackage:
    moody = replace(
        acme,
        data_elements=[DataElementType(name="moody", title="Moody", run=mood.run)],
        conditions=[ConditionType(name="moody", title="Moody", run=mood.run)],
        actions=[*acme.actions, ActionType(name="moody", title="Moody", run=mood.run)],
    )
    found = MappingProxyType({**registry.packages(), "acme": moody})
    monkeypatch.setattr(registry, "packages", lambda: found)
    return moody


def _part(uid: str, name: str, kind: str = "actions", **settings: Any) -> dict[str, Any]:
    return {"id": uid, "name": "", "modulePath": f"acme::{kind}::{name}", "settings": settings}


MOODY = _part("RC2", "moody", gives=1)
BEFORE, AFTER = _part("RC1", "send", to="before"), _part("RC3", "send", to="after")


def _build(
    prop: Property, *actions: Mapping[str, Any], conditions: Any = (), others: Any = (), **parts: Any
) -> Build:
    rule = {"id": "RL1", "name": "Moody", "conditions": list(conditions), "actions": list(actions)}
    # Compiled builds are cached, and must not bring the components of another test.
    info = {"environment": "production", "buildId": uuid.uuid4().hex}
    given = {"buildInfo": info, "environment": {"stage": "production"}, "dataElements": {}}
    document = json.dumps({**given, "rules": [rule, *others], **parts})
    return Build.objects.create(
        prop=prop,
        environment=prop.environments.get(stage="production"),
        status=Build.Status.SUCCEEDED,
        document=document,
        checksum=hashlib.sha256(document.encode()).hexdigest(),
    )


@pytest.fixture
def build(prop: Property) -> Build:
    other = {"id": "RL2", "name": "Other", "conditions": [], "actions": [_part("RC9", "send", to="other")]}
    return _build(prop, BEFORE, MOODY, AFTER, others=[other])


def sent(vendor: FakeVendor) -> list[str]:
    return sorted(request.url.rpartition("/")[2] for request in vendor.requests)


def in_seconds(delivery: Delivery) -> float:
    assert delivery.next_at is not None
    return (delivery.next_at - timezone.now()).total_seconds()


def waiting() -> Delivery:
    return Delivery.objects.get(state__in=("pending", "parked"))


def save_extension(prop: Property, **settings: Any) -> None:
    extension = Extension.objects.filter(prop=prop, package_name="acme").first()
    extension = extension or Extension(prop=prop, package_name="acme", version="1.0.0")
    extension.settings = settings
    save_resource(extension)


# Retry


def test_an_action_that_raises_retry_is_run_again_and_the_rest_of_its_rule_after_it(
    mood: Mood, accept: Accept, vendor: FakeVendor, later: Callable[[float], None]
) -> None:
    mood.errors = [Retry("The tool is busy.", code="busy_tool")]
    event = accept()
    work()
    event.refresh_from_db()
    assert event.state == "open"
    assert sent(vendor) == ["before", "other"]
    assert (waiting().state, waiting().code, waiting().message) == (
        "pending",
        "busy_tool",
        "The tool is busy.",
    )
    # Five seconds ± 20 %, minus the time since then.
    assert 2 <= in_seconds(waiting()) <= 6
    assert balance()["balanced"]
    later(7)
    work()
    event.refresh_from_db()
    assert event.state == "delivered"
    assert sent(vendor) == ["after", "before", "other"]
    assert set(states(Delivery)) == {"delivered"}
    assert balance()["balanced"]


def test_an_action_that_raises_retry_again_waits_longer_each_time(
    mood: Mood, accept: Accept, vendor: FakeVendor, later: Callable[[float], None]
) -> None:
    mood.errors = [Retry("Busy.")] * 3
    accept()
    work()
    for seconds in (30, 120):
        later(in_seconds(waiting()) + 1)
        work()
        assert seconds * 0.8 - 2 <= in_seconds(waiting()) <= seconds * 1.2
    assert waiting().attempts == 3
    later(in_seconds(waiting()) + 1)
    work()
    assert sent(vendor) == ["after", "before", "other"]


def test_an_action_that_names_a_time_is_not_run_before(
    mood: Mood, accept: Accept, vendor: FakeVendor
) -> None:
    mood.errors = [Retry("Not now.", after_seconds=600)]
    accept()
    work()
    assert 590 <= in_seconds(waiting()) <= 721


def test_what_is_put_off_ends_after_a_week_as_expired(
    mood: Mood, accept: Accept, vendor: FakeVendor, later: Callable[[float], None]
) -> None:
    mood.errors = [Retry("Busy.")] * 500
    event = accept()
    work()
    later(7 * 86_400 + 60)
    work()
    event.refresh_from_db()
    assert (event.state, event.reason) == ("expired", "expired")
    assert balance()["balanced"]


@pytest.mark.parametrize("kind", ["conditions", "elements"])
def test_a_condition_or_a_data_element_that_raises_retry_puts_its_rule_off(
    kind: str, mood: Mood, prop: Property, accept: Accept, vendor: FakeVendor, later: Callable[[float], None]
) -> None:
    mood.errors = [Retry("Busy.", code="busy_tool")]
    if kind == "conditions":
        build = _build(prop, AFTER, conditions=[_part("RC5", "moody", "conditions", gives=True)])
    else:
        elements = {"Moody": _part("DE1", "moody", "dataElements", gives="after")}
        build = _build(prop, _part("RC3", "send", to="{{Moody}}"), dataElements=elements)
    event = accept(build_id=build.pk)
    work()
    assert (waiting().code, sent(vendor)) == ("busy_tool", [])
    later(7)
    work()
    event.refresh_from_db()
    assert (event.state, sent(vendor)) == ("delivered", ["after"])


def test_a_process_that_ends_while_an_action_is_run_again_costs_nothing(
    mood: Mood,
    accept: Accept,
    vendor: FakeVendor,
    later: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mood.errors = [Retry("Busy.")]
    event = accept()
    work()
    later(7)
    with monkeypatch.context() as patch:
        patch.setattr("rules.delivery.pipeline.resume", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            deliver_due()
    assert balance()["balanced"]
    later(40)
    work()
    event.refresh_from_db()
    assert event.state == "delivered"
    assert sent(vendor) == ["after", "before", "other"]
    assert balance()["balanced"]


# Misconfigured


def test_an_action_that_raises_misconfigured_keeps_everything_at_a_gate(
    mood: Mood, accept: Accept, vendor: FakeVendor, later: Callable[[float], None]
) -> None:
    mood.errors = [Misconfigured("Acme has no certificate.", code="no_certificate")] * 3
    event = accept()
    work()
    event.refresh_from_db()
    gate = DestinationGate.objects.get()
    assert event.state == "open"
    assert (waiting().state, waiting().code) == ("parked", "no_certificate")
    assert (gate.state, gate.package_name, gate.message) == ("parked", "acme", "Acme has no certificate.")
    assert sent(vendor) == ["before", "other"]
    later(86_400)
    work()
    assert (waiting().state, DestinationGate.objects.get().state) == ("parked", "parked")
    assert balance()["balanced"]


def test_saving_the_setting_lets_what_waits_go_on_from_there(
    mood: Mood, prop: Property, accept: Accept, vendor: FakeVendor
) -> None:
    mood.errors = [Misconfigured("Acme has no certificate.", code="no_certificate")] * 3
    for _ in range(3):
        accept()
    work()
    assert states(Delivery).count("parked") == 3
    save_extension(prop, certificate="there")
    work()
    work()
    assert set(states(InboundEvent)) == {"delivered"}
    assert sent(vendor).count("after") >= 1
    # Each event once, however many of them share a request.
    assert sum(len(ids) for ids in vendor.ids()) == 9
    assert DestinationGate.objects.get().state == "open"
    assert balance()["balanced"]


def test_a_setting_that_is_still_wrong_keeps_the_gate_closed_and_one_event_asks(
    mood: Mood, prop: Property, accept: Accept, vendor: FakeVendor
) -> None:
    mood.errors = [Misconfigured("Acme has no certificate.", code="no_certificate")] * 4
    for _ in range(3):
        accept()
    work()
    before = len(mood.ran)
    save_extension(prop, certificate="still wrong")
    work()
    assert len(mood.ran) == before + 1
    assert (states(Delivery).count("parked"), DestinationGate.objects.get().state) == (3, "parked")
    assert balance()["balanced"]


def test_what_waits_for_a_setting_goes_on_with_the_build_that_brings_it(
    prop: Property, accept: Accept, vendor: FakeVendor
) -> None:
    needing = _part("RC2", "moody", needs=True)
    broken = _build(prop, BEFORE, needing, AFTER, extensions={"acme": {"settings": {}}})
    event = accept(build_id=broken.pk)
    work()
    assert waiting().code == "no_certificate"
    extensions = {"acme": {"settings": {"certificate": "there"}}}
    # Another action comes first now: the rule finds its action by id, not by position.
    mended = _build(prop, BEFORE, _part("RC7", "send", to="new"), needing, AFTER, extensions=extensions)
    Activation.objects.create(environment=mended.environment, build=mended)
    work()
    event.refresh_from_db()
    assert (event.state, sent(vendor)) == ("delivered", ["after", "before"])
    assert balance()["balanced"]


def test_events_that_come_while_it_is_closed_do_not_put_the_next_try_off(
    mood: Mood, accept: Accept, vendor: FakeVendor, later: Callable[[float], None]
) -> None:
    mood.errors = [Misconfigured("Acme has no certificate.", code="no_certificate")] * 2
    accept()
    work()
    later(600)
    accept()
    work()
    assert states(Delivery).count("parked") == 2
    later(400)
    work()
    work()
    assert set(states(InboundEvent)) == {"delivered"}


def test_what_is_rejected_or_a_bug_ends_as_before(mood: Mood, accept: Accept, vendor: FakeVendor) -> None:
    mood.errors = [Rejected("No.", code="refused_by_acme"), KeyError("bug")]
    first, second = accept(), accept()
    work()
    first.refresh_from_db()
    second.refresh_from_db()
    assert {first.reason, second.reason} == {"refused_by_acme", "rule_failed"}
    assert {first.state, second.state} == {"dead"}


def test_the_only_row_of_a_rule_that_waited_is_gone_once_it_has_gone_on(
    mood: Mood, prop: Property, accept: Accept, vendor: FakeVendor, later: Callable[[float], None]
) -> None:
    mood.errors = [Retry("Busy.")]
    build = _build(prop, MOODY, AFTER)
    accept(build_id=build.pk)
    work()
    later(7)
    work()
    assert only_delivery().destination == "after"


def test_a_gate_is_not_closed_for_ever_when_what_waited_there_has_expired(
    mood: Mood, accept: Accept, vendor: FakeVendor, later: Callable[[float], None]
) -> None:
    mood.errors = [Misconfigured("Acme has no certificate.", code="no_certificate")] * 99
    event = accept()
    work()
    later(7 * 86_400 + 60)
    work()
    event.refresh_from_db()
    assert (event.state, DestinationGate.objects.get().state) == ("expired", "open")
    assert balance()["balanced"]
