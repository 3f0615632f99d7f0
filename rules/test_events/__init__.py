"""Sends a test event from a page through the endpoint, and follows it to its outcome."""
