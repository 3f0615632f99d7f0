"""Zendesk.

Source: https://github.com/adobe/reactor-extension-zendesk-edge, ``src/lib/actions/createEvent.js``.
"""

from __future__ import annotations

from properties.catalog.substitutes import Call, Carried, Settings, Substitute


def _create_event(call: Call, settings: Settings, configuration: Settings) -> Carried:
    headers = {"Authorization": f"Bearer {call.secret(configuration.get('token'), 'token')}"}
    domain = call.needed(configuration.get("domain"), "domain")
    return call.post(
        f"https://{domain}/api/v2/user_profiles/events", headers, settings.get("zendeskEvent") or {}
    )


PARTNERS = (
    Substitute(
        "zendesk-connector-edge::actions::create-event",
        "Zendesk",
        _create_event,
        "https://github.com/adobe/reactor-extension-zendesk-edge",
    ),
)
