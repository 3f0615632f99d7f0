"""Rules, and the act of creating one, for the search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from properties.models import Property
from properties.views.search import Hit, Question, hits_asked_for, kind_of, named, recent_of
from rules.models import Rule


@receiver(hits_asked_for, dispatch_uid="rules.authoring.rule_hits")
def rule_hits(sender: type[Property], *, question: Question, **_: Any) -> list[Hit]:
    return list(_hits(question))


def _hits(question: Question) -> Iterator[Hit]:
    for order, rule in recent_of(Rule.objects.all(), question):
        yield replace(_hit(rule, question), section="Recent", order=order)
    if question.text:
        yield from (_hit(rule, question) for rule in named(Rule.objects.all(), question, "name"))
    if question.prop and "develop" in question.rights and question.fits("New rule", "create"):
        yield Hit("Do", "New rule", "", "plus", reverse("rules:rule_new", args=[question.prop.uid]))


def _hit(rule: Rule, question: Question) -> Hit:
    url = reverse("rules:rule_edit", args=[rule.prop.uid, rule.uid])
    return Hit("Things", rule.name, kind_of("Rule", rule.prop, question), "rule", url)
