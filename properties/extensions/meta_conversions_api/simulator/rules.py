"""Meta's rules for one request to the events edge, as pure functions that return an error or None."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from .expectations import STRING, TEXT, check_fields
from .problems import GraphError, GraphProblem, graph_error
from .server_event import check_event

MAX_EVENTS = 1000

VERSION = re.compile(r"v([0-9]+)\.([0-9]+)\Z")
OLDEST_MAJOR = 20
# Meta, Graph API changelog: the day each version ends.
ENDS = {
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
}

BODY_FIELDS = {
    "test_event_code": TEXT,
    "namespace_id": STRING,
    "upload_id": STRING,
    "upload_tag": STRING,
    "upload_source": STRING,
}
PROOF = re.compile(r"[0-9a-f]{64}\Z")


def check_request(body: Mapping[str, Any], now: float) -> GraphError | None:
    """Return Meta's error for a request body, or None if Meta would accept every event.

    If one event is bad, Meta refuses the whole request; the error names the first bad event.

    Args:
        body: The fields of the request; `data` is the list of server events.
        now: Unix seconds.

    Returns:
        Meta's error object without a fbtrace_id, or None.

    Source: Meta, Using the API (Conversions API); Main Body Parameters.
    """
    proof = body.get("appsecret_proof")
    if proof is not None and not (isinstance(proof, str) and PROOF.match(proof)):
        return graph_error(104, "Invalid appsecret_proof provided in the API argument")
    problem = _check_body(body) or _check_events(body["data"], now)
    return problem.as_error() if problem else None


def _check_body(body: Mapping[str, Any]) -> GraphProblem | None:
    data = body.get("data")
    if data is None:
        return GraphProblem(("data",), "is required")
    if not isinstance(data, list) or not 1 <= len(data) <= MAX_EVENTS:
        return GraphProblem(("data",), f"must be a list of 1 to {MAX_EVENTS} events")
    return check_fields(body, BODY_FIELDS) or _check_agent(body.get("partner_agent"))


def _check_agent(agent: object) -> GraphProblem | None:
    """Check the partner agent. Source: Meta, Main Body Parameters."""
    if agent is None:
        return None
    if isinstance(agent, str) and len(agent) < 23 and sum(map(str.isalpha, agent)) >= 2:
        return None
    return GraphProblem(("partner_agent",), "must be shorter than 23 characters with at least two letters")


def _check_events(events: list[object], now: float) -> GraphProblem | None:
    for index, event in enumerate(events):
        if problem := check_event(event, now):
            return problem.below("data", index)
    return None


def check_version(version: str, now: float) -> GraphError | None:
    """Return Meta's error for a version that is malformed (2500) or retired (2635).

    A version newer than the table passes, because Meta may have published it in the meantime.

    Source: Meta, Graph API changelog.
    """
    match = VERSION.match(version)
    if not match:
        return graph_error(2500, f"Unknown path components: /{version}")
    today = datetime.fromtimestamp(now, UTC).date()
    if int(match[1]) < OLDEST_MAJOR or ENDS.get(version, date.max) <= today:
        return version_retired()
    return None


def version_retired() -> GraphError:
    """Return Meta's error for a version past its end. Source: Meta, Handling Errors (Graph API)."""
    return graph_error(2635, "(#2635) You are calling a deprecated version of the API. Please update.")


def check_token(token: object) -> GraphError | None:
    """Return Meta's error for an access token that is missing, malformed, bad or expired (190).

    The simulator refuses a token that starts with "BAD" or "EXPIRED", and accepts any other.

    Source: Meta, Handling Errors (Graph API).
    """
    if not isinstance(token, str) or not token:
        return graph_error(190, "An access token is required to request this resource.")
    if token.startswith("EXPIRED"):
        return graph_error(190, "Error validating access token: Session has expired.", subcode=463)
    if token.startswith("BAD"):
        return graph_error(190, "Invalid OAuth access token - Cannot parse access token", subcode=467)
    return None


def check_pixel(pixel_id: str) -> GraphError | None:
    """Return Meta's error for a pixel ID that is not a number: the error for a missing pixel.

    Source: Meta, Handling Errors (Graph API), code 100 with subcode 33.
    """
    return None if pixel_id.isascii() and pixel_id.isdigit() else pixel_missing("post", pixel_id)


def pixel_missing(method: str, object_id: str) -> GraphError:
    """Return Meta's error for an object that is missing, not accessible, or does not support this method."""
    return graph_error(
        100,
        f"Unsupported {method} request. Object with ID '{object_id}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation.",
        subcode=33,
        error_type="GraphMethodException",
    )
