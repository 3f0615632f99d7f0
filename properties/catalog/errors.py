"""What can go wrong between an event and a destination.

    CatalogError
    ├── InvalidParameter       one value cannot be brought to the vendor's format
    ├── InvalidSettings        settings of a component are wrong; lists every problem
    └── DeliveryError          decides what happens to a delivery next
        ├── Retry              try later, maybe after N seconds
        ├── Rejected           the vendor refuses it, or would; it will not change
        └── Misconfigured      a person must act; the destination is parked
            └── SecretMissing  a credential has no value that works now

Anything else that is raised is a bug: recorded with its trace, never blocking the next event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .outbound import Warn


class CatalogError(Exception):
    """Base of every error that the platform and the packages exchange."""


class InvalidParameter(CatalogError):
    """One value cannot be brought to the format that the vendor asks for.

    The message names the shape that was met and what would be right, never the value itself.
    """


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with settings that a person typed.

    Args:
        path: Key inside the settings, dotted, list positions in brackets: ``comparison.operator``.
        label: The field as the form calls it.
        message: What is wrong and what would be right, as a sentence.
    """

    path: str
    label: str
    message: str


class InvalidSettings(CatalogError):
    """Settings of a component are wrong; ``problems`` lists everything at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.label}: {p.message}" for p in self.problems))


class DeliveryError(CatalogError):
    """Something kept a request from being accepted.

    Args:
        message: For the person who reads the event log, without secrets and customer data.
        code: Short, stable name of the reason, such as ``purchase_incomplete``.
    """

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class Retry(DeliveryError):
    """Passing trouble; try again, not before ``after_seconds`` when that is given."""

    def __init__(self, message: str, *, code: str = "", after_seconds: float | None = None) -> None:
        super().__init__(message, code=code)
        self.after_seconds = after_seconds


TOO_OLD = "too_old"
"""The code of ``Rejected`` for what happened longer ago than the vendor takes."""


class Rejected(DeliveryError):
    """The vendor refuses this event, or would; sending it again unchanged cannot help.

    Args:
        warnings: What was left out or changed before, which is often why.
        field: Dotted payload key that is the cause, or "".
    """

    def __init__(
        self, message: str, *, code: str = "", warnings: Sequence[Warn] = (), field: str = ""
    ) -> None:
        super().__init__(message, code=code)
        self.warnings = tuple(warnings)
        self.field = field


class Misconfigured(DeliveryError):
    """A person must act (token, permission, identifier); the destination keeps everything until then."""


class SecretMissing(Misconfigured):
    """A credential that a request or a piece of custom code needs has no value that works now.

    Args:
        secret: Its name.
        message: What to tell instead of what is always true.
    """

    def __init__(self, secret: str, message: str = "") -> None:
        always = "is not stored in this property, or does not work now: look under Secrets."
        super().__init__(message or f"Secret “{secret}” {always}", code="secret_missing")
        self.secret = secret
