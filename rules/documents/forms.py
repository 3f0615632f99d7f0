"""The form of “Import from Adobe”."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from properties.models import Property
from properties.resources.linked_property import forwarding_properties

from .adobe import MOST_BYTES

# Choosing a file checks it at once: the preview always shows the chosen file.
PREVIEW = {
    "hx-post": "",
    "hx-trigger": "change",
    "hx-encoding": "multipart/form-data",
    "hx-target": "#preview",
}


class AdobeFileForm(forms.Form):
    """Asks for the file and the name of the new property."""

    file = forms.FileField(
        label="File",
        help_text="JSON with extensions, data elements, rules and rule components, at most 5 MB.",
        widget=forms.FileInput(attrs={"accept": ".json,application/json", **PREVIEW}),
    )
    name = forms.CharField(
        label="Name of the new property",
        required=False,
        max_length=Property._meta.get_field("name").max_length,
        help_text="Leave this empty to use the name in the file.",
    )

    forwarding = forms.ChoiceField(
        label="Event forwarding property",
        required=False,
        help_text="For tags: the property that the Web SDK sends its events to. You can choose it later.",
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = forwarding_properties().visible_to(user).values_list("name", flat=True)
        self.fields["forwarding"].choices = [("", "None"), *((name, name) for name in names)]  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if file.size is None or file.size > MOST_BYTES:
            raise ValidationError("The file is larger than the limit of 5 MB.")
        return file
