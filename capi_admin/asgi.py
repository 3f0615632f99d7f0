"""The ASGI application that serves everything: the edge, tag libraries, health checks and the pages.

``uvicorn capi_admin.asgi:application --no-proxy-headers``. Events, tag libraries and health checks
bypass Django's request handling. Pages run as WSGI in threads, at a tenth of the cost of Django's own ASGI
handler.
``capi_admin.gate`` limits requests before anything reads them. Source: docs/operating.md, "Limits of a
connection".
"""

from __future__ import annotations

import os
from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capi_admin.settings")
_django: Any = get_wsgi_application()

# These imports need Django's apps, which are loaded above.
from django.conf import settings  # noqa: E402
from django.urls import reverse  # noqa: E402

from capi_admin.gate import gate_limits  # noqa: E402
from capi_admin.gate.connection_limits import guard  # noqa: E402
from capi_admin.gate.wsgi_bridge import Pages  # noqa: E402
from rules.forwarding.app import application as edge  # noqa: E402
from rules.forwarding.lock import IngestLock  # noqa: E402
from rules.forwarding.routes import find_route  # noqa: E402
from rules.tags.serving import application as tags  # noqa: E402
from rules.tags.serving import find_tag_path  # noqa: E402

from .checks import refuse_bad_settings  # noqa: E402
from .health import Health  # noqa: E402

refuse_bad_settings()
_pages = Pages(_django, larger={reverse("documents:import_adobe"): gate_limits.IMPORT_BYTES})
_health = Health(edge)
_lock = IngestLock(settings.DATA_DIR / "ingest.lock") if settings.EMBEDDED else None


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Route events to the edge, tag libraries and health checks to theirs, everything else to the pages."""
    if scope["type"] == "http":
        if find_route(scope["path"]) is not None:
            await edge(scope, receive, send)
        elif find_tag_path(scope["path"]) is not None:
            await tags(scope, send)
        elif _health.answers(scope["path"]):
            await _health(scope, receive, send)
        else:
            await _pages(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _live(receive, send)


async def _live(receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Start before the first request; store accepted events at the end."""
    await receive()
    try:
        guard(receive)
        if _lock:
            await _lock.take()
        await edge.start()
        await tags.start()
    except Exception as error:
        await _end()
        await send({"type": "lifespan.startup.failed", "message": str(error)})
        return
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await _end()
    await send({"type": "lifespan.shutdown.complete"})


async def _end() -> None:
    """Stop threads and processes, also after a start that failed half-way."""
    try:
        await tags.stop()
        await edge.stop()
    finally:
        if _lock:
            await _lock.release()
