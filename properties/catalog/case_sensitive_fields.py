"""Warns about fields whose letter case counts, if a data element forces it to lower case."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from .descriptor import Field, Settings
from .errors import Problem
from .tokens import tokens_in


def letter_case_advice(
    fields: Sequence[Field], settings: Settings, lowered: Collection[str]
) -> Iterator[Problem]:
    """Yield a problem for each field that keeps its case and reads a data element with *Force lower case*.

    Args:
        fields: Fields of a component. Only those with ``keeps_case`` are checked.
        settings: Settings of the component, with tokens in place.
        lowered: Names of the data elements whose value is forced to lower case.
    """
    for field in (it for it in fields if lowered and it.keeps_case):
        for name in sorted(tokens_in(settings.get(field.key)) & set(lowered)):
            message = f"Letter case counts, but the data element “{name}” has Force lower case. Uncheck it."
            yield Problem(field.key, field.label, message)
