"""LinkedIn.

Source: https://github.com/adobe/reactor-extension-linkedin-edge, ``src/lib/actions/sendConversion.js``.
"""

from __future__ import annotations

from properties.catalog.substitutes import Call, Carried, Settings, Substitute, filled, part
from properties.catalog.tokens import tokens_in

_VERSION = "202509"
_URN = "urn:lla:llaPartnerConversion:"


def _send(call: Call, settings: Settings, configuration: Settings) -> Carried:
    person = part(settings, "user_identification")
    person |= filled({"sha256_email": call.hashed(person.get("sha256_email"), "email")})
    event, conversion = part(settings, "event"), str(part(settings, "event").get("conversion") or "")
    if tokens_in(conversion):
        call.lacks(f"Conversion: if it is a number, LinkedIn needs {_URN} before it.")
    elif conversion.isdecimal():
        event["conversion"] = _URN + conversion
    ids = [{"idType": key.upper(), "idValue": value} for key, value in person.items()]
    user = filled({"userIds": ids, "userInfo": settings.get("user_data")})
    chosen = part(settings, "authentication") or part(configuration, "authentication")
    token = call.secret(chosen.get("accessToken"), "access token")
    headers = {"LinkedIn-Version": _VERSION, "Authorization": f"Bearer {token}"}
    return call.post("https://api.linkedin.com/rest/conversionEvents", headers, event | {"user": user})


PARTNERS = (
    Substitute(
        "linkedin-connector-edge::actions::send-conversion",
        "LinkedIn",
        _send,
        "https://github.com/adobe/reactor-extension-linkedin-edge",
    ),
)
