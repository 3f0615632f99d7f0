"""Meta's sign-in dialog: which of the two the operator has set up, its address, and what comes back.

Source: Meta, Facebook Login for Business; Manually Build a Login Flow; Meta Business Extension.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlencode

from properties.catalog.vendor_sign_in import ConnectFailed, SignInContext

from ..installation import APP_ID, APP_SECRET, BUSINESS_EXTENSION, DIALOG_URL, LOGIN_CONFIG_ID, graph
from .graph_calls import GraphRefused, ask, name_of, request, unix

SCOPES = "ads_management,business_management,manage_business_extension"
# Observed: Adobe's extension for the Conversions API installs with these.
VERTICAL, CHANNEL = "MEASUREMENT_AND_OPTIMIZATION", "CONVERSIONS_API"
LONGEST_CODE = 2_000
AGAIN = "Connect again, or enter Pixel ID and Access Token by hand."
Kind = Literal["login", "business_extension"]
# Observed subcodes of a refused code.
_LATE, _USED, _ADDRESS = "100/36007", "100/36009", "100/36008"


def kind_of(installation: Mapping[str, str]) -> Kind:
    """Return which dialog is used: an approved partner's extension, else Facebook Login for Business."""
    return "business_extension" if installation.get(BUSINESS_EXTENSION.name) == "true" else "login"


def missing(installation: Mapping[str, str]) -> Sequence[str]:
    """Return the names of the settings that lack for the button."""
    needed = [APP_ID, APP_SECRET]
    if kind_of(installation) == "login":
        needed.append(LOGIN_CONFIG_ID)
    return [setting.name for setting in needed if not installation.get(setting.name)]


def address(context: SignInContext) -> str:
    """Return the address of the dialog. It holds no credential."""
    installation = context.installation
    asked = {
        "client_id": installation[APP_ID.name],
        "redirect_uri": context.redirect_url,
        "state": context.state,
        "response_type": "code",
        "override_default_response_type": "true",
    }
    if kind_of(installation) == "business_extension":
        asked |= {"scope": SCOPES, "extras": json.dumps(_extras(context), separators=(",", ":"))}
    else:
        asked["config_id"] = installation[LOGIN_CONFIG_ID.name]
    base = installation.get(DIALOG_URL.name) or DIALOG_URL.default
    return f"{base}/{graph(installation)['version']}/dialog/oauth?{urlencode(asked)}"


def _extras(context: SignInContext) -> dict[str, Any]:
    setup = {
        "external_business_id": context.owner_id,
        "timezone": "UTC",
        "currency": "USD",
        "business_vertical": VERTICAL,
        "channel": CHANNEL,
    }
    domain = {"domain": context.domain} if context.domain else {}
    business = {"name": context.owner_name or context.owner_id}
    return {"setup": setup | domain, "business_config": {"business": business}, "repeat": False}


def exchange(returned: Mapping[str, str], context: SignInContext) -> Any:
    """Exchange the code that a person came back with; return the token and its end in Unix seconds, or None.

    Raises:
        ConnectFailed: The person cancelled, or Meta refused the code.

    Source: Meta, Manually Build a Login Flow, "Exchanging Code for an Access Token".
    """
    code = _code(returned)
    installation = context.installation
    asked = request(
        context,
        "GET",
        "oauth/access_token",
        query={"client_id": installation[APP_ID.name], "redirect_uri": context.redirect_url},
        secret_query={
            "client_secret": context.hide(installation[APP_SECRET.name]),
            "code": context.hide(code),
        },
    )
    try:
        body = yield from ask(asked)
    except GraphRefused as refused:
        raise _refusal(refused) from None
    token = body.get("access_token")
    if not isinstance(token, str) or not token:
        raise ConnectFailed("No token", "Meta's answer has no access token. Nothing was stored.", AGAIN)
    seconds = unix(body.get("expires_in"))
    return token, context.now + seconds if seconds else None


def _code(returned: Mapping[str, str]) -> str:
    """Source: Meta, Manually Build a Login Flow, "Cancelled Login"."""
    if returned.get("error") == "access_denied" or returned.get("error_reason") == "user_denied":
        raise ConnectFailed("Cancelled", "You did not allow the access at Meta. Nothing was stored.", AGAIN)
    if error := returned.get("error") or returned.get("error_code") or returned.get("error_message"):
        said = returned.get("error_description") or returned.get("error_message") or ""
        raise ConnectFailed(
            "Meta refused the sign-in", "Nothing was stored.", AGAIN, name_of(said), name_of(error)[:60]
        )
    code = returned.get("code", "")
    if not code or len(code) > LONGEST_CODE:
        raise ConnectFailed("No answer", "Meta sent you back without an answer. Nothing was stored.", AGAIN)
    return code


def _refusal(refused: GraphRefused) -> ConnectFailed:
    code, said = refused.code, refused.said
    if refused.is_silent or refused.outcome.pause_destination:
        return refused
    if code in (_LATE, _USED):
        text = f"Meta's code {'is too old' if code == _LATE else 'was used before'}. Nothing was stored."
        return ConnectFailed("Sign-in not accepted", text, AGAIN, said, code)
    if code == _ADDRESS:
        text = "Meta does not know the address that it sent you back to."
        advice = "The operator adds it to the app: Facebook Login for Business, Valid OAuth Redirect URIs."
        return ConnectFailed("Address not accepted", text, advice, said, code)
    text = f"Meta does not accept the app. Check {APP_ID.name} and {APP_SECRET.name}."
    return ConnectFailed(
        "App not accepted", text, "Ask the operator, or enter the token by hand.", said, code
    )
