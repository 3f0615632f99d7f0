"""Sending a test event from a page: through the endpoint as a client would, then following what becomes of it."""
