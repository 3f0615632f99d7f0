"""Pages that show what happened: overview, event log, one event, state of the last event."""
