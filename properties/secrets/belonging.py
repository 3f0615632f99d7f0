"""Which environments may use a stored credential."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from properties.catalog.descriptor import ComponentType, DataElementType
from properties.catalog.errors import Misconfigured, Problem
from properties.catalog.secret_markers import dry_run_marker
from properties.models import Environment, Property


class Belonging:
    """The environments of every credential of a property, read from the database once.

    Args:
        prop: None for a property that does not exist yet. It has no credentials.
    """

    def __init__(self, prop: Property | None) -> None:
        self.rows: dict[str, list[tuple[int | None, str | None, str | None]]] = {}
        columns = ("name", "environment_id", "environment__stage", "environment__name")
        for name, *place in prop.secrets.values_list(*columns) if prop else ():
            self.rows.setdefault(name, []).append(tuple(place))

    def refusal(self, name: str, environment: Environment) -> str:
        """Say why an environment cannot use a credential.

        Returns:
            A sentence. Empty if the environment can use it, or if the credential does not exist.
        """
        return self._refusal(name, lambda row: row[0] == environment.pk, environment.name)

    def refusal_at(self, name: str, stage: str) -> str:
        """Say why the environment of a stage cannot use a credential. See ``refusal``."""
        return self._refusal(name, lambda row: row[1] == stage, Environment.Stage(stage).label)

    def _refusal(self, name: str, fits: Callable[[Any], bool], wanted: str) -> str:
        rows = self.rows.get(name, [])
        if not rows or any(row[0] is None or fits(row) for row in rows):
            return ""
        others = " and ".join(sorted(str(row[2]) for row in rows))
        return f"The secret “{name}” belongs to {others}, not to {wanted}."

    def problems(self, component_type: ComponentType, settings: Any) -> Iterator[Problem]:
        """Yield a problem for each chosen credential that cannot be used in its stage."""
        kind = component_type if isinstance(component_type, DataElementType) else None
        for stage in Environment.Stage if kind and kind.secret_for else ():
            name = kind.secret_for(settings, stage.value)  # type: ignore[union-attr, misc]
            if name and (why := self.refusal_at(name, stage.value)):
                yield Problem(f"secrets.{stage.value}", stage.label, why)


class DryRunMarkers:
    """Markers that replace credentials in a dry run: see :func:`dry_run_marker`.

    Args:
        environment: The environment that the dry run assumes. None allows every credential.
    """

    def __init__(self, prop: Property, environment: Environment | None) -> None:
        self.prop, self.environment = prop, environment
        self._belonging: Belonging | None = None

    def __call__(self, name: str) -> str:
        """Return the marker of a credential.

        Raises:
            Misconfigured: The credential belongs to other environments.
        """
        self._belonging = self._belonging or Belonging(self.prop)
        if self.environment and (why := self._belonging.refusal(name, self.environment)):
            raise Misconfigured(why, code="secret_elsewhere")
        return dry_run_marker(name)
