"""Notes which pages ask for tag libraries: in memory while serving, written by another thread.

A request costs one entry of a dictionary. What a page did not say stays unknown.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

from properties.models import Environment
from rules.models import TagSighting

WRITE_SECONDS = 20.0
# Anybody may send any Referer: more than this is not kept between two writings, nor for an environment.
MOST_NOTED = 500
MOST_HOSTS = 20


class Sightings:
    """The pages that asked since the last writing."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, bytes], float] = {}
        self._written = time.monotonic()

    def note(self, token: str, referer: bytes) -> None:
        """Note a request for the library with this token."""
        if len(self._noted) < MOST_NOTED or (token, referer) in self._noted:
            self._noted[(token, referer)] = time.time()

    @property
    def is_due(self) -> bool:
        return bool(self._noted) and time.monotonic() - self._written > WRITE_SECONDS

    def write(self) -> None:
        """Write what was noted. It runs in the thread that reads libraries."""
        noted, self._noted, self._written = self._noted, {}, time.monotonic()
        tokens = {token for token, _ in noted}
        found = dict(Environment.objects.filter(token__in=tokens).values_list("token", "pk"))
        newest: dict[tuple[int, str], tuple[float, str]] = {}
        for (token, referer), at in noted.items():
            if token in found:
                host, path = page_of(referer)
                key = (found[token], host)
                newest[key] = max(newest.get(key, (0.0, "")), (at, path))
        for (environment_id, host), (at, path) in newest.items():
            _write(environment_id, host, path, datetime.fromtimestamp(at, UTC))


def page_of(referer: bytes) -> tuple[str, str]:
    """Return host and path of a page, without query and names of people; "" for what is unknown."""
    try:
        parts = urlsplit(referer.decode("ascii"))
    except ValueError:
        return "", ""
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.hostname.isprintable():
        return "", ""
    path = "/".join("…" if "@" in it or "%40" in it else it for it in parts.path.split("/"))
    return parts.hostname[:255], path[:200]


def _write(environment_id: int, host: str, path: str, at: datetime) -> None:
    # Most sites tell their host alone: then the path would always be "/".
    TagSighting.objects.update_or_create(
        environment_id=environment_id, host=host, defaults={"path": path, "seen_at": at}
    )
    of_environment = TagSighting.objects.filter(environment_id=environment_id).order_by("-seen_at", "-pk")
    surplus = list(of_environment.values_list("pk", flat=True)[MOST_HOSTS : MOST_HOSTS + MOST_NOTED])
    TagSighting.objects.filter(pk__in=surplus).delete()
