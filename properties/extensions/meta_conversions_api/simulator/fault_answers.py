"""The answer of each fault: either without processing the request, or a change to the true answer."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from .answers import GraphResponse, refused
from .connection import GraphRequest
from .faults import Fault
from .problems import GraphError, graph_error
from .rules import pixel_missing, version_retired

USAGE_HEADER = "X-Business-Use-Case-Usage"
HTML = "<!DOCTYPE html><title>Error</title><h1>Sorry, something went wrong.</h1>"
OVERSIZE = 1024 * 1024


def answer_instead(fault: Fault, request: GraphRequest) -> GraphResponse | None:
    """Return the answer of a fault that leaves the request unprocessed, or None for other kinds."""
    build = _INSTEAD.get(fault.kind)
    return build(fault, request) if build else None


def rewrite(fault: Fault, answer: GraphResponse) -> GraphResponse:
    """Return the true answer as the fault changes it; kinds that affect the connection change nothing."""
    change = _REWRITES.get(fault.kind)
    return change(answer) if change else answer


def _throttle(fault: Fault, request: GraphRequest) -> GraphResponse:
    error = graph_error(fault.answered_code, f"(#{fault.answered_code}) Request limit reached")
    return refused(error, 429, (_usage(100, fault.minutes),))


def _retry_after(fault: Fault, request: GraphRequest) -> GraphResponse:
    header = ("Retry-After", str(math.ceil(fault.seconds)))
    return refused(graph_error(613, "(#613) Calls to this api have exceeded the rate limit."), 429, (header,))


def _token(fault: Fault, request: GraphRequest) -> GraphResponse:
    return refused(graph_error(fault.answered_code, "Error validating access token: The session is invalid."))


def _permission(fault: Fault, request: GraphRequest) -> GraphResponse:
    code = fault.answered_code
    return refused(graph_error(code, f"(#{code}) Application does not have permission for this action"), 403)


def _pixel_missing(fault: Fault, request: GraphRequest) -> GraphResponse:
    return refused(pixel_missing("post", request.path.split("/")[2]))


def _field(fault: Fault, request: GraphRequest) -> GraphResponse | None:
    """Refuse the first event that has the field; only the message names the event and the field.

    Source: observed, facebookincubator/ConversionsAPI-Tag-for-GoogleTagManager issue 20 (path in the text).
    """
    names = fault.field.split(".")
    for index, event in enumerate(_events(request)):
        if _has(event, names):
            path = "".join(f"[{part!r}]" for part in ("data", index, *names))
            error = graph_error(100, "Invalid parameter", subcode=2804001)
            texts = {
                "error_user_title": "Server Side Api Parameter Error",
                "error_user_msg": f"The parameter ${path} is not valid.",
            }
            return refused(error | texts)
    return None


def _events(request: GraphRequest) -> list[object]:
    try:
        body = request.json()
    except ValueError:
        return []
    data = body.get("data") if isinstance(body, dict) else None
    return data if isinstance(data, list) else []


def _has(event: object, names: list[str]) -> bool:
    for name in names:
        if not isinstance(event, dict) or name not in event:
            return False
        event = event[name]
    return True


def _redirect(fault: Fault, request: GraphRequest) -> GraphResponse:
    return GraphResponse(307, "", (("Location", f"{request.path}?redirected=1"),))


def _always(status: int, error: GraphError) -> Callable[[Fault, GraphRequest], GraphResponse]:
    return lambda fault, request: refused(error, status)


def _page(status: int) -> Callable[[Fault, GraphRequest], GraphResponse]:
    return lambda fault, request: GraphResponse(status, HTML)


def _wrong_count(answer: GraphResponse) -> GraphResponse:
    if not isinstance(answer.body, dict) or "events_received" not in answer.body:
        return answer
    return replace(answer, body=answer.body | {"events_received": answer.body["events_received"] - 1})


def _no_count(answer: GraphResponse) -> GraphResponse:
    return replace(answer, body={})


def _oversized(answer: GraphResponse) -> GraphResponse:
    return (
        replace(answer, body=answer.body | {"messages": ["x" * OVERSIZE]})
        if isinstance(answer.body, dict)
        else answer
    )


def _usage_warning(answer: GraphResponse) -> GraphResponse:
    return replace(answer, headers=(*answer.headers, _usage(97, 0)))


def _usage(percent: int, minutes: int) -> tuple[str, str]:
    """Return the usage header. Source: Meta, Rate Limiting (Marketing API)."""
    usage = {
        "type": "ads_management",
        "call_count": percent,
        "total_cputime": 25,
        "total_time": 25,
        "estimated_time_to_regain_access": minutes,
    }
    return USAGE_HEADER, json.dumps({"1000000000000001": [usage]})


_INSTEAD: Mapping[str, Callable[[Fault, GraphRequest], GraphResponse | None]] = {
    "server_error": _always(500, graph_error(1, "An unknown error has occurred.")),
    "unavailable": _always(503, graph_error(2, "Service temporarily unavailable", is_transient=True)),
    "transient": _always(400, graph_error(100, "Please retry your request later.", is_transient=True)),
    "throttle": _throttle,
    "retry_after": _retry_after,
    "token": _token,
    "permission": _permission,
    "pixel_missing": _pixel_missing,
    "policy": _always(400, graph_error(368, "Temporarily blocked for policies")),
    "version_retired": _always(400, version_retired()),
    "invalid": _always(400, graph_error(100, "Invalid parameter")),
    "field": _field,
    "html": _page(502),
    "not_json": _page(200),
    "error_in_200": _always(200, graph_error(2, "Service temporarily unavailable")),
    "redirect": _redirect,
}
_REWRITES: Mapping[str, Callable[[GraphResponse], GraphResponse]] = {
    "wrong_count": _wrong_count,
    "no_count": _no_count,
    "oversized": _oversized,
    "usage_warning": _usage_warning,
}
