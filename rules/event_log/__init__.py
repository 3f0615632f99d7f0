"""Pages about events: overview, event log, one event, state of the last event."""
