"""The events of keys, the mouse button, the browser's tab and the screen."""

from __future__ import annotations

from properties.catalog.descriptor import EventType

from .adoption import adopted
from .element_events import on_element
from .sources import CORE
from .window_examples import WINDOW


def _key(name: str, title: str, description: str) -> EventType:
    return on_element(name, title, description, WINDOW, category="Keyboard")


def _of_window(name: str, title: str, description: str, category: str) -> EventType:
    return EventType(
        name=name,
        title=title,
        description=description,
        category=category,
        client=f"{name.replace('-', '_')}.js",
        summary=lambda settings: title,
        help_url=CORE,
        replaces=(adopted("events", name),),
        examples=WINDOW[name],
    )


MOUSE_DOWN = on_element(
    "mousedown", "Mousedown", "When a button of the mouse is pressed on an element.", WINDOW, category="Mouse"
)
KEY_EVENTS = (
    _key("key-down", "Key Down", "When a key is pressed; again and again while it is held."),
    _key("key-press", "Key Press", "When a key that writes a character is pressed."),
    _key("key-up", "Key Up", "When a key is released."),
)
TAB_EVENTS = (
    _of_window("tab-focus", "Tab Focus", "When the page's tab comes to the front.", "Browser"),
    _of_window("tab-blur", "Tab Blur", "When the page's tab goes to the background.", "Browser"),
)
SCREEN_EVENTS = (
    _of_window("orientation-change", "Orientation Change", "When a phone or tablet is turned.", "Mobile"),
    _of_window("zoom-change", "Zoom Change", "When somebody has zoomed the page by fingers.", "Mobile"),
)
