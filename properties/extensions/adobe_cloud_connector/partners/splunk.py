"""Splunk.

Source: https://github.com/adobe/reactor-extension-splunk-edge, ``src/lib/actions/createEvent.js``.
"""

from __future__ import annotations

from properties.catalog.substitutes import Call, Carried, Settings, Substitute, part


def _create_event(call: Call, settings: Settings, configuration: Settings) -> Carried:
    headers = {"Authorization": f"Splunk {call.secret(configuration.get('token'), 'token')}"}
    return call.post(call.needed(configuration.get("url"), "URL"), headers, part(settings, "splunkEvent"))


PARTNERS = (
    Substitute(
        "splunk-connector-edge::actions::create-event",
        "Splunk",
        _create_event,
        "https://github.com/adobe/reactor-extension-splunk-edge",
    ),
)
