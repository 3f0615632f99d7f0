"""New actions from a preset, with fields filled from data elements whose names or paths fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from properties.catalog.descriptor import ActionType, Field, Preset
from properties.catalog.dotted import put
from properties.models import Property
from properties.resources.fitting_elements import best, candidates


@dataclass(frozen=True, slots=True)
class Prefill:
    """The first settings of a new action.

    Args:
        settings: Settings of the preset, and a token for each data element that fits.
        suggested: Key of a setting → token that was inserted.
        missing: (key, label, is needed) of each setting without a data element that fits.
    """

    preset: Preset
    settings: dict[str, Any]
    suggested: Mapping[str, str]
    missing: Sequence[tuple[str, str, bool]]

    @property
    def lacks_needed(self) -> bool:
        return any(is_needed for _, _, is_needed in self.missing)


def prefill(prop: Property, kind: ActionType, preset: Preset) -> Prefill:
    """Fill a preset from the enabled data elements of a property."""
    offered = candidates(prop)
    settings: dict[str, Any] = {key: _copied(value) for key, value in preset.settings.items()}
    suggested: dict[str, str] = {}
    for key, names in preset.suggestions.items():
        if token := best(offered, names):
            suggested[key] = token
            put(settings, key, token)
    labels = dict(_labels(kind.fields))
    missing = [
        (key, labels.get(key, key), key in preset.needed)
        for key in preset.suggestions
        if key not in suggested
    ]
    return Prefill(preset, settings, suggested, missing)


def preset_of(kind: ActionType, name: str) -> Preset | None:
    """Return the preset of that name."""
    return next((preset for preset in kind.presets if preset.name == name), None)


def _copied(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _labels(fields: Iterable[Field], above: str = "") -> Iterator[tuple[str, str]]:
    for field in fields:
        yield above + field.key, field.label
        yield from _labels(field.properties, f"{above}{field.key}.")
