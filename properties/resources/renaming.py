"""Renaming a data element wherever it is used. The changes are shown first, then saved in one transaction."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.dispatch import Signal
from django.urls import reverse

from properties.catalog.descriptor import ComponentType
from properties.catalog.element_usage import code_keys
from properties.catalog.form_layout import layout
from properties.catalog.registry import find_type
from properties.catalog.tokens import delimiters, spelled_as
from properties.models import DataElement, Property
from properties.resources.component_settings import element_names
from properties.saving import Intent, save_resource

# Sent with ``prop`` and ``rename``. Receivers return a list of ``Affected``.
renaming_asked_for = Signal()

_CALL = re.compile(
    r"""(\b(?:getDataElementValue|_satellite\.getVar)\(\s*)('[^'\\\n]*'|"[^"\\\n]*"|`[^`\\$]*`)(\s*\))"""
)
SHOWN = 160

Save = Callable[[Any, Intent], None]


@dataclass(frozen=True, slots=True)
class Rename:
    """A change of a name.

    Args:
        names: The names of all data elements of the property before the change.
    """

    old: str
    new: str
    names: frozenset[str]

    def meant_by(self, name: str) -> bool:
        """Return whether a token means the data element. Outer spaces count only if a name has them."""
        return spelled_as(name, self.names | {self.old}) == self.old

    def settings(self, component_type: ComponentType | None, settings: Any) -> Any:
        """Return the settings with the new name, in tokens and in calls of custom code."""
        keys = code_keys(component_type)
        if not isinstance(settings, Mapping):
            return self._tokens(settings)
        return {
            key: self._calls(value) if key in keys and isinstance(value, str) else self._tokens(value)
            for key, value in settings.items()
        }

    def _tokens(self, value: Any) -> Any:
        if isinstance(value, str):
            ways = delimiters()
            return ways.pattern.sub(lambda it: ways.write(self.new) if self.meant_by(it[1]) else it[0], value)
        if isinstance(value, Mapping):
            return {key: self._tokens(each) for key, each in value.items()}
        return [self._tokens(each) for each in value] if isinstance(value, list) else value

    def _calls(self, source: str) -> str:
        def call(found: re.Match[str]) -> str:
            is_meant = self.meant_by(found[2][1:-1])
            return f"{found[1]}{_quoted(self.new, found[2][0])}{found[3]}" if is_meant else found[0]

        return _CALL.sub(call, source)

    def doubts(self, component_type: ComponentType | None, settings: Any) -> list[str]:
        """Return lines of custom code that hold the name where its meaning is unclear."""
        keys = code_keys(component_type) if isinstance(settings, Mapping) else ()
        sources = [self._calls(settings[key]) for key in keys if isinstance(settings.get(key), str)]
        spelled = re.compile(rf"""(['"`]){re.escape(self.old)}\1""")
        return [
            f"Line {number}: {line.strip()[:SHOWN]}"
            for source in sources
            for number, line in enumerate(source.splitlines(), 1)
            if spelled.search(line)
        ]


def _quoted(name: str, quote: str) -> str:
    """Write a name as JavaScript, in the same quotes as before if they can hold it."""
    is_plain = not any(letter in name for letter in (quote, "\\", "\n", "$"))
    return f"{quote}{name}{quote}" if is_plain else json.dumps(name, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class ChangedSetting:
    """One setting that changes."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Affected:
    """A resource that uses the data element.

    Args:
        needs_right: The right that is needed to change it.
        settings: The settings that change.
        doubts: Lines that may mean the data element. A person has to check them.
        save: Changes and saves it, given the actor and the intent.
    """

    kind: str
    name: str
    url: str
    needs_right: str
    settings: tuple[ChangedSetting, ...]
    doubts: tuple[str, ...]
    save: Save

    @property
    def is_certain(self) -> bool:
        return bool(self.settings)


def affected_by(prop: Property, old: str, new: str) -> list[Affected]:
    """Return everything that names the data element ``old``, with its changes for the name ``new``."""
    rename = Rename(old, new, frozenset(element_names(prop)))
    answers: Any = renaming_asked_for.send(DataElement, prop=prop, rename=rename)
    found = [*_elements(prop, rename), *_extensions(prop, rename)]
    found += [each for _, listed in answers for each in listed or ()]
    return [each for each in found if each.settings or each.doubts]


def rename_in(affected: Collection[Affected], actor: Any, intent: Intent) -> None:
    """Save all of them. Call it in the transaction that saves the data element, before the data element."""
    along: Intent = "save" if intent == "save" else "library"  # Saving the data element starts the one build.
    for each in affected:
        if each.is_certain:
            each.save(actor, along)


def changes_in(
    rename: Rename, component_type: ComponentType | None, settings: Any
) -> Iterator[ChangedSetting]:
    """Yield each setting that changes, with the label of its input."""
    fields = component_type.fields if component_type else ()
    labels = {leaf.path: leaf.spec.label for node in layout(fields, settings) for leaf in node.leaves()}
    renamed = rename.settings(component_type, settings)
    for path, before, after in _differences(settings, renamed, ""):
        yield ChangedSetting(labels.get(path, path), _around(before, after), _around(after, before))


def _differences(one: Any, other: Any, path: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(one, Mapping):
        for key, value in one.items():
            yield from _differences(value, other[key], f"{path}.{key}" if path else key)
    elif isinstance(one, list):
        for index, value in enumerate(one):
            yield from _differences(value, other[index], f"{path}[{index}]")
    elif one != other:
        yield path, one, other


def _around(text: str, other: str) -> str:
    """Return the first line that differs, so that a long text is not shown whole."""
    pairs = zip(text.splitlines(), other.splitlines(), strict=False)
    return next((line.strip()[:SHOWN] for line, twin in pairs if line != twin), text[:SHOWN])


def _elements(prop: Property, rename: Rename) -> Iterator[Affected]:
    for element in prop.dataelements.exclude(name=rename.old):
        kind, url = find_type(element.delegate), "properties:data_element_edit"
        yield _affected("Data element", element, kind, rename, url, "develop")


def _extensions(prop: Property, rename: Rename) -> Iterator[Affected]:
    for extension in prop.extensions.all():
        kind = extension.package.configuration if extension.package else None
        url = "properties:extension_edit"
        yield _affected("Extension", extension, kind, rename, url, "manage_extensions")


def _affected(
    kind: str, resource: Any, component_type: ComponentType | None, rename: Rename, url: str, right: str
) -> Affected:
    def save(actor: Any, intent: Intent) -> None:
        resource.settings = rename.settings(component_type, resource.settings)
        save_resource(resource, actor=actor, intent=intent)

    return Affected(
        kind,
        resource.display_name,
        reverse(url, args=[resource.prop.uid, resource.uid]),
        right,
        tuple(changes_in(rename, component_type, resource.settings)),
        tuple(rename.doubts(component_type, resource.settings)),
        save,
    )
