"""Calls to the Graph API beyond the events edge: requests without credentials, and careful reading.

Source: Meta, Using the API; Securing Graph API calls; Handling Errors (Graph API); Paginated Results.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from properties.catalog.outbound import Answer, HmacSha256, OutboundRequest, Outcome
from properties.catalog.vendor_sign_in import ConnectFailed, SignInContext, VendorAccount

from ..installation import APP_ID, APP_SECRET, graph
from ..responses import read_answer

LONGEST_NAME = 200
READ_SECONDS = 8.0
# With ids and names, this many entries stay far below what the transport reads of an answer.
PAGE_LENGTH = 100
MOST_PAGES = 10
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")
_CURSOR = re.compile(r"[A-Za-z0-9_=+/-]{1,500}")

Asked = Generator[OutboundRequest, Answer, dict[str, Any]]
Listed = Generator[OutboundRequest, Answer, list[VendorAccount]]


class GraphRefused(ConnectFailed):
    """Meta refused a call, or did not answer (``is_silent``). ``outcome`` says what that means."""

    def __init__(self, outcome: Outcome, *, is_silent: bool) -> None:
        super().__init__(*_words(outcome, is_silent=is_silent), said=outcome.message, code=outcome.code)
        self.outcome, self.is_silent = outcome, is_silent

    @property
    def number(self) -> int | None:
        """The Graph error code, or None."""
        found = re.match(r"\d+", self.outcome.code)
        return int(found[0]) if found else None


def _words(outcome: Outcome, *, is_silent: bool) -> tuple[str, str, str]:
    again = "Try again in a few minutes."
    if is_silent:
        return "Meta is not reachable", "Meta did not give an answer that can be read.", again
    if outcome.pause_destination:
        return "Meta asks to slow down", "Too many calls were made for this app or business.", again
    if outcome.code.startswith("190"):
        message = "Meta no longer accepts the access token: it has ended, or the access was taken back."
        return "Token refused", message, "Connect again."
    advice = "Check at Meta that you may manage the business and its pixels, then connect again."
    return "Meta refused", "Meta did not allow this step.", advice


def request(
    context: SignInContext,
    method: str,
    path: str,
    *,
    token: str = "",
    query: Mapping[str, Any] | None = None,
    secret_query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> OutboundRequest:
    """Return one request. The token is in a header, and its proof beside the other parameters.

    Args:
        path: Below the version, such as ``me``.
        token: Marker of the access token, or "".
        query: Parameters that are no secrets.
        secret_query: Markers, for what Meta takes nowhere else.
        body: Sent as JSON.

    Source: Meta, Securing Graph API calls.
    """
    where = graph(context.installation)
    address = f"{where['graph_url']}/{where['version']}/{quote(path, safe='/')}"
    proof = proof_of(context, token) if token else {}
    return OutboundRequest(
        method,
        f"{address}?{urlencode(query)}" if query else address,
        {"Authorization": f"Bearer {token}"} if token else {},
        body={**body, **proof} if body is not None else None,
        read_timeout_seconds=READ_SECONDS,
        secret_query={**(secret_query or {}), **(proof if body is None else {})},
    )


def proof_of(context: SignInContext, token: str) -> dict[str, str]:
    """Return ``appsecret_proof`` for a token, if the app secret is known. See ``request``."""
    secret = context.installation.get(APP_SECRET.name, "")
    return {"appsecret_proof": HmacSha256(context.hide(secret), token)} if secret else {}


def app_token(context: SignInContext) -> str:
    """Return the token of the app itself, as a marker. Source: Meta, Access Tokens, "App access tokens"."""
    app = context.installation
    return context.hide(f"{app.get(APP_ID.name, '')}|{app.get(APP_SECRET.name, '')}")


def read_object(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of an answer.

    Raises:
        GraphRefused: It is an error, or no JSON object.
    """
    body = parsed(answer.body) if answer.status is not None and not answer.error else None
    if body is not None and "error" not in body and 200 <= (answer.status or 0) <= 299:
        return body
    raise GraphRefused(read_answer(answer, 1), is_silent=body is None or (answer.status or 500) >= 500)


def parsed(text: str) -> dict[str, Any] | None:
    """Return a JSON object, or None."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def ask(asked: OutboundRequest) -> Asked:
    """Send one request and return the object of its answer. Raises GraphRefused."""
    return read_object((yield asked))


def list_all(context: SignInContext, path: str, token: str, note: str = "") -> Listed:
    """Return the entries of a list with id and name. Entries that have lost their id are left out.

    Meta's address of the next page holds the token, so the next page is asked for by its cursor.

    Source: Meta, Paginated Results.
    """
    found: list[VendorAccount] = []
    after = ""
    for _ in range(MOST_PAGES):
        query = {"fields": "id,name", "limit": PAGE_LENGTH, **({"after": after} if after else {})}
        body = yield from ask(request(context, "GET", path, token=token, query=query))
        rows = body.get("data")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, Mapping) and (row_id := id_of(row.get("id"))):
                found.append(VendorAccount(row_id, name_of(row.get("name")), note))
        after = _next_page(body)
        if not after:
            break
    return found


def _next_page(body: Mapping[str, Any]) -> str:
    paging = body.get("paging")
    if not isinstance(paging, Mapping) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, Mapping) else None
    return after if isinstance(after, str) and _CURSOR.fullmatch(after) else ""


def id_of(value: Any) -> str:
    """Return an id as text; numbers and numeric text are the same; "" for anything else."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if re.fullmatch(r"(act_)?[0-9]{1,30}", text) else ""


def name_of(value: Any) -> str:
    """Return a name for people: one line, not too long."""
    return _UNPRINTABLE.sub(" ", value).strip()[:LONGEST_NAME] if isinstance(value, str) else ""


def unix(value: Any) -> float | None:
    """Return Unix seconds; None for 0 (never), for nothing, and for what is no number."""
    try:
        seconds = 0.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < 10**11 else None


__all__ = [
    "GraphRefused",
    "app_token",
    "ask",
    "id_of",
    "list_all",
    "name_of",
    "parsed",
    "proof_of",
    "read_object",
    "request",
    "unix",
]
