"""The rows of the issues table: sentence, chain, value, trend, and what a person can do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from properties.catalog import dotted
from properties.catalog.outbound import Outcome
from properties.catalog.tokens import tokens_in
from properties.models import DataElement, Environment, Extension, Property
from rules.delivery.issue_causes import A_VALUE_OF
from rules.explain.refusals import CauseKey, RefusalExplanation, explained
from rules.explain.shown_values import parsed, quoted
from rules.models import InboundEvent, Issue, RuleComponent
from rules.publishing.build_numbers import build_numbers

from .fixing import Fix, fix_of
from .issue_list import issues_of
from .retrying import retry_counts
from .trends import Trend, Window, trends_of
from .wording import SIGNS, title_of

Kind = Issue.Kind
STANDING = Issue.STANDING


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One issue as the table shows it.

    Args:
        issue: With the attributes of ``lifecycle.judged``.
        sign: Name of its icon.
        tone: ``bad`` or ``warn``.
        label: Label of the field; empty if none is known.
        elements: (name, address) of the data elements that fill the field; a deleted one has no address.
        seen: The value in the newest event, masked and quoted; empty if it is not known.
        build: Number of the build in which it was first seen; 0 if there was none.
        mended_build: Number of the newer build in which it has not happened; 0 if there is none.
        count: In the range of the page, or what waits now.
        retry_count: How many of its events can be sent again.
    """

    issue: Any
    title: str
    sign: str
    tone: str
    label: str
    elements: Sequence[tuple[str, str]]
    seen: str
    advice: str
    build: int
    mended_build: int
    count: int
    trend: Trend | None
    events_url: str
    fix: Fix | None
    retry_count: int

    @property
    def is_present_state(self) -> bool:
        return self.issue.kind in STANDING


def rows_of(
    prop: Property, environment: Environment, state: str, window: Window, now: datetime
) -> list[IssueRow]:
    """Return the rows of one environment, worst first, in a fixed number of queries.

    Args:
        state: One of ``lifecycle.STATES``.
        window: The range of the page.
    """
    issues = issues_of([environment], now, state)
    facts = RowFacts([prop], issues)
    trends = trends_of([it.pk for it in issues if it.kind not in STANDING], window)
    retries = retry_counts(prop, issues)
    return [facts.row(it, environment, trends.get(it.pk), retries.get(it.pk, 0)) for it in issues]


class RowFacts:
    """What the rows of some issues share, read once for all of their properties."""

    def __init__(self, props: Sequence[Property], issues: Sequence[Any]) -> None:
        self._props = {prop.pk: prop for prop in props}
        concerned = {it.property_id for it in issues}
        uids = {it.component_uid for it in issues if it.component_uid}
        components = RuleComponent.objects.filter(rule__prop__in=concerned, uid__in=uids)
        self._components = {it.uid: it for it in components.select_related("rule")} if uids else {}
        self._elements = _by_property(DataElement, concerned, "name")
        self._extensions = _by_property(Extension, concerned, "package_name")
        self._values = _values_of(it.example_event_id for it in issues)
        self._numbers = build_numbers([pk for it in issues for pk in (it.first_build_id, it.mended_build_id)])

    def row(self, issue: Any, environment: Environment, trend: Trend | None, retry_count: int) -> IssueRow:
        component = self._components.get(issue.component_uid)
        refusal = self._refusal(issue, component)
        sign, tone = SIGNS[issue.kind]
        return IssueRow(
            issue=issue,
            title=title_of(issue, refusal, environment.name),
            sign=sign,
            tone=tone,
            label=refusal.label,
            elements=self._links(issue, refusal.elements or {}),
            seen=self._seen(issue, refusal),
            advice=refusal.advice or issue.advice,
            build=self._numbers.get(issue.first_build_id, 0),
            mended_build=self._numbers.get(issue.mended_build_id, 0),
            count=trend.total if trend else issue.count,
            trend=trend,
            events_url=self._events_url(issue, environment),
            fix=fix_of(
                self._props[issue.property_id],
                issue,
                environment,
                component,
                refusal.path,
                self._extensions.get(issue.property_id, {}),
            ),
            retry_count=retry_count,
        )

    def _refusal(self, issue: Any, component: RuleComponent | None) -> RefusalExplanation:
        settings: Mapping[str, Any] = component.settings if component else {}
        uids = self._elements.get(issue.property_id, {})
        if issue.kind == Kind.WITHOUT:
            names = tokens_in(dotted.get(settings, issue.field)) if issue.field else ()
            elements = {name: uids.get(name, "") for name in sorted(names)}
            return RefusalExplanation(issue.message, "", issue.label, elements, issue.field)
        if issue.kind in STANDING:
            return RefusalExplanation(issue.message, issue.advice)
        outcome = Outcome("rejected", issue.code, issue.message, issue.advice, blamed_field=issue.field)
        return explained(issue.delegate, outcome, settings, uids)

    def _seen(self, issue: Any, refusal: RefusalExplanation) -> str:
        values = self._values.get(issue.example_event_id or 0, {})
        known = [values[name] for name in refusal.elements or {} if name in values]
        return quoted(known[0]) if len(known) == 1 else ""

    def _links(self, issue: Any, elements: Mapping[str, str]) -> list[tuple[str, str]]:
        prop = self._props[issue.property_id]
        edit = "properties:data_element_edit"
        return [(name, reverse(edit, args=[prop.uid, uid]) if uid else "") for name, uid in elements.items()]

    def _events_url(self, issue: Any, environment: Environment) -> str:
        prop = self._props[issue.property_id]
        if issue.kind == Kind.FAILED_BUILD:
            return reverse("rules:build_detail", args=[prop.uid, issue.code])
        query = {"env": environment.uid, **_filter(issue)}
        return f"{reverse('rules:event_log', args=[prop.uid])}?{urlencode(query)}"


def _by_property(
    model: type[DataElement] | type[Extension], property_ids: Iterable[int], name: str
) -> dict[int, dict[str, str]]:
    """Return the uids of resources by property and name."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    rows = model._default_manager.filter(prop__in=property_ids).values_list("prop_id", name, "uid")
    for prop_id, key, uid in rows:
        found[prop_id][key] = uid
    return found


def _filter(issue: Any) -> dict[str, str]:
    """Return the filter of the event log that finds the events of an issue."""
    if issue.kind in (Kind.NOT_SENT, Kind.REFUSED) and issue.component_uid:
        return {"cause": str(CauseKey(issue.component_uid, issue.code, issue.field))}
    if issue.kind == Kind.WITHOUT and issue.rule_uid:
        is_sent = issue.label.startswith(A_VALUE_OF)
        return {"result": "delivered,without" if is_sent else "without", "rule": issue.rule_uid}
    return {"state": "open"} if issue.kind == Kind.ON_HOLD else {}


def _values_of(event_ids: Iterable[int | None]) -> dict[int, dict[str, Any]]:
    """Return the masked values of the data elements of some events, as far as their traces are kept."""
    wanted = [pk for pk in event_ids if pk]
    rows = InboundEvent.objects.filter(pk__in=wanted).values_list("pk", "trace") if wanted else ()
    traces = ((pk, parsed(trace) or {}) for pk, trace in rows)
    return {pk: {it["name"]: it["value"] for it in trace.get("elements", [])} for pk, trace in traces}
