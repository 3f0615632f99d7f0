"""Data elements: list, new, edit, delete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from properties.catalog.categories import by_category
from properties.catalog.descriptor import DataElementType, ExtensionPackage
from properties.catalog.form_fields import read_json
from properties.catalog.forms import ComponentForm
from properties.catalog.registry import find_package, find_type
from properties.models import DataElement, Property
from properties.models.data_element import refuse_token_delimiters
from properties.resources.component_settings import bound_form, keep_settings, secret_prints
from properties.resources.readers import readers_of
from properties.resources.usual_elements import create_usual, missing_usual
from properties.saving import Further, delete_resource, save_resource
from properties.secrets.uses import Usage

from .access import property_page
from .intents import intent_of
from .navigation import next_page
from .notices import say, say_saved, warn
from .renaming import Renaming
from .restore import undo_address
from .typing import Typing, one_at_a_time


@dataclass(frozen=True, slots=True)
class DataElementRow:
    """A data element in the list and in the picker."""

    element: DataElement
    name: str
    type_title: str
    path: str
    is_known: bool


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
    enabled = forms.BooleanField(label="Enabled", required=False)

    def __init__(self, element: DataElement, data: Any = None) -> None:
        self.element = element
        initial = {name: getattr(element, name) for name in self.base_fields}
        initial["default_value"] = show_default(element.default_value)
        super().__init__(data, initial=initial, prefix="element")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = self.element.prop.dataelements.exclude(pk=self.element.pk)
        if others.filter(name=name).exists():
            raise ValidationError("Another data element of this property has this name.")
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


@property_page("view")
def data_elements(request: HttpRequest, prop: Property) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    rows = [row_of(element) for element in named_like(prop, query)]
    usual = missing_usual(prop) if "develop" in request.rights else []  # type: ignore[attr-defined]
    context = {"rows": rows, "query": query, "usual": usual}
    return render(request, "properties/data_elements.html", context)


@require_POST
@property_page("develop")
def data_elements_usual(request: HttpRequest, prop: Property) -> HttpResponse:
    """Create the chosen data elements, and link to a new rule."""
    with one_at_a_time(prop):
        names = create_usual(prop, request.POST.getlist("name"), request.user)
    if names:
        label, url = next_page("rules:rule_new", prop, "Make a rule")
        count = f"{len(names)} data element{'' if len(names) == 1 else 's'}"
        say_saved(request, f"Created {count}: {', '.join(names)}.", Further("", label, url))
    else:
        warn(request, "Nothing was created: no data element was chosen, or all exist already.")
    return redirect("properties:data_elements", prop.uid)


def named_like(prop: Property, query: str) -> QuerySet[DataElement]:
    """Return data elements whose names contain ``query``, in alphabetical order."""
    return prop.dataelements.filter(name__icontains=query).order_by(Lower("name"))


def row_of(element: DataElement) -> DataElementRow:
    """Return a data element with the words of its type."""
    kind = find_type(element.delegate)
    sample = (
        kind.sample_path(element.settings) if isinstance(kind, DataElementType) and kind.sample_path else ""
    )
    path = sample or (kind.summary(element.settings) if kind and kind.summary else "")
    return DataElementRow(
        element, element.name, kind.title if kind else "Not available", path, kind is not None
    )


@property_page("develop")
def data_element_new(request: HttpRequest, prop: Property) -> HttpResponse:
    delegate = request.GET.get("type", "")
    if not delegate:
        groups = [(package, by_category(types)) for package, types in _types_of(prop)]
        return render(request, "properties/data_element_types.html", {"groups": groups})
    known = {name for _, pairs in _types_of(prop) for name, _ in pairs}
    if delegate not in known:
        raise Http404
    return _edit(request, DataElement(prop=prop, delegate=delegate))


def _types_of(prop: Property) -> Iterator[tuple[ExtensionPackage, list[tuple[str, DataElementType]]]]:
    for extension in prop.extensions.filter(enabled=True):
        package = extension.package
        if package and package.data_elements:
            yield package, [(package.delegate_id(kind), kind) for kind in package.data_elements]


@property_page("develop")
def data_element_edit(request: HttpRequest, prop: Property, element_uid: str) -> HttpResponse:
    element = get_object_or_404(prop.dataelements, uid=element_uid)
    if find_type(element.delegate) is None:
        return render(request, "properties/data_element_gone.html", {"element": element})
    return _edit(request, element)


def _edit(request: HttpRequest, element: DataElement) -> HttpResponse:
    typing, kind = Typing(request, "data-element-form"), find_type(element.delegate)
    with typing.alone(element.prop):
        if element.pk:
            element.refresh_from_db()
        form = bound_form(element.prop, kind, settings=element.settings, data=typing.data)  # type: ignore[arg-type]
        element_form = ElementForm(element, typing.data)
        facts = secret_prints(element.prop, element.settings)
        typing.into(element_form, form, saved=element if element.pk else None, facts=facts)
        may_save = typing.may_save()
        renaming = Renaming.of(request, element, element_form)
        if may_save and renaming.is_decided:
            renaming.carry_out(request.user, intent_of(request))
            _save(request, element, element_form, form)
            typing.done()
            return redirect("properties:data_elements", element.prop.uid)
    if typing.is_sent:
        return typing.refuse()
    typing.asks = not renaming.is_decided
    context = {
        "form": form,
        "element_form": element_form,
        "element": element,
        "type": kind,
        "package": find_package(element.delegate),
        "readers": readers_of(element.prop, element_form.initial["name"]) if element.pk else [],
        "renaming": renaming,
    }
    return render(request, "properties/data_element_form.html", context)


@transaction.atomic
def _save(request: HttpRequest, element: DataElement, element_form: ElementForm, form: ComponentForm) -> None:
    intent = intent_of(request)
    element_form.apply()
    element.settings = keep_settings(element.prop, form, element.name, request.user)
    further: list[Further] = []
    save_resource(element, actor=request.user, intent=intent, report=further.append)
    say_saved(request, f"Saved “{element.name}”.", next(iter(further), None))
    for advice in form.advice():
        warn(request, f"{element.name}, {advice.label}: {advice.message}")
    _warn_of_old_name(request, element, element_form.initial["name"])


def _warn_of_old_name(request: HttpRequest, element: DataElement, old_name: str) -> None:
    readers = readers_of(element.prop, old_name) if old_name and old_name != element.name else []
    if readers:
        warn(
            request,
            f"“{old_name}” is still used by {_listed(readers)}. Change this before the next build.",
        )


def _listed(readers: list[Usage]) -> str:
    named = ", ".join(f"{reader.kind.lower()} “{reader.name}”" for reader in readers[:3])
    return f"{named} and {len(readers) - 3} more" if len(readers) > 3 else named


@require_POST
@property_page("develop")
def data_element_delete(request: HttpRequest, prop: Property, element_uid: str) -> HttpResponse:
    element = get_object_or_404(prop.dataelements, uid=element_uid)
    readers, undo = readers_of(prop, element.name), undo_address(element)
    delete_resource(element, actor=request.user)
    still = f" It is still used by {_listed(readers)}, which cannot be built." if readers else ""
    say(request, f"Deleted “{element.name}”.{still}", undo=undo)
    return redirect("properties:data_elements", prop.uid)
