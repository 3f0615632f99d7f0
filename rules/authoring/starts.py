"""Starting a rule: from a preset of an action, and for events of one name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from properties.catalog.descriptor import ActionType, Preset
from properties.catalog.tokens import token
from properties.models import DataElement, Property
from properties.resources.creation import DEFAULT_PACKAGE
from properties.resources.usual_elements import PATH, usual_elements
from rules.models import InboundEvent, RuleComponent

from .cards import choices

COMPARISON = f"{DEFAULT_PACKAGE}::conditions::value-comparison"
EVENT_NAME = "Event Name"
MOST_EVENTS = 100


@dataclass(frozen=True, slots=True)
class Start:
    """A preset that a new rule can start with.

    Args:
        key: Identifies it in the form.
        package: Display name of the extension that offers it.
    """

    key: str
    delegate: str
    package: str
    preset: Preset


def starts(prop: Property) -> list[Start]:
    """Return the presets of all actions that the property offers."""
    return [*_starts(prop)]


def _starts(prop: Property) -> Iterator[Start]:
    for choice in choices(prop, "actions"):
        for delegate, kind in choice.types:
            for preset in kind.presets if isinstance(kind, ActionType) else ():
                yield Start(f"{delegate}|{preset.name}", delegate, choice.package.display_name, preset)


def grouped(offered: list[Start]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return presets as choices of a select, by extension."""
    packages = dict.fromkeys(it.package for it in offered)
    return [(name, [(it.key, it.preset.title) for it in offered if it.package == name]) for name in packages]


def event_names(prop: Property) -> list[str]:
    """Return the names of the newest events, the most frequent ones first."""
    newest = InboundEvent.objects.filter(property_id=prop.pk).order_by("-id")
    names = list(newest.values_list("name", flat=True)[:MOST_EVENTS])
    return sorted(filter(None, set(names)), key=lambda name: (-names.count(name), name))


def name_element(prop: Property) -> DataElement | None:
    """Return the data element that holds the name of the inbound event, if there is one."""
    if prop.is_tags:
        return None
    paths = [usual.path for usual in usual_elements() if usual.name == EVENT_NAME]
    enabled = list(prop.dataelements.filter(enabled=True).order_by("name"))
    by_name = [it for it in enabled if it.name.casefold() == EVENT_NAME.casefold()]
    by_path = [it for it in enabled if it.delegate == PATH and it.settings.get("path") in paths]
    return next(iter([*by_name, *by_path]), None)


def named(element: DataElement, event: str) -> RuleComponent:
    """Return an unsaved condition that is met by events of one name."""
    settings = {
        "leftOperand": token(element.name),
        "comparison": {"operator": "equals"},
        "rightOperand": event,
    }
    return RuleComponent(kind=RuleComponent.Kind.CONDITION, delegate=COMPARISON, settings=settings)
