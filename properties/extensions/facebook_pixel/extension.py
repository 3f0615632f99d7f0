"""Meta Pixel: sends events from the browser, with the event IDs that the server sends too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from properties.catalog.descriptor import ActionType, DataElementType, ExtensionPackage, Field, Settings
from properties.catalog.errors import Problem
from properties.catalog.tokens import tokens_in, without_tokens

from . import examples
from .adobe import ADOPTED
from .configuration import configuration, layer_field, layer_problems
from .pages import CONSENT, DEDUPLICATION, PIXEL, REFERENCE
from .site_checks import site_checks
from .standard_events import PARAMETERS, PRESETS, STANDARD_EVENTS

_BY_LETTERS = {name.lower(): name for name in STANDARD_EVENTS}
_LONGEST_NAME = 50
_NAME = ("eventName", "Event Name")


def _check_event(settings: Settings) -> Iterator[Problem]:
    name, parameters = settings.get("eventName"), settings.get("parameters")
    if isinstance(name, str) and not tokens_in(name) and len(name) > _LONGEST_NAME:
        yield Problem(*_NAME, f"Enter at most {_LONGEST_NAME} characters: Meta takes no longer name.")
    given = parameters if isinstance(parameters, dict) else {}
    for key in ("value", "currency") if name == "Purchase" and not tokens_in(parameters) else ():
        if given.get(key) in (None, ""):
            yield Problem(f"parameters.{key}", key.capitalize(), "Meta needs it for Purchase.")


def _advise_event(settings: Settings) -> Iterator[Problem]:
    name = settings.get("eventName")
    letters = name.lower().replace(" ", "").replace("_", "") if isinstance(name, str) else ""
    if letters in _BY_LETTERS and name != _BY_LETTERS[letters]:
        yield Problem(
            *_NAME, f"Meta takes this for an event of your own. Its name is {_BY_LETTERS[letters]}."
        )


def _summarize_event(settings: Settings) -> str:
    return without_tokens(str(settings.get("eventName", "")))


SEND_PIXEL_EVENT = ActionType(
    name="send-pixel-event",
    title="Send Pixel Event",
    description="Sends an event from the browser to Meta.",
    fields=(
        Field(
            key="eventName",
            label="Event Name",
            type="combo",
            required=True,
            options=[(name, name) for name in STANDARD_EVENTS],
            keeps_case=True,
            help="A standard event, or a name of your own.",
            url=REFERENCE,
        ),
        Field(
            key="eventId",
            label="Event ID",
            recommended=True,
            placeholder="%Event ID%",
            help=(
                "Meta counts two events with one name and one ID once. Empty takes the ID that this rule has"
                " generated before."
            ),
            url=DEDUPLICATION,
        ),
        Field(
            key="parameters",
            label="Parameters",
            type="object",
            recommended=True,
            properties=PARAMETERS,
            help="Empty ones are left out.",
            url=REFERENCE,
        ),
    ),
    client="send_pixel_event.js",
    check=_check_event,
    advise=_advise_event,
    summary=_summarize_event,
    presets=PRESETS,
    help_url=REFERENCE,
    replaces=tuple(ADOPTED),
    adopt_as=ADOPTED,
    examples=examples.SEND_PIXEL_EVENT,
)
GENERATE_EVENT_ID = ActionType(
    name="generate-event-id",
    title="Generate New Event ID",
    description="Makes an ID for this run of the rule, and writes it into the data layer.",
    fields=(
        layer_field("The ID is written to conversionData.eventId there. Empty takes that of the extension."),
    ),
    client="generate_event_id.js",
    check=layer_problems,
    summary=lambda settings: str(settings.get("dataLayerPath") or ""),
    help_url=DEDUPLICATION,
    examples=examples.GENERATE_EVENT_ID,
)
SET_CONSENT = ActionType(
    name="set-consent",
    title="Set Consent",
    description="Tells the Pixel what the visitor has decided. The Web SDK's Set Consent does it too.",
    fields=(
        Field(
            key="general",
            label="Consent",
            type="combo",
            required=True,
            options=(("in", "In: the visitor agrees"), ("out", "Out: the visitor refuses")),
            help="A data element must give in or out.",
            url=CONSENT,
        ),
    ),
    client="set_consent.js",
    summary=lambda settings: without_tokens(str(settings.get("general", ""))),
    help_url=CONSENT,
    examples=examples.SET_CONSENT,
)
EVENT_ID = DataElementType(
    name="event-id",
    title="Event ID",
    description="The ID that this run of the rule has generated, else the one in the data layer.",
    fields=(layer_field("Empty takes that of the extension."),),
    client="event_id.js",
    check=layer_problems,
    summary=lambda settings: str(settings.get("dataLayerPath") or ""),
    help_url=DEDUPLICATION,
    examples=examples.EVENT_ID,
)

extension = ExtensionPackage(
    name="facebook-pixel",
    display_name="Meta Pixel",
    version="1.0.0",
    platform="web",
    description="Sends events from the browser to Meta, with the event IDs that the server sends too: Meta"
    " counts them once.",
    configuration=configuration,
    data_elements=(EVENT_ID,),
    actions=(SEND_PIXEL_EVENT, GENERATE_EVENT_ID, SET_CONSENT),
    help_url=PIXEL,
    shop=Path(__file__).parent / "shop",
    also_called=("facebook", "fb", "meta"),
    validation="validation.js",
    site_checks=site_checks,
)
