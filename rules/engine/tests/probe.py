"""A package for tests of the engine: each type does one simple thing and records what it saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from properties.catalog.context import EventContext
from properties.catalog.descriptor import (
    ActionType,
    ConditionType,
    Configuration,
    DataElementType,
    ExtensionPackage,
    Field,
    Settings,
)
from properties.catalog.errors import InvalidParameter, Rejected
from properties.catalog.outbound import BatchItem, OutboundRequest, Warn
from rules.engine import CompiledBuild, RunResult, compile_build, run_build

EVENT = {"xdm": {"eventType": "purchase"}, "data": {"email": "ada@example.com", "total": 42}}


class Probe:
    """The calls of components, in order, and how often each data element was evaluated."""

    def __init__(self) -> None:
        self.seen: list[Settings] = []
        self.contexts: list[EventContext] = []
        self.evaluations: Counter[str] = Counter()
        self.package = self._package()

    def value(self, settings: Settings, context: EventContext) -> Any:
        self.evaluations[context.component["name"]] += 1
        return settings.get("value")

    def stash(self, settings: Settings, context: EventContext) -> Any:
        self.evaluations[context.component["name"]] += 1
        return context.arc["ruleStash"].get(settings["key"].partition("ruleStash.")[2])

    def ask(self, settings: Settings, context: EventContext) -> Any:
        assert context.get_data_element is not None
        return context.get_data_element(settings["name"])

    def gives(self, settings: Settings, context: EventContext) -> Any:
        self.seen.append(settings)
        return settings["result"]

    def note(self, settings: Settings, context: EventContext) -> Any:
        self.seen.append(settings)
        self.contexts.append(context)
        return settings.get("value")

    def item(self, settings: Settings, context: EventContext) -> Any:
        envelope, payload = {"token": settings.get("token")}, {"event_name": settings.get("name")}
        warning = Warn("email", "Email", "It was left out.", "not_sha256")
        one = BatchItem(settings.get("to", "1"), envelope, payload, warnings=(warning,))
        return [one, one] if settings.get("twice") else one

    def _package(self) -> ExtensionPackage:
        return ExtensionPackage(
            name="probe",
            display_name="Probe",
            version="1.0.0",
            configuration=Configuration(fields=[Field(key="token", label="Token", type="secret")]),
            data_elements=[
                DataElementType(name="value", title="Value", run=self.value),
                DataElementType(name="stash", title="Stash", run=self.stash),
                DataElementType(name="ask", title="Ask", run=self.ask),
                DataElementType(
                    name="digest",
                    title="Digest",
                    run=self.value,
                    fields=[Field(key="of", label="Of", hashed=True)],
                ),
                DataElementType(name="boom", title="Boom", run=boom),
                DataElementType(name="refuse", title="Refuse", run=invalid),
                DataElementType(name="where", title="Where", run=self.value, sample_path=_place),
            ],
            conditions=[
                ConditionType(
                    name="gives", title="Gives", run=self.gives, compared=("left", "result"), fields=FIELDS
                ),
                ConditionType(name="boom", title="Boom", run=boom),
            ],
            actions=[
                ActionType(name="note", title="Note", run=self.note, fields=FIELDS),
                ActionType(name="item", title="Item", run=self.item, fields=FIELDS),
                ActionType(name="boom", title="Boom", run=boom),
                ActionType(name="refuse", title="Refuse", run=refuse),
                ActionType(name="silent", title="Silent", run=silent),
                ActionType(name="await", title="Await", run=_await),
                ActionType(name="unprepared", title="Unprepared", prepare=_cannot_prepare),
            ],
        )


FIELDS = [
    Field(key="email", label="Email", hashed=True),
    Field(key="token", label="Token", type="secret"),
    Field(
        key="person", label="Person", type="object", properties=[Field(key="name", label="N", hashed=True)]
    ),
    Field(key="people", label="People", type="rows", properties=[Field(key="name", label="N", hashed=True)]),
]


def boom(settings: Settings, context: EventContext) -> Any:
    raise ValueError("could not read ada@example.com")


def invalid(settings: Settings, context: EventContext) -> Any:
    raise InvalidParameter("Phone has no digits.")


def silent(settings: Settings, context: EventContext) -> Any:
    raise InvalidParameter


def refuse(settings: Settings, context: EventContext) -> Any:
    raise Rejected("A Purchase needs a currency.", code="purchase_incomplete")


def _await(settings: Settings, context: EventContext) -> Any:
    return OutboundRequest("GET", "https://example.com/")


def _cannot_prepare(settings: Settings) -> Any:
    raise InvalidParameter("The pattern is wrong.")


def _place(settings: Settings) -> str:
    return f"arc.event.data.{settings['value']}"


def condition(kind: str = "gives", /, *, negate: bool = False, **settings: Any) -> dict[str, Any]:
    """Return a condition of a rule in a build document."""
    path = f"probe::conditions::{kind}"
    return {"id": "RC1", "name": "", "modulePath": path, "negate": negate, "settings": settings}


def action(kind: str = "note", /, **settings: Any) -> dict[str, Any]:
    """Return an action of a rule in a build document."""
    return {"id": "RC2", "name": "", "modulePath": f"probe::actions::{kind}", "settings": settings}


def rule(*components: Mapping[str, Any], name: str = "Purchase") -> dict[str, Any]:
    """Return a rule with these conditions and actions."""
    conditions = [it for it in components if "::conditions::" in it["modulePath"]]
    actions = [it for it in components if "::actions::" in it["modulePath"]]
    return {"id": f"RL-{name}", "name": name, "conditions": conditions, "actions": actions}


def element(
    kind: str = "value", *, options: Mapping[str, Any] | None = None, **settings: Any
) -> dict[str, Any]:
    """Return a data element; ``options`` are its default value, clean text and lower case."""
    return {"modulePath": f"probe::dataElements::{kind}", "settings": settings, **(options or {})}


def compile_rules(
    probe: Probe,
    *rules: Mapping[str, Any],
    elements: Mapping[str, Any] | None = None,
    extension_settings: Mapping[str, Any] | None = None,
) -> CompiledBuild:
    """Compile a build of these rules and data elements."""
    document = {
        "buildInfo": {"environment": "staging"},
        "property": {"id": "PR1", "name": "Shop", "settings": {"defaultCountry": "DE"}},
        "extensions": {"probe": {"displayName": "Probe", "settings": extension_settings or {}}},
        "dataElements": elements or {},
        "rules": rules,
    }
    return compile_build(document, {"probe": probe.package})


def run(build: CompiledBuild, *, trace: bool = True, event: Mapping[str, Any] = EVENT) -> RunResult:
    """Run one event through ``build``."""
    return run_build(
        build,
        {"event": event, "request": {"header": {}}},
        inbound_event_id="7",
        received_at=1_700_000_000.5,
        installation={"META_GRAPH_URL": "https://graph.example.com"},
        secret_marker=lambda name: f"[[secret:{name}]]",
        trace=trace,
    )
