"""What an extension package says about itself: plain data and a few plain functions.

One value per package, ``extension = ExtensionPackage(...)`` in its ``extension.py``. Forms, validation, JSON
Schema, help pages and the engine all read it; nothing is registered anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from .context import EventContext
from .errors import Problem
from .examples import Example
from .installation import Setting, SimulatorCommand
from .outbound import Answer, BatchItem, Explanation, InquiryResult, OutboundRequest, Outcome, Outcomes, Warn
from .substitutes import Substitute
from .visitors import BrowserId, ClickId

Settings = Mapping[str, Any]
Run = Callable[[Settings, EventContext], Any]
Compare = Callable[[Any, Any], bool]
Read = Callable[[Mapping[str, Any]], Any]
Asking = Generator[OutboundRequest, Answer, InquiryResult]
Payload = Mapping[str, Any]
Adopt = Callable[[Settings], tuple[dict[str, Any], list[str]]]

FieldType = Literal[
    "text",  # one line; takes tokens
    "textarea",  # several lines; takes tokens
    "choice",  # one of ``options``
    "combo",  # one of ``options``, or own text; takes tokens
    "boolean",  # check box
    "number",  # number, or a token
    "integer",  # whole number, or a token
    "json",  # any JSON value, or one token
    "object",  # ``properties`` laid out one by one, plus own keys; or one token for the whole
    "list",  # JSON list, comma-separated text, or one token
    "rows",  # list of objects with the keys of ``properties``
    "secret",  # a credential: stored encrypted, shown by its last four characters, or one token
    "code",  # JavaScript, taken as it is written: ``{{`` in it is no token
    "content",  # JSON object or list, kept as that; any other text, kept as it is written; takes tokens
    "stored_secret",  # which stored credential is meant, as ``{"id", "name"}``
]


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of a component.

    Args:
        key: Key in the settings, exactly as stored; dots nest (``comparison.operator``).
        label: As the form calls it.
        type: See ``FieldType``.
        section: Key of the :class:`Section` it stands in.
        required: Empty is refused.
        help: One or two sentences for a marketer.
        options: (value, label) pairs of ``choice`` and ``combo``.
        default: What an absent value means, and what a new form shows.
        tokens: Takes ``{{Name}}``. Off for check boxes and fixed choices.
        show_if: Other key → values for which this field matters. The server ignores hidden values. A data
            element, or a text that is none of the other field's options, hides nothing: it may be any.
        hashed: The value is normalised and hashed before it leaves; pages and traces mask it.
        match_quality: Weight for event match quality: "", "low", "medium" or "high".
        required_for: Other key → values for which the field is needed (a badge; ``check`` refuses).
        placeholder: Example in the empty input.
        url: The vendor's page about this field.
        properties: Fields of an ``object`` or of each row of ``rows``; keys relative to this one.
        lists: Takes a list of texts as well, such as two e-mail addresses.
        only_tokens: Must be exactly one token (Adobe's left operand).
        keep_blanks: Blanks at the ends of a text belong to it, as of a delimiter.
        is_address: Part of a URL, which ends up in logs: a data element that gives a credential is refused.
        json_text: Of ``json``: text with JSON means the value that it holds, never the text itself.
        keeps_case: Letter case belongs to the value: a data element that forces lower case is named.
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
    placeholder: str = ""
    url: str = ""
    properties: Sequence[Field] = ()
    only_tokens: bool = False
    lists: bool = False
    keep_blanks: bool = False
    is_address: bool = False
    json_text: bool = False
    keeps_case: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A group of fields with a headline and a counter ("5 of 12 set")."""

    key: str
    title: str
    help: str = ""
    open: bool = True


@dataclass(frozen=True, slots=True)
class Preset:
    """A starting point for a new action.

    Args:
        name: Short, stable, for addresses.
        title: As the picker calls it.
        description: When to choose it, in a few words.
        settings: What it sets.
        suggestions: Key of a setting → names that people give to the data element with its value, the best
            first. Each is looked for in names and paths, without regard to case and punctuation.
        needed: Those of the suggested keys without which the vendor refuses the event.
    """

    name: str
    title: str
    description: str = ""
    settings: Settings = field(default_factory=dict)
    suggestions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    needed: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A question that a package can ask its vendor about settings, also before they are saved.

    Args:
        title: Text of the button.
        help: What happens when it is pressed.
        ask: ``ask(settings, asked, context)`` yields requests, receives their answers and returns what it
            found. Credentials are markers; ``asked`` holds what the person gave in ``fields``.
        fields: What the person is asked first.
        confirm: Optional. ``confirm(asked)`` gives a sentence to agree to before anything is sent, or "".
    """

    title: str
    help: str = ""
    ask: Callable[[Settings, Settings, EventContext], Asking]
    fields: Sequence[Field] = ()
    confirm: Callable[[Settings], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentType:
    """What every offered thing has in common.

    Args:
        name: Last part of the delegate descriptor id, such as ``value-comparison``.
        title: As the picker calls it.
        description: One sentence for the picker.
        category: Groups the picker.
        fields: Its settings.
        sections: In the order of the page; empty means one group without headline.
        run: ``run(settings, context)`` with tokens resolved. See the subclasses for what it returns.
        prepare: Optional. ``prepare(settings)`` with tokens still in place, called once when a build is
            compiled; returns what is called instead of ``run``. For work that need not be done per event.
        check: Optional. Yields problems that single fields cannot know ("Purchase needs a currency").
            Settings come with tokens in place.
        advise: Optional. Yields what works, but is most likely not meant or serves badly; nothing is refused.
        summary: Optional. One line for the rule card, from the settings.
        on_save: Optional. ``on_save(settings, now)`` returns the settings that are kept, ``now`` being Unix
            seconds: for a time that counts from the moment of saving.
        standing_warnings: Optional. ``standing_warnings(settings, now)`` yields sentences about what should
            not stay as it is in production.
        help_url: The vendor's page.
        examples: Worked examples; tests and documentation at once.
        replaces: Delegate descriptor ids of other systems that an import turns into this one.
        adopt: Optional. ``adopt(settings)`` makes settings of such a delegate ours and says in sentences what
            it changed; without it they are kept as they are.
        lacks: Optional. ``lacks(settings)`` says in sentences what such a delegate needs and no import brings
            along; its rule waits for a person.
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
    standing_warnings: Callable[[Settings, float], Iterator[str]] | None = None
    help_url: str = ""
    examples: Sequence[Example] = ()
    replaces: Sequence[str] = ()
    adopt: Adopt | None = None
    lacks: Callable[[Settings], Iterator[str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataElementType(ComponentType):
    """``run`` returns the value; None means missing.

    Args:
        sample_path: Optional. Where in the event the value comes from, for the event log.
        read: Optional, for an element that looks at ``arc`` and at nothing else. ``read(settings)``, with
            tokens still in place, returns what takes ``arc`` and is called instead of ``run``, or None.
        secret_for: Optional, for an element that gives a stored credential: ``(settings, stage)`` → name of
            the secret, "" when none is chosen. A build for a stage needs one that works.
    """

    kind: ClassVar[str] = "dataElements"
    sample_path: Callable[[Settings], str] | None = None
    read: Callable[[Settings], Read | None] | None = None
    secret_for: Callable[[Settings, str], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType(ComponentType):
    """What starts a rule of a web property. Edge properties have none."""

    kind: ClassVar[str] = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionType(ComponentType):
    """``run`` returns exactly True or False; anything else fails the rule.

    Args:
        compared: Keys of the settings whose resolved values the trace names as the two sides.
        compare: Optional, for a condition that looks at its two sides and at nothing else.
            ``compare(settings)`` with tokens still in place returns what takes (left, right) and is called
            instead of ``run`` where it can be, or None. A side that is missing is None.
    """

    kind: ClassVar[str] = "conditions"
    compared: tuple[str, str] | None = None
    compare: Callable[[Settings], Compare | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionType(ComponentType):
    """``run`` returns a BatchItem, a list of them, an awaited OutboundRequest, or a value for the rule stash.

    It raises ``Rejected`` for what the vendor would refuse: the event is dead-lettered with that reason.

    Args:
        batch_request: Makes the one request for items of one envelope: ``(envelope, payloads)``.
        readdress: Optional. The envelope of items that waited, with what the installation says now:
            ``(envelope, installation)``. For addresses and versions that may change between two attempts.
        read_answer: What the answer to that request means: ``(answer, sent count)``. One outcome for every
            event, or a list with one for each, in the order of the payloads: then only those that the vendor
            did not take go on.
        follow_up: Optional. The request that asks what came of events that the vendor has accepted:
            ``(envelope, receipt)``, the receipt being that of the outcome. For items that share a request.
        read_follow_up: What the answer to that means: ``(answer, sent count)``, the count of the first
            request; as ``read_answer``. ``accepted`` and ``retry`` ask again: the events themselves are
            never sent again.
        answer_within: For how many seconds after a request was accepted its answer is asked for.
        result: What the delivered answer to an awaited request leaves in the rule stash:
            ``(answer, settings, earlier)``, ``earlier`` being what the extension has there already. Without
            it the answer leaves null.
        without: Optional. ``without(payload, outcome)`` returns the payload without the one optional field
            for which the vendor refused it, and what was left out; None when it cannot be sent without.
        may_repeat: Optional. Whether a payload may be sent again when nobody knows if the vendor took it:
            false where the vendor would count it twice. Such a payload is noted before it is sent.
        takes_for: Optional. For how long after an event the vendor takes it at most, in seconds:
            ``(settings)`` with tokens in place. Without it, there is no limit.
        explain: Optional. What a refusal means and which setting it comes from: ``(outcome, settings)``, the
            settings with tokens in place.
        max_batch: Most items in one request.
        masked: Payload keys (dotted) that pages show masked although they are not hashed.
        presets: Starting points that the picker offers.
        test_settings: Settings that make an event one that the person at the page watches for, sent alone and
            never again; empty when there is no such thing.
        test_asks: Keys of the settings that a person gives for such an event.
        substitutes: Actions of other systems whose request this one can make.
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
    max_batch: int = 1
    masked: Sequence[str] = ()
    presets: Sequence[Preset] = ()
    test_settings: Settings = field(default_factory=dict)
    test_asks: Sequence[str] = ()
    substitutes: Sequence[Substitute] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration(ComponentType):
    """Settings of the installed extension, shared by all of its components.

    Args:
        inquiry: Optional. Finds out whether the settings work.
    """

    kind: ClassVar[str] = "extensionConfiguration"
    name: str = "config"
    title: str = "Configuration"
    inquiry: Inquiry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionPackage:
    """One catalog entry.

    Args:
        name: Package name; its folder is the same with ``-`` as ``_``.
        display_name: As the catalog calls it.
        version: Semantic version.
        platform: ``edge``, ``web`` or ``mobile``.
        description: Two sentences for the catalog card.
        author: Who keeps it.
        configuration: Settings of the installation of this package, or None.
        data_elements, events, conditions, actions: What it offers.
        help_url: The vendor's page about the whole.
        cookies: Names of the visitor's cookies that the edge keeps with each event; rules see them as
            ``arc.request.header.cookies``. All others are dropped. A ``*`` at the end stands for any letters:
            ``_acme_*``.
        accepts_cookie: Optional. ``accepts_cookie(name, value)``: whether a value has the vendor's form; a
            cookie with another form is dropped, and the event page says so. Without it, every value of at
            most 500 visible characters is kept.
        click_ids: Which clicks on ads the edge remembers in cookies, where the datastream allows it.
        browser_ids: Which cookies the edge gives to browsers that lack them, where the datastream allows it.
        installation: Settings that come from the environment; ``EventContext.installation`` has their values.
        simulator: Optional. Stands in for the vendor in a demo.
        demo: Optional. A folder with ``property.json``, a property document, and ``events.json``, events for
            it: the example property of ``manage.py up --demo``.
        also_called: Other words for the vendor, in lower case, such as ``acme``. They are ignored where data
            elements are found by their names.
    """

    name: str
    display_name: str
    version: str
    platform: str = "edge"
    description: str = ""
    author: str = "CAPI Admin"
    configuration: Configuration | None = None
    data_elements: Sequence[DataElementType] = ()
    events: Sequence[EventType] = ()
    conditions: Sequence[ConditionType] = ()
    actions: Sequence[ActionType] = ()
    help_url: str = ""
    cookies: Sequence[str] = ()
    accepts_cookie: Callable[[str, str], bool] | None = None
    click_ids: Sequence[ClickId] = ()
    browser_ids: Sequence[BrowserId] = ()
    installation: Sequence[Setting] = ()
    simulator: SimulatorCommand | None = None
    demo: Path | None = None
    also_called: Sequence[str] = ()

    def types(self) -> Iterator[ComponentType]:
        """Everything it offers, configuration first."""
        if self.configuration is not None:
            yield self.configuration
        yield from (*self.data_elements, *self.events, *self.conditions, *self.actions)

    def written_cookies(self) -> Iterator[ClickId | BrowserId]:
        """Those that the edge writes where the datastream allows it."""
        yield from self.click_ids
        yield from self.browser_ids

    def delegate_id(self, component_type: ComponentType) -> str:
        """``package::kind::name``, the name that rows, builds and documents keep."""
        return f"{self.name}::{component_type.kind}::{component_type.name}"


__all__ = [
    "ActionType",
    "BatchItem",
    "BrowserId",
    "ClickId",
    "ComponentType",
    "ConditionType",
    "Configuration",
    "DataElementType",
    "EventType",
    "ExtensionPackage",
    "Field",
    "FieldType",
    "Inquiry",
    "Preset",
    "Section",
    "Setting",
    "Settings",
    "SimulatorCommand",
]
