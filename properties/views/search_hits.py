"""What the search finds in properties: pages, properties, environments, resources, and acts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.db.models.functions import Lower
from django.dispatch import receiver
from django.urls import reverse

from properties.models import DataElement, Environment, Extension, Property, Secret

from .navigation import home_of, next_page, pages_of
from .search import MOST_IN_A_SECTION, Hit, Question, hits_asked_for, kind_of, named, recent_of

# Label, needed right, icon and URL name of acts in a property.
ACTS = (
    ("New data element", "develop", "plus", "properties:data_element_new"),
    ("Install an extension", "manage_extensions", "plus", "properties:catalog"),
    ("New secret", "manage_environments", "plus", "properties:secret_new"),
    ("Invite a person", "own", "user", "properties:people"),
)


@receiver(hits_asked_for, dispatch_uid="properties.views.search_hits")
def hits(sender: type[Property], *, question: Question, **_: Any) -> list[Hit]:
    return [*_recent(question), *_places(question), *_things(question), *_acts(question)]


def _places(question: Question) -> Iterator[Hit]:
    """Yield the pages of the property, its environments, and the properties of the person."""
    for item in pages_of(question.request, question.prop):
        if question.fits(item.label):
            yield Hit("Go to", item.label, "Page", item.icon, item.url)
    if question.prop and question.text:
        yield from _environments(question, question.prop)
    if question.text or not question.prop:
        yield from _properties(question)


def _environments(question: Question, prop: Property) -> Iterator[Hit]:
    for environment in Environment.objects.filter(prop=prop):
        label, url = next_page("rules:overview", prop, environment.name)
        if url and question.fits(label):
            yield Hit(
                "Go to", label, "Environment", f"env{environment.stage[0]}", f"{url}?env={environment.uid}"
            )


def _properties(question: Question) -> Iterator[Hit]:
    found = question.visible
    for word in question.words:
        found = found.filter(name__icontains=word)
    for prop in found.order_by(Lower("name"))[:MOST_IN_A_SECTION]:
        yield Hit("Go to", prop.name, "Property", "box", home_of(prop))


def _things(question: Question) -> Iterator[Hit]:
    if not question.text:
        return
    for element in named(DataElement.objects.all(), question, "name", "settings__path"):
        yield _element(element, question)
    for secret in named(Secret.objects.all(), question, "name"):
        url = reverse("properties:secret_edit", args=[secret.prop.uid, secret.uid])
        yield Hit("Things", secret.name, kind_of("Secret", secret.prop, question), "key", url)
    for extension in Extension.objects.filter(prop__in=question.places).select_related("prop"):
        if question.fits(extension.display_name):
            yield _extension(extension, question)


def _recent(question: Question) -> Iterator[Hit]:
    for order, element in recent_of(DataElement.objects.all(), question):
        yield replace(_element(element, question), section="Recent", order=order)
    for order, extension in recent_of(Extension.objects.all(), question):
        yield replace(_extension(extension, question), section="Recent", order=order)


def _element(element: DataElement, question: Question) -> Hit:
    url = reverse("properties:data_element_edit", args=[element.prop.uid, element.uid])
    return Hit("Things", element.name, kind_of("Data element", element.prop, question), "braces", url)


def _extension(extension: Extension, question: Question) -> Hit:
    url = reverse("properties:extension_edit", args=[extension.prop.uid, extension.uid])
    kind = kind_of("Extension", extension.prop, question)
    return Hit("Things", extension.display_name, kind, "puzzle", url)


def _acts(question: Question) -> Iterator[Hit]:
    for label, right, icon, route in ACTS if question.prop else ():
        if right in question.rights and question.fits(label):
            yield Hit("Do", label, "", icon, reverse(route, args=[question.prop.uid]))  # type: ignore[union-attr]
    if question.request.user.has_perm("properties.add_property") and question.fits("New property"):
        yield Hit("Do", "New property", "", "plus", reverse("properties:property_new"))
    if question.text and question.fits("Switch theme dark light"):
        yield Hit("Do", "Switch theme", "", "auto", reverse("properties:account"), act="theme")
