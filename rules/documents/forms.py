"""The file that a person gives, and the name of the property that it becomes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from properties.models import Property

from .adobe import MOST_BYTES

# A file that was chosen is looked at right away, so that the list below never belongs to another one.
PREVIEW = {
    "hx-post": "",
    "hx-trigger": "change",
    "hx-encoding": "multipart/form-data",
    "hx-target": "#preview",
}


class AdobeFileForm(forms.Form):
    """What “Import from Adobe” asks for."""

    file = forms.FileField(
        label="File",
        help_text="JSON with extensions, data elements, rules and rule components, at most 5 MB.",
        widget=forms.FileInput(attrs={"accept": ".json,application/json", **PREVIEW}),
    )
    name = forms.CharField(
        label="Name of the new property",
        required=False,
        max_length=Property._meta.get_field("name").max_length,
        help_text="Empty takes the name that the file gives.",
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if file.size is None or file.size > MOST_BYTES:
            raise ValidationError("The file is larger than 5 MB; more is not read.")
        return file
