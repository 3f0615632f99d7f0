"""Data elements."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from properties.catalog.tokens import delimiters

from .identifiers import UidField
from .resource import Resource


def refuse_token_delimiters(name: str) -> None:
    if refusal := delimiters().refusal(name):
        raise ValidationError(refusal)


class DataElement(Resource):
    """A named value that rules and other data elements use as ``{{Name}}``.

    ``storage_duration`` says how long a browser keeps the value. Only web properties use it.
    """

    class Storage(models.TextChoices):
        NONE = "", "None"
        PAGE_VIEW = "pageview", "Page view"
        SESSION = "session", "Session"
        VISITOR = "visitor", "Visitor"

    kind: ClassVar[str] = "data_element"

    uid = UidField(prefix="DE")
    name = models.CharField(max_length=255, validators=[refuse_token_delimiters])
    delegate = models.CharField(max_length=300)
    settings = models.JSONField(default=dict, blank=True)
    default_value = models.JSONField(null=True, blank=True, default=None)
    clean_text = models.BooleanField(default=False)
    force_lower_case = models.BooleanField(default=False)
    storage_duration = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["prop", "name"], name="one_data_element_per_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return self.name

    def snapshot(self) -> dict[str, Any]:
        return {
            "uid": self.uid,
            "name": self.name,
            "delegate": self.delegate,
            "settings": self.settings,
            "default_value": self.default_value,
            "clean_text": self.clean_text,
            "force_lower_case": self.force_lower_case,
            "enabled": self.enabled,
            # Only tags keep values, so that the revisions of other properties stay as they are.
            **({"storage_duration": self.storage_duration} if self.storage_duration else {}),
        }
