"""A run as JSON for the event log. Customer data and credentials are masked before anything is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from properties.catalog import dotted
from properties.catalog.descriptor import ConditionType
from properties.catalog.outbound import BatchItem, OutboundRequest

from .hiding import Hiding
from .records import ComponentRun, ElementRun, RuleRun, continued
from .results import RunResult


def masked_trace(result: RunResult) -> dict[str, Any]:
    """Return the record of a run, JSON types only.

    Masked are settings that are hashed before they leave, data elements that feed them or are made from them,
    the same values wherever else they appear, credentials, and texts that look like an e-mail address or a
    phone number.
    """
    writer = _Writer(result)
    return {
        "build": dict(result.build.build_info),
        "rules": [writer.rule(run) for run in result.rules],
        "elements": [writer.element(run) for run in result.elements.values()],
    }


def continued_trace(stored: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """Join the trace of an event with the trace of one of its rules that was resumed."""
    rules = [dict(rule) for rule in stored.get("rules", [])]
    known = {rule["id"]: rule for rule in rules}
    for run in later["rules"]:
        if run["id"] not in known:
            rules.append(run)
            continue
        rule = known[run["id"]]
        rule |= {"status": run["status"], "conditions": run["conditions"] or rule["conditions"]}
        rule["actions"] = continued(rule["actions"], run["actions"], lambda action: bool(action["error"]))
        rule["waits"] = run.get("waits", False)
    elements = {it["name"]: it for it in (*stored.get("elements", []), *later["elements"])}
    return {**later, **stored, "rules": rules, "elements": [*elements.values()]}


class _Writer:
    def __init__(self, result: RunResult) -> None:
        self.hiding = Hiding(result)

    def rule(self, run: RuleRun) -> dict[str, Any]:
        return {
            "id": run.id,
            "name": run.name,
            "status": run.status,
            **({"waits": True} if run.waits else {}),
            "conditions": [self.condition(it) for it in run.conditions],
            "actions": [self.action(it) for it in run.actions],
        }

    def condition(self, run: ComponentRun) -> dict[str, Any]:
        settings = self.settings(run)
        return {
            "id": run.id,
            "name": run.name,
            "delegate": run.delegate,
            "negate": run.negate,
            "passed": run.passed,
            "settings": settings,
            "compared": _compared(run, settings),
            "error": self.hiding.error(run.error),
            "microseconds": run.microseconds,
            **self.logs(run.logs),
        }

    def action(self, run: ComponentRun) -> dict[str, Any]:
        return {
            "id": run.id,
            "name": run.name,
            "delegate": run.delegate,
            "settings": self.settings(run),
            "output": self.output(run.output),
            "error": self.hiding.error(run.error),
            "error_code": run.error_code,
            "warnings": list(_warnings(run)),
            "microseconds": run.microseconds,
            **self.logs(run.logs),
        }

    def element(self, run: ElementRun) -> dict[str, Any]:
        hidden = run.name in self.hiding.private_elements
        return {
            "name": run.name,
            "delegate": run.delegate,
            "path": self.hiding.show(run.path),
            "value": self.hiding.hide(run.value) if hidden else self.hiding.show(run.value),
            "used_default": run.used_default,
            "error": self.hiding.error(run.error),
            **self.logs(run.logs),
        }

    def logs(self, logs: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Return what custom code logged, if anything."""
        hiding = self.hiding
        shown = [{"level": level, "text": hiding.show(hiding.error(text))} for level, text in logs]
        return {"logs": shown} if shown else {}

    def settings(self, run: ComponentRun) -> Any:
        component = run.component
        if run.settings is None:
            return None
        return self.hiding.settings(run.settings, component.settings, component.private)

    def output(self, output: Any) -> Any:
        """Return the output of an action. The requests themselves are kept with their deliveries."""
        if isinstance(output, list) and output and all(isinstance(item, BatchItem) for item in output):
            return [self.output(item) for item in output]
        if isinstance(output, BatchItem):
            return {
                "destination": self.hiding.show(output.destination),
                "name": self.hiding.show(output.name),
                "envelope": self.hiding.show(dict(output.envelope)),
            }
        if isinstance(output, OutboundRequest):
            return {"method": output.method, "url": self.hiding.show(output.url)}
        return self.hiding.show(output)


def _compared(run: ComponentRun, settings: Any) -> list[Any] | None:
    kind = run.component.type
    if settings is None or not isinstance(kind, ConditionType) or kind.compared is None:
        return None
    return [dotted.get(settings, key) for key in kind.compared]


def _warnings(run: ComponentRun) -> Iterator[dict[str, str]]:
    items = run.output if isinstance(run.output, list) else [run.output]
    given = (warning for item in items if isinstance(item, BatchItem) for warning in item.warnings)
    for warning in (*given, *run.refused_after):
        yield {
            "path": warning.path,
            "label": warning.label,
            "message": warning.message,
            "code": warning.code,
        }
