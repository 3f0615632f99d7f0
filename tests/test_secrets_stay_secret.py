"""A whole journey with real processes, then a search for the plain values in everything that is stored.

Source: docs/reference/failures.md, "Application security": tokens.
"""

from __future__ import annotations

import base64
import html
import json
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import requests
from cryptography.fernet import Fernet

from .product import PATIENCE_SECONDS, Product, running, wait_for

TOKEN = 'canary-token "quoted" \\ 4455'
PASSWORD = "canary-password-wörd-9911"
BASIC = base64.b64encode(f"shop:{PASSWORD}".encode()).decode()
CALL = "adobe-cloud-connector::actions::send-data"


class Echo:
    """A server that echoes each request: it refuses the first, then accepts."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                said = json.dumps({"headers": dict(self.headers.items()), "body": body})
                server.requests.append((said, body))
                said += f" {self.headers['X-Token']} {quote(self.headers['X-Token'])}"
                self.send_response(503 if len(server.requests) == 1 else 200)
                self.send_header("X-Echo", self.headers["Authorization"])
                self.send_header("Content-Length", str(len(said.encode())))
                self.end_headers()
                self.wfile.write(said.encode())

            def log_message(self, *_: Any) -> None:
                """Tests are quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def echo() -> Iterator[Echo]:
    made = Echo()
    yield made
    made.http.shutdown()
    made.http.server_close()


def shop(url: str) -> dict[str, Any]:
    def chosen(name: str) -> dict[str, Any]:
        settings = {"secrets": {"production": {"name": name}}}
        return {"name": f"{name} Element", "delegate": "core::dataElements::secret", "settings": settings}

    headers = [
        {"key": "Authorization", "value": "Basic {{User Element}}"},
        {"key": "X-Token", "value": "[[token]]"},
    ]
    body = {"token": "{{Token Element}}", "text": "is {{Token Element}}"}
    call = {"method": "POST", "url": url, "headers": headers, "body": body, "responseKey": "echo"}
    read = {"path": "arc.ruleStash.adobe-cloud-connector.responses.echo"}
    again = {"method": "POST", "url": url, "headers": headers, "body": {"earlier": "{{Echo}}"}}
    template = {"key": "token", "value": "{{Token Element}}", "urlPattern": "^http://127"}
    return {
        "format": "capi-admin/property/v1",
        "property": {"name": "Shop", "platform": "edge", "domains": []},
        "extensions": [
            {"package": "core"},
            {"package": "adobe-cloud-connector", "settings": {"headerOverrides": [template]}},
        ],
        "data_elements": [
            chosen("Token"),
            chosen("User"),
            {"name": "Echo", "delegate": "core::dataElements::path", "settings": read},
        ],
        "rules": [
            {
                "name": "Call",
                "conditions": [],
                "actions": [{"delegate": CALL, "settings": each} for each in (call, again)],
            }
        ],
    }


class Person:
    """A person who uses the pages."""

    def __init__(self, product: Product) -> None:
        self.url, self.session = product.url, requests.Session()
        self.post("/login/", username="admin", password=product.password())
        self.post("/password/", **product.new_password())

    def get(self, path: str) -> str:
        return self.session.get(self.url + path, timeout=PATIENCE_SECONDS).text

    def post(self, path: str, **data: str) -> requests.Response:
        self.get(path)
        token = self.session.cookies["csrftoken"]
        answer = self.session.post(
            self.url + path,
            data={**data, "csrfmiddlewaretoken": token},
            headers={"Referer": self.url + path},
            timeout=PATIENCE_SECONDS,
        )
        assert answer.ok, answer.text
        return answer

    def every_page(self, start: str) -> dict[str, str]:
        """All pages of a property that links lead to, at most sixty."""
        seen: dict[str, str] = {}
        waiting = [start]
        while waiting and len(seen) < 60:
            path = waiting.pop()
            if path not in seen:
                seen[path] = self.get(path)
                waiting += [html.unescape(to) for to in re.findall(r'href="(/p/[^"#]+)"', seen[path])]
        return seen


def spellings(value: str) -> set[str]:
    in_json = json.dumps(value)[1:-1]
    ways = {value, in_json, json.dumps(in_json)[1:-1], quote(value), quote_plus(value), html.escape(value)}
    return ways | {base64.b64encode(value.encode()).decode().rstrip("=")}


def journey(product: Product, echo: Echo) -> dict[str, str]:
    """Return everything that is stored and shown after secrets were made, sent, echoed and changed."""
    document = shop(echo.url)
    person = Person(product)
    made = product.apply({**document, "rules": [], "data_elements": [], "extensions": [{"package": "core"}]})
    prop, production = f"/p/{made['property_id']}/", made["environments"]["production"]
    name = f"names-{production['environment_id']}"
    person.post(f"{prop}secrets/new/?type=token", **{name: "Token", "credentials-token": TOKEN})
    user = {"credentials-username": "shop", "credentials-password": PASSWORD}
    person.post(f"{prop}secrets/new/?type=simple-http", **{name: "User"}, **user)
    product.apply(document, "--publish", "production")
    wait_for(lambda: meets_the_build(product, echo, production["datastream_id"]), "the build to be taken up")
    wait_for(lambda: len(echo.requests) >= 3, "both calls, one of them twice")
    wait_for(lambda: product.ledger()["delivered"] == 1, "the event to be delivered")
    assert json.loads(echo.requests[0][1]) == {"token": TOKEN, "text": f"is {TOKEN}"}
    assert BASIC in echo.requests[0][0]
    return {
        **person.every_page(prop),
        "log": product.log.read_text(),
        "export": product.manage("export", made["property_id"]).stdout,
    }


def meets_the_build(product: Product, echo: Echo, datastream: str) -> bool:
    """Send one event. The edge uses a build within two seconds; until then events have no build."""
    known = product.ledger()["no_match"]
    requests.post(
        f"{product.url}/ee/v2/interact?datastreamId={datastream}",
        json={"event": {"xdm": {}, "data": {"order": 1}}},
        timeout=PATIENCE_SECONDS,
    ).raise_for_status()
    wait_for(lambda: echo.requests or product.ledger()["no_match"] > known, "the event to be run")
    return bool(echo.requests)


def text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def check(kept: dict[str, str]) -> None:
    assert "[secret]" in "".join(kept.values()), "The echo was not kept at all."
    for value in (TOKEN, PASSWORD, BASIC):
        for spelled in spellings(value):
            assert [place for place, text in kept.items() if spelled in text] == []


@pytest.mark.processes
def test_no_plain_value_is_kept_or_shown_with_sqlite(tmp_path: Path, echo: Echo) -> None:
    with running(tmp_path, REACHABLE_NETWORKS="127.0.0.0/8") as product:
        kept = journey(product, echo)
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database:
        kept["dump"] = "\n".join(database.iterdump())
    kept["files"] = "".join(file.read_bytes().decode("latin-1") for file in tmp_path.glob("db.sqlite3*"))
    check(kept)


@pytest.mark.processes
@pytest.mark.postgres
def test_no_plain_value_is_kept_or_shown_with_postgresql(
    tmp_path: Path, echo: Echo, postgres_url: str
) -> None:
    import psycopg

    keys = {"SECRET_KEY": secrets.token_urlsafe(64), "ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    environment = {"DATABASE_URL": postgres_url, "REACHABLE_NETWORKS": "127.0.0.0/8", **keys}
    with running(tmp_path, **environment) as product:
        kept = journey(product, echo)
    with closing(psycopg.connect(postgres_url)) as database:
        tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            rows = database.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - our own tables
            kept[f"table {table}"] = "\n".join(text(value) for row in rows for value in row)
    check(kept)
