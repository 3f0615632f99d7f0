"""Forms of a property, its environments and its people."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, ClassVar

from babel import Locale
from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from properties.catalog.registry import packages
from properties.http.origins import host, origin
from properties.models import RIGHTS, Datastream, DatastreamAlias, Property

MOST_LINES = 100


@cache
def country_choices() -> list[tuple[str, str]]:
    """Return ISO 3166-1 alpha-2 codes in lower case, with English names, sorted by name."""
    territories = Locale("en").territories
    countries = [(code.lower(), name) for code, name in territories.items() if re.fullmatch("[A-Z]{2}", code)]
    real = [pair for pair in countries if pair[0] not in ("eu", "ez", "un", "xa", "xb", "zz", "qo")]
    return [("", "None"), *sorted(real, key=lambda pair: pair[1])]


class LinesField(forms.CharField):
    """One value per line. Empty lines and duplicates are left out."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        rows = kwargs.pop("rows", 3)
        super().__init__(required=False, **kwargs)
        self.widget.attrs |= {"rows": rows, "spellcheck": "false"}

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = (line.strip() for line in str(value or "").splitlines())
        return list(dict.fromkeys(filter(None, lines)))

    def clean(self, value: Any) -> Any:
        lines = super().clean(value)
        if len(lines) > MOST_LINES:
            raise ValidationError(f"There are {len(lines)} lines. At most {MOST_LINES} are allowed.")
        return lines


class PropertyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, domains and country of a property."""

    domains = LinesField(
        label="Domains",
        help_text="One per line, such as shop.example. A reminder only: events are not checked against it.",
    )
    default_country = forms.ChoiceField(
        label="Default country",
        required=False,
        choices=country_choices,
        help_text="Phone numbers without country code are read as numbers of this country. A missing country "
        "is filled in with it.",
    )

    class Meta:
        model = Property
        fields = ["name", "domains", "default_country"]
        error_messages = {"name": {"unique": "Another property has this name. Names must be unique."}}

    def clean_domains(self) -> list[str]:
        domains = [line.lower() for line in self.cleaned_data["domains"]]
        wrong = [domain for domain in domains if not host(domain)]
        if wrong:
            raise ValidationError(f"“{wrong[0][:80]}” is not a domain. Write it without https:// and path.")
        return domains


class NewPropertyForm(PropertyForm):
    """The form of a new property, whose platform never changes."""

    platform = forms.ChoiceField(
        label="Platform",
        required=False,
        initial=Property.Platform.EDGE,
        choices=[
            (
                Property.Platform.EDGE,
                "Event forwarding: sites and servers send events, rules send them on",
            ),
            (Property.Platform.WEB, "Tags: rules run in the browsers of a site"),
        ],
        widget=forms.RadioSelect,
    )

    class Meta(PropertyForm.Meta):
        fields = ["platform", *PropertyForm.Meta.fields]

    def clean_platform(self) -> str:
        return self.cleaned_data["platform"] or Property.Platform.EDGE


class SettingsForm(PropertyForm):
    """The form of an existing property, with the settings of its platform."""

    OF_TAGS: ClassVar[tuple[str, ...]] = ("rule_component_sequencing_enabled", "undefined_vars_return_empty")
    OF_EVENT_FORWARDING: ClassVar[tuple[str, ...]] = ("default_country", "enabled", "code_reads_secrets")

    def __init__(self, data: Any = None, *, instance: Property) -> None:
        super().__init__(data, instance=instance)
        for name in self.OF_EVENT_FORWARDING if instance.is_tags else self.OF_TAGS:
            del self.fields[name]

    class Meta(PropertyForm.Meta):
        fields = [
            *PropertyForm.Meta.fields,
            "enabled",
            "code_reads_secrets",
            "rule_component_sequencing_enabled",
            "undefined_vars_return_empty",
        ]
        labels = {
            "enabled": "Accept events",
            "code_reads_secrets": "Custom code may read secrets",
            "rule_component_sequencing_enabled": "Run rule components in sequence",
            "undefined_vars_return_empty": "Return an empty string for missing data elements",
        }
        help_texts = {
            "rule_component_sequencing_enabled": "Conditions and actions that take time wait for each other. "
            "If unchecked, all of a rule start at once. Takes effect with the next build.",
            "undefined_vars_return_empty": "If unchecked, a missing value inside text becomes a word such as "
            "undefined. Takes effect with the next build.",
            "enabled": "If unchecked, events that are sent to its datastreams are refused with status 403.",
            "code_reads_secrets": "Code can then sign requests. A person who publishes code to an "
            "environment can make it show every secret of that environment, and those of every environment. "
            "If unchecked, code gets a marker, which becomes the secret when a request is sent.",
        }


class DatastreamForm(forms.Form):
    """Who may send to a datastream, and by which ids."""

    access = forms.ChoiceField(
        label="Access",
        choices=Datastream.Access.choices,
        help_text="“Needs a key” refuses every request without Authorization: Bearer and one of the keys.",
    )
    allowed_origins = LinesField(
        label="Allowed origins",
        help_text="One per line, such as https://shop.example. If empty, browsers may send from "
        "every site. In production, list your sites.",
    )
    aliases = LinesField(
        label="Aliases",
        help_text="Other ids for this datastream, one per line, such as the one your site already uses.",
    )
    org_id = forms.RegexField(
        rf"^{Datastream.ORG_ID_PATTERN}$",
        label="Organization ID",
        required=False,
        max_length=100,
        error_messages={
            "invalid": "Write it as in the Web SDK's configuration, such as 0123456789ABCDEF@AdobeOrg."
        },
        help_text="The orgId of a site that already used the Web SDK. Its cookies are named after it.",
    )
    fpid_cookie = forms.RegexField(
        rf"^{Datastream.COOKIE_PATTERN}$",
        label="First-party ID cookie",
        required=False,
        error_messages={"invalid": "This is not a cookie name. Use only letters, digits and - _ ."},
        help_text="The cookie in which your own server keeps a device ID (FPID). The same FPID always "
        "leads to the same ECID.",
    )
    tcf_purposes = forms.CharField(
        label="Purposes that consent strings must grant",
        required=False,
        max_length=100,
        help_text="Numbers of IAB Europe's purposes, separated by commas. Without consent to all of them, "
        "the visitor counts as having refused. 1 is storing information on the device.",
    )
    tcf_vendor = forms.IntegerField(
        label="Vendor that consent strings must grant",
        required=False,
        min_value=1,
        max_value=Datastream.MOST_TCF_VENDOR,
        help_text="Its ID in IAB Europe's vendor list. 565 is Adobe, which Adobe's Edge Network checks. If "
        "empty, no vendor is checked.",
    )
    write_click_cookies = forms.BooleanField(
        required=False,
        help_text="For sites that reach this server under their own domain. Visitors without these cookies "
        "get a browser ID, and a click ID if they come from an ad. Ask for consent first.",
    )

    def __init__(self, datastream: Datastream, data: Any = None) -> None:
        self.datastream = datastream
        initial = {
            "access": datastream.access,
            "allowed_origins": datastream.allowed_origins,
            "org_id": datastream.org_id,
            "write_click_cookies": datastream.write_click_cookies,
            "fpid_cookie": datastream.fpid_cookie,
            "tcf_purposes": ", ".join(map(str, datastream.tcf_purposes)),
            "tcf_vendor": datastream.tcf_vendor,
            "aliases": list(datastream.aliases.values_list("alias", flat=True)),
        }
        super().__init__(data, initial=initial)
        self.fields["write_click_cookies"].label = f"Write {_written_cookies()} as first-party cookies"

    def clean_allowed_origins(self) -> list[str]:
        try:
            return [origin(line) for line in self.cleaned_data["allowed_origins"]]
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def clean_tcf_purposes(self) -> list[int]:
        written = [part.strip() for part in self.cleaned_data["tcf_purposes"].split(",") if part.strip()]
        known = {str(number): number for number in range(1, Datastream.MOST_TCF_PURPOSE + 1)}
        wrong = [part for part in written if part not in known]
        if wrong:
            raise ValidationError(
                f"“{wrong[0][:20]}” is not a purpose. Write numbers from 1 to {Datastream.MOST_TCF_PURPOSE}, "
                "such as 1, 4."
            )
        return sorted({known[part] for part in written})

    def clean_aliases(self) -> list[str]:
        aliases: list[str] = self.cleaned_data["aliases"]
        for alias in aliases:
            if not re.fullmatch(DatastreamAlias.PATTERN, alias):
                raise ValidationError(
                    f"“{alias[:80]}” is not a valid id. Use only letters, digits and . _ : -"
                )
        others = DatastreamAlias.objects.filter(alias__in=aliases).exclude(datastream=self.datastream)
        taken = others.first() or Datastream.objects.filter(uid__in=aliases).first()
        if taken:
            raise ValidationError(f"“{taken}” already leads to a datastream.")
        return aliases


def _written_cookies() -> str:
    """Return the names of the cookies: ``_acme and _acid``."""
    found = [
        name
        for package in packages().values()
        for name in package.cookies
        if name in {it.cookie for it in package.written_cookies()}
    ]
    names = list(dict.fromkeys(found))
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "ad click IDs"


# The rights to choose from. Nothing requires the right to approve yet, so it is not offered.
RIGHT_LABELS = {
    "develop": "Develop: rules and data elements",
    "publish": "Publish: builds",
    "manage_extensions": "Manage extensions",
    "manage_environments": "Manage environments",
}


def takes_last_owner(prop: Property, username: str, rights: list[str]) -> bool:
    """Return whether this change would leave nobody with all rights, where somebody has them now."""
    members = prop.memberships.filter(user__is_active=True).select_related("user")
    owners = {each.user.get_username() for each in members if set(each.rights) >= set(RIGHTS)}
    return owners == {username} and not set(rights) >= set(RIGHTS)


class PersonForm(forms.Form):
    """One person's rights in a property. Without any right, the person may only look."""

    username = forms.CharField(label="User name", max_length=150)
    rights = forms.MultipleChoiceField(
        label="Rights",
        required=False,
        choices=list(RIGHT_LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, prop: Property, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        self.prop = prop
        super().__init__(data, initial=initial)

    def clean_rights(self) -> list[str]:
        """Add the rights that are not offered yet if every offered right is chosen."""
        chosen = self.cleaned_data["rights"]
        if set(chosen) == set(RIGHT_LABELS):
            return list(RIGHTS)
        had = set(self.initial.get("rights", ()))
        kept = had - set(RIGHT_LABELS) if not had.issuperset(RIGHTS) else set()
        return [right for right in RIGHTS if right in chosen or right in kept]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if takes_last_owner(self.prop, cleaned.get("username", ""), cleaned.get("rights", [])):
            self.add_error(
                "rights", "This is the last person with all rights. At least one person must have them."
            )
        return cleaned

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if not get_user_model().objects.filter(username=username, is_active=True).exists():
            raise ValidationError("Nobody has this user name. An administrator must invite the person first.")
        return username
