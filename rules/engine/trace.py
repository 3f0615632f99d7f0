"""A run as JSON for the event log; customer data and credentials are masked before anything is stored."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from properties.catalog import dotted
from properties.catalog.descriptor import ConditionType
from properties.catalog.element_graph import meant
from properties.catalog.outbound import BatchItem, OutboundRequest
from properties.catalog.references import secret_name
from properties.catalog.tokens import tokens_in

from .masking import mask, mask_lookalikes
from .privacy import Path
from .records import ComponentRun, ElementRun, RuleRun, continued
from .results import RunResult

LONGEST_TEXT = 2000
LONGEST_ADDRESS = 320
# Shorter texts, such as a country or a gender, stand in too many places that say nothing about a person.
SHORTEST_KNOWN = 4


def masked_trace(result: RunResult) -> dict[str, Any]:
    """Everything that happened, JSON types only.

    Masked are: settings that are hashed before they leave, data elements that feed them or are made from
    them, the same values wherever else they appear, what looks like an e-mail address or phone number, and
    credentials.
    """
    writer = _Writer(result)
    return {
        "build": dict(result.build.build_info),
        "rules": [writer.rule(run) for run in result.rules],
        "elements": [writer.element(run) for run in result.elements.values()],
    }


def continued_trace(stored: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """The trace of an event, and of a rule of it that was resumed, as one."""
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
        self.elements, self.private_elements = result.build.elements, result.build.private_elements
        self.secrets = result.secrets
        self._shown: dict[str, str] = {}
        self.known = {text for value in self._private_values(result) for text in _leaves(value)}

    def _private_values(self, result: RunResult) -> Iterator[Any]:
        yield from (run.value for name, run in result.elements.items() if name in self.private_elements)
        for rule in result.rules:
            for run in (*rule.conditions, *rule.actions):
                if run.component.private:
                    yield from _values_at(run.settings, run.component.private, ())

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
            "error": self.error(run.error),
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
            "error": self.error(run.error),
            "error_code": run.error_code,
            "warnings": list(_warnings(run)),
            "microseconds": run.microseconds,
            **self.logs(run.logs),
        }

    def element(self, run: ElementRun) -> dict[str, Any]:
        hidden = run.name in self.private_elements
        return {
            "name": run.name,
            "delegate": run.delegate,
            "path": self.show(run.path),
            "value": self.hide(run.value) if hidden else self.show(run.value),
            "used_default": run.used_default,
            "error": self.error(run.error),
            **self.logs(run.logs),
        }

    def error(self, text: str) -> str:
        """What went wrong. Custom code may have put values into its error."""
        text = self._named(text)
        for known in self._longest_first if text else ():
            text = text.replace(known, str(mask(known)))
        return str(mask_lookalikes(text))

    @cached_property
    def _longest_first(self) -> list[str]:
        return sorted(self.known - self.secrets.keys(), key=len, reverse=True)

    def logs(self, logs: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """What custom code logged, when it did."""
        shown = [{"level": level, "text": self.show(self.error(text))} for level, text in logs]
        return {"logs": shown} if shown else {}

    def settings(self, run: ComponentRun) -> Any:
        if run.settings is None:
            return None
        component = run.component
        return self._walk(run.settings, component.settings, component.private, ())

    def _walk(self, value: Any, written: Any, private: frozenset[Path], path: Path) -> Any:
        """``value`` masked; ``written`` is the same place with tokens, None below a token."""
        if (name := secret_name(written)) is not None:
            return _secret(name)
        if path in private or self._is_fed_privately(written):
            return self.hide(value)
        if isinstance(value, dict):
            below = written if isinstance(written, Mapping) else {}
            return {
                self.show(key): self._walk(item, below.get(key), private, (*path, key))
                for key, item in value.items()
            }
        if isinstance(value, list):
            beside = written if isinstance(written, list) else [None] * len(value)
            return [self._walk(*pair, private, path) for pair in zip(value, beside, strict=True)]
        return self.show(value)

    def _is_fed_privately(self, written: Any) -> bool:
        private = self.private_elements
        return (
            bool(private) and isinstance(written, str) and not private.isdisjoint(self._elements_in(written))
        )

    def _elements_in(self, written: str) -> set[str]:
        return meant(tokens_in(written), self.elements)

    def hide(self, value: Any) -> Any:
        """``value`` masked whole, but for the names of credentials."""
        name = self.secrets.get(value) if isinstance(value, str) else None
        return mask(value) if name is None else _secret(name)

    def show(self, value: Any) -> Any:
        """``value`` as it is, but for what is known or looks to be private."""
        if isinstance(value, str):
            # Keys and operators come again and again in one trace.
            shown = self._shown.get(value)
            if shown is None:
                shown = self._shown[value] = self._show_text(value)
            return shown
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, dict):
            return {self.show(key): self.show(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.show(item) for item in value]
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        return mask(value) if str(value) in self.known else value

    def _show_text(self, text: str) -> str:
        if text in self.known:
            return str(self.hide(text))
        text = self._named(text)
        if len(text) <= LONGEST_TEXT:
            return str(mask_lookalikes(text))
        # A little more is read, so that no address is cut before it is recognised.
        shown = str(mask_lookalikes(text[: LONGEST_TEXT + LONGEST_ADDRESS]))[:LONGEST_TEXT]
        return f"{shown}… ({len(text)} characters)"

    def _named(self, text: str) -> str:
        for marker, name in self.secrets.items():
            text = text.replace(marker, _secret(name))
        return text

    def output(self, output: Any) -> Any:
        """What an action gave. The requests themselves are kept with their deliveries."""
        if isinstance(output, list) and output and all(isinstance(item, BatchItem) for item in output):
            return [self.output(item) for item in output]
        if isinstance(output, BatchItem):
            return {
                "destination": self.show(output.destination),
                "name": self.show(output.name),
                "envelope": self.show(dict(output.envelope)),
            }
        if isinstance(output, OutboundRequest):
            return {"method": output.method, "url": self.show(output.url)}
        return self.show(output)


def _secret(name: str) -> str:
    return f"secret “{name}”"


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    elif value is not None and not isinstance(value, bool) and len(text := str(value)) >= SHORTEST_KNOWN:
        yield text


def _values_at(value: Any, private: frozenset[Path], path: Path) -> Iterator[Any]:
    if path in private:
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _values_at(item, private, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from _values_at(item, private, path)


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
