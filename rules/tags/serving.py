"""The ASGI application that serves tag libraries to sites.

Source: docs/reference/contracts.md, "Tags properties".
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from urllib.parse import urlsplit

from asgiref.typing import ASGISendCallable, HTTPScope
from django.conf import settings

from properties.models import Environment
from properties.web_runtime import licences_text

from .live_libraries import LibraryFile, LiveLibraries, LiveLibrary

logger = logging.getLogger(__name__)

_PATH = re.compile(
    r"(?:/.*)?/t/(?:(?P<licences>licences\.txt)|(?P<token>[A-Za-z0-9]{1,40})(?:/(?P<checksum>[0-9a-f]{64}))?\.js)"
)
Headers = list[tuple[bytes, bytes]]

EMPTY = b"/* This environment has no live build. Publish one, and this file holds it. */\n"
UNKNOWN = b"/* There is no such tag library. Remove this script from the page. */\n"
GONE = b"/* There is no such build of this tag library. Copy the embed code again. */\n"
LATER = b"/* The tag library cannot be read now. */\n"
REFUSED = b"/* Pages of this server do not run tag libraries. */\n"

# Production: a browser asks again after five minutes, and meanwhile uses what it has.
USUAL_SECONDS = {Environment.Stage.PRODUCTION.value: 300}
STALE_SECONDS = 86_400
MOST_REFERER = 500
FOR_EVER = b"public, max-age=31536000, immutable"
_SCRIPT = (b"content-type", b"text/javascript; charset=utf-8")
_TEXT = (b"content-type", b"text/plain; charset=utf-8")
# Any site may load a library, also one that isolates itself from other sites or checks its integrity.
_FOR_ALL_SITES = [
    (b"x-content-type-options", b"nosniff"),
    (b"access-control-allow-origin", b"*"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"timing-allow-origin", b"*"),
]
# What a browser says when a page wants to run a file.
_RUNS = {b"script", b"worker", b"sharedworker", b"serviceworker", b"audioworklet", b"paintworklet"}


@lru_cache(maxsize=1024)
def find_tag_path(path: str) -> re.Match[str] | None:
    """Return the parts of a path of this application; None if the path is not ours."""
    return _PATH.fullmatch(path)


class TagFiles:
    """Serves tag libraries. The process that serves it calls ``start`` and ``stop``."""

    def __init__(self) -> None:
        self.libraries = LiveLibraries()

    async def start(self) -> None:
        await self.libraries.start()

    async def stop(self) -> None:
        await self.libraries.stop()

    async def __call__(self, scope: HTTPScope, send: ASGISendCallable) -> None:
        """Answer one HTTP request to a path that ``find_tag_path`` knows."""
        try:
            status, headers, body = await self._answer(scope)
        except Exception:
            logger.exception("A tag library could not be served")
            status, headers, body = _later()
        headers = [*headers, *_FOR_ALL_SITES, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
        sent = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": sent, "more_body": False})

    async def _answer(self, scope: HTTPScope) -> tuple[int, Headers, bytes]:
        found, given = find_tag_path(scope["path"]), dict(scope["headers"])
        if found is None or scope["method"] not in ("GET", "HEAD"):
            return 405, [_TEXT, (b"allow", b"GET, HEAD")], b"Ask for this file with GET.\n"
        if found["licences"]:
            return 200, [_TEXT, (b"cache-control", b"public, max-age=3600")], licences_text().encode()
        if _is_asked_by_our_pages(given):
            return 403, [_SCRIPT, (b"cache-control", b"no-store")], REFUSED
        if not self.libraries.is_loaded:
            return _later()
        live = self.libraries.find(found["token"])
        if live is None:
            return _comment(UNKNOWN)
        self.libraries.sightings.note(found["token"], given.get(b"referer", b"")[:MOST_REFERER])
        if found["checksum"]:
            file = await self.libraries.pinned(found["token"], found["checksum"])
            return _file(file, given, FOR_EVER) if file else (404, *_comment(GONE)[1:])
        return await self._current(live, given)

    async def _current(self, live: LiveLibrary, given: dict[bytes, bytes]) -> tuple[int, Headers, bytes]:
        """Return the file of the live build. A browser that has it already gets 304; nothing is read."""
        if live.build_id is None:
            return _comment(EMPTY)
        cache = cache_control(live)
        if live.checksum and _has(given, live.checksum):
            return _unchanged(live.checksum, cache)
        file = await self.libraries.file_of(live)
        return _file(file, given, cache) if file else _comment(EMPTY)


def cache_control(live: LiveLibrary) -> bytes:
    """Return how long browsers may keep the file of an environment."""
    seconds = USUAL_SECONDS.get(live.stage, 0) if live.seconds is None else live.seconds
    if not seconds:
        return b"no-cache"
    return b"public, max-age=%d, stale-while-revalidate=%d" % (seconds, STALE_SECONDS)


def _file(file: LibraryFile, given: dict[bytes, bytes], cache: bytes) -> tuple[int, Headers, bytes]:
    if _has(given, file.checksum):
        return _unchanged(file.checksum, cache)
    coding, body = _coded(file, given.get(b"accept-encoding", b""))
    coded = [(b"content-encoding", coding)] if coding else []
    return 200, [_SCRIPT, *_validators(file.checksum, cache), *coded], body


def _unchanged(checksum: str, cache: bytes) -> tuple[int, Headers, bytes]:
    return 304, _validators(checksum, cache), b""


def _validators(checksum: str, cache: bytes) -> Headers:
    return [
        (b"etag", b'"%s"' % checksum.encode()),
        (b"cache-control", cache),
        (b"vary", b"Accept-Encoding"),
    ]


def _has(given: dict[bytes, bytes], checksum: str) -> bool:
    """Return whether the browser has the file already. A proxy may have made the ETag a weak one."""
    return checksum.encode() in given.get(b"if-none-match", b"")


def _coded(file: LibraryFile, accepted: bytes) -> tuple[bytes, bytes]:
    """Return the smallest form that the browser reads, with its name."""
    codings = _codings(accepted)
    if file.brotli and b"br" in codings:
        return b"br", file.brotli
    return (b"gzip", file.gzip) if b"gzip" in codings or b"*" in codings else (b"", file.plain)


@lru_cache(maxsize=256)
def _codings(accepted: bytes) -> frozenset[bytes]:
    """Return the names in a header Accept-Encoding, without those that it forbids."""
    found = set()
    for part in accepted.lower().split(b","):
        name, _, weight = part.partition(b";")
        if not re.fullmatch(rb"\s*q\s*=\s*0(\.0*)?\s*", weight):
            found.add(name.strip())
    return frozenset(found)


def _comment(text: bytes) -> tuple[int, Headers, bytes]:
    """Return an empty script. The site's console stays quiet, and the browser asks again next time."""
    return 200, [_SCRIPT, (b"cache-control", b"no-cache")], text


def _later() -> tuple[int, Headers, bytes]:
    return 503, [_SCRIPT, (b"cache-control", b"no-store"), (b"retry-after", b"5")], LATER


def _is_asked_by_our_pages(given: dict[bytes, bytes]) -> bool:
    """Return whether a page of this server wants to run the file.

    Who edits rules writes its code. On our own pages it would act with the rights of whoever opens them.
    """
    is_ours = given.get(b"host", b"").decode("latin-1").lower() == urlsplit(settings.PUBLIC_URL).netloc
    return (
        is_ours and given.get(b"sec-fetch-site") == b"same-origin" and given.get(b"sec-fetch-dest") in _RUNS
    )


application = TagFiles()
