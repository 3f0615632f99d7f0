"""Requests that actions ask the platform to send, and the answers: plain data.

A package never sends anything itself. An action returns a :class:`BatchItem` (may share a request with others
of the same batch key) or an :class:`OutboundRequest` (sent alone; later actions await its answer). The
platform sends it, and lets the package read the answer into an :class:`Outcome`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

LONGEST_RECEIPT = 255
OutcomeKind = Literal["delivered", "rejected", "misconfigured", "retry", "accepted"]


@dataclass(frozen=True, slots=True)
class Signature:
    """A header that proves the sender of a request: an HMAC over the bytes of its body, made on sending.

    Args:
        header: Name of the header, such as ``webhook-signature``.
        secret: The key as text, usually the marker of a stored secret.
        message: The text to sign. ``{body}`` is replaced by the bytes of the body, ``{timestamp}`` by Unix
            seconds at the time of sending; everything else is signed as written.
        value: The value of the header. ``{signature}`` is replaced by the signature, ``{timestamp}`` as
            above.
        timestamp_header: Name of a header with the same timestamp, or "".
        algorithm: The hash function.
        encoding: The encoding of the signature.
        secret_encoding: The encoding of the key: ``text`` (its UTF-8 bytes), ``hex`` or ``base64``.
        secret_prefix: Removed from the key before it is decoded, such as ``whsec_``.

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
        url: Absolute URL, without secrets.
        headers: Header names as sent.
        body: A JSON value (sent as compact JSON), text or bytes, or None.
        connect_timeout_seconds: Time limit for the connection.
        read_timeout_seconds: Time limit between two bytes of the answer.
        public_only: Sent only to hosts on the public internet, because a person typed the address.
        client_certificate: Marker of a secret that holds a certificate and its private key as PEM, for a
            server that asks for one; or "".
        secret_query: Parameters that are added to the URL's query on sending, for a vendor that accepts a
            credential nowhere else. Their values are never logged and never shown.
        signature: A header that is computed over the body on sending.

    Secrets appear as markers in headers, body, ``secret_query`` and ``signature``. The transport inserts the
    values on sending.
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
        """Restore a request from the JSON object that ``dataclasses.asdict`` made."""
        signature = stored.get("signature")
        return cls(**{**stored, "signature": Signature(**signature) if signature else None})


class HmacSha256(str):
    """A placeholder in the body of a request for the hex HMAC-SHA256 of a message, computed on sending.

    Pages show it as the name of the method. An event cannot contain one: it is a type, not a text to type.

    Args:
        key, message: Texts; may hold markers of secrets.
    """

    key: str
    message: str

    def __new__(cls, key: str, message: str) -> HmacSha256:
        made = super().__new__(cls, "HMAC-SHA256")
        made.key, made.message = key, message
        return made


# Not frozen: one is made for each event, and freezing would take three times as long.
@dataclass(slots=True)
class BatchItem:
    """One event for a vendor that accepts many events in one request.

    Args:
        destination: The receiver, such as an ad account: the unit that is parked, paused and watched.
        envelope: The parts that the whole request shares (identifiers, token marker, version, test event
            code). Items with different envelopes never share a request.
        payload: This event alone, in the vendor's format, JSON types only.
        name: The event's name at the vendor, for the event log.
        expires_at: Unix seconds after which the vendor would refuse it, or None.
        warnings: Omissions and changes, for the event log.
        is_test: A person watches for it right now; it is not retried for longer than ten minutes.
        test_code: The code under which the vendor shows it to that person; or "".
        dedup_key: The value by which the vendor recognises the same event; "" if there is none.
        server_event_id: The event's id at the vendor, by which people search for it there and here; or "".
        on_duplicate: Whether to send or hold back an event that reached the destination within the last two
            days.
    """

    destination: str
    envelope: Mapping[str, Any]
    payload: Mapping[str, Any]
    name: str = ""
    expires_at: float | None = None
    warnings: tuple[Warn, ...] = ()
    is_test: bool = False
    test_code: str = ""
    dedup_key: str = ""
    server_event_id: str = ""
    on_duplicate: Literal["forward", "hold"] = "forward"


@dataclass(frozen=True, slots=True)
class Warn:
    """A note for the person who configured the rule; the event was still sent.

    Args:
        path: Key of the setting behind it, such as ``email``; empty if it concerns the whole event.
        label: Name of the field in the form.
        message: The fact and the advice, without customer data.
        code: Short, stable name, such as ``not_sha256``.
        is_lost: The vendor received nothing in this field, although it should: the event is *Delivered
            without* it.
        is_cut: The vendor received this field without some of its values.
    """

    path: str
    label: str
    message: str
    code: str = ""
    is_lost: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class ServerEventFacts:
    """Facts about one payload that the event log shows and searches, whatever the vendor calls them.

    Args:
        value: The amount that the event is worth; None if it says none.
        currency: Its currency as the vendor writes it, such as ``EUR``; or "".
        order_id: The sender's own number of the order; or "".
        emails: SHA-256 of each email address in the vendor's form: 64 lower-case hexadecimal digits.
        browser_id: What identifies the visitor's browser at the vendor; or "".
        person_id: The sender's own id of the person, as it is sent; or "".
    """

    value: float | None = None
    currency: str = ""
    order_id: str = ""
    emails: Sequence[str] = ()
    browser_id: str = ""
    person_id: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer that the transport received, or the reason why there is none.

    Args:
        status: HTTP status, or None if no answer could be read.
        headers: Lower-case names.
        body: At most 64 KiB of the answer, decoded with replacement characters.
        is_sent: False if the request certainly never left.
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
    """The meaning of an answer: for one event of the request, or for all of them.

    Args:
        kind: ``delivered``, ``rejected`` (the vendor will never accept it unchanged), ``misconfigured`` (the
            destination is parked, everything is kept), ``retry``, or ``accepted`` (the vendor has the event,
            works on it and answers later).
        code: The vendor's code as text, such as ``190`` or ``100/2804003``; or ours, such as ``timeout``.
        message: The vendor's own words, or ours.
        advice: Advice for a person, in plain words; empty if there is nothing to do.
        reference: The reference that the vendor's support asks for.
        retry_after_seconds: The shortest wait; None leaves it to the schedule. With ``accepted``: when to
            ask.
        unclear: With ``retry``: it is unknown whether the vendor accepted it.
        pause_destination: The whole destination waits (throttling), not just this request.
        blamed_index: Position in the request of the event that the vendor names, or None.
        blamed_field: Dotted payload key that the vendor names, or "".
        receipt: With ``accepted``: the vendor's receipt to ask with, such as a request ID; at most 255
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
    """The cause of a refusal, in plain words.

    Args:
        cause: One sentence for a reader who does not know the vendor's codes.
        advice: Advice; empty if the outcome's own advice is enough.
        path: Dotted key of the setting behind it, such as ``customData.currency``; or "".
        label: Name of that field in the form.
        allowed: What the vendor takes in this field, in one sentence, or "".
    """

    cause: str
    advice: str = ""
    path: str = ""
    label: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class InquiryResult:
    """The result of a question to the vendor, for the person who asked.

    Args:
        kind: ``ok``, ``warning`` (it works, but something needs attention), ``problem`` (it does not work) or
            ``unknown`` (the vendor could not answer now).
        title: A few words, such as ``Connected``.
        message: The meaning, in plain words.
        advice: Advice; empty if there is nothing to do.
        said: The vendor's own words, without credentials.
        code: The vendor's code as text.
        reference: The reference that the vendor's support asks for.
    """

    kind: Literal["ok", "warning", "problem", "unknown"]
    title: str
    message: str
    advice: str = ""
    said: str = ""
    code: str = ""
    reference: str = ""
