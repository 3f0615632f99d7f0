"""Settings of a form as they would be if it were saved now, ready to be run; nothing is stored."""

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
    """What a person typed, and the credentials of one environment beside it.

    Args:
        settings: What is right in the form; credentials as references to secrets.
        typed: Name of such a reference → credential that was typed now.
        environment: Of the dry run: no credential of another one is given.
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
        """Text that stands for the credential ``name`` where nothing is sent.

        Raises:
            Misconfigured: It belongs to other environments.
        """
        return dry_run_marker(name) if name in self.typed else self._markers_of_stored(name)

    def value_of(self, name: str) -> str:
        """The credential itself; for the transport alone.

        Raises:
            Misconfigured: It is not stored, does not work now, or belongs to other environments.
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
        """What a request needs that carries the credentials of a run with ``markers``."""
        return Secrets(self.markers.names, self.value_of)

    def resolved(self) -> Any:
        """The settings with markers for credentials.

        Raises:
            LookupError: A data element stands in them; only an event gives its value.
        """
        return compile_settings(self.settings)(_NoEvent(self))


@dataclass(frozen=True, slots=True)
class _NoEvent(Source):
    """Gives credentials; there is no event to give anything else."""

    unsaved: Unsaved

    def element(self, name: str) -> Any:
        raise LookupError(name)

    def secret(self, name: str) -> str:
        return self.unsaved.markers(name)


def unsaved(prop: Property, form: ComponentForm, environment: Environment | None = None) -> Unsaved:
    """What would be stored for a form that has been validated; values that are wrong are left out.

    Args:
        environment: Of the dry run; development, unless it is given.
    """
    typed = {path: f"{_TYPED}{path}" for path in form.typed_credentials()}
    values = {typed[path]: value for path, value in form.typed_credentials().items()}
    return Unsaved(prop, form.to_settings(typed), values, environment or dry_run_environment(prop))


def dry_run_environment(prop: Property) -> Environment:
    """The environment of dry runs of what is not published yet: the first one, a development environment."""
    return prop.environments.order_by("id")[0]
