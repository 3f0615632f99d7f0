"""Credentials for custom code that runs for real. Whatever runs to be looked at gets what stands for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from properties.catalog.errors import SecretMissing
from properties.credentials import marker, reveal, values_of
from rules.models import InboundEvent
from rules.sandbox import Known

from .builds import RunnableBuild


@dataclass(frozen=True, slots=True)
class PropertyCredentials:
    """The credentials of one property, as they were when a step of the worker began.

    Args:
        values: Value by name, of those that work.
    """

    prop_id: int
    values: Mapping[str, str]

    def revealed(self, text: str, known: Known) -> str:
        """See :class:`rules.sandbox.Credentials`.

        Raises:
            SecretMissing: One does not work now.
        """

        def value_of(prop_id: int, name: str) -> str:
            if prop_id != self.prop_id:
                return marker(prop_id, name)  # Of no concern here: it stays what it is.
            if name not in self.values:
                raise SecretMissing(name)
            known[self.values[name]] = marker(prop_id, name)
            return json.dumps(self.values[name])[1:-1]

        return reveal(text, value_of)


Runs = Iterable[tuple[InboundEvent, RunnableBuild | None]]


def credentials_for(runs: Runs) -> dict[int, PropertyCredentials]:
    """By property id, for the events whose build has code; read before anything runs.

    Raises:
        django.db.Error: The database is away. A rule that met that could not tell it from its own failure.
    """
    ids = {event.property_id for event, build in runs if build and build.has_code}
    return {prop_id: PropertyCredentials(prop_id, values_of(prop_id)) for prop_id in ids}
