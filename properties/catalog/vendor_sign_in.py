"""Connecting at the vendor: a person signs in there and allows access, and receives account and token.

A package offers it with a :class:`Connect` in its configuration. It writes the address of the vendor's dialog
and generators that ask the vendor, as an inquiry does. The platform keeps the state of the sign-in, runs the
generators, shows the choices and stores the result.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .outbound import Answer, OutboundRequest

StatusKind = Literal["ok", "limited", "warning", "problem", "unknown"]


@dataclass(frozen=True, slots=True)
class SignInContext:
    """What a package knows about one sign-in, or about one connection.

    Args:
        installation: Values of the settings that packages read from the environment, by name.
        hide: ``hide(credential)`` returns a marker for requests. The transport inserts the value.
        redirect_url: The address to which the vendor sends the person back.
        state: The text that the vendor returns unchanged.
        owner_id: Stable id of the property, or of the set-up, that connects. The vendor may keep it.
        owner_name: Its name, for the vendor's pages.
        domain: Its first domain, or "".
        now: Unix seconds.
    """

    installation: Mapping[str, str]
    hide: Callable[[str], str]
    redirect_url: str = ""
    state: str = ""
    owner_id: str = ""
    owner_name: str = ""
    domain: str = ""
    now: float = 0.0


@dataclass(frozen=True, slots=True)
class VendorAccount:
    """A thing at the vendor that a person chooses: the receiver of events, or where a new one is made.

    Args:
        note: A few words beside its name, such as ``shared with you``.
    """

    id: str
    name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a finished sign-in gives.

    Args:
        token: The credential for the configuration.
        accounts: The receivers that the person can choose; a single one is taken.
        places: Where a new receiver can be made; empty if it cannot.
        owner: Name of the business at the vendor, or its id.
        expires_at: Unix seconds, or None if the token does not end.
        kept: What the package needs later, as JSON, without credentials.
    """

    token: str
    accounts: Sequence[VendorAccount]
    places: Sequence[VendorAccount] = ()
    owner: str = ""
    expires_at: float | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)


class ConnectFailed(Exception):
    """The sign-in, or a step after it, did not work. All texts are without credentials.

    Args:
        title: A few words, such as ``Cancelled``.
        message: What happened, in one sentence.
        advice: The way on.
        said: The vendor's own words, or "".
        code: The vendor's code as text, or "".
    """

    def __init__(self, title: str, message: str, advice: str = "", said: str = "", code: str = "") -> None:
        super().__init__(f"{title}. {message}")
        self.title, self.message, self.advice, self.said, self.code = title, message, advice, said, code


@dataclass(frozen=True, slots=True)
class StatusFact:
    """One fact about a connection.

    Args:
        text: Its value.
        at: Unix seconds that replace ``text``, shown in the reader's time zone; or None.
    """

    label: str
    text: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """What the vendor says about a stored token.

    Args:
        kind: ``ok``; ``limited`` (it works, but may do less, which is no error); ``warning``; ``problem`` (a
            person must act); ``unknown`` (the vendor could not answer now: the last facts stay).
        title: A few words, such as ``Connected``.
        message: The meaning, in one sentence.
        advice: Empty if there is nothing to do.
        facts: For people, in the order of the page.
        expires_at: Unix seconds at which the token ends, or None.
        said, code: The vendor's own words and code.
    """

    kind: StatusKind
    title: str
    message: str
    advice: str = ""
    facts: Sequence[StatusFact] = ()
    expires_at: float | None = None
    said: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to get account and token, explained where a person chooses.

    Args:
        text: Who does what, and when it fits.
        url: The vendor's page.
    """

    title: str
    text: str
    url: str = ""


Finishing = Generator[OutboundRequest, Answer, Grant]
Making = Generator[OutboundRequest, Answer, VendorAccount]
Reading = Generator[OutboundRequest, Answer, ConnectionStatus]
Ending = Generator[OutboundRequest, Answer, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """How a person connects at the vendor.

    Args:
        slug: In the address that the vendor sends people back to: ``/connect/<slug>/return/``.
        title: Text of the button, such as ``Connect to Acme``.
        vendor: The vendor's name in sentences.
        account: Key of the setting with the receiver.
        token: Key of the setting with the credential.
        noun: What a receiver is called, such as ``catalogue``.
        place_noun: What the place of a new receiver is called.
        ways: The ways to get account and token.
        steps: What the operator does so that the button works, one sentence each.
        missing: ``missing(installation)`` returns the settings that lack for it, in words.
        dialog: ``dialog(context)`` returns the address of the vendor's dialog.
        finish: ``finish(returned, context)`` asks the vendor for the result; ``returned`` are the parameters
            of the address that the person came back to. It raises :class:`ConnectFailed`.
        make: Optional. ``make(place_id, name, token, kept, context)`` makes a new receiver.
        read: ``read(account_id, token, context)`` reads the status. It raises nothing.
        end: ``end(token, kept, context)`` tells the vendor that the connection ends, and returns a sentence
            about what the person can still do there, or "". It raises :class:`ConnectFailed`.
        stops: What stops when a person disconnects.
        help_url: The guide.

    ``token`` is a marker in ``make``, ``read`` and ``end``.
    """

    slug: str
    title: str
    vendor: str
    account: str
    token: str
    noun: str
    place_noun: str = ""
    ways: Sequence[Way] = ()
    steps: Sequence[str] = ()
    missing: Callable[[Mapping[str, str]], Sequence[str]]
    dialog: Callable[[SignInContext], str]
    finish: Callable[[Mapping[str, str], SignInContext], Finishing]
    make: Callable[[str, str, str, Mapping[str, Any], SignInContext], Making] | None = None
    read: Callable[[str, str, SignInContext], Reading]
    end: Callable[[str, Mapping[str, Any], SignInContext], Ending]
    stops: str = ""
    help_url: str = ""


__all__ = [
    "Connect",
    "ConnectFailed",
    "ConnectionStatus",
    "Ending",
    "Finishing",
    "Grant",
    "Making",
    "Reading",
    "SignInContext",
    "StatusFact",
    "VendorAccount",
    "Way",
]
