"""The preview beside an action's form, and the test events that it sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from properties.catalog.descriptor import ActionType, Field
from properties.catalog.errors import Problem
from properties.catalog.forms import ComponentForm, form_for
from properties.catalog.registry import find_type
from properties.models import Property
from properties.resources.component_settings import bound_form
from properties.resources.unsaved import Unsaved, unsaved
from properties.saving import record
from properties.views.access import property_page
from properties.views.typing import typed_so_far
from rules.dry_run.actions import ACTION, fitting, preview, run_draft
from rules.dry_run.samples import (
    LAST,
    STORED,
    NoSample,
    SampleEvent,
    recent_samples,
    sample_choices,
    sample_event,
)
from rules.dry_run.test_send import NotSent, SendResult, send_test
from rules.engine import BuildProblem, RunResult, mask_lookalikes
from rules.explain.shown_values import why_failed
from rules.match_quality.offers import offer_of
from rules.models import Rule, RuleComponent

from .cures import Cures
from .draft_documents import draft_document
from .how_filled import Filled
from .payload_lines import values_now
from .preview_parts import TABS, LastEvents, nows_of, problems_of, requests_of, try_last
from .quality_preview import quality_preview

SOURCE = "preview-source"
PASTED = "preview-pasted"
FITTING = "fitting"
OF_THIS_RULE = "The last event that this rule runs for"
TEST = "preview-test"
TAB = "preview-tab"
START = "preview-start"
COUNTS = "preview-counts"


@dataclass(frozen=True, slots=True)
class ActionDraft:
    """An action as its form describes it, saved or not."""

    rule: Rule
    form: ComponentForm
    given: Unsaved
    document: dict[str, Any]


@property_page("develop")
@require_POST
def action_preview(request: HttpRequest, prop: Property, rule_uid: str, delegate: str) -> HttpResponse:
    """Show a dry run of the form with the chosen event, or with the next of the newest events."""
    kind, rule = _action_type(delegate), get_object_or_404(Rule, prop=prop, uid=rule_uid)
    draft = _draft(request, rule, delegate, kind, typed_so_far(request))
    tab = request.POST.get(TAB, "")
    context: dict[str, Any] = {"rule": rule, "tab": tab if tab in TABS else TABS[0], "delegate": delegate}
    if START in request.POST:
        return render(request, "dry_run/preview_last.html", context | {"last": _last(request, draft)})
    try:
        context |= _shown(request, draft, delegate)
    except NoSample as error:
        context |= {"no_sample": str(error), "nows": values_now(draft.form, (), (), Filled({}, 0))}
    return render(request, "dry_run/preview.html", context)


def _shown(request: HttpRequest, draft: ActionDraft, delegate: str) -> dict[str, Any]:
    form = draft.form
    shown = preview(draft.document, _sample(request, draft), draft.given.dry_run_marker)
    errors, advice = list(_problems(form)), form.advice_about(draft.given.settings)
    requests = requests_of(form, shown)
    return {
        "preview": shown,
        "requests": requests,
        "errors": errors,
        "is_blank": not any(it.is_set for section in form.sections() for it in section.inputs),
        "problems": problems_of(Cures(draft.rule.prop, form), shown, errors, advice),
        "nows": list(nows_of(draft.rule, form, shown, requests)),
        "last": LastEvents({}, 0, 1),
        "quality": quality_preview(draft.rule.prop, delegate, form, shown.payloads),
    }


def _last(request: HttpRequest, draft: ActionDraft) -> LastEvents:
    try:
        start = int(request.POST[START])
        counts = {str(word): int(count) for word, count in json.loads(request.POST.get(COUNTS, "[]"))}
    except (ValueError, TypeError):
        start, counts = 0, {}
    return try_last(draft.rule.prop, draft.document, draft.given.dry_run_marker, max(start, 0), counts)


@property_page("develop")
@require_POST
def action_test(request: HttpRequest, prop: Property, rule_uid: str, delegate: str) -> HttpResponse:
    """Send the chosen event as a test event, with the settings in the form."""
    kind, rule = _action_type(delegate), get_object_or_404(Rule, prop=prop, uid=rule_uid)
    if not kind.test_settings:
        raise Http404("This action cannot send test events.")
    asked = asked_for_test(kind, data=request.POST)
    context: dict[str, Any] = {
        "is_asked": True,
        "test_form": asked,
        "rule": rule,
        "delegate": delegate,
        "component": _stored(request, rule, delegate),
        "problems": list(_problems(asked)),
    }
    if not context["problems"]:
        draft = _draft(request, rule, delegate, kind, _as_test(request, kind, asked))
        context["problems"] = list(_problems(draft.form))
        if not context["problems"]:
            context |= _send(request, prop, draft)
    return render(request, "dry_run/preview_test.html", context)


def panel(prop: Property, rule: Rule, delegate: str, form: ComponentForm, event: str = "") -> dict[str, Any]:
    """Return the context that the preview needs on the page of an action's form.

    Args:
        event: Id of the event that is chosen first, such as one that failed; or "".
    """
    kind = find_type(delegate)
    if not isinstance(kind, ActionType):
        return {}
    return {
        "sample_choices": [*_asked_for(prop, event), (FITTING, OF_THIS_RULE), *sample_choices(prop)],
        "test_form": asked_for_test(kind, settings=form.stored) if kind.test_settings else None,
        "delegate": delegate,
        "has_quality": offer_of(prop, delegate) is not None,
    }


def _asked_for(prop: Property, event: str) -> Iterator[tuple[str, str]]:
    """Yield the event that the address names, if it is still kept."""
    if event:
        with suppress(NoSample):
            found = sample_event(prop, f"{STORED}{event}")
            yield found.key, found.label


def asked_for_test(kind: ActionType, *, settings: Any = None, data: Any = None) -> ComponentForm:
    """Return the form that asks for values before a test event is sent."""
    fields = tuple(_required(field) for field in kind.fields if field.key in kind.test_asks)
    return form_for(replace(kind, fields=fields, check=None), settings=settings, data=data, prefix=TEST)


def _required(field: Field) -> Field:
    return replace(field, required=True, show_if={}, required_for={}, tokens=False, section="")


def _action_type(delegate: str) -> ActionType:
    kind = find_type(delegate)
    if not isinstance(kind, ActionType):
        raise Http404("No installed extension offers this action.")
    return kind


def _sample(request: HttpRequest, draft: ActionDraft) -> SampleEvent:
    """Return the chosen event; if no event meets the conditions, the last one shows why."""
    prop, source = draft.rule.prop, request.POST.get(SOURCE, LAST)
    if source != FITTING:
        return sample_event(prop, source, pasted=request.POST.get(PASTED, ""))
    try:
        found = fitting(draft.document, recent_samples(prop), draft.given.dry_run_marker)
    except BuildProblem:
        found = None
    return found or sample_event(prop)


def _draft(request: HttpRequest, rule: Rule, delegate: str, kind: ActionType, data: Any) -> ActionDraft:
    stored = _stored(request, rule, delegate)
    form = bound_form(rule.prop, kind, settings=stored.settings if stored else {}, data=data)
    form.is_valid()
    given = unsaved(rule.prop, form)
    return ActionDraft(rule, form, given, draft_document(rule.prop, rule, delegate, given.settings))


def _stored(request: HttpRequest, rule: Rule, delegate: str) -> RuleComponent | None:
    """Return the saved action that the form changes; None for a new one."""
    uid = request.GET.get("component", "")
    return RuleComponent.objects.filter(rule=rule, uid=uid, delegate=delegate).first()


def _as_test(request: HttpRequest, kind: ActionType, asked: ComponentForm) -> Any:
    """Return the form data with the settings of a test event."""
    data = typed_so_far(request)
    for key, value in {**kind.test_settings, **asked.to_settings()}.items():
        data[key] = "on" if value is True else str(value)
    return data


def _send(request: HttpRequest, prop: Property, draft: ActionDraft) -> dict[str, Any]:
    try:
        result = run_draft(draft.document, _sample(request, draft), draft.given.markers)
        if reason := _why_nothing(result):
            return {"not_sent": reason}
        items = [it for it in result.items if not it.is_wait]
        sent: list[SendResult] = send_test(prop, items, draft.given.secrets, draft.given.settings)
    except (NoSample, NotSent, BuildProblem) as error:
        return {"not_sent": str(error)}
    record(prop, "action.tested", draft.rule, request.user, results=[it.outcome.label for it in sent])
    return {"sent": sent}


def _why_nothing(result: RunResult) -> str:
    """Return why the action had nothing to send; empty if it had something."""
    refusals = [it.message for it in result.refusals]
    errors = [why_failed(it.error) for it in result.rules if it.id == ACTION and it.error]
    waits = [it.why_put_off for it in result.items if it.is_wait]
    has_some = any(not it.is_wait for it in result.items)
    return "" if has_some else str(mask_lookalikes(next(iter([*refusals, *errors, *waits]), "")))


def _problems(form: ComponentForm) -> Iterator[Problem]:
    """Return every problem of the form."""
    for path, messages in form.errors.items():
        label = form.label_of(path) if path in form.leaves else ""
        yield from (Problem(path, label, str(message)) for message in messages)
