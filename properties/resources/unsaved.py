"""Running the settings of a form before they are saved. Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from properties.catalog.errors import Misconfigured
from properties.catalog.forms import ComponentForm
from properties.catalog.secret_markers import RunMarkers, dry_run_marker
from properties.catalog.substitution import Source, compile_settings
from properties.http.transport import Secrets
from properties.models import Environment, Property
from properties.secrets import credentials
from properties.secrets.belonging import Belonging, DryRunMarkers

_TYPED = "typed now: "


@dataclass(frozen=True)
class Unsaved:
    """The settings of a form, with the credentials of one environment.

    Args:
        settings: The valid settings of the form, with references to secrets as credentials.
        typed: Name of such a reference → credential that was typed now.
        environment: The environment of the dry run. Credentials of other environments are refused.
    """

    prop: Property
    settings: Mapping[str, Any]
    typed: Mapping[str, str]
    environment: Environment
    markers: RunMarkers = field(default_factory=RunMarkers)

    @cached_property
    def _markers_of_stored(self) -> DryRunMarkers:
        return DryRunMarkers(self.prop, self.environment)

    def dry_run_marker(self, name: str) -> str:
        """Return the text that replaces the credential ``name`` where nothing is sent.

        Raises:
            Misconfigured: The credential belongs to other environments.
        """
        return dry_run_marker(name) if name in self.typed else self._markers_of_stored(name)

    def value_of(self, name: str) -> str:
        """Return the credential itself. Only the transport calls this.

        Raises:
            Misconfigured: The credential is not stored, does not work now, or belongs to other environments.
        """
        known = self.typed if name in self.typed else self._stored
        if name not in known:
            text = Belonging(self.prop).refusal(name, self.environment)
            raise Misconfigured(
                text or f"Secret “{name}” is not stored in this property.", code="secret_missing"
            )
        return known[name]

    @cached_property
    def _stored(self) -> Mapping[str, str]:
        return credentials.values_of(self.prop.pk, self.environment.pk)

    @property
    def secrets(self) -> Secrets:
        """The credentials that a request of a run with ``markers`` needs."""
        return Secrets(self.markers.names, self.value_of)

    def resolved(self) -> Any:
        """Return the settings with markers instead of credentials.

        Raises:
            LookupError: They use a data element, which needs an event.
        """
        return compile_settings(self.settings)(_NoEvent(self))


@dataclass(frozen=True, slots=True)
class _NoEvent(Source):
    """A source of credentials without an event, and so without data elements."""

    unsaved: Unsaved

    def element(self, name: str) -> Any:
        raise LookupError(name)

    def secret(self, name: str) -> str:
        return self.unsaved.markers(name)


def unsaved(prop: Property, form: ComponentForm, environment: Environment | None = None) -> Unsaved:
    """Return the settings of a validated form as they would be stored, without invalid values.

    Args:
        environment: The environment of the dry run. Development by default.
    """
    typed = {path: f"{_TYPED}{path}" for path in form.typed_credentials()}
    values = {typed[path]: value for path, value in form.typed_credentials().items()}
    return Unsaved(prop, form.to_settings(typed), values, environment or dry_run_environment(prop))


def dry_run_environment(prop: Property) -> Environment:
    """Return the environment for dry runs of unpublished settings: the first one, which is development."""
    return prop.environments.order_by("id")[0]
