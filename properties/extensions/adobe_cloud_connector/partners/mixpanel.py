"""Mixpanel.

Source: https://github.com/adobe/reactor-extension-mixpanel-edge, ``src/lib/actions/sendEvent.js``.
"""

from __future__ import annotations

from properties.catalog.substitutes import Call, Carried, Settings, Substitute, filled, part


def _track(call: Call, settings: Settings, configuration: Settings) -> Carried:
    custom = settings.get("custom_properties")
    if isinstance(custom, str) and custom:
        call.lacks(f"Custom properties came from {custom} as a whole. List them one by one in the body.")
    properties = part(settings, "properties") | part(settings, "custom_properties")
    body = filled({"event": settings.get("event"), "properties": properties})
    return call.post("https://api.mixpanel.com/track", {"Accept": "text/plain"}, [body])


PARTNERS = (
    Substitute(
        "mixpanel-connector-edge::actions::send-event",
        "Mixpanel",
        _track,
        "https://github.com/adobe/reactor-extension-mixpanel-edge",
    ),
)
