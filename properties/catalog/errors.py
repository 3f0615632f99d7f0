"""Errors between an event and its destination.

    CatalogError
    ├── InvalidParameter       one value cannot be converted to the vendor's format
    ├── InvalidSettings        settings of a component are wrong; lists every problem
    └── DeliveryError          decides what happens to a delivery next
        ├── Retry              try again later, possibly after a number of seconds
        ├── Rejected           the vendor refuses it, or would; retrying does not help
        └── Misconfigured      a person must act; the destination is parked
            └── SecretMissing  a credential has no value that works now

Any other exception is a bug: it is recorded with its traceback and never blocks the next event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .outbound import BatchItem, Warn


class CatalogError(Exception):
    """Base class of every error that the platform and the packages exchange."""


class InvalidParameter(CatalogError):
    """One value cannot be converted to the vendor's format.

    The message names the actual shape and the expected one, never the value itself.
    """


@dataclass(frozen=True, slots=True)
class Cure:
    """A change that cures a problem; pages offer it as a button.

    Args:
        title: Text of the button, such as ``Use “Purchase”``.
        text: The text that the input at fault then holds.
    """

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in settings that a person typed.

    Args:
        path: Dotted key inside the settings, with list positions in brackets: ``comparison.operator``.
        label: Name of the field in the form.
        message: A sentence about the mistake and the correction.
        cure: Optional. The correction, if it is certain enough for a button.
    """

    path: str
    label: str
    message: str
    cure: Cure | None = None


class InvalidSettings(CatalogError):
    """Settings of a component are wrong; ``problems`` lists everything at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.label}: {p.message}" for p in self.problems))


class DeliveryError(CatalogError):
    """A request was not accepted.

    Args:
        message: For the person who reads the event log, without secrets and customer data.
        code: Short, stable name of the reason, such as ``purchase_incomplete``.
    """

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class Retry(DeliveryError):
    """A temporary failure: try again, but not before ``after_seconds`` if it is set."""

    def __init__(self, message: str, *, code: str = "", after_seconds: float | None = None) -> None:
        super().__init__(message, code=code)
        self.after_seconds = after_seconds


TOO_OLD = "too_old"
"""The code of ``Rejected`` for an event that is too old for the vendor."""


class Rejected(DeliveryError):
    """The vendor refuses this event, or would. Sending it again unchanged does not help.

    Args:
        warnings: Earlier omissions and changes, which are often the cause.
        field: Dotted payload key of the cause, or "".
        unsent: The item as far as it was built, for the event log; it is never sent.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        warnings: Sequence[Warn] = (),
        field: str = "",
        unsent: BatchItem | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.warnings = tuple(warnings)
        self.field = field
        self.unsent = unsent


class Misconfigured(DeliveryError):
    """A person must act (token, permission, identifier). The destination keeps all deliveries until then."""


class SecretMissing(Misconfigured):
    """A credential that a request or custom code needs has no working value.

    Args:
        secret: Name of the secret.
        message: Replaces the standard message.
    """

    def __init__(self, secret: str, message: str = "") -> None:
        always = "is not stored in this property, or does not work now. Check the Secrets page."
        super().__init__(message or f"Secret “{secret}” {always}", code="secret_missing")
        self.secret = secret
