"""The step between a new name of a data element and saving it: shows what uses it and what changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest

from properties.models import DataElement
from properties.resources.renaming import Affected, affected_by, rename_in
from properties.saving import Intent

RENAME = "rename"  # Name of the buttons, and of the check box in the editor; see ``Renaming``.
ALSO = "also"  # The value of the check box.
RENAME_OFFERED = "rename_offered"  # The check box was there: unchecked, it means only here.


@dataclass(frozen=True, slots=True)
class Renaming:
    """The effect of a new name on the rest of a property.

    Args:
        old, new: Names. They are equal or empty if nothing is renamed.
        changing: The resources that would change together with the data element.
        left: The resources that a person has to change: code that may mean the data element, and resources
            that need a right that this person lacks.
        choice: ``everywhere``, ``only`` here, or empty until a person decides.
        intent: The button that saved the form. It also counts for the decision.
    """

    old: str = ""
    new: str = ""
    changing: tuple[Affected, ...] = ()
    left: tuple[Affected, ...] = ()
    choice: str = ""
    intent: str = "save"

    @classmethod
    def of(cls, request: HttpRequest, element: DataElement, form: forms.Form) -> Renaming:
        """Read the new name and the decision from the sent form."""
        old = form.initial["name"] if element.pk else ""
        new = form.cleaned_data.get("name", "") if form.is_bound and form.is_valid() else ""
        if not old or not new or old == new:
            return cls()
        found = affected_by(element.prop, old, new)
        rights = request.rights  # type: ignore[attr-defined]
        changing = tuple(it for it in found if it.is_certain and it.needs_right in rights)
        left = tuple(it for it in found if it.doubts or it.needs_right not in rights)
        sent = form.data
        return cls(old, new, changing, left, _choice(request, left), sent.get("intent", "save"))

    @property
    def is_decided(self) -> bool:
        return not (self.changing or self.left) or self.choice in ("everywhere", "only")

    @property
    def setting_count(self) -> int:
        return sum(len(it.settings) for it in self.changing)

    def carry_out(self, actor: Any, intent: Intent) -> None:
        """Save everything that changes with the name, if the person chose ``everywhere``."""
        if self.choice == "everywhere":
            rename_in(self.changing, actor, intent)


def _choice(request: HttpRequest, left: tuple[Affected, ...]) -> str:
    """Return the decision. What a person has to change by hand is shown first, also if the box was ticked."""
    sent = request.POST.getlist(RENAME)
    if button := next((it for it in sent if it in ("everywhere", "only")), ""):
        return button
    if ALSO in sent:
        return "" if left else "everywhere"
    return "only" if RENAME_OFFERED in request.POST else ""
