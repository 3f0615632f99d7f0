"""Acme Ads: server events for a vendor that does not exist, as a template for one that does."""

from __future__ import annotations

from properties.catalog.descriptor import ActionType, ClickId, Configuration, ExtensionPackage, Field

from .actions import API_URL, MAX_BATCH, batch_request, readdress, send_event, takes_for
from .examples import EXAMPLES
from .parameters import PAGE, PARAMETERS, SECTIONS
from .responses import read_answer

VISITOR_COOKIE, CLICK_COOKIE = "_acme_id", "_acme_click"

configuration = Configuration(
    description="The account that receives the events, and the token that allows it.",
    fields=(
        Field("accountId", "Account ID", required=True, help="Acme shows it under Settings.", url=PAGE),
        Field("accessToken", "Access Token", "secret", required=True, url=PAGE),
    ),
    help_url=PAGE,
)

send = ActionType(
    name="send-event",
    title="Send Event",
    description="Sends one event to Acme Ads. Customer data is hashed before it leaves.",
    fields=tuple(row.field() for row in PARAMETERS),
    sections=SECTIONS,
    run=send_event,
    summary=lambda settings: str(settings.get("eventName") or "Event"),
    batch_request=batch_request,
    readdress=readdress,
    read_answer=read_answer,
    takes_for=takes_for,
    max_batch=MAX_BATCH,
    help_url=PAGE,
    examples=EXAMPLES,
)

extension = ExtensionPackage(
    name="acme-ads",
    display_name="Acme Ads",
    version="1.0.0",
    description="Sends what happens on your site to Acme Ads, server to server.",
    configuration=configuration,
    actions=(send,),
    help_url=PAGE,
    cookies=(VISITOR_COOKIE, CLICK_COOKIE),
    click_ids=(ClickId(parameter="acme_click", cookie=CLICK_COOKIE, label="Click ID (Acme)"),),
    installation=(API_URL,),
    also_called=("acme",),
)
