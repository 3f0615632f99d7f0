"""Sending a test event from a page, through the endpoint, and following what becomes of it."""
