"""Rules as they ran for an event: conditions with both values, actions with every field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from properties.catalog import dotted
from properties.catalog.descriptor import ComponentType, ConditionType
from properties.catalog.registry import find_package, find_type
from properties.catalog.tokens import TOKEN, tokens_in
from properties.models import Property
from rules.models import Rule

from . import badges
from .badges import Badge, badge
from .setting_lines import SettingGroup, setting_groups
from .shown_values import as_line, duration, quoted, shown_text, type_name, why_failed
from .traces import Trace

Story = TypeVar("Story", "ConditionStory", "ActionStory")
# Lines that custom code logged: ``level`` and ``text``, masked.
Logs = Sequence[Mapping[str, str]]
STATUSES = ("failed", "success", "condition_not_met")


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
    badge: Badge
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
    badge: Badge
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


@dataclass(frozen=True, slots=True)
class RuleStory:
    """One rule.

    Args:
        waits: Whether the rest runs later, when the answer to its last request or a credential arrives.
    """

    id: str
    name: str
    status: str
    badge: Badge
    conditions: list[ConditionStory]
    actions: list[ActionStory]
    waits: bool = False

    @property
    def unmet(self) -> ConditionStory | None:
        """The condition that stopped the rule."""
        return next((c for c in self.conditions if c.is_reached and c.passed is False), None)

    @property
    def met_count(self) -> int:
        return sum(condition.passed is True for condition in self.conditions)

    @property
    def spent(self) -> str:
        """Time that its conditions and actions took, without sending."""
        conditions = sum(it.microseconds for it in self.conditions)
        return duration(conditions + sum(it.microseconds for it in self.actions))

    @property
    def error(self) -> str:
        """Where it failed and why, such as ``in “Custom Code”: …``."""
        components: list[ConditionStory | ActionStory] = [*self.conditions, *self.actions]
        return next((f"in “{it.title}”: {it.error}" for it in components if it.error), "")


@dataclass(frozen=True, slots=True)
class ElementStory:
    """One data element that the rules needed."""

    name: str
    type: str
    path: str
    value: str
    value_type: str
    is_missing: bool
    used_default: bool
    error: str
    logs: Logs = ()

    @property
    def is_block(self) -> bool:
        return "\n" in self.value


def rule_uids(prop: Property) -> set[str]:
    """Return the uids of rules that can be opened: a build may contain rules that were deleted later."""
    return set(Rule.objects.filter(prop=prop).values_list("uid", flat=True))


def rule_stories(trace: Trace) -> list[RuleStory]:
    """Return every rule of the build: failed rules, finished rules, then those that came closest."""
    written = {rule["id"]: rule for rule in trace.document.get("rules", [])}
    stories = [_rule(run, written.get(run["id"], {})) for run in trace.data.get("rules", [])]
    return sorted(stories, key=lambda story: (STATUSES.index(story.status), -story.met_count))


def element_stories(trace: Trace) -> list[ElementStory]:
    """Return every data element that was needed."""
    return [_element(run) for run in trace.data.get("elements", [])]


def _rule(run: Mapping[str, Any], written: Mapping[str, Any]) -> RuleStory:
    waits = bool(run.get("waits"))
    conditions = _parts(run, written, "conditions", _condition, _unreached_condition)
    actions = _parts(run, written, "actions", _action, _unreached_action)
    return RuleStory(
        id=run["id"],
        name=run["name"],
        status=run["status"],
        badge=badges.WAITING if waits else badge(badges.RULE, run["status"]),
        conditions=[_waiting(it) if waits else it for it in conditions],
        actions=[_waiting(it) if waits else it for it in actions],
        waits=waits,
    )


def _waiting(story: Story) -> Story:
    """Return the story of a component whose rule waits: without the credential it did not run, or fail."""
    return replace(story, badge=badges.WAITING) if story.error else story


def _parts(
    run: Mapping[str, Any],
    written: Mapping[str, Any],
    key: str,
    explain: Callable[[Mapping[str, Any], Any], Story],
    tell_unreached: Callable[[Mapping[str, Any]], Story],
) -> Iterator[Story]:
    """Return the components that ran, then those that were not reached."""
    settings = {it["id"]: it.get("settings") for it in written.get(key, [])}
    ran = run.get(key, [])
    yield from (explain(it, settings.get(it["id"])) for it in ran)
    yield from (tell_unreached(it) for it in written.get(key, [])[len(ran) :])


def _condition(run: Mapping[str, Any], written: Any) -> ConditionStory:
    kind = find_type(run["delegate"])
    compared = run.get("compared")
    return ConditionStory(
        title=_title(run["name"], kind, run["delegate"]),
        summary=_summary(kind, written),
        badge=badges.CONDITION[run["passed"]],
        negate=run["negate"],
        passed=run["passed"],
        found=quoted(compared[0]) if compared else "",
        compared=_sides(kind, compared, written) if compared else [],
        operator=_operator(kind, run.get("settings")),
        error=why_failed(run["error"]),
        logs=run.get("logs", ()),
        microseconds=run["microseconds"],
    )


def _unreached_condition(written: Mapping[str, Any]) -> ConditionStory:
    kind = find_type(written["modulePath"])
    return ConditionStory(
        title=_title(written.get("name", ""), kind, written["modulePath"]),
        summary=_summary(kind, written.get("settings")),
        badge=badges.NOT_REACHED,
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


def _action(run: Mapping[str, Any], written: Any) -> ActionStory:
    kind = find_type(run["delegate"])
    return ActionStory(
        id=run["id"],
        title=_title(run["name"], kind, run["delegate"]),
        package=_package(run["delegate"]),
        badge=badges.ACTION_FAILED if run["error"] else badges.ACTION_RAN,
        groups=setting_groups(kind, run["settings"], written),
        output=_output(run["output"]),
        error=why_failed(run["error"]),
        warnings=run["warnings"],
        logs=run.get("logs", ()),
        microseconds=run["microseconds"],
    )


def _unreached_action(written: Mapping[str, Any]) -> ActionStory:
    delegate = written["modulePath"]
    return ActionStory(
        id=written["id"],
        title=_title(written.get("name", ""), find_type(delegate), delegate),
        package=_package(delegate),
        badge=badges.NOT_REACHED,
        is_reached=False,
    )


def _output(output: Any) -> str:
    """Return the output that an action left for later ones; deliveries show requests."""
    items = output if isinstance(output, list) else [output]
    is_outbound = all(isinstance(it, dict) and ("destination" in it or "url" in it) for it in items)
    return "" if output is None or is_outbound else shown_text(output)


def _element(run: Mapping[str, Any]) -> ElementStory:
    kind = find_type(run["delegate"])
    return ElementStory(
        name=run["name"],
        type=kind.title if kind else run["delegate"],
        path=run["path"],
        value="" if run["value"] is None else shown_text(run["value"]),
        value_type=type_name(run["value"]) if run["value"] is not None else "",
        is_missing=run["value"] is None,
        used_default=run["used_default"],
        error=why_failed(run["error"]),
        logs=run.get("logs", ()),
    )


def _title(name: str, kind: ComponentType | None, delegate: str) -> str:
    return name or (kind.title if kind else delegate)


def _package(delegate: str) -> str:
    package = find_package(delegate)
    return package.display_name if package else delegate.partition("::")[0]


def _summary(kind: ComponentType | None, settings: Any) -> str:
    return kind.summary(settings) if kind and kind.summary and isinstance(settings, dict) else ""
