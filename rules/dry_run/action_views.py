"""The preview beside an action's form, and the test events that it sends."""

from __future__ import annotations

from collections.abc import Iterator
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
from rules.dry_run.samples import LAST, NoSample, SampleEvent, recent_samples, sample_choices, sample_event
from rules.dry_run.test_send import NotSent, SendResult, send_test
from rules.engine import BuildProblem, RunResult, mask_lookalikes
from rules.explain.shown_values import why_failed
from rules.models import Rule, RuleComponent

from .draft_documents import draft_document

SOURCE = "preview-source"
PASTED = "preview-pasted"
FITTING = "fitting"
TEST = "preview-test"


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
    """Show a dry run of the form with the chosen event."""
    kind, rule = _action_type(delegate), get_object_or_404(Rule, prop=prop, uid=rule_uid)
    context: dict[str, Any] = {"rule": rule, "can_test": bool(kind.test_settings)}
    try:
        draft = _draft(request, rule, delegate, kind, typed_so_far(request))
        sample = _sample(request, draft)
        context |= {
            "preview": preview(draft.document, sample, draft.given.dry_run_marker),
            "problems": list(_problems(draft.form)),
            "advice": draft.form.advice_about(draft.given.settings),
        }
    except NoSample as error:
        context["no_sample"] = str(error)
    return render(request, "dry_run/preview.html", context)


@property_page("develop")
@require_POST
def action_test(request: HttpRequest, prop: Property, rule_uid: str, delegate: str) -> HttpResponse:
    """Send the chosen event as a test event, with the settings in the form."""
    kind, rule = _action_type(delegate), get_object_or_404(Rule, prop=prop, uid=rule_uid)
    if not kind.test_settings:
        raise Http404("This action cannot send test events.")
    asked = asked_for_test(kind, data=request.POST)
    context: dict[str, Any] = {"problems": list(_problems(asked))}
    if not context["problems"]:
        draft = _draft(request, rule, delegate, kind, _as_test(request, kind, asked))
        context["problems"] = list(_problems(draft.form))
        if not context["problems"]:
            context |= _send(request, prop, draft)
    return render(request, "dry_run/test_sent.html", context)


def panel(prop: Property, rule: Rule, delegate: str, form: ComponentForm) -> dict[str, Any]:
    """Return the context that the preview needs on the page of an action's form."""
    kind = find_type(delegate)
    if not isinstance(kind, ActionType):
        return {}
    return {
        "sample_choices": [(FITTING, "The last event that this rule runs for"), *sample_choices(prop)],
        "test_form": asked_for_test(kind, settings=form.stored) if kind.test_settings else None,
        "delegate": delegate,
    }


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
    uid = request.GET.get("component", "")
    stored = RuleComponent.objects.filter(rule=rule, uid=uid, delegate=delegate).first()
    form = bound_form(rule.prop, kind, settings=stored.settings if stored else {}, data=data)
    form.is_valid()
    given = unsaved(rule.prop, form)
    return ActionDraft(rule, form, given, draft_document(rule.prop, rule, delegate, given.settings))


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
    record(prop, "action.tested", draft.rule, request.user, results=[it.badge.label for it in sent])
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
