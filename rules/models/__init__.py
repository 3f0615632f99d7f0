"""Models of rules, of their publishing and of the events that run through them."""

from .copies import EventCopy
from .customer_data import CustomerDataCount, CustomerPrint
from .environment_codes import EnvironmentTestCode
from .events import (
    Delivery,
    DeliveryAttempt,
    DestinationGate,
    InboundEvent,
    InboundRequest,
    LedgerCount,
    ProcessedId,
    SentEvent,
)
from .issues import Issue, IssueHour
from .log import LogFilling, LoggedDelivery, LoggedEvent, LogGroup, SearchTerm
from .match_quality import MatchQualityAnswers, MatchQualityReading
from .minutes import CountedAs, MinuteCount
from .publishing import Activation, Build, Library, LibraryResource, TagLibrary
from .quick_starts import QuickStartRun
from .replays import Replay, ReplayedEvent
from .rule import Rule, RuleComponent
from .saved_events import SavedEvent
from .sightings import TagSighting
from .validation import ValidationSession

__all__ = [
    "Activation",
    "Build",
    "CountedAs",
    "CustomerDataCount",
    "CustomerPrint",
    "Delivery",
    "DeliveryAttempt",
    "DestinationGate",
    "EnvironmentTestCode",
    "EventCopy",
    "InboundEvent",
    "InboundRequest",
    "Issue",
    "IssueHour",
    "LedgerCount",
    "Library",
    "LibraryResource",
    "LogFilling",
    "LogGroup",
    "LoggedDelivery",
    "LoggedEvent",
    "MatchQualityAnswers",
    "MatchQualityReading",
    "MinuteCount",
    "ProcessedId",
    "QuickStartRun",
    "Replay",
    "ReplayedEvent",
    "Rule",
    "RuleComponent",
    "SavedEvent",
    "SearchTerm",
    "SentEvent",
    "TagLibrary",
    "TagSighting",
    "ValidationSession",
]
