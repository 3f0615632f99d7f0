"""Drafts: kept when a form is left, deleted when their owner says so. Nobody sees the drafts of others."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from properties.catalog.shown_times import in_text
from properties.models.draft import LONGEST_ADDRESS
from properties.resources import drafts

from .access import signed_in_page
from .typing import is_local, keep_left


@csrf_exempt
@require_POST
def draft_keep(request: HttpRequest) -> HttpResponse:
    """Keep the input of a form while it is typed and when it is left, even after the session has ended.

    The form proves its owner with a text that the server signed when it made the page. This also proves that
    the request comes from one of our pages.
    """
    address = request.POST.get("draft_address", "")
    if is_local(address) and len(address) <= LONGEST_ADDRESS and keep_left(address, request.POST):
        return HttpResponse(f"Draft kept {in_text(timezone.now())}")
    return HttpResponse(status=204)


@require_POST
@signed_in_page
def draft_forget(request: HttpRequest, key: str) -> HttpResponse:
    draft = get_object_or_404(drafts.of(request.user.pk), key=key)
    address = draft.address
    draft.delete()
    return redirect(address if url_has_allowed_host_and_scheme(address, None) else "/")
