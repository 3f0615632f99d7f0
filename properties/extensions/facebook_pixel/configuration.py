"""The settings of the installed extension: the pixel, consent, and what the Pixel does by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from properties.catalog.descriptor import Configuration, Field, Section, Settings
from properties.catalog.errors import Problem
from properties.catalog.tokens import tokens_in

from .adobe import CONFIGURATION, adopt_configuration
from .pages import CONSENT, DATA_USE, MATCHING, START

_PIXEL_ID = re.compile(r"[0-9]{5,20}")
_LAYER = re.compile(r"(?:window\.)?[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*")
_STATES = (
    *(("0", "Meta finds it out"), ("1000", "California"), ("1001", "Colorado"), ("1002", "Connecticut")),
    *(("1003", "Florida"), ("1004", "Oregon"), ("1005", "Texas"), ("1006", "Montana")),
    *(("1007", "Delaware"), ("1008", "Nebraska"), ("1009", "New Hampshire"), ("1010", "New Jersey")),
    *(("1011", "Minnesota"), ("1012", "Maryland"), ("1013", "Rhode Island")),
)
LAYER_EXAMPLE = "window.dataLayer.meta"


def layer_field(help: str) -> Field:
    """Return the field of the data layer's place."""
    return Field(
        key="dataLayerPath",
        label="Data Layer Path",
        tokens=False,
        placeholder=LAYER_EXAMPLE,
        help=help,
    )


def layer_problems(settings: Settings) -> Iterator[Problem]:
    """Yield a problem of a path that names no variable."""
    path = settings.get("dataLayerPath")
    if isinstance(path, str) and path and not _LAYER.fullmatch(path):
        message = f"Write names of variables with dots, such as {LAYER_EXAMPLE}."
        yield Problem("dataLayerPath", "Data Layer Path", message)


def _check(settings: Settings) -> Iterator[Problem]:
    pixel_id = settings.get("pixelId")
    if pixel_id and not tokens_in(pixel_id) and not _PIXEL_ID.fullmatch(str(pixel_id).strip()):
        yield Problem(
            "pixelId", "Pixel ID", "Enter the digits alone. Events Manager shows them under Data sources."
        )
    yield from layer_problems(settings)
    place = [settings.get(f"dataProcessingOptions{name}") or "0" for name in ("Country", "State")]
    if settings.get("lduEnabled") is True and not tokens_in(place) and (place[0] == "0") != (place[1] == "0"):
        message = "Choose both country and state, or leave both to Meta."
        yield Problem("dataProcessingOptionsState", "State", message)


def _matching(key: str, label: str, placeholder: str = "") -> Field:
    return Field(key=key, label=label, placeholder=placeholder)


configuration = Configuration(
    description="The pixel that receives the events.",
    client="pixel.js",
    sections=(
        Section("", "Pixel"),
        Section("consent", "Consent and Limited Data Use", short="Consent"),
        Section(
            "matching",
            "Advanced Matching",
            "Customer data that the Pixel hashes and sends with every event. It stands in the page's memory."
            " Send the same to the server. Empty values are left out.",
        ),
        Section("own", "What the Pixel does by itself", short="By itself"),
    ),
    fields=(
        Field(
            key="pixelId",
            label="Pixel ID",
            required=True,
            placeholder="1234567890",
            help="Events Manager shows it under Data sources.",
            url=START,
        ),
        layer_field("Where the page keeps the data of a conversion. Empty means window.dataLayer.meta."),
        Field(
            key="defaultConsent",
            label="Default consent",
            type="combo",
            section="consent",
            default="in",
            recommended=True,
            options=(
                ("in", "In: the Pixel loads with the first event"),
                ("pending", "Pending: events wait on the page until the visitor agrees"),
                ("out", "Out: nothing is sent"),
            ),
            help=(
                "Until an action sets consent. A data element must give in or out; all else means pending."
                " Events of pages that the visitor left before agreeing are not sent."
            ),
            url=CONSENT,
        ),
        Field(
            key="lduEnabled",
            label="Enable Limited Data Use",
            type="boolean",
            section="consent",
            tokens=False,
            default=False,
            help="The Conversions API has a setting of its own. Both must say the same.",
            url=DATA_USE,
        ),
        Field(
            key="dataProcessingOptionsCountry",
            label="Country",
            type="choice",
            section="consent",
            tokens=False,
            default="0",
            options=(("0", "Meta finds it out"), ("1", "United States")),
            show_if={"lduEnabled": [True]},
        ),
        Field(
            key="dataProcessingOptionsState",
            label="State",
            type="choice",
            section="consent",
            tokens=False,
            default="0",
            options=_STATES,
            show_if={"lduEnabled": [True]},
        ),
        Field(
            key="advancedMatching",
            label="Customer data",
            type="object",
            section="matching",
            url=MATCHING,
            properties=(
                _matching("em", "Email", "%Email%"),
                _matching("ph", "Phone", "%Phone%"),
                _matching("fn", "First Name"),
                _matching("ln", "Last Name"),
                _matching("ge", "Gender"),
                _matching("db", "Date of Birth"),
                _matching("ct", "City"),
                _matching("st", "State"),
                _matching("zp", "Zip"),
                _matching("country", "Country"),
                _matching("external_id", "External ID", "%Customer ID%"),
            ),
        ),
        Field(
            key="ownBaseCode",
            label="The page has its own base code",
            type="boolean",
            section="own",
            tokens=False,
            default=False,
            help="Then the page loads and sets up the Pixel, and this extension only sends events.",
        ),
        Field(
            key="autoConfig",
            label="Let the Pixel collect button clicks and page metadata",
            type="boolean",
            section="own",
            tokens=False,
            default=False,
            help="Such events have no event ID of ours, so the server cannot send them too.",
            url=MATCHING,
        ),
        Field(
            key="disablePushState",
            label="No PageView of its own when the address changes",
            type="boolean",
            section="own",
            tokens=False,
            default=True,
            help="Untick it only if no rule sends PageView on History Change.",
        ),
        Field(
            key="writeCookies",
            label="Write the browser ID and click ID (_fbp, _fbc) first",
            type="boolean",
            section="own",
            tokens=False,
            default=True,
            help="Otherwise the Pixel and the server each invent a browser ID on a visitor's first page.",
        ),
    ),
    check=_check,
    help_url=START,
    replaces=(CONFIGURATION,),
    adopt=adopt_configuration,
)
