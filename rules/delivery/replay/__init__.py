"""Replays: running stored events through their rules again."""
