"""Plays Meta's sign-in: the dialog, the exchange of its code, and what a token is.

Source: Meta, Manually Build a Login Flow; Facebook Login for Business; Meta Business Extension; Debugging
access tokens. Observed: the subcodes of a refused code.
"""

import secrets
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode

from .answers import GraphResponse, refused
from .connection import GraphRequest, read_json
from .problems import GraphError, graph_error
from .state import GraphState

SYSTEM_USER, USER = "SYSTEM_USER", "USER"
# The kind of a token is in its text, so that a restarted simulator still knows it.
PREFIXES = {SYSTEM_USER: "EAASysUser", USER: "EAAUserLogin"}
USER_SECONDS = 60 * 24 * 3600
REASONS = {"expired": (36007, "has expired"), "used": (36009, "has been used")}
APP_NAME = "CAPI Admin"


def new_token(kind: str) -> str:
    """Return a new access token of a kind."""
    return PREFIXES[kind] + secrets.token_hex(20)


def kind_of(token: str) -> str:
    """Return the kind of a token, or "" if another app made it."""
    return next((kind for kind, prefix in PREFIXES.items() if token.startswith(prefix)), "")


def show_dialog(request: GraphRequest, state: GraphState) -> GraphResponse:
    """Return the page of the dialog, or the way back to the app if the answer is set."""
    asked = dict(parse_qsl(request.query))
    if problem := _problem(asked, state):
        return GraphResponse(400, _page(f"<h1>Sorry, something went wrong</h1><p>{escape(problem)}</p>"))
    choice = asked.get("auto") or state["dialog"]
    if choice in ("allow", "deny"):
        return _back(asked, state, is_allowed=choice == "allow")
    if choice == "never":
        return GraphResponse(200, _page("<h1>Please wait</h1><p>This page leads nowhere.</p>"))
    return GraphResponse(200, _page(_question(request, state)))


def _problem(asked: Mapping[str, str], state: GraphState) -> str:
    if not asked.get("client_id") or state["app_id"] not in ("", asked["client_id"]):
        return "Invalid App ID: the provided app ID does not look like a valid app ID."
    if not asked.get("redirect_uri", "").startswith(("http://", "https://")):
        return "URL blocked: the redirect URI is not allowed in the app's settings."
    if asked.get("response_type") != "code":
        return "The simulator only knows the response_type code."
    if not asked.get("config_id") and not asked.get("scope"):
        return "It looks like this app is not available: a config_id or a scope is needed."
    return "" if "scope" not in asked or _external_id(asked) else "extras needs setup.external_business_id."


def _external_id(asked: Mapping[str, str]) -> str:
    try:
        found = read_json(asked.get("extras", "{}"))["setup"]["external_business_id"]
    except (ValueError, KeyError, TypeError):
        return ""
    return found if isinstance(found, str) else ""


def _question(request: GraphRequest, state: GraphState) -> str:
    business = state["business"] or {"name": "no business"}
    # Each answer is the same address with one more parameter.
    here = escape(f"{request.path}?{request.query}")
    return (
        f"<h1>Connect {escape(business.get('name', ''))} to {APP_NAME}?</h1>"
        f"<p>This page is the Graph simulator. {APP_NAME} asks to send events to your pixels.</p>"
        f'<p><a id="continue" href="{here}&amp;auto=allow">Continue</a> '
        f'<a id="cancel" href="{here}&amp;auto=deny">Cancel</a></p>'
    )


def _page(content: str) -> str:
    return f'<!DOCTYPE html><html lang="en"><head><title>Sign-in</title></head><body>{content}</body></html>'


def _back(asked: Mapping[str, str], state: GraphState, *, is_allowed: bool) -> GraphResponse:
    if is_allowed:
        code = secrets.token_urlsafe(24)
        state.codes[code] = {"redirect_uri": asked["redirect_uri"], "client_id": asked["client_id"]}
        if external_id := _external_id(asked):
            state.codes[code]["kind"] = USER
            state.install(external_id)
        given = {"code": code}
    else:
        given = {
            "error": "access_denied",
            "error_code": "200",
            "error_description": "Permissions error",
            "error_reason": "user_denied",
        }
    query = urlencode(given | {"state": asked.get("state", "")})
    joint = "&" if "?" in asked["redirect_uri"] else "?"
    return GraphResponse(302, "", (("location", f"{asked['redirect_uri']}{joint}{query}"),))


def exchange_code(request: GraphRequest, state: GraphState) -> GraphResponse:
    """Return an access token for the code of the dialog; each code works once."""
    asked = dict(parse_qsl(request.query))
    if error := _app_error(asked, state) or _code_error(asked, state):
        return refused(error)
    kind = state.codes.pop(asked["code"]).get("kind", SYSTEM_USER)
    token = {"access_token": new_token(kind), "token_type": "bearer"}
    return GraphResponse(200, token | ({"expires_in": USER_SECONDS} if kind == USER else {}))


def _app_error(asked: Mapping[str, str], state: GraphState) -> GraphError | None:
    if not asked.get("client_id") or state["app_id"] not in ("", asked["client_id"]):
        return graph_error(101, "Error validating application. Cannot get application info.")
    if not asked.get("client_secret") or state["app_secret"] not in ("", asked["client_secret"]):
        return graph_error(1, "Error validating client secret.")
    return None


def _code_error(asked: Mapping[str, str], state: GraphState) -> GraphError | None:
    if state["code"] in REASONS:
        subcode, why = REASONS[state["code"]]
        return graph_error(100, f"This authorization code {why}.", subcode=subcode)
    known = state.codes.get(asked.get("code", ""))
    if known is None:
        return graph_error(100, "This authorization code has been used.", subcode=36009)
    if known["redirect_uri"] != asked.get("redirect_uri"):
        message = "Error validating verification code. Please make sure your redirect_uri is identical"
        return graph_error(100, message, subcode=36008)
    if known["client_id"] != asked["client_id"]:
        return graph_error(100, "Error validating verification code.", subcode=36008)
    return None


def describe_token(request: GraphRequest, state: GraphState, now: float) -> GraphResponse:
    """Return what a token is, as `debug_token` does for tokens of the app that asks."""
    token = request.query_value("input_token") or ""
    kind = kind_of(token)
    if not kind:
        return refused(graph_error(100, "(#100) The App_id in the input_token did not match the Viewing App"))
    ends_at = int(now) + USER_SECONDS if kind == USER else state["expires_at"]
    data: dict[str, Any] = {
        "app_id": state["token_app_id"] or state["app_id"] or _asking_app(request),
        "type": kind,
        "application": APP_NAME,
        "data_access_expires_at": state["data_access_expires_at"],
        "expires_at": ends_at,
        "is_valid": state["token"] not in ("expired", "revoked"),
        "issued_at": int(now),
        "scopes": state["scopes"],
        "user_id": "122100000000000000",
    }
    if not data["is_valid"]:
        subcode = 463 if state["token"] == "expired" else 458  # noqa: S105 - the name of a state
        data["error"] = {"code": 190, "message": "Error validating access token", "subcode": subcode}
    return GraphResponse(200, {"data": data})


def _asking_app(request: GraphRequest) -> str:
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    return (bearer or request.query_value("access_token") or "").partition("|")[0]
