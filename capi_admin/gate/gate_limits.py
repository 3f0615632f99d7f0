"""How much, and how slowly, a stranger may send before somebody has looked at it.

Documented in docs/operating.md, "Limits of a connection".
"""

HEAD_BYTES = 32 * 1024
"""Request line and headers together."""

HEAD_SECONDS = 5.0
"""From the first byte of a request, or from the connection, to the end of its headers."""

LINGER_SECONDS = 5.0
LINGER_BYTES = 8 * 1024 * 1024
"""What a client may still send once it has its answer: cut off at once, it could not read the answer."""

UNREAD_SECONDS = 60.0
"""How long a client may leave an answer unread."""

PAGE_BYTES = 1024 * 1024
IMPORT_BYTES = 6 * 1024 * 1024
PAGE_SECONDS = 60.0
PAUSE_SECONDS = 10.0
"""The body of a page's request, or a file to import: size, time in all, and time without a single byte."""

PAGES_BYTES = 64 * 1024 * 1024
"""Bodies of all pages that are held at one time."""

HOST_BYTES = 300
"""A name has at most 253 letters, an IPv6 address with a port fewer."""
