"""What a rule and its components have beside the settings of their types."""

from __future__ import annotations

from typing import Any

from django import forms

from properties.models import Property
from rules.models import Rule, RuleComponent


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name and whether the rule runs."""

    class Meta:
        model = Rule
        fields = ("name", "enabled")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = Rule.objects.filter(prop=self.instance.prop, name=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError(f"This property has a rule called “{name}” already.")
        return name


class NewRuleForm(RuleForm):
    """Name of a rule to be."""

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
            "name": "Shown in the rule and in the event log. Empty takes the name of the type.",
            "negate": "The rule goes on only when this condition is not met.",
            "timeout": "For scripts and for actions whose answer is awaited.",
            "delay_next": "Later actions run only after this one has finished, and not at all when it fails.",
        }

    def __init__(self, data: Any = None, *, instance: RuleComponent) -> None:
        super().__init__(data, instance=instance, prefix="component")
        is_condition = self.instance.kind == RuleComponent.Kind.CONDITION
        del self.fields["delay_next" if is_condition else "negate"]
        self.fields["timeout"].min_value = 1  # type: ignore[attr-defined]

    def clean_timeout(self) -> int:
        timeout: int = self.cleaned_data["timeout"]
        if not 1 <= timeout <= 30_000:
            raise forms.ValidationError("Between 1 and 30000 milliseconds.")
        return timeout
