"""Two tabs or two people with the same form: the later one sees both versions before replacing one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.forms.boundfield import BoundField
from django.utils.crypto import salted_hmac

from properties.catalog.forms import ComponentForm
from properties.models import AuditEvent

EMPTY = "Empty"
LONGEST_SHOWN = 2_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One input, with its saved value and the typed value."""

    label: str
    theirs: str
    mine: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """The values that somebody saved after a form was opened and that differ from the typed ones.

    It is false without differences.
    """

    who: str = ""
    at: datetime | None = None
    differences: tuple[Difference, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.differences)


def version_of(typed: Sequence[forms.BaseForm], facts: Any = None) -> str:
    """Return a keyed hash of the saved values, as these forms show them.

    Args:
        typed: Forms filled from the saved values. Sent input does not count.
        facts: Further saved values that no input shows.
    """
    shown = [[form.prefix or "", _saved(form)] for form in typed]
    text = json.dumps([shown, facts], sort_keys=True, default=str)
    return salted_hmac("properties.meanwhile", text, algorithm="sha256").hexdigest()[:32]


def overlap_of(saved: Any, typed: Sequence[forms.BaseForm]) -> Overlap:
    """Return who saved meanwhile, and the differences."""
    entry = _last_save(saved)
    differences = tuple(each for form in typed for each in _differences(form))
    return Overlap(
        entry.actor_name if entry else "Somebody", entry.created_at if entry else None, differences
    )


def _last_save(saved: Any) -> AuditEvent | None:
    uid = getattr(saved, "uid", "")
    about = Q(entity_uid=uid) if uid else Q(type_of__startswith="membership.", display_name=str(saved))
    saves = Q(type_of__endswith=".updated") | Q(type_of__endswith=".created")
    return AuditEvent.objects.filter(about, saves).first()


def _saved(form: forms.BaseForm) -> Any:
    if isinstance(form, ComponentForm):
        return form.stored
    return {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}


def _differences(form: forms.BaseForm) -> Iterator[Difference]:
    for bound in form:
        if "data-credential" in bound.field.widget.attrs:
            if bound.data:
                yield Difference(str(bound.label), _stored_credential(form, bound), "Typed by you, not shown")
        elif (theirs := _text(bound, bound.initial)) != (mine := _text(bound, _typed(bound))):
            yield Difference(str(bound.label), theirs, mine)


def _stored_credential(form: forms.BaseForm, bound: BoundField) -> str:
    if not isinstance(form, ComponentForm):
        return "Stored, not shown"
    name = form.stored_credential(bound.name)
    ends = form.secrets.get(name or "") if isinstance(form.secrets, dict) else ""
    return (f"Stored, ends in {ends}" if ends else "Stored, not shown") if name else EMPTY


def _typed(bound: BoundField) -> Any:
    """Return the sent value, as the field shows it."""
    value = bound.data
    if isinstance(bound.field, forms.BooleanField):
        return bool(value) and value != "false"
    return value


def _text(bound: BoundField, value: Any) -> str:
    if isinstance(bound.field, forms.BooleanField):
        return "On" if value else "Off"
    if isinstance(bound.field, forms.MultipleChoiceField):
        pairs: Any = bound.field.choices
        names = [str(label) for key, label in pairs if key in (value or ())]
        return ", ".join(names) or EMPTY
    shown = bound.field.prepare_value(value)
    if isinstance(bound.field, forms.ChoiceField) or hasattr(bound.field.widget, "choices"):
        labels = {str(key): str(label) for key, label in bound.field.widget.choices}
        shown = labels.get(str(shown or ""), shown)
    text = str("" if shown is None else shown).replace("\r\n", "\n").strip()
    return text[:LONGEST_SHOWN] or EMPTY
