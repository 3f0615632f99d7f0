"""Conditions and actions as they ran for an event: both values of a condition, every field of an action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from properties.catalog import dotted
from properties.catalog.descriptor import ComponentType, ConditionType
from properties.catalog.registry import find_package, find_type
from properties.catalog.tokens import TOKEN, tokens_in

from . import rule_marks
from .outcome_words import ShownOutcome
from .setting_lines import SettingGroup, setting_groups
from .shown_values import as_line, duration, quoted, shown_text, why_failed

# Lines that custom code logged: ``level`` and ``text``, masked.
Logs = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ConditionStory:
    """One condition.

    Args:
        title: Its own name, or its name in the picker.
        summary: The condition in words, such as ``Event Name equals “Purchase”``; empty if its type has no
            summary.
        passed: None if it failed or was not reached.
        found: The left side as it was, ready for a sentence; empty if it was not evaluated.
        compared: Both sides: the data element that it came from, if any, and the value.
        operator: The text between the two sides.
    """

    title: str
    summary: str
    mark: ShownOutcome
    negate: bool = False
    passed: bool | None = None
    is_reached: bool = True
    found: str = ""
    compared: list[tuple[str, str]] = field(default_factory=list)
    operator: str = ""
    error: str = ""
    logs: Logs = ()
    microseconds: int = 0

    @property
    def spent(self) -> str:
        """Time it took, including the data elements that were evaluated for it."""
        return duration(self.microseconds)

    @property
    def asked(self) -> str:
        """The condition as part of a sentence."""
        text = self.summary or self.title
        return f"not ({text})" if self.negate else text


@dataclass(frozen=True, slots=True)
class ActionStory:
    """One action with its settings as they were for this event."""

    id: str
    title: str
    package: str
    mark: ShownOutcome
    is_reached: bool = True
    groups: list[SettingGroup] = field(default_factory=list)
    output: str = ""
    error: str = ""
    warnings: list[Mapping[str, str]] = field(default_factory=list)
    logs: Logs = ()
    microseconds: int = 0

    @property
    def spent(self) -> str:
        """Time it took, including the data elements that were evaluated for it."""
        return duration(self.microseconds)


def condition_story(run: Mapping[str, Any], written: Any) -> ConditionStory:
    kind = find_type(run["delegate"])
    compared = run.get("compared")
    return ConditionStory(
        title=_title(run["name"], kind, run["delegate"]),
        summary=_summary(kind, written),
        mark=rule_marks.CONDITIONS[run["passed"]],
        negate=run["negate"],
        passed=run["passed"],
        found=quoted(compared[0]) if compared else "",
        compared=_sides(kind, compared, written) if compared else [],
        operator=_operator(kind, run.get("settings")),
        error=why_failed(run["error"]),
        logs=run.get("logs", ()),
        microseconds=run["microseconds"],
    )


def unreached_condition(written: Mapping[str, Any]) -> ConditionStory:
    kind = find_type(written["modulePath"])
    return ConditionStory(
        title=_title(written.get("name", ""), kind, written["modulePath"]),
        summary=_summary(kind, written.get("settings")),
        mark=rule_marks.NOT_REACHED,
        negate=bool(written.get("negate")),
        is_reached=False,
    )


def _sides(kind: ComponentType | None, compared: list[Any], written: Any) -> list[tuple[str, str]]:
    keys = kind.compared if isinstance(kind, ConditionType) and kind.compared else ("", "")
    return [
        (_source(dotted.get(written, key)), "missing" if value is None else as_line(value))
        for key, value in zip(keys, compared, strict=True)
        if value is not None or dotted.get(written, key) is not None
    ]


def _source(written: Any) -> str:
    """Return the data elements that a side came from; empty for a typed value."""
    return TOKEN.sub(r"\1", written) if isinstance(written, str) and tokens_in(written) else ""


def _operator(kind: ComponentType | None, settings: Any) -> str:
    """Return the label of the chosen operator: the first choice that the condition offers."""
    for choice in (it for it in (kind.fields if kind else ()) if it.type == "choice"):
        return dict(choice.options).get(dotted.get(settings, choice.key), "")
    return ""


def action_story(run: Mapping[str, Any], written: Any) -> ActionStory:
    kind = find_type(run["delegate"])
    return ActionStory(
        id=run["id"],
        title=_title(run["name"], kind, run["delegate"]),
        package=_package(run["delegate"]),
        mark=rule_marks.ACTION_FAILED if run["error"] else rule_marks.ACTION_RAN,
        groups=setting_groups(kind, run["settings"], written),
        output=_output(run["output"]),
        error=why_failed(run["error"]),
        warnings=run["warnings"],
        logs=run.get("logs", ()),
        microseconds=run["microseconds"],
    )


def unreached_action(written: Mapping[str, Any]) -> ActionStory:
    delegate = written["modulePath"]
    return ActionStory(
        id=written["id"],
        title=_title(written.get("name", ""), find_type(delegate), delegate),
        package=_package(delegate),
        mark=rule_marks.NOT_REACHED,
        is_reached=False,
    )


def _output(output: Any) -> str:
    """Return the output that an action left for later ones; deliveries show requests."""
    items = output if isinstance(output, list) else [output]
    is_outbound = all(isinstance(it, dict) and ("destination" in it or "url" in it) for it in items)
    return "" if output is None or is_outbound else shown_text(output)


def _title(name: str, kind: ComponentType | None, delegate: str) -> str:
    return name or (kind.title if kind else delegate)


def _package(delegate: str) -> str:
    package = find_package(delegate)
    return package.display_name if package else delegate.partition("::")[0]


def _summary(kind: ComponentType | None, settings: Any) -> str:
    return kind.summary(settings) if kind and kind.summary and isinstance(settings, dict) else ""
