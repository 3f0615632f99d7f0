"""The rows of the event log, written by the worker with the outcomes."""
