"""What an action asks the platform to send, and what came back: plain data.

No package sends anything itself. An action returns :class:`BatchItem` (may share a request with others of
the same batch key) or :class:`OutboundRequest` (sent alone, its answer awaited by later actions). The
platform sends, and lets the package read the answer into an :class:`Outcome`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

LONGEST_RECEIPT = 255
OutcomeKind = Literal["delivered", "rejected", "misconfigured", "retry", "accepted"]


@dataclass(frozen=True, slots=True)
class Signature:
    """A header that proves who sends a request: an HMAC over the bytes of its body, made when it is sent.

    Args:
        header: Name of the header, such as ``webhook-signature``.
        secret: The key as text, usually the marker of a stored secret.
        message: What is signed. ``{body}`` stands for the bytes of the body, ``{timestamp}`` for Unix
            seconds at the time of sending; everything else is signed as it is written.
        value: What the header holds. ``{signature}`` stands for the signature, ``{timestamp}`` as above.
        timestamp_header: Name of a header that holds the same timestamp, or "".
        algorithm: The hash function.
        encoding: How the signature is written.
        secret_encoding: How the key is written: ``text`` (its UTF-8 bytes), ``hex`` or ``base64``.
        secret_prefix: Cut off the key before it is decoded, such as ``whsec_``.

    Source: Standard Webhooks, "Webhook headers" and "Signature scheme".
    """

    header: str
    secret: str
    message: str = "{body}"
    value: str = "{signature}"
    timestamp_header: str = ""
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    secret_encoding: Literal["text", "hex", "base64"] = "text"  # noqa: S105 - a name of an encoding
    secret_prefix: str = ""


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """One HTTP request as data.

    Args:
        method: Upper-case HTTP method.
        url: Absolute URL, without any secret.
        headers: Header names as sent.
        body: A JSON value (sent as compact JSON), text or bytes, or None.
        connect_timeout_seconds: Limit for making the connection.
        read_timeout_seconds: Limit between two bytes of the answer.
        public_only: A person typed where it goes: it is sent to hosts on the public internet alone.
        client_certificate: Marker of a secret that holds a certificate and its private key as PEM, for a
            server that asks for one; or "".
        secret_query: Parameters that are added to the query of the address when the request is sent, for a
            vendor that takes a credential nowhere else. Their values are never logged and never shown.
        signature: A header that is worked out over the body when the request is sent.

    Secrets appear as markers in headers, body, ``secret_query`` and ``signature``; the transport puts the
    values in when it sends.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    connect_timeout_seconds: float = 1.5
    read_timeout_seconds: float = 5.0
    public_only: bool = False
    client_certificate: str = ""
    secret_query: Mapping[str, str] = field(default_factory=dict)
    signature: Signature | None = None

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> OutboundRequest:
        """The request that ``dataclasses.asdict`` made a JSON object of."""
        signature = stored.get("signature")
        return cls(**{**stored, "signature": Signature(**signature) if signature else None})


class HmacSha256(str):
    """Stands in the body of a request for the hex HMAC-SHA256 of a message, worked out when it is sent.

    Pages show it by the name of the method. An event cannot bring one: it is no text that could be typed.

    Args:
        key, message: Texts; may hold markers of secrets.
    """

    key: str
    message: str

    def __new__(cls, key: str, message: str) -> HmacSha256:
        made = super().__new__(cls, "HMAC-SHA256")
        made.key, made.message = key, message
        return made


# Not frozen: one is made for each event, which would take three times as long.
@dataclass(slots=True)
class BatchItem:
    """One event for a vendor that takes many events in one request.

    Args:
        destination: Who receives it, such as an ad account: the unit that is parked, paused and watched.
        envelope: What the whole request shares (identifiers, token marker, version, test event code).
            Items whose envelope differs never share a request.
        payload: This event alone, as the vendor takes it, JSON types only.
        name: The event's name at the vendor, for the event log.
        expires_at: Unix seconds after which the vendor would refuse it, or None.
        warnings: What was left out or changed, each for the event log.
        is_test: A person watches for it right now; it is not tried again for longer than ten minutes.
        dedup_key: What tells the vendor that two events are the same one; "" when nothing does.
        server_event_id: The event's id at the vendor, by which people look for it there and here; or "".
        on_duplicate: Whether an event that reached the destination within two days before is sent all the
            same, or held back.
    """

    destination: str
    envelope: Mapping[str, Any]
    payload: Mapping[str, Any]
    name: str = ""
    expires_at: float | None = None
    warnings: tuple[Warn, ...] = ()
    is_test: bool = False
    dedup_key: str = ""
    server_event_id: str = ""
    on_duplicate: Literal["forward", "hold"] = "forward"


@dataclass(frozen=True, slots=True)
class Warn:
    """Something the person who configured the rule should know; the event was still sent.

    Args:
        path: Key of the settings it comes from, such as ``email``; empty when it is about the whole event.
        label: The field as the form calls it.
        message: What happened and what to do, without customer data.
        code: Short, stable name, such as ``not_sha256``.
    """

    path: str
    label: str
    message: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the transport got back, or why it got nothing.

    Args:
        status: HTTP status, or None when no answer could be read.
        headers: Lower-case names.
        body: At most 64 KiB of the answer, decoded with replacement characters.
        is_sent: False when the request certainly never left.
        error: Why there is no readable answer (``timeout``, ``connection``, ``tls``, ``too_large``), or why
            nothing was sent (``not_public``, ``unsendable``), else "".
        duration_seconds: From the first byte sent to the last byte read.
    """

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    error: str = ""
    duration_seconds: float = 0.0
    is_sent: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer means: for one event of the request, or for all of them.

    Args:
        kind: ``delivered``, ``rejected`` (it will never be taken as it is), ``misconfigured`` (the
            destination is parked, everything is kept), ``retry``, or ``accepted`` (the vendor has it, works
            on it and answers later).
        code: The vendor's code as text, ``190`` or ``100/2804003``; or ours, such as ``timeout``.
        message: The vendor's own words, or ours.
        advice: What a person can do about it, in plain words; empty when there is nothing to do.
        reference: What the vendor's support asks for.
        retry_after_seconds: Not before; None leaves it to the schedule. With ``accepted``: when to ask.
        unclear: With ``retry``: nobody knows whether the vendor took it.
        pause_destination: The whole destination waits (throttling), not just this request.
        blamed_index: Position in the request of the event that the vendor names, or None.
        blamed_field: Dotted payload key that the vendor names, or "".
        receipt: With ``accepted``: what the vendor gave to ask with, such as a request ID; at most 255
            characters.
    """

    kind: OutcomeKind
    code: str = ""
    message: str = ""
    advice: str = ""
    reference: str = ""
    retry_after_seconds: float | None = None
    unclear: bool = False
    pause_destination: bool = False
    blamed_index: int | None = None
    blamed_field: str = ""
    receipt: str = ""


Outcomes = Outcome | Sequence[Outcome]
"""One outcome for all events of a request, or one for each, in the order in which they were sent."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an event was refused, in plain words.

    Args:
        cause: One sentence for somebody who does not know the vendor's codes.
        advice: What to do; empty when the outcome's own advice says it.
        path: Key of the setting that is the cause, dotted, such as ``customData.currency``; or "".
        label: That field as the form calls it.
    """

    cause: str
    advice: str = ""
    path: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class InquiryResult:
    """What a package found out when it asked its vendor, for the person who wanted to know.

    Args:
        kind: ``ok`` when all is well, ``warning`` when it works with something to look at, ``problem`` when
            it does not work, ``unknown`` when the vendor could not tell now.
        title: A few words, such as ``Connected``.
        message: What it means, in plain words.
        advice: What to do; empty when there is nothing.
        said: The vendor's own words, without credentials.
        code: The vendor's code as text.
        reference: What the vendor's support asks for.
    """

    kind: Literal["ok", "warning", "problem", "unknown"]
    title: str
    message: str
    advice: str = ""
    said: str = ""
    code: str = ""
    reference: str = ""
