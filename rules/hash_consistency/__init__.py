"""Finds customer data that cannot match: from counts and keyed fingerprints, never from values."""
