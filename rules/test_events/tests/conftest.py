"""The shop of the event log."""

from rules.event_log.tests.conftest import accept, meta, prop

__all__ = ["accept", "meta", "prop"]
