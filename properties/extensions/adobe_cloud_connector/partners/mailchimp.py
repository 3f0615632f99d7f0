"""Mailchimp. Source: https://github.com/adobe/reactor-extension-mailchimp-edge, ``src/lib/actions``."""

from __future__ import annotations

from properties.catalog.substitutes import Call, Carried, Settings, Substitute, filled
from properties.catalog.tokens import tokens_in


def _add_event(call: Call, settings: Settings, configuration: Settings) -> Carried:
    name = str(settings.get("name") or "")
    if tokens_in(name):
        call.lacks("Name: Adobe's extension replaces blanks with “_”. Use a name without blanks.")
    body = filled(
        {
            "name": name if tokens_in(name) else name.replace(" ", "_"),
            "properties": settings.get("properties"),
            "occurred_at": settings.get("occurred_at"),
        }
    )
    site = call.needed(configuration.get("siteurl"), "site")
    members = f"lists/{call.needed(settings.get('listid'), 'list id')}/members"
    person = call.hashed(settings.get("email"), "email", "md5") or call.needed(None, "email")
    headers = {"Authorization": f"Bearer {call.secret(configuration.get('token'), 'API token')}"}
    url = f"https://{site}/3.0/{members}/{person}/events"
    return call.post(url, headers, body | {"is_syncing": settings.get("is_syncing") == "true"})


PARTNERS = (
    Substitute(
        "reactor-extension-mailchimp-edge::actions::add-event",
        "Mailchimp",
        _add_event,
        "https://github.com/adobe/reactor-extension-mailchimp-edge",
    ),
)
