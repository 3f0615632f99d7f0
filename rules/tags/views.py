"""The live library of an environment: its size, its code with integrity, a download. No page runs it."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from properties.models import Environment, Property
from properties.resources.embedding import Embedding
from properties.views.access import property_page
from properties.web_runtime import licences_text
from rules.models import TagLibrary
from rules.publishing.build import live_build
from rules.publishing.tag_libraries import library_of

# A ZIP holds no moment of its making, so equal content gives an equal file.
MADE = (1980, 1, 1, 0, 0, 0)


@property_page("view")
def live_library(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    environment = _environment(prop, environment_uid)
    made = live_build(environment)
    context: dict[str, Any] = {"environment": environment, "build": made}
    if made is not None:
        kept, embedding = library_of(made), Embedding(environment)
        context |= {
            "bytes": len(gzip.decompress(kept.body)),
            "sent": len(kept.body),
            "pinned": embedding.pinned_code(kept.checksum),
        }
    is_part = "HX-Request" in request.headers
    return render(request, "tags/live_library.html" if is_part else "tags/live_library_page.html", context)


@property_page("view")
def library_download(request: HttpRequest, prop: Property, environment_uid: str) -> HttpResponse:
    """Return a ZIP of the live library and its licences, for sites that serve it themselves."""
    environment = _environment(prop, environment_uid)
    made = live_build(environment)
    if made is None:
        raise Http404("This environment has no live build.")
    name = f"{environment.token}.js"
    answer = HttpResponse(_zipped(name, library_of(made)), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="tags-{environment.stage}-{made.uid}.zip"'
    return answer


def _environment(prop: Property, uid: str) -> Environment:
    if not prop.is_tags:
        raise Http404("Only tags properties have libraries.")
    return get_object_or_404(prop.environments, uid=uid)


def _zipped(name: str, kept: TagLibrary) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr(zipfile.ZipInfo(name, MADE), gzip.decompress(kept.body))
        folder.writestr(zipfile.ZipInfo("licences.txt", MADE), licences_text())
    return archive.getvalue()
