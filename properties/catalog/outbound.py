"""What an action asks the platform to send, and what came back: plain data.

No package sends anything itself. An action returns :class:`BatchItem` (may share a request with others of
the same batch key) or :class:`OutboundRequest` (sent alone, its answer awaited by later actions). The
platform sends, and lets the package read the answer into an :class:`Outcome`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

OutcomeKind = Literal["delivered", "rejected", "misconfigured", "retry"]


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

    Secrets appear as markers in headers and body; the transport puts the values in when it sends.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    connect_timeout_seconds: float = 1.5
    read_timeout_seconds: float = 5.0
    public_only: bool = False
    client_certificate: str = ""


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
    """What an answer means for every event of the request.

    Args:
        kind: ``delivered``, ``rejected`` (this request will never be taken as it is), ``misconfigured``
            (the destination is parked, everything is kept) or ``retry``.
        code: The vendor's code as text, ``190`` or ``100/2804003``; or ours, such as ``timeout``.
        message: The vendor's own words, or ours.
        advice: What a person can do about it, in plain words; empty when there is nothing to do.
        reference: What the vendor's support asks for.
        retry_after_seconds: Not before; None leaves it to the schedule.
        unclear: With ``retry``: nobody knows whether the vendor took it.
        pause_destination: The whole destination waits (throttling), not just this request.
        blamed_index: Position in the request of the event that the vendor names, or None.
        blamed_field: Dotted payload key that the vendor names, or "".
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
