"""Advice about settings: shown beside forms, and reported by builds, documents and imports."""

from __future__ import annotations

from collections.abc import Iterator

from .descriptor import ComponentType, Settings
from .element_usage import code_keys
from .errors import Problem
from .free_names import missing_names


def advice_on(component_type: ComponentType | None, settings: Settings) -> Iterator[Problem]:
    """Yield the package's advice on settings, and the undefined names that their custom code reads."""
    if component_type is None or not settings:
        return
    yield from missing_in_code(component_type, settings)
    if component_type.advise is not None:
        yield from component_type.advise(settings)


def missing_in_code(component_type: ComponentType, settings: Settings) -> Iterator[Problem]:
    """Yield one problem for each undefined name in custom code: the code fails when it reaches it.

    A page defines names of its own, so code for a browser is not judged.
    """
    keys = code_keys(component_type)
    for field in component_type.fields:
        source = settings.get(field.key) if field.key in keys and not field.parameters else None
        for missing in missing_names(source) if isinstance(source, str) else ():
            yield Problem(field.key, field.label, str(missing))
