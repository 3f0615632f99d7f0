"""Azure Event Hubs. Source: https://github.com/adobe/reactor-extension-azure-edge, ``src/lib/actions``."""

from __future__ import annotations

from properties.catalog.substitutes import Call, Carried, Settings, Substitute


def _send(call: Call, settings: Settings, configuration: Settings) -> Carried:
    call.lacks(
        "Azure needs a shared access signature, which expires. Make one for the policy of this action, put "
        "the whole text into the secret (SharedAccessSignature sr=…), and renew it in time."
    )
    hub = call.needed(settings.get("name"), "event hub")
    partition = settings.get("partitionId")
    place = f"{hub}/partitions/{partition}" if partition else hub
    namespace = call.needed(settings.get("namespace"), "namespace")
    headers = {
        "Authorization": call.secret(None, "shared access signature"),
        "Content-Type": "application/atom+xml;type=entry;charset=utf-8",
    }
    data = settings.get("data")
    body = data if isinstance(data, str | dict | list) else str(data).lower()
    return call.post(f"https://{namespace}.servicebus.windows.net/{place}/messages", headers, body)


PARTNERS = (
    Substitute(
        "azure::actions::send-data-to-event-hubs",
        "Azure",
        _send,
        "https://github.com/adobe/reactor-extension-azure-edge",
    ),
)
