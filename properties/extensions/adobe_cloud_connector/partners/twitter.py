"""X (Twitter). Source: https://github.com/adobe/reactor-extension-twitter-edge, ``src/lib/actions``."""

from __future__ import annotations

from properties.catalog.substitutes import Call, Carried, Settings, Substitute, part

_HASHED = ("hashed_email", "hashed_phone_number")


def _send(call: Call, settings: Settings, configuration: Settings) -> Carried:
    call.lacks(
        "X requires each request to be signed (OAuth 1.0a, with a timestamp), which a fetch call cannot do. "
        "Send through a service that signs, and change the URL and the headers to it."
    )
    person = part(settings, "user_identification")
    if person.get("hashed_phone_number"):
        call.lacks("Phone: Adobe's extension keeps only digits before it hashes. Provide digits only.")
    known = person | {key: call.hashed(person[key], key) for key in _HASHED if person.get(key)}
    event = part(settings, "event") | {"identifiers": [{key: value} for key, value in known.items()]}
    pixel = call.needed(configuration.get("pixelId"), "pixel id")
    url = f"https://ads-api.twitter.com/12/measurement/conversions/{pixel}"
    return call.post(url, {"Accept": "*/*"}, {"conversions": [event]})


PARTNERS = (
    Substitute(
        "twitter-connector-edge::actions::send-web-conversion",
        "X",
        _send,
        "https://github.com/adobe/reactor-extension-twitter-edge",
    ),
)
