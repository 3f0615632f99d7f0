"""Models of rules, of their publishing and of the events that run through them."""

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
from .publishing import Activation, Build, Library, LibraryResource
from .replays import Replay, ReplayedEvent
from .rule import Rule, RuleComponent

__all__ = [
    "Activation",
    "Build",
    "Delivery",
    "DeliveryAttempt",
    "DestinationGate",
    "InboundEvent",
    "InboundRequest",
    "LedgerCount",
    "Library",
    "LibraryResource",
    "ProcessedId",
    "Replay",
    "ReplayedEvent",
    "Rule",
    "RuleComponent",
    "SentEvent",
]
