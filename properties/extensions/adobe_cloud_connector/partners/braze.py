"""Braze. Source: https://github.com/adobe/reactor-extension-braze-edge, ``src/lib/actions``."""

from __future__ import annotations

from functools import partial

from properties.catalog.substitutes import Call, Carried, Settings, Substitute, filled, part

_SOURCE = "https://github.com/adobe/reactor-extension-braze-edge"


def _track(key: str, listed: str, call: Call, settings: Settings, configuration: Settings) -> Carried:
    person = part(settings, "user_identification")
    things = {
        listed: [part(settings, key) | person] if settings.get(key) else [],
        "attributes": [part(settings, "attributes") | person] if settings.get("attributes") else [],
    }
    url = call.needed(configuration.get("restUrl"), "REST endpoint").removesuffix("/")
    headers = {"Authorization": f"Bearer {call.secret(configuration.get('apiKey'), 'API key')}"}
    return call.post(f"{url}/users/track", headers, {"partner": "adobe"} | filled(things))


PARTNERS = (
    Substitute(
        "braze-connector-edge::actions::send-event", "Braze", partial(_track, "event", "events"), _SOURCE
    ),
    Substitute(
        "braze-connector-edge::actions::send-purchase-event",
        "Braze",
        partial(_track, "purchase", "purchases"),
        _SOURCE,
    ),
)
