"""Limits of size and time for data from a client that we do not know.

Documented in docs/operating.md, "Limits of a connection".
"""

HEAD_BYTES = 32 * 1024
"""Size of request line and headers together."""

HEAD_SECONDS = 5.0
"""Time from the first byte of a request, or from the connection, to the end of its headers."""

LINGER_SECONDS = 5.0
LINGER_BYTES = 8 * 1024 * 1024
"""Bytes that a client may still send after its answer: if cut off at once, it could not read the answer."""

UNREAD_SECONDS = 60.0
"""Time that a client may leave an answer unread."""

PAGE_BYTES = 1024 * 1024
IMPORT_BYTES = 6 * 1024 * 1024
PAGE_SECONDS = 60.0
PAUSE_SECONDS = 10.0
"""The body of a page's request, or a file to import: size, total time, and time without a single byte."""

PAGES_BYTES = 64 * 1024 * 1024
"""Total size of all page request bodies in memory."""

HOST_BYTES = 300
"""A name has at most 253 letters; an IPv6 address with a port has fewer."""
