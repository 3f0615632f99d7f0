"""The descriptor of an extension package: plain data and a few plain functions.

A package defines one value, ``extension = ExtensionPackage(...)``, in its ``extension.py``. Forms,
validation, JSON Schema, help pages and the engine read it. Nothing is registered anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from .context import EventContext
from .customer_data.facts import CustomerFact
from .errors import Problem
from .examples import Example
from .installation import Setting, SimulatorCommand
from .match_quality import MatchQuality
from .outbound import (
    Answer,
    BatchItem,
    Explanation,
    InquiryResult,
    OutboundRequest,
    Outcome,
    Outcomes,
    ServerEventFacts,
    Warn,
)
from .pairing import PairingRules
from .site_checks import SiteChecks
from .substitutes import Substitute
from .vendor_sign_in import Connect
from .visitors import BrowserId, ClickId

Settings = Mapping[str, Any]
Run = Callable[[Settings, EventContext], Any]
Compare = Callable[[Any, Any], bool]
Read = Callable[[Mapping[str, Any]], Any]
Asking = Generator[OutboundRequest, Answer, InquiryResult]
Payload = Mapping[str, Any]
Adopt = Callable[[Settings], tuple[dict[str, Any], list[str]]]

FieldType = Literal[
    "text",  # one line; accepts tokens
    "textarea",  # several lines; accepts tokens
    "choice",  # one of ``options``
    "combo",  # one of ``options``, or the person's own text; accepts tokens
    "boolean",  # check box
    "number",  # number, or a token
    "integer",  # whole number, or a token
    "json",  # any JSON value, or one token
    "object",  # one input for each of ``properties``, and more keys; or one token for the whole
    "list",  # JSON list, comma-separated text, or one token
    "rows",  # list of objects with the keys of ``properties``
    "secret",  # a credential: stored encrypted, shown by its last four characters, or one token
    "code",  # JavaScript, used as written: ``{{`` in it is not a token
    "content",  # JSON object or list, stored as such; other text, stored as written; accepts tokens
    "stored_secret",  # a reference to a stored credential: ``{"id", "name"}``
]


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of a component.

    Args:
        key: Key in the settings, exactly as stored; dots nest (``comparison.operator``).
        label: Its name in the form.
        type: See ``FieldType``.
        section: Key of the :class:`Section` that shows it.
        required: An empty value is refused.
        help: One or two sentences for a marketer.
        options: (value, label) pairs of ``choice`` and ``combo``.
        default: The meaning of an absent value, and the value in a new form.
        tokens: Accepts ``{{Name}}``. Off for check boxes and fixed choices.
        show_if: Other key → values for which this field matters. The server ignores hidden values. If the
            other field holds a data element, or text outside its options, this field is shown: any value is
            possible.
        hashed: The value is normalised and hashed before it leaves; pages and traces mask it.
        match_quality: Weight for event match quality: "", "low", "medium" or "high".
        required_for: Other key → values for which the field is needed (a mark; ``check`` refuses).
        recommended: Pages show the field from the start, although it may be empty.
        recommended_for: Other key → values for which pages show it from the start.
        placeholder: Example in the empty input.
        url: The vendor's page about this field.
        help_page: The page of help about it, ``package/page``; or "".
        properties: Fields of an ``object`` or of each row of ``rows``; keys relative to this one.
        lists: Also accepts a list of texts, such as two e-mail addresses.
        only_tokens: The value must be exactly one token (Adobe's left operand).
        keep_blanks: Keeps blanks at the ends of the text, for example in a delimiter.
        is_address: Part of a URL, which ends up in logs. A data element that returns a credential is refused.
        json_text: For ``json``: JSON text is replaced by the value that it holds.
        keeps_case: Letter case counts. A data element that forces lower case is reported.
        payload_key: Place of the value in the vendor's payload, such as ``user_data.em``; the preview marks
            that line. Empty if the value is not sent under one name.
        parameters: For ``code`` of a web package: names of the arguments of the function that it becomes.
    """

    key: str
    label: str
    type: FieldType = "text"
    section: str = ""
    required: bool = False
    help: str = ""
    options: Sequence[tuple[str, str]] = ()
    default: Any = None
    tokens: bool = True
    show_if: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    hashed: bool = False
    match_quality: str = ""
    required_for: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    recommended: bool = False
    recommended_for: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    placeholder: str = ""
    url: str = ""
    help_page: str = ""
    properties: Sequence[Field] = ()
    only_tokens: bool = False
    lists: bool = False
    keep_blanks: bool = False
    is_address: bool = False
    json_text: bool = False
    keeps_case: bool = False
    payload_key: str = ""
    parameters: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields with a headline and a counter ("5 of 12 set").

    Args:
        short: Its title in the list of sections, if that is shorter.
        help_page: The page of help about it, ``package/page``; or "".
    """

    key: str
    title: str
    help: str = ""
    short: str = ""
    help_page: str = ""


@dataclass(frozen=True, slots=True)
class TestPeriod:
    """The time in which an action sends its events with a test code.

    Args:
        code: The code as it was typed; it may be a token.
        until: Unix seconds of its end, or None if it never ends by itself.
    """

    # Not a class of tests, whatever its name begins with.
    __test__: ClassVar[bool] = False
    code: str
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A starting point for a new action.

    Args:
        name: Short and stable, for addresses.
        title: Its name in the picker.
        description: When to choose it, in a few words.
        settings: The settings that it fills in.
        suggestions: Key of a setting → usual names of the data element with its value, the best first. Each
            is compared with names and paths; case and punctuation are ignored.
        needed: The suggested keys without which the vendor refuses the event.
        help_page: The page of help about it, ``package/page``; or "".
    """

    name: str
    title: str
    description: str = ""
    settings: Settings = field(default_factory=dict)
    suggestions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    needed: Sequence[str] = ()
    help_page: str = ""


@dataclass(frozen=True, slots=True)
class HelpPage:
    """A page of help that a package brings along.

    Its text is in the package's folder as ``help/<name>.md``: headings, paragraphs, lists, tables and links.

    Args:
        summary: What one finds there, in one sentence.
    """

    name: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A question about settings that a package can ask its vendor, also before they are saved.

    Args:
        title: Text of the button.
        help: What happens when it is pressed.
        ask: ``ask(settings, asked, context)`` yields requests, receives their answers and returns an
            :class:`InquiryResult`. Credentials are markers; ``asked`` holds the person's input for
            ``fields``.
        fields: Inputs that the person fills in first.
        confirm: Optional. ``confirm(asked)`` returns a question to agree to before anything is sent, or "".
    """

    title: str
    help: str = ""
    ask: Callable[[Settings, Settings, EventContext], Asking]
    fields: Sequence[Field] = ()
    confirm: Callable[[Settings], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentType:
    """A component type, or the configuration of an extension: something with settings and a form.

    Args:
        name: Last part of the delegate descriptor id, such as ``value-comparison``.
        title: Its name in the picker.
        description: One sentence for the picker.
        category: Its group in the picker.
        fields: Its settings.
        sections: In the order of the page; empty means one group without a headline.
        run: ``run(settings, context)``, with tokens resolved. The subclasses describe its result.
        prepare: Optional. ``prepare(settings)``, with tokens in place, is called once when a build is
            compiled. It returns a function that replaces ``run``, and saves work per event.
        check: Optional. Yields problems that involve several fields ("Purchase needs a currency"). Settings
            have their tokens in place.
        advise: Optional. Yields advice on settings that work but are most likely not meant. Nothing is
            refused.
        summary: Optional. Returns one line for the rule card, from the settings.
        on_save: Optional. ``on_save(settings, now)`` returns the settings to store, ``now`` in Unix seconds:
            for a time that counts from the moment of saving.
        production_warnings: Optional. ``production_warnings(settings, now)`` yields sentences about settings
            that should not stay in production.
        help_url: The vendor's page.
        examples: Worked examples; they serve as tests and as documentation.
        replaces: Delegate descriptor ids of other systems that an import converts to this type.
        adopt: Optional. ``adopt(settings)`` converts settings of such a delegate, and returns sentences about
            its changes. Without it, settings are stored unchanged.
        adopt_as: Optional, for a type that replaces several delegates: id → its ``adopt``.
        lacks: Optional. ``lacks(settings)`` returns sentences about the things that such a delegate needs and
            an import cannot bring along. Its rule is then disabled until a person acts.
        hinders: Optional. ``hinders(settings, configuration)``, both as the other system exports them,
            returns sentences about what would go wrong here. The rule is then disabled, too.
        element_ids: Keys of such a delegate's settings that hold the id of a data element. An import replaces
            the id by the token of that data element.
        client: For a web package: file in its folder ``client/`` with the browser module: ``click.js``.
    """

    kind: ClassVar[str]
    name: str
    title: str
    description: str = ""
    category: str = ""
    fields: Sequence[Field] = ()
    sections: Sequence[Section] = ()
    run: Run | None = None
    prepare: Callable[[Settings], Run] | None = None
    check: Callable[[Settings], Iterator[Problem]] | None = None
    advise: Callable[[Settings], Iterator[Problem]] | None = None
    summary: Callable[[Settings], str] | None = None
    on_save: Callable[[Settings, float], Settings] | None = None
    production_warnings: Callable[[Settings, float], Iterator[str]] | None = None
    help_url: str = ""
    examples: Sequence[Example] = ()
    replaces: Sequence[str] = ()
    adopt: Adopt | None = None
    adopt_as: Mapping[str, Adopt] = field(default_factory=dict)
    lacks: Callable[[Settings], Iterator[str]] | None = None
    hinders: Callable[[Settings, Settings], Iterator[str]] | None = None
    element_ids: Sequence[str] = ()
    client: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataElementType(ComponentType):
    """A data element type: ``run`` returns the value, or None if it is missing.

    Args:
        sample_path: Optional. The place of the value in the event, for the event log.
        read: Optional, for an element that reads only ``arc``. ``read(settings)``, with tokens in place,
            returns a function of ``arc`` that replaces ``run``, or None.
        own_name: For a web package: key that a library adds to the settings, with the data element's name.
        secret_for: Optional, for an element that returns a stored credential. ``(settings, stage)`` → name of
            the secret, or "" if none is chosen. A build for a stage needs a secret that works.
    """

    kind: ClassVar[str] = "dataElements"
    sample_path: Callable[[Settings], str] | None = None
    read: Callable[[Settings], Read | None] | None = None
    own_name: str = ""
    secret_for: Callable[[Settings, str], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType(ComponentType):
    """An event type starts a rule of a web property. Edge properties have none."""

    kind: ClassVar[str] = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionType(ComponentType):
    """A condition type: ``run`` returns exactly True or False; any other result fails the rule.

    Args:
        compared: Keys of the settings whose resolved values the trace shows as the two sides.
        compare: Optional, for a condition that depends only on its two sides. ``compare(settings)``, with
            tokens in place, returns a function of (left, right) that replaces ``run`` where possible, or
            None. A missing side is None.
    """

    kind: ClassVar[str] = "conditions"
    compared: tuple[str, str] | None = None
    compare: Callable[[Settings], Compare | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionType(ComponentType):
    """An action type: ``run`` returns one or more BatchItems, an awaited OutboundRequest, or a stash value.

    It raises ``Rejected`` if the vendor would refuse the event, which is then not sent, with that reason.

    Args:
        batch_request: Makes one request for items that share an envelope: ``(envelope, payloads)``.
        readdress: Optional. Updates the envelope of items that waited, from the current installation
            settings: ``(envelope, installation)``. For addresses and versions that may change between two
            attempts.
        read_answer: Reads the answer to that request: ``(answer, sent count)``. It returns one outcome for
            all events, or a list with one outcome for each payload in order. With a list, only events that
            the vendor did not accept are processed further.
        follow_up: Optional. Makes the request for the outcome of events that the vendor has accepted:
            ``(envelope, receipt)``, with the receipt of the outcome. For items that share a request.
        read_follow_up: Reads the answer to that request: ``(answer, sent count)``, with the count of the
            first request. Like ``read_answer``. ``accepted`` and ``retry`` ask again; the events themselves
            are never sent again.
        answer_within: Seconds after acceptance for which the platform asks for the answer.
        result: Returns the value that the delivered answer to an awaited request leaves in the rule stash:
            ``(answer, settings, earlier)``, where ``earlier`` is the extension's value so far. Without it,
            the answer leaves null.
        without: Optional. ``without(payload, outcome)`` returns the payload without the one optional field
            that the vendor refused, and the name of that field; None if the field cannot be left out.
        may_repeat: Optional. Whether a payload may be sent again when it is unknown if the vendor accepted
            it: false if the vendor would count it twice. Such a payload is recorded before it is sent.
        takes_for: Optional. The age in seconds up to which the vendor accepts an event: ``(settings)``, with
            tokens in place. Without it, there is no limit.
        explain: Optional. Returns the cause of a refusal and the setting behind it: ``(outcome, settings)``,
            with tokens in place.
        facts: Optional. Returns what the event log shows and searches of a payload: ``(payload)``. It is
            also called with payloads whose ``masked`` keys are masked.
        pairing: Optional. How the vendor recognises a copy of the same event from the page.
        max_batch: The largest number of items in one request.
        masked: Dotted payload keys that pages mask although they are not hashed.
        presets: Starting points that the picker offers.
        test_settings: Settings for a test event, which a person watches for. It is sent alone and never
            retried. Empty if the vendor has no test events.
        test_asks: Keys of the settings that a person enters for a test event.
        test_period: Optional. ``test_period(settings, now)``, with tokens in place and ``now`` in Unix
            seconds, returns the test code that events get at present, or None. Such an action also obeys the
            ``test_code`` of its context.
        customer_facts: Optional. ``customer_facts(settings, payload)``, with tokens resolved, yields in which
            form each value of customer data arrived, without the value. The payload is empty if none was
            made.
        substitutes: Actions of other systems whose request this action can make.
    """

    kind: ClassVar[str] = "actions"
    batch_request: Callable[[Mapping[str, Any], Sequence[Mapping[str, Any]]], OutboundRequest] | None = None
    readdress: Callable[[Mapping[str, Any], Mapping[str, str]], Mapping[str, Any]] | None = None
    read_answer: Callable[[Answer, int], Outcomes] | None = None
    follow_up: Callable[[Mapping[str, Any], str], OutboundRequest] | None = None
    read_follow_up: Callable[[Answer, int], Outcomes] | None = None
    answer_within: float = 86_400
    result: Callable[[Answer, Settings, Any], Any] | None = None
    without: Callable[[Payload, Outcome], tuple[Payload, Warn] | None] | None = None
    may_repeat: Callable[[Payload], bool] | None = None
    takes_for: Callable[[Settings], float] | None = None
    explain: Callable[[Outcome, Settings], Explanation] | None = None
    facts: Callable[[Payload], ServerEventFacts] | None = None
    pairing: PairingRules | None = None
    max_batch: int = 1
    masked: Sequence[str] = ()
    presets: Sequence[Preset] = ()
    test_settings: Settings = field(default_factory=dict)
    test_asks: Sequence[str] = ()
    test_period: Callable[[Settings, float], TestPeriod | None] | None = None
    customer_facts: Callable[[Settings, Payload], Iterable[CustomerFact]] | None = None
    substitutes: Sequence[Substitute] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration(ComponentType):
    """Settings of the installed extension, which all of its components share.

    Args:
        inquiry: Optional. Checks with the vendor whether the settings work.
        connect: Optional. Fills the settings from a sign-in at the vendor.
    """

    kind: ClassVar[str] = "extensionConfiguration"
    name: str = "config"
    title: str = "Configuration"
    inquiry: Inquiry | None = None
    connect: Connect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickStart:
    """A set-up of a site in one go: a tags property, and a property of event forwarding that it sends to.

    Args:
        title: Its name on Home, such as ``Send Conversions Data to Acme``.
        description: One sentence below it.
        fields: What it asks beside the domain. Credentials have the type ``secret``; all others are text.
        normalize: ``normalize(answers)`` returns the answers as they are meant.
        check: ``check(answers)`` yields problems of normalized answers.
        settings: ``settings(answers)`` returns the configuration of the package, for its inquiry.
        forwarding: ``forwarding(answers)`` returns ``extensions``, ``data_elements`` and ``rules`` of the
            property of event forwarding, as a property document has them.
        tags: ``tags(answers, name)`` returns those of the tags property; ``name`` is the other property's.
        variables: Key of a field → variable of the environment that the command reads without its option.
    """

    title: str
    description: str
    fields: Sequence[Field]
    normalize: Callable[[Mapping[str, str]], dict[str, str]]
    check: Callable[[Mapping[str, str]], Iterator[Problem]]
    settings: Callable[[Mapping[str, str]], Settings]
    forwarding: Callable[[Mapping[str, str]], dict[str, Any]]
    tags: Callable[[Mapping[str, str], str], dict[str, Any]]
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionPackage:
    """One catalog entry.

    Args:
        name: Package name. Its folder has the same name, with ``_`` for ``-``.
        display_name: Its name in the catalog.
        version: Semantic version.
        platform: ``edge``, ``web`` or ``mobile``.
        page_name: For a web package: its name in the browser, which code reads in ``event.$type``. "" for
            ``name``.
        description: Two sentences for the catalog card.
        author: Who maintains it.
        configuration: Settings of the installed extension, or None.
        data_elements, events, conditions, actions: The component types that it offers.
        help_url: The vendor's main page about it.
        help_pages: Pages of help that people open from the product.
        cookies: Names of the visitor's cookies that the edge stores with each event; rules read them from
            ``arc.request.header.cookies``. All others are dropped. ``*`` at the end matches any letters:
            ``_acme_*``.
        accepts_cookie: Optional. ``accepts_cookie(name, value)`` returns whether a value has the vendor's
            form. Other values are dropped, and the event page says so. Without it, every value of at most 500
            visible characters is stored.
        click_ids: Ad clicks that the edge remembers in cookies, if the datastream allows it.
        browser_ids: Cookies that the edge sets in browsers that lack them, if the datastream allows it.
        installation: Settings that it reads from the environment; ``EventContext.installation`` has the
            values.
        simulator: Optional. Replaces the vendor in a demo.
        demo: Optional. A folder with ``property.json`` (a property document) and ``events.json`` (events for
            it): the example property of ``manage.py up --demo``.
        shop: Optional. A folder with the pages of the shop of ``manage.py up --demo``, a stand-in for the
            vendor's script, and ``starts.json``: which event of a page starts which rule.
        also_called: Other words for the vendor, in lower case, such as ``acme``. They are ignored when data
            elements are matched by name.
        validation: Web only. The browser module that a library of Development holds besides: it reports to
            :mod:`.site_checks`.
        site_checks: Web only. Reads what that module has reported.
        quick_start: Optional. Sets up a site in one go: :class:`QuickStart`.
        match_quality: Optional. How well the vendor finds the people behind its events.
    """

    name: str
    display_name: str
    version: str
    platform: str = "edge"
    page_name: str = ""
    description: str = ""
    author: str = "CAPI Admin"
    configuration: Configuration | None = None
    data_elements: Sequence[DataElementType] = ()
    events: Sequence[EventType] = ()
    conditions: Sequence[ConditionType] = ()
    actions: Sequence[ActionType] = ()
    help_url: str = ""
    help_pages: Sequence[HelpPage] = ()
    cookies: Sequence[str] = ()
    accepts_cookie: Callable[[str, str], bool] | None = None
    click_ids: Sequence[ClickId] = ()
    browser_ids: Sequence[BrowserId] = ()
    installation: Sequence[Setting] = ()
    simulator: SimulatorCommand | None = None
    demo: Path | None = None
    shop: Path | None = None
    also_called: Sequence[str] = ()
    validation: str = ""
    site_checks: SiteChecks | None = None
    quick_start: QuickStart | None = None
    match_quality: MatchQuality | None = None

    def types(self) -> Iterator[ComponentType]:
        """Yield every component type, the configuration first."""
        if self.configuration is not None:
            yield self.configuration
        yield from (*self.data_elements, *self.events, *self.conditions, *self.actions)

    def written_cookies(self) -> Iterator[ClickId | BrowserId]:
        """Yield the cookies that the edge sets if the datastream allows it."""
        yield from self.click_ids
        yield from self.browser_ids

    def delegate_id(self, component_type: ComponentType) -> str:
        """Return ``package::kind::name``, the id in rows, builds and documents."""
        return f"{self.name}::{component_type.kind}::{component_type.name}"


__all__ = [
    "ActionType",
    "BatchItem",
    "BrowserId",
    "ClickId",
    "ComponentType",
    "ConditionType",
    "Configuration",
    "Connect",
    "DataElementType",
    "EventType",
    "ExtensionPackage",
    "Field",
    "FieldType",
    "Inquiry",
    "MatchQuality",
    "Preset",
    "QuickStart",
    "Section",
    "Setting",
    "Settings",
    "SimulatorCommand",
]
