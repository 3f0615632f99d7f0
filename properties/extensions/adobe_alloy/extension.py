"""Adobe Experience Platform Web SDK: sends events of the browser to event forwarding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from properties.catalog.descriptor import (
    ActionType,
    DataElementType,
    EventType,
    ExtensionPackage,
    Field,
    Preset,
    Settings,
)
from properties.catalog.errors import Problem
from properties.catalog.tokens import tokens_in, without_tokens

from . import examples, pages
from .adoption import (
    adopt_consent,
    adopt_event,
    adopt_update,
    adopt_variable,
    adopt_xdm,
    uses_another_instance,
)
from .configuration import configuration
from .pages import OVERVIEW, SEND_EVENT, SET_CONSENT, XDM
from .site_checks import site_checks


def _consent(general: str) -> list[dict[str, Any]]:
    return [{"standard": "Adobe", "version": "1.0", "value": {"general": general}}]


def _check_consent(settings: Settings) -> Iterator[Problem]:
    consent = settings.get("consent")
    if tokens_in(consent) or consent is None:
        return
    rows = consent if isinstance(consent, list) else []
    if not rows or not all(isinstance(it, dict) and it.get("standard") and it.get("version") for it in rows):
        message = "Enter a list in which each entry has standard, version and value, or a data element."
        yield Problem("consent", "Consent", message)


def _summarize_consent(settings: Settings) -> str:
    consent = settings.get("consent")
    if isinstance(consent, str):
        return without_tokens(consent)
    first = consent[0] if isinstance(consent, list) and consent else {}
    value = first.get("value") if isinstance(first, dict) else {}
    general = value.get("general") if isinstance(value, dict) else None
    return f"Consent is {general}" if general else "Consent"


def _check_transforms(settings: Settings) -> Iterator[Problem]:
    transforms = settings.get("transforms")
    if transforms is not None and not (
        isinstance(transforms, dict) and all(isinstance(it, dict) for it in transforms.values())
    ):
        message = 'Enter an object of paths, such as {"commerce.order": {"clear": true}}.'
        yield Problem("transforms", "Clear before", message)


def _summarize_event(settings: Settings) -> str:
    return without_tokens(str(settings.get("type") or ""))


SEND_EVENT_ACTION = ActionType(
    name="send-event",
    title="Send event",
    description="Sends an event to event forwarding.",
    fields=(
        Field(
            key="type",
            label="Type",
            recommended=True,
            placeholder="commerce.purchases",
            help="Becomes xdm.eventType.",
            url=SEND_EVENT,
        ),
        Field(
            key="data",
            label="Data",
            type="object",
            recommended=True,
            help="Rules of event forwarding read it at arc.event.data. Values, or one data element.",
            url=SEND_EVENT,
        ),
        Field(
            key="xdm",
            label="XDM",
            type="object",
            help="Merged over the page, referrer, device and time that the Web SDK adds itself.",
            url=XDM,
        ),
        Field(key="mergeId", label="Merge ID", help="Becomes xdm.eventMergeId.", url=SEND_EVENT),
        Field(
            key="documentUnloading",
            label="Document will unload",
            type="boolean",
            tokens=False,
            default=False,
            help=(
                "The visitor leaves the page: the event goes as a beacon, whose answer is not read. Leave it"
                " off for clicks on links; the usual way survives them."
            ),
            url=SEND_EVENT,
        ),
    ),
    client="send_event.js",
    summary=_summarize_event,
    help_url=SEND_EVENT,
    replaces=("adobe-alloy::actions::send-event",),
    adopt=adopt_event,
    hinders=uses_another_instance,
    examples=examples.SEND_EVENT_ACTION,
)
SET_CONSENT_ACTION = ActionType(
    name="set-consent",
    title="Set consent",
    description="Stores what the visitor has decided, and tells other extensions.",
    fields=(
        Field(
            key="consent",
            label="Consent",
            type="json",
            required=True,
            placeholder='[{"standard": "Adobe", "version": "1.0", "value": {"general": "in"}}]',
            help="A list in Adobe's shape, or a data element that gives one.",
            url=SET_CONSENT,
        ),
        Field(key="identityMap", label="Identity map", type="object", url=SET_CONSENT),
    ),
    client="set_consent.js",
    check=_check_consent,
    summary=_summarize_consent,
    presets=(
        Preset("in", "The visitor agrees", "What waits is sent.", {"consent": _consent("in")}),
        Preset("out", "The visitor refuses", "Nothing is sent.", {"consent": _consent("out")}),
    ),
    help_url=SET_CONSENT,
    replaces=("adobe-alloy::actions::set-consent",),
    adopt=adopt_consent,
    hinders=uses_another_instance,
    examples=examples.SET_CONSENT_ACTION,
)
XDM_OBJECT = DataElementType(
    name="xdm-object",
    title="XDM object",
    description="An object with data elements in its values, for the XDM of an event.",
    fields=(Field(key="data", label="XDM", type="object", required=True, help="Names and values.", url=XDM),),
    client="xdm_object.js",
    help_url=XDM,
    replaces=("adobe-alloy::dataElements::xdm-object",),
    adopt=adopt_xdm,
    examples=examples.XDM_OBJECT,
)
VARIABLE = DataElementType(
    name="variable",
    title="Variable",
    description="An object that Update variable fills step by step, until the visitor leaves the page.",
    client="variable.js",
    own_name="dataElementName",
    help_url=pages.VARIABLE,
    replaces=("adobe-alloy::dataElements::variable",),
    adopt=adopt_variable,
    examples=examples.VARIABLE,
)
UPDATE_VARIABLE = ActionType(
    name="update-variable",
    title="Update variable",
    description="Adds values to a data element of the type Variable, or clears some.",
    fields=(
        Field(
            key="dataElementId",
            label="Data element",
            required=True,
            only_tokens=True,
            placeholder="%Order XDM%",
            help="A data element of the type Variable.",
            url=pages.UPDATE_VARIABLE,
        ),
        Field(
            key="data",
            label="Data",
            type="object",
            recommended=True,
            help="Merged over the values that are there. Values, or one data element.",
            url=pages.UPDATE_VARIABLE,
        ),
        Field(
            key="transforms",
            label="Clear before",
            type="json",
            tokens=False,
            placeholder='{"commerce.order": {"clear": true}}',
            help="An object: the path of each value to clear. An empty path clears everything.",
            url=pages.UPDATE_VARIABLE,
        ),
        Field(
            key="customCode",
            label="Code",
            type="code",
            tokens=False,
            parameters=("content", "event"),
            placeholder="content.orders = (content.orders || 0) + 1;",
            help="Runs last. content is the object; the code may change it.",
        ),
    ),
    client="update_variable.js",
    check=_check_transforms,
    summary=lambda settings: without_tokens(str(settings.get("dataElementId") or "")),
    help_url=pages.UPDATE_VARIABLE,
    replaces=("adobe-alloy::actions::update-variable",),
    adopt=adopt_update,
    element_ids=("dataElementId",),
    examples=examples.UPDATE_VARIABLE,
)
SEND_EVENT_COMPLETE = EventType(
    name="send-event-complete",
    title="Send event complete",
    description="When the server has answered an event that an action Send event has sent.",
    client="send_event_complete.js",
    summary=lambda settings: "Send event complete",
    help_url=pages.SEND_EVENT_COMPLETE,
    replaces=("adobe-alloy::events::send-event-complete",),
    examples=examples.SEND_EVENT_COMPLETE,
)

extension = ExtensionPackage(
    name="adobe-alloy",
    display_name="Adobe Experience Platform Web SDK",
    version="1.0.0",
    platform="web",
    description="Sends events from the browser to a property of event forwarding, and keeps what the"
    " visitor has decided.",
    configuration=configuration,
    data_elements=(XDM_OBJECT, VARIABLE),
    events=(SEND_EVENT_COMPLETE,),
    actions=(SEND_EVENT_ACTION, SET_CONSENT_ACTION, UPDATE_VARIABLE),
    help_url=OVERVIEW,
    validation="validation.js",
    site_checks=site_checks,
)
