"""Choosing, configuring and arranging the components of a rule."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from properties.catalog.descriptor import ActionType, ComponentType
from properties.catalog.registry import find_package, find_type
from properties.models import Property
from properties.resources.component_settings import bound_form, secret_prints
from properties.views.access import property_page
from properties.views.notices import say
from properties.views.typing import Typing
from rules.dry_run.action_views import panel
from rules.models import Rule, RuleComponent

from . import editing
from .cards import choices, offered_type, title_of
from .forms import OptionsForm
from .suggestions import Prefill, prefill, preset_of
from .views import undo_address

NOUNS = {"conditions": "Condition", "actions": "Action"}
STEPS = {"up": -1, "down": 1}


@property_page("develop")
def component_picker(request: HttpRequest, prop: Property, rule_uid: str, kind: str) -> HttpResponse:
    rule = get_object_or_404(Rule, prop=prop, uid=rule_uid)
    context = {"rule": rule, "kind": kind, "noun": NOUNS[kind], "choices": choices(prop, kind)}
    return render(request, "authoring/component_picker.html", context)


@property_page("develop")
def component_new(
    request: HttpRequest, prop: Property, rule_uid: str, kind: str, delegate: str
) -> HttpResponse:
    rule = get_object_or_404(Rule, prop=prop, uid=rule_uid)
    component_type = offered_type(prop, kind, delegate)
    if component_type is None:
        raise Http404("No installed extension offers this.")
    component = RuleComponent(rule=rule, kind=kind, delegate=delegate)
    start = _start(prop, component_type, request.GET.get("preset", ""))
    return _form_page(request, prop, component, component_type, start)


def _start(prop: Property, component_type: ComponentType, name: str) -> Prefill | None:
    """Return the values that a preset fills in, if one was chosen."""
    if not isinstance(component_type, ActionType):
        return None
    preset = preset_of(component_type, name)
    return prefill(prop, component_type, preset) if preset else None


@property_page("develop")
def component_edit(request: HttpRequest, prop: Property, rule_uid: str, component_uid: str) -> HttpResponse:
    component = _component(prop, rule_uid, component_uid)
    component_type = find_type(component.delegate)
    if component_type is None:
        stored = json.dumps(component.settings, indent=2, ensure_ascii=False)
        context = {"component": component, "rule": component.rule, "settings": stored}
        return render(request, "authoring/component_unknown.html", context)
    return _form_page(request, prop, component, component_type)


@property_page("develop")
@require_POST
def component_move(request: HttpRequest, prop: Property, rule_uid: str, component_uid: str) -> HttpResponse:
    component = _component(prop, rule_uid, component_uid)
    direction = request.POST.get("direction", "")
    if editing.move_component(component, STEPS.get(direction, 0), request.user):
        say(request, f"“{title_of(component)}” moved {direction}.")
    return _back(component)


@property_page("develop")
@require_POST
def component_copy(request: HttpRequest, prop: Property, rule_uid: str, component_uid: str) -> HttpResponse:
    component = _component(prop, rule_uid, component_uid)
    editing.copy_component(component, request.user)
    say(request, f"“{title_of(component)}” copied.")
    return _back(component)


@property_page("develop")
@require_POST
def component_delete(request: HttpRequest, prop: Property, rule_uid: str, component_uid: str) -> HttpResponse:
    component = _component(prop, rule_uid, component_uid)
    undo, title = undo_address(component.rule), title_of(component)
    editing.remove_component(component, request.user)
    say(request, f"{NOUNS[component.kind]} “{title}” deleted.", undo=undo)
    return _back(component)


def _form_page(
    request: HttpRequest,
    prop: Property,
    component: RuleComponent,
    component_type: ComponentType,
    start: Prefill | None = None,
) -> HttpResponse:
    typing = Typing(request, "component-form")
    with typing.alone(prop):
        if component.pk:
            component.refresh_from_db()
        settings = start.settings if start else component.settings
        form = bound_form(prop, component_type, settings=settings, data=typing.data)
        form.suggested = start.suggested if start else {}
        options = OptionsForm(typing.data, instance=component)
        is_new, facts = component.pk is None, secret_prints(prop, settings)
        typing.into(form, options, saved=None if is_new else component.rule, facts=facts)
        if typing.may_save():
            editing.keep_component(component, form, request.user)
            typing.done()
            say(request, f"{NOUNS[component.kind]} “{title_of(component)}” saved.")
            return _back(component)
    if typing.is_sent:
        return typing.refuse()
    context = {
        "rule": component.rule,
        "component": component,
        "component_type": component_type,
        "package": find_package(component.delegate),
        "noun": NOUNS[component.kind],
        "form": form,
        "options": options,
        "title": title_of(component),
        "start": start,
        **panel(prop, component.rule, component.delegate, form),
    }
    return render(request, "authoring/component_form.html", context)


def _component(prop: Property, rule_uid: str, component_uid: str) -> RuleComponent:
    return get_object_or_404(RuleComponent, rule__prop=prop, rule__uid=rule_uid, uid=component_uid)


def _back(component: RuleComponent) -> HttpResponse:
    return redirect("rules:rule_edit", component.rule.prop.uid, component.rule.uid)
