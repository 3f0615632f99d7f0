"""Forms of rules, and of the options that every component has."""

from __future__ import annotations

from typing import Any

from django import forms

from properties.models import Property
from rules.models import Rule, RuleComponent


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
    """Name of a new rule."""

    class Meta:
        model = Rule
        fields = ("name",)
        widgets = {"name": forms.TextInput(attrs={"placeholder": "Purchase"})}

    def __init__(self, prop: Property, data: Any = None) -> None:
        super().__init__(data, instance=Rule(prop=prop))


class OptionsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, logic type and timing of one component."""

    class Meta:
        model = RuleComponent
        fields = ("name", "negate", "timeout", "delay_next")
        labels = {
            "negate": "Exception",
            "timeout": "Timeout in milliseconds",
            "delay_next": "Wait to run next action",
        }
        help_texts = {
            "name": "Shown in the rule and in the event log. If empty, the name of the type is used.",
            "negate": "The rule continues only if this condition is not met.",
            "timeout": "For scripts, and for actions that wait for an answer.",
            "delay_next": "Later actions wait until this one has finished. They do not run if it fails.",
        }

    def __init__(self, data: Any = None, *, instance: RuleComponent) -> None:
        super().__init__(data, instance=instance, prefix="component")
        is_condition = self.instance.kind == RuleComponent.Kind.CONDITION
        del self.fields["delay_next" if is_condition else "negate"]
        self.fields["timeout"].min_value = 1  # type: ignore[attr-defined]

    def clean_timeout(self) -> int:
        timeout: int = self.cleaned_data["timeout"]
        if not 1 <= timeout <= 30_000:
            raise forms.ValidationError("Enter a number between 1 and 30000.")
        return timeout
