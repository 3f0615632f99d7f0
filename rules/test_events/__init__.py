"""Test events: sending them, following them, the codes of environments, and what was sent with a code."""
