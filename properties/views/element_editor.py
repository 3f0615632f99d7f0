"""The editor of a data element, as a page and in the drawer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from properties.catalog.descriptor import DataElementType, ExtensionPackage
from properties.catalog.element_usage import code_keys
from properties.catalog.forms import ComponentForm
from properties.catalog.registry import find_package, find_type
from properties.models import DataElement, Property
from properties.resources.component_settings import bound_form, keep_settings, secret_prints
from properties.resources.readers import readers_of
from properties.resources.usual_elements import PATH
from properties.saving import Further, save_resource

from .access import property_page
from .element_forms import ElementForm
from .intents import intent_of
from .notices import say_saved, warn
from .parts import drawer_done, is_drawer, render_either
from .renaming import Renaming
from .type_choices import TypeChoice, TypeGroup, choosing
from .typing import Typing

ANOTHER = "another"  # Name of the button “Save and add another”.
CHOOSE = "choose"

Types = Iterable[tuple[ExtensionPackage, list[tuple[str, DataElementType]]]]


@property_page("develop")
def data_element_new(request: HttpRequest, prop: Property) -> HttpResponse:
    """Show the form of a new data element: a path, unless another type is asked for."""
    types = list(_types_of(prop))
    known = {name for _, pairs in types for name, _ in pairs}
    delegate = request.GET.get("type", PATH if PATH in known and CHOOSE not in request.GET else "")
    if not delegate:
        return _render(request, "properties/data_element_types.html", choosing(request, _groups(prop, types)))
    if delegate not in known:
        raise Http404
    is_part = request.method == "GET" and "HX-Request" in request.headers
    if is_part and (code_keys(find_type(delegate)) or not is_drawer(request)):
        return HttpResponseClientRedirect(request.get_full_path())  # Code needs a page, a page its own frame.
    element = DataElement(prop=prop, delegate=delegate, name=_given(request, "name"))
    if path := request.GET.get("path", ""):
        element.settings = {"path": path}
    return _edit(request, element, types)


def _groups(prop: Property, types: Types) -> Iterator[TypeGroup]:
    address = reverse("properties:data_element_new", args=[prop.uid])
    for package, pairs in types:
        rows = [(it, f"{address}?{urlencode({'type': delegate})}") for delegate, it in pairs]
        found = [TypeChoice(it.title, it.description, url, it.name, it.category) for it, url in rows]
        yield TypeGroup(package.display_name, found)


def _render(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    close_url = reverse("properties:data_elements", args=[request.prop.uid])  # type: ignore[attr-defined]
    return render_either(request, template, {**context, "close_url": close_url})


def _given(request: HttpRequest, name: str) -> str:
    """Return what the address gives for an input, also under the name of the input."""
    return request.GET.get(name) or request.GET.get(f"element-{name}", "")


def _types_of(prop: Property) -> Iterator[tuple[ExtensionPackage, list[tuple[str, DataElementType]]]]:
    for extension in prop.extensions.filter(enabled=True):
        package = extension.package
        if package and package.data_elements:
            yield package, [(package.delegate_id(kind), kind) for kind in package.data_elements]


@property_page("develop")
def data_element_edit(request: HttpRequest, prop: Property, element_uid: str) -> HttpResponse:
    element = get_object_or_404(prop.dataelements, uid=element_uid)
    if find_type(element.delegate) is None:
        return _render(request, "properties/data_element_gone.html", {"element": element})
    return _edit(request, element)


def _edit(request: HttpRequest, element: DataElement, types: Any = ()) -> HttpResponse:
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
            return _after(request, element)
    if typing.is_refused:
        return typing.refuse()
    typing.asks = not renaming.is_decided
    readers = readers_of(element.prop, element_form.initial["name"]) if element.pk else []
    context = {
        "form": form,
        "element_form": element_form,
        "element": element,
        "address": _address(request, element),
        "type": kind,
        "types": types,
        "package": find_package(element.delegate),
        "readers": readers,
        "reader_count": sum(len(reader.fields) or 1 for reader in readers),
        "renaming": renaming,
    }
    return _render(request, "properties/data_element_form.html", context)


def _address(request: HttpRequest, element: DataElement) -> str:
    """Return where the form is sent: a saved data element may be shown at an address that names it."""
    if element.pk is None:
        return request.get_full_path()
    return reverse("properties:data_element_edit", args=[element.prop.uid, element.uid])


def _after(request: HttpRequest, element: DataElement) -> HttpResponse:
    """Go on to another one of the same type, or back to the list; the drawer closes and tells its page."""
    further = reverse("properties:data_element_new", args=[element.prop.uid])
    if ANOTHER in request.POST:
        return redirect(f"{further}?type={element.delegate}")
    if is_drawer(request):
        return drawer_done(request, element_made={"name": element.name})
    return redirect("properties:data_elements", element.prop.uid)


@transaction.atomic
def _save(request: HttpRequest, element: DataElement, element_form: ElementForm, form: ComponentForm) -> None:
    intent = intent_of(request)
    element_form.apply()
    element.settings = keep_settings(element.prop, form, element.name, request.user)
    further: list[Further] = []
    save_resource(element, actor=request.user, intent=intent, report=further.append)
    say_saved(request, f"Saved {element.name}.", next(iter(further), None))
    for advice in form.advice():
        warn(request, f"{element.name}, {advice.label}: {advice.message}")
    _warn_of_old_name(request, element, element_form.initial["name"])


def _warn_of_old_name(request: HttpRequest, element: DataElement, old_name: str) -> None:
    is_renamed = element.revision_number > 1 and old_name and old_name != element.name
    readers = readers_of(element.prop, old_name) if is_renamed else []
    if readers:
        names = ", ".join(f"{reader.kind.lower()} “{reader.name}”" for reader in readers[:3])
        more = f" and {len(readers) - 3} more" if len(readers) > 3 else ""
        warn(request, f"“{old_name}” is still used by {names}{more}. Change this before the next build.")
