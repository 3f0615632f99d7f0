"""Choosing, configuring and arranging the components of a rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from properties.catalog.descriptor import ActionType, ComponentType
from properties.catalog.form_levels import view_of
from properties.catalog.forms import ComponentForm
from properties.catalog.registry import find_package, find_type
from properties.models import Property
from properties.resources.component_settings import bound_form, secret_prints
from properties.views.access import property_page
from properties.views.intents import intent_of
from properties.views.notices import say, say_saved
from properties.views.parts import drawer_done, is_drawer, render_either, varying
from properties.views.type_choices import TypeChoice, TypeGroup, choosing
from properties.views.typing import VIEW, Typing
from rules.dry_run.action_views import panel
from rules.models import Rule, RuleComponent
from rules.publishing.content import COMPONENT_NOUNS
from rules.publishing.intents import notice_after, take_further
from rules.publishing.libraries import newest_revision

from . import editing
from .cards import choices, offered_type, opens_in_drawer, title_of
from .forms import OptionsForm
from .suggestions import Prefill, prefill, preset_of
from .views import undo_address

STEPS = {"up": -1, "down": 1}


@property_page("develop")
def component_picker(request: HttpRequest, prop: Property, rule_uid: str, kind: str) -> HttpResponse:
    _require_kind(prop, kind)
    rule = get_object_or_404(Rule, prop=prop, uid=rule_uid)
    noun = COMPONENT_NOUNS[kind]
    context = {
        "rule": rule,
        "noun": noun,
        "close_url": _page_of(rule),
        "nothing": f"No installed extension has {noun.lower()}s. Install one from the catalog first.",
    }
    found = choosing(request, _groups(rule, kind))
    return render_either(request, "authoring/component_picker.html", {**context, **found})


def _groups(rule: Rule, kind: str) -> Iterator[TypeGroup]:
    """Yield the types of each extension, and the presets of each action that has some."""
    for choice in choices(rule.prop, kind):
        types = [(it, _url(rule, kind, delegate), delegate) for delegate, it in choice.types]
        rows = [
            TypeChoice(it.title, it.description, url, name, it.category, in_drawer=opens_in_drawer(it))
            for it, url, name in types
        ]
        yield TypeGroup(choice.package.display_name, rows)
        for it, url, _ in types:
            presets = it.presets if isinstance(it, ActionType) else ()
            if presets:
                starts = [
                    TypeChoice(p.title, p.description, f"{url}?preset={p.name}", p.name) for p in presets
                ]
                yield TypeGroup(f"Start “{it.title}” from", starts)


def _url(rule: Rule, kind: str, delegate: str) -> str:
    return reverse("rules:component_new", args=[rule.prop.uid, rule.uid, kind, delegate])


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
    say(request, f"{COMPONENT_NOUNS[component.kind]} “{title}” deleted.", undo=undo)
    return _back(component)


def _require_kind(prop: Property, kind: str) -> None:
    if kind == RuleComponent.Kind.EVENT and not prop.is_tags:
        raise Http404("Only rules of tags have events.")


def _form_page(
    request: HttpRequest,
    prop: Property,
    component: RuleComponent,
    component_type: ComponentType,
    start: Prefill | None = None,
) -> HttpResponse:
    typing, is_kept = Typing(request, "component-form"), False
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
            is_kept = True
    if is_kept:
        _take_further(request, component)
        return drawer_done(request, component_kept=True) if is_drawer(request) else _back(component)
    if typing.is_refused:
        return typing.refuse()
    context = {
        "rule": component.rule,
        "component": component,
        "component_type": component_type,
        "package": find_package(component.delegate),
        "noun": COMPONENT_NOUNS[component.kind],
        "form": form,
        "options": options,
        "title": title_of(component),
        "address": request.get_full_path(),
        "close_url": _page_of(component.rule),
        "start": start,
        "views": (offered := form.views()),
        "view": view_of(request.GET.get(VIEW, ""), offered),
        **_preview(request, component, form),
    }
    return _render(request, context)


def _render(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the form beside the rule if it is asked for there and fits, otherwise as a page."""
    if is_drawer(request) and opens_in_drawer(context["component_type"]):
        return render_either(request, "authoring/component_drawer.html", context)
    return varying(render(request, "authoring/component_form.html", context))


def _take_further(request: HttpRequest, component: RuleComponent) -> None:
    """Add the rule to the library and build it, if the person who came to fix an event asked for it."""
    prop, rule = component.rule.prop, component.rule
    taken = take_further(prop, newest_revision(rule), intent_of(request), request.user)
    saved = f"{COMPONENT_NOUNS[component.kind]} “{title_of(component)}” saved."
    say_saved(request, saved, notice_after(prop, taken))


def _preview(request: HttpRequest, component: RuleComponent, form: ComponentForm) -> dict[str, Any]:
    """Return the context of the preview, which shows inbound events. Tags have none."""
    prop = component.rule.prop
    if prop.is_tags:
        return {}
    return panel(prop, component.rule, component.delegate, form, request.GET.get("event", ""))


def _component(prop: Property, rule_uid: str, component_uid: str) -> RuleComponent:
    return get_object_or_404(RuleComponent, rule__prop=prop, rule__uid=rule_uid, uid=component_uid)


def _page_of(rule: Rule) -> str:
    return reverse("rules:rule_edit", args=[rule.prop.uid, rule.uid])


def _back(component: RuleComponent) -> HttpResponse:
    return redirect(_page_of(component.rule))
