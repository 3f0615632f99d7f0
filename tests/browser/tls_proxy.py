"""A small TLS proxy, as sites have: it terminates TLS, serves the shop's page and adds X-Forwarded-For."""

from __future__ import annotations

import datetime
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.work import HANG_SECONDS

VISITOR = "203.0.113.77"
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}


def write_certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """A self-signed certificate for ``names`` and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = folder / "key.pem"
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return pem, secret


class TlsProxy:
    """Serves ``files`` by path and hands everything else to ``upstream``.

    Args:
        upstream: Base URL of the product.
        folder: For the certificate.
        names: Host names of the certificate.
        files: Path → (content type, body).
        keeps_alive: Whether connections, and their threads, outlive a request.
    """

    def __init__(
        self,
        upstream: str,
        folder: Path,
        names: tuple[str, ...],
        files: dict[str, tuple[str, bytes]],
        *,
        keeps_alive: bool = True,
    ) -> None:
        self.upstream, self.exchanges = upstream, list[dict[str, Any]]()
        handler = self._handler(upstream, files)
        handler.protocol_version = "HTTP/1.1" if keeps_alive else "HTTP/1.0"
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*write_certificate(folder, *names))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _handler(self, upstream: str, files: dict[str, tuple[str, bytes]]) -> type[BaseHTTPRequestHandler]:
        exchanges = self.exchanges

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/t/"):
                    self.hand_on(requests.get(upstream + self.path, timeout=HANG_SECONDS))
                    return
                kind, body = files.get(self.path.partition("?")[0], ("text/plain", b""))
                self.answer(200 if body else 404, {"Content-Type": kind}, body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP_BY_HOP}
                headers["X-Forwarded-For"] = VISITOR
                answer = requests.post(upstream + self.path, data=body, headers=headers, timeout=HANG_SECONDS)
                exchanges.append(
                    {
                        "path": self.path,
                        "headers": {k.lower(): v for k, v in headers.items()},
                        "body": body.decode(),
                        "status": answer.status_code,
                    }
                )
                self.hand_on(answer)

            do_OPTIONS = do_POST

            def hand_on(self, answer: requests.Response) -> None:
                dropped = {*HOP_BY_HOP, "content-encoding"}  # It is read already.
                kept = {k: v for k, v in answer.headers.items() if k.lower() not in dropped}
                self.answer(answer.status_code, kept, answer.content)

            def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body if status != 204 else b"")

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
