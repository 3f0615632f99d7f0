"""Connections for the transport: kept per thread, checked before they are opened, closed at a time limit."""

from __future__ import annotations

import hashlib
import os
import socket
import ssl
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from properties.http.public_internet import IPNetwork, Resolve, public_addresses

SESSIONS_PER_THREAD = 16
USER_AGENT = "CAPI-Admin"


@dataclass(frozen=True, slots=True)
class Network:
    """The addresses that a request to a typed address can reach, and the certificates that it trusts.

    Args:
        resolve: Returns the numeric addresses of a host, or refuses it.
        authorities: File with further trusted certificate authorities, or "".
    """

    resolve: Resolve = public_addresses
    authorities: str = ""


def internet() -> Network:
    """Return the public internet, with the networks and authorities that the operator adds."""
    return _network(settings.REACHABLE_NETWORKS, settings.AUTHORITIES_FILE)


@lru_cache(maxsize=4)
def _network(also_allowed: tuple[IPNetwork, ...], authorities: str) -> Network:
    return Network(partial(public_addresses, also_allowed=also_allowed), authorities)


_of_thread = threading.local()


def session_for(network: Network | None, client_certificate: str = "") -> requests.Session:
    """Return a session of this thread. Sessions that check addresses share no connection with others.

    Args:
        network: Checks each address before it is connected to. None connects to any address.
        client_certificate: Certificate and private key as PEM, or "".

    Raises:
        ssl.SSLError: The certificate cannot be read.
    """
    kept = _sessions()
    key = (network, hashlib.sha256(client_certificate.encode()).digest())
    if key not in kept:
        kept[key] = _make_session(network, client_certificate)
        while len(kept) > SESSIONS_PER_THREAD:
            kept.popitem(last=False)[1].close()
    kept.move_to_end(key)
    return kept[key]


def forget_connections(session: requests.Session) -> None:
    """Close the connections, so that the next request opens a new one."""
    session.close()


def _sessions() -> OrderedDict[Any, requests.Session]:
    if not hasattr(_of_thread, "sessions"):
        _of_thread.sessions = OrderedDict()
    kept: OrderedDict[Any, requests.Session] = _of_thread.sessions
    return kept


def _make_session(network: Network | None, client_certificate: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["User-Agent"] = USER_AGENT
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    context = _context_with(client_certificate, network.authorities if network else "")
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(network, context))
    return session


def _context_with(client_certificate: str, authorities: str) -> ssl.SSLContext | None:
    """Return a TLS context with the certificate and further authorities, or None if the default will do.

    requests adds the usual authorities to any context.
    """
    if not client_certificate and not authorities:
        return None
    context = urllib3.util.ssl_.create_urllib3_context()
    if authorities:
        context.load_verify_locations(authorities)
    if client_certificate:
        _show(context, client_certificate)
    return context


def _show(context: ssl.SSLContext, client_certificate: str) -> None:
    """Load the certificate from a short-lived file, because OpenSSL reads it only from files."""
    handle, path = tempfile.mkstemp()
    try:
        os.write(handle, client_certificate.encode())
        os.close(handle)
        # The empty passphrase keeps OpenSSL from asking for one at the terminal.
        context.load_cert_chain(path, password="")
    finally:
        os.unlink(path)


class _Checked:
    """A connection to the exact addresses that were checked, or to any address without a network."""

    network: Network | None = None
    host: str
    port: int
    timeout: Any
    socket_options: Any

    def _new_conn(self) -> socket.socket:
        if self.network is None:
            return super()._new_conn()  # type: ignore[misc, no-any-return]
        error: Exception | None = None
        for address in self._addresses(self.network):
            try:
                return create_connection(
                    (address, self.port), self.timeout, socket_options=self.socket_options
                )
            except OSError as failed:
                error = failed
        if isinstance(error, TimeoutError):
            raise ConnectTimeoutError(self, "The server does not answer.") from error
        raise NewConnectionError(self, "The server cannot be connected to.") from error  # type: ignore[arg-type]

    def _addresses(self, network: Network) -> list[str]:
        host = self.host.strip("[]")
        try:
            return network.resolve(host, self.port)
        except socket.gaierror as unknown:
            raise NameResolutionError(host, self, unknown) from unknown  # type: ignore[arg-type]


class _HTTPConnection(_Checked, urllib3.connection.HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        _of_thread.socket = self.sock
        super().request(*args, **kwargs)


class _HTTPSConnection(_Checked, urllib3.connection.HTTPSConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        _of_thread.socket = self.sock
        super().request(*args, **kwargs)


def _pool_classes(network: Network | None) -> dict[str, Any]:
    """Return pool classes whose connections know the network. urllib3 creates both from classes."""
    plain = type("_Plain", (_HTTPConnection,), {"network": network})
    secure = type("_Secure", (_HTTPSConnection,), {"network": network})
    return {
        "http": type("_HTTPPool", (urllib3.HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("_HTTPSPool", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }


class _Adapter(HTTPAdapter):
    """An adapter whose connections record the socket of their thread, so that ``Wall`` can close it."""

    def __init__(self, network: Network | None, context: ssl.SSLContext | None) -> None:
        self._network, self._context = network, context
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._network)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if self._context is not None and host["scheme"] == "https":
            pool["ssl_context"] = self._context
        return host, pool


class Wall:
    """A time limit for the exchange of one thread. A read timeout does not stop an answer that drips."""

    def __init__(self) -> None:
        self.has_struck = False
        self._of = _of_thread.__dict__

    @contextmanager
    def around(self, seconds: float) -> Iterator[None]:
        """Shut down the socket of the ``with`` block after this many seconds, which raises an error there."""
        _of_thread.socket = None
        timer = threading.Timer(seconds, self._strike)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _strike(self) -> None:
        self.has_struck = True
        used = self._of.get("socket")
        if used is not None:
            # Shuts down the plain socket below TLS: a TLS shutdown would wait for the other side.
            with suppress(OSError):
                socket.socket.shutdown(used, socket.SHUT_RDWR)
