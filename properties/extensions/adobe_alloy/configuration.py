"""The settings of the installed extension: where events go, consent, and the instance."""

from __future__ import annotations

import re
from collections.abc import Iterator

from properties.catalog.descriptor import Configuration, Field, Section, Settings
from properties.catalog.errors import Problem
from properties.catalog.tokens import tokens_in

from .adoption import adopt_configuration
from .pages import CONFIGURE, OVERVIEW, SET_CONSENT

_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?")
_BASE = re.compile(r"[A-Za-z0-9_.~/-]+")
_INSTANCE = re.compile(r"[A-Za-z_$][\w$]*")
MANAGED = {"libraryCode.type": ["managed"]}
PREINSTALLED = {"libraryCode.type": ["preinstalled"]}
_IDS = ("edgeConfigId", "stagingEdgeConfigId", "developmentEdgeConfigId")


def _datastream(key: str, label: str) -> Field:
    return Field(key=key, label=label, section="ids", show_if=MANAGED)


def _check(settings: Settings) -> Iterator[Problem]:
    code = settings.get("libraryCode")
    if isinstance(code, dict) and code.get("type") == "preinstalled":
        yield from _text_problem(
            settings, "name", "Name", _INSTANCE, "Enter the name of a variable, such as alloy."
        )
        return
    if not settings.get("forwardingProperty") and not any(settings.get(key) for key in _IDS):
        message = "Name a property of event forwarding, or enter the ids of datastreams below."
        yield Problem("forwardingProperty", "Event forwarding property", message)
    if not settings.get("forwardingProperty"):
        for key, label in (("orgId", "Organization ID"), ("edgeDomain", "Edge domain")):
            if not settings.get(key):
                yield Problem(key, label, "Datastreams that are entered by their ids need it.")
    host = "Enter a host alone, such as data.shop.example, without https:// and path."
    yield from _text_problem(settings, "edgeDomain", "Edge domain", _HOST, host)
    base = "Enter a path without a slash at its start, such as ee."
    yield from _text_problem(settings, "edgeBasePath", "Edge base path", _BASE, base)


def _text_problem(
    settings: Settings, key: str, label: str, pattern: re.Pattern[str], message: str
) -> Iterator[Problem]:
    text = settings.get(key)
    is_typed = isinstance(text, str) and text and not tokens_in(text)
    if is_typed and (not pattern.fullmatch(str(text)) or str(text).startswith("/")):
        yield Problem(key, label, message)


configuration = Configuration(
    description="Where the events of this property go.",
    client="instance.js",
    sections=(
        Section("", "Events"),
        Section(
            "ids", "Datastreams by their ids", "Only if the events do not go to a property of this server."
        ),
        Section("own", "The site's own Web SDK", short="Own Web SDK"),
    ),
    fields=(
        Field(
            key="forwardingProperty",
            label="Event forwarding property",
            tokens=False,
            recommended=True,
            placeholder="Shop event forwarding",
            help=(
                "Its name. Each environment's library sends to the datastream of the same stage there, and"
                " takes address and organization from it."
            ),
            show_if=MANAGED,
        ),
        Field(
            key="defaultConsent",
            label="Default consent",
            type="combo",
            default="in",
            recommended=True,
            options=(
                ("in", "In: events are sent at once"),
                ("pending", "Pending: events wait on the page until the visitor agrees"),
                ("out", "Out: nothing is sent"),
            ),
            help=(
                "Until Set consent decides; the browser remembers the decision. A data element must give in,"
                " pending or out. Events of pages that the visitor left before agreeing are not sent."
            ),
            url=SET_CONSENT,
            show_if=MANAGED,
        ),
        _datastream("edgeConfigId", "Production datastream"),
        _datastream("stagingEdgeConfigId", "Staging datastream"),
        _datastream("developmentEdgeConfigId", "Development datastream"),
        Field(
            key="orgId",
            label="Organization ID",
            section="ids",
            placeholder="5BFE274A5F6980A50A495C08@AdobeOrg",
            help="Part of the names of the Web SDK's cookies.",
            show_if=MANAGED,
            url=CONFIGURE,
        ),
        Field(
            key="edgeDomain",
            label="Edge domain",
            section="ids",
            tokens=False,
            placeholder="data.shop.example",
            help="Where events go. A host below the site's own domain keeps the cookies first-party.",
            show_if=MANAGED,
            url=CONFIGURE,
        ),
        Field(
            key="edgeBasePath",
            label="Edge base path",
            section="ids",
            tokens=False,
            default="ee",
            show_if=MANAGED,
            url=CONFIGURE,
        ),
        Field(
            key="libraryCode.type",
            label="Web SDK",
            type="choice",
            section="own",
            tokens=False,
            default="managed",
            options=(("managed", "Part of this library"), ("preinstalled", "Use the site's instance")),
            url=OVERVIEW,
        ),
        Field(
            key="name",
            label="Name",
            section="own",
            tokens=False,
            default="alloy",
            help="The global name of the site's instance.",
            show_if=PREINSTALLED,
        ),
        Field(
            key="offerAlloy",
            label="Give the page the function alloy",
            type="boolean",
            section="own",
            tokens=False,
            default=False,
            help="Page code can then send commands. A page that has alloy already keeps its own.",
            show_if=MANAGED,
        ),
    ),
    check=_check,
    help_url=OVERVIEW,
    replaces=("adobe-alloy::extensionConfiguration::config",),
    adopt=adopt_configuration,
)
