"""Which environments a stored credential belongs to, and why another one cannot use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from properties.catalog.descriptor import ComponentType, DataElementType
from properties.catalog.errors import Misconfigured, Problem
from properties.catalog.secret_markers import dry_run_marker
from properties.models import Environment, Property


class Belonging:
    """The environments of every credential of a property, read once.

    Args:
        prop: None for a property that is not there yet: it has no credentials.
    """

    def __init__(self, prop: Property | None) -> None:
        self.rows: dict[str, list[tuple[int | None, str | None, str | None]]] = {}
        columns = ("name", "environment_id", "environment__stage", "environment__name")
        for name, *place in prop.secrets.values_list(*columns) if prop else ():
            self.rows.setdefault(name, []).append(tuple(place))

    def refusal(self, name: str, environment: Environment) -> str:
        """Why an environment cannot use a credential, as a sentence; empty when it can, or there is none."""
        return self._refusal(name, lambda row: row[0] == environment.pk, environment.name)

    def refusal_at(self, name: str, stage: str) -> str:
        """The same for whatever environment has this stage."""
        return self._refusal(name, lambda row: row[1] == stage, Environment.Stage(stage).label)

    def _refusal(self, name: str, fits: Callable[[Any], bool], wanted: str) -> str:
        rows = self.rows.get(name, [])
        if not rows or any(row[0] is None or fits(row) for row in rows):
            return ""
        others = " and ".join(sorted(str(row[2]) for row in rows))
        return f"The secret “{name}” belongs to {others}, not to {wanted}."

    def problems(self, component_type: ComponentType, settings: Any) -> Iterator[Problem]:
        """Credentials that are chosen for a stage in which they cannot be used."""
        kind = component_type if isinstance(component_type, DataElementType) else None
        for stage in Environment.Stage if kind and kind.secret_for else ():
            name = kind.secret_for(settings, stage.value)  # type: ignore[union-attr, misc]
            if name and (why := self.refusal_at(name, stage.value)):
                yield Problem(f"secrets.{stage.value}", stage.label, why)


class DryRunMarkers:
    """What stands for credentials in a run that sends nothing: see :func:`dry_run_marker`.

    Args:
        environment: Where the run pretends to be; None lets every credential pass.
    """

    def __init__(self, prop: Property, environment: Environment | None) -> None:
        self.prop, self.environment = prop, environment
        self._belonging: Belonging | None = None

    def __call__(self, name: str) -> str:
        """The text for a credential.

        Raises:
            Misconfigured: It belongs to other environments.
        """
        self._belonging = self._belonging or Belonging(self.prop)
        if self.environment and (why := self._belonging.refusal(name, self.environment)):
            raise Misconfigured(why, code="secret_elsewhere")
        return dry_run_marker(name)
