"""The public endpoint that accepts events: Adobe's Edge Network protocol, answered after the commit.

``app`` is the ASGI application. A request goes through ``routes``, ``datastreams``, ``access``, ``reading``
and ``events``; ``writer`` commits everything that queued meanwhile in one transaction of ``store``.
"""
