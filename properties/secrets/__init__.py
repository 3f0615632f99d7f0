"""Stored credentials: their types, how they become what is sent, and who uses them."""
