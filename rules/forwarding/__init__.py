"""The public endpoint that accepts events: Adobe's Edge Network protocol, answered after the commit.

``app`` is the ASGI application. A request passes ``routes``, ``datastreams``, ``access``, ``body_parser`` and
``received_events``. ``writer`` commits all queued requests in one transaction of ``store``.
"""
