"""Stored credentials: their types, their exchange for tokens, and where they are used."""
