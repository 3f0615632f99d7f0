"""A small HTTP client for tests of the simulator: one connection per request, no retries, no redirects."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..simulator import Simulator

NOW = 1_700_000_000
EVENTS_PATH = "/v25.0/1234567890/events"
TOKEN = "EAAB-test"
# Meta, Customer Information Parameters: the hash of john_smith@gmail.com.
EMAIL_HASH = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"


@dataclass
class Reply:
    """One answer of the simulator."""

    status: int
    headers: http.client.HTTPMessage
    content: bytes

    @property
    def body(self) -> Any:
        """Return the content as JSON."""
        return json.loads(self.content)

    @property
    def error(self) -> dict[str, Any]:
        """Return Graph's error object."""
        return self.body["error"]


def call(
    simulator: Simulator,
    method: str,
    path: str,
    body: object = None,
    headers: dict[str, str] | None = None,
    timeout: float = 5,
) -> Reply:
    """Send one request; a body that is neither bytes nor text is sent as JSON."""
    connection = http.client.HTTPConnection(urlsplit(simulator.url).netloc, timeout=timeout)
    content = body if body is None or isinstance(body, bytes | str) else json.dumps(body)
    try:
        connection.request(method, path, content, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def post(simulator: Simulator, body: object, path: str = EVENTS_PATH, **options: Any) -> Reply:
    """Send a request to the events edge."""
    return call(simulator, "POST", path, body, **options)


def server_event(**changes: Any) -> dict[str, Any]:
    """Return a valid website event at `NOW`; a change to None leaves the key out."""
    event = {
        "event_name": "PageView",
        "event_time": NOW,
        "action_source": "website",
        "event_id": "e-1",
        "event_source_url": "https://shop.example/",
        "user_data": {
            "client_ip_address": "192.0.2.7",
            "client_user_agent": "Mozilla/5.0",
            "fbp": "fb.1.1596403881668.1116446470",
        },
    } | changes
    return {name: value for name, value in event.items() if value is not None}


def envelope(*events: object, **fields: Any) -> dict[str, Any]:
    """Return a request body with a token."""
    return {"data": list(events), "access_token": TOKEN, **fields}
