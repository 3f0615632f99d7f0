"""Google Cloud Pub/Sub. Source: https://github.com/adobe/reactor-extension-gcp-edge, ``src/lib/actions``."""

from __future__ import annotations

from properties.catalog.substitutes import Call, Carried, Settings, Substitute, filled, part


def _publish(call: Call, settings: Settings, configuration: Settings) -> Carried:
    call.lacks("Pub/Sub accepts “data” as Base64 only. Use a data element that returns its value as Base64.")
    message = filled({"data": settings.get("data"), "attributes": settings.get("attributes")})
    token = call.secret(part(configuration, "credentials").get("accessToken"), "access token")
    url = f"https://pubsub.googleapis.com/v1/{call.needed(settings.get('topic'), 'topic')}:publish"
    return call.post(url, {"Authorization": f"Bearer {token}"}, {"messages": [message]})


PARTNERS = (
    Substitute(
        "gcp::actions::send-data-to-cloud-pub-sub",
        "Google Cloud",
        _publish,
        "https://github.com/adobe/reactor-extension-gcp-edge",
    ),
)
