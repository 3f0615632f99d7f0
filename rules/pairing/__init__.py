"""Deduplication: whether the copies of an event from the page and from servers are recognised as one."""
