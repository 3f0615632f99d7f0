"""Event match quality: asks Meta's Dataset Quality API about each pixel, and explains what it answers.

Source: Meta, Dataset Quality API.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from properties.catalog.context import EventContext
from properties.catalog.descriptor import Settings
from properties.catalog.errors import Rejected
from properties.catalog.match_quality import (
    MatchKey,
    MatchQuality,
    QualityReading,
    Reading,
    ReadingState,
)
from properties.catalog.outbound import Answer, HmacSha256, OutboundRequest, Outcome

from .graph_errors import find_error
from .installation import graph
from .parameters import PAGES, SETTING_OF
from .quality_answers import read_events
from .responses import read_answer
from .targets import Target, targets

PAGE = PAGES + "dataset-quality-api"
_WORDS = "{percentage,description}"
_GAIN = "potential_aly_acr_increase" + _WORDS
FIELDS = (
    "web{event_name,event_match_quality{composite_score,"
    f"match_key_feedback{{identifier,coverage{{percentage}},{_GAIN}}},"
    "diagnostics{name,description,solution,percentage,affected_event_count,total_event_count}},"
    f"event_coverage{{percentage,goal_percentage,description,{_GAIN}}},"
    f"dedupe_key_feedback{{dedupe_key,browser_events_with_dedupe_key{_WORDS},"
    f"server_events_with_dedupe_key{_WORDS},overall_browser_coverage_from_dedupe_key{_WORDS}}},"
    f"data_freshness{{upload_frequency,description}},event_potential_aly_acr_increase{_WORDS},acr{_WORDS}}}"
)
# What is asked for if the whole answer is longer than the transport reads.
FEWER_FIELDS = (
    "web{event_name,event_match_quality{composite_score,match_key_feedback{identifier,coverage{percentage}},"
    "diagnostics{name,solution,percentage}},event_coverage{percentage,goal_percentage}}"
)


def ask(settings: Settings, context: EventContext) -> Reading:
    """Ask about each pixel of a configuration; return one reading for each.

    Args:
        settings: The configuration, with markers for credentials.
        context: Clock and installation; there is no inbound event.

    Source: Meta, Dataset Quality API.
    """
    context.extension_settings = settings
    try:
        pixels, _ = targets({}, context)
    except Rejected as error:
        return [QualityReading("", "not_set", "Not complete", error.message, code=error.code)]
    readings = []
    for pixel in pixels:
        answer = yield request_for(pixel, context.installation)
        if answer.error == "too_large":
            answer = yield request_for(pixel, context.installation, FEWER_FIELDS)
        readings.append(read(pixel.pixel_id, answer))
    return readings


def request_for(pixel: Target, installation: Mapping[str, str], fields: str = FIELDS) -> OutboundRequest:
    """Return the request about one pixel. The token is in a header, so it is in no address.

    Source: Meta, Dataset Quality API; Securing Graph API calls.
    """
    where = graph(installation)
    proof = {"appsecret_proof": HmacSha256(pixel.app_secret, pixel.access_token)} if pixel.app_secret else {}
    return OutboundRequest(
        "GET",
        f"{where['graph_url']}/{where['version']}/dataset_quality"
        f"?dataset_id={pixel.pixel_id}&fields={quote(fields, safe=',')}",
        {"Authorization": f"Bearer {pixel.access_token}"},
        secret_query=proof,
    )


def read(pixel_id: str, answer: Answer) -> QualityReading:
    """Return the meaning of an answer about one pixel."""
    body = _body(answer)
    if body is not None:
        events = read_events(body)
        if any(event.has_figures for event in events):
            return QualityReading(pixel_id, "ok", events=events)
        if events or not body or isinstance(body.get("web"), list):
            return QualityReading(pixel_id, "empty", *_EMPTY)
        return QualityReading(pixel_id, "unreadable", *_UNREADABLE)
    outcome = read_answer(answer, 1)
    state, title, message, advice = next(_verdicts(answer, outcome))
    return QualityReading(
        pixel_id,
        state,
        title,
        message,
        advice,
        said=outcome.message,
        code=outcome.code,
        reference=outcome.reference,
    )


def _body(answer: Answer) -> dict[str, Any] | None:
    """Return the object of a good answer; None for errors and for anything else."""
    if answer.error or answer.status is None or not 200 <= answer.status <= 299:
        return None
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) and "error" not in body else None


# Source: Meta, Dataset Quality API: {} without recent events.
_EMPTY = (
    "No score yet",
    "Meta has no figures for this pixel. It needs recent web events.",
    "Send events for a day or two, then look again.",
)
_UNREADABLE = (
    "Answer not readable",
    "Meta answered, but without the figures of the Dataset Quality API.",
    "Try again later. If it stays, report it with the answer below.",
)
_STILL_SENT = "Events are still sent."
_HOW_TO_READ = (
    "Make a new token in Events Manager (Settings, Conversions API): tokens from July 2025 on can read the "
    "figures. For a system user, give it “Use events dataset”, ads_read and ads_management."
)
_UNKNOWN_DATASET = 2044055

Verdict = tuple[ReadingState, str, str, str]


def _verdicts(answer: Answer, outcome: Outcome) -> Iterator[Verdict]:
    """Yield matching verdicts; the first one counts.

    Source: Meta, Dataset Quality API; Handling Errors (Graph API). Observed: 2044055 for an unknown dataset.
    """
    code, _, subcode = outcome.code.partition("/")
    known = find_error(int(code), int(subcode or 0) or None) if code.isdecimal() else None
    wait = "The figures below are the last ones that Meta gave."
    if answer.status is None or answer.error:
        yield "away", "Meta is not reachable", outcome.message, wait
    if str(_UNKNOWN_DATASET) in (code, subcode) or (code, subcode) == ("100", "33"):
        text = "Meta does not know a dataset with this Pixel ID, or the token belongs to another business."
        yield "gone", "Dataset not found", text, "Check Pixel ID and Access Token in the configuration."
    if (known and known.action == "reauth") or answer.status == 401:
        yield (
            "expired",
            "Token refused",
            "Meta does not accept this access token: it is wrong or has expired.",
            known.advice if known else outcome.advice,
        )
    if outcome.pause_destination:
        yield "throttled", "Throttled", "Meta asks to slow down. The next reading comes by itself.", wait
    # Source: Meta, Handling Errors (Graph API): 10 and 200 to 299 are permissions. Observed: 100 for tokens
    # that can only send.
    if code in ("3", "10", "100", "270", "294") or (code.isdecimal() and 200 <= int(code) <= 299):
        text = f"This token cannot read quality data. {_STILL_SENT}"
        yield "denied", "Token cannot read", text, _HOW_TO_READ
    if outcome.kind in ("misconfigured", "rejected"):
        yield "unreadable", "Not answered", f"Meta refuses the question. {_STILL_SENT}", outcome.advice
    yield "away", "Meta could not answer", "Meta has a temporary problem.", wait


def page(pixel_id: str) -> str:
    """Return the address of the dataset in Events Manager."""
    return f"https://business.facebook.com/events_manager2/list/dataset/{pixel_id}/overview"


def _key(name: str, parameter: str, worth: float, *usual_names: str) -> MatchKey:
    setting, label = SETTING_OF[parameter]
    return MatchKey(name, label, setting, f"user_data.{parameter}", worth, usual_names)


# Meta publishes no ranking. The order is ours, after its “highly recommended” labels; the points say no more
# than that order, until scores of the dataset are known.
KEYS = (
    _key("email", "em", 1.6, "email", "email address", "customer email", "mail", "em"),
    _key("fbc", "fbc", 1.2, "fbc", "_fbc", "click id"),
    _key("phone", "ph", 1.0, "phone", "phone number", "telephone", "mobile", "tel", "ph"),
    _key("ip_address", "client_ip_address", 0.7, "client ip address", "ip address", "ip"),
    _key("user_agent", "client_user_agent", 0.7, "client user agent", "user agent"),
    _key("fbp", "fbp", 0.6, "fbp", "_fbp", "browser id"),
    _key("external_id", "external_id", 0.5, "external id", "customer id", "user id", "crm id"),
    _key("first_name", "fn", 0.3, "first name", "given name", "fname"),
    _key("last_name", "ln", 0.3, "last name", "family name", "surname", "lname"),
    _key("date_of_birth", "db", 0.25, "date of birth", "birth date", "birthday", "dob"),
    _key("city", "ct", 0.15, "city", "town"),
    _key("state", "st", 0.1, "state", "province"),
    _key("zip", "zp", 0.15, "zip", "postcode", "postal code", "zip code"),
    _key("country", "country", 0.1, "country", "country code"),
    _key("gender", "ge", 0.1, "gender", "sex"),
)

match_quality = MatchQuality(
    title="View EMQ Score",
    vendor="Meta",
    ask=ask,
    keys=KEYS,
    together=(("ip_address", "user_agent"), ("first_name", "last_name")),
    delegate="send-conversions-api-event",
    main_event="Purchase",
    page=page,
    help_url=PAGE,
)
