"""Installed extensions, the catalog, and their configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from properties.catalog.descriptor import Configuration, ExtensionPackage
from properties.catalog.elsewhere import Distribution
from properties.catalog.forms import ComponentForm
from properties.catalog.registry import origin, packages
from properties.models import Extension, Property
from properties.resources.component_settings import bound_form, keep_settings, secret_prints
from properties.resources.creation import DEFAULT_PACKAGES
from properties.saving import Further, delete_resource, save_resource

from .access import property_page
from .connection import credential_environments, inquiry_form
from .intents import intent_of
from .notices import say, say_saved
from .restore import undo_address
from .typing import Typing
from .vendor_status import panel_of

NOTHING_TO_SET = Configuration(description="This extension has nothing to configure.")


@dataclass(frozen=True, slots=True)
class CatalogCard:
    """A package in the catalog. ``origin`` is the distribution that it comes from, None for ours."""

    package: ExtensionPackage
    installed: Extension | None
    offers: str
    origin: Distribution | None


def offers_of(package: ExtensionPackage) -> str:
    """Say what a package offers: ``3 data elements, 1 condition``."""
    kinds = (
        (package.data_elements, "data element"),
        (package.events, "event"),
        (package.conditions, "condition"),
        (package.actions, "action"),
    )
    return ", ".join(f"{len(of)} {word}{'s' * (len(of) > 1)}" for of, word in kinds if of)


@property_page("view")
def extensions(request: HttpRequest, prop: Property) -> HttpResponse:
    rows = [_row(extension) for extension in prop.extensions.all()]
    return render(request, "properties/extensions.html", {"rows": rows, "tab": "installed"})


def _row(extension: Extension) -> dict[str, Any]:
    package = extension.package
    return {
        "extension": extension,
        "package": package,
        "offers": offers_of(package) if package else "",
        "has_newer": bool(package and package.version != extension.version),
        "may_go": extension.package_name not in DEFAULT_PACKAGES.values(),
    }


def _card(package: ExtensionPackage, installed: Extension | None) -> CatalogCard:
    return CatalogCard(package, installed, offers_of(package), origin(package.name))


@property_page("view")
def catalog(request: HttpRequest, prop: Property) -> HttpResponse:
    installed = {extension.package_name: extension for extension in prop.extensions.all()}
    fitting = [package for package in packages().values() if package.platform == prop.platform]
    cards = [_card(package, installed.get(package.name)) for package in fitting]
    return render(request, "properties/catalog.html", {"cards": cards, "tab": "catalog"})


@property_page("manage_extensions")
def extension_install(request: HttpRequest, prop: Property, package_name: str) -> HttpResponse:
    package = packages().get(package_name)
    if package is None or package.platform != prop.platform:
        raise Http404
    installed = prop.extensions.filter(package_name=package_name).first()
    if installed:
        return redirect("properties:extension_edit", prop.uid, installed.uid)
    extension = Extension(prop=prop, package_name=package.name, version=package.version)
    return _configure(request, extension, package, is_new=True)


@property_page("manage_extensions")
def extension_edit(request: HttpRequest, prop: Property, extension_uid: str) -> HttpResponse:
    extension = get_object_or_404(prop.extensions, uid=extension_uid)
    if extension.package is None:
        return render(request, "properties/extension_gone.html", {"extension": extension})
    return _configure(request, extension, extension.package, is_new=False)


def _configure(
    request: HttpRequest, extension: Extension, package: ExtensionPackage, *, is_new: bool
) -> HttpResponse:
    typing, prop = Typing(request, "extension-form"), extension.prop
    configuration = package.configuration or NOTHING_TO_SET
    with typing.alone(prop):
        if not is_new:
            extension.refresh_from_db()
        form = bound_form(prop, configuration, settings=extension.settings, data=typing.data)
        facts = secret_prints(prop, extension.settings)
        typing.into(form, saved=None if is_new else extension, facts=facts)
        if typing.may_save():
            _save(request, extension, package, form)
            typing.done()
            return redirect("properties:extensions", prop.uid)
    if typing.is_refused:
        return typing.refuse()
    context = {
        "form": form,
        "extension": extension,
        "package": package,
        "is_new": is_new,
        "offers": offers_of(package),
        "inquiry": package.configuration.inquiry if package.configuration else None,
        "inquiry_form": inquiry_form(package),
        "panel": panel_of(request, extension, package),
        "credential_environments": credential_environments(extension.prop, form),
    }
    return render(request, "properties/extension_form.html", context)


@transaction.atomic
def _save(request: HttpRequest, extension: Extension, package: ExtensionPackage, form: ComponentForm) -> None:
    """Save the extension, and raise it to the version in the catalog."""
    intent = intent_of(request)
    extension.settings = keep_settings(extension.prop, form, package.display_name, request.user)
    extension.version = package.version
    further: list[Further] = []
    save_resource(extension, actor=request.user, intent=intent, report=further.append)
    say_saved(request, f"Saved “{extension.display_name}”.", next(iter(further), None))


@require_POST
@property_page("manage_extensions")
def extension_toggle(request: HttpRequest, prop: Property, extension_uid: str) -> HttpResponse:
    extension = get_object_or_404(prop.extensions, uid=extension_uid)
    wanted = request.GET.get("to") or request.POST.get("to")
    is_wanted = wanted == "on" if wanted else not extension.enabled
    if is_wanted != extension.enabled:  # The same button pressed in two tabs acts once.
        extension.enabled = is_wanted
        save_resource(extension, actor=request.user)
    word, undo = ("Enabled", "off") if extension.enabled else ("Disabled", "on")
    text = f"{word} “{extension.display_name}”. This takes effect with the next build."
    say(request, text, undo=f"{request.path}?to={undo}")
    return redirect("properties:extensions", prop.uid)


@require_POST
@property_page("manage_extensions")
def extension_uninstall(request: HttpRequest, prop: Property, extension_uid: str) -> HttpResponse:
    extension = get_object_or_404(
        prop.extensions.exclude(package_name__in=DEFAULT_PACKAGES.values()), uid=extension_uid
    )
    undo = undo_address(extension)
    delete_resource(extension, actor=request.user)
    say(request, f"Uninstalled “{extension.display_name}”. Resources that use it cannot be built.", undo=undo)
    return redirect("properties:extensions", prop.uid)
