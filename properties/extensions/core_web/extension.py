"""Core for tags: the events, conditions, data elements and actions of every web property."""

from properties.catalog.descriptor import ExtensionPackage

from .actions import ACTION_TYPES
from .conditions import CONDITION_TYPES
from .data_elements import ELEMENT_TYPES
from .events import EVENT_TYPES
from .sources import CORE

extension = ExtensionPackage(
    name="core-web",
    display_name="Core",
    version="1.0.0",
    platform="web",
    page_name="core",
    description="Starts rules on the page, reads values from it and decides which rules run.",
    data_elements=ELEMENT_TYPES,
    events=EVENT_TYPES,
    conditions=CONDITION_TYPES,
    actions=ACTION_TYPES,
    help_url=CORE,
)
