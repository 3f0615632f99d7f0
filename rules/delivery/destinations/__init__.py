"""Destinations: which may be sent to now, and which is next."""
