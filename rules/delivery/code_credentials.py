"""Credentials for custom code that runs for real. Whatever runs to be looked at gets what stands for them."""

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
    "Custom code may not read secrets in this property: it got a marker for {names}. "
    "An owner can tick “Custom code may read secrets” on the Settings page of the property."
)
# Property and environment.
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CodeCredentials:
    """What the code of one environment may know, as it was when a step of the worker began.

    Args:
        values: Value by name, of those that work; None where code may not read any.
    """

    values: Mapping[str, str] | None

    def of(self, markers: Mapping[str, str]) -> Credentials:
        """The credentials of one run.

        Args:
            markers: Name of the credential by what stands for it; grows while the run goes on.
        """
        return _Withheld(markers) if self.values is None else _Given(markers, self.values)


@dataclass(frozen=True, slots=True)
class _Given:
    """Gives code the values."""

    markers: Mapping[str, str]
    values: Mapping[str, str]

    def revealed(self, text: str, known: Known) -> str:
        """See :class:`rules.sandbox.Credentials`.

        Raises:
            SecretMissing: One does not work now.
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
    """Leaves code what stands for the values, and remembers that it met some."""

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
    """The property and the environment that an event came to."""
    return event.property_id, event.environment_id


def credentials_for(runs: Runs) -> dict[Place, CodeCredentials]:
    """By property and environment, for the events whose build has code; read before anything runs.

    Raises:
        django.db.Error: The database is away. A rule that met that could not tell it from its own failure.
    """
    places = {place_of(event) for event, build in runs if build and build.has_code}
    if not places:
        return {}
    rows = Property.objects.filter(pk__in={prop_id for prop_id, _ in places}, code_reads_secrets=True)
    may_read = set(rows.values_list("pk", flat=True))
    return {place: CodeCredentials(values_of(*place) if place[0] in may_read else None) for place in places}
