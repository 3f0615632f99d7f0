"""The list of rules and the rule builder."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from properties.models import Property, Revision
from properties.views.access import property_page
from properties.views.intents import intent_of
from properties.views.notices import say, say_saved, warn
from properties.views.paging import page_number
from properties.views.typing import Typing
from rules.models import Rule
from rules.publishing.intents import notice_after, take_further
from rules.publishing.libraries import newest_revision
from rules.publishing.live_states import PublishingStates

from . import editing
from .cards import cards
from .forms import NewRuleForm, RuleForm
from .rule_list import rule_list
from .starts import Start, event_names


@property_page("view")
def rules(request: HttpRequest, prop: Property) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    shown = rule_list(prop, query=query, page=page_number(request.GET.get("page", "")))
    return render(request, "authoring/rules.html", {"shown": shown, "query": query})


@property_page("develop")
def rule_new(request: HttpRequest, prop: Property) -> HttpResponse:
    typing = Typing(request, "rule-form")
    with typing.alone(prop):
        form = NewRuleForm(prop, typing.data)
        typing.into(form)
        if typing.may_save():
            rule = editing.create_rule(prop, form.cleaned_data["name"], request.user, form.conditions)
            typing.done()
            return redirect(_after_creation(rule, form.chosen))
    if typing.is_sent:
        return typing.refuse()
    context = {"form": form, "event_names": event_names(prop)}
    return render(request, "authoring/rule_new.html", context)


def _after_creation(rule: Rule, start: Start | None) -> str:
    """Return the form of the first action if the rule starts with a preset, else the page of the rule."""
    if start is None:
        return reverse("rules:rule_edit", args=[rule.prop.uid, rule.uid])
    address = reverse("rules:component_new", args=[rule.prop.uid, rule.uid, "actions", start.delegate])
    return f"{address}?preset={start.preset.name}"


@property_page("develop")
def rule_edit(request: HttpRequest, prop: Property, rule_uid: str) -> HttpResponse:
    typing, stored = Typing(request, "rule-form"), None
    with typing.alone(prop):
        rule = get_object_or_404(Rule, prop=prop, uid=rule_uid)
        form = RuleForm(typing.data, instance=rule)
        typing.into(form, saved=rule)
        if typing.may_save():
            stored = _save(request, rule, form)
            typing.done()
    if stored is not None:
        _take_further(request, stored)
        return redirect("rules:rule_edit", prop.uid, rule.uid)
    if typing.is_sent:
        return typing.refuse()
    return render(request, "authoring/rule_edit.html", _rule_page(rule, form))


@property_page("develop")
@require_POST
def rule_delete(request: HttpRequest, prop: Property, rule_uid: str) -> HttpResponse:
    rule = get_object_or_404(Rule, prop=prop, uid=rule_uid)
    undo = undo_address(rule)
    editing.delete_rule(rule, request.user)
    say(request, f"Rule “{rule.name}” deleted. The next build does not contain it.", undo=undo)
    return redirect("rules:rules", prop.uid)


@property_page("develop")
@require_POST
def rule_copy(request: HttpRequest, prop: Property, rule_uid: str) -> HttpResponse:
    twin = editing.copy_rule(get_object_or_404(Rule, prop=prop, uid=rule_uid), request.user)
    say(request, f"Copied to “{twin.name}”, which is disabled for now.")
    return redirect("rules:rule_edit", prop.uid, twin.uid)


@property_page("develop")
@require_POST
def rule_restore(request: HttpRequest, prop: Property, rule_uid: str, number: int) -> HttpResponse:
    revision = get_object_or_404(Revision, prop=prop, kind=Rule.kind, resource_uid=rule_uid, number=number)
    try:
        undoes = None if "whatever" in request.POST else number + 1
        rule = editing.restore_rule(revision, request.user, undoes=undoes)
    except ValueError as error:
        warn(request, str(error))
        return redirect("rules:rules", prop.uid)
    say(request, f"Rule “{rule.name}” is as it was before.")
    return redirect("rules:rule_edit", prop.uid, rule.uid)


def undo_address(rule: Rule) -> str:
    """Return the address that restores the current state of a rule. Call it before a change."""
    return reverse("rules:rule_restore", args=[rule.prop.uid, rule.uid, rule.revision_number])


def _save(request: HttpRequest, rule: Rule, form: RuleForm) -> Rule:
    # The form has already changed its row. The stored row decides whether the values are new.
    stored = Rule.objects.get(pk=rule.pk)
    editing.change_rule(stored, **form.cleaned_data, actor=request.user, intent="save")
    return stored


def _take_further(request: HttpRequest, rule: Rule) -> None:
    taken = take_further(rule.prop, newest_revision(rule), intent_of(request), request.user)
    say_saved(request, f"Rule “{rule.name}” saved.", notice_after(rule.prop, taken))


def _rule_page(rule: Rule, form: RuleForm) -> dict[str, Any]:
    return {
        "rule": Rule.objects.get(pk=rule.pk),
        "form": form,
        "events": cards(rule, "events"),
        "conditions": cards(rule, "conditions"),
        "actions": cards(rule, "actions"),
        "state": PublishingStates(rule.prop).of(rule),
        "tab": "rule",
    }
