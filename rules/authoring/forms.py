"""Forms of rules, and of the options that every component has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from properties.models import Property
from rules.models import Rule, RuleComponent

from .starts import Start, grouped, name_element, named, starts


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name of a rule and whether it runs."""

    class Meta:
        model = Rule
        fields = ("name", "enabled")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = Rule.objects.filter(prop=self.instance.prop, name=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError(f"This property already has a rule called “{name}”.")
        return name


class NewRuleForm(RuleForm):
    """Name of a new rule, what it starts with, and for which events it runs."""

    start = forms.ChoiceField(
        label="Start with",
        required=False,
        help_text="A preset opens the form of its action, filled from your data elements.",
    )
    event = forms.CharField(
        label="Only for events named",
        required=False,
        max_length=255,
        help_text="Makes the first condition. Empty: the rule runs for every event.",
    )

    class Meta:
        model = Rule
        fields = ("name",)
        widgets = {"name": forms.TextInput(attrs={"placeholder": "Purchase"})}

    def __init__(self, prop: Property, data: Any = None) -> None:
        super().__init__(data, instance=Rule(prop=prop))
        self.starts, self.name_element = starts(prop), name_element(prop)
        self.fields["start"].choices = [("", "No action yet"), *grouped(self.starts)]  # type: ignore[attr-defined]
        if not self.starts:
            del self.fields["start"]
        if self.name_element is None:
            del self.fields["event"]
        else:
            self.fields["event"].widget.attrs["list"] = "event-names"

    @property
    def chosen(self) -> Start | None:
        """The preset that the person chose."""
        key = self.cleaned_data.get("start", "")
        return next((it for it in self.starts if it.key == key), None)

    @property
    def conditions(self) -> list[RuleComponent]:
        """The conditions that the rule begins with."""
        event = self.cleaned_data.get("event", "")
        return [named(self.name_element, event)] if event and self.name_element else []


OPTIONS: Mapping[str, tuple[str, ...]] = {
    RuleComponent.Kind.EVENT: ("rule_order",),
    RuleComponent.Kind.CONDITION: ("negate", "timeout"),
    RuleComponent.Kind.ACTION: ("timeout", "delay_next"),
}
"""Kind of a component → its options beside the name."""


class OptionsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, order, logic type and timing of one component."""

    class Meta:
        model = RuleComponent
        fields = ("name", "rule_order", "negate", "timeout", "delay_next")
        labels = {
            "rule_order": "Order",
            "negate": "Exception",
            "timeout": "Timeout in milliseconds",
            "delay_next": "Wait to run next action",
        }
        help_texts = {
            "name": "Shown in the rule and in the event log. If empty, the name of the type is used.",
            "rule_order": "Rules that start with the same event run in this order, the lowest number first. "
            "Usual are 1 to 100.",
            "negate": "The rule continues only if this condition is not met.",
            "timeout": "For scripts, and for actions that wait for an answer.",
            "delay_next": "Later actions wait until this one has finished. They do not run if it fails.",
        }

    def __init__(self, data: Any = None, *, instance: RuleComponent) -> None:
        super().__init__(data, instance=instance, prefix="component")
        for name in self.fields.keys() - {"name", *OPTIONS[self.instance.kind]}:
            del self.fields[name]
        if "timeout" in self.fields:
            self.fields["timeout"].min_value = 1  # type: ignore[attr-defined]

    def clean_rule_order(self) -> int:
        order: int = self.cleaned_data["rule_order"]
        if not RuleComponent.LEAST_RULE_ORDER <= order <= RuleComponent.MOST_RULE_ORDER:
            raise forms.ValidationError("Enter a smaller number. Usual are 1 to 100.")
        return order

    def clean_timeout(self) -> int:
        timeout: int = self.cleaned_data["timeout"]
        if not 1 <= timeout <= 30_000:
            raise forms.ValidationError("Enter a number between 1 and 30000.")
        return timeout
