"""Pinterest.

Source: https://github.com/adobe/reactor-extension-pinterest-edge, ``src/lib/actions/sendEvent.js``.
"""

from __future__ import annotations

from properties.catalog.substitutes import Call, Carried, Settings, Substitute, filled, part

_HASHED = ("em", "ph", "ge", "db", "ln", "fn", "ct", "st", "zp", "country", "external_id")
_DIGITS = {"ph": "Phone", "zp": "Zip"}


def _send_event(call: Call, settings: Settings, configuration: Settings) -> Carried:
    event = part(settings, "event")
    event = {key: value for key, value in event.items() if key != "properties"} | part(event, "properties")
    user_data = part(settings, "user_data") | part(settings, "user_identification")
    for key in _HASHED:
        if token := call.hashed(user_data.get(key), key):
            user_data[key] = [token]
    for key, label in _DIGITS.items():
        if user_data.get(key):
            call.lacks(f"{label}: Adobe's extension keeps only digits before it hashes. Provide digits only.")
    if user_data.get("ct"):
        call.lacks("City: Adobe's extension removes blanks before it hashes. Provide it without blanks.")
    body = filled(event | {"user_data": user_data, "custom_data": settings.get("custom_data")})
    account = call.needed(configuration.get("adAccountId"), "ad account id")
    test = "?test=true" if settings.get("isTestEvent") is True else ""
    token = call.secret(configuration.get("conversionAccessToken"), "conversion access token")
    headers = {"Accept": "text/plain", "Authorization": f"Bearer {token}"}
    url = f"https://api.pinterest.com/v5/ad_accounts/{account}/events{test}"
    return call.post(url, headers, {"data": [body | {"partner_name": "ss-adobe"}]})


PARTNERS = (
    Substitute(
        "pinterest-connector-edge::actions::send-event",
        "Pinterest",
        _send_event,
        "https://github.com/adobe/reactor-extension-pinterest-edge",
    ),
)
