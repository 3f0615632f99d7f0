"""A stand-in for Acme's API on this machine: prints each request, and refuses events that it does not know.

``python -m properties.extensions.acme_ads.tests.stand_in 9000``
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

KNOWN = ("purchase", "lead")
REFUSED = {"status": "error", "code": "unknown_event", "message": "No such event."}


class StandIn(BaseHTTPRequestHandler):
    """Answers as Acme documents it."""

    def do_POST(self) -> None:
        events = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["events"]
        got = {"path": self.path, "authorization": self.headers["Authorization"], "events": events}
        print(json.dumps(got), flush=True)
        results = [{"status": "ok"} if it["event_name"] in KNOWN else REFUSED for it in events]
        body = json.dumps({"results": results}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """The requests are the log."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), StandIn).serve_forever()
