"""From a component form to stored settings: credentials become secrets, and settings keep their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from properties.catalog.descriptor import ComponentType
from properties.catalog.element_usage import credential_names, has_addresses
from properties.catalog.form_places import Places
from properties.catalog.forms import ComponentForm, form_for
from properties.catalog.json_text import with_values
from properties.models import Environment, Property, Secret
from properties.saving import record
from properties.secrets import credentials
from properties.secrets.belonging import Belonging


def element_names(prop: Property) -> list[str]:
    """Return the names that tokens may use in this property."""
    return list(prop.dataelements.values_list("name", flat=True))


def _credentials(prop: Property, component_type: ComponentType) -> set[str]:
    """Return the data elements that return a credential. Skips the query if no field is an address."""
    if not has_addresses(component_type.fields):
        return set()
    return credential_names(prop.dataelements.values_list("name", "delegate", "settings"))


def _lowered(prop: Property, component_type: ComponentType) -> list[str]:
    """Return the data elements that force lower case. Skips the query if no field keeps its case."""
    if not any(field.keeps_case for field in component_type.fields):
        return []
    return list(prop.dataelements.filter(force_lower_case=True).values_list("name", flat=True))


def secret_hints(prop: Property) -> dict[str, str]:
    """Return name → last four characters of each stored credential."""
    return dict(prop.secrets.values_list("name", "last_four"))


def places_of(prop: Property, settings: Any) -> Places:
    """Return the environments that a credential typed into these settings can be stored for.

    Environments that share the stored value are preselected. Without a stored value, all are. If each has its
    own value, none is, so that a person chooses which one to replace.
    """
    environments = list(prop.environments.all())
    rows: dict[str, list[Secret]] = {}
    for secret in prop.secrets.filter(name__in=set(credentials.names_in(settings))).select_related(
        "environment"
    ):
        rows.setdefault(secret.name, []).append(secret)
    return Places(
        choices=[(environment.uid, environment.name) for environment in environments],
        chosen=[it.uid for it in _sharing([row for found in rows.values() for row in found], environments)],
        stored_for={name: " and ".join(map(_hint, found)) for name, found in rows.items()},
    )


def _sharing(rows: list[Secret], environments: list[Environment]) -> list[Environment]:
    own = {row.environment_id for row in rows if row.environment_id}
    if not rows or any(row.environment_id is None for row in rows):
        return [it for it in environments if it.pk not in own] or environments
    return [it for it in environments if it.pk in own] if len({row.fingerprint for row in rows}) == 1 else []


def _hint(secret: Secret) -> str:
    end = f", ends in {secret.last_four}" if secret.last_four else ""
    return f"for {secret.place}{end}"


def secret_prints(prop: Property, settings: Any) -> dict[str, str]:
    """Return name → digests of its values, in all environments, of each credential that settings name."""
    names = list(credentials.names_in(settings))
    rows = prop.secrets.filter(name__in=names).order_by("environment_id") if names else ()
    prints: dict[str, list[str]] = {}
    for secret in rows:
        prints.setdefault(secret.name, []).append(f"{secret.environment_id}:{secret.fingerprint}")
    return {name: " ".join(found) for name, found in prints.items()}


def bound_form(
    prop: Property,
    component_type: ComponentType,
    *,
    settings: Mapping[str, Any] | None = None,
    data: Any = None,
    prefix: str = "",
) -> ComponentForm:
    """Return the form of a component type, with the data elements and secrets of this property."""
    return form_for(
        component_type,
        settings=settings,
        data=data,
        elements=element_names(prop),
        secrets=secret_hints(prop),
        credentials=_credentials(prop, component_type),
        lowered=_lowered(prop, component_type),
        prefix=prefix,
        places=places_of(prop, settings or {}),
        judge=lambda given: Belonging(prop).problems(component_type, given),
    )


def keep_settings(prop: Property, form: ComponentForm, owner: str, actor: Any) -> dict[str, Any]:
    """Store the credentials that were typed and return the settings that name them.

    Call it inside the transaction that saves the settings.

    Args:
        prop: The property of the secrets.
        form: Valid.
        owner: Start of the names of new secrets: the extension's display name, or for a component of a rule
            ``"<Rule name> / <Display name>"``.
        actor: The user, for the audit entry of each credential. Settings look the same with a new credential.
    """
    taken = set(prop.secrets.values_list("name", flat=True))
    chosen = [it for it in prop.environments.all() if it.uid in form.chosen_places()]
    names: dict[str, str] = {}
    for path, value in form.typed_credentials().items():
        stored = form.stored_credential(path)
        name = stored or credentials.free_name(f"{owner} {form.label_of(path)}", taken)
        taken.add(name)
        credentials.store_for(prop, name, value, chosen)
        _note(prop, name, chosen, actor, is_new=not stored)
        names[path] = name
    return settings_to_keep(form.component_type, form.to_settings(names))


def _note(prop: Property, name: str, chosen: list[Environment], actor: Any, *, is_new: bool) -> None:
    secret = prop.secrets.filter(name=name).order_by("-updated_at")[0]
    verb, where = "secret.created" if is_new else "secret.updated", [it.name for it in chosen]
    record(prop, verb, secret, actor, type=secret.type_of, environments=where)


def settings_to_keep(component_type: ComponentType | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as they are saved now: a package may turn "in two hours" into a moment.

    Objects and lists that are written as JSON text become values: a quote in the value of a data element
    would break the text when events arrive.
    """
    settings = settings_as_values(component_type, settings)
    if component_type is None or component_type.on_save is None:
        return dict(settings)
    return dict(component_type.on_save(settings, timezone.now().timestamp()))


def settings_as_values(
    component_type: ComponentType | None, settings: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return settings with objects and lists instead of JSON text."""
    return with_values(component_type.fields, settings) if component_type else settings
