"""A package for tests only, for a vendor with every need that Meta lacks; and the vendor's server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any

import pytest

from properties.catalog import registry
from properties.catalog.context import EventContext
from properties.catalog.descriptor import ActionType, ExtensionPackage, Field
from properties.catalog.outbound import (
    Answer,
    BatchItem,
    OutboundRequest,
    Outcome,
    OutcomeKind,
    Signature,
    Warn,
)

Payloads = Sequence[Mapping[str, Any]]
Envelope = Mapping[str, Any]
KINDS: Mapping[str, OutcomeKind] = {
    "PROCESSED": "delivered",
    "FAILED": "rejected",
    "LATER": "retry",
    "FORBIDDEN": "misconfigured",
    "PROCESSING": "accepted",
}


def _item(settings: Mapping[str, Any], context: EventContext) -> BatchItem:
    data = context.arc["event"]["data"]
    return BatchItem(
        destination="1",
        envelope={"url": settings["url"], "secret": settings.get("secret", "")},
        payload={key: value for key, value in data.items() if key in ("id", "email")},
        name="Sent",
        expires_at=data.get("expires_at"),
    )


def _no_answer(answer: Answer) -> Outcome:
    return Outcome("retry", answer.error or f"http_{answer.status}", unclear=answer.is_sent)


# As Google Analytics: the credential is in the address, and an event sent twice counts twice.


def _collect(envelope: Envelope, payloads: Payloads) -> OutboundRequest:
    query = {"api_secret": envelope["secret"]}
    url = f"{envelope['url']}/collect?measurement_id=G-1"
    return OutboundRequest(
        "POST", url, {}, {"events": list(payloads)}, read_timeout_seconds=0.5, secret_query=query
    )


def _collected(answer: Answer, count: int) -> Outcome:
    if answer.status is None:
        return _no_answer(answer)
    if answer.status == 429 or answer.status >= 500:
        return Outcome("retry", str(answer.status), answer.body)
    return Outcome("delivered")


# As Pinterest: an answer for each event.


def _events(envelope: Envelope, payloads: Payloads) -> OutboundRequest:
    headers = {"Authorization": f"Bearer {envelope['secret']}"}
    return OutboundRequest("POST", f"{envelope['url']}/events", headers, {"data": list(payloads)})


def _read_each(answer: Answer, count: int) -> Outcome | list[Outcome]:
    if answer.status is None:
        return _no_answer(answer)
    said = json.loads(answer.body)
    if "events" not in said:
        return Outcome("misconfigured" if answer.status == 401 else "retry", str(answer.status))
    return [_one(event) for event in said["events"]]


def _one(event: Mapping[str, Any]) -> Outcome:
    kind, message = KINDS[event["status"]], event.get("error", "")
    return Outcome(
        kind, event["status"], message, blamed_field=event.get("field", ""), retry_after_seconds=60
    )


def _without(payload: Mapping[str, Any], outcome: Outcome) -> tuple[dict[str, Any], Warn] | None:
    if outcome.blamed_field != "email" or "email" not in payload:
        return None
    lighter = {key: value for key, value in payload.items() if key != "email"}
    return lighter, Warn("email", "Email", "The vendor refused it.")


# As Google's Data Manager: the answer to a request is a receipt, with which the result is asked for.


def _accepted(answer: Answer, count: int) -> Outcome:
    if answer.status is None or answer.status >= 500:
        return _no_answer(answer)
    said = json.loads(answer.body)
    return Outcome("accepted", receipt=said["requestId"], retry_after_seconds=said.get("after"))


def _ask(envelope: Envelope, receipt: str) -> OutboundRequest:
    headers = {"Authorization": f"Bearer {envelope['secret']}"}
    return OutboundRequest("GET", f"{envelope['url']}/status?requestId={receipt}", headers)


def _told(answer: Answer, count: int) -> Outcome | list[Outcome]:
    if answer.status is None or answer.status >= 500:
        return _no_answer(answer)
    if answer.status == 401:
        return Outcome("misconfigured", "401", "Who is asking?")
    said = json.loads(answer.body)
    return [_one(event) for event in said["events"]] if "events" in said else _one(said)


# A webhook that is signed over its bytes.


def _hook(envelope: Envelope, payloads: Payloads) -> OutboundRequest:
    signature = Signature(
        "webhook-signature",
        envelope["secret"],
        message="msg_1.{timestamp}.{body}",
        value="v1,{signature}",
        timestamp_header="webhook-timestamp",
        encoding="base64",
    )
    return OutboundRequest(
        "POST", f"{envelope['url']}/hook", {"webhook-id": "msg_1"}, list(payloads), signature=signature
    )


def _action(name: str, **parts: Any) -> ActionType:
    fields = [Field("url", "URL"), Field("secret", "Secret", "secret")]
    given: dict[str, Any] = {"title": name.capitalize(), "run": _item, "fields": fields, "max_batch": 100}
    return ActionType(name=name, **(given | parts))


SMALL = ExtensionPackage(
    name="small",
    display_name="Small",
    version="1.0.0",
    actions=[
        _action("collect", batch_request=_collect, read_answer=_collected, may_repeat=lambda payload: False),
        _action("events", batch_request=_events, read_answer=_read_each, without=_without),
        _action(
            "ingest",
            batch_request=_events,
            read_answer=_accepted,
            follow_up=_ask,
            read_follow_up=_told,
            answer_within=3_600,
        ),
        _action("hook", batch_request=_hook, read_answer=_collected),
    ],
)


def with_small() -> Mapping[str, ExtensionPackage]:
    """Return all packages and this one."""
    return MappingProxyType({**registry.packages(), "small": SMALL})


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the package until the test ends, without the registry's cache."""
    found = with_small()
    types = {it.delegate_id(kind): (it, kind) for it in found.values() for kind in it.types()}
    monkeypatch.setattr(registry, "packages", lambda: found)
    monkeypatch.setattr(registry, "_types", lambda: types)


@dataclass(frozen=True)
class Got:
    """One request that the server got."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def ids(self) -> list[int]:
        said = json.loads(self.body)
        return [event["id"] for event in (said if isinstance(said, list) else next(iter(said.values())))]


@dataclass
class SmallServer:
    """The vendor. ``respond`` returns (status, JSON), or None to close the connection without an answer."""

    url: str = ""
    requests: list[Got] = field(default_factory=list)
    respond: Callable[[Got], tuple[int, Any] | None] = lambda got: (200, {})

    def posted(self) -> list[list[int]]:
        """The events of each request that sent some."""
        return [got.ids for got in self.requests if got.method == "POST"]

    def asked(self) -> list[str]:
        return [got.path for got in self.requests if got.method == "GET"]


@contextmanager
def serving() -> Iterator[SmallServer]:
    """Run the server on its own port."""
    server = SmallServer()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            got = Got(self.command, self.path, dict(self.headers.items()), body)
            server.requests.append(got)
            found = server.respond(got)
            if found is None:
                self.close_connection = True
                return
            said = json.dumps(found[1]).encode()
            self.send_response(found[0])
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = answer

        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
