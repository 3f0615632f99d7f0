"""From a component form to what is stored: credentials become secrets, settings keep their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from properties import credentials
from properties.catalog.code import credential_names, has_addresses
from properties.catalog.descriptor import ComponentType
from properties.catalog.forms import ComponentForm, form_for
from properties.catalog.json_text import with_values
from properties.models import Property
from properties.saving import record


def element_names(prop: Property) -> list[str]:
    """Names that tokens may use in this property."""
    return list(prop.dataelements.values_list("name", flat=True))


def _credentials(prop: Property, component_type: ComponentType) -> set[str]:
    """Data elements that give a credential; only asked where it matters."""
    if not has_addresses(component_type.fields):
        return set()
    return credential_names(prop.dataelements.values_list("name", "delegate", "settings"))


def secret_hints(prop: Property) -> dict[str, str]:
    """Name of each stored credential → its last four characters."""
    return dict(prop.secrets.values_list("name", "last_four"))


def secret_prints(prop: Property, settings: Any) -> dict[str, str]:
    """Name of each stored credential that settings name → digest of its value."""
    names = list(credentials.names_in(settings))
    return dict(prop.secrets.filter(name__in=names).values_list("name", "fingerprint")) if names else {}


def bound_form(
    prop: Property,
    component_type: ComponentType,
    *,
    settings: Mapping[str, Any] | None = None,
    data: Any = None,
    prefix: str = "",
) -> ComponentForm:
    """The form of a component type with what this property knows."""
    return form_for(
        component_type,
        settings=settings,
        data=data,
        elements=element_names(prop),
        secrets=secret_hints(prop),
        credentials=_credentials(prop, component_type),
        prefix=prefix,
    )


def keep_settings(prop: Property, form: ComponentForm, owner: str, actor: Any) -> dict[str, Any]:
    """Store the credentials that were typed and return the settings that name them.

    Args:
        prop: Where the secrets belong.
        form: Valid.
        owner: Start of the names of new secrets: the extension's display name, for a component of a rule
            ``"<Rule name> / <Display name>"``.
        actor: The user, for the audit entry of each credential: the settings look the same with a new one.

    Call it inside the transaction that saves the settings.
    """
    taken = set(prop.secrets.values_list("name", flat=True))
    names: dict[str, str] = {}
    for path, value in form.typed_credentials().items():
        stored = form.stored_credential(path)
        name = stored or credentials.free_name(f"{owner} {form.label_of(path)}", taken)
        taken.add(name)
        secret = credentials.store(prop, name, value)
        record(prop, "secret.updated" if stored else "secret.created", secret, actor, type=secret.type_of)
        names[path] = name
    return settings_to_keep(form.component_type, form.to_settings(names))


def settings_to_keep(component_type: ComponentType | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they are saved now: a package may turn "in two hours" into a moment.

    Objects and lists that are written as JSON text become values: a quote in the value of a data element
    would break the text while events come.
    """
    settings = settings_as_values(component_type, settings)
    if component_type is None or component_type.on_save is None:
        return dict(settings)
    return dict(component_type.on_save(settings, timezone.now().timestamp()))


def settings_as_values(
    component_type: ComponentType | None, settings: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Settings without JSON text where objects and lists belong."""
    return with_values(component_type.fields, settings) if component_type else settings
