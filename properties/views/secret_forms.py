"""Forms of secrets, made from the table of their types. Credentials are accepted and never shown."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from properties.models import Environment, Property, Secret
from properties.secrets.assertions import UnusableKey, read_key
from properties.secrets.certificates import read_certificate
from properties.secrets.exchange import read_service_account
from properties.secrets.kinds import Credential, Kind

LONGEST_CREDENTIAL = 20_000
LONGEST_NAME = 255


class WriteOnlyLines(forms.Textarea):
    """A text area whose value is never sent back to the page."""

    def format_value(self, value: Any) -> str | None:
        return None


class CredentialsForm(forms.Form):
    """The credentials of one secret.

    Args:
        kind: Type of the secret.
        stored: The stored credentials. An empty input for a credential keeps its stored value.
        data: The sent input, or None.
    """

    def __init__(self, kind: Kind, stored: dict[str, Any] | None = None, data: Any = None) -> None:
        super().__init__(data, prefix="credentials")
        self.kind, self.stored = kind, stored or {}
        for credential in kind.credentials:
            self.fields[credential.key] = _field(credential, is_kept=credential.key in self.stored)
            if not credential.is_secret:
                self.initial[credential.key] = _shown(credential, self.stored)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for credential in self.kind.credentials:
            if credential.is_secret and credential.key in cleaned and not cleaned[credential.key]:
                cleaned[credential.key] = self.stored.get(credential.key, "")
        if ":" in cleaned.get("username", ""):
            # RFC 7617 2: the first colon ends the user name.
            self.add_error("username", "A user name for HTTP cannot contain a colon.")
        if not self.errors:
            self._check_keys(cleaned)
        return cleaned

    def credentials(self) -> dict[str, Any]:
        """Return the credentials to store, without empty ones."""
        return {key: value for key, value in self.cleaned_data.items() if value not in (None, "")}

    def _check_keys(self, cleaned: dict[str, Any]) -> None:
        """Report unusable keys now, not when the first event waits for them."""
        try:
            if self.kind.type_of == Secret.Type.OAUTH2_JWT:
                read_key(cleaned["private_key"], cleaned["algorithm"])
            elif self.kind.type_of == Secret.Type.OAUTH2_GOOGLE:
                read_key(read_service_account(cleaned["service_account"])["private_key"], "RS256")
            elif self.kind.type_of == Secret.Type.CERTIFICATE:
                read_certificate(cleaned["certificate"], cleaned["private_key"])
        except UnusableKey as unusable:
            is_google = self.kind.type_of == Secret.Type.OAUTH2_GOOGLE
            self.add_error("service_account" if is_google else "private_key", str(unusable))


class NamesForm(forms.Form):
    """The name of the secret in each environment that gets the credential."""

    def __init__(self, prop: Property, data: Any = None) -> None:
        super().__init__(data, prefix="names")
        self.prop = prop
        self.environments = {environment.uid: environment for environment in prop.environments.all()}
        for uid, environment in self.environments.items():
            self.fields[uid] = forms.CharField(
                label=f"Name for {environment.name}", max_length=LONGEST_NAME, required=False
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        names = [name for name in cleaned.values() if name]
        taken = set(self.prop.secrets.filter(name__in=names).values_list("name", flat=True))
        for uid, name in list(cleaned.items()):
            if name in taken:
                self.add_error(uid, "Another secret of this property has this name.")
            elif name and names.count(name) > 1:
                self.add_error(uid, "Enter a different name for each environment.")
        if not names and not self.errors:
            raise ValidationError("Enter a name for at least one environment.")
        return cleaned

    def named(self) -> list[tuple[Environment, str]]:
        """Return the environments that get a secret, with its name."""
        return [(self.environments[uid], name) for uid, name in self.cleaned_data.items() if name]


class EnvironmentForm(forms.Form):
    """The environment of a secret that has none. It can be set once."""

    environment = forms.ChoiceField(label="Environment", required=False)

    def __init__(self, secret: Secret, data: Any = None) -> None:
        super().__init__(data, prefix="binding")
        self.secret, prop = secret, secret.prop
        self.found = {environment.uid: environment for environment in prop.environments.all()}
        names = [(uid, environment.name) for uid, environment in self.found.items()]
        self.fields["environment"].choices = [("", "Every environment"), *names]  # type: ignore[attr-defined]

    def clean_environment(self) -> str:
        uid: str = self.cleaned_data["environment"]
        same = Secret.objects.filter(prop=self.secret.prop, name=self.secret.name)
        if uid and same.filter(environment__uid=uid).exists():
            raise ValidationError(f"{self.found[uid].name} has its own secret of this name. Change that one.")
        return uid

    def chosen(self) -> Environment | None:
        """Return the chosen environment, or None for every environment."""
        return self.found.get(self.cleaned_data["environment"])


def _field(credential: Credential, *, is_kept: bool) -> forms.Field:
    basics: dict[str, Any] = {
        "label": credential.label,
        "help_text": credential.help,
        "required": credential.required and not (credential.is_secret and is_kept),
    }
    if credential.type == "choice":
        return forms.ChoiceField(choices=list(credential.choices), **basics)
    if credential.type == "number":
        basics |= {"min_value": credential.smallest, "max_value": credential.largest, "required": False}
        return forms.IntegerField(**basics)
    if credential.type == "json":
        return _ObjectField(widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}), **basics)
    validators = [_refuse_insecure_url] if credential.type == "url" else []
    widget = _secret_widget(credential) if credential.is_secret else forms.TextInput()
    return forms.CharField(max_length=LONGEST_CREDENTIAL, validators=validators, widget=widget, **basics)


def _secret_widget(credential: Credential) -> forms.Widget:
    attrs = {"autocomplete": "new-password", "spellcheck": "false", "data-credential": True}
    if credential.type == "lines":
        return WriteOnlyLines(attrs={**attrs, "rows": 6, "class": "mono"})
    return forms.PasswordInput(attrs=attrs)


class _ObjectField(forms.CharField):
    """A JSON object."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            found = json.loads(text) if text else {}
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ValidationError('This must be a JSON object, such as {"scope": "events"}.')
        return found or None


def _shown(credential: Credential, stored: dict[str, Any]) -> Any:
    value = stored.get(credential.key, credential.default)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _refuse_insecure_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValidationError("This address cannot be read.") from None
    if parts.scheme != "https":
        raise ValidationError("The address must start with https://, because a credential is sent to it.")
    if "@" in parts.netloc or "." not in host.strip("."):
        raise ValidationError("The address needs a host name with a dot, and must not contain a user name.")
