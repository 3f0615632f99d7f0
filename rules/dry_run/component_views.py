"""Dry runs beside the form of a data element or a condition, with the newest events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from properties.catalog.descriptor import ComponentType, ConditionType, DataElementType
from properties.catalog.forms import ComponentForm
from properties.catalog.registry import find_type
from properties.models import DataElement, Property
from properties.resources.component_settings import bound_form
from properties.resources.unsaved import dry_run_environment, unsaved
from properties.saving import record_seldom
from properties.secrets.belonging import DryRunMarkers
from properties.views.access import property_page
from properties.views.element_forms import ElementForm
from rules.dry_run.components import dry_run_condition, dry_run_element
from rules.dry_run.samples import newest_samples
from rules.engine import BuildProblem
from rules.models import Rule, RuleComponent

from .draft_documents import condition_document, element_document

UNNAMED = "This data element"


class Unfinished(Exception):
    """The form cannot run yet; ``problems`` says why."""

    def __init__(self, form: ComponentForm) -> None:
        self.problems = [str(text) for texts in form.errors.values() for text in texts]
        super().__init__(" ".join(self.problems))


@require_POST
@property_page("view")
def element_dry_run(request: HttpRequest, prop: Property, delegate: str) -> HttpResponse:
    """Show the values of a data element; without the right to develop, of the saved one and masked."""
    kind = _known(delegate, DataElementType)
    found = prop.dataelements.filter(uid=request.GET.get("element", ""), delegate=delegate).first()
    element = found or DataElement(prop=prop, delegate=delegate)
    element.name, element.enabled = element.name or UNNAMED, True

    def run() -> Iterator[Any]:
        if _develops(request):
            _take_form(element, kind, request.POST)
        document, samples = element_document(prop, element.snapshot()), newest_samples(prop)
        is_plain = _develops(request)
        if is_plain and any(sample.event for sample in samples):
            record_seldom(prop, "event.values_read", element, request.user)
        return dry_run_element(document, element.name, samples, _markers(prop), is_plain=is_plain)

    return _answer(request, "dry_run/element.html", run)


@require_POST
@property_page("view")
def condition_dry_run(request: HttpRequest, prop: Property, rule_uid: str, delegate: str) -> HttpResponse:
    """Show which of the newest events meet a condition; values are masked as in the event log."""
    kind, rule = _known(delegate, ConditionType), get_object_or_404(Rule, prop=prop, uid=rule_uid)
    uid = request.GET.get("component", "")
    found = RuleComponent.objects.filter(rule=rule, uid=uid, delegate=delegate).first()
    condition = found or RuleComponent(rule=rule, kind="conditions", delegate=delegate)

    def run() -> Iterator[Any]:
        if _develops(request):
            condition.settings = _settings(prop, kind, condition.settings, request.POST)
            condition.negate = "component-negate" in request.POST
        document = condition_document(prop, rule, condition.snapshot())
        return dry_run_condition(document, newest_samples(prop), _markers(prop))

    return _answer(request, "dry_run/condition.html", run)


def _known(delegate: str, kind: type[ComponentType]) -> ComponentType:
    found = find_type(delegate)
    if not isinstance(found, kind):
        raise Http404("No installed extension offers this.")
    return found


def _develops(request: HttpRequest) -> bool:
    return "develop" in request.rights  # type: ignore[attr-defined]


def _take_form(element: DataElement, kind: ComponentType, data: Any) -> None:
    element.settings = _settings(element.prop, kind, element.settings, data)
    afterwards = ElementForm(element, data)
    afterwards.is_valid()
    for key in ("default_value", "clean_text", "force_lower_case"):
        setattr(element, key, afterwards.cleaned_data.get(key))


def _settings(prop: Property, kind: ComponentType, stored: Any, data: Any) -> Any:
    form = bound_form(prop, kind, settings=stored, data=data)
    if not form.is_valid():
        raise Unfinished(form)
    return unsaved(prop, form).settings


def _markers(prop: Property) -> Any:
    return DryRunMarkers(prop, dry_run_environment(prop))


def _answer(request: HttpRequest, template: str, run: Any) -> HttpResponse:
    try:
        context: dict[str, Any] = {"results": list(run())}
    except Unfinished as error:
        context = {"unfinished": error.problems}
    except BuildProblem as error:
        context = {"problems": error.problems}
    return render(request, template, context)
