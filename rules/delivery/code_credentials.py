"""Credentials for custom code. Only runs that really send get the values; dry runs get secret markers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from properties.catalog.errors import SecretMissing
from properties.catalog.secret_markers import reveal
from properties.models import Property
from properties.secrets.credentials import values_of
from rules.models import InboundEvent
from rules.sandbox import Credentials, Known

from .compiled_builds import RunnableBuild

WITHHELD = (
    "Custom code may not read secrets in this property: it got a secret marker instead of {names}. "
    "An owner can tick “Custom code may read secrets” on the Settings page of the property."
)
# Property and environment.
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CodeCredentials:
    """The credentials that custom code in one environment may read, loaded when a step of the worker began.

    Args:
        values: Value by name, of the credentials that work; None if code may not read any.
    """

    values: Mapping[str, str] | None

    def of(self, markers: Mapping[str, str]) -> Credentials:
        """Return the credentials for one run.

        Args:
            markers: Name of the credential by its secret marker; grows during the run.
        """
        return _Withheld(markers) if self.values is None else _Given(markers, self.values)


@dataclass(frozen=True, slots=True)
class _Given:
    """Gives the values to code."""

    markers: Mapping[str, str]
    values: Mapping[str, str]

    def revealed(self, text: str, known: Known) -> str:
        """Replace secret markers by values. See :class:`rules.sandbox.Credentials`.

        Raises:
            SecretMissing: A credential does not work now.
        """

        def value_of(name: str) -> str:
            if name not in self.values:
                raise SecretMissing(name)
            known[self.values[name]] = next(it for it, of in self.markers.items() if of == name)
            return json.dumps(self.values[name])[1:-1]

        return reveal(text, self.markers, value_of)

    def withheld(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class _Withheld:
    """Leaves the secret markers in place, and records which ones the code met."""

    markers: Mapping[str, str]
    met: set[str] = field(default_factory=set)

    def revealed(self, text: str, known: Known) -> str:
        def note(name: str) -> str:
            self.met.add(name)
            return ""

        reveal(text, self.markers, note)
        return text

    def withheld(self) -> str:
        names = ", ".join(f"secret “{name}”" for name in sorted(self.met))
        self.met.clear()
        return WITHHELD.format(names=names) if names else ""


Runs = Iterable[tuple[InboundEvent, RunnableBuild | None]]


def place_of(event: InboundEvent) -> Place:
    """Return the property and the environment of an event."""
    return event.property_id, event.environment_id


def credentials_for(runs: Runs) -> dict[Place, CodeCredentials]:
    """Return credentials by property and environment, for events whose build has code; read before rules run.

    Raises:
        django.db.Error: The database is unavailable. Read during a rule, that would look like a failure of
        the rule.
    """
    places = {place_of(event) for event, build in runs if build and build.has_code}
    if not places:
        return {}
    rows = Property.objects.filter(pk__in={prop_id for prop_id, _ in places}, code_reads_secrets=True)
    may_read = set(rows.values_list("pk", flat=True))
    return {place: CodeCredentials(values_of(*place) if place[0] in may_read else None) for place in places}
