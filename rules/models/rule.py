"""Rules and their ordered components."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from properties.models.identifiers import UidField
from properties.models.resource import Resource


class Rule(Resource):
    """Conditions, then actions. In tags one of its events starts it; elsewhere every inbound event does."""

    kind: ClassVar[str] = "rule"

    uid = UidField(prefix="RL")
    name = models.CharField(max_length=255)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["prop", "name"], name="one_rule_per_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return self.name

    def snapshot(self) -> dict[str, Any]:
        components = list(self.components.all())
        events = [c.snapshot() for c in components if c.kind == RuleComponent.Kind.EVENT]
        return {
            "uid": self.uid,
            "name": self.name,
            "enabled": self.enabled,
            # Only tags have events, so that the revisions of other properties stay as they are.
            **({"events": events} if events else {}),
            "conditions": [c.snapshot() for c in components if c.kind == RuleComponent.Kind.CONDITION],
            "actions": [c.snapshot() for c in components if c.kind == RuleComponent.Kind.ACTION],
        }


class RuleComponent(models.Model):
    """One event, condition or action of a rule, with its order.

    Only events use ``rule_order``: rules that start with the same event run in this order.
    """

    LEAST_RULE_ORDER: ClassVar[int] = -2_147_483_648
    MOST_RULE_ORDER: ClassVar[int] = 2_147_483_647

    class Kind(models.TextChoices):
        CONDITION = "conditions", "Condition"
        ACTION = "actions", "Action"
        EVENT = "events", "Event"

    uid = UidField(prefix="RC")
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="components")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    delegate = models.CharField(max_length=300)
    name = models.CharField(max_length=255, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    order = models.PositiveIntegerField(default=0)
    rule_order = models.IntegerField(default=50)
    negate = models.BooleanField(default=False)
    timeout = models.PositiveIntegerField(default=2000)
    delay_next = models.BooleanField(default=True)

    class Meta:
        ordering = ("kind", "order", "id")

    def __str__(self) -> str:
        return self.name or self.delegate

    def snapshot(self) -> dict[str, Any]:
        """Return everything that a build needs to know about the component."""
        return {
            "uid": self.uid,
            "delegate": self.delegate,
            "name": self.name,
            "settings": self.settings,
            "negate": self.negate,
            "timeout": self.timeout,
            "delay_next": self.delay_next,
            **({"rule_order": self.rule_order} if self.kind == self.Kind.EVENT else {}),
        }
