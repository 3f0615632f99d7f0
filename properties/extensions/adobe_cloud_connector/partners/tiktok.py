"""TikTok. Source: https://github.com/jae-rhee-tiktok/reactor-extension-tiktok-web-events-api-edgo,
``src/lib/actions/sendEapiData.js``.
"""

from __future__ import annotations

from properties.catalog.substitutes import Call, Carried, Settings, Substitute, filled

_CONTENT = {
    "price": "price",
    "quantity": "quantity",
    "content_type": "contentType",
    "content_id": "contentId",
    "content_category": "contentCategory",
    "content_name": "contentName",
}
_PROPERTIES = ("currency", "value", "description", "query", "status")


def _send(call: Call, settings: Settings, configuration: Settings) -> Carried:
    content = filled({name: settings.get(key) for name, key in _CONTENT.items()})
    properties = {"contents": [content]} | filled({key: settings.get(key) for key in _PROPERTIES})
    body = {
        "pixel_code": call.needed(configuration.get("pixelCode"), "pixel code"),
        "event": settings.get("event"),
        "event_id": settings.get("eventId"),
        "timestamp": settings.get("timestamp"),
        "partner_name": "Adobe",
        "context": filled(_context(call, settings)),
        "properties": properties,
    }
    headers = {"Access-Token": call.secret(configuration.get("accessToken"), "access token")}
    return call.post("https://business-api.tiktok.com/open_api/v1.3/pixel/track/", headers, filled(body))


def _context(call: Call, settings: Settings) -> Settings:
    person = {
        "external_id": settings.get("externalId"),
        "phone_number": call.hashed(settings.get("phone"), "phone"),
        "email": call.hashed(settings.get("email"), "email"),
        "ttp": settings.get("ttp"),
    }
    return {
        "ad": filled({"callback": settings.get("ttclid")}),
        "page": filled({"url": settings.get("pageUrl"), "referrer": settings.get("pageReferrerUrl")}),
        "user": filled(person),
        "user_agent": settings.get("userAgent"),
        "ip": settings.get("ip"),
    }


PARTNERS = (
    Substitute(
        "tiktok_events_api_extension::actions::send_eapi_data",
        "TikTok",
        _send,
        "https://github.com/jae-rhee-tiktok/reactor-extension-tiktok-web-events-api-edgo",
    ),
)
