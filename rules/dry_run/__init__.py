"""Runs without consequences: a build, a data element, a condition or an action, on any event."""
