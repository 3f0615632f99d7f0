"""New actions from a preset, with fields filled from data elements whose names or paths fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from properties.catalog.descriptor import ActionType, DataElementType, Field, Preset
from properties.catalog.dotted import put
from properties.catalog.registry import find_type, packages
from properties.models import DataElement, Property

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
# Words for the place of a value, not for the value: “Customer Email” and data.user.email are an email,
# “Consent State” is not a state.
_GENERAL_PLACES = frozenset(
    (
        *("arc", "body", "context", "data", "dl", "ecommerce", "event", "layer", "payload", "properties"),
        *("account", "billing", "client", "contact", "customer", "home", "identity", "person", "profile"),
        *("address", "shipping", "traits", "user", "visitor", "cart", "checkout", "commerce", "order"),
        *("purchase", "transaction", "browser", "details", "environment", "page", "request", "web", "xdm"),
        "capi",
    )
)


@cache
def _places() -> frozenset[str]:
    """Return the general places and the names of vendors: “Acme Email” is an email."""
    return _GENERAL_PLACES.union(*(package.also_called for package in packages().values()))


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


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A data element with the words that identify it, the most certain first."""

    token: str
    known_by: tuple[frozenset[str], ...]


def prefill(prop: Property, kind: ActionType, preset: Preset) -> Prefill:
    """Fill a preset from the enabled data elements of a property."""
    candidates = [_candidate(it) for it in prop.dataelements.filter(enabled=True).order_by("name")]
    settings: dict[str, Any] = {key: _copied(value) for key, value in preset.settings.items()}
    suggested: dict[str, str] = {}
    for key, names in preset.suggestions.items():
        if token := _best(candidates, names):
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


def _best(candidates: Sequence[_Candidate], names: Iterable[str]) -> str:
    """Return the token of the data element with the most certain match; empty if none matches."""
    wanted = ["".join(_words(name)) for name in names]
    for rank in range(3):
        for name in wanted:
            for candidate in candidates:
                if name in candidate.known_by[rank]:
                    return candidate.token
    return ""


def _candidate(element: DataElement) -> _Candidate:
    name = _words(element.name)
    path = _words(_path(element))
    return _Candidate(
        f"{{{{{element.name}}}}}",
        (frozenset({"".join(name)}), frozenset(_tails(path)), frozenset(_tails(name))),
    )


def _path(element: DataElement) -> str:
    kind = find_type(element.delegate)
    if not isinstance(kind, DataElementType) or kind.sample_path is None:
        return ""
    try:
        return kind.sample_path(element.settings)
    except (TypeError, ValueError, KeyError, AttributeError):
        return ""  # Its settings contain a token instead of a path.


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _tails(words: Sequence[str]) -> Iterator[str]:
    """Yield the words joined, with all, some or no places before them."""
    for start, word in enumerate(words):
        yield "".join(words[start:])
        if word not in _places():
            return


def _labels(fields: Iterable[Field], above: str = "") -> Iterator[tuple[str, str]]:
    for field in fields:
        yield above + field.key, field.label
        yield from _labels(field.properties, f"{above}{field.key}.")
