"""The inputs that every data element has, whatever its type."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from properties.catalog.form_fields import read_json
from properties.models import DataElement, Property
from properties.models.data_element import refuse_token_delimiters


class ElementForm(forms.Form):
    """The inputs that every data element has, whatever its type."""

    name = forms.CharField(label="Name", max_length=255, validators=[refuse_token_delimiters])
    default_value = forms.CharField(
        label="Default value",
        required=False,
        help_text="Used when no value is found. Text, or JSON such as 0, true or [].",
    )
    clean_text = forms.BooleanField(
        label="Clean text",
        required=False,
        help_text="Trim, and replace several spaces with one.",
    )
    force_lower_case = forms.BooleanField(label="Force lower case", required=False)
    storage_duration = forms.ChoiceField(
        label="Storage duration",
        required=False,
        choices=DataElement.Storage.choices,
        help_text="How long the browser keeps the value. It is then used when none is found.",
    )
    enabled = forms.BooleanField(label="Enabled", required=False)

    def __init__(self, element: DataElement, data: Any = None) -> None:
        self.element = element
        initial = {name: getattr(element, name) for name in self.base_fields}
        initial["default_value"] = show_default(element.default_value)
        super().__init__(data, initial=initial, prefix="element")
        if element.prop.platform != Property.Platform.WEB:
            del self.fields["storage_duration"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self.element.pk and name == self.initial["name"]:
            return name
        others = self.element.prop.dataelements.exclude(pk=self.element.pk).values_list("name", flat=True)
        if taken := next((it for it in others if it.casefold() == name.casefold()), ""):
            raise ValidationError(f"“{taken}” exists already. Names must differ by more than their case.")
        return name

    def clean_default_value(self) -> Any:
        return read_default(self.cleaned_data["default_value"])

    def apply(self) -> None:
        """Write the input to the data element."""
        for name, value in self.cleaned_data.items():
            setattr(self.element, name, value)


def read_default(text: str) -> Any:
    """Read text, or the JSON value that it spells. Empty input means no default."""
    if not text:
        return None
    try:
        value = read_json(text)
    except ValidationError:
        return text
    return text if value is None else value


def show_default(value: Any) -> str:
    """Write a default value as input that is read back as the same value."""
    if value is None:
        return ""
    is_plain = isinstance(value, str) and read_default(value) == value
    return value if is_plain else forms.JSONField().prepare_value(value)
