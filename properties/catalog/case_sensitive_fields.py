"""Fields whose letter case counts, and data elements that take it away."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from .descriptor import Field, Settings
from .errors import Problem
from .tokens import tokens_in


def letter_case_advice(
    fields: Sequence[Field], settings: Settings, lowered: Collection[str]
) -> Iterator[Problem]:
    """What fields lose to data elements with *Force lower case*.

    Args:
        fields: Of a component; those with ``keeps_case`` are looked at.
        settings: Its settings, tokens in place.
        lowered: Names of the data elements whose value is turned to lower case.
    """
    for field in (it for it in fields if lowered and it.keeps_case):
        for name in sorted(tokens_in(settings.get(field.key)) & set(lowered)):
            message = f"Letter case counts, but the data element “{name}” has Force lower case. Uncheck it."
            yield Problem(field.key, field.label, message)
