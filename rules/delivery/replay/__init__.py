"""Replays: failed events that are run again."""
