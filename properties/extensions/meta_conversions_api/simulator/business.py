"""Plays the business behind a token: its pixels and ad accounts, and the tokens that it hands out.

Source: Meta, System Users; Ads Pixel; Meta Business Extension.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from .answers import GraphResponse, refused
from .connection import GraphRequest
from .problems import GraphError, graph_error
from .rules import check_token, check_version, pixel_missing
from .sign_in import SYSTEM_USER, describe_token, exchange_code, new_token, show_dialog
from .state import GraphState, check_reading, check_state_token

PATH = re.compile(r"/(?P<version>[^/]+)/(?P<rest>[^/]+(?:/[^/]+)?)/?\Z")
EDGES = ("owned_pixels", "client_pixels", "owned_ad_accounts")
PAGE_LENGTH = 25


class BusinessPages:
    """Answers everything but the events edge. `answers` of the state come before every other answer."""

    def __init__(self, state: GraphState, clock: Callable[[], float]) -> None:
        self._state = state
        self._clock = clock

    def answer(self, request: GraphRequest) -> GraphResponse | None:
        """Return the answer, or None if the request is for the events edge or for nothing that Meta has."""
        match = PATH.match(request.path)
        if match is None or match["rest"].endswith("/events"):
            return None
        if error := check_version(match["version"], self._clock()):
            return refused(error)
        if match["rest"] in self._state["answers"]:
            return _as_set(self._state["answers"][match["rest"]])
        return self._answer(request, *match["rest"].split("/"))

    def _answer(self, request: GraphRequest, node: str, edge: str = "") -> GraphResponse | None:
        match (request.method, node, edge):
            case ("GET", "dialog", "oauth"):
                return show_dialog(request, self._state)
            case ("GET", "oauth", "access_token"):
                return exchange_code(request, self._state)
            case ("GET", "debug_token", ""):
                return describe_token(request, self._state, self._clock())
        if error := self._token_error(request):
            return refused(error)
        match (request.method, node, edge):
            case ("GET", "fbe_business", "fbe_installs"):
                return self._installs(request)
            case ("DELETE", "fbe_business", "fbe_installs"):
                return self._uninstall(request)
            case ("GET", "me", ""):
                return self._me()
            case ("GET", _, "") if node.removeprefix("act_").isdigit():
                return self._object(node)
            case ("GET", _, _) if edge in EDGES:
                return self._listing(request, node, edge)
            case ("POST", _, "adspixels"):
                return self._new_pixel(request, node)
            case ("POST", _, "system_user_access_tokens" | "access_token"):
                return self._system_token(request, node, edge)
        return None

    def _token_error(self, request: GraphRequest) -> GraphError | None:
        token = find_token(request)
        return check_token(token) or check_state_token(self._state) or self._proof_error(request, token)

    def _proof_error(self, request: GraphRequest, token: str) -> GraphError | None:
        proof = parameters(request).get("appsecret_proof")
        key = self._state["app_secret"]
        if proof is None or not key:
            return None
        right = hmac.new(key.encode(), token.encode(), hashlib.sha256).hexdigest()
        wrong = graph_error(100, "Invalid appsecret_proof provided in the API argument")
        return None if hmac.compare_digest(right, str(proof)) else wrong

    def _me(self) -> GraphResponse:
        business = self._state["business"]
        found = {"id": "122100000000000000", "name": "Conversions API System User"}
        return GraphResponse(200, found | ({"client_business_id": business["id"]} if business else {}))

    def _object(self, node: str) -> GraphResponse:
        pixel, business = self._state.pixel(node), self._state["business"]
        if pixel is not None:
            error = check_reading(self._state)
            return refused(error) if error else GraphResponse(200, _shown(pixel, business))
        if business and business["id"] == node:
            return GraphResponse(200, business)
        return refused(pixel_missing("get", node))

    def _listing(self, request: GraphRequest, node: str, edge: str) -> GraphResponse:
        business = self._state["business"]
        if error := check_reading(self._state, "(#10) Permission denied"):
            return refused(error)
        if not business or business["id"] != node:
            return refused(pixel_missing("get", node))
        if edge == "owned_ad_accounts":
            return _page(self._state["ad_accounts"], request)
        is_shared = edge == "client_pixels"
        rows = [it for it in self._state["pixels"] if bool(it.get("shared")) == is_shared]
        return _page([{"id": it["id"], "name": it.get("name", "")} for it in rows], request)

    def _new_pixel(self, request: GraphRequest, account: str) -> GraphResponse:
        if account not in {it["id"] for it in self._state["ad_accounts"]}:
            return refused(pixel_missing("post", account))
        name = parameters(request).get("name")
        if not isinstance(name, str) or not name:
            return refused(graph_error(100, "(#100) The parameter name is required"))
        if any(it.get("ad_account") == account for it in self._state["pixels"]):
            return refused(graph_error(6200, "(#6200) A pixel already exists for this account"))
        pixel_id = str(10**14 + secrets.randbelow(10**14))
        self._state.add_pixel({"id": pixel_id, "name": name, "ad_account": account})
        return GraphResponse(200, {"id": pixel_id})

    def _system_token(self, request: GraphRequest, node: str, edge: str) -> GraphResponse:
        given, business = parameters(request), self._state["business"]
        if not business or business["id"] != node:
            return refused(pixel_missing("post", node))
        if not given.get("appsecret_proof"):
            message = "API calls from the server require an appsecret_proof argument"
            return refused(graph_error(100, message))
        if edge == "access_token" and given.get("fbe_external_business_id") not in self._state.installs:
            return refused(graph_error(100, "(#100) The business is not installed"))
        return GraphResponse(200, {"access_token": new_token(SYSTEM_USER)})

    def _installs(self, request: GraphRequest) -> GraphResponse:
        found = self._state.installs.get(parameters(request).get("fbe_external_business_id", ""))
        return GraphResponse(200, {"data": [found] if found else []})

    def _uninstall(self, request: GraphRequest) -> GraphResponse:
        found = self._state.installs.pop(parameters(request).get("fbe_external_business_id", ""), None)
        if found is None:
            return refused(graph_error(100, "(#100) There is no installation with this ID"))
        return GraphResponse(200, {"success": True})


def parameters(request: GraphRequest) -> dict[str, Any]:
    """Return the parameters of the query, of a form and of a JSON body."""
    given: dict[str, Any] = dict(parse_qsl(request.query))
    if request.is_form:
        return given | dict(parse_qsl(request.content.decode("utf-8", "replace")))
    try:
        body = request.json() if request.content else {}
    except ValueError:
        body = {}
    return given | (body if isinstance(body, dict) else {})


def find_token(request: GraphRequest) -> str:
    """Return the access token of a request, or "". Source: Meta, Using the API; Securing Graph API calls."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return str(parameters(request).get("access_token") or (bearer if scheme.lower() == "bearer" else ""))


def _as_set(answer: Any) -> GraphResponse:
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        return refused(answer["error"])
    return GraphResponse(200, answer)


def _shown(pixel: Mapping[str, Any], business: Mapping[str, Any] | None) -> dict[str, Any]:
    shown = {key: value for key, value in pixel.items() if key not in ("shared", "ad_account")}
    return {"is_unavailable": False, **({"owner_business": dict(business)} if business else {}), **shown}


def _page(rows: list[dict[str, Any]], request: GraphRequest) -> GraphResponse:
    """Return one page of a list. Source: Meta, Paginated Results."""
    start = int(request.query_value("after") or 0)
    end = start + int(request.query_value("limit") or PAGE_LENGTH)
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(rows):
        # Meta's own address of the next page holds the access token.
        paging["next"] = "https://graph.facebook.com/next?access_token=not-to-be-used"
    return GraphResponse(200, {"data": rows[start:end], **({"paging": paging} if rows else {})})
