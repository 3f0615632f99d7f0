"""Meta Conversions API: the package, its configuration and its action."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from properties.catalog.descriptor import (
    ActionType,
    Configuration,
    ExtensionPackage,
    Field,
    Section,
    Settings,
)

from . import adobe
from .actions import (
    MAX_BATCH,
    batch_request,
    may_repeat,
    prepare_sending,
    readdress,
    send_conversions_api_event,
    takes_for,
)
from .advice import advise_action
from .checks import check_action, check_configuration
from .connecting import CONNECT
from .connection import inquiry
from .customer_facts import customer_facts
from .degrading import without
from .duplicates import FIELD as DUPLICATES
from .examples import EXAMPLES
from .explaining import explain
from .facts import facts
from .help_pages import HELP_PAGES
from .installation import (
    APP_ID,
    APP_SECRET,
    BUSINESS_EXTENSION,
    DIALOG_URL,
    GRAPH_URL,
    GRAPH_VERSION,
    LOGIN_CONFIG_ID,
    SIMULATOR,
)
from .match_quality import match_quality
from .pairing import PAIRING
from .parameters import ACTION_SOURCES, CUSTOMER_PAGE, PAGES, PARAMETERS, SECTIONS
from .payload import is_on
from .presets import PRESETS
from .quick_start import QUICK_START
from .responses import read_answer
from .targets import MORE
from .testing_period import CODE, keep_end, production_warnings, test_period
from .visitor_cookies import BROWSER_ID, CLICK_ID, COOKIES, accepts_cookie
from .web_addresses import REMOVED, REMOVED_LABEL


def _summary(settings: Settings) -> str:
    source = str(settings.get("actionSource") or "")
    parts = [str(settings.get("eventName") or "Event"), dict(ACTION_SOURCES).get(source, source)]
    if is_on(settings.get("isTestEvent")):
        parts.append("test event")
    return " · ".join(filter(None, parts))


CONNECTION, EVENT_DATA = "connection", "eventData"
APP_SECRET_FIELD = Field(
    key="appSecret",
    section=CONNECTION,
    label="App Secret",
    type="secret",
    help="Only if the token's app requires it: requests then carry appsecret_proof. Tokens from "
    "Events Manager do not need it.",
    url="https://developers.facebook.com/docs/graph-api/guides/secure-requests",
)

configuration = Configuration(
    sections=(Section(CONNECTION, "Connection"), Section(EVENT_DATA, "Event Data")),
    fields=(
        Field(
            key="pixelId",
            label="Pixel ID",
            section=CONNECTION,
            required=True,
            placeholder="1234567890",
            help="Enter your Meta Pixel ID. It is in Events Manager under Data sources.",
            url=PAGES + "get-started",
        ),
        Field(
            key="accessToken",
            label="Access Token",
            section=CONNECTION,
            type="secret",
            required=True,
            help="Enter your access token. To make one for a system user, open Events Manager, choose the "
            "pixel, then Settings, Conversions API, Generate access token.",
            url=PAGES + "get-started#access-token",
        ),
        APP_SECRET_FIELD,
        Field(
            key=MORE,
            label="Additional Pixels",
            section=CONNECTION,
            type="rows",
            help="Every event also goes to these pixels, each with its own delivery and outcome. "
            "An action with its own Pixel ID sends only to that pixel.",
            url=PAGES + "get-started",
            properties=(
                Field(key="pixelId", label="Pixel ID", required=True, placeholder="1234567890"),
                Field(key="accessToken", label="Access Token", type="secret", required=True),
                APP_SECRET_FIELD,
            ),
        ),
        Field(
            key="dateOrder",
            label="Order of dates of birth",
            section=EVENT_DATA,
            type="choice",
            options=(("dmy", "Day first (16/02/1997)"), ("mdy", "Month first (02/16/1997)")),
            tokens=False,
            help="For ambiguous dates such as 03/04/1990. Without an order they are left out.",
            url=CUSTOMER_PAGE,
        ),
        Field(
            key=REMOVED,
            label=REMOVED_LABEL,
            section=EVENT_DATA,
            type="list",
            tokens=False,
            placeholder="email, first_name, token",
            help="Names of query parameters, in any letter case. They are removed from Event Source URL and "
            "Referrer URL before sending. The rest of an address stays unchanged.",
            url=PAGES + "best-practices",
        ),
        replace(DUPLICATES, section=EVENT_DATA),
    ),
    description="The pixel that receives the events, and its access token.",
    check=check_configuration,
    help_url=PAGES + "get-started",
    replaces=(adobe.CONFIGURATION,),
    inquiry=inquiry,
    connect=CONNECT,
)

send_event = ActionType(
    name="send-conversions-api-event",
    title="Send Conversions API Event",
    description="Sends one server event to Meta. Customer information is normalised and hashed.",
    fields=tuple(row.field() for row in PARAMETERS),
    sections=SECTIONS,
    run=send_conversions_api_event,
    prepare=prepare_sending,
    check=check_action,
    advise=advise_action,
    summary=_summary,
    on_save=keep_end,
    production_warnings=production_warnings,
    help_url=PAGES + "parameters",
    examples=EXAMPLES,
    batch_request=batch_request,
    readdress=readdress,
    read_answer=read_answer,
    without=without,
    explain=explain,
    may_repeat=may_repeat,
    takes_for=takes_for,
    facts=facts,
    pairing=PAIRING,
    max_batch=MAX_BATCH,
    replaces=(adobe.SEND_EVENT,),
    adopt=adobe.adopt_action,
    presets=PRESETS,
    test_settings={"isTestEvent": True},
    test_asks=(CODE,),
    test_period=test_period,
    customer_facts=customer_facts,
)

extension = ExtensionPackage(
    name="meta-conversions-api",
    display_name="Meta Conversions API",
    version="1.0.0",
    description="Sends events from your site, your app and your store to Meta, server to server. "
    "Customer information is normalised and hashed before it is sent.",
    configuration=configuration,
    actions=(send_event,),
    help_url=PAGES,
    help_pages=HELP_PAGES,
    cookies=COOKIES,
    accepts_cookie=accepts_cookie,
    click_ids=(CLICK_ID,),
    browser_ids=(BROWSER_ID,),
    installation=(
        GRAPH_URL,
        GRAPH_VERSION,
        APP_ID,
        APP_SECRET,
        LOGIN_CONFIG_ID,
        BUSINESS_EXTENSION,
        DIALOG_URL,
    ),
    simulator=SIMULATOR,
    demo=Path(__file__).parent / "demo",
    also_called=("facebook", "fb", "meta"),
    quick_start=QUICK_START,
    match_quality=match_quality,
)
