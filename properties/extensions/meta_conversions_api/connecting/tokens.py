"""What a token is: whose app, what it may do, when it ends.

Source: Meta, Debugging access tokens; System Users.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from properties.catalog.outbound import Answer, OutboundRequest
from properties.catalog.vendor_sign_in import ConnectFailed, SignInContext

from ..installation import APP_ID
from .dialog import AGAIN
from .graph_calls import app_token, ask, id_of, name_of, request, unix

SYSTEM_USER = "SYSTEM_USER"
_KINDS = {SYSTEM_USER: "system user", "USER": "person", "PAGE": "page", "APP": "app"}


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What ``debug_token`` says. Parts that the answer has lost are empty.

    Args:
        expires_at: Unix seconds; None if it does not end, or is not known to.
        access_ends_at: Unix seconds at which the access to data ends, or None.
        error: Meta's error about an invalid token, as ``code/subcode``.
    """

    app_id: str = ""
    app: str = ""
    kind: str = ""
    is_valid: bool | None = None
    expires_at: float | None = None
    access_ends_at: float | None = None
    scopes: Sequence[str] = ()
    error: str = ""

    @property
    def kind_in_words(self) -> str:
        return _KINDS.get(self.kind, self.kind.lower().replace("_", " "))

    @property
    def ends_at(self) -> float | None:
        """The earlier of both ends."""
        return min(filter(None, (self.expires_at, self.access_ends_at)), default=None)


def debug(token: str, context: SignInContext) -> Generator[OutboundRequest, Answer, TokenFacts]:
    """Ask what a token is, in the name of the app. Raises GraphRefused.

    Args:
        token: A marker.
    """
    asked = request(
        context, "GET", "debug_token", token=app_token(context), secret_query={"input_token": token}
    )
    body = yield from ask(asked)
    data = body.get("data")
    return _facts(data if isinstance(data, Mapping) else {})


def _facts(data: Mapping[str, Any]) -> TokenFacts:
    scopes, error = data.get("scopes"), data.get("error")
    is_valid = data.get("is_valid")
    return TokenFacts(
        id_of(data.get("app_id")),
        name_of(data.get("application")),
        name_of(data.get("type")).upper(),
        is_valid if isinstance(is_valid, bool) else None,
        unix(data.get("expires_at")),
        unix(data.get("data_access_expires_at")),
        [name_of(it) for it in scopes if isinstance(it, str)][:50] if isinstance(scopes, list) else (),
        _code(error) if isinstance(error, Mapping) else "",
    )


def _code(error: Mapping[str, Any]) -> str:
    return "/".join(filter(None, (id_of(error.get("code")), id_of(error.get("subcode")))))


def check(facts: TokenFacts, context: SignInContext) -> None:
    """Raise ConnectFailed unless a new token works and belongs to the operator's app."""
    if not facts.app_id or facts.is_valid is None:
        text = "Meta did not say whether the token works and which app it belongs to. Nothing was stored."
        raise ConnectFailed("Answer incomplete", text, AGAIN)
    if facts.app_id != context.installation[APP_ID.name]:
        text = "The token belongs to another app than this server's. Nothing was stored."
        raise ConnectFailed("Token of another app", text, AGAIN)
    if not facts.is_valid:
        raise ConnectFailed("Token refused", "Meta's new token does not work. Nothing was stored.", AGAIN)


def new_token(asked: OutboundRequest) -> Generator[OutboundRequest, Answer, str]:
    """Ask for the token of a system user.

    Raises:
        ConnectFailed: Meta refused, or the answer has no token.
    """
    body = yield from ask(asked)
    token = body.get("access_token")
    if not isinstance(token, str) or not token:
        raise ConnectFailed("No token", "Meta's answer has no access token. Nothing was stored.", AGAIN)
    return token
