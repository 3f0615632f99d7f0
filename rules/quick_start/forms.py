"""The two forms of Quick Start: the domain, and the answers to the questions of a package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from django.utils.html import format_html

from properties.catalog.descriptor import Field, QuickStart
from properties.catalog.registry import quick_starts
from properties.models import Membership, Property
from properties.resources.linked_property import forwarding_properties
from properties.views.access import rights_in
from properties.views.navigation import home_of

from .domains import NoDomain, domain_of
from .planning import Order
from .trying import inquiry_of

NEEDED = frozenset({"develop", "manage_extensions"})
LONGEST = 2000


class DomainForm(forms.Form):
    """The domain, and which properties get what is made.

    Args:
        user: Who asks. Only properties in which the person may develop and install are offered.
        package: Name of the package whose quick start it is.
    """

    domain = forms.CharField(
        label="Domain",
        max_length=LONGEST,
        help_text="Of your site, such as shop.example. Everything that is made gets its name.",
        widget=forms.TextInput(
            attrs={"placeholder": "shop.example", "spellcheck": "false", "autocapitalize": "none"}
        ),
        error_messages={"required": "Enter the domain of your site, such as shop.example."},
    )
    forwarding_name = forms.ChoiceField(label="Event forwarding", required=False)
    adds = forms.BooleanField(
        label="Add what is missing. Nothing that exists changes.", required=False, widget=forms.CheckboxInput
    )

    def __init__(self, user: Any, package: str, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.user, self.package = user, package
        # Properties that exist under the names of the domain; the page then offers to add to them.
        self.existing: list[Property] = []
        names = [prop.name for prop in _usable(user)]
        choices = [("", "A new property"), *((name, name) for name in names)]
        self.fields["forwarding_name"].choices = choices  # type: ignore[attr-defined]
        if not names:
            del self.fields["forwarding_name"]

    def clean_domain(self) -> str:
        try:
            return domain_of(self.cleaned_data["domain"])
        except NoDomain as error:
            raise ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "domain" in cleaned:
            order = Order(self.package, cleaned["domain"], {}, cleaned.get("forwarding_name", ""))
            new = [] if order.forwarding_name else [order.new_forwarding_name]
            self.existing = list(Property.objects.filter(name__in=[order.tags_name, *new]))
            for prop in self.existing:
                self._check(prop, order, is_agreed=bool(cleaned.get("adds")))
        return cleaned

    def _check(self, prop: Property, order: Order, *, is_agreed: bool) -> None:
        platform = Property.Platform.WEB if prop.name == order.tags_name else Property.Platform.EDGE
        if not Property.objects.visible_to(self.user).filter(pk=prop.pk).exists():
            self.add_error("domain", f"“{prop.name}” exists, but not for you. Ask the person who manages it.")
            return
        link = format_html('<a class="link" href="{}">{}</a>', home_of(prop), prop.name)
        if prop.platform != platform:
            message = "{} exists and is for {}. Rename it, or use another domain."
            self.add_error("domain", format_html(message, link, prop.get_platform_display()))
        elif not rights_in(prop, self.user) >= NEEDED:
            message = "{} exists, and you may not develop and install extensions there."
            self.add_error("domain", format_html(message, link))
        elif not is_agreed:
            self.add_error("domain", format_html("{} exists already.", link))


class AnswersForm(forms.Form):
    """The questions of a package, and those of its connection test.

    Args:
        package: Name of the package.
        stored: Credentials that are stored. An empty input keeps them.
    """

    def __init__(
        self, package: str, stored: Mapping[str, str], data: Any = None, initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.package, self.stored = package, stored
        self.recipe: QuickStart = quick_starts()[package]
        for field in self.recipe.fields:
            self.fields[field.key] = _field(field, is_stored=field.key in stored)
        inquiry = inquiry_of(package)
        self.asked = [field.key for field in inquiry.fields] if inquiry else []
        for field in inquiry.fields if inquiry else ():
            self.fields[field.key] = _field(field, is_stored=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        answers = self.answers()
        for problem in self.recipe.check(answers):
            if problem.path not in self.errors:
                self.add_error(problem.path, problem.message)
        return cleaned

    def answers(self) -> dict[str, str]:
        """Return the answers as they were sent, normalized; stored credentials where nothing was typed."""
        given = {field.key: _storable(self.data.get(field.key)) for field in self.recipe.fields}
        return self.recipe.normalize({**given, **{k: v for k, v in self.stored.items() if not given.get(k)}})

    def asked_of_vendor(self) -> dict[str, str]:
        return {key: str(self.cleaned_data.get(key) or "") for key in self.asked}

    @property
    def questions(self) -> Iterator[forms.BoundField]:
        return (self[field.key] for field in self.recipe.fields)

    @property
    def further(self) -> Iterator[forms.BoundField]:
        return (self[key] for key in self.asked)


def _storable(value: Any) -> str:
    """Return typed text as the database takes it; also a refused answer is kept."""
    return str(value or "").replace("\0", "")[:LONGEST]


def _usable(user: Any) -> list[Property]:
    """Return the properties of event forwarding to which this person may add."""
    rows = forwarding_properties().order_by(Lower("name"))
    if user.is_superuser:
        return list(rows)
    members = Membership.objects.filter(user_id=user.pk)
    allowed = [it.prop_id for it in members if NEEDED.issubset(it.rights)]
    return list(rows.filter(pk__in=allowed))


def _field(field: Field, *, is_stored: bool) -> forms.CharField:
    is_secret = field.type == "secret"
    attributes = {"spellcheck": "false", "autocomplete": "off", "placeholder": field.placeholder}
    if is_secret:
        hint = "Stored. Enter another one to replace it." if is_stored else ""
        attributes |= {"data-credential": "", "placeholder": hint}
    return forms.CharField(
        label=field.label,
        required=field.required and not is_stored,
        max_length=LONGEST,
        help_text=field.help,
        initial=field.default,
        widget=forms.PasswordInput(attrs=attributes) if is_secret else forms.TextInput(attrs=attributes),
        error_messages={"required": f"Enter the {field.label}."},
    )
