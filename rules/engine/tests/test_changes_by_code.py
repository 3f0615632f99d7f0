"""Changes by custom code hold for its own rule. A fake host runs the code; no JavaScript here."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from properties.catalog.errors import Misconfigured, Retry, SecretMissing
from properties.catalog.outbound import Answer
from properties.catalog.registry import packages
from rules.engine import CompiledBuild, RunResult, compile_build, masked_trace, resume_rule, run_build

from .probe import EVENT, Probe, action, rule

CALL = {"event": EVENT, "request": {"header": {"host": "shop.example"}}}
Code = Callable[[dict[str, Any]], Any]


@dataclass
class Output:
    value: Any
    arc_after: dict[str, Any] | None = None
    logs: list[tuple[str, str]] = field(default_factory=list)
    saw_credentials: bool = False


@dataclass
class Host:
    """Runs a Python function instead of each piece, with a copy of what the piece sees."""

    codes: Mapping[str, Code]
    sessions: int = 0
    closed: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    saw_credentials: bool = False

    def session(self, call_data: Any, **given: Any) -> Host:
        self.sessions += 1
        self.asked.append(given)
        return self

    def run(self, source: str, *, kind: str, arc: Mapping[str, Any], **given: Any) -> Output:
        self.asked.append({"kind": kind, **given})
        seen = copy.deepcopy(dict(arc))
        value = self.codes[source](seen)
        changed = seen if seen != arc else None
        return Output(value, changed, [("info", f"ran {source}")], self.saw_credentials)

    def run_pattern(self, *args: Any) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        self.closed += 1


def code(kind: str, source: str, **more: Any) -> dict[str, Any]:
    return {"id": source, "modulePath": f"core::{kind}::custom-code", "settings": {"source": source}, **more}


def path(place: str) -> dict[str, Any]:
    return {"modulePath": "core::dataElements::path", "settings": {"path": place}}


ELEMENTS = {
    "Total": path("arc.event.data.total"),
    "Host": path("arc.request.header.host"),
    "By Code": code("dataElements", "double"),
}


def double_total(arc: dict[str, Any]) -> Any:
    """Also change the event; that change must not leave the data element."""
    arc["event"]["data"]["total"] *= 2
    return arc["event"]["data"]["total"]


def discount(arc: dict[str, Any]) -> bool:
    arc["event"]["data"]["total"] = 30
    return True


def leave(arc: dict[str, Any]) -> str:
    return "left"


CODES: dict[str, Code] = {"double": double_total, "discount": discount, "leave": leave}


def build(probe: Probe, *rules: Mapping[str, Any]) -> CompiledBuild:
    document = {"dataElements": ELEMENTS, "rules": rules}
    return compile_build(document, {**packages(), "probe": probe.package})


def start(built: CompiledBuild, host: Host | None = None, **given: Any) -> RunResult:
    return run_build(
        built,
        copy.deepcopy(CALL),
        inbound_event_id="7",
        received_at=1_700_000_000.0,
        installation={},
        secret_marker=str,
        scripts=host or Host(CODES),
        **given,
    )


def show(name: str = "") -> dict[str, Any]:
    return action(total="{{Total}}", text="{{Total}}!", host="{{Host}}", name=name)


@pytest.mark.parametrize("kind", ["conditions", "actions"])
def test_later_components_of_the_rule_see_the_change_and_no_other_rule_does(probe: Probe, kind: str) -> None:
    changes = {**rule(show("late"), name="B"), kind: [code(kind, "discount"), show("late")]}
    if kind == "conditions":
        changes["conditions"] = [code(kind, "discount")]
    built = build(probe, rule(show("before"), name="A"), changes, rule(show("after"), name="C"))
    start(built)
    assert [(seen["name"], seen["total"], seen["text"], seen["host"]) for seen in probe.seen] == [
        ("before", 42, "42!", "shop.example"),
        ("late", 30, "30!", "shop.example"),
        ("after", 42, "42!", "shop.example"),
    ]


def test_changes_by_a_data_element_are_seen_by_nothing_else(probe: Probe) -> None:
    built = build(probe, rule(action(total="{{By Code}}"), show()))
    start(built)
    assert [seen["total"] for seen in probe.seen] == [84, 42]


def test_an_element_that_code_reads_is_evaluated_anew_after_a_change(probe: Probe) -> None:
    steps = [action(total="{{By Code}}"), code("actions", "discount"), action(total="{{By Code}}")]
    start(build(probe, {**rule(), "actions": steps}, rule(action(total="{{By Code}}"), name="B")))
    assert [seen["total"] for seen in probe.seen] == [84, 60, 84]


def test_an_event_has_one_session_which_is_closed(probe: Probe) -> None:
    host = Host(CODES)
    start(build(probe, {**rule(), "actions": [code("actions", "leave"), code("actions", "leave")]}), host)
    assert (host.sessions, host.closed) == (1, 1)
    assert host.asked[0]["seed"] == "7"
    assert host.asked[0]["clock"] == 1_700_000_000.0


def test_an_event_without_code_opens_no_session(probe: Probe) -> None:
    host = Host(CODES)
    start(build(probe, rule(show())), host)
    assert (host.sessions, host.closed) == (0, 0)


def test_code_fails_where_nothing_runs_it(probe: Probe) -> None:
    built = build(probe, {**rule(), "actions": [code("actions", "leave")]})
    result = run_build(
        built, CALL, inbound_event_id="7", received_at=1.0, installation={}, secret_marker=str, scripts=None
    )
    assert result.rules[0].error.endswith("Custom code cannot be run here.")


def test_code_has_the_time_of_its_component_and_an_element_has_no_own(probe: Probe) -> None:
    host = Host(CODES)
    steps = [code("actions", "leave", timeout=700), action(total="{{By Code}}"), code("actions", "leave")]
    start(build(probe, {**rule(), "actions": steps}), host)
    assert [it["seconds"] for it in host.asked if "kind" in it] == [0.7, None, 2.0]


@pytest.mark.parametrize("saw", [False, True])
def test_a_run_that_saw_credentials_cannot_be_repeated(probe: Probe, saw: bool) -> None:
    steps = [code("actions", "leave"), code("actions", "leave")]
    result = start(build(probe, {**rule(), "actions": steps}), Host(CODES, saw_credentials=saw))
    assert result.is_repeatable is not saw
    assert start(build(probe, rule(show()))).is_repeatable


def test_what_code_logged_is_kept_with_what_ran_it(probe: Probe) -> None:
    steps = [code("actions", "leave"), action(total="{{By Code}}")]
    found = masked_trace(start(build(probe, {**rule(), "actions": steps})))
    (recorded,) = found["rules"]
    assert recorded["actions"][0]["logs"] == [{"level": "info", "text": "ran leave"}]
    assert "logs" not in recorded["actions"][1]
    (element,) = (it for it in found["elements"] if it["name"] == "By Code")
    assert element["logs"] == [{"level": "info", "text": "ran double"}]


def test_a_rule_that_waits_keeps_the_event_only_when_code_has_changed_it(probe: Probe) -> None:
    steps = [action("await"), show("late")]
    (plain,) = start(build(probe, {**rule(), "actions": steps})).items
    assert plain.state is not None
    assert not plain.is_wait
    assert set(plain.state) == {"rule", "action", "ruleStash", "markers"}

    built = build(probe, {**rule(), "actions": [code("actions", "discount"), *steps]})
    state = start(built).items[0].state
    assert state is not None
    assert state["event"]["data"]["total"] == 30
    resume_rule(
        built,
        json.loads(json.dumps(state)),
        Answer(200),
        copy.deepcopy(CALL),
        inbound_event_id="7",
        received_at=1_700_000_000.0,
        installation={},
        secret_marker=str,
        scripts=Host(CODES),
    )
    assert (probe.seen[-1]["name"], probe.seen[-1]["total"]) == ("late", 30)


def test_code_that_lacks_a_credential_makes_its_rule_wait_from_there_on(probe: Probe) -> None:
    def need(arc: dict[str, Any]) -> Any:
        raise SecretMissing("Key")

    steps = [action(n=1), code("actions", "need"), action(n=2)]
    result = start(build(probe, {**rule(), "actions": steps}), Host({"need": need}))
    (item,) = result.items
    assert item.state is not None
    assert (item.is_wait, item.state["action"], item.state["secret"]) == (True, 1, "Key")
    assert ("answer" in item.state, result.rules[0].waits, item.why_put_off) == (False, True, "")
    assert [seen["n"] for seen in probe.seen] == [1]


@pytest.mark.parametrize(
    ("reason", "again"),
    [
        (Retry("Later.", code="busy", after_seconds=9), ("retry", "busy", "Later.", 9)),
        (Misconfigured("Enter a key.", code="no_key"), ("misconfigured", "no_key", "Enter a key.", None)),
    ],
)
def test_a_component_that_cannot_run_now_makes_its_rule_wait_for_what_it_says(
    probe: Probe, reason: Exception, again: tuple[Any, ...]
) -> None:
    def fail(arc: dict[str, Any]) -> Any:
        raise reason

    (item,) = start(
        build(probe, {**rule(), "actions": [code("actions", "fail")]}), Host({"fail": fail})
    ).items
    assert item.state is not None
    assert tuple(item.state["again"][key] for key in ("kind", "code", "message", "after_seconds")) == again
    assert item.why_put_off == again[2]
