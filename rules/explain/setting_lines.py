"""Settings of a component as they were for one event, field by field, with the labels of its form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from properties.catalog import dotted
from properties.catalog.descriptor import ComponentType, Field
from properties.catalog.tokens import tokens_in, whole_token

from .shown_values import shown_text


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One field with its value.

    Args:
        label: As on the form; ``Custom Data › Value`` inside an object.
        value: Resolved and masked.
        written: The text that the person wrote, if it contains a token; else empty.
        is_hashed: The value is normalised and hashed before it leaves.
        is_missing: The token has no value.
    """

    label: str
    value: str
    written: str
    is_hashed: bool = False
    is_missing: bool = False

    @property
    def is_block(self) -> bool:
        return "\n" in self.value

    @property
    def token(self) -> str:
        """The data element that gives the whole value, or ""."""
        return whole_token(self.written) or ""


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """The fields of one section that are set."""

    title: str
    lines: list[SettingLine]


def setting_groups(component_type: ComponentType | None, resolved: Any, written: Any) -> list[SettingGroup]:
    """Return all settings, by section in the order of the form, then those that the form does not have.

    Args:
        resolved: Settings from the trace, masked; None if they could not be resolved.
        written: The same settings with tokens in place.
    """
    fields = component_type.fields if component_type else ()
    titles = {section.key: section.title for section in component_type.sections} if component_type else {}
    groups: dict[str, list[SettingLine]] = {title: [] for title in titles.values()}
    for field in fields:
        title = titles.get(field.section, "")
        groups.setdefault(title, []).extend(
            _lines(field, dotted.get(resolved, field.key), dotted.get(written, field.key))
        )
    groups.setdefault("", []).extend(_unknown(fields, resolved, written))
    return [SettingGroup(title, lines) for title, lines in groups.items() if lines]


def _lines(field: Field, resolved: Any, written: Any, above: str = "") -> Iterator[SettingLine]:
    label = f"{above}{field.label}"
    if field.properties and isinstance(resolved, dict):
        yield from _inside(field, resolved, written if isinstance(written, dict) else {}, f"{label} › ")
    elif resolved is not None or written is not None:
        yield _line(label, resolved, written, is_hashed=field.hashed)


def _inside(field: Field, resolved: dict[str, Any], written: Any, above: str) -> Iterator[SettingLine]:
    known = {child.key for child in field.properties}
    for child in field.properties:
        yield from _lines(child, dotted.get(resolved, child.key), dotted.get(written, child.key), above)
    for key in resolved.keys() - {key.partition(".")[0] for key in known}:
        yield _line(f"{above}{key}", resolved[key], written.get(key))


def _unknown(fields: Iterable[Field], resolved: Any, written: Any) -> Iterator[SettingLine]:
    known = {field.key.partition(".")[0] for field in fields}
    for key in resolved if isinstance(resolved, dict) else ():
        if key not in known:
            yield _line(key, resolved[key], dotted.get(written, key))


def _line(label: str, resolved: Any, written: Any, *, is_hashed: bool = False) -> SettingLine:
    return SettingLine(
        label=label,
        value="" if resolved is None else shown_text(resolved),
        written=shown_text(written) if tokens_in(written) else "",
        is_hashed=is_hashed,
        is_missing=resolved is None or resolved == "",
    )
