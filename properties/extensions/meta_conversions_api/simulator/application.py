"""The ASGI application: routes, authentication, rules, faults, recording."""

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from .answers import GraphResponse, accepted, refused
from .business import BusinessPages
from .connection import Connection, GraphRequest, read_json, read_request
from .control import Control
from .dataset_quality import PATH as QUALITY_PATH
from .dataset_quality import answer_quality
from .fault_answers import answer_instead, rewrite
from .faults import Fault, FaultBook
from .problems import graph_error
from .recording import Recorder
from .rules import check_pixel, check_request, check_token, check_version, pixel_missing
from .state import GraphState, check_state_token

EVENTS_PATH = re.compile(r"/(?P<version>[^/]+)/(?P<pixel_id>[^/]+)/events/?\Z")


class GraphApplication:
    """Answers POST /{version}/{pixel_id}/events as Meta does, unless a fault applies.

    The sign-in and the business behind it are in `sign_in.py` and `business.py`.
    """

    def __init__(
        self,
        faults: FaultBook,
        recorder: Recorder,
        state: GraphState,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._faults = faults
        self._recorder = recorder
        self._state = state
        self._clock = clock
        self._control = Control(faults, recorder, state)
        self._business = BusinessPages(state, clock)

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        request = await read_request(scope, receive)
        if request is None:
            return
        connection = Connection(scope, receive, send)
        if request.path.startswith("/_simulator/"):
            await connection.answer(self._control.answer(request))
        else:
            await self._serve(request, connection)

    async def _serve(self, request: GraphRequest, connection: Connection) -> None:
        fault = self._fault(request)
        if fault and fault.kind == "reset_before":
            await connection.reset()
        elif fault and fault.kind == "hang":
            await connection.wait_until_closed()
        else:
            answer = self._answer(request, fault)
            self._recorder.record(request, answer, fault.kind if fault else None)
            await _deliver(connection, answer, fault)

    def _fault(self, request: GraphRequest) -> Fault | None:
        match = EVENTS_PATH.match(request.path)
        return self._faults.strike(match["pixel_id"]) if match and request.method == "POST" else None

    def _answer(self, request: GraphRequest, fault: Fault | None) -> GraphResponse:
        if fault is None:
            return self._answer_truly(request)
        return answer_instead(fault, request) or rewrite(fault, self._answer_truly(request))

    def _answer_truly(self, request: GraphRequest) -> GraphResponse:
        if request.method == "GET" and (match := QUALITY_PATH.match(request.path)):
            return answer_reading(request, match["version"], self._clock(), self._state)
        found = self._business.answer(request)
        return answer_events(request, self._clock(), self._state) if found is None else found


async def _deliver(connection: Connection, answer: GraphResponse, fault: Fault | None) -> None:
    match fault:
        case Fault(kind="slow"):
            await connection.answer_late(answer, fault.seconds)
        case Fault(kind="drip"):
            await connection.answer_slowly(answer, fault.seconds)
        case Fault(kind="truncated"):
            await connection.answer_half(answer)
        case Fault(kind="reset_after"):
            await connection.reset()
        case _:
            await connection.answer(answer)


def answer_events(request: GraphRequest, now: float, state: GraphState) -> GraphResponse:
    """Return Meta's answer to one request. Checks path, version, token, pixel and body, in this order."""
    match = EVENTS_PATH.match(request.path)
    if not match:
        return refused(graph_error(2500, f"Unknown path components: {request.path}"))
    if request.method != "POST":
        return refused(pixel_missing(request.method.lower(), match["pixel_id"]))
    try:
        body = read_body(request)
    except ValueError:
        body = None
    error = (
        check_version(match["version"], now)
        or check_token(find_token(request, body or {}))
        or check_state_token(state)
        or check_pixel(match["pixel_id"])
        or (graph_error(100, "Invalid parameter: the body cannot be read") if body is None else None)
        or check_request(body or {}, now)
    )
    return refused(error) if error else accepted(len((body or {})["data"]))


def answer_reading(request: GraphRequest, version: str, now: float, state: GraphState) -> GraphResponse:
    """Return the answer to a request for match quality. ``answers`` of the state come before the figures."""
    error = check_version(version, now) or check_token(find_token(request, {}))
    if error:
        return refused(error)
    fixed = state["answers"].get("dataset_quality")
    if isinstance(fixed, dict) and isinstance(fixed.get("error"), dict):
        return refused(fixed["error"])
    return answer_quality(request, state) if fixed is None else GraphResponse(200, fixed)


def find_token(request: GraphRequest, body: dict[str, Any]) -> object:
    """Return the access token from the body, the Authorization header or the query.

    Source: Meta, Using the API; Securing Graph API calls.
    """
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    header = bearer.strip() if scheme.lower() == "bearer" else None
    return body.get("access_token") or header or request.query_value("access_token")


def read_body(request: GraphRequest) -> dict[str, Any]:
    """Return the fields of a JSON or form body; `data` may be a JSON string, or a list of JSON strings.

    Raises:
        ValueError: The body is neither JSON nor a form, or not an object.

    Source: Meta, Using the API (Conversions API).
    """
    if request.is_form:
        body = dict(parse_qsl(request.content.decode("utf-8"), keep_blank_values=True))
    else:
        body = request.json()
    if not isinstance(body, dict):
        raise ValueError("The body is not an object")
    return body | {"data": _read_nested(body["data"])} if "data" in body else body


def _read_nested(data: Any) -> Any:
    events = read_json(data) if isinstance(data, str) else data
    if not isinstance(events, list):
        return events
    return [read_json(event) if isinstance(event, str) else event for event in events]
