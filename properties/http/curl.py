"""The curl command that sends an event. The terminal and the page of environments show it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from properties.models import Datastream

# Replaced by the time of sending: two events with the same id would count as one.
NOW = "{now}"
# User agent for website events that no browser sends. Vendors require one.
EXAMPLE_BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
)
_SHELL_NOW = "'\"$(date +%s)\"'"


def curl_line(datastream: Datastream, event: Mapping[str, Any], base_url: str) -> str:
    """Return a command for any POSIX shell that sends one event.

    Args:
        datastream: The datastream to send to. If it needs a key, the command has a placeholder for one.
        event: ``{"xdm", "data"}``. ``NOW`` in its texts becomes Unix seconds when the command runs.
        base_url: Address of the server, without a slash at the end.
    """
    key = " -H 'Authorization: Bearer YOUR_KEY'" if datastream.access == Datastream.Access.KEY else ""
    body = json.dumps({"event": event}, separators=(",", ":"))
    quoted = body.replace("'", "'\\''").replace(NOW, _SHELL_NOW)
    url = f"{base_url}/ee/v2/interact?datastreamId={datastream.uid}"
    return f"curl -sS -X POST '{url}' -H 'Content-Type: application/json'{key} -d '{quoted}'"
