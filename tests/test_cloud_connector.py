"""Fetch calls and secrets through the whole pipeline, to servers that really listen."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.utils import timezone

from properties.catalog.registry import find_type
from properties.http import transport
from properties.http.connections import Network
from properties.models import Property, Secret
from properties.resources.component_settings import bound_form
from properties.secrets.refreshing import exchange_now
from properties.secrets.uses import uses_of
from rules.delivery.ledger import balance
from rules.delivery.work import deliver_due
from rules.documents import apply_document, export_document
from rules.documents.reading import InvalidDocument
from rules.dry_run.builds import dry_run_build
from rules.dry_run.samples import PASTED, sample_event
from rules.models import (
    Activation,
    Build,
    Delivery,
    DeliveryAttempt,
    DestinationGate,
    InboundEvent,
    LedgerCount,
)
from tests.event_ids import next_event_id

CLIENT_SECRET = "canary-client-secret-77aa"
TOKEN = "canary-access-token-9f3e"
HOST = "api.example.test"


class Server:
    """A local server that answers as the test says, over HTTP or, with a context, HTTPS."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[dict[str, Any]] = []
        self.answers: list[tuple[int, str]] = [(200, "ok")]
        server = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except ssl.SSLError:
                    self.close_connection = True

            def answer(self) -> None:
                server.take(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_: Any) -> None:
                """Tests are quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        if context is not None:
            self.http.socket = context.wrap_socket(
                self.http.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self.http.server_address[1]
        self.url = f"http{'s' if context else ''}://{HOST}:{self.port}"
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        peer = handler.connection.getpeercert() if isinstance(handler.connection, ssl.SSLSocket) else None
        self.requests.append(
            {
                "method": handler.command,
                "path": handler.path,
                "headers": {name.lower(): value for name, value in handler.headers.items()},
                "body": body.decode(),
                "certificate": peer,
            }
        )
        status, text = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(text.encode())))
        handler.end_headers()
        handler.wfile.write(text.encode())

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def start(context: ssl.SSLContext | None = None) -> Server:
        made.append(Server(context))
        return made[-1]

    yield start
    for server in made:
        server.close()


@pytest.fixture
def server(start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> Server:
    network = Network(resolve=lambda host, port: ["127.0.0.1"])
    monkeypatch.setattr(transport, "internet", lambda: network)
    return start()


def shop(*actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    delegate = "adobe-cloud-connector::actions::send-data"
    return {
        "format": "capi-admin/property/v1",
        "property": {"name": "Shop", "platform": "edge", "domains": []},
        "extensions": [
            {"package": "core"},
            {"package": "adobe-cloud-connector", "settings": more.get("configuration", {})},
        ],
        "data_elements": [
            {
                "name": "Order",
                "delegate": "core::dataElements::path",
                "settings": {"path": "arc.event.data.order"},
            },
            {
                "name": "Customer",
                "delegate": "core::dataElements::path",
                "settings": {"path": "arc.ruleStash.adobe-cloud-connector.responses.customer"},
            },
            *more.get("elements", []),
        ],
        "rules": [
            {
                "name": "Call",
                "conditions": [],
                "actions": [{"delegate": delegate, "settings": settings} for settings in actions],
            }
        ],
    }


def secret_element(name: str, secret: str, **options: Any) -> dict[str, Any]:
    settings = {"secrets": {"production": {"name": secret}}}
    return {"name": name, "delegate": "core::dataElements::secret", "settings": settings, **options}


def publish(document: dict[str, Any]) -> Build:
    prop = apply_document(document, publish="production").prop
    return Activation.objects.filter(environment__prop=prop).order_by("-id")[0].build


def accept(build: Build, **data: Any) -> InboundEvent:
    now = timezone.now()
    count, _ = LedgerCount.objects.get_or_create(day=now.date(), name="accepted", node=0)
    LedgerCount.objects.filter(pk=count.pk).update(count=count.count + 1)
    return InboundEvent.objects.create(
        id=next_event_id(),
        property_id=build.prop_id,
        environment_id=build.environment_id,
        datastream_id=1,
        build_id=build.id,
        received_at=now,
        body=json.dumps({"xdm": {}, "data": data}),
        request=json.dumps({"header": {}}),
    )


def work_off() -> None:
    for _ in range(5):
        deliver_due()


def make_secret(prop: Property, name: str, type_of: str, given: dict[str, Any]) -> Secret:
    environment = prop.environments.get(stage="production")
    secret = Secret(prop=prop, environment=environment, name=name, type_of=type_of)
    secret.set_credentials(given)
    secret.save()
    exchange_now(secret)
    return secret


# Answers


@pytest.mark.django_db(transaction=True)
def test_a_later_action_sends_what_an_earlier_one_was_answered(server: Server) -> None:
    server.answers = [(200, '{"level": "gold"}'), (201, "")]
    event = accept(
        publish(
            shop(
                {"method": "GET", "url": f"{server.url}/customers/{{{{Order}}}}", "responseKey": "customer"},
                {"method": "POST", "url": f"{server.url}/orders", "body": {"customer": "{{Customer}}"}},
            )
        ),
        order="T 1",
    )
    work_off()
    assert [(it["method"], it["path"]) for it in server.requests] == [
        ("GET", "/customers/T%201"),
        ("POST", "/orders"),
    ]
    assert json.loads(server.requests[1]["body"]) == {"customer": '{"level": "gold"}'}
    event.refresh_from_db()
    assert event.state == InboundEvent.State.DELIVERED


@pytest.mark.django_db(transaction=True)
def test_a_call_that_must_be_repeated_sends_the_same_bytes_and_then_the_rule_goes_on(server: Server) -> None:
    server.answers = [(503, "later"), (200, "now"), (200, "")]
    call = {
        "method": "PUT",
        "url": f"{server.url}/a",
        "body": {"order": "{{Order}}"},
        "responseKey": "customer",
    }
    then = {"method": "POST", "url": f"{server.url}/b", "body": "answer: {{Customer}}"}
    event = accept(publish(shop(call, then)), order="T-1")
    work_off()
    event.refresh_from_db()
    assert (event.state, len(server.requests)) == (InboundEvent.State.OPEN, 1)
    Delivery.objects.update(next_at=timezone.now())
    work_off()
    assert [it["path"] for it in server.requests] == ["/a", "/a", "/b"]
    assert server.requests[0]["body"] == server.requests[1]["body"]
    assert server.requests[2]["body"] == "answer: now"
    event.refresh_from_db()
    assert event.state == InboundEvent.State.DELIVERED


@pytest.mark.django_db(transaction=True)
def test_a_refusal_ends_the_rule_and_is_seen(server: Server) -> None:
    server.answers = [(404, "no such customer")]
    event = accept(
        publish(
            shop({"method": "GET", "url": f"{server.url}/a"}, {"method": "GET", "url": f"{server.url}/b"})
        )
    )
    work_off()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.code, delivery.message) == ("dead", "404", "no such customer")
    assert [it["path"] for it in server.requests] == ["/a"]
    event.refresh_from_db()
    assert event.state == InboundEvent.State.DEAD


@pytest.mark.django_db(transaction=True)
def test_an_address_of_this_machine_is_not_called(
    start: Callable[..., Server],
) -> None:
    server = start()
    accept(publish(shop({"method": "GET", "url": f"http://127.0.0.1:{server.port}/latest/meta-data"})))
    work_off()
    assert (Delivery.objects.get().code, server.requests) == ("not_public", [])


@pytest.mark.django_db(transaction=True)
def test_a_token_that_an_answer_brings_is_sent_on_and_shown_nowhere(server: Server) -> None:
    """Tokens never reach traces, not even those outside secrets."""
    server.answers = [(200, json.dumps({"access_token": TOKEN, "expires_in": 60})), (200, "ok")]
    source = "return JSON.parse(arc.ruleStash['adobe-cloud-connector'].responses.auth).access_token"
    code = {"name": "Fresh", "delegate": "core::dataElements::custom-code", "settings": {"source": source}}
    build = publish(
        shop(
            {"method": "POST", "url": f"{server.url}/token", "responseKey": "auth"},
            {
                "method": "POST",
                "url": f"{server.url}/orders",
                "headers": [{"key": "Authorization", "value": "Bearer {{Fresh}}"}],
                "body": {"token": "{{Fresh}}"},
            },
            elements=[code],
        )
    )
    event = accept(build)
    work_off()
    called = server.requests[1]
    assert called["headers"]["authorization"] == f"Bearer {TOKEN}"
    assert json.loads(called["body"]) == {"token": TOKEN}
    event.refresh_from_db()
    kept = [event.trace, *map(str, DeliveryAttempt.objects.values())]
    assert f"••••{TOKEN[-4:]}" in kept[1]
    assert TOKEN not in "".join(kept)


# Secrets


OAUTH = {"client_id": "shop", "client_secret": CLIENT_SECRET}


def with_token_server(server: Server) -> Property:
    """The shop with a secret that a token server exchanged."""
    prop = apply_document(shop({"method": "GET", "url": f"{server.url}/a"})).prop
    server.answers = [(200, json.dumps({"access_token": TOKEN, "expires_in": 86_400})), (200, TOKEN)]
    make_secret(prop, "Ads token", "oauth2", OAUTH | {"authorization_url": f"{server.url}/token"})
    return prop


@pytest.mark.django_db(transaction=True)
def test_a_token_server_is_asked_and_its_token_sent_and_neither_is_stored_or_shown(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with_token_server(server)
    call = {
        "method": "POST",
        "url": f"{server.url}/orders",
        "headers": [{"key": "Authorization", "value": "Bearer {{Ads}}"}],
        "body": {"key": "{{Ads}}"},
    }
    # Tidying text leaves it alone.
    element = secret_element("Ads", "Ads token", force_lower_case=True, clean_text=True)
    build = publish(shop(call, elements=[element]))
    event = accept(build)
    work_off()
    asked, called = server.requests
    assert f"client_secret={CLIENT_SECRET}" in asked["body"]
    assert called["headers"]["authorization"] == f"Bearer {TOKEN}"
    assert json.loads(called["body"]) == {"key": TOKEN}
    event.refresh_from_db()
    kept = [build.document, event.trace, json.dumps(export_document(build.prop)), caplog.text]
    for row in [*Delivery.objects.values(), *DeliveryAttempt.objects.values()]:
        kept.append(str(row))
    assert TOKEN not in "".join(kept)
    assert CLIENT_SECRET not in "".join(kept)
    (action,) = json.loads(event.trace)["rules"][0]["actions"]
    assert action["settings"]["headers"] == [{"key": "Authorization", "value": "Bearer secret “Ads token”"}]


@pytest.mark.django_db(transaction=True)
def test_a_build_names_the_data_element_that_has_no_secret_for_its_stage(server: Server) -> None:
    prop = with_token_server(server)
    element = secret_element("Ads", "Ads token")
    call = {"method": "GET", "url": f"{server.url}/a", "headers": [{"key": "X-Key", "value": "{{Ads}}"}]}
    document = shop(call, elements=[element])
    publish(document)

    def problem(stage: str) -> Any:
        with pytest.raises(Exception) as refused:  # noqa: PT011 - any refusal; its words are looked at
            apply_document(document, publish=stage)
        return str(getattr(refused.value, "problems", refused.value))

    assert "No secret is chosen for staging" in problem("staging")
    element["settings"]["secrets"]["staging"] = {"name": "Ads token"}
    assert "belongs to Production" in problem("staging")
    element["settings"]["secrets"]["staging"] = {"name": "Gone"}
    assert "There is no secret “Gone”" in problem("staging")
    Secret.objects.filter(prop=prop).update(value="", status="failed", status_details="Refused.")
    assert "does not work yet. Refused." in problem("production")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"url": "https://api.example.com/?key={{Ads}}"}, "url"),
        ({"url": "https://api.example.com/{{Bearer}}"}, "url"),
        ({"queryParams": [{"key": "key", "value": "{{ Ads }}"}]}, "queryParams[0].value"),
        ({"queryParams": [{"key": "{{Bearer}}", "value": "1"}]}, "queryParams[0].key"),
    ],
)
def test_a_secret_in_an_address_is_refused_when_the_action_is_saved(settings: Any, path: str) -> None:
    """Source: OWASP, ASVS 5.0, 14.2.1: no secrets in URLs. Also through another data element."""
    bearer = {
        "name": "Bearer",
        "delegate": "core::dataElements::constant",
        "settings": {"value": "x {{Ads}}"},
    }
    call = {"method": "GET", "url": "https://api.example.com/", **settings}
    document = shop(call, elements=[secret_element("Ads", "Ads token"), bearer])
    with pytest.raises(InvalidDocument) as refused:
        apply_document(document)
    (problem,) = refused.value.problems
    assert problem.path == f"$.rules[0].actions[0].settings.{path}"
    assert "contains a secret" in problem.message
    assert "Move it to a header or the body" in problem.message

    document["rules"] = []
    kind = find_type("adobe-cloud-connector::actions::send-data")
    assert kind is not None
    data = {"method": "GET", "url": call["url"]}
    for index, row in enumerate(call.get("queryParams", [])):
        data |= {f"queryParams[{index}].{key}": text for key, text in row.items()}
    form = bound_form(apply_document(document).prop, kind, data=data)
    assert list(form.errors) == [path]
    assert "contains a secret" in str(form.errors[path])


@pytest.mark.django_db
def test_a_secret_in_header_and_body_is_accepted() -> None:
    headers = [{"key": "Authorization", "value": "{{Ads}}"}]
    call = {"method": "POST", "url": "https://api.example.com/", "headers": headers, "body": {"a": "{{Ads}}"}}
    apply_document(shop(call, elements=[secret_element("Ads", "Ads token")]))


@pytest.mark.django_db(transaction=True)
def test_events_wait_for_a_token_that_has_expired_and_go_once_there_is_a_new_one(server: Server) -> None:
    prop = with_token_server(server)
    call = {"method": "GET", "url": f"{server.url}/a", "headers": [{"key": "X-Key", "value": "{{Ads}}"}]}
    build = publish(shop(call, elements=[secret_element("Ads", "Ads token")]))
    Secret.objects.filter(prop=prop).update(expires_at=timezone.now())
    accept(build)
    work_off()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.code) == ("parked", "secret_missing")
    assert "“Ads token”" in delivery.message
    server.answers = [(200, json.dumps({"access_token": "renewed token", "expires_in": 60})), (200, "ok")]
    exchange_now(prop.secrets.get())
    work_off()
    delivery.refresh_from_db()
    assert delivery.state == "delivered"
    assert server.requests[-1]["headers"]["x-key"] == "renewed token"


@pytest.mark.django_db
def test_a_secret_knows_the_rules_that_use_it_through_data_elements(server: Server) -> None:
    prop = with_token_server(server)
    call = {"method": "GET", "url": f"{server.url}/a", "headers": [{"key": "X-Key", "value": "{{Ads}}"}]}
    apply_document(shop(call, elements=[secret_element("Ads", "Ads token")]))
    users = [(user.kind, user.name) for user in uses_of(prop.secrets.get())]
    assert users == [("Data element", "Ads"), ("Rule", "Call")]


@pytest.mark.django_db
def test_a_secret_knows_the_extension_and_the_rules_that_use_it_through_further_elements(
    server: Server,
) -> None:
    prop = with_token_server(server)
    constant = "core::dataElements::constant"
    bearer = {"name": "Bearer", "delegate": constant, "settings": {"value": "Bearer {{ Ads }}"}}
    call = {"method": "GET", "url": f"{server.url}/a", "headers": [{"key": "X-Key", "value": "{{Bearer}}"}]}
    template = {"key": "ads", "value": "{{Ads}}", "urlPattern": "^https://api"}
    elements = [secret_element("Ads", "Ads token"), bearer]
    apply_document(shop(call, elements=elements, configuration={"headerOverrides": [template]}))
    users = [(user.kind, user.name) for user in uses_of(prop.secrets.get())]
    assert users == [
        ("Data element", "Ads"),
        ("Data element", "Bearer"),
        ("Extension", "Cloud Connector"),
        ("Rule", "Call"),
    ]


# Mutual TLS


def _key_and_certificate(name: str, issuer: Any = None) -> tuple[Any, Any]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_key, issuer_name = (issuer[0], issuer[1].subject) if issuer else (key, subject)
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder(issuer_name, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if issuer is None:
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    else:
        names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    return key, builder.sign(issuer_key, hashes.SHA256())


def _pem(key: Any, certificate: Any) -> tuple[str, str]:
    form = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key.private_bytes(*form).decode(), certificate.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.machine_clock
def test_a_server_that_asks_who_calls_sees_the_certificate_of_the_environment(
    start: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = _key_and_certificate("Test authority")
    of_server, of_client = _key_and_certificate(HOST, authority), _key_and_certificate("shop", authority)
    trusted = tmp_path / "authority.pem"
    trusted.write_text(_pem(*authority)[1])
    (tmp_path / "server.pem").write_text("".join(_pem(*of_server)))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(trusted))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(tmp_path / "server.pem")
    server = start(context)
    network = Network(resolve=lambda host, port: ["127.0.0.1"], authorities=str(trusted))
    monkeypatch.setattr(transport, "internet", lambda: network)

    call = {"method": "GET", "url": f"{server.url}/a", "useMtls": True}
    document = shop(
        call,
        elements=[secret_element("Certificate", "Shop certificate")],
        configuration={"clientCertificate": "{{Certificate}}"},
    )
    prop = apply_document(document).prop
    key, certificate = _pem(*of_client)
    made = make_secret(
        prop, "Shop certificate", "certificate", {"certificate": certificate, "private_key": key}
    )
    assert (made.status, made.last_four) == ("succeeded", "")
    accept(publish(document))
    work_off()
    (called,) = server.requests
    assert called["certificate"]["subject"] == ((("commonName", "shop"),),)
    delivery = Delivery.objects.get()
    assert delivery.state == "delivered"
    assert "PRIVATE KEY" not in str(Delivery.objects.values())

    # Without it the server closes the connection, and the call is retried later.
    document["rules"][0]["actions"][0]["settings"] = {"method": "GET", "url": f"{server.url}/a"}
    accept(publish(document))
    work_off()
    refused = Delivery.objects.exclude(pk=delivery.pk).get()
    assert (refused.state, len(server.requests)) == ("pending", 1)
    assert refused.code in ("tls", "connection")


@pytest.mark.django_db(transaction=True)
def test_a_call_without_its_certificate_waits_until_the_extension_has_one(server: Server) -> None:
    call = {"method": "POST", "url": f"{server.url}/before", "body": "1"}
    secured = {"method": "POST", "url": f"{server.url}/after", "body": "2", "useMtls": True}
    event = accept(publish(shop(call, secured)))
    work_off()
    event.refresh_from_db()
    gate = DestinationGate.objects.get()
    assert event.state == "open"
    assert (gate.package_name, gate.state, gate.code) == ("adobe-cloud-connector", "parked", "no_certificate")
    assert [it["path"] for it in server.requests] == ["/before"]
    assert balance()["balanced"]
    mended = shop(
        call,
        secured,
        elements=[secret_element("Certificate", "Shop certificate")],
        configuration={"clientCertificate": "{{Certificate}}"},
    )
    prop = Property.objects.get()
    key, certificate = _pem(*_key_and_certificate("shop"))
    given = {"certificate": certificate, "private_key": key}
    make_secret(prop, "Shop certificate", "certificate", given)
    publish(mended)
    work_off()
    event.refresh_from_db()
    assert event.state == "delivered"
    assert [it["path"] for it in server.requests] == ["/before", "/after"]
    assert balance()["balanced"]


@pytest.mark.django_db
def test_a_dry_run_says_that_a_call_without_its_certificate_would_wait() -> None:
    call = {"method": "GET", "url": "https://api.example.com/a", "useMtls": True}
    made = publish(shop(call))
    sample = sample_event(made.prop, PASTED, pasted='{"data": {"order": "1"}}')
    found = dry_run_build(made.prop, json.loads(made.document), sample)
    assert found.outcome.word == "Would be on hold"
    assert "the Cloud Connector has no client certificate" in found.sentence
    assert found.outgoing == []
