"""The step between a new name of a data element and saving it: what uses it, and what becomes of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest

from properties.models import DataElement
from properties.resources.renaming import Affected, affected_by, rename_in
from properties.saving import Intent

RENAME = "rename"  # Name of the buttons; see ``Renaming``.


@dataclass(frozen=True, slots=True)
class Renaming:
    """What a new name means for the rest of a property.

    Args:
        old, new: Names; equal or empty when nothing is renamed.
        changing: What would be changed together with the data element.
        left: What a person has to change: code that may mean it, and what needs a right that they lack.
        choice: ``everywhere``, ``only`` here, or empty while nobody has decided.
        intent: Which button saved the form; it counts for the decision, too.
    """

    old: str = ""
    new: str = ""
    changing: tuple[Affected, ...] = ()
    left: tuple[Affected, ...] = ()
    choice: str = ""
    intent: str = "save"

    @classmethod
    def of(cls, request: HttpRequest, element: DataElement, form: forms.Form) -> Renaming:
        """What the form that was sent asks for."""
        old = form.initial["name"] if element.pk else ""
        new = form.cleaned_data.get("name", "") if form.is_bound and form.is_valid() else ""
        if not old or not new or old == new:
            return cls()
        found = affected_by(element.prop, old, new)
        rights = request.rights  # type: ignore[attr-defined]
        changing = tuple(it for it in found if it.is_certain and it.needs_right in rights)
        left = tuple(it for it in found if it.doubts or it.needs_right not in rights)
        sent = form.data
        return cls(old, new, changing, left, request.POST.get(RENAME, ""), sent.get("intent", "save"))

    @property
    def is_decided(self) -> bool:
        return not (self.changing or self.left) or self.choice in ("everywhere", "only")

    @property
    def setting_count(self) -> int:
        return sum(len(it.settings) for it in self.changing)

    def carry_out(self, actor: Any, intent: Intent) -> None:
        """Save everything that changes with the name, unless only the data element shall."""
        if self.choice == "everywhere":
            rename_in(self.changing, actor, intent)
