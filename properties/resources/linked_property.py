"""The property of event forwarding that a tags property sends its events to.

An extension names it in its setting ``forwardingProperty``. Source: docs/reference/contracts.md, "Tags
properties".
"""

from __future__ import annotations

from properties.models import Property
from properties.models.property import PropertyQuerySet

SETTING = "forwardingProperty"


def linked_property(prop: Property) -> Property | None:
    """Return the property that an enabled extension of a tags property names; None if there is none."""
    settings = prop.extensions.filter(enabled=True).values_list("settings", flat=True)
    names = [each.get(SETTING) for each in settings if isinstance(each.get(SETTING), str)]
    return forwarding_properties().filter(name__in=names).first()


def forwarding_properties() -> PropertyQuerySet:
    """Return the properties that have datastreams."""
    return Property.objects.exclude(platform=Property.Platform.WEB)
